"""Texts that are a reference in ARM templates and their parameters, with `concat`, `format` and names followed.

Parameters' defaults and variables of the same file are filled in. Not read: metadata, outputs, tags.
"""

import re
from collections.abc import Iterator
from itertools import islice

from planner.extract.assembled import Assembly, Part, references
from planner.extract.fields import Owner, Path, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
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
from planner.extract.written import NOTHING, Written, glue
from planner.model.source import Problem, SourceFile

_SCHEMA = re.compile(r"schema\.management\.azure\.com/schemas/[^\"]*deployment", re.IGNORECASE)
_NO_PULLS = frozenset({"metadata", "outputs", "tags", "$schema", "functions"})
_TOKEN = re.compile(r"'(?P<text>(?:[^']|'')*)'|(?P<name>[A-Za-z_][\w.]*)|(?P<sign>[(),])|\s+|(?P<other>.)", re.DOTALL)
_SLOT = re.compile(r"\{(\d{1,3})\}")
_MAX_DEPTH = 60
_MAX_TOKENS = 1_000  # of one expression


def _no_pull(path: Path) -> bool:
    return is_note(path) or path[-1] in _NO_PULLS


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    for root in documents(source, tags):
        if isinstance(root, Problem):
            yield root
            continue
        template = _Template(source, root)
        parts = []
        for key, node in sorted(items(root), key=lambda pair: pair[0].value != "resources"):
            assembly = Assembly(source.path)
            copy = assembly.mapping([(key.value, template.copy(assembly, node))])
            role = "resource" if key.value == "resources" else "variable"
            parts.append(Part(Owner("azure-templates", role), assembly, copy))
        yield from references(source, parts, _no_pull, tags=tags)


class _Template:
    """A template whose expressions are followed, and how much work is left for that."""

    def __init__(self, source: SourceFile, root: Node) -> None:
        self.source = source
        self.root = root
        self.left = 200_000

    def copy(self, assembly: Assembly, node: Node, depth: int = 0) -> Node:
        """A node with its expressions filled in."""
        if depth > _MAX_DEPTH or self.left < 0:
            return assembly.scalar(NOTHING)
        if isinstance(node, ScalarNode):
            return assembly.scalar(self.text(node))
        if isinstance(node, MappingNode):
            return assembly.mapping([(key.value, self.copy(assembly, each, depth + 1)) for key, each in items(node)])
        return assembly.sequence([self.copy(assembly, each, depth + 1) for each in elements(node)])

    def text(self, node: Node | None, depth: int = 0) -> Written:
        """A value as text; one that is not known stays as it is written."""
        whole = value(self.source, node).strip()
        if not (whole.text.startswith("[") and whole.text.endswith("]")) or whole.text.startswith("[["):
            return whole
        tokens = list(islice(_TOKEN.finditer(whole.text, 1, len(whole.text) - 1), _MAX_TOKENS))
        tokens = [token for token in tokens if token.lastgroup]
        found, _ = self._value(whole, tokens, 0, depth)
        return found

    def _value(self, whole: Written, tokens: list[re.Match[str]], at: int, depth: int) -> tuple[Written, int]:
        """The text that begins at a token, and the token after it."""
        self.left -= 1
        if at >= len(tokens) or depth > _MAX_DEPTH or self.left < 0:
            return NOTHING, len(tokens)
        token = tokens[at]
        if token["text"] is not None:
            return whole[token.start("text") : token.end("text")], at + 1
        if not token["name"] or at + 1 >= len(tokens) or tokens[at + 1]["sign"] != "(":
            return whole[token.start() : token.end()], at + 1
        arguments: list[Written] = []
        position = at + 2
        while position < len(tokens) and tokens[position]["sign"] != ")":
            argument, position = self._value(whole, tokens, position, depth + 1)
            arguments.append(argument)
            while position < len(tokens) and tokens[position]["sign"] != ")":
                position += 1
                if tokens[position - 1]["sign"] == ",":
                    break
        name = whole[token.start() : token.end()]
        return self._called(name, arguments, depth), position + 1

    def _called(  # noqa: PLR0911 - one for each function
        self, name: Written, arguments: list[Written], depth: int
    ) -> Written:
        first = arguments[0] if arguments else NOTHING
        match name.text.lower():
            case "concat":
                return Written(tuple(piece for each in arguments for piece in each.pieces))
            case "format":
                return _formatted(first, arguments[1:])
            case "parameters" | "variables" as kind:
                node = get(self.root, kind, first.text)
                default = get(node, "defaultValue") or get(node, "value") or node
                if text(default):
                    return self.text(default, depth + 1)
                return glue("${", first) + first + glue("}", first) if first.text else NOTHING
            case "tolower" | "trim" | "string":
                return first
            case "if" if len(arguments) == 3:
                return arguments[1] if arguments[1].text else arguments[2]
        return glue("${", name) + name + glue("}", name)


def _formatted(form: Written, arguments: list[Written]) -> Written:
    result, at = NOTHING, 0
    for slot in _SLOT.finditer(form.text):
        number = int(slot[1])
        result += form[at : slot.start()]
        result += arguments[number] if number < len(arguments) else form[slot.start() : slot.end()]
        at = slot.end()
    return result + form[at:]


register(
    Format(
        name="azure-templates",
        title="Azure Resource Manager templates",
        claims=lambda source: (
            source.path.lower().endswith((".json", ".jsonc")) and _SCHEMA.search(source.text, 0, 4096) is not None
        ),
        extract=_extract,
        rank=20,
        files="*.json with the schema of a deployment template or its parameters",
        example=Example(
            "azuredeploy.json",
            '{\n  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",\n'
            '  "resources": [\n    {\n      "type": "Microsoft.ContainerInstance/containerGroups",\n'
            '      "properties": { "containers": [{ "properties": { "image": "registry.example/web@sha256:…" } }] }\n'
            "    }\n  ]\n}\n",
        ),
    )
)
