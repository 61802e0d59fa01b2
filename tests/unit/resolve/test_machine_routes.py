import os
from pathlib import Path

import pytest

from planner.resolve.machine_routes import fingerprint

MIRROR = '[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\nlocation = "m.example"\n'
PLAIN = 'unqualified-search-registries = ["docker.io"]\n'


def mark(home: Path, text: str, name: str = ".config/containers/registries.conf", **variables: str) -> str:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return fingerprint({"HOME": str(home), **variables})


@pytest.mark.parametrize(
    "text",
    [
        "",
        PLAIN,
        "# [[registry]]\n# location = 'x'\n",
        '[[registry]]\nlocation = "a.example"\ninsecure = true\n',
        '[[registry]]\nprefix = "a.example"\nlocation = "a.example"\n',
        "[registries.block]\nregistries = []\n",
        '[registries.search]\nregistries = ["docker.io"]\n[registries.insecure]\nregistries = ["a.example"]\n',
    ],
)
def test_what_leads_nowhere_else_has_no_mark(tmp_path: Path, text: str) -> None:
    assert mark(tmp_path, text) == ""


@pytest.mark.parametrize(
    "text",
    [
        MIRROR,
        'registry = [{location = "a.example", mirror = [{location = "m.example"}]}]\n',
        '[[registry]]\nprefix = "a.example"\nlocation = "b.example"\n',
        '[[registry]]\nlocation = "a.example"\nblocked = true\n',
        '[registries.block]\nregistries = ["a.example"]\n',
        'registries.block.registries = ["a.example"]\n',
        "[[registry]\n",
        "registry = 1\n",
        "registries = []\n",
        "registry = [1]\n",
    ],
)
def test_what_leads_elsewhere_or_cannot_be_read_has_one(tmp_path: Path, text: str) -> None:
    assert mark(tmp_path, text)
    assert mark(tmp_path, text) != mark(tmp_path, f"{text}# changed\n")


@pytest.mark.parametrize("variable", ["CONTAINERS_REGISTRIES_CONF", "REGISTRIES_CONFIG_PATH", "XDG_CONFIG_HOME"])
def test_every_place_is_looked_into(tmp_path: Path, variable: str) -> None:
    name = "else/containers/registries.conf"
    value = tmp_path / ("else" if variable.startswith("XDG") else name)
    assert mark(tmp_path, MIRROR, name) == ""
    assert mark(tmp_path, MIRROR, name, **{variable: str(value)})


def test_drop_ins_count_and_so_does_what_comes_before_them(tmp_path: Path) -> None:
    alone = mark(tmp_path, MIRROR, ".config/containers/registries.conf.d/50-mirror.conf")
    assert alone
    assert mark(tmp_path, PLAIN) not in ("", alone)
    (tmp_path / ".config/containers/registries.conf.d/50-mirror.conf").unlink()
    assert mark(tmp_path, PLAIN) == ""


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    nowhere = {"HOME": os.devnull, "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "nowhere")}
    assert fingerprint(nowhere) == ""
    assert fingerprint({**nowhere, "CONTAINERS_REGISTRIES_CONF": str(tmp_path)})
