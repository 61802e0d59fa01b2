"""What to type next: the one command that goes on from what a scan found."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner.model.finding import Verdict
from planner.model.report import Report
from planner.report import words
from planner.report.format import Options
from planner.report.rows import Section


@dataclass(frozen=True, slots=True)
class Command:
    """A command, ready to be copied, and what it is for."""

    why: str
    text: str


def following(report: Report, options: Options, found: Sequence[Section] = ()) -> Command | None:
    """The next command, `found` being what the report has by cause, worst first.

    None where none of `options.commands` goes on, as after a scan that found no reference.
    """
    if not report.occurrences:
        return None
    known = options.commands
    for name, why, holds in (
        ("scan", "ask the registries what these are", report.is_list),
        ("init", "declare your hosts, to have their versions compared", not report.hosts and not options.settings),
        ("scan", f"declare [[hosts]] in {options.settings}, and scan again", not report.hosts),
        ("plan", "what to convert, re-pin and upgrade, in which order", bool(found) and words.upgrades(report)),
    ):
        if holds and name in known:
            return Command(why, known[name])
    worst = found[0] if found else None
    if worst and worst.verdict is Verdict.UNKNOWN and "scan" in known:
        return Command("when what is said above is mended", known["scan"])
    if worst and "explain" in known:
        image = worst.rows[0].image.pinned
        return Command("which versions of each engine pull the worst of them", f"{known['explain']} {image}")
    if "plan" in known:
        return Command("how far these hosts can be upgraded with their pins", known["plan"])
    return None
