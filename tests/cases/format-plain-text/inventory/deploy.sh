#!/bin/sh
IMAGE="reg.example/app:1@sha256:ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d"  # was reg.example/app:1@sha256:5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
docker run --rm "$REGISTRY/tool@sha256:5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9" # no
docker run 'quoted#not-a-comment' run@sha256:e7f6c011776e8db7cd330b54174fd76f7d0216b612387a5ffcfb81e6f0919683
docker pull short@sha256:0123
