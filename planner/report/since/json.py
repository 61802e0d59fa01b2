"""JSON: what became of findings since an earlier report, for programs; also the member `since` of a scan's report."""

import json

from planner.model.report import Report
from planner.model.since import Since
from planner.report.format import Format, Options, register_diff
from planner.report.since.words import since_object

SCHEMA_VERSION = 1


def render(report: Report, _options: Options) -> str:
    """The comparison as one object with a schema_version of its own."""
    return since_text(report.since, {"schema_version": SCHEMA_VERSION}) + "\n" if report.since else "null\n"


def since_text(since: Since, first: dict[str, object]) -> str:
    """The comparison as JSON, one change a line, with other members before it."""
    told = since_object(since)
    changes = told.pop("changes")
    told = first | told
    rows = ",".join(f"\n{json.dumps(change)}" for change in changes)
    return f'{json.dumps(told).removesuffix("}")}, "changes": [{rows}\n]}}'


register_diff(Format("json", "JSON, for programs", (".json",), render))
