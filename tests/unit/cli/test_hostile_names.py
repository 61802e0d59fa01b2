"""Names that nobody vouches for, on a terminal: a row stays a row, and nothing in it is obeyed."""

import re
from pathlib import Path

import pytest

from planner.report.console.lines import cells
from tests.support.command import run
from tests.unit.cli.recorded import BREAKS, NAME, RECORDED, SCHEMA2, write_inventory

NAMES = {
    "script": "<script>alert(1)</script>",
    "quotes": "'\"`$(id)`\"'",
    "bidi": "abc\u202egnp.exe",
    "escape": "\x1b]0;owned\x07\x1b[31mred",
    "newline": "one\ntwo:1:1",
    "long": "x" * 10_000,
    "wide": "\u30b3\u30f3\u30c6\u30ca" * 3_000,
    "accents": "e\u0301\u200d\ufe0f" * 20,
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree in which files, services, hosts and reasons have such names."""
    folder = write_inventory(tmp_path_factory.mktemp("hostile"), BREAKS)
    quoted = {key: "".join(f"\\U{ord(c):08x}" for c in name) for key, name in NAMES.items()}
    services = "".join(f'  "{name}": {{image: "{NAME}@{SCHEMA2.digest}"}}\n' for name in quoted.values())
    for key, name in NAMES.items():
        file = folder / "files" / f"{name[:60].replace('/', '_')}-{key}.yml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"services:\n{services}")
    (folder / "bad.yml").write_text(f"a: [\nimage: {NAME}@{SCHEMA2.digest} # planner: ignore[x] {NAMES['bidi']}\n")
    (folder / "planner.toml").write_text(
        "".join(f'[[hosts]]\nname = "{name}"\nengine = "docker 1.9.1"\n' for name in quoted.values())
    )
    return folder


@pytest.mark.parametrize(
    ("flags", "width"),
    [
        ((), "40"),
        (("--all",), ""),
        (("--no-resolve",), "80"),
    ],
)
def test_a_row_stays_a_row(hostile: Path, flags: tuple[str, ...], width: str) -> None:
    asked = flags if flags == ("--no-resolve",) else (*flags, "--offline", RECORDED)
    done = run("scan", ".", *asked, home=hostile, cwd=hostile, COLUMNS=width)
    assert done.code in {1, 3}, done.said
    assert not {c for c in done.out + done.said if not c.isprintable()} - {"\n"}
    rows = re.findall(r"^ *(\S.*?:\d+:\d+)(?=  |$)", done.out, re.MULTILINE)
    assert len(rows) > 10
    assert not flags or {row.rpartition("-")[2].partition(".")[0] for row in rows} >= NAMES.keys()
    for line in done.out.splitlines() if width and not flags else ():
        # What can be copied is whole.
        assert cells(line) <= int(width) or re.search(r"^ *(\? file )?\S.*:\d+:\d+$|^  planner ", line)
