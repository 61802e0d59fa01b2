"""Ansible's inventories in YAML, and those in JSON that `ansible-inventory --list` and inventory scripts print."""

from planner.hosts.ansible.groups import UNGROUPED, Inventory
from planner.hosts.tree import Table, Value, table, text

_WORDS = ("hosts", "vars", "children")
_META = "_meta"


def read_yaml(inventory: Inventory, root: Table) -> None:
    """Put the groups of a YAML inventory into `inventory`, those within others too."""
    if "plugin" in root:
        why = "this configures an inventory plugin and names no host: take what ansible-inventory -i FILE --list prints"
        inventory.refuse(root.line, why)
        return
    waiting: list[tuple[str, str, Value, int]] = [(name, "", body, root.line_of(name)) for name, body in root.items()]
    while waiting:
        name, above, body, line = waiting.pop(0)
        group = inventory.group(name)
        if above and above != name:
            group.above[above] = None
        if body is not None and not isinstance(body, Table):
            inventory.refuse(line, f"the group {name} is no mapping with hosts, vars or children, so it was not read")
            continue
        found = table(body)
        for word in found:
            if word not in _WORDS:
                why = f"{word!r} is no word of a group ({', '.join(_WORDS)}), so what it says was not read"
                inventory.refuse(found.line_of(word), why)
        group.variables |= table(found, "vars")
        _hosts(inventory, name, found)
        children = _mapping(inventory, name, found, "children")
        waiting += [(child, name, inner, children.line_of(child)) for child, inner in children.items()]


def _hosts(inventory: Inventory, group: str, found: Table) -> None:
    hosts = _mapping(inventory, group, found, "hosts")
    for pattern, variables in hosts.items():
        for member in inventory.spread(pattern, group, hosts.line_of(pattern)):
            member.variables |= table(variables)


def _mapping(inventory: Inventory, group: str, found: Table, word: str) -> Table:
    """The mapping below a word of a group; one name alone may stand in its place."""
    value = found.get(word)
    if isinstance(value, list) or (isinstance(value, str) and not value.strip()):
        inventory.refuse(found.line_of(word), f"the {word} of {group} are no mapping, so they were not read")
        return Table()
    if isinstance(value, str):
        alone = Table(found.line_of(word))
        alone[value.strip()] = None
        return alone
    return table(value)


def read_list(inventory: Inventory, root: Table) -> None:
    """Put what `--list` prints into `inventory`: groups by name, the hosts' variables below `_meta`."""
    known = table(root, _META, "hostvars")
    for name, body in root.items():
        if name == _META:
            continue
        group, found = inventory.group(name), table(body)
        group.variables |= table(found, "vars")
        for host in _names(body if isinstance(body, list) else found.get("hosts")):
            inventory.add(host, name, known.line_of(host) if host in known else root.line_of(name))
        for child in _names(found.get("children")):
            inventory.group(child).above.update({name: None} if child != name else {})
    for host, variables in known.items():
        member = inventory.hosts.get(host) or inventory.add(host, UNGROUPED, known.line_of(host))
        if member:
            member.variables |= table(variables)


def _names(value: Value) -> list[str]:
    return [name for name in map(text, value) if name] if isinstance(value, list) else []
