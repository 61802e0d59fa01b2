"""The whole report within the HTML page: whoever has the page has the JSON and the CSV, byte for byte."""

import base64
import gzip
import re
import sys
from array import array
from dataclasses import replace

from planner.model.report import Report
from planner.report import csv, json
from planner.report.format import Options

# Beyond so many findings and references a page would have more than 5 MB, which mail and tickets refuse.
LIMIT = 40_000
_WORD = re.compile(r"[^,\n]*[,\n]|[^,\n]+")
# Stands between words; neither JSON nor our CSV has it.
_GAP = "\0"


def embedded(report: Report, options: Options) -> dict[str, str]:
    """The JSON and the CSV as `-o` would write them, by suffix, packed.

    Empty where there is more than LIMIT.
    """
    if len(report.findings) + len(report.suppressed) + len(report.occurrences) > LIMIT:
        return {}
    as_file = replace(options, bom=True)
    return {"json": packed(json.render(report, as_file)), "csv": packed(csv.render(report, as_file))}


def packed(text: str) -> str:
    """Each word once, a full stop, then the number of each word in its order, 32 bits, little-endian.

    The script `download` puts them together. Both are gzip in Base64, in which no character means anything. What gzip
    alone makes of a report is three times as long: it looks back 32 KiB, and findings say the same much further apart.
    """
    words: dict[str, int] = {}
    order = array("I", (words.setdefault(word, len(words)) for word in _WORD.findall(text)))
    if sys.byteorder == "big":
        order.byteswap()
    return f"{_packed(_GAP.join(words).encode('utf-8'))}.{_packed(order.tobytes())}"


def _packed(content: bytes) -> str:
    # Without the time of day: the page of the same report is the same.
    return base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")
