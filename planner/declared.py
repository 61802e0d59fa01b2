"""The tables of planner.toml, checked. Imported only where there is such a file: pydantic takes long to start."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError

from planner.errors import UsageError
from planner.hosts.table import UNKNOWN_WORD, HostRow, HostWords, complaint, hosts_of, words_of
from planner.knowledge.near import nearest
from planner.model.engine import parse_software
from planner.model.host import HostRule, Registry
from planner.model.reference import InvalidReferenceError, parse_reference
from planner.registry_config import with_routes
from planner.settings import Settings, read_declaration
from planner.suppress.table import IgnoreRow, PolicyRow, rules_of


class _RuleRow(HostWords):
    """A `[[for_hosts]]` table: words for hosts that files declare."""

    names: list[str] = Field(default=["*"], min_length=1)
    engine: str = "*"


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
    ignore: list[IgnoreRow] = []
    policy: PolicyRow = PolicyRow()
    host_files: list[str] = []
    for_hosts: list[_RuleRow] = []


def settings_of(path: Path) -> Settings:
    """What a settings file declares. Raises UsageError with file and place."""
    text = read_declaration(path)
    try:
        file = _File.model_validate(_table(path, text))
        declared = [host for row in file.hosts for host in hosts_of(row, path.name)]
    except ValidationError as error:
        place, words = complaint(error)
        raise UsageError(f"{path}: {_place(place)}: {words}{_known(place, words)}") from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    hosts = tuple(with_routes(declared, path.parent))
    twice = [name for name, count in Counter(host.name for host in hosts).items() if count > 1]
    if twice:
        raise UsageError(f"{path}: the host {twice[0]!r} is declared twice; names tell hosts apart in the report")
    registries = tuple(_registry(row, path) for row in file.registries)
    again = [host for host, count in Counter(registry.host for registry in registries).items() if count > 1]
    if again:
        raise UsageError(f"{path}: the registry {again[0]!r} is declared twice; put what it is into one table")
    knowledge = tuple(path.parent / name for name in file.knowledge)
    ignores = tuple(rules_of(file.ignore, path.name, text))
    host_files = tuple(path.parent / name for name in file.host_files)
    return Settings(
        path,
        hosts,
        registries,
        knowledge,
        include_tags=file.include_tags,
        ignores=ignores,
        ignore_must_expire=file.policy.ignore_must_expire,
        host_files=host_files,
        host_rules=tuple(map(_rule, file.for_hosts)),
    )


def _rule(row: _RuleRow) -> HostRule:
    return HostRule(
        names=tuple(row.names),
        engine=row.engine.lower(),
        target=row.target,
        store=row.store,
        client=row.client,
        switches=frozenset(row.switches),
        runs=tuple(row.runs),
        ring=row.ring,
    )


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


def _table(path: Path, text: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"{path} is no TOML: {error}{_hint(text, str(error))}") from error
    except RecursionError as error:
        raise UsageError(f"{path} is no TOML that planner reads: nested too deep") from error
    if path.name == "pyproject.toml":
        tools = table.get("tool")
        found = tools.get("planner", {}) if isinstance(tools, dict) else {}
        return found if isinstance(found, dict) else {}
    return table


def _hint(text: str, error: str) -> str:
    """What to write where tomllib refuses the line of a date, which it names in its words alone."""
    place = re.search(r"at line ([0-9]+)", error)
    line = text.split("\n")[int(place[1]) - 1] if place else text.rstrip().rpartition("\n")[2]
    return "; write a date such as expires = 2026-12-31" if re.search(r"\bexpires\b", line) else ""


def _place(parts: tuple[int | str, ...]) -> str:
    """Where in the file: `hosts, number 2: engine`."""
    words = [f"number {part + 1}" if isinstance(part, int) else part for part in parts]
    return ", ".join(words) or "the file"


def _known(place: tuple[int | str, ...], words: str) -> str:
    if words != UNKNOWN_WORD:
        return ""
    tables: dict[str, type[BaseModel]] = {
        "hosts": HostRow,
        "for_hosts": _RuleRow,
        "registries": _RegistryRow,
        "ignore": IgnoreRow,
        "policy": PolicyRow,
    }
    known = tables.get(str(place[0]), _File) if len(place) > 1 else _File
    meant = nearest(str(place[-1]), words_of(known))
    return f"{meant}; here it knows {', '.join(words_of(known))}"
