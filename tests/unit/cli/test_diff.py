"""`planner diff` and `planner scan --baseline`, by the real command: outputs, exit codes, and files that are none."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from planner.cli import app
from planner.commands.reading import read_report_file
from planner.errors import UsageError
from planner.resolve.opening import Opening
from planner.scan import PlanRequest, Request, scan
from tests.support.command import run, write_compose
from tests.unit.cli.recorded import AT_RISK, BREAKS, NAME, PULLS, RECORDED, SCHEMA2, write_inventory

HOSTILE = r"<script>alert(1)</script>\u202e\u001b[31m\n\"=cmd()"


@pytest.fixture(scope="module")
def infra(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with `before.json` of an earlier state beside it, since when a service was added that breaks."""
    home = tmp_path_factory.mktemp("home")
    folder = write_inventory(home / "infra", BREAKS, PULLS)
    assert run("scan", folder, "--offline", folder / RECORDED, "-o", home / "before.json", home=home).code == 1
    compose = folder / "h0" / "compose.yml"
    compose.write_text(f'{compose.read_text()}  "{HOSTILE}":\n    image: {NAME}@{SCHEMA2.digest}\n')
    return folder


def test_a_scan_with_a_baseline(infra: Path, tmp_path: Path) -> None:
    before = infra.parent / "before.json"
    scan = ("scan", infra, "--offline", infra / RECORDED, "--baseline", before)
    outputs = {"json": "r.json", "html": "r.html", "terminal": "-"}
    names = [word for name, output in outputs.items() for word in ("--format", name, "-o", output)]
    done = run(*scan, "--fail-on-new", *names, home=tmp_path)
    assert done.code == 1, done.said
    assert "1 new, 0 fixed or gone, 1 still open, 0 newly unknown" in done.said
    assert re.search(r"New: 1\n +\S*/h0/compose.yml:\d+:\d+ +service <script>", done.out)
    assert "\x1b" not in done.out
    page = (tmp_path / "r.html").read_text()
    assert "Since the last run" in page
    assert "<script>alert" not in page
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["since"]["counts"] == {
        "new": 1, "newly-unknown": 0, "still-open": 1, "suppressed": 0, "fixed": 0
    }  # fmt: skip
    ids = {finding["id"] for finding in document["findings"]}
    assert {id_ for change in document["since"]["changes"] for id_ in change["findings"]} <= ids
    diff = run("diff", before, tmp_path / "r.json", "--format", "json", home=tmp_path)
    assert diff.code == 0
    assert diff.json["changes"] == document["since"]["changes"]
    same = run("diff", tmp_path / "r.json", tmp_path / "r.json", "--fail-on-new", "--all", home=tmp_path)
    assert same.code == 0
    assert "Still open: 2" in same.out
    assert "\x1b" not in same.out


def test_what_is_no_earlier_report(infra: Path, tmp_path: Path) -> None:
    good = infra.parent / "before.json"
    document = json.loads(good.read_text())
    bad = {
        "newer.json": json.dumps(document | {"schema_version": 2}),
        "cut.json": good.read_text()[:500],
        "other.json": "{}",
        "table.csv": "file,line\n",
        "deep.json": "[" * 100_000,
    }
    words = {
        "newer.json": "schema_version other than 1",
        "cut.json": "is no JSON",
        "other.json": "no report of planner",
        "table.csv": "is no JSON",
        "deep.json": "nested too deep",
    }
    for name, text in bad.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(UsageError, match=name) as error:
            read_report_file(tmp_path / name)
        assert words[name] in str(error.value)
    done = run("diff", "newer.json", good, home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "newer.json has a schema_version other than 1, which this planner does not read" in done.said
    missing = run("scan", infra, "--baseline", "missing.json", "-o", "r.json", home=tmp_path)
    assert missing.code == 2
    assert "cannot read missing.json" in missing.said
    assert not (tmp_path / "r.json").exists()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("scan", "--fail-on-new"), "--fail-on-new needs an earlier report"),
        (("scan", "--no-resolve", "--baseline", "b.json"), "--baseline compares findings"),
        (("diff", "a.json", "b.json", "--fail-on", "breaks"), "give --fail-on-new as well"),
        (("diff", "a.json", "b.json", "--format", "html"), "there is no format 'html'; there are json, terminal"),
    ],
)
def test_flags_that_do_not_fit(flags: tuple[str, ...], words: str) -> None:
    error = CliRunner().invoke(app, list(flags)).exception
    assert isinstance(error, UsageError)
    assert words in str(error)


def test_a_baseline_of_another_tree_is_told_and_everything_is_new(infra: Path, tmp_path: Path) -> None:
    other = write_compose(tmp_path / "other", f"{NAME}@{SCHEMA2.digest}")
    (other / "planner.toml").write_text('[[hosts]]\nname = "h"\nengine = "docker 1.9.1"\n')
    scan = ("scan", other, "--offline", infra / RECORDED, "--baseline", infra.parent / "before.json", "--fail-on-new")
    done = run(*scan, home=tmp_path)
    assert done.code == 1
    assert "warning: " in done.said
    assert "looks like a report of another tree" in done.said
    assert "1 new" in done.out


def test_suppressions_by_the_command(tmp_path: Path) -> None:
    folder = write_inventory(tmp_path / "infra", BREAKS, AT_RISK)
    settings = (folder / "planner.toml").read_text()
    scan = ("scan", folder, "--offline", folder / RECORDED)
    (folder / "planner.toml").write_text(f'{settings}[[ignore]]\ncause = "schema2-manifst"\nreason = "why"\n')
    typo = run(*scan, home=tmp_path)
    assert (typo.code, typo.out) == (2, "")
    assert "planner.toml:9: ignore: 'schema2-manifst' is no cause, perhaps schema2-manifest is meant" in typo.said
    (folder / "planner.toml").write_text(f'{settings}[[ignore]]\ncause = "schema2-manifest"\nreason = "why"\n')
    accepted = run(*scan, "-o", "r.json", home=tmp_path)
    assert accepted.code == 0
    assert "1 suppressed" in accepted.said
    assert run("merge", "r.json", "--fail-on", "at-risk", home=tmp_path).code == 1


def test_a_plan_is_for_every_pull(tmp_path: Path) -> None:
    folder = write_inventory(tmp_path, BREAKS)
    with (folder / "planner.toml").open("a") as file:
        file.write('[[ignore]]\ncause = "*"\nreason = "why"\n')
    how = Opening(folder / RECORDED, cache=False)
    report = scan(Request(folder, how=how, plan=PlanRequest()), datetime(2026, 6, 30, tzinfo=UTC))
    assert report.plan
    assert (len(report.findings), report.suppressed) == (1, ())
