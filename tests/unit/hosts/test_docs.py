"""Every example of docs/hosts.md is what planner reads: the docs cannot promise another form."""

import re
from pathlib import Path

import pytest

from planner.hosts import SOURCES
from tests.support.host_files import read

DOCS = (Path(__file__).parents[3] / "docs" / "hosts.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(json|ini|yaml|csv)\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("suffix", "text"), EXAMPLES)
def test_an_example_declares_hosts(suffix: str, text: str) -> None:
    hosts, problems = read(f"example.{suffix}", text)
    assert problems == []
    assert hosts
    assert all(host.engine.version for host in hosts.values())


def test_every_source_is_shown() -> None:
    assert len(EXAMPLES) > len(SOURCES)
    for source in SOURCES.values():
        assert f"| `{source.name}` | {source.title} |" in DOCS
