"""What CI systems need of the run around a report: paths from the top of the repository, the summary of the job."""

import json
from pathlib import Path

import pytest

from planner.report import FORMATS
from tests.support.command import Done, run
from tests.unit.cli.recorded import BREAKS, RECORDED, write_inventory


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    return write_inventory(tmp_path / "deploy" / "infra", BREAKS)


def scan(infra: Path, path: str | Path, cwd: Path, *flags: str, **variables: str) -> Done:
    return run("scan", path, "--offline", infra / RECORDED, *flags, home=infra.parents[1], cwd=cwd, **variables)


def paths(done: Done) -> set[str]:
    """The paths of a GitLab report."""
    assert done.code == 1
    return {entry["location"]["path"] for entry in done.json}


def test_paths_are_from_the_top_of_the_repository(infra: Path, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert paths(scan(infra, ".", infra, "--format", "gitlab")) == {"deploy/infra/h0/compose.yml"}


def test_so_is_that_of_a_single_file(infra: Path, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    everywhere = tmp_path / "all.toml"
    everywhere.write_text(f'[[hosts]]\nname = "old"\nengine = "{BREAKS[0]}"\n')
    done = scan(infra, "infra/h0/compose.yml", tmp_path / "deploy", "--config", str(everywhere), "--format", "gitlab")
    assert paths(done) == {"deploy/infra/h0/compose.yml"}


@pytest.mark.parametrize(("cwd", "path"), [("deploy", "infra/h0/compose.yml"), ("deploy/infra/h0", "h0/compose.yml")])
def test_outside_of_repositories_paths_are_from_the_current_folder(
    infra: Path, tmp_path: Path, cwd: str, path: str
) -> None:
    assert paths(scan(infra, infra, tmp_path / cwd, "--format", "gitlab")) == {path}


def test_the_summary_of_the_job_is_added_to_what_is_there(infra: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("## an earlier step\n")
    done = scan(infra, infra, tmp_path, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))
    assert (done.code, done.said) == (1, "")
    assert done.out.startswith("::notice title=planner::1 pinned reference, 1 host: 1 breaks today")
    assert "\n::error file=deploy/infra/h0/compose.yml,line=3,col=" in done.out
    text = summary.read_text("utf-8")
    assert text.startswith("## an earlier step\n## planner")
    assert "deploy/infra/h0/compose.yml:3:" in text


def test_a_summary_that_cannot_be_written_is_said(infra: Path, tmp_path: Path) -> None:
    done = scan(infra, infra, tmp_path, "--format", "github", GITHUB_STEP_SUMMARY=str(tmp_path / "nowhere" / "s.md"))
    assert done.code == 2
    assert done.out.startswith("::notice")
    assert "which GITHUB_STEP_SUMMARY names: No such file or directory" in done.said


def test_several_at_once(infra: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    flags = ("--format", "markdown", "-o", "-", "--format", "gitlab", "-o", "quality.json", "--format", "sarif")
    more = ("-o", "r", "--format", "junit", "-o", "junit.xml")
    done = scan(infra, infra, tmp_path, *flags, *more, GITHUB_STEP_SUMMARY=str(summary))
    assert done.code == 1
    assert done.out.startswith("## planner")
    assert not summary.exists()  # it is for those who asked for annotations
    assert json.loads((tmp_path / "quality.json").read_text())[0]["severity"] == "blocker"
    assert 'failures="1"' in (tmp_path / "junit.xml").read_text()
    assert json.loads((tmp_path / "r").read_text())["version"] == "2.1.0"


def test_the_help_names_every_format(tmp_path: Path) -> None:
    said = " ".join(run("scan", "--help", home=tmp_path).out.split())
    assert f"{', '.join(sorted(FORMATS))}; default" in said
