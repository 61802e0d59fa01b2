"""HTML: one self-contained page that asks nothing of the network and is complete without JavaScript."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.host import LINUX_AMD64
from planner.model.moment import Moment
from planner.model.report import Report
from planner.model.since import Status
from planner.report import words
from planner.report.breaking import breaking
from planner.report.fate import Fate
from planner.report.format import Format, Options, register
from planner.report.order import by_finding, by_problem
from planner.report.page.advice import mended, steps
from planner.report.page.aggregate import Block, Entry, Line, answers, blocks
from planner.report.page.embedded import embedded
from planner.report.page.filters import Index
from planner.report.page.headline import headline
from planner.report.page.heat import heat_map
from planner.report.page.lanes import pictures
from planner.report.page.links import block_finder, block_id, entry_id, linker
from planner.report.page.snippet import can_be_beside, comment, table
from planner.report.page.stored import facts
from planner.report.page.templates import breakable, commands, marked, own_files, prose, template
from planner.report.page.windows import window_classes
from planner.report.since.words import TITLES, change_words, sentence
from planner.report.suppressed import accepted

# What the page is drawn with, in this order; the plan's page is drawn alike.
STYLES = ("base", "answer", "map", "findings", "rest", "windows", "narrow", "print")
SCRIPTS = ("filters", "map", "copy", "download", "theme", "links")
# Beyond these the page says how many it leaves out, and that the JSON and CSV reports have them all.
CAPS = {
    "rows": 100,
    "columns": 24,
    "entries": 40,
    "lines": 8,
    "places": 8,
    "problems": 200,
    "windows": 40,
    "lanes": 12,
    "images": 12,
    "first": 5,
    "whose": 3,
    "origins": 12,
    "reports": 40,
}


def render(report: Report, options: Options) -> str:
    """The report as one HTML page; every text in it is escaped, and everything that does not print is spelled out.

    The JSON and the CSV are in it as well, for those who want what the page leaves out.
    """
    style, script = own_files("style", STYLES), own_files("script", SCRIPTS)
    whole = embedded(report, options)
    broken = breaking(report)
    answer = headline(report, broken)
    refused, advice = sorted(report.refused, key=by_problem), sorted(report.advice, key=by_problem)
    problems = sorted((problem for problem in report.gaps if not problem.is_fatal), key=by_problem)
    report = replace(report, findings=tuple(sorted(report.findings, key=by_finding)), problems=tuple(problems))
    found, idle = blocks(report), words.idle(report)
    heat = heat_map(report, CAPS["rows"], CAPS["columns"], upgrades=words.upgrades(report))
    classes = window_classes(report)
    counts = {moment: report.counts(moment) for moment in Moment}
    shown = _shown(found)
    return template("report.html.jinja", _globals()).render(
        report=report,
        style=style,
        script=script,
        # Only our own script may run: the hash would not match one that slipped in with a name.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        embedded=whole,
        headline=answer,
        breaking=broken,
        upgrades=words.upgrades(report),
        counts=counts,
        unchecked=len(words.unchecked(report)),
        cached=words.cached(report),
        idle=[o for o in report.occurrences if o.id in idle],
        blocks=[block for block in found if block.verdict is not Verdict.UNKNOWN],
        unknown=[block for block in found if block.verdict is Verdict.UNKNOWN],
        steps=steps(found),
        mended=mended(found),
        heat=heat,
        windows=pictures(report, classes[: CAPS["windows"]], heat.rows, CAPS["lanes"]),
        window_count=len(classes),
        index=Index(report, found),
        origins=words.origins(report),
        accepted=accepted(report),
        advice=advice,
        refused=refused,
        is_new=_news(report),
        part_of=_part_finder(report),
        shown=shown,
        link=linker(found, shown),
        block_of=block_finder(found),
    )


def _shown(found: list[Block]) -> frozenset[str]:
    """The ids of the findings that the page has."""
    return frozenset(
        finding.id
        for block in found
        for entry in block.entries[: CAPS["entries"]]
        for line in entry.lines[: CAPS["lines"]]
        for finding in anchored(entry, line)
    )


def anchored(entry: Entry, line: Line) -> list[Finding]:
    """The findings of a line that have an anchor: those of the places that are shown."""
    places = {place.id for place in entry.places[: CAPS["places"]]}
    return [finding for finding in line.findings if finding.occurrence.id in places]


def _part_finder(report: Report) -> Callable[[Entry], str]:
    """A function that names the part of a merged report that an entry is from; empty if files have no such prefix."""
    names = {part.name for part in report.provenance.reports}
    is_prefixed = bool(names) and all(place.file.partition("/")[0] in names for place in report.occurrences)

    def part(entry: Entry) -> str:
        found = {place.file.partition("/")[0] for place in entry.places} if is_prefixed else set()
        return found.pop() if len(found) == 1 else ""

    return part


def _news(report: Report) -> Callable[[Line], bool]:
    """A function that tells whether a line is new since the earlier report, at one of its places at least."""
    fresh = {finding for change in report.since.fresh for finding in change.findings} if report.since else set()
    return lambda line: any(finding.id in fresh for finding in line.findings)


def _hosts(names: tuple[str, ...], limit: int = 4) -> str:
    return words.few(words.host_ranges(names), limit)


def _about(group: HostGroup) -> str:
    """What else tells a group of hosts apart."""
    stores = (
        f"{group.store} → {group.target_store}" if group.target and group.store != group.target_store else group.store
    )
    parts = [stores and f"{stores} store", group.client, str(group.platform), *sorted(group.switches)]
    parts += [f"asks where {file} says" for file in (group.route.files if group.route else ())]
    return ", ".join(part for part in parts if part)


def _globals() -> dict[str, Any]:
    return {
        "Verdict": Verdict,
        "Moment": Moment,
        "usual": LINUX_AMD64,
        "caps": CAPS,
        "symbols": words.SYMBOLS,
        "verdict_words": words.WORDS,
        "plural": words.plural,
        "short_digest": words.short_digest,
        "media_title": words.media_title,
        "hosts": _hosts,
        "about": _about,
        "Fate": Fate,
        "commands": commands,
        "Status": Status,
        "since_line": sentence,
        "since_titles": TITLES,
        "change_words": change_words,
        "breakable": breakable,
        "change": words.change,
        "few": words.few,
        "pulling": words.PULLING,
        "block_id": block_id,
        "entry_id": entry_id,
        "answers": answers,
        "anchored": anchored,
        "facts": facts,
        "prose": prose,
        "marked": marked,
        "comment": comment,
        "accept": table,
        "can_be_beside": can_be_beside,
    }


register(Format("html", "HTML page, for people", (".html", ".htm"), render))
