target "release" {
  dockerfile-inline = <<EOT
FROM registry.example/inline@sha256:be4fd8333511f8c403630413cc7b2cdc2538965f4cb00f643facd378212cbbcd
RUN make
EOT
  platforms = ["linux/amd64", "linux/arm64"]
}
target "broken" {
  contexts = { base = "docker-image://registry.example/broken@sha256:abc" }
}
