"""docs/outputs.md: every output is there, and what it tells people to type is understood."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from planner.output import destinations
from planner.report import FORMATS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "outputs.md").read_text("utf-8")
COMMANDS = sorted(set(re.findall(r"planner scan [^'#\n]*", PAGE)))
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_each_format_has_a_section() -> None:
    assert sorted(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == sorted(FORMATS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_chooses_formats_that_are_there(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(command)
    given = {flag: [words[n + 1] for n, word in enumerate(words) if word == flag] for flag in ("--format", "-o")}
    assert destinations(given["--format"], given["-o"])


def test_the_pipelines_are_yaml() -> None:
    assert len(SNIPPETS) == 4
    for snippet in SNIPPETS:
        assert "planner scan" in str(yaml.safe_load(snippet))
