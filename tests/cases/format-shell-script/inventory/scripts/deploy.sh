#!/usr/bin/env bash
# Deploys the shop. Was: docker pull registry.example/shop@sha256:c44bb2fd516909dab78ae0bfedcd5672b131b996c4b7a4328ee55fba170da776
set -euo pipefail

IMAGE="registry.example/shop:2.4@sha256:81307dbd41ed4ab768736aa00053737318298e96a320b05b43b158a293a87c60"  # before: registry.example/shop@sha256:6d388d29cd7aee3b77fb86462745dc8c57a5a417f4620a4d753defba64e33442
readonly REGISTRY=registry.example
export TOOL_DIGEST='sha256:682b88fc088890538d0990e9ac1b7cae6ab104a348e5474c0f9c2fed6f29fe03'
TOOL="${REGISTRY}/tools/migrate@${TOOL_DIGEST}"
CACHE=$REGISTRY/cache
: "${EXPECTED:=sha256:96fa8f226d3801741e807533552bc4b177ac4544d834073b6a5298934d34b40b}"

docker pull "$IMAGE"
docker run --rm -it \
    --name shop -p 8080:80 -eMODE=live -v "$PWD/data:/data" \
    --label com.example.base=registry.example/base@sha256:1aca80e8b55c802f7b43740da2990e1b5735bbb323d93eb5ebda8395b04025e2 \
    --platform linux/arm64 \
    "${CACHE}:7@sha256:693614d4bad625e44fcbdf303d69a8431f4e516cb83f27c361fb9c57a01d0bb7" redis-server --save ''
sudo -E docker container run --network=host --env-file .env registry.example/proxy@sha256:aecaea142afb3ebbf4a8ecf4447c9394914c5d92716ac985ed44344c87a55603
docker run "$TOOL" up && docker run --init "$TOOL" down
podman pull --quiet docker://quay.io/org/a@sha256:b4cc4867d9fc1c8455f0ed62a35752997b4e9624968df8953d40f7f847719c81 quay.io/org/b@sha256:e288465587f13f319ff25fc17b094d52dae48844cc00a8423a71839084db235c
nerdctl --namespace k8s.io run -d --net host registry.example/agent@sha256:aa470170773aae4a69e6e0a509eb8c1f304140b1fea1a2d55ec93a07a78e497c
docker service create --name web --replicas 3 registry.example/web:1@sha256:f5e71d0b8126a3147f7603a4e865a26ac5580e85f77552285ea513efe9ba17ff
docker service update --image registry.example/web:2@sha256:4f509bb29154c19daff11e9255b116a53a6a14fec608309f1d96346b503fb43f web
docker buildx build --build-context base=docker-image://registry.example/base@sha256:bb6470217932fc238d63c072562234d85a35b8b4dfaea5d52a221ae8afbbcb7d \
    --cache-from type=registry,ref=registry.example/cache@sha256:c23e808456571e48f79c0380d567d214110f1d25ff4002e5ee76f36f4364abc8 --build-arg RUNTIME=registry.example/runtime@sha256:1f33dceb47570a6cf96d4bebfdb4547c0ac3d8dd6fbfb1436b3be01b585e9a39 -t app .
docker buildx create --use --driver-opt image=moby/buildkit:v0.13@sha256:f32de15df92372bf41793320dc0b74185f93e7c030522ae969f1065a26cc8a9b,network=host
docker tag registry.example/shop@sha256:2a1073a6e67f0e5f09a5957c659503c690efe7272be8313df872556a9a684d8c shop:latest
docker inspect registry.example/shop@sha256:14a60637758cb026afd2fe447f3648a07965072eeefaa9ee57734959bce8ae2b >/dev/null
docker manifest inspect "registry.example/shop@sha256:05b3abf2579a5eb66403cd78be557fd860633a1fe2103c7642030defe32c657f"
docker rmi registry.example/shop@sha256:9232218a94e2578faf3d938d50064d62feee9345d7858aebb41ac2d2cd2ac2eb || true

echo "Pulling registry.example/shop@sha256:092c79e8f80e559e404bcf660c48f3522b67aba9ff1484b0367e1a4ddef7431d"
printf 'now at %s\n' registry.example/shop@sha256:2abfca9157e93993aa507ca6b6ce908708c3a5c5b43bc7251638b0420361c79f >&2
if [[ "$IMAGE" == "registry.example/shop@sha256:c5fc2700317a19855c32a32706ba78d1121391cc9e54bedff689c2a3c00cb5b8" ]]; then exit 0; fi
[ "$1" = registry.example/shop@sha256:c29a4b42073219ba62efff97387973eb72dcfbc1e126e7b45c7dc7d1960b911e ] && exit
cosign verify --key key.pub registry.example/shop@sha256:5d55da39858da0af660e60d0ced267a9a870c95bb928e2979ec677baefe88f96
log_info "deployed registry.example/shop@sha256:7baa99652be2c7c7a89cd84eb9dd6b2cbd5f72217a229fdf08dfdd23eed637bb"
git checkout deb97c315184593e27ddc0d0e735f00dcb47e1441890a96b3f0626180f4d58f3
echo "b02c58536d8473db3eeb8b0d07db393e28bc780ff50579b0651b6d2b3c4a9b5d  shop.tgz" | sha256sum -c -
curl -fsSL https://files.example/tool | sha256sum | grep sha256:9120aa4d63679675d0cf2ce9f9fa4af8f5522293032d7c6411df9e8d0f5681f8
VERSION=$(docker run --rm registry.example/version@sha256:6c4907c0653a336f9a63d1bdc2f20c32d7415e1f99939bd2eda3e081d838babd --version)
STATE=`docker run registry.example/state@sha256:459faa93b039dbaeb347e40ec9c43a115d411a8fdc1849b38ee8d184d4062591`
docker pull "registry.example/$VERSION@sha256:299cee2c41e8930db87ce9d6abcb1f0f69a055928363c77a62f0448f91e1ea1b"
docker pull short@sha256:0123
docker run "$@"
