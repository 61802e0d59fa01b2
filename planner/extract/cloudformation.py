"""Texts that are a reference in resources of CloudFormation, SAM and what the CDK writes, with intrinsic functions.

`Ref`, `Sub`, `Join`, `If`, `Select` and `FindInMap` are followed to parameters' defaults and mappings, in both
spellings. Not read: outputs, metadata, tags, labels.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from planner.extract.assembled import Assembly, Part, references
from planner.extract.fields import Owner, Path, is_note
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, register
from planner.extract.syntax.templates import fill
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
from planner.extract.written import NOTHING, Piece, Written, glue
from planner.model.source import Problem, SourceFile

_SUFFIXES = (".yaml", ".yml", ".json", ".template", ".template.json", ".cfn", ".sam")
_RESOURCE = re.compile(r"""["']?Type["']?[ \t]*:\s*["']?(?:AWS|Alexa|Custom)::""")
_HEAD = re.compile(r"""^[ \t{]*["']?(?:AWSTemplateFormatVersion|Resources)["']?[ \t]*:""", re.MULTILINE)
_TEMPLATE = re.compile(r"\$\{([A-Za-z][\w:.]*)\}", re.ASCII)
_NO_PULLS = frozenset({"Metadata", "Tags", "Outputs", "Rules", "Conditions", "DependsOn", "AllowedPattern"})
_MAX_DEPTH = 60
_MAX_STEPS = 200_000  # for one file: functions may refer to each other


def _claims(source: SourceFile) -> bool:
    # "::" first: to look for it takes a fraction of what the patterns take, and most files lack it.
    if not source.path.lower().endswith(_SUFFIXES) or "::" not in source.text:
        return False
    return _RESOURCE.search(source.text) is not None and _HEAD.search(source.text) is not None


def _no_pull(path: Path) -> bool:
    return is_note(path) or path[-1] in _NO_PULLS


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    for root in documents(source, tags):
        if isinstance(root, Problem):
            yield root
        elif tags or DIGEST.search(source.text):
            yield from references(source, _parts(source, root), _no_pull, tags=tags)


def _parts(source: SourceFile, root: Node) -> Iterator[Part]:
    template = _Template(source, root)
    for section in ("Globals", "Resources", "Mappings", "Parameters"):
        role = "resource" if section in ("Globals", "Resources") else "variable"
        for key, node in items(get(root, section)):
            assembly = Assembly(source.path)
            yield Part(Owner("cloudformation", role, key.value), assembly, template.node(assembly, node))


@dataclass(slots=True)
class _Template:
    """A template whose functions are followed, and how much work is left for that."""

    source: SourceFile
    root: Node
    left: int = field(default=_MAX_STEPS)

    def node(self, assembly: Assembly, node: Node, depth: int = 0) -> Node:
        """A value with its functions put in; what either may be is a list."""
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return assembly.scalar(NOTHING)
        name, argument = _function(node)
        if name in ("If", "Select", "FindInMap", "Base64"):
            return assembly.sequence([self.node(assembly, each, depth + 1) for each in self._chosen(name, argument)])
        if name:
            return assembly.scalar(self.text(node, depth))
        if isinstance(node, MappingNode):
            return assembly.mapping([(key.value, self.node(assembly, each, depth + 1)) for key, each in items(node)])
        if isinstance(node, ScalarNode):
            return assembly.scalar(value(self.source, node))
        return assembly.sequence([self.node(assembly, each, depth + 1) for each in elements(node)])

    def _chosen(self, name: str, argument: Node) -> list[Node]:
        """The values of which a function takes one."""
        arguments = elements(argument)
        match name:
            case "If":
                return arguments[1:3]
            case "Select" if len(arguments) == 2:
                index, values = text(arguments[0]), elements(arguments[1])
                return values[int(index) : int(index) + 1] if index.isdigit() and len(index) < 9 else values
            case "FindInMap" if len(arguments) >= 3:
                rows = _below(get(self.root, "Mappings", text(arguments[0])), arguments[1])
                return [each for row in rows for each in _below(row, arguments[2])]
            case "Base64":
                return [argument]
        return []

    def text(self, node: Node, depth: int = 0) -> Written:
        """A value as text; what is not known of it stays as `Sub` writes it, `${name}`."""
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return NOTHING
        name, argument = _function(node)
        match name:
            case "":
                return value(self.source, node)
            case "Ref" | "GetAtt" | "ImportValue":
                return self._named(text(argument), {}, depth) or _open(value(self.source, argument))
            case "Sub":
                return self._substituted(argument, depth)
            case "Join" if len(elements(argument)) == 2:
                between, parts = elements(argument)
                return self._joined(value(self.source, between), elements(parts), depth)
        chosen = self._chosen(name, argument)
        return self.text(chosen[0], depth + 1) if chosen else NOTHING

    def _substituted(self, argument: Node, depth: int) -> Written:
        first, *more = elements(argument) or [argument]
        own = {key.value: node for key, node in items(more[0])} if more else {}
        return fill(value(self.source, first), _TEMPLATE, lambda name: self._named(name, own, depth))

    def _named(self, name: str, own: dict[str, Node], depth: int) -> Written | None:
        node = own.get(name) or get(self.root, "Parameters", name, "Default")
        known = self.text(node, depth + 1) if node else NOTHING
        return known if known.text else None

    def _joined(self, between: Written, parts: list[Node], depth: int) -> Written:
        texts = [text for part in parts if (text := self.text(part, depth + 1)).text]
        pieces: list[Piece] = []
        for number, each in enumerate(texts):
            pieces += [*between.pieces, *each.pieces] if number else each.pieces
        return Written(tuple(pieces))


def _function(node: Node) -> tuple[str, Node]:
    """Name and argument of a function: `!Sub text`, `Fn::Sub: text`; no name for other values."""
    if str(node.tag).startswith("!") and len(str(node.tag)) > 1:
        return str(node.tag)[1:], node
    pairs = items(node)
    if len(pairs) == 1 and (pairs[0][0].value == "Ref" or pairs[0][0].value.startswith("Fn::")):
        return pairs[0][0].value.removeprefix("Fn::"), pairs[0][1]
    return "", node


def _below(node: Node | None, key: Node) -> list[Node]:
    """The value of a key; all of them if the key is computed."""
    if isinstance(key, ScalarNode) and not _function(key)[0]:
        found = get(node, text(key))
        return [found] if found else []
    return [each for _, each in items(node)]


def _open(name: Written) -> Written:
    return glue("${", name) + name + glue("}", name) if name.text else NOTHING


register(
    Format(
        name="cloudformation",
        title="AWS CloudFormation, SAM and CDK output",
        claims=_claims,
        extract=_extract,
        rank=30,
        files="*.yaml, *.json and *.template with resources of AWS",
        example=Example(
            "template.yaml",
            "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n"
            "        - Name: web\n          Image: registry.example/web@sha256:…\n",
        ),
    )
)
