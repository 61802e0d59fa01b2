"""The JSON and the CSV within the page: what `-o` writes, byte for byte."""

import base64
import gzip
import struct

import pytest

from planner.model.report import Report
from planner.report import FORMATS, Options
from planner.report.page import embedded
from tests.support.html_page import elements
from tests.support.report_example import CLEAN, EMPTY, REPORT, WITHOUT_HOSTS


@pytest.mark.parametrize("report_", [REPORT, WITHOUT_HOSTS, CLEAN, EMPTY], ids=["full", "no hosts", "clean", "empty"])
@pytest.mark.parametrize("name", ["json", "csv"])
def test_it_is_what_the_option_writes(report_: Report, name: str) -> None:
    page = FORMATS["html"].render(report_, Options(bom=True))
    (packed,) = (e.text for e in elements(page, "script") if e.attributes.get("id") == f"data-{name}")
    assert _unpacked(packed) == FORMATS[name].render(report_, Options(bom=True))


def _unpacked(packed: str) -> str:
    words, order = (gzip.decompress(base64.b64decode(part)) for part in packed.split("."))
    known = words.decode().split("\0")
    return "".join(known[n] for (n,) in struct.iter_unpack("<I", order))


@pytest.mark.parametrize("text", ["", ",", "\n\n,,", "a", '\ufeffa,a,b\r\na,"x, y"\r\n', "ü,\U0001f600,ü"])
def test_any_text_is_kept(text: str) -> None:
    assert _unpacked(embedded.packed(text)) == text


def test_the_same_report_is_the_same_page() -> None:
    render = FORMATS["html"].render
    assert render(REPORT, Options()) == render(REPORT, Options())
