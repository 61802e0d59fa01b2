"""Suppressions applied to a report: what they accept is set apart, and what is wrong with them becomes a Problem. Pure.

One that has ended, or has no date where the policy wants one, accepts nothing. One that no finding fits is unused: that
is told and nothing else, unless what it is for could not be checked, when nobody knows.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import translate

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

    `fits` counts the findings that it is for, `doubted` whether what it is for could not be checked.
    """

    rule: Rule
    covers: Callable[[Occurrence], bool]
    hosts: frozenset[str] | None
    lapsed: str = ""
    fits: int = 0
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
    lines = _lines(report.occurrences)
    unread = [each.subject for each in report.gaps if each.about == "file"]
    written: dict[str, set[int]] = defaultdict(set)
    inline = [each for each in marks if isinstance(each, Rule)]
    for rule in inline:
        written[rule.told.file].add(rule.told.line)
        problems += [_invalid(rule, _no_cause(cause, known)) for cause in _unknown(rule, known)]
    heeded = [_Heeded(rule, _beside(rule, lines, written), None) for rule in inline]
    heeded += [_Heeded(rule, _covering(rule), _hosts(rule, report)) for rule in declared]
    for each in heeded:
        each.lapsed = _lapsed(each.rule, today, must_expire)
        each.doubted = any(_may_be_in(each.rule, file) for file in unread)
    if not heeded and not problems:
        return report
    kept, accepted = _divided(report, heeded)
    told = (found for each in heeded if (found := _problem(each, known)))
    return replace(report, findings=kept, suppressed=accepted, problems=(*report.problems, *problems, *told))


def _divided(report: Report, heeded: Sequence[_Heeded]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What counts, and what is accepted; counts for each rule what it fits."""
    concerned: dict[str, list[_Heeded]] = {}
    kept, accepted = [], []
    for finding in report.findings:
        place = finding.occurrence
        if place.id not in concerned:
            concerned[place.id] = [each for each in heeded if each.covers(place)]
        left: Finding | None = finding
        for each in concerned[place.id]:
            if _fits(each, finding, report) and left and not each.lapsed:
                part, left = _parts(each, left)
                if part:
                    accepted.append(replace(part, suppression=each.rule.told))
        if left:
            kept.append(left)
    return tuple(kept), tuple(accepted)


def _fits(each: _Heeded, finding: Finding, report: Report) -> bool:
    """Whether a rule is for at least a part of a finding. What names no host speaks for all that run the image."""
    if each.hosts is not None:
        running = report.runners.get(finding.occurrence.id, {}).values()
        everybody = {name for names in running for name in names}
        if not (each.hosts & set(finding.hosts) if finding.hosts else everybody and everybody <= each.hosts):
            return False
    if not each.rule.is_for(finding.outcome.cause):
        each.doubted = each.doubted or finding.verdict is Verdict.UNKNOWN
        return False
    each.fits += 1
    return True


def _parts(each: _Heeded, finding: Finding) -> tuple[Finding | None, Finding | None]:
    """The finding for the hosts of a rule, and for the others; None for no host."""
    if each.hosts is None or not finding.hosts:
        return finding, None
    own = tuple(name for name in finding.hosts if name in each.hosts)
    others = tuple(name for name in finding.hosts if name not in each.hosts)
    return (replace(finding, hosts=own) if own else None), (replace(finding, hosts=others) if others else None)


def _lines(occurrences: Iterable[Occurrence]) -> Mapping[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for occurrence in occurrences:
        found[occurrence.file].add(occurrence.line)
    return found


def _beside(rule: Rule, lines: Mapping[str, set[int]], written: Mapping[str, set[int]]) -> Callable[[Occurrence], bool]:
    """For an inline rule: the references on its line or, where there is none, those on the line below the rules."""
    file, line = rule.told.file, rule.told.line
    here = lines.get(file, set())
    if line not in here:
        line += 1
        while line in written[file] and line not in here:
            line += 1
    return lambda occurrence: occurrence.line == line and occurrence.file == file


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
    if not each.fits:
        if each.doubted or set(_unknown(rule, known)) == set(rule.causes):
            return None  # nobody knows, or it was told already
        text = f"{what} is unused: no finding fits it, so it can be removed"
        return Problem("file", told.file, "suppression-unused", text, told.line, int(told.line > 0))
    if not each.lapsed:
        return None
    count = plural(each.fits, "finding that it was for counts", "findings that it was for count")
    if each.lapsed == "suppression-expired":
        text = f"{what} ended on {told.expires}: {count} again; mend the cause, or give it a later date"
    else:
        date_it = "write `until YYYY-MM-DD:` before its reason" if rule.inline else "give it a date (`expires`)"
        text = f"{what} has no date, which `ignore_must_expire` asks for: {count}; {date_it}"
    return Problem("file", told.file, each.lapsed, text, told.line, int(told.line > 0))


def _invalid(rule: Rule, why: str) -> Problem:
    text = f"this suppression was not applied to it: {why}"
    return Problem("file", rule.told.file, "suppression-invalid", text, rule.told.line, 1)


def _unknown(rule: Rule, known: Collection[str]) -> Iterator[str]:
    return (cause for cause in rule.causes if cause != EVERY and cause not in known)


def _no_cause(cause: str, known: Collection[str]) -> str:
    near = get_close_matches(cause, known, 1)
    return f"{cause[:80]!r} is no cause{f', perhaps {near[0]} is meant' if near else ''}; {_SEE}"
