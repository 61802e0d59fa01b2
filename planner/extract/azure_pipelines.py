"""Container resources, the containers and services of jobs, and images that scripts name; an alias names no image.

Parameters, variables, matrices and `each` are filled in, also what is passed to templates of the same tree.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.script_uses import templated
from planner.extract.syntax.expressions import filled
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, elements, get, items, text, value
from planner.extract.uses import Fill, Use, inner, named, of_documents
from planner.extract.written import Written
from planner.model.source import Problem, SourceFile

_PATH = re.compile(
    r"(?:^|/)(?:[^/]*azure-?pipelines?[^/]*\.ya?ml|\.?azure-?(?:pipelines?|devops)/.*\.ya?ml|\.vsts-ci\.ya?ml)$",
    re.IGNORECASE,
)
_TOP = re.compile(r"^(?:resources|stages|jobs|steps|extends|pool|parameters):", re.MULTILINE)
_OURS = re.compile(
    r"\bvmImage:|^\s*- task: *['\"]?\w+@\d|^\s*(?:- )?(?:deployment|displayName):|^extends:\s*\n\s+template:"
    r"|^\s*- template: *\S+\.ya?ml",
    re.MULTILINE,
)
_NO_PIPELINE = re.compile(r"^(?:apiVersion|kind|on|services):|runs-on:", re.MULTILINE)
_NAMED = frozenset({"variables", "env", "services", "inputs"})  # whoever writes the file chooses the keys below
_MACRO = re.compile(r"\$(?:\(|\[\s*variables(?:\.|\['))([\w.-]+)(?:'\])?\s*[)\]]")
_EACH = re.compile(r"\$\{\{\s*each\s+(\w+)\s+in\s+parameters\.(\w+)\s*\}\}")
_NO_JOBS = frozenset({"target", "parameters", "inputs", "variables", "env", "matrix"})
_MAX_WORLDS = 64  # ways in which a job may run
_MAX_CALLS = 64  # of templates
_MAX_DEPTH = 8


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path):
        return True
    if not source.path.endswith((".yml", ".yaml")) or not _TOP.search(source.text):
        return False
    return bool(_OURS.search(source.text)) and not _NO_PIPELINE.search(source.text)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is known in a part of a file: for each way in which it runs, the texts of `variables.x`, `parameters.x`."""

    source: SourceFile
    lookup: Lookup
    worlds: tuple[Mapping[str, list[Written]], ...] = ({},)
    lists: Mapping[str, Node] | None = None

    def inner(self, owner: Node) -> "_Scope":
        """With the variables and the matrix of a stage or job."""
        known = {f"variables.{name}": [each] for name, each in _variables(self.source, owner, self.lookup)}
        rows = [
            {f"variables.{key.value}": [value(self.source, node)] for key, node in items(row)}
            for _, row in items(get(owner, "strategy", "matrix"))
        ]
        return self.times([{**known, **row} for row in rows or [{}]]) if known or rows else self

    def times(self, rows: Sequence[Mapping[str, list[Written]]]) -> "_Scope":
        """In each of its ways once for each row."""
        worlds = ({**world, **row} for world in self.worlds for row in rows)
        return replace(self, worlds=tuple(islice(worlds, _MAX_WORLDS)))

    def each(self, key: str) -> "_Scope":
        """Below `${{ each NAME in parameters.LIST }}`: once for each element of the list."""
        found = _EACH.match(key)
        node = (self.lists or {}).get(found[2]) if found else None
        if not found or node is None:
            return self
        name = found[1]
        rows: list[Mapping[str, list[Written]]] = []
        for element in elements(node)[:_MAX_WORLDS]:
            row = {f"{name}.{below.value}": [value(self.source, each)] for below, each in items(element)}
            rows.append(row or {name: [value(self.source, element)]})
        return self.times(rows) if rows else self

    def fill(self, image: Written) -> list[Written]:
        """An image in each way in which it runs; what is open stays as written if it is so in all of them."""
        if "$" not in image.text:
            return [image]
        found: dict[str, Written] = {}
        for world in self.worlds:
            for each in filled(fill(image, _MACRO, partial(_variable, world)), partial(_possible, world)):
                for done in filled(fill(each, _MACRO, partial(_variable, world)), partial(_possible, world)):
                    found.setdefault(done.text, done)
        return [each for each in found.values() if "$" not in each.text] or list(found.values())[:1]


