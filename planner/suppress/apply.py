"""Suppressions applied to a report: what they accept is set apart, and what is wrong with them becomes a Problem. Pure.

One that has ended, or has no date where the policy wants one, accepts nothing. One that no finding fits is unused: that
is told and nothing else, unless what it is for could not be checked, when nobody knows.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import translate
from functools import cache

from planner.errors import UsageError
from planner.model.finding import Finding, Verdict
from planner.model.occurrence import Occurrence
from planner.model.report import Report
from planner.model.source import Problem
from planner.model.suppression import EVERY, Rule
from planner.report.words import plural

_SEE = "docs/causes.md has them all"


@dataclass(slots=True)
class _Heeded:
    """A rule at work. `lapsed` says why it no longer works, empty if it does; `hosts` are those it is for, None: all.

    `fits` counts the findings that it is for, `missed` those of them that count since it has lapsed. `doubted`: what it
    is for could not be checked.
    """

    rule: Rule
    hosts: frozenset[str] | None = None
    lapsed: str = ""
    fits: int = 0
    missed: int = 0
    doubted: bool = False


def refuse_unknown_causes(rules: Iterable[Rule], known: Collection[str]) -> None:
    """Raise UsageError for a rule of planner.toml with a cause that there is not; call before registries are asked."""
    for rule in rules:
        for cause in _unknown(rule, known):
            told = rule.told
            raise UsageError(f"{told.file}{f':{told.line}' if told.line else ''}: ignore: {_no_cause(cause, known)}")


def suppress(  # noqa: PLR0913 - what a run knows
    report: Report,
    declared: Iterable[Rule],
    beside: Iterable[Rule | Problem],
    *,
    known: Collection[str],
    today: date,
    must_expire: bool = False,
) -> Report:
    """The report with the findings set apart that rules accept.

    `declared` are the rules of planner.toml, `beside` what stands in the files. `known` are the ids of all causes.
    `must_expire`: a rule without a date accepts nothing. Of several rules the first that works is named. Where a rule
    is for some hosts of a finding, the finding is divided.
    """
    marks = list(beside)
    problems = [each for each in marks if isinstance(each, Problem)]
    unread = [each.subject for each in report.gaps if each.about == "file"]
    inline = [_Heeded(each) for each in marks if isinstance(each, Rule)]
    everywhere = [_Heeded(rule, _hosts(rule, report)) for rule in declared]
    heeded = [*inline, *everywhere]
    if not heeded and not problems:
        return report
    for each in heeded:
        each.lapsed = _lapsed(each.rule, today, must_expire)
        each.doubted = any(_may_be_in(each.rule, file) for file in unread)
        if each.rule.inline:
            problems += _invalid(each.rule, known)
    kept, accepted = _divided(report, _concerned(report, inline, everywhere))
    told = (found for each in heeded if (found := _problem(each, known)))
    return replace(report, findings=kept, suppressed=accepted, problems=(*report.problems, *problems, *told))


def _divided(
    report: Report, concerned: Callable[[Occurrence], list[_Heeded]]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What counts, and what is accepted; counts for each rule what it fits. `concerned` are the rules of a place."""
    kept, accepted = [], []
    for finding in report.findings:
        rules = [each for each in concerned(finding.occurrence) if _is_for_hosts(each, finding, report)]
        fitting = [each for each in rules if each.rule.is_for(finding.outcome.cause)]
        if finding.verdict is Verdict.UNKNOWN:
            for each in rules:
                each.doubted = True
        left: Finding | None = finding
        for each in fitting:
            each.fits += 1
            if left and not each.lapsed:
                part, left = _parts(each, left)
                if part:
                    accepted.append(replace(part, suppression=each.rule.told))
        if left:
            kept.append(left)
            for each in fitting:
                each.missed += bool(each.lapsed and _is_for_hosts(each, left, report))
    return tuple(kept), tuple(accepted)


def _is_for_hosts(each: _Heeded, finding: Finding, report: Report) -> bool:
    """Whether a rule is for some of a finding's hosts. What names no host speaks for all that run the image."""
    if each.hosts is None:
        return True
    if finding.hosts:
        return not each.hosts.isdisjoint(finding.hosts)
    running = report.runners.get(finding.occurrence.id, {}).values()
    everybody = {name for names in running for name in names}
    return bool(everybody) and everybody <= each.hosts


def _parts(each: _Heeded, finding: Finding) -> tuple[Finding | None, Finding | None]:
    """The finding for the hosts of a rule, and for the others; None for no host."""
    if each.hosts is None or not finding.hosts:
        return finding, None
    own = tuple(name for name in finding.hosts if name in each.hosts)
    others = tuple(name for name in finding.hosts if name not in each.hosts)
    return (replace(finding, hosts=own) if own else None), (replace(finding, hosts=others) if others else None)


