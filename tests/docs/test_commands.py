"""Every planner command that the pages for people show is taken by planner's own parser: no flag that it lacks."""

import re
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from planner.cli import app
from planner.errors import PlannerError
from planner.output import destinations
from planner.report import DIFF_FORMATS, FORMATS, PLAN_FORMATS
from tests.support.pages import Page, commands, pages

COMMAND = get_command(app)
assert isinstance(COMMAND, TyperGroup)
FORMATS_OF = {"scan": FORMATS, "merge": FORMATS, "plan": PLAN_FORMATS, "diff": DIFF_FORMATS}
# In YAML, Groovy and running text a command begins at its name and ends with the line, a quote or a comment.
_WITHIN = re.compile(rf"(?<![\w./-])planner (?=(?:{'|'.join(COMMAND.commands)})\b)[^\n'\"`#|>;)]*")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_command_is_understood(page: Page) -> None:
    wrong = []
    for line, arguments in _shown(page):
        if why := refusal(arguments):
            wrong.append(f"{page.name}:{line}: planner {' '.join(arguments)}: {why}")
    assert not wrong, "\n".join(wrong)


def test_the_pages_show_every_command() -> None:
    shown = {arguments[0] for page in pages() for _, arguments in _shown(page)}
    assert isinstance(COMMAND, TyperGroup)
    assert COMMAND.commands.keys() <= shown


def test_every_help_begins_with_examples_of_its_command() -> None:
    for name, command in _every(COMMAND, "planner"):
        rest = (command.help or "").partition("\n\n")[2]
        assert rest.startswith("\b\n"), name
        assert re.search(rf"\b{name}\b", rest.partition("\n\n")[0]), name


def test_every_help_has_its_exit_codes() -> None:
    for name, command in _every(COMMAND, "planner"):
        if not isinstance(command, TyperGroup):
            assert (command.epilog or "").startswith("Exit codes: 0 "), name


def _every(command: object, name: str) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    assert isinstance(command, TyperCommand | TyperGroup)
    yield name, command
    if isinstance(command, TyperGroup):
        for each, inner in command.commands.items():
            yield from _every(inner, f"{name} {each}")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["scan", "--no-such-flag"], "No such option: --no-such-flag"),
        (["scan", "a", "b"], "Got unexpected extra argument"),
        (["scan", "--depth", "deep"], "'deep' is not one of"),
        (["look"], "No such command 'look'."),
        (["cache", "empty"], "No such command 'empty'."),
        (["repin", "infra"], "Missing option '--map'"),
        (["scan", "--format", "tickets"], "there is no format 'tickets'"),
        (["plan", "-o", "plan.html", "--format", "tickets", "-o", "t.csv"], "1 --format and 2 -o"),
        (["diff", "a.json", "b.json", "-o", "c.xlsx"], "c.xlsx"),
    ],
)
def test_a_wrong_command_would_be_noticed(arguments: list[str], why: str) -> None:
    assert why in refusal(arguments)


def refusal(arguments: list[str]) -> str:
    """What planner would say against a command line, before it does anything; empty if it takes it."""
    command, names, rest = COMMAND, ["planner"], list(arguments)
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        if rest[0] not in command.commands:
            return f"No such command '{rest[0]}'."
        names.append(rest.pop(0))
        command = command.commands[names[-1]]
    if isinstance(command, TyperGroup) and names == ["planner"]:
        known = {"--help", *(flag for each in command.params for flag in each.opts)}
        return "" if rest and set(rest) <= known else f"no command in {rest}"
    try:
        given = command.make_context(" ".join(names), rest).params
        if (formats := FORMATS_OF.get(names[-1])) and not any(".jsonl" in each for each in given.get("inputs", ())):
            destinations(given["format_"] or [], given["output"] or [], known=formats)
    except typer.Exit:  # --help and the like
        return ""
    except TyperException as error:
        return error.format_message()
    except PlannerError as error:
        return str(error)
    return ""


def _shown(page: Page) -> Iterator[tuple[int, list[str]]]:
    """The commands of a page, with their lines. In running text a name alone is no command line."""
    for fence in page.fences:
        if fence.language == "sh":
            yield from ((fence.line, each) for each in commands(fence.text))
        else:
            for found in _WITHIN.findall(fence.text):
                yield from ((fence.line, each) for each in commands(found))
    for line, token in page.inline:
        if token.type == "code_inline":
            for found in _WITHIN.findall(token.content):
                yield from ((line, each) for each in commands(found) if len(each) > 1)
