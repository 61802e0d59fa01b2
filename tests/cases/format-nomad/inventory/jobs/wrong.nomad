job "wrong" {
  group "g" {
    task "t" {
      driver = "docker"
      config { image = "registry.example/Wrong@sha256:0123" }
    }
  }
}
