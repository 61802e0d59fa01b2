"""Base images.

    container_pull(image = "registry.example/docstring@sha256:ea7550e0218bb04083d87f7ad060190d0086e8d0adee5dfbf2975413da5c9400")
"""

load("@rules_oci//oci:pull.bzl", "oci_pull")

_TOOLS = "registry.example/tools:2"

def base_images(registry = "registry.example", digest = None):
    """Pulls them, registry.example/function-docs@sha256:3034d6585d24fa6a8c57abb90fbbb4ece1a089e8f9836914989fd1a936e1f885 among them."""
    oci_pull(
        name = "from_macro",
        digest = digest,
        image = registry + "/macro",
    )
    oci_pull(
        name = "open_name",
        digest = "sha256:46f21134980f91bb37fe38283f4374724f95adb4bc35d5d3521ce0288104b37c",
        image = registry + "/open",
    )
    oci_pull(name = "tools", image = _TOOLS, digest = "sha256:1f6f865b4924ecb94b9996952c0cc9df8f28165306b4cedbae92d7a74cf51fbf")
    container_push(
        name = "push",
        digest = "sha256:cf2eb735f12e0b6f208a189a234722bac64fc584613ac34978a5f879759b9921",
        registry = "registry.example",
        repository = "shop/api",
    )
    native.genrule(
        name = "run",
        cmd = "docker run --rm registry.example/genrule@sha256:fbd6cebc0efce518d22989c60f120c44082a230c55166e273373c4e0626d87cb > $@",
        description = "Was registry.example/description@sha256:474b227debb67e2345b47c31cc0eb6eccef271ba2072dc6e7fb75c5bf2fb72ba before.",
    )

my_rule = rule(
    doc = "Like registry.example/rule-doc@sha256:686e07e48ec1006d9bf00b5a60cbf496972d82b90fe132ea3e504b3716c3b02c.",
    implementation = _impl,
)
