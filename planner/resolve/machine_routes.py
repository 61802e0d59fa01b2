"""Whether registries.conf of this machine sends questions elsewhere than names say: skopeo obeys it, HTTP does not.

What a mirror has the registry that a reference names may lack, so the cache keeps the two apart. Nothing here says
where a question goes: that would be skopeo's work done again.

Where the files are: containers-registries.conf.5; pkg/sysregistriesv2/system_registries_v2.go of containers/image.
Newer versions look into more places than older ones: a file that this machine's skopeo does not read makes the cache
ask again, one that was overlooked would make it answer for another registry.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_VARIABLES = ("CONTAINERS_REGISTRIES_CONF", "REGISTRIES_CONFIG_PATH")
_HARMLESS_LISTS = frozenset({"search", "insecure"})  # of version 1: where short names are searched, and plain HTTP


def fingerprint(environment: Mapping[str, str]) -> str:
    """A mark of all registries.conf that skopeo may read, empty if none of them leads elsewhere.

    One that cannot be read or is not TOML is taken for one that does.
    """
    contents = [_read(path) for path in _paths(environment)]
    found = [content for content in contents if content is not None]
    if not any(map(_leads_elsewhere, found)):
        return ""
    marks = "".join(hashlib.sha256(content).hexdigest() for content in found)
    return hashlib.sha256(marks.encode()).hexdigest()


def _paths(environment: Mapping[str, str]) -> Iterator[Path]:
    """Every place, in a fixed order."""
    yield from (Path(named) for name in _VARIABLES if (named := environment.get(name)))
    home = Path(environment.get("HOME") or Path.home())
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    folders = [settings, home / ".config", Path("/etc"), Path("/usr/share")]
    for folder in dict.fromkeys(each / "containers" for each in folders):
        yield folder / "registries.conf"
        yield from sorted((folder / "registries.conf.d").glob("*.conf"))


def _read(path: Path) -> bytes | None:
    """The file's bytes, None where there is none; what cannot be read is something that is not TOML."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return f"cannot be read: {error.strerror}".encode()


def _leads_elsewhere(content: bytes) -> bool:
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return True
    tables, lists = document.get("registry", []), document.get("registries", {})
    if not isinstance(tables, list) or not isinstance(lists, dict):
        return True
    blocks = [each for name, each in lists.items() if name not in _HARMLESS_LISTS and each != {"registries": []}]
    return any(map(_moves, tables)) or bool(blocks)


def _moves(table: Any) -> bool:
    """Whether a `[[registry]]` has mirrors, another location or a block; `insecure` alone asks the same registry."""
    if not isinstance(table, dict) or table.get("mirror") or table.get("blocked"):
        return True
    prefix, location = table.get("prefix"), table.get("location")
    return bool(prefix and location and prefix != location)
