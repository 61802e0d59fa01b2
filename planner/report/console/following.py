"""What to type next: the one command that goes on from what a scan found."""

from collections.abc import Sequence
from dataclasses import dataclass

from planner.model.finding import Verdict
from planner.model.report import Report
from planner.report import words
from planner.report.console.rows import Section
from planner.report.format import Options


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
    worst = found[0] if found else None
    is_open = worst is not None and worst.verdict is Verdict.UNKNOWN
    for name, holds, why in (
        ("scan", report.is_list, "ask the registries what these are"),
        ("init", not report.hosts and not options.settings, "declare your hosts, to have their versions compared"),
        ("scan", not report.hosts, f"declare [[hosts]] in {options.settings}, and scan again"),
        ("scan", is_open, "when what is said above is mended"),
        ("plan", words.upgrades(report), "what to convert, re-pin and upgrade, in which order"),
        ("explain", worst is not None, "which versions of each engine pull the worst of them"),
        ("plan", worst is None, "how far these hosts can be upgraded with their pins"),
    ):
        if holds and name in options.commands:
            image = f" {worst.rows[0].image.pinned}" if worst and name == "explain" else ""
            return Command(why, options.commands[name] + image)
    return None
