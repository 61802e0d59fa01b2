"""Markdown: the report as one comment on a pull request, folded by cause.

GitHub takes comments of 65,536 characters ("Body is too long (maximum is 65536 characters)", telia-oss/
github-pr-resource#259); some of its fields count bytes, so here it is bytes. GitLab takes more.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from planner.model.finding import Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from planner.model.source import Problem
from planner.report import words
from planner.report.ci.alerts import (
    Alert,
    acceptance,
    alerts,
    cause_title,
    details,
    headline,
    problem_text,
    problem_title,
    what,
)
from planner.report.ci.marks import code, prose, text
from planner.report.escape import cut, visible
from planner.report.format import Format, Options, register
from planner.report.order import by_problem
from planner.report.since.baseline import State, states
from planner.report.since.words import sentence
from planner.report.words import plural

MAX_BYTES = 65_536
_MAX_EXPLANATION = 1_000
_MAX_FOOT = 300
# For the line that says how much is left out of a section, and for that of the whole.
_LEFT_OUT = 200


@dataclass(frozen=True, slots=True)
class _Section:
    """What is folded together: `summary` is HTML, `intro` and `entries` are Markdown."""

    summary: str
    intro: str
    entries: Sequence[str]
    one: str
    many: str = ""

    def lines(self, kept: int) -> list[str]:
        """The section with the first `kept` of its entries, and how many are not."""
        left = len(self.entries) - kept
        more = [f"- … and {plural(left, self.one, self.many)} more, see the other outputs"] if left else []
        intro = [self.intro, ""] if self.intro else []
        frame = [f"<details><summary>{self.summary}</summary>", "", *intro]
        return [*frame, *self.entries[:kept], *more, "", "</details>", ""]


def render(report: Report, options: Options) -> str:
    """The counts, then a folded section for each verdict and cause, the worst first, then what could not be read.

    The last ones are what is suppressed and what can be tidied up.
    Where all is too long, each section says what it leaves out.
    """
    head = [*_head(report), ""]
    foot = [f"<sub>{_html(cut(visible(_made_by(report)), _MAX_FOOT))}</sub>"]
    room = MAX_BYTES - _size([*head, *foot]) - _LEFT_OUT
    sections = [*_causes(report, options), *_problems(report), *_suppressed(report, options), *_advice(report)]
    shown = _framed(sections, room)
    room -= sum(_size(section.lines(0)) for section in shown)
    kept = _shares(shown, room)
    lines = [*head, *(line for n, section in enumerate(shown) for line in section.lines(kept[n]))]
    if left := sum(len(section.entries) for section in sections[len(shown) :]):
        lines += [f"… and {plural(left, 'entry', 'entries')} of other causes, see the other outputs", ""]
    return "\n".join((*lines, *foot)) + "\n"


def _size(lines: Sequence[str]) -> int:
    """In bytes, with the ends of the lines."""
    return sum(len(line.encode()) + 1 for line in lines)


def _framed(sections: list[_Section], room: int) -> list[_Section]:
    """The first sections, as many as fit with none of their entries."""
    kept: list[_Section] = []
    for section in sections:
        room -= _size(section.lines(0))
        if room < 0:
            break
        kept.append(section)
    return kept


def _shares(sections: list[_Section], room: int) -> dict[int, int]:
    """How many entries of each section fit: the smallest get what they need, the others the same share of the rest."""
    kept: dict[int, int] = {}
    ordered = sorted(range(len(sections)), key=lambda n: _size(sections[n].entries))
    for n in ordered:
        entries = sections[n].entries
        kept[n] = _fitting(entries, room // (len(sections) - len(kept)))
        room -= _size(entries[: kept[n]])
    return kept


def _fitting(entries: Sequence[str], room: int) -> int:
    for n, entry in enumerate(entries):
        room -= _size([entry])
        if room < 0:
            return n
    return len(entries)


def _head(report: Report) -> Iterator[str]:
    yield from ("## planner: image pulls", "", text(words.summary_line(report)), "")
    counts = {m: report.counts(m) for m in (Moment if words.upgrades(report) else (Moment.NOW,))}
    yield "| | " + " | ".join(words.WHEN[moment] for moment in counts) + " |"
    yield "| --- |" + " ---: |" * len(counts)
    for verdict in sorted(Verdict, key=lambda v: -v.severity):
        if verdict is not Verdict.PULLS or report.hosts:
            cells = " | ".join(f"{counts[moment][verdict]:,}" for moment in counts)
            yield f"| {words.SYMBOLS[verdict]} {words.WORDS[verdict]} | {cells} |"
    if unrun := words.unrun(report):
        yield from ("", f"{plural(len(unrun), 'reference')} run by no declared host: not checked.")
    if count := len(report.suppressed):
        told = plural(count, "finding is", "findings are")
        yield from ("", f"{told} suppressed, and counted in none of these numbers.")
    if report.since:
        yield from ("", f"{text(sentence(report.since))}.")
        for warning in report.since.warnings:
            yield from ("", text(cut(visible(warning), _MAX_EXPLANATION)))


def _causes(report: Report, options: Options) -> Iterator[_Section]:
    grouped: dict[tuple[Verdict, str], list[Alert]] = defaultdict(list)
    state = states(report)
    for alert in alerts(report.findings, report.suppressed):
        grouped[alert.verdict, alert.cause].append(alert)
    for (verdict, cause), found in grouped.items():
        known = report.causes.get(cause)
        title = f"{words.WORDS[verdict]}: {cause_title(report, found[0])}"
        counted = plural(len(found), "reference")
        yield _Section(
            f"{words.SYMBOLS[verdict]} <b>{_html(title)}</b> ({counted})",
            text(cut(visible(known.explanation), _MAX_EXPLANATION)) if known else "",
            [_entry(report, options, alert, state(alert)) for alert in found],
            "reference",
        )


def _entry(report: Report, options: Options, alert: Alert, state: State | None) -> str:
    mark = "**new** " if state is State.NEW else ""
    lines = [f"- {mark}{_place(report, options, alert)}"]
    # Advice and reasons are sentences with commands in them; names and the words of engines are neither.
    spoken = {"do": prose, "why": prose, "suppressed": text}
    lines += [f"  - {text(label)}: {spoken.get(label, code)(line)}" for label, line in details(alert)]
    return "\n".join(lines)


def _place(report: Report, options: Options, alert: Alert) -> str:
    occurrence = alert.occurrence
    place = f"{options.path(occurrence.file)}:{occurrence.line}:{occurrence.column}"
    return f"{code(place)} {code(what(report, occurrence))}"


def _problems(report: Report) -> Iterator[_Section]:
    if entries := _told(report.gaps):
        yield _Section(
            f"? <b>Problems: what could not be read or checked</b> ({len(entries):,})", "", entries, "problem"
        )


def _suppressed(report: Report, options: Options) -> Iterator[_Section]:
    if report.suppressed:
        entries = [_accepted(report, options, alert) for alert in alerts(report.suppressed)]
        count = plural(len(report.suppressed), "finding")
        yield _Section(f"⊘ <b>Suppressed: what somebody accepts</b> ({count})", "", entries, "reference")


def _accepted(report: Report, options: Options, alert: Alert) -> str:
    lines = (f"  - {text(headline(report, alert))}", f"  - {text(acceptance(alert))}")
    return "\n".join((f"- {_place(report, options, alert)}", *lines))


def _advice(report: Report) -> Iterator[_Section]:
    if entries := _told(report.advice):
        yield _Section(f"⊘ <b>To tidy up</b> ({len(entries):,})", "", entries, "unused suppression")


def _told(problems: Sequence[Problem]) -> list[str]:
    ordered = sorted(problems, key=by_problem)
    return [f"- {code(problem_title(problem))}: {prose(problem_text(problem))}" for problem in ordered]


def _made_by(report: Report) -> str:
    made = report.provenance
    read = plural(made.files_seen, "file")
    asked = f"planner {made.version}, {cut(report.root, 80)}, {read} read, asked by {made.resolver}"
    if not (days := words.cached(report)):
        return asked
    count = len(report.resolutions)
    kept = f"{len(days):,} of {plural(count, 'answer')} {'is' if len(days) == 1 else 'are'} from the cache"
    return f"{asked}; {kept}, the oldest of {min(days)}: --no-cache asks anew"


def _html(words_: str) -> str:
    """Text in HTML; in code where it would call somebody."""
    shown = escape(words_)
    return f"<code>{shown}</code>" if "@" in shown else shown


register(Format("markdown", "Markdown, for a comment on a pull request", (".md",), render))
