"""What a page offers to accept a finding is read by planner itself, and accepts that finding alone."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from planner.errors import UsageError
from planner.model.report import Report
from planner.model.source import Problem, SourceFile
from planner.model.suppression import Rule
from planner.report import FORMATS, Options
from planner.report.page.aggregate import Entry, blocks
from planner.report.page.snippet import can_be_beside, comment, table
from planner.settings import load_settings
from planner.suppress import marks, suppress
from tests.support.html_page import having
from tests.support.report_example import FINDINGS, REPORT

ENTRIES = [entry for block in blocks(REPORT) for entry in block.entries]
DATED = ("YYYY-MM-DD", "2027-03-31")


def _text(entry: Entry) -> str:
    return "\n".join(table(entry))


def _ids(report: Report) -> set[str]:
    return {f.id for f in report.suppressed}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.cause)
def test_the_table_accepts_what_it_stands_beside(tmp_path: Path, entry: Entry) -> None:
    (tmp_path / "planner.toml").write_text(_text(entry).replace(*DATED), "utf-8")
    rules = load_settings(tmp_path).ignores
    done = suppress(REPORT, rules, [], known=REPORT.causes, today=date(2026, 11, 29))
    own = {f.id for line in entry.lines for f in line.findings}
    alike = {
        f.id for f in FINDINGS if f.outcome.cause == entry.cause and f.occurrence.reference.digest == entry.image.digest
    }
    assert own <= _ids(done) <= alike
    assert not done.advice


def test_the_comment_accepts_the_reference_below_it() -> None:
    first = FINDINGS[0]
    line = comment(first.outcome.cause).replace(*DATED)
    text = "\n" * (first.occurrence.line - 2) + f"    {line}\n    image: x"
    found = list(marks(SourceFile(first.occurrence.file, text)))
    assert all(isinstance(each, Rule) for each in found)
    done = suppress(REPORT, [], found, known=REPORT.causes, today=date(2026, 11, 29))
    assert first.id in _ids(done)


def test_a_snippet_without_its_date_is_refused(tmp_path: Path) -> None:
    (tmp_path / "planner.toml").write_text(_text(ENTRIES[0]), "utf-8")
    with pytest.raises(UsageError, match="write a date such as expires = 2026-12-31"):
        load_settings(tmp_path)
    (problem,) = marks(SourceFile("compose.yml", comment(ENTRIES[0].cause)))
    assert isinstance(problem, Problem)
    assert "'YYYY-MM-DD' is no date" in problem.text


@given(st.text(st.sampled_from("ab *?[]!#\\{}\"'é\u202e\x1b<.-"), min_size=1).map(lambda part: f"a/{part}.yml"))
def test_any_file_name_is_a_path_that_means_itself(name: str) -> None:
    entry = ENTRIES[0]
    odd = replace(entry, places=(replace(entry.places[0], file=name),))
    (rule,) = tomllib.loads(_text(odd).replace(*DATED))["ignore"]
    assert rule["cause"] == entry.cause
    assert GitIgnoreSpec.from_lines([rule["path"]]).match_file(name)
    assert not GitIgnoreSpec.from_lines([rule["path"]]).match_file(f"a/other-{name}")


def test_the_page_has_it_line_by_line() -> None:
    shown = [e.text for e in having(FORMATS["html"].render(REPORT, Options()), "snippet")]
    assert {_text(entry) for entry in ENTRIES} <= set(shown)


@pytest.mark.parametrize(
    ("file", "format_", "excerpt", "expected"),
    [
        ("compose.yml", "compose", "image: web@sha256:1", True),
        ("k8s/a.yaml", "kubernetes", "- image: web@sha256:1", True),
        ("a.yaml", "kubernetes", "- - image: web@sha256:1", True),
        ("a.yaml", "kubernetes", "web@sha256:1", False),
        ("a.yaml", "kubernetes", "{image: web@sha256:1}", False),
        ("a.json", "kubernetes", '"image": "web@sha256:1"', False),
        ("Dockerfile", "dockerfile", "FROM web@sha256:1 AS x", True),
        ("Dockerfile", "dockerfile", "--mount=from=web@sha256:1 \\", False),
        (".env", "dotenv", "WEB=sha256:1", True),
        ("run.sh", "shell-script", "docker pull web@sha256:1", False),
        ("Jenkinsfile", "jenkinsfile", "image 'web@sha256:1'", False),
    ],
)
def test_a_comment_is_offered_only_where_nothing_runs_it(file: str, format_: str, excerpt: str, expected: bool) -> None:
    place = replace(ENTRIES[0].places[0], file=file, format=format_, excerpt=excerpt)
    assert can_be_beside(place) is expected


def test_a_file_of_a_merged_report_is_named_as_its_part_names_it() -> None:
    entry = replace(ENTRIES[0], places=(replace(ENTRIES[0].places[0], file="shop/web/compose.yml"),))
    assert 'path = "/web/compose.yml"' in table(entry, "shop")
