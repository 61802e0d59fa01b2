variable "digest" {
  type    = string
  default = "sha256:4b5e57f6eb2f42b9039b3d1e13929295f231749c510cbe341cd68036d9af97e2"
}

variable "redis_image" {
  default = "redis:7.2@sha256:34fb46c847bb9df96e5205a39d382f648a6e8dce1e014cd85b4ca6a88d88ed03"
}

locals {
  registry = "registry.example:5000"
}

# image = "registry.example/old@sha256:c44bb2fd516909dab78ae0bfedcd5672b131b996c4b7a4328ee55fba170da776"
job "web" {
  datacenters = ["dc1"]
  meta {
    built_from = "registry.example/base@sha256:ea3bd73e2b506e00527232b3ed743c066da83a8e3066f62a71e75eb9b4aa1db6"
  }

  group "web" {
    count = 2

    task "web" {
      driver = "docker"

      config {
        image = "${local.registry}/web@${var.digest}" // registry.example/x@sha256:6d388d29cd7aee3b77fb86462745dc8c57a5a417f4620a4d753defba64e33442
        ports = ["http"]
        labels {
          base = "registry.example/base@sha256:1aca80e8b55c802f7b43740da2990e1b5735bbb323d93eb5ebda8395b04025e2"
        }
      }

      env {
        AGENT_IMAGE = "registry.example/agent@sha256:d4f0bc5a29de06b510f9aa428f1eedba926012b591fef7a518e776a7c9bd1824"
        COMMIT      = "sha256:96fa8f226d3801741e807533552bc4b177ac4544d834073b6a5298934d34b40b"
      }
    }

    task "cache" {
      driver = "podman"
      config {
        image = "docker://${var.redis_image}"
      }
    }

    task "node" {
      driver = "docker"
      config {
        image = "registry.example/${attr.cpu.arch}/node@sha256:545ea538461003efdc8c81c244531b003f6f26cfccf6c0073b3239fdedf49446"
      }
    }
  }

  group "init" {
    task "init" {
      lifecycle {
        hook = "prestart"
      }
      driver = "docker"
      config { image = "registry.example/init@sha256:bb54068aea85faa7e487530083366be9962390af822e4c71ef1aca7033c83e66" }
      template {
        data = <<-EOF
          # registry.example/x@sha256:1c4a59fe87b172ae2b9ecef45fd6246a5ba829253c28ade4dfaa3e0de034947d
          docker pull registry.example/tool@sha256:7c9bbe5ec9b3fb774e8fa0f54247e93c34ddf8e5d16fe3073420de0ae81a262d
        EOF
        destination = "local/pull.sh"
      }
      artifact {
        source = "https://example.com/file.tgz"
        options { checksum = "sha256:c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c" }
      }
    }
  }
}
