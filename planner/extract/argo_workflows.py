"""Argo Workflows: containers, scripts, sidecars and container sets of templates, with parameters that have a value.

Also workflows within CronWorkflows and Sensors. Scripts are read as a shell's.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from planner.extract import objects, scripts
from planner.extract.fields import Field, Owner, Path, Tree, is_note_or_status
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.split_reference import Kind
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import Node, SequenceNode, elements, get, text, value, walk
from planner.extract.uses import found_at, named
from planner.extract.written import Written
from planner.model.source import SourceFile

_KINDS = frozenset({"Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow", "Sensor"})
_KIND = re.compile(rf"""kind["']?[ \t]*:[ \t]*["']?(?:{"|".join(sorted(_KINDS))})["']?[ \t]*(?:[,}}#\r\n]|\Z)""")
_OWNER = Owner("argo-workflows", "container")
_PLACES = {
    "container": "container",
    "script": "script",
    "initContainers[]": "init container",
    "sidecars[]": "sidecar",
    "containerSet.containers[]": "container",
}
_TEMPLATE = re.compile(r"\{\{=?[ \t]*((?:workflow|inputs)\.parameters\.[\w-]+)[ \t]*\}\}")
_MAX_CALLS = 50  # of one template

_Known = Mapping[str, Written]


def _claims(source: SourceFile) -> bool:
    return "argoproj.io/" in source.text and _KIND.search(source.text) is not None


def _is_ours(root: Node) -> bool:
    return text(get(root, "apiVersion")).startswith("argoproj.io/") and text(get(root, "kind")) in _KINDS


def _no_pull(path: Path) -> bool:
    return is_note_or_status(path) or ("templates" in path and path[-1] == "image")


def _fields(source: SourceFile, root: Node, tags: bool) -> Iterator[Field]:
    for _, node in walk(root, lambda path: bool(path) and is_note_or_status(path)):
        if isinstance(get(node, "templates"), SequenceNode):
            yield from _of_spec(source, node, tags)
    yield from Tree(Kind(is_image=True, tags=tags), _no_pull).fields(source, root)


def _of_spec(source: SourceFile, spec: Node, tags: bool) -> Iterator[Field]:
    outer = _parameters(source, get(spec, "arguments"), "workflow")
    templates = elements(get(spec, "templates"))
    for template in templates:
        name = named(template, "", "name")
        defaults = outer | _parameters(source, get(template, "inputs"), "inputs")
        calls = [each for other in templates for each in _calls(other) if name and text(get(each, "template")) == name]
        rows = [defaults | _parameters(source, get(each, "arguments"), "inputs") for each in calls[:_MAX_CALLS]]
        for known in rows or [defaults]:
            yield from _of_template(source, template, known, tags)
    for _, container in found_at(spec, "templateDefaults.container"):
        yield from _of_template(source, container, outer, tags)


def _calls(template: Node) -> Iterator[Node]:
    for steps in elements(get(template, "steps")):
        yield from elements(steps)
    yield from elements(get(template, "dag", "tasks"))


def _parameters(source: SourceFile, owner: Node | None, scope: str) -> dict[str, Written]:
    return {
        f"{scope}.parameters.{text(get(each, 'name'))}": value(source, given)
        for _, each in found_at(owner, "parameters[]")
        if (given := get(each, "value") or get(each, "default")) and text(given)
    }


def _of_template(source: SourceFile, template: Node, known: _Known, tags: bool) -> Iterator[Field]:
    name = named(template, "", "name")
    for path, role in _PLACES.items():
        for _, container in found_at(template, path):
            keys = tuple(filter(None, (name, named(container, "", "name"))))
            if image := get(container, "image"):
                yield Field(keys, _filled(value(source, image), known), role=role)
            script = get(container, "source")
            if script and ("@" in text(script) or tags):
                text_of = fill(value(source, script), _TEMPLATE, known.get)
                for pull in islice(scripts.pulls(text_of, tags=tags), 1000):
                    yield Field(keys, pull.image, "text" if pull.role == "text" else "parsed", role=pull.role)


def _filled(image: Written, known: _Known) -> Written:
    """A parameter's value may name one of the workflow's."""
    return fill(fill(image, _TEMPLATE, known.get), _TEMPLATE, known.get)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    return objects.extracted(source, lookup, tags=tags, owner=_OWNER, is_ours=_is_ours, read=_fields)


register(
    Format(
        name="argo-workflows",
        title="Argo Workflows",
        claims=_claims,
        extract=_extract,
        rank=30,
        files="objects of argoproj.io: Workflow, WorkflowTemplate, ClusterWorkflowTemplate, CronWorkflow, Sensor",
        example=Example(
            "workflow.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: ci}\nspec:\n  entrypoint: main\n"
            "  templates:\n  - name: main\n    container:\n      image: registry.example/go@sha256:…\n",
        ),
    )
)
