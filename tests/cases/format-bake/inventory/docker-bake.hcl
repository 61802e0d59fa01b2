variable "BASE" { default = "registry.example/base:1@sha256:8757047fce5e6cd639785e89aca3ae2bf25644415487563a4a79e7a1e037fb7b" }
variable "REGISTRY" { default = "registry.example" }
# target "old" { contexts = { base = "docker-image://registry.example/old@sha256:19b3b6e7b37865e6b560441a8904dd22cd690217378aeee10def73222bff0709" } }
group "default" { targets = ["web", "api"] }

target "web" {
  context    = "."
  dockerfile = "Dockerfile"
  contexts = {
    base   = "docker-image://${BASE}"
    assets = "docker-image://${REGISTRY}/assets@sha256:317fec9764db758ad16f95787c26799581684a1957e4fc4be165247f1c5068af"
    shared = "target:api"
    src    = "https://github.com/acme/web.git#main"
  }
  args       = { GO_IMAGE = "registry.example/go@sha256:51f0e7a2109587cf02675c0ae5256d0616ccb3044ccc5e66b4e8c8dddb5eff05", REVISION = "0123456789abcdef0123456789abcdef01234567" }
  labels     = { "org.opencontainers.image.base.name" = "registry.example/label@sha256:1066853921971dad84a821265578bf5fa0d96ddd6a1a048e516cfdafba508a88" }
  tags       = ["${REGISTRY}/acme/web:1"]
  cache-from = ["type=registry,ref=registry.example/cache:web"]
}

target "api" {
  inherits = ["web"]
  contexts = { base = "docker-image://registry.example/api-base:2" }
}
