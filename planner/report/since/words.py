"""What became of findings since an earlier report, as people and programs read it."""

from typing import Any

from planner.model.finding import Verdict
from planner.model.since import Change, Compared, Since, Status
from planner.report.words import SYMBOLS, WHEN, WORDS, few, host_ranges

TITLES = {
    Status.NEW: "New",
    Status.UNKNOWN: "Newly unknown: could not be checked this time",
    Status.OPEN: "Still open",
    Status.SUPPRESSED: "Suppressed since",
    Status.FIXED: "Fixed, or gone",
}
_GONE = {"": "", "reference": "; the reference is gone", "hosts": "; these hosts are gone"}


def counts_line(since: Since) -> str:
    """`since 2026-11-02 10:00 (old.json): 1 new, 2 fixed, 5 still open, 0 newly unknown`."""
    told = {status: len(since.of(status)) for status in Status}
    parts = [
        f"{told[Status.NEW]:,} new",
        f"{told[Status.FIXED]:,} fixed or gone",
        f"{told[Status.OPEN]:,} still open",
        f"{told[Status.UNKNOWN]:,} newly unknown",
    ]
    if told[Status.SUPPRESSED]:
        parts.append(f"{told[Status.SUPPRESSED]:,} suppressed since")
    return f"since {since.old.started[:16].replace('T', ' ')} ({since.old.name}): {', '.join(parts)}"


def sentence(since: Since) -> str:
    """The counts as the beginning of a text."""
    line = counts_line(since)
    return line[0].upper() + line[1:]


def change_words(change: Change) -> str:
    """What is so of a reference, when and for whom, and what was so before."""
    verdict = change.was[0][0] if change.status is Status.UNKNOWN and change.was and not change.findings else None
    when = " and ".join(WHEN[moment] for moment in change.moments)
    hosts = few(host_ranges(change.hosts), 4) or "whatever the engine"
    text = f"{SYMBOLS[verdict or change.verdict]} {WORDS[change.verdict]} {when}: {change.title}; {hosts}"
    if change.more_hosts and len(change.more_hosts) < len(change.hosts):
        text += f", of them not before: {few(host_ranges(change.more_hosts), 4)}"
    if change.was:
        text += f"; before: {', '.join(_was(*each) for each in change.was)}"
    return text + _GONE[change.gone]


def _was(verdict: Verdict, cause: str) -> str:
    return f"{WORDS[verdict]} ({cause})"


def since_object(since: Since) -> dict[str, Any]:
    """The comparison for programs; `changes` are in the order of urgency."""
    return {
        "old": _side(since.old),
        "new": _side(since.new),
        "counts": {status.value: len(since.of(status)) for status in Status},
        "warnings": list(since.warnings),
        "changes": [_change(change) for change in since.changes],
    }


def _side(side: Compared) -> dict[str, str]:
    return {"name": side.name, "root": side.root, "started": side.started, "version": side.version}


def _change(change: Change) -> dict[str, Any]:
    place = change.occurrence
    return {
        "status": change.status.value,
        "occurrence": place.id,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "role": place.role,
        "name": place.name,
        "raw": place.raw,
        "moments": [moment.value for moment in change.moments],
        "verdict": change.verdict.value,
        "cause": change.cause,
        "hosts": list(change.hosts),
        "more_hosts": list(change.more_hosts),
        "findings": list(change.findings),
        "was": [{"verdict": verdict.value, "cause": cause} for verdict, cause in change.was],
        "gone": change.gone or None,
    }
