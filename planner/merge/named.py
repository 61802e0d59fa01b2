"""A report, and what it is called."""

from dataclasses import dataclass

from planner.model.report import Report


@dataclass(frozen=True, slots=True)
class Named:
    """A report under the name that tells it apart from the others."""

    name: str
    report: Report
