"""The runbook: what it holds, and that a real Markdown reader takes no name for a mark."""

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from planner.model.report import Report
from planner.report import PLAN_FORMATS, Options
from planner.report.ci.marks import block, code, prose, text
from planner.report.plan.words import numbered
from tests.support.runbook_example import BLOCKED, HOSTILE, NOTES, PLAN, PLANNED, hostile, large


def _render(report: Report = PLANNED) -> str:
    return PLAN_FORMATS["markdown"].render(report, Options())


def _tokens(markdown: str) -> list[Token]:
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    return [inner for token in blocks for inner in (token, *(token.children or ()))]


def _shown(markdown: str) -> str:
    return "".join(token.content for token in _tokens(markdown) if token.type in ("text", "code_inline", "fence"))


def test_every_step_is_there_with_boxes_to_tick() -> None:
    markdown = _render()
    for wave in numbered(PLAN):
        for each in wave:
            shown = _shown(markdown)
            assert f"{each.number} {each.title}" in shown
            wanted = [
                each.step.id,
                *each.step.commands,
                *(f"{o.file}:{o.line}:{o.column}" for o in each.step.occurrences),
            ]
            wanted += [
                word for pull in each.step.pulls for word in (pull.command, pull.reference.digest or "mapping.csv")
            ]
            assert [word for word in wanted if word not in shown] == []
    assert markdown.count("- [ ] Do") == len(PLAN.steps)
    assert markdown.count("- [ ] Check: ") == len(PLAN.steps)
    assert markdown.count("\n- **No way back:** ") == 1
    shown = _shown(markdown)
    assert all(said.replace("`", "") in shown for said in (*NOTES, *(lift for each in BLOCKED for lift in each.lifts)))
    assert all(problem.text in shown for problem in PLANNED.problems)


def test_hostile_names_are_no_marks() -> None:
    expected = {token.type for token in _tokens(_render())}
    found = _tokens(_render(hostile()))
    assert {token.type for token in found} <= expected
    assert {token.type for token in found}.isdisjoint({"html_inline", "html_block", "link_open", "image", "table_open"})
    headings = [token for token in found if token.type == "heading_open"]
    assert len(headings) == 1 + 2 + 3 + 3
    shown = _shown(_render(hostile()))
    assert shown.count(r"a|b`c``d<b>e</b>\n# f <script>alert(1)</script> [g](javascript:h)") > 30
    assert not {c for c in _render(hostile()) if not c.isprintable()} - {"\n"}


@pytest.mark.parametrize(
    "words",
    [
        *(
            "*a* _b_ ~~c~~",
            "[a](b) ![c](d)",
            "<i>",
            "a|b",
            "&lt;",
            "# a",
            "> a",
            "1. a",
            "- a",
            "+ a",
            "---",
            "===",
            "12) a",
        ),
        *("`", "``", "a`b", "`a` `b", "\\`a\\`", "\\", "    a", "[x]: y", "$a$", "a  ", HOSTILE),
    ],
)
def test_any_words_come_out_as_they_went_in(words: str) -> None:
    for written in (text(words), prose(words), code(words)):
        for line, at in ((f"{written}\n", 1), (f"- {written}\n", 1), (f"before {written}, after\n", 0)):
            if at and written == text(words):
                continue  # which never begins a line
            types = {token.type for token in _tokens(line)}
            assert types <= {
                *("paragraph_open", "paragraph_close", "inline", "text", "code_inline", "text_special"),
                *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
            }
    # Ours alone have code in them.
    assert _shown(prose("see `a b` and `c`")) == "see a b and c"
    assert [token.content for token in _tokens(prose("see `a b`")) if token.type == "code_inline"] == ["a b"]


@pytest.mark.parametrize("command", ["a", "echo ```", "`````", "~~~", "    indented", HOSTILE])
def test_a_command_cannot_end_its_fence(command: str) -> None:
    lines = "\n".join(["- [ ] Do:", *block([command, "second"], "  "), "after"])
    fences = [token for token in _tokens(lines) if token.type == "fence"]
    assert len(fences) == 1
    assert fences[0].content.splitlines()[1] == "second"


def test_long_lists_of_hosts_are_told_once() -> None:
    markdown = _render(large(images=20))
    assert markdown.count("srv-07919.dc1.acme.example, srv-15838.dc2.acme.example, srv-23757") == 2
    assert "(500 hosts, list " in markdown
