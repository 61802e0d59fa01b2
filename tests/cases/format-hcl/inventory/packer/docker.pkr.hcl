packer {
  required_plugins {
    docker = { source = "github.com/hashicorp/docker", version = ">= 1.0.8" }
  }
}
# docker.io/library/debian@sha256:c44bb2fd516909dab78ae0bfedcd5672b131b996c4b7a4328ee55fba170da776
variable "base" {
  default = "debian:12@sha256:81d93757457f988523814ae0009837ae893f38d3fe123f2c37896f118b4c7804"
}
source "docker" "base" {
  image  = var.base
  commit = true
  changes = ["LABEL base=registry.example/x"]
}
source "docker" "other" {
  image = "registry.example/other@sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
}
