"""docs/outputs.md: every output is there, and its pipelines are YAML. Its commands: tests/docs/test_commands.py."""

import re
from pathlib import Path

import yaml

from planner.report import FORMATS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "outputs.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_each_format_has_a_section() -> None:
    assert sorted(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == sorted(FORMATS)


def test_the_pipelines_are_yaml() -> None:
    assert len(SNIPPETS) == 4
    for snippet in SNIPPETS:
        assert "planner scan" in str(yaml.safe_load(snippet))
