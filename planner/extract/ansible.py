"""Playbooks, tasks, roles, inventories and group variables: modules' arguments and variables that are a reference.

Variables in `{{ }}` are filled in from the same file, loops included, and from the role's or play's files of variables.
Not read: names of tasks, conditions, messages, labels; modules that only inspect, tag, push or remove an image.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from planner.extract.assembled import Assembly, Part, references
from planner.extract.fields import Owner, Path, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.jinja import Known, filled
from planner.extract.syntax.yaml_nodes import (
    MappingNode,
    Node,
    ScalarNode,
    documents,
    elements,
    get,
    items,
    text,
    value,
)
from planner.extract.written import NOTHING, Written
from planner.model.source import Problem, SourceFile

_PATH = re.compile(
    r"""
    (?:^|/)(?: (?:group_vars|host_vars)/.* | roles/[^/]+/(?:tasks|handlers|defaults|vars|meta)/.*
    | molecule/.*/?molecule | (?:.*/)?execution-environment | (?:playbooks?|ansible)/.* )\.ya?ml$
    """,
    re.VERBOSE,
)
_VARIABLES = re.compile(r"(?:^|/)(?:(?:group_vars|host_vars)/.*|(?:defaults|vars)/[^/]*)\.ya?ml$")
_CONTENT = re.compile(
    r"""
    ^-?[ ]*(?:hosts|import_playbook|ansible\.builtin\.\w+|include_role|import_role):
    | ^[ ]+(?:-[ ])?(?:(?:community\.(?:docker|general|okd)|containers\.podman|kubernetes\.core|ansible\.builtin)\.\w+
      |(?:docker|podman)_(?:container|image|image_pull|swarm_service|pod|play)):
    """,
    re.VERBOSE | re.MULTILINE,
)
_OTHERS = re.compile(r"^(?:apiVersion|jobs|stages|services|steps|on|image):", re.MULTILINE)
_BLOCKS = frozenset({"tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always", "roles"})
_CONDITIONS = frozenset({"when", "changed_when", "failed_when", "until", "tags", "register", "notify", "vars_prompt"})
_NO_MODULES = re.compile(
    r"(?:[\w.]+\.)?(?:debug|fail|assert|pause|(?:docker|podman)_(?:image_|container_)\w*)|[\w.]*_(?:info|facts)"
)
_MODULES = re.compile(r"(?:[\w.]+\.)?(?:docker|podman)_image_(?:pull|build|load)|[\w.]*docker_container_exec")
_VARS = ("vars", "set_fact", "ansible.builtin.set_fact")
_MAX_VARIABLES = 10_000
_MAX_ELEMENTS = 1_000  # of a loop


def _claims(source: SourceFile) -> bool:
    if not source.path.lower().endswith((".yml", ".yaml")) or _OTHERS.search(source.text):
        return False
    return _PATH.search(source.path) is not None or _CONTENT.search(source.text) is not None


def _no_pull(path: Path) -> bool:
    key = path[-1]
    if is_note(path) or key in _CONDITIONS:
        return True
    if key == "name" and all(each in _BLOCKS for each in path[:-1]) and len(path) < 20:
        return True
    return _NO_MODULES.fullmatch(key) is not None and not _MODULES.fullmatch(key)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    is_variables = _VARIABLES.search(source.path) is not None
    role = "variable" if is_variables else "task"
    for root in documents(source, tags):
        if isinstance(root, Problem):
            yield root
            continue
        known = _beside(source, lookup) | _variables(source, root, is_variables=is_variables)
        assembly = Assembly(source.path)
        play = _Play(source, assembly)
        tasks = play.node(root, known)
        # What sets a value is asked after what uses it: the use says what is pulled.
        parts = [
            Part(Owner("ansible", role), assembly, tasks),
            Part(Owner("ansible", "variable"), assembly, assembly.mapping(play.set_aside)),
        ]
        yield from references(source, parts, _no_pull, tags=tags)


def _beside(source: SourceFile, lookup: Lookup) -> dict[str, Written]:
    """The variables of the role, or those beside the play; what is asked for later wins."""
    folder = source.path.rpartition("/")[0]
    above = folder.rpartition("/")[0]
    names = ("defaults/main.yml", "group_vars/all.yml", "group_vars/all/main.yml", "vars/main.yml", "vars.yml")
    if "{{" not in source.text:
        return {}
    found: dict[str, Written] = {}
    for place in dict.fromkeys((above, folder)):
        for name in names:
            path = f"{place}/{name}" if place else name
            other = lookup(path) if path != source.path else None
            for root in documents(other) if other else ():
                if other and not isinstance(root, Problem):
                    found |= _variables(other, root, is_variables=True)
    return found


def _variables(source: SourceFile, root: Node, *, is_variables: bool) -> dict[str, Written]:
    """What the file sets anywhere; `images.web.name` for nested ones. Of a name given twice the last counts."""
    found: dict[str, Written] = {}
    waiting: list[tuple[str, Node, bool]] = [("", root, is_variables)]
    seen: set[int] = set()
    while waiting and len(found) < _MAX_VARIABLES:
        name, node, sets = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode):
            if sets:
                found[name] = value(source, node)
            continue
        if isinstance(node, MappingNode):
            for key, each in items(node):
                below = f"{name}.{key.value}" if name else key.value
                waiting.append((below, each, True) if sets else ("", each, key.value in _VARS))
            continue
        for number, each in enumerate(elements(node)):
            waiting.append((f"{name}.{number}", each, sets))
    return found


@dataclass(slots=True)
class _Play:
    """Nodes of a file with its variables put in."""

    source: SourceFile
    assembly: Assembly
    set_aside: list[tuple[str, Node]] = field(default_factory=list)

    def node(self, node: Node, known: Known, depth: int = 0) -> Node:
        """A copy of a node; a task with a loop comes once for each of its elements."""
        if depth > 60 or self.assembly.nodes > 200_000:
            return self.assembly.scalar(NOTHING)
        if isinstance(node, ScalarNode):
            return self.assembly.scalar(NOTHING if node.tag == "!vault" else filled(value(self.source, node), known))
        if not isinstance(node, MappingNode):
            return self.assembly.sequence([self.node(each, known, depth + 1) for each in elements(node)])
        if not items(node) and node.value:
            return self.assembly.scalar(value(self.source, node))
        rows = list(self._rows(node, known)) or [known]
        copies = [self._mapping(node, row, depth) for row in rows]
        return copies[0] if len(copies) == 1 else self.assembly.sequence(copies)

    def _mapping(self, node: Node, known: Known, depth: int) -> Node:
        """A copy of a mapping without its loop; what it sets is put aside."""
        pairs: list[tuple[str, Node]] = []
        for key, each in items(node):
            if key.value in _VARS:
                self.set_aside.append((key.value, self.node(each, known, depth + 1)))
            elif not self._is_loop(key.value):
                pairs.append((key.value, self.node(each, known, depth + 1)))
        return self.assembly.mapping(pairs)

    def _is_loop(self, key: str) -> bool:
        return key == "loop" or key.startswith("with_")

    def _rows(self, node: Node, known: Known) -> Iterator[Known]:
        """The variables of each turn of a loop over a list that is written out, or is a variable."""
        variable = text(get(node, "loop_control", "loop_var")) or "item"
        for key, over in items(node):
            if self._is_loop(key.value):
                for element in elements(over)[:_MAX_ELEMENTS]:
                    yield {**known, **_under(variable, _variables(self.source, element, is_variables=True))}
                yield from self._of_variable(variable, text(over), known)

    def _of_variable(self, variable: str, over: str, known: Known) -> Iterator[Known]:
        """The elements of `{{ list }}`: their names are those of the list and a number."""
        name = over.strip("{} \t\n").partition("|")[0].strip()
        prefix = f"{name}."
        groups: dict[str, dict[str, Written]] = {}
        for each, written in known.items():
            if name and each.startswith(prefix):
                number, _, rest = each.removeprefix(prefix).partition(".")
                groups.setdefault(number, {})[rest] = written
        for group in list(groups.values())[:_MAX_ELEMENTS]:
            yield {**known, **_under(variable, group), **_under(f"{variable}.value", group)}


def _under(name: str, variables: Known) -> dict[str, Written]:
    return {f"{name}.{key}" if key else name: each for key, each in variables.items()}


register(
    Format(
        name="ansible",
        title="Ansible",
        claims=_claims,
        extract=_extract,
        rank=38,
        files="playbooks, roles/*/{tasks,handlers,defaults,vars}/*.yml, group_vars/**, host_vars/**, molecule.yml",
        example=Example(
            "playbook.yml",
            "- hosts: web\n  vars:\n    web_digest: sha256:…\n  tasks:\n    - name: Start it\n"
            "      community.docker.docker_container:\n        name: web\n"
            '        image: "registry.example/web@{{ web_digest }}"\n',
        ),
    )
)
