"""JSON reports that commands are given, read from their files."""

from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.model.report import Report

# What a report may hold: with its findings, a reference takes some 2 to 20 kB.
_LIMIT = 256 * 1024 * 1024


def read_report_file(path: Path) -> "Report":
    """The report in a file. Raises UsageError, with what to do, for what is none or cannot be read."""
    from planner.merge.form import NotAReportError
    from planner.merge.read import read_report

    try:
        with path.open("rb") as file:
            text = file.read(_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if len(text) > _LIMIT:
        raise UsageError(f"{path} is larger than {_LIMIT >> 20} MiB, too large for a report; scan less at a time")
    try:
        return read_report(text)
    except NotAReportError as error:
        raise UsageError(f"{path} {error}") from error
