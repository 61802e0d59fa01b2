"""An answer from the cache is as old as it is: a snapshot and a report say when the registry gave it."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import run, write_compose
from tests.support.images import build_image
from tests.support.raw_server import healthy, serving, shelf

IMAGE = build_image({"a": b"a"})
GONE = f"sha256:{7:064x}"
THEN, SHOWN = 1767323045, "2026-01-02T03:04:05+00:00"


def lines(path: Path) -> dict[str, Any]:
    return {
        f"{line['kind']} {line['state']}": line["fetched_at"]
        for line in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    }


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def age(home: Path, statement: str) -> None:
    (path,) = home.rglob("registry.sqlite3")
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()


def test_a_snapshot_says_when_the_registry_gave_what_is_cached(tmp_path: Path) -> None:
    with serving(healthy(shelf("x", IMAGE))) as server:
        infra = write_compose(tmp_path / "infra", f"{server.host}/x@{IMAGE.digest}")
        scanned = run("scan", infra, "--resolver", "http", "--format", "json", home=tmp_path)
        age(tmp_path, f"UPDATE content SET stored_at = {THEN}")
        asked = len(server.asked)
        recorded = run("snapshot", infra, "-o", "a.jsonl", "--resolver", "http", home=tmp_path)
        again = run("scan", infra, "--resolver", "http", "--format", "json", home=tmp_path)
        assert len(server.asked) == asked
    assert recorded.code == 0, recorded.said
    assert lines(tmp_path / "a.jsonl") == {"manifest resolved": SHOWN, "config resolved": SHOWN}
    asked_now, kept = (done.json["resolutions"][0] for done in (scanned, again))
    assert asked_now["source"] == "http"
    assert moment(asked_now["fetched_at"]) >= moment(scanned.json["provenance"]["started"])
    assert (kept["source"], kept["fetched_at"]) == ("cache", SHOWN)


def test_that_a_digest_is_missing_has_its_time_too(tmp_path: Path) -> None:
    with serving(healthy({})) as server:
        infra = write_compose(tmp_path / "infra", f"{server.host}/x@{GONE}")
        run("scan", infra, "--resolver", "http", home=tmp_path)
        age(tmp_path, "UPDATE missing SET seen_at = seen_at - 100")
        done = run("scan", infra, "--resolver", "http", "--format", "json", home=tmp_path)
    (resolution,) = done.json["resolutions"]
    assert (resolution["state"], resolution["source"]) == ("missing", "cache")
    assert resolution["fetched_at"] < done.json["provenance"]["started"]


@pytest.mark.parametrize("absurd", ["99999999999999", "'soon'"])
def test_what_has_no_time_that_has_been_is_asked_for_again(tmp_path: Path, absurd: str) -> None:
    with serving(healthy(shelf("x", IMAGE))) as server:
        infra = write_compose(tmp_path / "infra", f"{server.host}/x@{IMAGE.digest}")
        run("scan", infra, "--resolver", "http", home=tmp_path)
        age(tmp_path, f"UPDATE content SET stored_at = {absurd}")
        told = run("cache", "info", home=tmp_path)
        assert told.code == 0
        assert "2 manifests and configs" in told.out
        assert "kept between" not in told.out
        asked = len(server.asked)
        run("scan", infra, "--resolver", "http", home=tmp_path)
        assert len(server.asked) > asked
        age(tmp_path, f"UPDATE content SET stored_at = {absurd}")
        done = run("cache", "export", "-o", "e.jsonl", home=tmp_path)
    assert done.code == 0
    assert (tmp_path / "e.jsonl").read_text() == ""
    assert "wrote 0 answers" in done.said
