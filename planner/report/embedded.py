"""The whole report within the HTML page: whoever has the page has the JSON and the CSV, byte for byte."""

import base64
import gzip
from dataclasses import replace

from planner.model.report import Report
from planner.report import csv, json
from planner.report.format import Options

# Beyond so many findings and references a page would have more than 5 MB, which mail and tickets refuse.
LIMIT = 40_000


def embedded(report: Report, options: Options) -> dict[str, str]:
    """The JSON and the CSV as `-o` would write them, by suffix: gzip in Base64, in which no character means anything.

    Empty where there is more than LIMIT.
    """
    if len(report.findings) + len(report.suppressed) + len(report.occurrences) > LIMIT:
        return {}
    as_file = replace(options, bom=True)
    return {"json": _packed(json.render(report, as_file)), "csv": _packed(csv.render(report, as_file))}


def _packed(text: str) -> str:
    # Without the time of day: the page of the same report is the same.
    return base64.b64encode(gzip.compress(text.encode("utf-8"), mtime=0)).decode("ascii")
