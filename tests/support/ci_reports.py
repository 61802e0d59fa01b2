"""Reports for the outputs that CI systems read: a small one for golden files, one in which every name is hostile."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

from planner.model.finding import Finding
from planner.model.report import Report
from planner.model.since import Change, Compared, Since, Status
from planner.model.source import Problem
from planner.model.suppression import Suppression
from planner.report import FORMATS, Options
from tests.support.report_example import FINDINGS, GROUPS, OCCURRENCES, PROBLEMS, REPORT

GOLDEN = Path(__file__).parents[1] / "unit" / "report" / "golden"
FOLDER = "infra"

EXTERNAL = Suppression("planner.toml", 12, "gone by spring", "ops", date(2027, 3, 31))
UNUSED = Problem("file", "planner.toml", "suppression-unused", "the suppression (why) is unused", 20, 1)

# What could not be checked (with a hostile name), what is at risk and then breaks, what pulls, and what is accepted.
_FEW = (OCCURRENCES[1], OCCURRENCES[2], OCCURRENCES[7], OCCURRENCES[8])
_CAUSES = ("not-checked", "schema1-deprecated", "schema1-removed", "manifest-missing")
SMALL = replace(
    REPORT,
    occurrences=_FEW,
    findings=tuple(f for f in FINDINGS if f.occurrence in _FEW[:3]),
    suppressed=tuple(replace(f, suppression=EXTERNAL) for f in FINDINGS if f.occurrence == _FEW[3]),
    problems=(PROBLEMS[0], UNUSED),
    causes={id_: REPORT.causes[id_] for id_ in _CAUSES},
)


def compared(report: Report, *statuses: Status) -> Report:
    """The report against a baseline; what became of each finding in turn, `still-open` of those beyond."""
    found = [*zip(report.findings, statuses, strict=False)]
    found += [(f, Status.OPEN) for f in report.findings[len(statuses) :]]
    changes = tuple(
        Change(status, f.occurrence, f.verdict, f.outcome.cause, "", (f.moment,), f.hosts, findings=(f.id,))
        for f, status in found
    )
    old, new = (Compared(name, report.root, f"2026-0{n}-01T00:00:00Z", "0.1.0") for n, name in ((2, "old"), (3, "new")))
    return replace(report, since=Since(old, new, changes))


def _accepted() -> Report:
    """A reference that is accepted whole in its file, one in planner.toml, and one for the first of its hosts."""
    beside = Suppression(OCCURRENCES[2].file, OCCURRENCES[2].line, "moves away")
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    for f in FINDINGS:
        if f.occurrence == OCCURRENCES[2]:
            suppressed.append(replace(f, suppression=beside))
        elif f.occurrence == OCCURRENCES[5]:
            suppressed.append(replace(f, suppression=EXTERNAL))
        elif f.occurrence == OCCURRENCES[8]:
            suppressed.append(replace(f, hosts=f.hosts[:1], suppression=EXTERNAL))
            kept.append(replace(f, hosts=f.hosts[1:]))
        else:
            kept.append(f)
    return replace(REPORT, findings=tuple(kept), suppressed=tuple(suppressed), problems=(*PROBLEMS, UNUSED))


ACCEPTED = _accepted()

NASTY = (
    "<script>alert(1)</script>",
    "</summary></details><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "\u202egnp.exe\u2066\u200f",
    "\x1b]0;owned\x07\x1b[31m",
    "a\r\n::error file=x::injected\n##[error]injected",
    "::set-env name=PATH::/tmp",
    "x##[add-path]/tmp",
    "100%,a=b:c%0A%0D%25::warning::x",
    "]]><failure/>",
    "\x00\x01\x08\x0b\x0c\x0e\x1f\x7f\x85\ufffe\uffff\ud800",
    "[click](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example> www.evil.example",
    "@octocat @org/team #1 {0} {reference}",
    "`` ` ``` code",
    "| a | b |\n| - | - |\n# heading\n- [x] done",
    "=HYPERLINK(1)",
    "x" * 10_000,
)


def _tainted(number: int, text: str) -> Finding:
    """A finding with the text in every place that comes from outside."""
    found = FINDINGS[3]
    assert found.group
    name = text.replace("\ud800", "")  # files are read as UTF-8; what registries and engines say is not
    own = (name, f"{name}-2")
    occurrence = replace(found.occurrence, name=name, role=name, file=f"{name}/compose.yml", line=number + 1)
    outcome = replace(found.outcome, message=text, evidence=(text, text))
    return replace(
        found,
        occurrence=occurrence,
        outcome=outcome,
        group=replace(found.group, hosts=own),
        hosts=own,
        remedies=(f"Run `skopeo copy {text}` now.",),
    )


_TAINTED = tuple(_tainted(number, text) for number, text in enumerate(NASTY))
HOSTILE = replace(
    REPORT,
    root=NASTY[2],
    occurrences=tuple(f.occurrence for f in _TAINTED),
    findings=_TAINTED,
    problems=tuple(
        problem
        for text in NASTY
        for problem in (Problem("file", text, "yaml-syntax", text, 3, 1), Problem("host", text, "no-version", text))
    ),
    causes={
        id_: replace(cause, title=NASTY[12], explanation="".join(NASTY[:12]), remedies=(NASTY[13], NASTY[11]))
        for id_, cause in REPORT.causes.items()
    },
    runners={f.occurrence.id: {1: GROUPS[1].hosts} for f in _TAINTED},
)


_NASTY_TOLD = [Suppression(text, n, text, text) for n, text in enumerate(NASTY)]
HOSTILE_ACCEPTED = replace(
    HOSTILE,
    findings=(),
    suppressed=tuple(replace(f, suppression=told) for f, told in zip(_TAINTED, _NASTY_TOLD, strict=True)),
    since=Since(Compared("".join(NASTY[:16]), "", NASTY[11], ""), Compared("new", "", "", ""), (), NASTY),
)


def rendered(name: str, report: Report = SMALL) -> str:
    return FORMATS[name].render(report, Options(base=FOLDER))


def golden(file: str, made: str) -> str:
    """The text of a golden file; PLANNER_ACCEPT=1 makes it what was `made`."""
    path = GOLDEN / file
    if os.environ.get("PLANNER_ACCEPT"):
        path.write_text(made, "utf-8", newline="")
    return path.read_bytes().decode()


def unprintable(text: str) -> set[str]:
    """What does not print, other than ends of lines."""
    return {c for c in text if not c.isprintable()} - {"\n"}
