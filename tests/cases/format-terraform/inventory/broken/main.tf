resource "docker_image" "open" {
  name = "registry.example/open@sha256:2348f998744212575d85959674f9607ab26f67708a917157472832386337c904"
  note = @
}
