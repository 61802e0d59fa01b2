"""The comment on a pull request: what it holds, how long it may be, and that a real reader takes no name for a mark."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from planner.model.report import Report
from planner.report import FORMATS, Options
from planner.report.markdown import MAX_BYTES
from tests.support.ci_reports import ACCEPTED, HOSTILE, HOSTILE_ACCEPTED, SMALL, golden, rendered, unprintable
from tests.support.report_example import CLEAN, EMPTY, FINDINGS, OCCURRENCES, PROBLEMS, REPORT, WITHOUT_HOSTS, large

# The HTML that planner writes, with no other tag in its words.
OURS = re.compile(
    r"<details><summary>\S <b>(<code>[^<]*</code>|[^<]*)</b> \([^<]*\)</summary>|</details>"
    r"|<sub>(<code>[^<]*</code>|[^<]*)</sub>|</?(sub|code)>"
)


def _tokens(text: str) -> list[Token]:
    """All tokens as GitHub's dialect has them, those within a line too."""
    blocks = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    return [token for block in blocks for token in (block, *(block.children or ()))]


def test_the_golden_file() -> None:
    made = rendered("markdown", SMALL)
    assert golden("report.md", made) == made


def test_each_place_message_and_problem_is_told() -> None:
    text = rendered("markdown", REPORT)
    for place in {f"infra/{f.occurrence.file}:{f.occurrence.line}:{f.occurrence.column}" for f in FINDINGS}:
        assert f"`{place}`" in text
    assert all(f"`{f.outcome.message}`" in text for f in FINDINGS if f.outcome.message)
    assert all(problem.text.split(",")[0] in text for problem in PROBLEMS)


def test_the_table_has_the_counts() -> None:
    rows = [line for line in rendered("markdown", REPORT).splitlines() if line.startswith("|")]
    assert rows == [
        "| | today | after the upgrade |",
        "| --- | ---: | ---: |",
        "| ✕ breaks | 4 | 4 |",
        "| ? not checked | 1 | 1 |",
        "| ▲ at risk | 3 | 1 |",
        "| ✓ pulls | 2 | 4 |",
    ]


def test_without_hosts_nobody_says_that_anything_pulls() -> None:
    text = rendered("markdown", WITHOUT_HOSTS)
    assert "pulls |" not in text
    assert "| ? not checked | 1 |" in text


def test_what_no_host_runs_is_said() -> None:
    idle = Report(**{name: getattr(REPORT, name) for name in Report.__slots__} | {"runners": {}})
    assert f"{len(OCCURRENCES)} references run by no declared host" in rendered("markdown", idle)


def test_what_nobody_asked_for_today_is_told() -> None:
    days = ("2026-02-01T10:00:00+00:00", "2026-01-02T10:00:00+00:00")
    aged = dict(REPORT.resolutions)
    for reference, day in zip(aged, days, strict=False):
        aged[reference] = replace(aged[reference], source="cache", fetched_at=day)
    foot = rendered("markdown", replace(REPORT, resolutions=aged)).splitlines()[-1]
    kept = f"2 of {len(aged)} answers are from the cache, the oldest of 2026-01-02"
    assert f"asked by skopeo 1.22.2; {kept}: --no-cache asks anew</sub>" in foot
    assert "cache" not in rendered("markdown", REPORT).splitlines()[-1]


def test_each_section_is_folded_and_closed() -> None:
    for report in (REPORT, CLEAN, EMPTY, HOSTILE, ACCEPTED, large(300, 40, 4)):
        text = rendered("markdown", report)
        blocks = [t.content.strip() for t in _tokens(text) if t.type == "html_block"]
        opened = [block for block in blocks if block.startswith("<details><summary>")]
        assert len(opened) == blocks.count("</details>") == text.count("<details>")
        assert all(OURS.fullmatch(block) for block in opened)


@pytest.mark.parametrize("report", [HOSTILE, HOSTILE_ACCEPTED], ids=["counts", "suppressed"])
def test_no_name_is_a_mark_a_link_or_a_call(report: Report) -> None:
    text = rendered("markdown", report)
    assert not unprintable(text)
    tokens = _tokens(text)
    kinds = {token.type for token in tokens}
    assert not kinds & {"link_open", "image", "fence", "code_block", "hr", "blockquote_open"}
    assert [t.markup for t in tokens if t.type == "heading_open"] == ["##"]
    assert sum(t.type == "table_open" for t in tokens) == 1
    html = [t.content.strip() for t in tokens if t.type in ("html_block", "html_inline")]
    assert [each for each in html if not OURS.fullmatch(each)] == []
    said = " ".join(t.content for t in tokens if t.type == "text")
    assert not re.search(r"(?<!\w)@\w", said)
    outside_code = re.sub(r"(`+).*?[^`]\1(?!`)", "", text)
    assert not re.search(r"https?://|www\.", outside_code)


def test_it_fits_a_comment_and_says_what_it_leaves_out() -> None:
    text = FORMATS["markdown"].render(large(2000, 8, 4), Options())
    assert MAX_BYTES * 0.9 < len(text.encode()) <= MAX_BYTES
    shown = text.count("\n- `svc/")
    (left,) = re.findall(r"- … and ([\d,]+) references more", text)
    assert shown + int(left.replace(",", "")) == 2000
    assert all(problem.text.split(",")[0] in text for problem in PROBLEMS)  # no cause takes all the room


def test_hostile_text_does_not_make_it_longer() -> None:
    assert len(rendered("markdown", HOSTILE).encode()) <= MAX_BYTES
