"""planner.toml as frozen Settings. What is wrong in it is the user's to mend: it ends the run with exit 2."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError

from planner.errors import UsageError
from planner.hosts.table import UNKNOWN_WORD, HostRow, complaint, hosts_of
from planner.model.engine import parse_software
from planner.model.host import Host, Registry
from planner.model.reference import InvalidReferenceError, parse_reference

FILE_NAME = "planner.toml"
_MAX_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """What planner.toml declares. `path` is None where there is none; `knowledge` are the user's own files.

    `include_tags`: references by tag are checked too.
    """

    path: Path | None = None
    hosts: tuple[Host, ...] = ()
    registries: tuple[Registry, ...] = ()
    knowledge: tuple[Path, ...] = ()
    include_tags: bool = False


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
    include_tags: StrictBool = False


def load_settings(root: Path, config: Path | None = None) -> Settings:
    """Read `config`, or planner.toml (else pyproject.toml) at the scan root. Raises UsageError with file and place."""
    path = config or _beside(root)
    if path is None:
        return Settings()
    try:
        file = _File.model_validate(_table(path))
        hosts = tuple(host for row in file.hosts for host in hosts_of(row, path.name))
    except ValidationError as error:
        place, words = complaint(error)
        raise UsageError(f"{path}: {_place(place)}: {words}{_known(place, words)}") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    twice = [name for name, count in Counter(host.name for host in hosts).items() if count > 1]
    if twice:
        raise UsageError(f"{path}: the host {twice[0]!r} is declared twice; names tell hosts apart in the report")
    registries = tuple(_registry(row, path) for row in file.registries)
    again = [host for host, count in Counter(registry.host for registry in registries).items() if count > 1]
    if again:
        raise UsageError(f"{path}: the registry {again[0]!r} is declared twice; put what it is into one table")
    knowledge = tuple(path.parent / name for name in file.knowledge)
    return Settings(path, hosts, registries, knowledge, file.include_tags)


def own_knowledge(config: Path | None) -> tuple[Path, ...]:
    """The user's knowledge files, named by `config`, else by the current folder's settings. As load_settings."""
    return load_settings(Path(), config).knowledge


def read_declaration(path: Path) -> str:
    """The text of a file that the user wrote for planner; UsageError if it is none, or larger than 10 MiB."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise UsageError(f"{path} is larger than {_MAX_BYTES >> 20} MiB, too large for what it declares; split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {path}: it is not in UTF-8; save it as UTF-8 and run again") from error


def _registry(row: _RegistryRow, path: Path) -> Registry:
    """The registry under the host that references have. Raises UsageError for what cannot stand in a reference."""
    try:
        host = parse_reference(f"{row.host}/name").registry
    except InvalidReferenceError:
        host = ""
    if not host or "/" in row.host or (host == "docker.io" and not row.host.endswith("docker.io")):
        raise UsageError(
            f"{path}: {row.host!r} is no registry host; write it as it stands in references, such as "
            "registry.corp.example:5000, without https:// and path"
        )
    software, target = (parse_software(text) if text else None for text in (row.software, row.target))
    return Registry(host, software, target, row.insecure)


def _beside(root: Path) -> Path | None:
    folder = root if root.is_dir() else root.parent
    if (folder / FILE_NAME).is_file():
        return folder / FILE_NAME
    project = folder / "pyproject.toml"
    return project if project.is_file() and _has_table(project) else None


def settings_above(root: Path) -> Path | None:
    """A planner.toml up to three folders above the scan root. Not used by itself: its globs are for its folder."""
    return next((p / FILE_NAME for p in root.resolve().parents[:3] if (p / FILE_NAME).is_file()), None)


def _has_table(project: Path) -> bool:
    """Whether a pyproject.toml, which is not ours and may be anything, speaks of planner."""
    try:
        with project.open("rb") as file:
            return b"[tool.planner" in file.read(_MAX_BYTES)
    except OSError:
        return False


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(read_declaration(path))
    except ValueError as error:
        raise UsageError(f"{path} is no TOML: {error}") from error
    except RecursionError as error:
        raise UsageError(f"{path} is no TOML that planner reads: nested too deep") from error
    if path.name == "pyproject.toml":
        tools = table.get("tool")
        found = tools.get("planner", {}) if isinstance(tools, dict) else {}
        return found if isinstance(found, dict) else {}
    return table


def _place(parts: tuple[int | str, ...]) -> str:
    """Where in the file: `hosts, number 2: engine`."""
    words = [f"number {part + 1}" if isinstance(part, int) else part for part in parts]
    return ", ".join(words) or "the file"


def _known(place: tuple[int | str, ...], words: str) -> str:
    if words != UNKNOWN_WORD:
        return ""
    tables: dict[str, type[BaseModel]] = {"hosts": HostRow, "registries": _RegistryRow}
    known = tables.get(str(place[0]), _File) if len(place) > 1 else _File
    return f"; here it knows {', '.join(known.model_fields)}"
