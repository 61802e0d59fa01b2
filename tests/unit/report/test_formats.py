"""The register of formats, and what holds for every one of them."""

import pytest

from planner.model.report import Report
from planner.report import FORMATS, Format, Options, format_for
from planner.report.format import register
from tests.support.report_example import CLEAN, EMPTY, REPORT, WITHOUT_HOSTS


def test_the_formats_of_the_contract_are_there() -> None:
    assert set(FORMATS) == {
        *("csv", "github", "gitlab", "html", "json", "junit", "markdown", "sarif", "terminal"),
    }


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out.html", "html"),
        ("OUT.HTM", "html"),
        ("a/b.csv", "csv"),
        ("b.json", "json"),
        ("b.sarif", "sarif"),
        ("b.xml", "junit"),
        ("b.md", "markdown"),
        ("b.xyz", None),
        ("html", None),
    ],
)
def test_the_suffix_tells_the_format(path: str, name: str | None) -> None:
    found = format_for(path)
    assert (found.name if found else None) == name


def test_two_formats_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="two formats"):
        register(Format("json", "another", (), lambda report, options: ""))


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("report", [REPORT, WITHOUT_HOSTS, CLEAN, EMPTY], ids=["full", "no hosts", "clean", "empty"])
def test_every_format_writes_every_report_the_same_way_twice(name: str, report: Report) -> None:
    render = FORMATS[name].render
    assert render(report, Options()) == render(report, Options())
    # Whatever order the findings come in, the text is the same.
    turned = Report(
        **{field: getattr(report, field) for field in Report.__slots__} | {"findings": report.findings[::-1]}
    )
    assert render(turned, Options()) == render(report, Options())


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_format_lets_control_characters_through(name: str) -> None:
    text = FORMATS[name].render(REPORT, Options())
    assert not {c for c in text if not c.isprintable()} - {"\n", "\r"}
    assert "owned" in text  # it is shown, spelled out
