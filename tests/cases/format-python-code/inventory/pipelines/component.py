from kfp import dsl

BASE = "python:3.12"


@dsl.component(base_image=BASE + "@sha256:76d853ce746d631601b92b80e478c95c014ecee79825017f5d0b7dd0866a3bb5", packages_to_install=["x"])
def step() -> str:
    return "registry.example/returned@sha256:6dac4442f0881f950b89f7fb66d5c27d4f9ce243165fa08dfcb49c1dc8b43bee"


def fallback(name):
    return os.getenv("IMAGE", "registry.example/fallback@sha256:ce8c827569b2f5e1e70ca29ea98681af6e159534e80bfa8128a477cf66baa479")