def _variable(world: Mapping[str, list[Written]], name: str) -> Written | None:
    return next(iter(world.get(f"variables.{name}", ())), None)


def _possible(world: Mapping[str, list[Written]], name: str) -> list[Written]:
    return world.get(name, [])


def _file_scope(source: SourceFile, root: Node, lookup: Lookup, given: Mapping[str, list[Written]]) -> _Scope:
    """What the whole file may use: the defaults of parameters and their other values, or what is given."""
    known: dict[str, list[Written]] = {}
    lists = {}
    owner = get(root, "parameters")
    pairs = [(key.value, node, node) for key, node in items(owner)]
    pairs += [(text(get(each, "name")), node, each) for each in elements(owner) if (node := get(each, "default"))]
    for name, default, parameter in pairs:
        lists[name] = default
        nodes = [default, *elements(get(parameter, "values"))]
        texts = {each.text: each for each in (value(source, node) for node in nodes) if each.text}
        known[f"parameters.{name}"] = list(texts.values())
        for key, node in items(default):
            known[f"parameters.{name}.{key.value}"] = [value(source, node)]
    return _Scope(source, lookup, ({**known, **given},), lists).inner(root)


def _variables(source: SourceFile, owner: Node | None, lookup: Lookup, depth: int = 0) -> Iterator[tuple[str, Written]]:
    """Variables from a mapping, or from a list of {name, value} and of templates, which are files of their own."""
    section = get(owner, "variables")
    for key, node in items(section):
        yield key.value, value(source, node)
    for each in elements(section):
        if name := text(get(each, "name")):
            yield name, value(source, get(each, "value"))
        elif depth < _MAX_DEPTH and (file := _template(source, each, lookup)):
            for root in islice(documents(file), 1):
                if not isinstance(root, Problem):
                    yield from _variables(file, root, lookup, depth + 1)


def _template(source: SourceFile, call: Node, lookup: Lookup) -> SourceFile | None:
    """The file of the tree that `template` names; one of another repository has its name after an `@`."""
    path = text(get(call, "template"))
    if not path.endswith((".yml", ".yaml")) or "${{" in path:
        return None
    beside = posixpath.join(posixpath.dirname(source.path), path)
    return lookup(path.lstrip("/")) if path.startswith("/") else lookup(beside)


def _scoped(root: Node, scope: _Scope) -> Iterator[tuple[tuple[str, ...], Node, _Scope]]:
    """Every mapping of a file with what is known in it."""
    seen: set[int] = set()
    waiting: list[tuple[tuple[str, ...], Node, _Scope]] = [((), root, scope)]
    while waiting:
        path, node, here = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            here = here.inner(node) if path else here
            yield path, node, here
        below = [((*path[-3:], key.value), each, here.each(key.value)) for key, each in items(node)]
        waiting.extend(reversed(below or [(path, each, here) for each in elements(node)]))


def _uses(source: SourceFile, root: Node, lookup: Lookup) -> Iterator[Use]:
    is_template = not _PATH.search(source.path)
    for use in _of_scope(root, _file_scope(source, root, lookup, {})):
        yield replace(use, fill=partial(_told, known=use.fill)) if is_template else use


def _told(image: Written, known: Fill) -> list[Written]:
    """What a template leaves open without a digest is told where the template is used."""
    return [each for each in known(image) if not _awaits_digest(each.text)]


