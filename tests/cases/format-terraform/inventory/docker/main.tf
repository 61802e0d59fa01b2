terraform {
  required_providers {
    docker = {
      source  = "kreuzwerker/docker"
      version = "3.0.2"
    }
  }
}

# An old one: registry.example/old@sha256:c44bb2fd516909dab78ae0bfedcd5672b131b996c4b7a4328ee55fba170da776
// and another: registry.example/older@sha256:0d86583684c9cfd51d5adcb285ad8d3d23e5f1f495ef2a9fe2d4025f3da591d8
/* registry.example/oldest@sha256:bd26c46559e6450113b7da0b2fd2cea219e0671b44c374fb0580438d7d615427 */

resource "docker_image" "nginx" {
  name         = "nginx:1.27@sha256:5be1ecc7935f1dd85635d4feedaf660594030253cc97c9e9ca3819ffeac36b65" # was nginx@sha256:c5251e8ddfaf52797d5ca22ec8361e70740e63676076c0ebfdf4df00f1690488
  keep_locally = true
}

resource "docker_container" "web" {
  name  = "web"
  image = docker_image.nginx.image_id

  labels {
    label = "org.opencontainers.image.base.name"
    value = "registry.example/base@sha256:1aca80e8b55c802f7b43740da2990e1b5735bbb323d93eb5ebda8395b04025e2"
  }
}

resource "docker_container" "cache" {
  name  = "cache"
  image = "registry.example:5000/team/redis@sha256:34fb46c847bb9df96e5205a39d382f648a6e8dce1e014cd85b4ca6a88d88ed03"
  env   = ["SIDECAR=registry.example/sidecar@sha256:6c8b4535ccc87f19061c4646189e33d78f01c8b63dc4e3cb2f630b1796ee93b6", "CHECKSUM=sha256:96fa8f226d3801741e807533552bc4b177ac4544d834073b6a5298934d34b40b"]
  mounts {
    target = "/data"
    type   = "volume"
  }
}

data "docker_registry_image" "app" {
  name = "registry.example/app@sha256:a172cedcae47474b615c54d510a5d84a8dea3032e958587430b413538be3f333"
}

resource "docker_service" "api" {
  name = "api"
  task_spec {
    container_spec { image = "${local.registry}/api@${local.digests["api"]}" }
  }
}

locals {
  registry = "registry.example"
  digests = {
    api   = "sha256:14c2529eb4498c5d1ffd6915d05bf58a91bdda796af59f41d480d11c099d0479"
    "job" = "sha256:5e8c9902207afaeb7120430c585a445f21e92932081d64bc99f80e4925bcb002"
  }
  workers = {
    red  = { repository = "registry.example/red", digest = "sha256:b1f51a511f1da0cd348b8f8598db32e61cb963e5fc69e2b41485bf99590ed75a" }
    blue = { repository = "registry.example/blue", digest = "sha256:16477688c0e00699c6cfa4497a3612d7e83c532062b64b250fed8908128ed548" }
  }
}

resource "docker_container" "worker" {
  for_each = local.workers
  name     = each.key
  image    = "${each.value.repository}@${each.value.digest}"
}

resource "docker_container" "job" {
  name  = "job"
  image = format("%s/job@%s", local.registry, local.digests.job)
  command = ["run", "--image", join("@", ["registry.example/task", "sha256:0ebb429fa86d481c2630fac53db1c91cffed5d4d41d1021c179444eb67e7ee0b"])]
}

resource "docker_tag" "promoted" {
  source_image = "registry.example/app@sha256:2ea11021a75aa53abe49adaef5da56fa6b05c1fe1c9d66fa5fe744ad906f9f64"
  target_image = "registry.example/app:stable"
}

resource "null_resource" "load" {
  triggers = { image = "registry.example/trigger@sha256:683259feabbf5eb39895d7a5d3f4872d6989d5fa7a3eca713251d996d99a1630" }
  provisioner "local-exec" {
    command = "docker pull registry.example/tool@sha256:7c9bbe5ec9b3fb774e8fa0f54247e93c34ddf8e5d16fe3073420de0ae81a262d"
  }
}

output "image" {
  value = "registry.example/app@sha256:e0ee8bb50685e05fa0f47ed04203ae953fdfd055f5bd2892ea186504254f8c3a"
}
