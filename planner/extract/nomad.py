"""Images of tasks and whatever else a job names, with its variables and locals; jobs as HCL and as JSON.

Not read: `meta`, labels and tags.
"""

import re
from collections.abc import Iterator

from planner.extract.fields import Owner, Path, Tree, extracted, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.hcl_files import Block, beside, body, images
from planner.extract.split_reference import Kind
from planner.extract.syntax.hcl_nodes import Body, Expression
from planner.extract.syntax.hcl_values import Values, member
from planner.extract.syntax.yaml_nodes import documents
from planner.model.source import Problem, SourceFile

_PATH = re.compile(r"\.nomad(?:\.hcl|\.json|\.tpl)?$", re.IGNORECASE)
_JOB = re.compile(r"""^job[ \t]+["'\w][^\n]*\{""", re.MULTILINE)
_JSON = (re.compile(r'"(?:TaskGroups|group|task)"\s*:'), re.compile(r'"[dD]river"\s*:'), re.compile(r'"[jJ]ob"\s*:'))
_NO_PULLS = frozenset({"meta", "Meta", "tags", "Tags", "canary_tags", "constraint", "affinity"})


def _claims(source: SourceFile) -> bool:
    path = source.path.lower()
    if path.endswith(".json"):
        return all(pattern.search(source.text) for pattern in _JSON)
    return _PATH.search(path) is not None or (path.endswith(".hcl") and _JOB.search(source.text) is not None)


def _no_pull(path: Path) -> bool:
    return is_note(path) or path[-1] in _NO_PULLS


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    if source.path.lower().endswith(".json"):
        tree = Tree(Kind(tags=tags), _no_pull)
        yield from extracted(source, documents(source, tags), tree.fields, Owner("nomad", "task"), tags=tags)
        return
    root = body(source, {}, tags)
    if isinstance(root, Problem):
        yield root
    if not isinstance(root, Body):
        return
    names = names_of(root)
    for other in beside(source, lookup, ("variables.hcl", "vars.hcl", "nomad.vars", "variables.nomad.hcl")):
        read = body(other, {}, tags=False)
        names = names_of(read) | names if isinstance(read, Body) else names
    blocks = [
        Block(
            Owner("nomad", "task" if pair.key == "job" else "variable", ".".join([pair.key, *pair.labels])),
            pair.value,
            {},
        )
        for pair in sorted(root.pairs, key=lambda pair: pair.key != "job")
    ]
    yield from images(source, blocks, Values(names), _no_pull, tags=tags)


def names_of(root: Body) -> dict[tuple[str, ...], Expression]:
    """Locals, and variables with their values: defaults, or those that a file of variables sets."""
    found: dict[tuple[str, ...], Expression] = {}
    for pair in root.pairs:
        if pair.key == "locals" and isinstance(pair.value, Body):
            found |= {("local", each.key): each.value for each in pair.value.pairs}
        elif pair.key == "variable" and pair.labels and (default := member(pair.value, "default")) is not None:
            found["var", pair.labels[0]] = default
        elif not pair.is_block:
            found["var", pair.key] = pair.value
    return found


register(
    Format(
        name="nomad",
        title="Nomad jobs",
        claims=_claims,
        extract=_extract,
        files="*.nomad, *.nomad.hcl, *.hcl and *.json that hold a job",
        example=Example(
            "web.nomad.hcl",
            'job "web" {\n  group "web" {\n    task "web" {\n      driver = "docker"\n'
            '      config {\n        image = "registry.example/web@sha256:…"\n      }\n    }\n  }\n}\n',
        ),
    )
)
