"""`planner cache export`: what one machine keeps, another scans from."""

from pathlib import Path

from tests.support.command import run, write_compose
from tests.support.images import build_image, build_index
from tests.support.registry import running_registry
from tests.support.tools import require_tool

SCHEMA2, OCI = build_image({"a": b"a"}, kind="v2s2"), build_image({"b": b"b"})


def test_what_was_kept_is_scanned_from_elsewhere(tmp_path: Path) -> None:
    require_tool("docker-registry")
    with running_registry(tmp_path / "registry") as registry:
        digests = [registry.push(image, "team/app") for image in (SCHEMA2, OCI, build_index([(OCI, "linux/amd64")]))]
        infra = write_compose(tmp_path / "infra", *(f"{registry.host}/team/app@{digest}" for digest in digests))
        (infra / "planner.toml").write_text('[[hosts]]\nname = "old"\nengine = "docker 1.9.1"\n')
        live = run("scan", infra, "--resolver", "http", "--format", "json", home=tmp_path)
    done = run("cache", "export", "-o", "all.jsonl", home=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert "wrote 5 answers to all.jsonl" in done.said
    again = tmp_path / "again"
    again.mkdir()
    replayed = run("scan", infra, "--offline", tmp_path / "all.jsonl", "--format", "json", home=again)
    assert replayed.json["findings"]
    assert {f["id"]: f["verdict"] for f in replayed.json["findings"]} == {
        f["id"]: f["verdict"] for f in live.json["findings"]
    }
    assert replayed.json["problems"] == []


def test_the_same_cache_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        assert run("cache", "export", "-o", name, home=tmp_path).code == 0
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes() == b""


def test_no_other_file_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = run("cache", "export", "-o", "notes.txt", home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "is no recorded registry" in done.said
    assert (tmp_path / "notes.txt").read_text() == "mine"
    done = run("cache", "export", "-o", "nowhere/all.jsonl", home=tmp_path)
    assert done.code == 2
    assert "cannot write to" in done.said
