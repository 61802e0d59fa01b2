locals {
  digest = "sha256:9e88a423427a0445d3e652082d361e2c84f85816bb2987be84150b0f31dc806f"
}
inputs = {
  web_image = "registry.example/web@sha256:bd8736a0900c03f96eab6b0c47afc120b819d1f2170350274296da94f3466128"
  api_image = "registry.example/api@${local.digest}"
}
