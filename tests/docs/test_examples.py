"""What the pages tell people to write into planner.toml and host files, read by planner itself."""

import tomllib
from pathlib import Path

import pytest

from planner.model.source import SourceFile
from planner.model.suppression import Rule
from planner.settings import load_settings
from planner.suppress.inline import marks
from tests.support.host_files import read
from tests.support.knowledge import KNOWLEDGE
from tests.support.pages import Fence, pages

# docs/formats.md is written from the examples of the formats, which their own tests read.
_ELSEWHERE = ("docs/formats.md",)


def fences(language: str, having: str = "") -> list[object]:
    """The blocks of this language in all pages, each with the page and line as its name."""
    return [
        pytest.param(fence, id=f"{page.name}:{fence.line}")
        for page in pages()
        for fence in page.fences
        if page.name not in _ELSEWHERE and fence.language == language and having in fence.text
    ]


@pytest.mark.parametrize("fence", fences("toml"))
def test_settings_are_understood(fence: Fence, tmp_path: Path) -> None:
    for host in tomllib.loads(fence.text).get("hosts", ()):
        for name in host.get("registry_config", ()):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
    file = tmp_path / "planner.toml"
    file.write_text(fence.text, "utf-8")
    found = load_settings(tmp_path)
    assert found.path == file
    assert found.hosts or found.registries or found.ignores or found.host_files or found.knowledge


@pytest.mark.parametrize("fence", fences("csv"))
def test_hosts_in_csv_are_understood(fence: Fence) -> None:
    hosts, problems = read("hosts.csv", fence.text)
    assert problems == []
    assert hosts


@pytest.mark.parametrize("fence", fences("yaml", having="planner: ignore["))
def test_a_suppression_is_understood(fence: Fence) -> None:
    (rule,) = marks(SourceFile("compose.yml", fence.text))
    assert isinstance(rule, Rule), rule
    assert KNOWLEDGE.causes.keys() >= set(rule.causes)
