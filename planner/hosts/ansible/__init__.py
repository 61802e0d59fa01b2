"""Hosts from an Ansible inventory: INI, YAML, or what `ansible-inventory --list` prints.

The words of planner.toml with `planner_` before them are variables of hosts or groups. Values may be filled from others
(`docker {{ docker_version }}`), which is the way to use variables that are there already.
"""

import re
from collections.abc import Iterator

from planner.hosts.ansible.groups import Inventory, Lookup, Member
from planner.hosts.ansible.ini import read_ini
from planner.hosts.ansible.structured import read_list, read_yaml
from planner.hosts.ansible.templates import filled
from planner.hosts.source import HostSource, register
from planner.hosts.table import HostRow, declared, words_of
from planner.hosts.tree import documents, table
from planner.model.host import Host
from planner.model.source import Problem, SourceFile

_PREFIX = "planner_"
_WORDS = tuple(word for word in words_of(HostRow) if word != "name")
_NO_ENGINE = "none"
_MOST_NAMED = 10
_YAML = re.compile(r"""^[ \t]*["']?(?:hosts|children|vars|plugin)["']?[ \t]*:""", re.MULTILINE)
_INI = re.compile(r"^\[[^\]\s]+\]", re.MULTILINE)
# What ssh says before JSON may look like a section: [sudo] password for admin.
_JSON_BELOW = re.compile(r"^\{", re.MULTILINE)
_INI_SUFFIXES = (".ini", ".cfg", ".hosts", ".inventory")
_SUFFIX = re.compile(r"\.[a-z]{1,9}$")


def _kind(source: SourceFile) -> str:
    """json, yaml, ini, or nothing where this is no inventory."""
    text, suffix = source.text.lstrip("\ufeff \t\r\n"), _SUFFIX.search(source.path.lower())
    ending = suffix[0] if suffix else ""
    if text.startswith("{"):
        return "json" if '"_meta"' in text else ""
    if ending in (".yml", ".yaml"):
        return "yaml" if _YAML.search(text) and "apiVersion" not in text else ""
    if ending and ending not in _INI_SUFFIXES and not _INI.search(text):
        return ""
    if ending in (".csv", ".toml", ".json") or _JSON_BELOW.search(text):
        return ""
    if _INI.search(text) or ending == ".ini" or re.search(rf"^\S+\s.*\b{_PREFIX}\w+=", text, re.MULTILINE):
        return "ini"
    return "yaml" if _YAML.search(text) and "apiVersion" not in text else ""


def claims(source: SourceFile) -> bool:
    """What is written as an inventory is: by sections, or by words of its groups."""
    return bool(_kind(source))


def read(source: SourceFile) -> Iterator[Host | Problem]:
    """A host for each that has an engine; one Problem that names those without, and one for each line in vain."""
    inventory = Inventory(source.path)
    match _kind(source):
        case "ini":
            read_ini(inventory, source.text.removeprefix("\ufeff"))
        case kind:
            for document in documents(source):
                if isinstance(document, Problem):
                    inventory.problems.append(document)
                else:
                    (read_list if kind == "json" else read_yaml)(inventory, table(document))
    lookup = Lookup(inventory)
    yield from inventory.problems
    yield from _misspelt(inventory)
    silent: dict[str, int] = {}
    for name, member in inventory.hosts.items():
        found = _host(inventory.path, lookup, name, member)
        if found is None:
            silent[name] = member.line
        elif not isinstance(found, str):
            yield found
    if silent:
        yield _undeclared(source.path, silent)


def _host(path: str, lookup: Lookup, name: str, member: Member) -> Host | Problem | str | None:
    """The host; None where nothing says what it runs, and the word for it where it is said to run no images."""
    words: dict[str, object] = {"name": name}
    for word in _WORDS:
        try:
            value = filled(lookup, member, name, _PREFIX + word)
        except ValueError as error:
            text = f"{error}, so {name} was not judged: write the value itself, or take ansible-inventory --list"
            return Problem("file", path, "host-row", text, member.line)
        if value is not None and value != "":
            words[word] = value
    if words.get("engine") == _NO_ENGINE:
        return _NO_ENGINE
    if "engine" not in words and "kubernetes" not in words:
        return None
    return declared(words, path, member.line)


def _misspelt(inventory: Inventory) -> Iterator[Problem]:
    """Variables with the prefix that are no words: nobody else would miss them."""
    groups, hosts = inventory.groups.values(), inventory.hosts.values()
    variables = [*(group.variables for group in groups), *(host.variables for host in hosts)]
    names = {name: None for each in variables for name in each if name.startswith(_PREFIX)}
    for name in names:
        if name.removeprefix(_PREFIX) not in _WORDS:
            known = ", ".join(_PREFIX + word for word in _WORDS)
            text = f"{name!r} is no variable that planner knows ({known}), so what it says was not used; correct it"
            yield Problem("file", inventory.path, "host-column", text)


def _undeclared(path: str, silent: dict[str, int]) -> Problem:
    names = ", ".join(list(silent)[:_MOST_NAMED]) + (" …" if len(silent) > _MOST_NAMED else "")
    count = "1 host has" if len(silent) == 1 else f"{len(silent)} hosts have"
    text = (
        f"{count} no {_PREFIX}engine, so what they pull was not judged: {names}; give it to them or to a group "
        f'({_PREFIX}engine="docker 20.10.24", or {_PREFIX}engine={_NO_ENGINE} for those that run no images)'
    )
    return Problem("file", path, "host-undeclared", text, min(silent.values()))


def _beside(source: SourceFile) -> tuple[str, ...]:
    """Ansible itself puts the variables of these folders into what it lists."""
    return () if _kind(source) == "json" else ("group_vars", "host_vars")


register(
    HostSource(
        "ansible",
        "an Ansible inventory, INI or YAML, or what ansible-inventory --list prints, with variables such as "
        "planner_engine",
        claims,
        read,
        _beside,
        "take what ansible-inventory -i FILE --list prints, which has their variables",
    )
)
