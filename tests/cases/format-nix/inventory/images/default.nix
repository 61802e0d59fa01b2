# The base was registry.example/base@sha256:0b9e1944f6b3ff2686f61c1bb99c56b5344e8e2e0688e84990485c1f90cdc02d
{ pkgs ? import <nixpkgs> { }, registry ? "registry.example", ... }:
let
  version = "1.31.0";
  /* imageName = "registry.example/old";
     imageDigest = "sha256:cc0985b88ac51ab0b23fdea88ac4325587d88983b17028b45db9270515beda17"; */
  mirror = "${registry}/mirror";
  postgres = rec {
    image = "postgres";
    digest = "sha256:2bd18dabc6c4f14cd8808843fed8c041e45ce129a032402248285b70266bde2b";
    sha256 = "1yv17hm2y82kdg4cypkvw3xi2hh22l1kkvvbqgmhf8wxvbs4bya1";
  };
in
rec {
  ubuntu = pkgs.dockerTools.pullImage {
    imageName = "ubuntu";
    finalImageTag = "24.04";
    imageDigest = "sha256:0bf41e3aff0124b5e7762749e860a71e802c1ecbc5a8608c7ced14d399d7ac90";
    sha256 = "d1344bff3115bbd9f701070728be3a488d4c93f8096c40c48b059e1ac987d41e";
  };

  envoy = pkgs.dockerTools.pullImage {
    imageName = "${mirror}/envoy";
    imageDigest =
      "sha256:38fb5fd81c057f35bd853fe9d8e0eda0d4826afef0449d9a37741a0b4239d6e1";
    hash = "sha256-pHt+Uy6fRV95BxoUAPOe/IjotDHpH6QUxqL7SD9qugI=";
    finalImageName = "envoy";
    finalImageTag = "v${version}";
    os = "linux";
    arch = "arm64";
  };

  fetched = pkgs.fetchurl {
    url = "https://files.example/tool-${version}.tar.gz";
    sha256 = "0bd17b1fbe1185850e355873d03e0b8c3e87b637716509a00418636efb545c9c";
  };

  database = pkgs.dockerTools.pullImage {
    imageName = postgres.image;
    imageDigest = postgres.digest;
    inherit (postgres) sha256;
  };

  app = pkgs.dockerTools.buildLayeredImage {
    name = "registry.example/app";
    tag = "latest";
    fromImage = pkgs.dockerTools.pullImage (
      let
        name = "alpine";
      in
      {
        imageName = registry + "/" + name;
        imageDigest = "sha256:423be60a72055f5f306b817b66a8db6d672aa7879e55164fd0e6f168ea7ab685";
        sha256 = "0h4k892b3izv6ypk3w07z96asmpr987cmbcianajhdk0kz4z62my";
      }
    );
    config = {
      Env = [ "BASE_CHECKSUM=sha256:504d35204a6598048dda07586743d6b2ab78bda3fb00c1c68ee914a7a0453dec" ];
      Labels = { "org.opencontainers.image.base.digest" = "sha256:59fdfd7e2d6cb6ca4c13ccb766d153aede5e2e9aed8be985bfc8bdbd57b298ce"; };
    };
    meta.description = "Built on registry.example/alpine@sha256:85e762643376ef4e6931c471157e87ff226e4b263d2b91ec8ebb77dfa7433a43";
  };

  # Its name is given by whoever calls.
  open = { imageName }: pkgs.dockerTools.pullImage {
    inherit imageName;
    imageDigest = "sha256:1266e806bcf86249eb08da4248e68be440312fd5659a6d94d391d4c532ba43d3";
    sha256 = pkgs.lib.fakeSha256;
  };

  broken = pkgs.dockerTools.pullImage {
    imageName = "registry.example/broken";
    imageDigest = "sha256:0123";
    sha256 = "";
  };
}
