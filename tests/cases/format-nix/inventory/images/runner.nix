pkgs: {
  imageName = "registry.example/ci/runner";
  imageDigest = "sha256:a6dfcf4c3ecb03063d8b45f5bfcdcf375f03e5a6cd38f809368591f8d98cb925";
  hash = "sha256-e63HdqIlOetA3R85zly7n9zaOrIMrw3oROybTDTFw+A=";
  finalImageName = "registry.example/ci/runner";
  finalImageTag = "2.319";
}
