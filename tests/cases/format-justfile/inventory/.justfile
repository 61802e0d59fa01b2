digest := "sha256:5a171891ce67916bd3e1384f12d93e770ac25b19917463df967b614a1200a8a2"
run:
    podman run registry.example/split@{{digest}}
    podman run registry.example/unset@{{missing}}
