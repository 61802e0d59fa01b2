#!/bin/sh
docker pull registry.example/tool:1.0  # planner: ignore[*] by tag on purpose
docker pull registry.example/lab/s2-gzip@sha256:705a914efb0a7ec4f123c9b665eb9c987d7b6699e8dd65e9f0ef2305ba68dcdc
# planner: ignore[*] stands above a tag, which has one of its own
docker pull registry.example/tool:1.0  # planner: ignore[*] by tag on purpose
docker pull registry.example/lab/s2-gzip@sha256:705a914efb0a7ec4f123c9b665eb9c987d7b6699e8dd65e9f0ef2305ba68dcdc
docker pull registry.example/lab/s2-gzip@sha256:705a914efb0a7ec4f123c9b665eb9c987d7b6699e8dd65e9f0ef2305ba68dcdc  # planner: ignore[*] its own line
