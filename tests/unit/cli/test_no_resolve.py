"""`planner scan --no-resolve`: references with their places, no registry, no verdict."""

import csv
import io
from pathlib import Path

import pytest

from planner.report.listing import COLUMNS
from tests.support.command import Done, run

APP = "sha256:" + "a" * 64
TEXT = f"""services:
  web:
    image: registry.invalid/app:1@{APP}
  broken:
    image: registry.invalid/app@sha256:abc
"""


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "compose.yaml").write_text(TEXT)
    (folder / "run.sh").write_text(f"docker run registry.invalid/tool@{APP}\n")
    (folder / "planner.toml").write_text('[[hosts]]\nname = "web"\nengine = "docker 20.10"\n')
    return folder


def scan(infra: Path, *flags: str) -> Done:
    return run("scan", "infra", "--no-resolve", *flags, home=infra.parent)


def test_the_terminal_lists_each_reference_in_full(infra: Path) -> None:
    done = scan(infra)
    assert done.code == 3
    lines = done.out.splitlines()
    assert lines[0] == "2 pinned references, listed only: no registry was asked, nothing was checked; 1 problem"
    assert "infra/compose.yaml:3:35  service web (compose)" in lines
    assert f"  registry.invalid/app:1@{APP}" in lines
    assert "  ? file infra/compose.yaml:5:33" in lines
    assert lines[-2:] == ["Next, ask the registries what these are:", "  planner scan infra"]


def test_csv_has_a_row_for_each_reference(infra: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(scan(infra, "--format", "csv").out)))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["file"], row["line"], row["column"], row["digest"]) for row in rows] == [
        ("compose.yaml", "3", "35", APP),
        ("run.sh", "1", "34", APP),
    ]
    assert rows[0]["image"] == f"registry.invalid/app:1@{APP}"


def test_json_knows_no_verdict(infra: Path) -> None:
    report = scan(infra, "--format", "json").json
    assert [o["file"] for o in report["occurrences"]] == ["compose.yaml", "run.sh"]
    assert report["resolutions"] == report["findings"] == report["hosts"] == []
    assert set(report["summary"]["now"].values()) == {None}
    assert report["provenance"]["resolver"] == "none"
    assert [problem["kind"] for problem in report["problems"]] == ["invalid-reference"]


def test_without_problems_the_list_is_complete(infra: Path) -> None:
    (infra / "compose.yaml").unlink()
    assert scan(infra).code == 0
    (infra / "run.sh").unlink()
    done = scan(infra)
    assert done.code == 4
    assert "no image reference with a digest" in done.said


def test_html_has_no_such_form(infra: Path) -> None:
    done = scan(infra, "-o", "report.html")
    assert done.code == 2
    assert "html has no such form" in done.said
    assert not (infra.parent / "report.html").exists()
