"""Ansible's INI inventories: sections of hosts, of `:vars` and of `:children`, as ansible-core 2.20 reads them."""

import ast
import re
import shlex

from planner.hosts.ansible.groups import UNGROUPED, Inventory
from planner.hosts.tree import Value

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_KINDS = (None, "hosts", "vars", "children")
_LONGEST = 10_000  # characters of a value that may be a Python literal


def read_ini(inventory: Inventory, text: str) -> None:
    """Put what the file says into the inventory. A line that says nothing is a Problem, and costs no other."""
    group, kind = UNGROUPED, "hosts"
    named: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()  # noqa: PLW2901
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and (section := _SECTION.fullmatch(line)):
            group, kind = section[1], section[2] or "hosts"
            inventory.group(group, declares=kind != "vars")
            named.setdefault(group, number)
            if kind not in _KINDS:
                inventory.refuse(number, f"[{group}:{kind}] is no section of an inventory, so it was not read")
        elif kind == "hosts":
            _hosts(inventory, line, group, number)
        elif kind == "vars":
            _variable(inventory, line, group, number)
        elif kind == "children":
            child = line.split("#")[0].strip()
            inventory.group(child, declares=False).above[group] = None
            named.setdefault(child, number)
    for name, number in named.items():
        if not inventory.groups[name].is_declared:
            inventory.refuse(number, f"no section declares the group {name}, so what is said of it counts for nobody")


def _hosts(inventory: Inventory, line: str, group: str, number: int) -> None:
    inventory.group(group)
    try:
        pattern, *pairs = shlex.split(line, comments=True)
    except ValueError as error:
        inventory.refuse(number, f"this is no line of host and variables ({error}), so its hosts were not judged")
        return
    if wrong := next((pair for pair in pairs if "=" not in pair), ""):
        why = f"{wrong[:80]!r} is no variable such as name=value, so the hosts of this line were not judged"
        inventory.refuse(number, why)
        return
    variables = {key: _literal(value) for key, _, value in (pair.partition("=") for pair in pairs)}
    for member in inventory.spread(pattern, group, number):
        member.variables |= variables


def _variable(inventory: Inventory, line: str, group: str, number: int) -> None:
    key, equals, value = line.partition("=")
    if not equals:
        inventory.refuse(number, f"{line[:80]!r} is no variable such as name=value, so it was not read")
        return
    inventory.group(group, declares=False).variables[key.strip()] = _literal(value.strip())


def _literal(text: str) -> Value:
    """A value as Ansible takes it: what is written as a text or list of Python is that, all else stands as it is."""
    if text[:1] not in ("'", '"', "[", "(") or len(text) > _LONGEST:
        return text
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    match found:
        case str():
            return found
        case list() | tuple():
            return [str(each) for each in found]
        case _:
            return text
