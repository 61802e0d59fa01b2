overridden = "registry.example/from-vars"
batch_images = {
  nightly = "registry.example/nightly@sha256:2a3b62b53ddb9f167b63d22202a360811ba78df015021f704d01ee9abad4169c"
}
