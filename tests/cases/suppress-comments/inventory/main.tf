resource "docker_image" "above" {
  /* planner: ignore[schema2-manifest] a block */
  name = "registry.example/lab/s2-gzip@sha256:705a914efb0a7ec4f123c9b665eb9c987d7b6699e8dd65e9f0ef2305ba68dcdc"
}
resource "docker_image" "beside" {
  name = "registry.example/lab/s2-gzip@sha256:705a914efb0a7ec4f123c9b665eb9c987d7b6699e8dd65e9f0ef2305ba68dcdc" /* planner: ignore[schema2-manifest] until 2999-12-31: beside */
}
resource "docker_image" "longer" {
  /*
   * planner: ignore[schema2-manifest] inside of a block: not read, and told
   */
  name = "registry.example/lab/s2-gzip@sha256:705a914efb0a7ec4f123c9b665eb9c987d7b6699e8dd65e9f0ef2305ba68dcdc"
}
