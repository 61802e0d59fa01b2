"""A registry recorded again: the file differs where the registry does, and loses nothing to a bad day."""

import json
from pathlib import Path

from tests.support.command import Done, run, write_compose
from tests.support.images import build_image
from tests.support.registry import running_registry
from tests.support.tools import require_tool

FIRST, SECOND = build_image({"a": b"a"}), build_image({"b": b"b"}, kind="v2s2")


def _record(home: Path, *flags: str) -> Done:
    return run("snapshot", home / "infra", "--resolver", "http", "-o", "registry.jsonl", *flags, home=home)


def _lines(home: Path) -> set[str]:
    return set((home / "registry.jsonl").read_text().splitlines())


def test_what_a_digest_names_keeps_its_line(tmp_path: Path) -> None:
    require_tool("docker-registry")
    with running_registry(tmp_path / "registry") as registry:
        registry.push(FIRST, "app", tag="v1")
        images = [f"{registry.host}/app@{image.digest}" for image in (FIRST, SECOND)]
        write_compose(tmp_path / "infra", *images, f"{registry.host}/app:v1")
        assert _record(tmp_path, "--include-tags").code == 0
        before = _lines(tmp_path)
        registry.push(SECOND, "app")
        run("cache", "prune", "--days", "1", home=tmp_path)  # forgets what was missing
        assert _record(tmp_path, "--include-tags").code == 0
    after = _lines(tmp_path)
    assert {_what(line) for line in before & after} >= {"manifest by digest", "config by digest"}
    new = [line for line in after - before if _what(line) != "manifest by tag"]
    assert {SECOND.digest in line or FIRST.digest not in line for line in new} == {True}
    assert len(after) == 5


def test_what_cannot_be_asked_stays_as_it_was(tmp_path: Path) -> None:
    require_tool("docker-registry")
    with running_registry(tmp_path / "registry") as registry:
        registry.push(FIRST, "app")
        infra = write_compose(tmp_path / "infra", f"{registry.host}/app@{FIRST.digest}")
        assert _record(tmp_path).code == 0
        before = _lines(tmp_path)
        typed = _record(tmp_path, "--no-cache", "--depth", "type")
    assert (typed.code, _lines(tmp_path)) == (0, before)
    dead = _record(tmp_path, "--no-cache", "--timeout", "5")
    assert (dead.code, _lines(tmp_path)) == (3, before)
    assert "connection refused" in dead.said
    assert run("scan", infra, "--offline", "registry.jsonl", home=tmp_path).code == 0


def _what(line: str) -> str:
    document = json.loads(line)
    return f"{document['kind']} by {'digest' if '@' in document['reference'] else 'tag'}"
