"""What README and the docs show of the terminal is what it shows."""

import re
from pathlib import Path

import pytest

from tests.support.command import run

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    home, samples = tmp_path_factory.mktemp("home"), ROOT / "sample_inventories"
    done = run("scan", "acme", "--offline", "acme/registry.jsonl", home=home, cwd=samples, COLUMNS="80")
    return done.out.splitlines()


@pytest.mark.parametrize("name", ["README.md", "docs/outputs.md"])
def test_an_excerpt_is_real(name: str, shown: list[str]) -> None:
    blocks = re.findall(r"^```text\n(.*?)^```$", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)
    excerpts = [block.splitlines() for block in blocks if "✕ breaks" in block]
    assert excerpts
    for line in (line for excerpt in excerpts for line in excerpt):
        assert line in shown
