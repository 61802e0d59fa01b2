"""A registry that names schema 1 for what is none: no engine was seen to pull it, so no scan may be green."""

import subprocess
from pathlib import Path

import pytest

from planner.model import media_type as mt
from tests.support.command import run, write_compose
from tests.support.images import Image, build_image, build_index
from tests.support.raw_server import healthy, serving, shelf
from tests.support.tools import require_tool

OCI, SCHEMA2 = build_image({"a": b"1"}), build_image({"a": b"2"}, kind="v2s2")
ENGINES = {"skopeo 1.9.3": "unknown", "docker 20.10.24": "unknown", "docker 29.0.0": "breaks"}


@pytest.mark.parametrize("served", sorted(mt.SCHEMA1_TYPES))
@pytest.mark.parametrize(
    "image", [OCI, SCHEMA2, build_index([(OCI, "linux/amd64")])], ids=["oci", "schema2", "oci-index"]
)
def test_a_type_of_schema_1_for_another_document(image: Image, served: str, tmp_path: Path) -> None:
    kept = shelf("app", image) | {f"/v2/app/manifests/{image.digest}": (served, image.body)}
    hosts = "".join(f'[[hosts]]\nname = "{engine}"\nengine = "{engine}"\n' for engine in ENGINES)
    with serving(healthy(kept)) as server:
        reference = f"{server.host}/app@{image.digest}"
        write_compose(tmp_path / "infra", reference)
        (tmp_path / "infra" / "planner.toml").write_text(hosts)
        done = run("scan", tmp_path / "infra", "--resolver", "http", "--format", "json", home=tmp_path)
        copied = ["copy", "--src-tls-verify=false", f"docker://{reference}", f"dir:{tmp_path / 'copied'}"]
        pulled = subprocess.run(
            [require_tool("skopeo"), "--insecure-policy", *copied], capture_output=True, text=True, check=False
        )
    assert pulled.returncode
    assert "unsupported schema version 2" in pulled.stderr
    assert done.code == 1
    assert {host: f["verdict"] for f in done.json["findings"] for host in f["hosts"]} == ENGINES
