job "batch" {
  type = "batch"
  periodic { cron = "@daily" }
  task "run" {
    driver = "docker"
    config {
      image      = "registry.example/batch:1@sha256:4bb24efc9641afc5ded1ca77eabb6e2fcf062d2112ccd61bd8bd6acd89180bae"
      force_pull = true
    }
  }
}
