"""Every folder `cause-*` beside this file: one defect, hosts that meet it and hosts that do not, and the whole report.

`planner scan inventory --offline registry.jsonl --format csv` must print what `expected.csv` says: files, hosts,
resolver, knowledge, assess and report as a user gets them. `registry.jsonl` is made by record.py.
"""

import csv
import io
import os
import re
import tomllib
from difflib import unified_diff
from pathlib import Path

import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.errors import ExitCode
from tests.cases.record import CASES, recorded
from tests.support.knowledge import KNOWLEDGE

FOLDERS = sorted(Path(__file__).parent.glob("cause-*"))


def scanned(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The CSV report on a case, with the exit code checked against it. Line ends are those of the folder's files."""
    monkeypatch.chdir(folder)
    arguments = ["scan", "inventory", "--offline", "registry.jsonl", "--format", "csv"]
    result = CliRunner().invoke(app, arguments, env={"PLANNER_CACHE_DIR": str(tmp_path / "cache")})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    text = result.stdout.replace("\r\n", "\n")
    breaks = any(row["verdict"] == "breaks" for row in rows(text))
    assert result.exit_code == (ExitCode.FINDINGS if breaks else ExitCode.INCOMPLETE), result.stderr
    return text


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_message_is_filled_in() -> None:
    for folder in FOLDERS:
        for row in rows((folder / "expected.csv").read_text("utf-8")):
            assert not re.search(r"\{\w+\}", row["expected_message"] + row["remedy"]), f"{folder.name}: {row}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_the_report_says_what_is_expected(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    actual = scanned(folder, monkeypatch, tmp_path)
    expected = folder / "expected.csv"
    if os.environ.get("PLANNER_ACCEPT") == "1":
        expected.write_text(actual, "utf-8", newline="\n")
    wanted = expected.read_text("utf-8")
    if actual != wanted:
        difference = unified_diff(wanted.splitlines(), actual.splitlines(), "expected.csv", "planner", n=0, lineterm="")
        pytest.fail("\n".join([*difference, "", "./scripts/accept takes this as expected; read it first"]))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_the_recorded_registry_is_made_by_record(folder: Path) -> None:
    made = recorded(folder.name.removeprefix("cause-"))
    assert (folder / "registry.jsonl").read_text("utf-8") == made, "run: python -m tests.cases.record"


def test_every_cause_has_a_case_that_shows_it() -> None:
    causes = set(KNOWLEDGE.causes)
    assert causes == set(CASES) == {folder.name.removeprefix("cause-") for folder in FOLDERS}
    for folder in FOLDERS:
        shown = rows((folder / "expected.csv").read_text("utf-8"))
        assert folder.name.removeprefix("cause-") in {row["cause"] for row in shown}, (
            f"{folder.name} shows other causes"
        )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_beside_the_defect_something_pulls(folder: Path) -> None:
    """A case in which everything fails would pass a planner that always says so."""
    hosts = tomllib.loads((folder / "inventory" / "planner.toml").read_text("utf-8"))["hosts"]
    images = sum(path.read_text("utf-8").count("image: ") for path in (folder / "inventory").glob("*.y*ml"))
    shown = rows((folder / "expected.csv").read_text("utf-8"))
    judged = {(row["line"], host) for row in shown if row["moment"] == "now" for host in row["hosts"].split("; ")}
    assert len(judged) < images * len(hosts), f"every pull of {folder.name} fails"
