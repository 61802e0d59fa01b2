@echo off
REM docker pull registry.example/old@sha256:1ef911ebfe91c297ff5778a49e1fb65af901a225946281152f5ea048c7eec3c2
:: docker pull registry.example/older@sha256:5a214013828c935e6f1f0c4ca36dbd9208e1dc4aba73b361f89225666b1308d1
set IMAGE=registry.example/web:1@sha256:f2455cc15b63770f7c87e9a834c625e3636a42d8173bae67cb4ea4ac179c441b
@docker run --rm ^
  --name web ^
  %IMAGE%
docker pull registry.example/plain@sha256:23da9bda8ad75d76cf2843dcd308f8163fa6847db6648f69329d70587c788e31 || exit /b 1
