project = "web"
app "web" {
  build {
    use "docker-pull" {
      image = "registry.example/web"
      tag   = "sha256:140bedbf9c3f6d56a9846d2ba7088798683f4da0c248231336e6a05679e4fdfe"
    }
  }
  deploy {
    use "docker" {
      image = "registry.example/deploy@sha256:b7bd55c11b781b0ccc43aa6e57f9dadf0660e9d1d4e27e0979ee43a407d454ae"
      labels = { base = "registry.example/x@sha256:1aca80e8b55c802f7b43740da2990e1b5735bbb323d93eb5ebda8395b04025e2" }
    }
  }
}
