"""Tickets made of hostile texts: each importer reads back what the plan says, and no cell is a formula."""

import csv
import io
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.knowledge.tickets import ticket_profiles
from planner.model.finding import Finding, Outcome, Verdict
from planner.model.host import Host
from planner.model.moment import Moment
from planner.model.plan import Blocked, Plan, Pull, Step
from planner.model.report import Report
from planner.model.ticket import Ticket
from planner.report import PLAN_FORMATS, Options
from planner.report.escape import visible
from planner.report.ticket.text import tickets
from planner.report.tickets import neutralised
from tests.support.plan_example import BLOCKED, BRIDGE, CONVERT, PLANNED, REPIN, SWITCH

# What spreadsheets take for the beginning of a formula: OWASP ASVS 1.2.10, CWE-1236.
FORMULA = re.compile("[\\s\0]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"[.,:/+ eE%-]*[0-9][0-9.,:/+ eE%-]*")
NASTY = st.sampled_from(
    [
        '=HYPERLINK("http://evil.example","ok")',
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "\t=1+1",
        "\r\n-2+3",
        "\uff1d1",
        "  +1",
        "\0=1",
        'a"b""c',
        "a;b,c|d\te",
        "two\nlines\n=cmd()\n/close",
        "\x1b[31mred\x1b]0;owned\x07",
        "\u202egnp.exe\u200b",
        "{noformat}!https://evil.example/x.png!{noformat}",
        "1.10",
        "2026-01-01",
        "/assign @root",
        "x" * 10_240,
    ]
)
texts = NASTY | st.text(max_size=40)
names = texts.filter(lambda text: "; " not in text)


@st.composite
def plans(draw: st.DrawFn) -> Report:
    """The example's plan with every text that comes from outside replaced."""
    hosts = tuple(draw(st.lists(names.filter(bool), min_size=1, max_size=4, unique=True)))

    def hostile(step: Step) -> Step:
        places = tuple(
            replace(o, file=draw(texts), role=draw(texts), name=draw(names), raw=draw(texts)) for o in step.occurrences
        )
        return replace(
            step,
            hosts=hosts,
            before=draw(texts),
            after=draw(texts),
            why=draw(texts),
            occurrences=places,
            commands=(draw(texts), draw(texts)),
            check=draw(texts),
            backout=draw(texts),
            no_backout=draw(texts),
            costs=(draw(texts),),
            unproven=(draw(texts),),
            pulls=(Pull(hosts, PLANNED.occurrences[0].reference, draw(texts), draw(texts)),),
        )

    steps = tuple(map(hostile, (CONVERT, BRIDGE, REPIN, SWITCH)))
    blocked = Blocked(hosts, BLOCKED.occurrences, draw(texts), draw(texts), draw(texts), (draw(texts),))
    outcome = Outcome(Verdict.BREAKS, draw(texts), draw(texts), (draw(texts),))
    group = replace(PLANNED.groups[0], hosts=hosts)
    return replace(
        PLANNED,
        hosts=tuple(Host(name, group.engine, group.target) for name in hosts),
        groups=(group,),
        findings=tuple(Finding(o, Moment.NOW, outcome, group, hosts) for step in steps for o in step.occurrences),
        runners={o.id: {0: hosts} for step in steps for o in step.occurrences},
        plan=Plan(feasible=False, steps=steps, blocked=(blocked,)),
    )


def read(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))


def unguarded(cell: str) -> str:
    return cell.removeprefix("'")


@pytest.mark.parametrize("profile", sorted(ticket_profiles()))
@given(report=plans(), separator=st.sampled_from(",;|\t"))
@settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
def test_hostile_texts(profile: str, report: Report, separator: str) -> None:
    columns = ticket_profiles()[profile].columns
    options = Options(profile=profile, delimiter=separator)
    text = PLAN_FORMATS["tickets"].render(report, options)
    header, *rows = read(text, separator)
    made = tickets(report)

    assert header == [column.header for column in columns]
    assert [len(row) for row in rows] == [len(columns)] * len(made)
    table = pd.read_csv(io.StringIO(text, newline=""), sep=separator, dtype=str, keep_default_na=False)
    assert table.values.tolist() == rows
    assert not {c for c in text if not c.isprintable()} - {"\n", "\r", separator}

    for row, ticket in zip(rows, made, strict=True):
        for column, cell in zip(columns, row, strict=True):
            assert len(cell) <= (column.limit or 32_767)
            # A program that takes another delimiter may begin a cell at each line.
            assert not [line for line in cell.split("\n") if FORMULA.match(line)]
            assert not [line for line in cell.split("\n") if line.startswith("/") and column.holds == "body"]
            _holds(ticket, column.holds, cell)
    if all(len(name) < 5000 for ticket in made for name in (*ticket.items, *ticket.hosts)):
        assert neutralised(report, options) == sum(
            _runs(profile, names) for ticket in made for column in columns for names in [_names(ticket, column.holds)]
        )


def _names(ticket: Ticket, held: str) -> tuple[str, ...]:
    """The names in a cell, each of which stands alone or between semicolons."""
    match held:
        case "items":
            return ticket.items
        case "item":
            return ticket.items if len(ticket.items) == 1 else ()
        case "hosts":
            return ticket.hosts
    return ()


def _runs(profile: str, names: tuple[str, ...]) -> bool:
    """Whether a spreadsheet would run one of the names or, where people open the file in one, take it for a number."""
    return any(FORMULA.match(name) or (profile == "generic" and NUMBER.fullmatch(name)) for name in names)


def _holds(ticket: Ticket, held: str, cell: str) -> None:
    """The cell has all of the part, but for the apostrophes and for what is said to be cut."""
    match held:
        case "title":
            assert cell == ticket.title or (cell.endswith("…") and ticket.title.startswith(cell[:-1]))
        case "items" | "hosts":
            told = cell.split("; ")
            given = getattr(ticket, held)
            assert list(map(unguarded, told)) == list(map(unguarded, given)) or told[-1].endswith(" more")
        case "description" | "implementation" | "backout" | "test" | "analysis" | "justification":
            lines = cell.split("\n") if cell else []
            cut = next((n for n, line in enumerate(lines) if line.endswith("…")), len(lines))
            assert lines[:cut] == list(getattr(ticket, held))[:cut]
            assert cut < len(lines) or len(lines) == len(getattr(ticket, held))


@given(report=plans())
@settings(max_examples=15, deadline=None, suppress_health_check=[*HealthCheck])
def test_every_text_of_the_plan_is_in_its_ticket(report: Report) -> None:
    assert report.plan
    told = "\n".join(line for ticket in tickets(report) for part in _parts(ticket) for line in part)
    for step in report.plan.steps:
        for text in (step.why, step.check, *step.costs, *step.unproven, step.pulls[0].unproven):
            assert visible(text) in told
        for text in (*step.commands, step.backout or step.no_backout):
            assert all(visible(line) in told for line in text.split("\n"))
        assert all(visible(host) in told for host in step.hosts)
    for finding in report.findings:
        assert visible(finding.outcome.message) in told


def _parts(ticket: Ticket) -> tuple[tuple[str, ...], ...]:
    return (
        ticket.description,
        ticket.justification,
        ticket.implementation,
        ticket.backout,
        ticket.test,
        ticket.hosts,
    )
