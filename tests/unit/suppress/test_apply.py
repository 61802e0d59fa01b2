"""What suppressions do to a report: what still counts, what is said of them, and the exit code."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from planner.errors import UsageError
from planner.merge import Named, merge
from planner.merge.read import read_report
from planner.model.finding import Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from planner.model.source import Problem
from planner.model.suppression import Rule, Suppression
from planner.outcome import exit_code
from planner.report import FORMATS, Options
from planner.report.breaking import breaking
from planner.report.order import pulls
from planner.report.page.headline import headline
from planner.report.page.heat import rows
from planner.report.words import idle, summary_line, unchecked
from planner.resolve.opening import Opening
from planner.scan import Request, scan
from planner.suppress import refuse_unknown_causes, suppress
from tests.support.knowledge import KNOWLEDGE
from tests.unit.cli.recorded import BREAKS, PULLS, RECORDED, write_inventory

CAUSE = "schema2-manifest"
TODAY = date(2026, 6, 30)
HOSTS = '[[hosts]]\nname = "h[0:2]"\nengine = "docker 1.9.1"\nruns = ["h0/**"]\n'
KNOWN = KNOWLEDGE.causes


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Report]:
    """A function that scans once, `silent` with a registry that is gone: an image that breaks, and one that pulls.

    `hosts` are declared in place of one for each of the two.
    """

    @cache
    def scanned(hosts: str = "", silent: bool = False) -> Report:
        folder = write_inventory(tmp_path_factory.mktemp("infra"), BREAKS, PULLS)
        if hosts:
            (folder / "planner.toml").write_text(hosts)
        (folder / "silent.jsonl").touch()
        how = Opening(folder / ("silent.jsonl" if silent else RECORDED), cache=False)
        return scan(Request(folder, how=how), datetime(2026, 6, 30, tzinfo=UTC))

    return scanned


def rule(*causes: str, image: str = "", path: str = "", host: str = "", expires: date | None = None) -> Rule:
    return Rule(Suppression("planner.toml", 7, "why", expires=expires), causes or (CAUSE,), image, path, host)


def applied(report: Report, *rules: Rule, today: date = TODAY, must_expire: bool = False) -> Report:
    beside = [each for each in rules if each.inline]
    declared = [each for each in rules if not each.inline]
    return suppress(report, declared, beside, known=KNOWN, today=today, must_expire=must_expire)


def kinds(report: Report) -> list[str]:
    return [each.kind for each in report.problems if each.kind.startswith("suppression")]


Scanned = Callable[..., Report]


def test_what_is_accepted_counts_nowhere_and_is_no_pull(scanned: Scanned) -> None:
    report = applied(scanned(), rule())
    assert [f.hosts for f in report.suppressed] == [("h0",)]
    assert (report.findings, report.problems, exit_code(report, "unknown")) == ((), (), 0)
    assert report.counts(Moment.NOW) == {Verdict.PULLS: 1}
    assert {name for f in pulls(report) for name in f.hosts} == {"h1"}
    assert (unchecked(report), idle(report)) == (set(), set())
    assert "0 break today; 1 suppressed" in summary_line(report)
    cells = {n: cell.now for row in rows(report) for n, cell in row.cells.items()}
    assert sorted(cells.values()) == [Verdict.BREAKS, Verdict.PULLS]
    assert (
        headline(report, breaking(report)) == "Every image that a declared host runs pulls, but for what is suppressed"
    )


@pytest.mark.parametrize(
    ("words", "is_accepted"),
    [
        ({"image": "registry.example/*"}, True),
        ({"image": "registry.example/app"}, True),
        ({"image": "*@sha256:*"}, True),
        ({"image": "app"}, False),
        ({"path": "h0/"}, True),
        ({"path": "compose.yml"}, True),
        ({"path": "/compose.yml"}, False),
        ({"host": "h?"}, True),
        ({"host": "H0"}, False),
        ({"host": "h1"}, False),
        ({"path": "h0/**", "host": "*", "image": "*"}, True),
        ({"path": "h1/**", "image": "*"}, False),
    ],
)
def test_which_findings_a_rule_is_for(scanned: Scanned, words: dict[str, str], is_accepted: bool) -> None:
    report = applied(
        scanned(), rule("*", image=words.get("image", ""), path=words.get("path", ""), host=words.get("host", ""))
    )
    assert (len(report.suppressed), len(report.findings)) == ((1, 0) if is_accepted else (0, 1))
    assert kinds(report) == ([] if is_accepted else ["suppression-unused"])


@pytest.mark.parametrize(("day", "is_over"), [(30, False), (31, False), (32, True)])
def test_it_holds_through_its_last_day(scanned: Scanned, day: int, is_over: bool) -> None:
    today = date(2026, 12, 1) + timedelta(days=day - 1)
    report = applied(scanned(), rule(expires=date(2026, 12, 31)), today=today)
    assert bool(report.suppressed) is not is_over
    assert kinds(report) == (["suppression-expired"] if is_over else [])
    assert exit_code(report, "breaks") == (1 if is_over else 0)
    assert exit_code(report, "never") == (3 if is_over else 0)


@pytest.mark.parametrize("inline", [True, False])
def test_the_policy_wants_a_date(scanned: Scanned, inline: bool) -> None:
    found = scanned()
    place = found.findings[0].occurrence
    for expires, count in ((None, 0), (TODAY, 1)):
        told = Suppression(place.file, place.line, "why", expires=expires)
        report = applied(found, Rule(told, (CAUSE,), inline=inline), must_expire=True)
        assert (len(report.suppressed), kinds(report)) == (count, [] if count else ["suppression-undated"])
        assert applied(found, Rule(told, (CAUSE,), inline=inline)).suppressed


def test_an_unused_one_is_told_and_makes_no_run_incomplete(scanned: Scanned) -> None:
    report = applied(replace(scanned(), findings=()), rule("oci-index"))
    assert kinds(report) == ["suppression-unused"]
    assert exit_code(report, "unknown") == 0
    assert "1 unused suppression" in summary_line(report)
    assert "problem" not in summary_line(report)
    empty = replace(report, occurrences=())
    assert exit_code(empty, "breaks") == 4


def test_of_what_could_not_be_checked_nobody_knows_whether_it_is_used(scanned: Scanned) -> None:
    silent = scanned(silent=True)
    assert kinds(applied(silent, rule("oci-index"))) == []
    assert kinds(applied(silent, rule("oci-index", path="h9/**"))) == ["suppression-unused"]
    unread = replace(scanned(), problems=(Problem("file", "h9/bad.yml", "unparsable", "bad"),))
    assert kinds(applied(unread, rule("oci-index", path="h9/**"))) == []
    assert kinds(applied(unread, rule("oci-index", path="h0/**"))) == ["suppression-unused"]
    beside = Rule(Suppression("h9/bad.yml", 3, "why"), (CAUSE,), inline=True)
    assert kinds(applied(unread, beside)) == []


def test_what_was_not_checked_can_be_accepted_but_the_run_stays_incomplete(scanned: Scanned) -> None:
    report = applied(scanned(silent=True), rule("not-checked"))
    assert (report.findings, len(report.suppressed)) == ((), 2)
    assert exit_code(report, "breaks") == 3  # that the registry does not answer is a problem of its own


def test_a_rule_for_some_hosts_leaves_the_others(scanned: Scanned) -> None:
    found = scanned(hosts=HOSTS)
    report = applied(found, rule("*", host="h0"), rule(host="h[02]"), rule("*", host="h0"))
    assert [f.hosts for f in report.suppressed] == [("h0",), ("h2",)]
    assert [f.hosts for f in report.findings] == [("h1",)]
    assert report.counts(Moment.NOW) == {Verdict.BREAKS: 1}
    assert kinds(report) == []
    every = applied(found, rule("*", host="h*"), rule(path="h0/", host="h1", expires=date(2020, 1, 1)))
    assert (every.findings, kinds(every)) == ((), ["suppression-unused"])  # ended, and nothing counts for that


def test_what_speaks_for_all_hosts_is_accepted_for_all_of_them_or_not(scanned: Scanned) -> None:
    found = scanned(hosts=HOSTS)
    whatever = replace(found, findings=tuple(replace(f, group=None, hosts=()) for f in found.findings))
    assert not applied(whatever, rule(host="h[01]")).suppressed
    assert applied(whatever, rule(host="h*")).findings == ()
    nobody = replace(whatever, hosts=(), groups=(), runners={})
    assert not applied(nobody, rule(host="*")).suppressed
    assert applied(nobody, rule()).findings == ()


def test_a_cause_that_there_is_not(scanned: Scanned) -> None:
    place = scanned().findings[0].occurrence
    told = Suppression(place.file, place.line, "why")
    report = applied(scanned(), Rule(told, ("schema2-manifests", CAUSE), inline=True))
    assert (len(report.suppressed), kinds(report)) == (1, ["suppression-invalid"])
    assert report.problems[0].text.startswith("one cause of a suppression is left out: 'schema2-manifests' is no cause")
    assert "perhaps schema2-manifest is meant" in report.problems[0].text
    alone = applied(scanned(), Rule(told, ("nonsense",), inline=True))
    assert (len(alone.findings), kinds(alone)) == (1, ["suppression-invalid"])
    assert alone.problems[0].text.startswith("a suppression was not applied: 'nonsense' is no cause")
    with pytest.raises(UsageError, match=r"^planner.toml:7: ignore: 'oci-idnex' is no cause, perhaps oci-index"):
        refuse_unknown_causes([rule(CAUSE, "oci-idnex")], KNOWN)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_output_counts_them_and_says_who_accepts_them(scanned: Scanned, name: str) -> None:
    told = Suppression("planner.toml", 7, '<script>alert(1)</script> "\u202e\x1b[31m\n</script>', "=cmd()")
    report = applied(scanned(), Rule(told, (CAUSE,)), rule("oci-index"))
    text = FORMATS[name].render(report, Options())
    assert not {c for c in text if not c.isprintable()} - {"\n", "\r"}
    assert "planner.toml" in text
    # Those are escaped; GitLab has nothing that is there and accepted.
    assert ("<script>alert" in text) is (name not in ("html", "junit", "markdown", "gitlab"))
    if name in ("html", "terminal"):
        assert "Suppressed" in text
        assert "1 suppressed" in text or "1 finding is suppressed" in text
    if name == "csv":
        assert text.count("Suppressed by planner.toml:7: ") == 1
    if name in ("sarif", "junit", "markdown", "github"):
        assert "suppressed: breaks " in text.lower() or "suppressed: at risk" in text.lower()


def test_they_are_read_back_and_merged(scanned: Scanned) -> None:
    accepted = applied(scanned(), rule(expires=date(2026, 12, 31)))
    read = read_report(FORMATS["json"].render(accepted, Options()).encode())
    assert (read.suppressed, read.findings) == (accepted.suppressed, ())
    merged = merge([Named("a", read), Named("b", scanned(silent=True))])
    (finding,) = merged.suppressed
    assert finding.suppression
    assert (finding.occurrence.file, finding.suppression.file) == ("a/h0/compose.yml", "a/planner.toml")
    assert exit_code(merged, "never") == 3
    assert exit_code(merge([Named("a", read)]), "unknown") == 0