def _concerned(
    report: Report, inline: Iterable[_Heeded], everywhere: Iterable[_Heeded]
) -> Callable[[Occurrence], list[_Heeded]]:
    """A function that names the rules for an occurrence, whatever its causes and hosts: those beside it come first."""
    beside = _beside(report.occurrences, inline)
    covering = [(each, _covering(each.rule)) for each in everywhere]

    @cache
    def concerned(occurrence: Occurrence) -> list[_Heeded]:
        near = beside.get((occurrence.file, occurrence.line), [])
        return [*near, *(each for each, covers in covering if covers(occurrence))]

    return concerned


def _beside(occurrences: Iterable[Occurrence], inline: Iterable[_Heeded]) -> dict[tuple[str, int], list[_Heeded]]:
    """The inline rules by the place that they are for: their line or, if they are all that is on it, that below them.

    A line with something else may hold a reference that this run does not look at, a tag say: it is for that.
    """
    rules = list(inline)
    taken = {(each.file, each.line) for each in occurrences}
    written = {(each.rule.told.file, each.rule.told.line) for each in rules if each.rule.alone}
    found: dict[tuple[str, int], list[_Heeded]] = defaultdict(list)
    for each in rules:
        place = (each.rule.told.file, each.rule.told.line)
        if each.rule.alone and place not in taken:
            place = (place[0], place[1] + 1)
            while place in written and place not in taken:
                place = (place[0], place[1] + 1)
        found[place].append(each)
    return found


def _covering(rule: Rule) -> Callable[[Occurrence], bool]:
    """For a rule of planner.toml: the references that its image and path are for."""
    from pathspec import GitIgnoreSpec

    image = re.compile(translate(rule.image)) if rule.image else None
    path = GitIgnoreSpec.from_lines([rule.path]) if rule.path else None

    def covers(occurrence: Occurrence) -> bool:
        if path and not path.match_file(occurrence.file):
            return False
        reference = occurrence.reference
        spellings = (occurrence.raw, str(reference), reference.pinned, reference.name)
        return image is None or any(map(image.match, spellings))

    return covers


def _may_be_in(rule: Rule, file: str) -> bool:
    """Whether what a rule is for may be in a file, or below a folder, that was not read in full."""
    if rule.inline:
        return rule.told.file == file
    from pathspec import GitIgnoreSpec

    return not rule.path or GitIgnoreSpec.from_lines([rule.path]).match_file(file)


def _hosts(rule: Rule, report: Report) -> frozenset[str] | None:
    """The hosts that a rule is for; None where it does not say."""
    if not rule.host:
        return None
    glob = re.compile(translate(rule.host))
    return frozenset(host.name for host in report.hosts if glob.match(host.name))


def _lapsed(rule: Rule, today: date, must_expire: bool) -> str:
    """Why a rule does not work any more, as the kind of a problem; empty if it does."""
    expires = rule.told.expires
    if expires is None:
        return "suppression-undated" if must_expire else ""
    return "suppression-expired" if expires < today else ""


def _problem(each: _Heeded, known: Collection[str]) -> Problem | None:
    """What is wrong with a rule, if anything is."""
    rule, told = each.rule, each.rule.told
    what = f"the suppression of {', '.join(rule.causes) if rule.causes != (EVERY,) else 'every cause'} ({told.reason})"
    if not (each.missed if each.lapsed else each.fits):
        if each.doubted or set(_unknown(rule, known)) == set(rule.causes):
            return None  # nobody knows, or it was told already
        where = " on its line" if rule.inline and not rule.alone else ""
        hint = "; for the line below, it must be alone on a line" if where else ""
        text = f"{what} is unused: no finding{where} needs it, so it can be removed{hint}"
        return Problem("file", told.file, "suppression-unused", text, told.line, int(told.line > 0))
    if not each.lapsed:
        return None
    count = plural(each.missed, "finding that it was for counts", "findings that it was for count")
    if each.lapsed == "suppression-expired":
        text = f"{what} ended on {told.expires}: {count} again; mend the cause, or give it a later date"
    else:
        date_it = "write `until YYYY-MM-DD:` before its reason" if rule.inline else "give it a date (`expires`)"
        text = f"{what} has no date, which `ignore_must_expire` asks for: {count}; {date_it}"
    return Problem("file", told.file, each.lapsed, text, told.line, int(told.line > 0))


def _invalid(rule: Rule, known: Collection[str]) -> Iterator[Problem]:
    """A problem for each cause of a mark that there is not; its others are applied."""
    unknown = list(_unknown(rule, known))
    what = (
        "a suppression was not applied"
        if len(unknown) == len(rule.causes)
        else "one cause of a suppression is left out"
    )
    for cause in unknown:
        text = f"{what}: {_no_cause(cause, known)}"
        yield Problem("file", rule.told.file, "suppression-invalid", text, rule.told.line, 1)


def _unknown(rule: Rule, known: Collection[str]) -> Iterator[str]:
    return (cause for cause in rule.causes if cause != EVERY and cause not in known)


def _no_cause(cause: str, known: Collection[str]) -> str:
    near = get_close_matches(cause, known, 1)
    return f"{cause[:80]!r} is no cause{f', perhaps {near[0]} is meant' if near else ''}; {_SEE}"
