"""A registry recorded again: the file differs where the registry does."""

import json
import re
from pathlib import Path

from tests.support.command import run, write_compose
from tests.support.images import build_image
from tests.support.registry import running_registry
from tests.support.tools import require_tool

FIRST, SECOND = build_image({"a": b"a"}), build_image({"b": b"b"}, kind="v2s2")
LONG_AGO = "2020-01-02T03:04:05+00:00"


def test_what_a_digest_names_keeps_its_line(tmp_path: Path) -> None:
    require_tool("docker-registry")
    with running_registry(tmp_path / "registry") as registry:
        registry.push(FIRST, "app", tag="v1")
        images = [f"{registry.host}/app@{image.digest}" for image in (FIRST, SECOND)]
        infra = write_compose(tmp_path / "infra", *images, f"{registry.host}/app:v1")
        record = ("snapshot", infra, "--resolver", "http", "--include-tags", "--no-cache", "-o", "registry.jsonl")
        assert run(*record, home=tmp_path).code == 0
        recorded = tmp_path / "registry.jsonl"
        recorded.write_text(re.sub(r'"fetched_at": "[^"]*"', f'"fetched_at": "{LONG_AGO}"', recorded.read_text()))
        before = recorded.read_text().splitlines()
        registry.push(SECOND, "app")
        assert run(*record, home=tmp_path).code == 0
    after = recorded.read_text().splitlines()
    kept = {line for line in after if LONG_AGO in line}
    assert kept <= set(before)
    assert {_what(line) for line in kept} == {("manifest", True), ("config", True)}, "of the first image"
    changed = [line for line in after if LONG_AGO not in line]
    assert {(_what(line), json.loads(line)["state"]) for line in changed} == {
        (("manifest", False), "resolved"),  # a tag may be what it was, or not: this says when
        (("manifest", True), "resolved"),  # which was missing
        (("config", True), "resolved"),
    }
    assert after == sorted(after, key=lambda line: json.loads(line)["reference"])


def _what(line: str) -> tuple[str, bool]:
    document = json.loads(line)
    return document["kind"], "@" in document["reference"]
