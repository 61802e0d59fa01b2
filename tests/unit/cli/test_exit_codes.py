"""What the exit code says: findings win over incomplete, incomplete over clean; --fail-on draws the line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from planner.errors import EXIT_MEANINGS, ExitCode
from planner.options import FailOn
from planner.outcome import FAIL_ON, exit_code
from planner.resolve.opening import Opening
from planner.scan import Request, scan
from tests.support.command import run
from tests.support.images import Image
from tests.unit.cli.recorded import AT_RISK, BREAKS, PULLS, RECORDED, UNKNOWN, write_inventory

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cases", "breaks", "at_risk", "unknown", "never"),
    [
        ([PULLS], 0, 0, 0, 0),
        ([AT_RISK, PULLS], 0, 1, 1, 0),
        ([UNKNOWN, PULLS], 3, 3, 1, 3),
        ([BREAKS, PULLS], 1, 1, 1, 0),
        ([AT_RISK, UNKNOWN], 3, 1, 1, 3),
        ([BREAKS, UNKNOWN], 1, 1, 1, 3),
        ([BREAKS, AT_RISK, UNKNOWN, PULLS], 1, 1, 1, 3),
    ],
)
def test_fail_on_draws_the_line(  # noqa: PLR0913, PLR0917  the columns of the table above
    tmp_path: Path, cases: list[tuple[str, Image]], breaks: int, at_risk: int, unknown: int, never: int
) -> None:
    folder = write_inventory(tmp_path, *cases)
    report = scan(Request(folder, how=Opening(folder / RECORDED)), NOW)
    codes = {name: exit_code(report, name) for name in FAIL_ON}
    assert codes == {"breaks": breaks, "at-risk": at_risk, "unknown": unknown, "never": never}


def test_the_flag_takes_what_the_stage_knows() -> None:
    assert {str(value) for value in FailOn} == set(FAIL_ON)


@pytest.mark.parametrize(("flags", "code"), [((), 0), (("--fail-on", "at-risk"), 1), (("--fail-on", "never"), 0)])
def test_the_command_returns_it(tmp_path: Path, flags: tuple[str, ...], code: int) -> None:
    folder = write_inventory(tmp_path / "infra", AT_RISK)
    assert run("scan", folder, "--offline", folder / RECORDED, *flags, home=tmp_path).code == code


def test_a_wrong_verdict_is_told_plainly(tmp_path: Path) -> None:
    done = run("scan", tmp_path, "--fail-on", "break", home=tmp_path)
    assert done.code == 2
    assert "Invalid value for '--fail-on': 'break' is not one of 'breaks', 'at-risk'" in done.said


def test_nothing_to_scan(tmp_path: Path) -> None:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "notes.txt").write_text("no image here\n")
    done = run("scan", folder, "--format", "json", home=tmp_path)
    assert done.code == 4
    assert "no image reference with a digest" in done.said
    assert done.json["occurrences"] == []


def test_a_problem_alone_is_not_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "compose.yml").write_text("services: [\n  # sha256:\n")
    done = run("scan", folder, "--format", "json", home=tmp_path)
    assert (done.code, [problem["kind"] for problem in done.json["problems"]]) == (3, ["unparsable"])


def test_every_code_is_explained_in_the_help(tmp_path: Path) -> None:
    words = " ".join(run("scan", "--help", home=tmp_path).out.split())
    assert set(EXIT_MEANINGS) == set(ExitCode)
    for code, meaning in EXIT_MEANINGS.items():
        assert f"{code.value} {meaning}" in words
