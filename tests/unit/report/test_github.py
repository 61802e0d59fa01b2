"""Annotations as the runner reads them: a reader made after actions/runner, src/Runner.Common/ActionCommand.cs."""

import re
from dataclasses import replace

from planner.model.report import Report
from planner.report import FORMATS, Options
from planner.report.escape import visible
from planner.report.github import MOST
from tests.support.ci_reports import HOSTILE, NASTY, SMALL, golden, rendered, unprintable
from tests.support.report_example import CLEAN, PROBLEMS, REPORT, large

Command = tuple[str, dict[str, str], str]

_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def _unescaped(text: str, mappings: tuple[tuple[str, str], ...]) -> str:
    for replacement, token in mappings:
        text = text.replace(replacement, token)
    return text


def _command(line: str) -> Command | None:
    """TryParseV2 and, where that finds nothing, TryParse, which the runner tries on every line; any name is known."""
    trimmed = line.lstrip()
    if trimmed.startswith("::") and (end := trimmed.find("::", 2)) >= 0:
        name, _, properties = trimmed[2:end].partition(" ")
        pairs = (pair.split("=", 1) for pair in properties.strip().split(",") if pair)
        read = {pair[0]: _unescaped(pair[1], _PROPERTY) for pair in pairs if len(pair) == 2 and all(pair)}
        return name, read, _unescaped(trimmed[end + 2 :], _DATA)
    if (start := line.find("##[")) >= 0 and (end := line.find("]", start)) >= 0:
        return line[start + 3 : end].partition(" ")[0], {}, line[end + 1 :]
    return None


def _commands(report: Report) -> list[Command]:
    return [command for line in rendered("github", report).splitlines() if (command := _command(line))]


def test_the_golden_file() -> None:
    made = rendered("github", SMALL)
    assert golden("github.txt", made) == made


def test_each_entry_has_its_place_title_and_message() -> None:
    name, properties, message = _commands(REPORT)[1]
    assert name == "error"
    assert properties == {
        "file": "infra/deploy/edge/compose.yml",
        "line": "5",
        "col": "55",
        "title": "breaks today: No image for the host's platform",
    }
    assert message.splitlines()[1:] == [
        "breaks today: edge-[1:2] (2 hosts), containerd 2.1.4",
        "message: no matching manifest for linux/amd64 in the manifest list entries",
        "do: Build and push a linux/amd64 image and pin the new index.",
    ]


def test_problems_are_warnings() -> None:
    told = [message for name, _, message in _commands(REPORT) if name == "warning"]
    assert {problem.text for problem in PROBLEMS} <= set(told)


def test_the_summary_comes_first() -> None:
    (name, properties, message), *_ = _commands(CLEAN)
    assert (name, properties["title"]) == ("notice", "planner")
    assert message.startswith("10 pinned references, 25 hosts: 0 break today")


def test_no_name_is_a_command_and_all_are_read_back() -> None:
    text = rendered("github", HOSTILE)
    assert not unprintable(text)
    commands = [_command(line) for line in text.splitlines()]
    found = [command for command in commands if command]
    assert [command[0] for command in found] == ["notice", *["error"] * MOST, *["warning"] * MOST]
    assert len(commands) > len(found)  # lines of the log, of which none is a command
    files = {properties["file"] for name, properties, _ in found if name == "error"}
    assert f"infra/{visible(NASTY[8])}/compose.yml" in files | _logged(text)
    assert all(set(properties) <= {"file", "line", "col", "title"} for _, properties, _ in found)


def _logged(text: str) -> set[str]:
    return set(re.findall(r"infra/.*?/compose\.yml", text))


def test_what_github_does_not_show_is_in_the_log() -> None:
    many = large(occurrences=30, hosts=40, groups=40)
    lines = rendered("github", replace(many, problems=PROBLEMS * 10)).splitlines()
    commands = [command for line in lines if (command := _command(line))]
    assert [name for name, _, _ in commands].count("error") == MOST
    assert [name for name, _, _ in commands].count("warning") == MOST
    assert commands[0][2].endswith("; 40 entries below without an annotation of their own")
    assert len(lines) == 1 + MOST + MOST + 40
    assert len([line for line in lines if line.startswith("- breaks after the upgrade: ")]) == 20


def test_the_summary_of_the_job_is_the_markdown() -> None:
    summary = FORMATS["github"].render_summary
    assert summary
    assert summary(REPORT, Options()) == FORMATS["markdown"].render(REPORT, Options())
