from prefect import flow


class Settings:
    """Settings such as registry.example/class@sha256:96fc25ec2c7f3057c5f3a0cc9a7eb04b4e78583ee00dfd436e0636d604064075."""

    image: str = "registry.example/settings@sha256:d9a0be15c405afbf301d0d70ed558db221ece4c59ed7f2b729d0b2f02b58cf2b"
    base_image = r'registry.example/raw@sha256:1c74f5e0c7219adf6db967f8e8090876424bd207cb7af822e40f3049f0036f88'


@flow
def work(image: str = "registry.example/default@sha256:dbb9f16c7c9f24f3d38e0ae54ca0bef5a733c7f6ae2f88ef2f57634ce5ad8634") -> None:
    "Works in registry.example/function@sha256:8e93fbe4daf7eb545161d691e02ba4e63bd8cedd0ac6e77dbfa548cad0a10ac0."
    if image == "registry.example/compared@sha256:f9468fca2bb8437dfe73cbd6ec0a409ee28fa817e2aed74c3c127b87cba1a913":
        print("uses registry.example/printed@sha256:1df02e5cd9ba12108f4e0f355d3be34c97592bf4ea7112c961105f82f5e1da4a")
        logger.info("uses registry.example/logged@sha256:df564e507ba765c273e91935a129b20067f7cbacf358d07c56d4e94460a4da82")
    assert image != "registry.example/asserted@sha256:4dff5d9cf4f2293c676aea79a4c81df83da51fa42603a3e27053d7ef44a73919"
    raise ValueError("no registry.example/raised@sha256:d2a7385901bce01b192af9e1522f001e3f5901351e0a28a002d82cfd2a75ff3e")


work.deploy(
    name="nightly",
    work_pool_name="kubernetes",
    job_variables={"image": "registry.example/flow:2@sha256:30e54d9ed6ca63c88a75eca4400aaf225676ec0c19eec7fc6f1b2e7b378575e8", "env": {"A": "b"}},
    build=False,
)
work.deploy(name="ünïcode ✓", image="registry.example/ünï".replace("ünï", ""), other="registry.example/other@sha256:b46f46a7a1d8a1d49fe2129aa68b2711da5a6fec2971ac8c4d48a8f960e46f8c")
client.containers.run("registry.example/client@sha256:1dee82db27bfd3ee722baa2003363a41e9958bf3e2135bb4670c4ddfce66ece9", detach=True)
container = DockerContainer("docker.io/library/redis@sha256:7b627eeb4ce08f41450b78098634b41c7c6f4d661e36b53d918344ddf4e07b1f")
spec = {"containers": [{"name": "x", "image": "registry.ex\x61mple/spec@sha256:0e3d3825f97b7fca666942b8835f6c7fdb8e08b6074106bf0c075587c0bbe82b"}]}
COMMAND = """
docker run \
  registry.example/multi@sha256:24e24e9f81d1c633e39aa4202d7eaa1f5e0e8c6da0fc3c0b38e4c56e79daf602
"""
