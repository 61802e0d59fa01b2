#!/bin/sh
NAMESPACE=live
kubectl -n "$NAMESPACE" run debug --rm -it --image=registry.example/debug@sha256:2453eba90a572c053fc179adbe637c8a313988a924105589b7a186b58faa349c -- sh
kubectl set image deployment/shop shop=registry.example/shop@sha256:63b80015f97d6fdc4a35d44fcf9501269648a56f6ea36d3bbf064f1040f9661d sidecar=registry.example/sidecar@sha256:00d8d44b0e8c16f448ef5103e1fc5bc5dc7a0656735711ca0ac36f2f80a855d4
kubectl debug node/n1 --image registry.example/nettools@sha256:e8a0ccde4080df915be6e1fe602c4d807b4db7caa1d592ed05a1608d231d38d7
kubectl create deployment web --image=registry.example/web@sha256:b3c6dd52675b8b1ab45f349151caaadfb5452515043a513dfb0105a9fcd7e553
kubectl annotate pod web built-from=registry.example/src@sha256:f98ad21069f8dc0dcbaedd5a3ae3b3691de33b5e37d1a4c945707c8bd9a491bb
ctr -n k8s.io images pull docker.io/library/redis@sha256:70d48265c3d2a3af57720a3dc559615718208e8b10bb33208615271064381edd
k3s ctr images pull --platform linux/amd64 docker.io/library/mysql@sha256:590719208698879ec7fed749daab9f98701fb507501928ec707070c7ac70ed5d
crictl pull registry.example/pause@sha256:6903df3a16376cd27f86cccc6505bc868fb109c9e6f8649394a063185a7d7334
ctr run --rm -t docker.io/library/busybox@sha256:4b19b3e89b06645b1f0b414b5175d498cfa8a58ebec27f71350062825fd81399 probe sh
helm upgrade --install shop ./chart --set image.registry=registry.example,image.repository=team/shop,image.digest=sha256:ab14d3faa25e917efe6e7135d4ecca197866738885a88b9b95d1a16d2bb5b323 --set-string sidecar.repository=registry.example/side --set sidecar.tag=1@sha256:e010054f794f0cea7a24bb248a5a6159f959d84a70e9ec65ca87be5c035312fe
skopeo copy --all docker://registry.example/src@sha256:772a6043284a6f653b3a220d1a7fa5a482dcd910f81308b3e53e20abbe8acfee docker://mirror.example/dst
skopeo inspect docker://registry.example/src@sha256:f491c3c22c42bd1939ee433baf283e132570d10b8c5a017e3e888112ab803731
skopeo copy oci:layout@sha256:1dc5ae5b68174891b6aa9850aa05ee0d9ae8a20468d9517259951a2dd9e9c0f0 docker://mirror.example/dst
crane --insecure pull registry.example/crane@sha256:2c6ac23e4ffdf95f08f369eca6488b585bca0def0ddfe69f525e40d4aa2509d3 out.tar
crane digest registry.example/crane@sha256:a63bb02e6e8ad1983c1f25af108b03bb35f6959266c7aaf768c0ca9f81aa4233
regctl image copy registry.example/regctl@sha256:ef0b3f800871222bb02385212cce187026ded552932e33e25ee0593912090a99 mirror.example/regctl
oras pull registry.example/artifact@sha256:f3cc87384ba6aae19bb6db36d0d43f36232a39245cc4fb53e0ca6f854098390a -o out
buildah from --name work registry.example/buildah@sha256:3355e071ea5a58add945ba5f9248ab61c2185ab4b2b40340a69ff0560cdca2dc
apptainer exec --nv docker://registry.example/science@sha256:9664e46c4f5b612707dad43a96cfb491c31f2be86491c94e0900da660718b7fa python3 x.py
flyctl deploy -i registry.example/fly@sha256:f4debdb7ab7dd958e95cea076c7668310a131f9bf9c972fa934c5e55c5a97c0e --app shop
oc import-image shop --from=registry.example/oc@sha256:5f751e08c9cb40a3e239a4d4b7762296d3b238b71285276adb7ca0376297ef5c --confirm
gcloud run deploy shop --image=registry.example/run@sha256:196a5422169a7a1845178971dc90480352eefb88555e89af227fb892150e9db5 --region europe
gitlab-runner register --docker-image registry.example/runner@sha256:527aa9f431539da8e151d5434d1d5e611d973f601d8e970790882624554146b0
retry 5 docker pull registry.example/retried@sha256:d0ca11115fce8e9f5368e445ef0017b51bef8eb707cb4869e92ff406a1068536
ssh node1 docker pull registry.example/remote@sha256:b71199ebd070b36beab7317920c2c2f1d777df8d05e5527d8458fda57cb17a7a
ssh node1 "sudo docker run -d \"registry.example/remote2@sha256:0279dde2d79d4144a5c93efe105a08af83f43312609d1abdf0031b10f58a264c\""
bash -c 'IMG=registry.example/inner; docker run $IMG@sha256:1439232a2eedd0486b1690ce0cf5d6db60eba2fdec9184987ebb786f177b0a05'
eval "docker pull registry.example/eval@sha256:1bbd174404efbce95f1af489ef93f4aa0f4d55718f24c3504682216afa7b7fb1"
