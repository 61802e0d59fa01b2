job "service" {
  group "g" {
    task "t" {
      driver = "containerd-driver"
      config { image = "registry.example/service@sha256:9df6b026a8c6c26e3c3acd2370a16e93fffdc0015ff5bd879218788025db0280" }
    }
  }
}
