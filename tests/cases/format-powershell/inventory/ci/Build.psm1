function Invoke-Build {
  $env:BASE = 'registry.example/base@sha256:9283abe551532cfc13a7bdae3445a5541c8fad74c06d83d2e4b3d42d5dc7d6ab'
  & docker pull $env:BASE
  $result = docker create "registry.example/created@sha256:335779604fdb57353d1e5c8fc8adb0eab603ccd527cfbc8977eb204062c7082a"
  [string]$digest = "sha256:1dd1f09d880d94cdec8f12f03d4b143e0805080f1c34682a243fddb46661c30e"
  docker pull "registry.example/split@$digest"
}