def _awaits_digest(image: str) -> bool:
    return "parameters." in image and not DIGEST.search(image)


def _of_scope(root: Node, scope: _Scope) -> Iterator[Use]:
    for container in elements(get(root, "resources", "containers")):
        yield Use("container", text(get(container, "container")), get(container, "image"), fill=scope.fill)
    for path, node, here in _scoped(root, scope):
        if path[:1] == ("resources",) or (path and path[-1] in _NO_JOBS):
            continue
        name = named(node, "pipeline", "job", "deployment", "displayName")
        no_alias = partial(_no_alias, scope=here)
        yield Use("job", name, inner(get(node, "container"), "image"), fill=no_alias)
        for service, image in items(get(node, "services")):
            yield Use("service", f"{name}: {service.value}", inner(image, "image"), fill=no_alias)
        for key in ("script", "bash"):
            yield from templated("", get(node, key), here.fill, {})
        for key in ("pwsh", "powershell"):
            yield Use("text", "", get(node, key), fill=here.fill, within=True)
        if get(node, "task"):
            for _, given in items(get(node, "inputs")):
                yield Use("text", "", given, fill=here.fill, within=True)


def _no_alias(image: Written, scope: _Scope) -> list[Written]:
    """A name alone is that of a container resource, which may stand in another file."""
    return [each for each in scope.fill(image) if re.search(r"[/:@$]", each.text)]


def _is_prose(path: tuple[str, ...]) -> bool:
    return path[-1] == "displayName" and _NAMED.isdisjoint(path[-2:-1])


@dataclass(frozen=True, slots=True)
class _Call:
    """A template with what it was given."""

    root: Node
    scope: _Scope


def _of_templates(source: SourceFile, root: Node, lookup: Lookup) -> Iterator[Found]:
    """What templates of the tree use only because of the parameters that they are given."""
    waiting = [_Call(root, _file_scope(source, root, lookup, {}))]
    for call in waiting:  # grows as it goes; a template that calls itself ends at the bound
        for _, node, here in _scoped(call.root, call.scope):
            file = _template(here.source, node, lookup) if len(waiting) < _MAX_CALLS else None
            below = next((each for each in documents(file) if not isinstance(each, Problem)), None) if file else None
            if not file or not below:
                continue
            passed = items(get(node, "parameters"))
            given = {
                f"parameters.{key.value}": here.fill(value(here.source, each)) for key, each in passed if text(each)
            }
            scope = _file_scope(file, below, lookup, given)
            waiting.append(_Call(below, scope))
            uses = (use for use in _of_scope(below, scope) if not use.within)
            plain = (use for use in _of_scope(below, _file_scope(file, below, lookup, {})) if not use.within)
            yield from _only_so(source, file, uses, plain)


def _only_so(source: SourceFile, file: SourceFile, given: Iterator[Use], alone: Iterator[Use]) -> Iterator[Found]:
    for use, plain in zip(given, alone, strict=False):
        image = value(file, use.node)
        before = {each.text for each in plain.fill(image)}
        for each in use.fill(image):
            found = occurrence(source, each, format="azure-pipelines", role=use.role, name=use.name)
            if found and (each.text not in before or _awaits_digest(each.text)):
                yield found


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    roots = list(documents(source, tags))
    if "template:" in source.text:
        for root in roots:
            if not isinstance(root, Problem):
                yield from _of_templates(source, root, lookup)
    yield from of_documents(source, roots, "azure-pipelines", partial(_uses, lookup=lookup), _is_prose, tags=tags)


register(
    Format(
        "azure-pipelines",
        "Azure Pipelines",
        _claims,
        _extract,
        rank=20,
        files="azure-pipelines*.yml, YAML below azure-pipelines/ or .azuredevops/; YAML that reads like a pipeline",
        example=Example(
            "azure-pipelines.yml",
            "resources:\n  containers:\n    - container: node\n      image: node:22@sha256:…\n",
        ),
    )
)
