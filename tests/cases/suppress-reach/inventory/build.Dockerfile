FROM scratch
RUN true # planner: ignore[*] no comment at all
COPY --from=registry.example/lab/s2-gzip@sha256:705a914efb0a7ec4f123c9b665eb9c987d7b6699e8dd65e9f0ef2305ba68dcdc /a /b
