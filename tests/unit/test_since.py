"""Two reports compared: what makes a finding the same, and that nothing is fixed because nobody looked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from planner.errors import UsageError
from planner.merge import Named
from planner.merge.read import read_report
from planner.model.finding import Finding, Verdict
from planner.model.report import NOT_ASKED, Report
from planner.model.since import Change, Since, Status
from planner.model.source import Problem
from planner.model.suppression import Rule, Suppression
from planner.outcome import diff_code, exit_code
from planner.report import FORMATS, Options
from planner.resolve.opening import Opening
from planner.scan import Request, scan
from planner.since import compare
from planner.suppress import suppress
from tests.support.command import write_compose
from tests.support.knowledge import KNOWLEDGE
from tests.unit.cli.recorded import ARM, NAME, RECORDED, SCHEMA2, write_recorded

TODAY = datetime(2026, 6, 30, tzinfo=UTC)
OLD = '[[hosts]]\nname = "old"\nengine = "docker 1.9.1"\n'
MORE = '[[hosts]]\nname = "more"\nengine = "docker 1.8.2"\n'
UPGRADED = f'{OLD}target = "docker 20.10.24"\n'
FINE = '[[hosts]]\nname = "old"\nengine = "docker 20.10.24"\n'
NEWEST = '[[hosts]]\nname = "old"\nengine = "docker 99.0.0"\n'
Scanned = Callable[..., Report]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """A function that scans a compose file with the image that an old engine does not pull, `times` times."""

    @cache
    def scanned(hosts: str = OLD, times: int = 1, arm: bool = False, silent: bool = False) -> Report:
        image = ARM if arm else SCHEMA2
        folder = write_compose(tmp_path_factory.mktemp("infra"), *[f"{NAME}@{image.digest}"] * times)
        (folder / "planner.toml").write_text(hosts)
        write_recorded(folder / RECORDED, [] if silent else [image])
        return scan(Request(folder, how=Opening(folder / RECORDED, cache=False)), TODAY)

    return scanned


def since(old: Report, new: Report) -> Since:
    return compare(Named("old.json", old), Named("new.json", new))


def told(found: Since) -> list[tuple[str, str]]:
    return [(change.status.value, " ".join(change.moments)) for change in found.changes]


def test_a_report_and_itself(scanned: Scanned) -> None:
    found = since(scanned(), scanned())
    assert (told(found), found.warnings) == ([("still-open", "now after")], ())
    assert since(scanned(FINE), scanned(FINE)).changes == ()


def test_moved_lines_and_reading_back_change_nothing(scanned: Scanned) -> None:
    new = scanned()
    place = replace(new.occurrences[0], line=99, column=7)
    moved = replace(new, occurrences=(place,), findings=tuple(replace(f, occurrence=place) for f in new.findings))
    read = read_report(FORMATS["json"].render(scanned(), Options()).encode())
    (change,) = since(read, moved).changes
    assert (change.status, change.occurrence.line, change.was) == (Status.OPEN, 99, ())


def test_hosts_that_came_do_not_make_it_new(scanned: Scanned) -> None:
    (change,) = since(scanned(OLD), scanned(OLD + MORE)).changes
    assert (change.status, change.hosts, change.more_hosts) == (Status.OPEN, ("old", "more"), ("more",))
    (change,) = since(scanned(OLD + MORE), scanned(OLD)).changes
    assert (change.status, change.more_hosts) == (Status.OPEN, ())


def test_new_and_gone_references(scanned: Scanned) -> None:
    assert told(since(scanned(), scanned(times=2))) == [("new", "now after"), ("still-open", "now after")]
    still, gone = since(scanned(times=2), scanned()).changes
    assert (still.status, gone.status, gone.gone) == (Status.OPEN, Status.FIXED, "reference")


def test_another_verdict_is_another_finding(scanned: Scanned) -> None:
    def worse(f: Finding, verdict: Verdict) -> Finding:
        return replace(f, outcome=replace(f.outcome, verdict=verdict))

    breaks = scanned()
    risky = replace(breaks, findings=tuple(worse(f, Verdict.AT_RISK) for f in breaks.findings))
    new, fixed = since(risky, breaks).changes
    assert (new.status, new.was) == (Status.NEW, ((Verdict.AT_RISK, "schema2-manifest"),))
    assert (fixed.status, fixed.verdict, fixed.gone) == (Status.FIXED, Verdict.AT_RISK, "")


def test_each_moment_is_compared_for_itself(scanned: Scanned) -> None:
    assert told(since(scanned(OLD), scanned(UPGRADED))) == [("still-open", "now"), ("fixed", "after")]
    assert told(since(scanned(UPGRADED), scanned(OLD))) == [("new", "after"), ("still-open", "now")]
    assert told(since(scanned(OLD), scanned(FINE))) == [("fixed", "now after")]
    still = OLD + 'target = "docker 1.9.0"\n'  # declared since, and it changes nothing
    assert told(since(scanned(OLD), scanned(still))) == [("still-open", "now after")]


@pytest.mark.parametrize("now", ["silent", "engine"])
def test_what_was_not_checked_is_not_fixed(scanned: Scanned, now: str) -> None:
    new = scanned(silent=True) if now == "silent" else scanned(NEWEST)
    (change,) = since(scanned(), new).changes
    assert (change.status, change.verdict) == (Status.UNKNOWN, Verdict.UNKNOWN)
    assert change.was == ((Verdict.BREAKS, "schema2-manifest"),)
    (again,) = since(new, new).changes
    assert again.status is Status.OPEN
    (known,) = [c for c in since(new, scanned()).changes if c.status is Status.NEW]
    assert known.was[0][0] is Verdict.UNKNOWN


def test_what_breaks_beside_what_was_unknown_before_is_not_fixed_either(scanned: Scanned) -> None:
    """Two hosts; one was unknown already, and now the other one is as well, for the same cause."""
    newest = NEWEST.replace('"old"', '"newest"')
    both = scanned(newest + NEWEST)
    found = since(scanned(newest + OLD), both)
    lost = [change for change in found.changes if change.status is Status.UNKNOWN]
    assert [(c.hosts, c.was[0][0]) for c in lost] == [(("old",), Verdict.BREAKS)]
    assert not found.of(Status.FIXED)


@pytest.mark.parametrize(
    "problem",
    [
        Problem("file", "compose.yml", "unparsable", "bad"),
        Problem("file", ".", "unreadable", "no permission"),
        Problem("host", "old", "engine-unread", "what it runs is not understood"),
    ],
    ids=["file", "folder", "host"],
)
def test_what_could_not_be_read_is_not_fixed(scanned: Scanned, problem: Problem) -> None:
    empty = replace(scanned(FINE), occurrences=(), findings=(), problems=(problem,), runners={})
    (change,) = since(scanned(), empty).changes
    assert (change.status, change.verdict, change.gone) == (Status.UNKNOWN, Verdict.UNKNOWN, "")
    other = replace(empty, problems=(Problem("file", "compose.yml.d/x.yml", "unparsable", "bad"),))
    (change,) = since(scanned(), other).changes
    assert (change.status, change.gone) == (Status.FIXED, "reference")


def test_what_only_hosts_met_that_are_gone(scanned: Scanned) -> None:
    fine = FINE.replace('"old"', '"fine"')
    (change,) = since(scanned(OLD + fine), scanned(fine)).changes
    assert (change.status, change.gone) == (Status.FIXED, "hosts")


def test_suppressed_since_and_a_suppression_that_ended(scanned: Scanned) -> None:
    rule = Rule(Suppression("planner.toml", 1, "why", expires=date(2026, 12, 31)))
    known = KNOWLEDGE.causes
    accepted = suppress(scanned(), [rule], [], known=known, today=date(2026, 6, 30))
    assert told(since(scanned(), accepted)) == [("suppressed", "now after")]
    assert since(accepted, accepted).changes == ()
    ended = suppress(scanned(), [rule], [], known=known, today=date(2027, 6, 30))
    assert told(since(accepted, ended)) == [("new", "now after")]


def test_the_exit_code_is_that_of_what_is_new(scanned: Scanned) -> None:
    def codes(old: Report, new: Report, fail_on: str = "breaks") -> tuple[int, int, int]:
        report = replace(new, since=since(old, new))
        return (
            exit_code(report, fail_on),
            exit_code(report, fail_on, only_new=True),
            diff_code(report, fail_on, only_new=True),
        )

    silent = scanned(silent=True)
    assert codes(scanned(), scanned()) == (1, 0, 0)
    assert codes(scanned(FINE), scanned()) == (1, 1, 1)
    assert codes(scanned(), scanned(FINE)) == (0, 0, 0)
    assert codes(scanned(), silent) == (3, 3, 3)
    assert codes(scanned(), silent, "unknown") == (1, 1, 1)
    assert codes(silent, silent, "unknown") == (1, 3, 0)  # nothing new, but a scan that could not check says so
    assert codes(scanned(FINE), scanned(), "never") == (0, 0, 0)
    assert diff_code(replace(silent, since=since(scanned(), silent)), "unknown", only_new=False) == 0


def test_reasons_to_doubt(scanned: Scanned) -> None:
    one, made = scanned(), scanned().provenance
    place = replace(one.occurrences[0], file="elsewhere/compose.yml")
    other = replace(one, occurrences=(place,), findings=tuple(replace(f, occurrence=place) for f in one.findings))
    found = since(other, one)
    assert "another tree" in found.warnings[0]
    assert [change.status for change in found.changes] == [Status.NEW, Status.FIXED]
    later = replace(one, provenance=replace(made, started="2026-07-01T00:00:00+00:00"))
    assert "old.json is newer than new.json" in since(later, one).warnings[0]
    assert since(one, later).warnings == ()
    without = replace(one, hosts=(), groups=(), findings=(), runners={})
    assert "declares no host" in since(one, without).warnings[0]
    empty = replace(one, occurrences=(), findings=(), runners={})
    assert "no image reference at all" in since(one, empty).warnings[0]
    assert "two versions" in since(replace(one, provenance=replace(made, version="0.0.1")), one).warnings[0]
    assert "knowledge" in since(replace(one, provenance=replace(made, knowledge=("less",))), one).warnings[0]


def test_a_list_has_nothing_to_compare(scanned: Scanned) -> None:
    listed = replace(scanned(), findings=(), provenance=replace(scanned().provenance, resolver=NOT_ASKED))
    for old, new, name in ((listed, scanned(), "old.json"), (scanned(), listed, "new.json")):
        with pytest.raises(UsageError, match=f"{name} only lists references"):
            since(old, new)


def test_the_most_urgent_comes_first(scanned: Scanned) -> None:
    order = [status.value for status in Status]
    found: list[Change] = list(since(scanned(times=2), scanned(silent=True)).changes)
    assert len({c.status for c in found}) == 2
    assert [c.status.value for c in found] == sorted((c.status.value for c in found), key=order.index)
