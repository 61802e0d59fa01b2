"""planner.toml as frozen Settings. What is wrong in it is the user's to mend: it ends the run with exit 2."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from planner.errors import UsageError
from planner.hosts.table import HostRow, hosts_of
from planner.model.engine import parse_software
from planner.model.host import Host, Registry

FILE_NAME = "planner.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """What planner.toml declares. `path` is None where there is none; `knowledge` are the user's own files."""

    path: Path | None = None
    hosts: tuple[Host, ...] = ()
    registries: tuple[Registry, ...] = ()
    knowledge: tuple[Path, ...] = ()


class _RegistryRow(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    software: str = ""
    target: str = ""
    insecure: bool = False


class _File(BaseModel):
    """The whole of planner.toml, or `[tool.planner]` of a pyproject.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosts: list[HostRow] = []
    registries: list[_RegistryRow] = []
    knowledge: list[str] = []


def load_settings(root: Path, config: Path | None = None) -> Settings:
    """Read `config`, or planner.toml (else pyproject.toml) at the scan root. Raises UsageError with file and place."""
    path = config or _beside(root)
    if path is None:
        return Settings()
    try:
        file = _File.model_validate(_table(path))
        hosts = tuple(host for row in file.hosts for host in hosts_of(row, path.name))
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"{path}: {_place(first['loc'])}: {first['msg']}{_hint(first)}") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    twice = [name for name, count in Counter(host.name for host in hosts).items() if count > 1]
    if twice:
        raise UsageError(f"{path}: the host {twice[0]!r} is declared twice; names tell hosts apart in the report")
    registries = tuple(
        Registry(
            row.host, parse_software(row.software), parse_software(row.target) if row.target else None, row.insecure
        )
        for row in file.registries
    )
    return Settings(path, hosts, registries, tuple(path.parent / name for name in file.knowledge))


def _beside(root: Path) -> Path | None:
    folder = root if root.is_dir() else root.parent
    if (folder / FILE_NAME).is_file():
        return folder / FILE_NAME
    project = folder / "pyproject.toml"
    return project if project.is_file() and "[tool.planner" in project.read_text("utf-8", "replace") else None


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is no TOML: {error}") from error
    if path.name == "pyproject.toml":
        found = table.get("tool", {}).get("planner", {})
        return found if isinstance(found, dict) else {}
    return table


def _place(parts: tuple[int | str, ...]) -> str:
    """Where in the file: `hosts, number 2: engine`."""
    words = [f"number {part + 1}" if isinstance(part, int) else part for part in parts]
    return ", ".join(words) or "the file"


def _hint(error: Any) -> str:
    if error["type"] != "extra_forbidden":
        return ""
    known = HostRow if "hosts" in error["loc"][:1] else _RegistryRow if "registries" in error["loc"][:1] else _File
    return f" ({error['loc'][-1]!r} is not a word of planner.toml; here it knows {', '.join(known.model_fields)})"
