{ config, pkgs, lib, ... }:

let
  registry = "registry.example";
  tools = {
    backup = "registry.example/tools/backup:3@sha256:b33ba96388d85e71b9ac766b16fa2210ef4bd23ee2af38f23e74e63792ec5d33";
  };
in
{
  networking.hostName = "web";

  virtualisation.oci-containers = {
    backend = "podman";
    containers.web = {
      image = "${registry}/web:1.4@sha256:3312e83fbb6204047a37cb2cc791e6192f5803adbe6c39c28f737e903d3c7e4b";
      # image = "registry.example/web:1.3@sha256:222f1a6ddc97cda6f283b92d1bcd4dd07e0f572caddcab87ddbf809355bab96d";
      ports = [ "127.0.0.1:8080:80" ];
      labels."traefik.image" = "registry.example/label@sha256:b474307b689be8537a1c5c23025d8fe21729b10ce078a2ec16d06eb3cd08a7e8";
    };
    containers."grafana" = {
      image = "grafana/grafana@sha256:3b8454737a9a1ee01cc28f09f2e2863303686a8ea5d7bc2d2f8564abed54e967";
      extraOptions = [ "--network=host" ];
    };
    containers.local = {
      image = "app:latest";
      imageFile = pkgs.callPackage ../images/app.nix { };
    };
  };

  services.woodpecker-agents.agents.docker.environment = {
    WOODPECKER_HEALTHCHECK_IMAGE = "registry.example/health@sha256:73270e043c21911e5d3463c3f09ae467c7275a93485254bb40cbb881c05790b3";
    SOURCE_REVISION = "31b492e34195d154d879ed5a51a67af8aed464577abb7b7653102c2f00d7a0ca";
  };

  systemd.services.backup = {
    description = "Runs registry.example/tools/backup@sha256:8d0bc8a9c300bc1a8fb1f07488013314410466ecb8b1974799f488199727bc43";
    script = ''
      # docker pull registry.example/tools/older@sha256:016ab67c02bccd062c6fd55344b76c2906fc56b9d7c1ae73b69670acc02c17f9
      export HOME="''${RUNTIME_DIRECTORY}"
      ${pkgs.podman}/bin/podman run --rm ${tools.backup} --all
      ${pkgs.podman}/bin/podman run --rm ${registry}/tools/verify@sha256:1bc427d7be77cb0fceef560abc42e00334469065130e64425b43372026f7d515 "$1"
    '';
  };

  boot.kernelPackages = pkgs.linuxPackages_latest;
}
