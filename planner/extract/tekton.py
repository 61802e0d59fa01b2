"""Tekton: steps, sidecars and step templates, inline specs included. Bundles are artifacts, not images."""

import re
from collections.abc import Iterator

from planner.extract.format import DIGEST, FORMATS, Example, Format, Found, Lookup, register
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, elements, get, text, value, walk
from planner.extract.uses import Use, filler, named, of_documents
from planner.extract.written import Written
from planner.model.source import Problem, SourceFile

_API = re.compile(r"""(?:^|[\s{,"'-])apiVersion["']?:[ \t]*["']?(?:triggers\.)?tekton\.dev/""", re.MULTILINE)
_PARAMETER = re.compile(r"""\$\((?:inputs\.)?params(?:\.|\[["'])([\w.-]+)(?:["']\])?\)""")
_ROLES = {"steps": "step", "sidecars": "sidecar"}
# Steps and tasks stand in lists, so that none of these keys is the name of one.
_NO_PULLS = frozenset({"bundle", "status", "annotations", "labels", "taskRef", "pipelineRef", "description"})
_NOT_IMAGES = _NO_PULLS | {"matrix"}


def _claims(source: SourceFile) -> bool:
    return "tekton.dev/" in source.text and _API.search(source.text) is not None


def _objects(root: Node) -> list[Node]:
    """The document itself, or the items of a list."""
    return elements(get(root, "items")) if text(get(root, "kind")) == "List" else [root]


def _is_tekton(root: Node) -> bool:
    return text(get(root, "apiVersion")).partition("/")[0].endswith("tekton.dev")


def _blanked(written: str) -> str:
    """Spaces in place of an object; in JSON an empty one, so that what is around it still parses."""
    blank = re.sub(r"[^\n]", " ", written)
    return f"{{{blank[1:-1]}}}" if written[:1] == "{" and len(written) > 1 else blank


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    owner = f"{text(get(root, 'kind'))}/{named(get(root, 'metadata'), '', 'name', 'generateName')}"
    outer = _parameters(source, get(root, "spec"))
    for path, spec in walk(root, lambda path: path[-1] in _NOT_IMAGES):
        if not isinstance(spec, MappingNode):
            continue
        filled = filler(_PARAMETER, (outer | _parameters(source, spec)).get)
        yield Use("step template", owner, get(spec, "stepTemplate", "image"), fill=filled)
        if text(get(root, "kind")) == "StepAction" and path == ("spec",):
            yield Use("step", owner, get(spec, "image"), fill=filled)
        for section, role in _ROLES.items():
            for number, step in enumerate(elements(get(spec, section)), 1):
                yield Use(role, f"{owner}: {named(step, str(number), 'name')}", get(step, "image"), fill=filled)
        for volume in elements(get(spec, "volumes")):
            yield Use("image volume", f"{owner}: {text(get(volume, 'name'))}", get(volume, "image", "reference"))


def _parameters(source: SourceFile, spec: Node | None) -> dict[str, Written]:
    """What a run passes for its parameters, and their defaults."""
    known = {}
    for each in elements(get(spec, "params")):
        given = get(each, "value") or get(each, "default")
        if text(given):
            known[text(get(each, "name"))] = value(source, given)
    return known


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    problems = []
    ours = []
    for root in documents(source, tags):
        if isinstance(root, Problem):
            problems.append(root)
        else:
            ours += [each for each in _objects(root) if _is_tekton(each)]
    yield from problems
    yield from of_documents(source, ours, "tekton", _uses, lambda path: path[-1] in _NO_PULLS, tags=tags)
    # A file often holds the service account or the trigger's deployment too: those objects are Kubernetes'.
    others: list[str] = []
    position = 0
    for each in ours:
        start, stop = each.start_mark.index, each.end_mark.index
        if start >= position:  # an alias stands before
            others += [source.text[position:start], _blanked(source.text[start:stop])]
            position = stop
    rest = SourceFile(source.path, "".join([*others, source.text[position:]]))
    if tags or DIGEST.search(rest.text):
        yield from (found for found in FORMATS["kubernetes"].extract(rest, lookup, tags) if not _unparsable(found))


def _unparsable(found: Found) -> bool:
    return isinstance(found, Problem) and found.kind == "unparsable"


register(
    Format(
        name="tekton",
        title="Tekton",
        files="YAML and JSON with `apiVersion: tekton.dev/...`",
        example=Example(
            "task.yaml",
            "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n"
            "  - name: build\n    image: registry.example/build@sha256:…\n",
        ),
        claims=_claims,
        extract=_extract,
        rank=30,
    )
)
