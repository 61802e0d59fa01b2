"""HTML: one self-contained page that asks nothing of the network and is complete without JavaScript."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from planner.model.finding import Finding, HostGroup, Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from planner.model.since import Status
from planner.report import words
from planner.report.advice import mended, steps
from planner.report.aggregate import Block, Entry, Line, blocks
from planner.report.fate import Fate
from planner.report.format import Format, Options, register
from planner.report.heat import heat_map
from planner.report.lanes import pictures
from planner.report.order import by_finding, by_problem
from planner.report.since_words import TITLES, change_words, sentence
from planner.report.suppressed import accepted
from planner.report.templates import breakable, commands, own_files, template
from planner.report.windows import window_classes

# What the page is drawn with, in this order; the plan's page is drawn alike.
STYLES = ("base", "answer", "map", "findings", "rest", "windows", "narrow", "print")
SCRIPTS = ("filters", "map")
# Beyond these the page says how many it leaves out, and that the JSON and CSV reports have them all.
CAPS = {
    "rows": 100,
    "columns": 24,
    "entries": 60,
    "lines": 12,
    "places": 12,
    "problems": 200,
    "windows": 40,
    "lanes": 12,
    "images": 12,
    "first": 5,
    "whose": 3,
    "origins": 12,
    "reports": 40,
}


def render(report: Report, _options: Options) -> str:
    """The report as one HTML page; every text in it is escaped, and everything that does not print is spelled out."""
    style, script = own_files("style", STYLES), own_files("script", SCRIPTS)
    findings, problems = sorted(report.findings, key=by_finding), sorted(report.gaps, key=by_problem)
    advice = sorted(report.advice, key=by_problem)
    report = replace(report, findings=tuple(findings), problems=tuple(problems))
    found = blocks(report)
    idle = words.idle(report)
    heat = heat_map(report, CAPS["rows"], CAPS["columns"], upgrades=words.upgrades(report))
    classes = window_classes(report)
    counts = {moment: report.counts(moment) for moment in Moment}
    return template("report.html.jinja", _globals()).render(
        report=report,
        style=style,
        script=script,
        # Only our own script may run: the hash would not match one that slipped in with a name.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        headline=headline(report, *(counts[moment][Verdict.BREAKS] for moment in Moment)),
        upgrades=words.upgrades(report),
        counts=counts,
        unchecked=len(words.unchecked(report)),
        cached=[r.fetched_at[:10] for r in report.resolutions.values() if r.source == "cache" and r.fetched_at],
        idle=[o for o in report.occurrences if o.id in idle],
        blocks=[block for block in found if block.verdict is not Verdict.UNKNOWN],
        unknown=[block for block in found if block.verdict is Verdict.UNKNOWN],
        steps=steps(found),
        mended=mended(found),
        heat=heat,
        windows=pictures(report, classes[: CAPS["windows"]], heat.rows, CAPS["lanes"]),
        window_count=len(classes),
        host_names=list(_numbers(report)),
        origins=words.origins(report),
        accepted=accepted(report),
        advice=advice,
        hosts_of=_host_numbers(report),
        link=_linker(found),
        block_of=_block_finder(found),
    )


def headline(report: Report, now: int, after: int) -> str:
    """The answer in one sentence, for so many references that break today and after the upgrade."""
    after = after if words.upgrades(report) else 0
    total = words.plural(len(report.occurrences), "reference")
    verb = "breaks" if now == 1 else "break"
    match now, after:
        case _ if not report.hosts and report.occurrences:
            what = f"{now:,} of {total} {verb} whatever the engine" if now else "No host is declared"
            return f"{what}: these are the versions that pull each image" if report.windows else what
        case 0, 0:
            return _nothing_breaks(report)
        case 0, _:
            return f"Nothing breaks today, {after:,} of {total} will after the upgrade"
        case _, 0:
            return f"{now:,} of {total} {verb} today" + (", none after the upgrade" if words.upgrades(report) else "")
        case _:
            return f"{now:,} of {total} {verb} today, {after:,} after the upgrade"


def _nothing_breaks(report: Report) -> str:
    """Good news, no better than what was looked at."""
    but = ", but for what is suppressed" if report.suppressed else ""
    if words.unchecked(report) or report.problems:
        return f"Nothing breaks{but}, as far as could be checked"
    if not report.occurrences:
        return "No image reference was found"
    if risky := len({f.occurrence.id for f in report.findings if f.verdict is Verdict.AT_RISK}):
        return f"Nothing breaks{but}, but {words.plural(risky, 'reference is', 'references are')} at risk"
    return f"Every image that a declared host runs pulls{but}"


def _numbers(report: Report) -> dict[str, int]:
    """Host names, numbered in the order of declaration."""
    return {name: n for n, name in enumerate(dict.fromkeys(host.name for host in report.hosts))}


def _host_numbers(report: Report) -> Callable[[Entry, Line], str]:
    """A function that writes the hosts of a line as ranges of numbers (`0-11 40`), for the filter by host."""
    numbers = _numbers(report)

    def hosts_of(entry: Entry, line: Line) -> str:
        running = [report.runners.get(place.id, {}).values() for place in entry.places] if not line.hosts else []
        names = line.hosts or tuple(name for groups in running for hosts in groups for name in hosts)
        return _ranges(sorted({numbers[name] for name in names if name in numbers}))

    return hosts_of


def _ranges(numbers: list[int]) -> str:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join(f"{low}-{high}" for low, high in runs)


def _block_id(block: Block) -> str:
    """The anchor of a cause: a word that no host, file or finding id can be mistaken for."""
    return f"cause-{block.verdict.value}-{hashlib.sha256(block.cause.id.encode()).hexdigest()[:8]}"


def _linker(found: list[Block]) -> Callable[[Finding], str]:
    """A function that names the anchor of a finding: its own, or its cause's where the finding itself is left out."""
    shown = {
        finding.id
        for block in found
        for entry in block.entries[: CAPS["entries"]]
        for line in entry.lines[: CAPS["lines"]]
        for finding in line.findings[: CAPS["places"] * 2]
    }
    causes = {(block.cause.id, block.verdict): _block_id(block) for block in found}

    def link(finding: Finding) -> str:
        if finding.suppression:
            return "suppressed"
        known = finding.id
        return known if known in shown else causes[finding.outcome.cause, finding.verdict]

    return link


def _block_finder(found: list[Block]) -> Callable[[Finding], Block]:
    """A function that names the block a finding is in."""
    known = {(block.cause.id, block.verdict): block for block in found}
    return lambda finding: known[finding.outcome.cause, finding.verdict]


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
        "caps": CAPS,
        "symbols": words.SYMBOLS,
        "verdict_words": words.WORDS,
        "plural": words.plural,
        "short_name": words.short_name,
        "short_digest": words.short_digest,
        "short_image": words.short_image,
        "media_title": words.media_title,
        "hosts": _hosts,
        "about": _about,
        "Fate": Fate,
        "commands": commands,
        "accepted_by": words.accepted_by,
        "Status": Status,
        "since_line": sentence,
        "since_titles": TITLES,
        "change_words": change_words,
        "breakable": breakable,
        "change": words.change,
        "few": words.few,
        "pulling": words.PULLING,
        "block_id": _block_id,
    }


register(Format("html", "HTML page, for people", (".html", ".htm"), render))
