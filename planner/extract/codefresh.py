"""Codefresh: images of steps, of their services and compositions, and of hooks, in nested steps too.

The pipeline's own variables are filled in. What a build step makes, or another pushes, is none.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import scripts
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, elements, get, text, value, walk
from planner.extract.uses import Use, extractor, filler
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)[^/]*codefresh[^/]*\.ya?ml$|(?:^|/)\.?codefresh/.*\.ya?ml$", re.IGNORECASE)
_STEPS = re.compile(r"^(?:  )?(?:steps|hooks):", re.MULTILINE)
_OBJECT = re.compile(r"^apiVersion:", re.MULTILINE)
_VARIABLE = re.compile(r"\$\{\{\s*(\w+)\s*\}\}")
_SERVICES = frozenset({"composition", "composition_candidates", "composition-candidates", "services"})
_NOTES = frozenset({"description", "title", "annotations", "metadata", "labels"})


def _claims(source: SourceFile) -> bool:
    if not _PATH.search(source.path) or _OBJECT.search(source.text):
        return False
    return _STEPS.search(source.text) is not None


def _is_note(path: tuple[str, ...]) -> bool:
    return path[-1] in _NOTES


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    listed = elements(get(root, "spec", "variables"))
    known = {text(get(each, "key")): value(source, get(each, "value")) for each in listed if text(get(each, "value"))}
    fill = filler(_VARIABLE, known.get)
    sections = [get(top, section) for top in (root, get(root, "spec")) for section in ("steps", "hooks")]
    for path, node in (found for section in sections if section for found in walk(section, _is_note)):
        name = ": ".join(key for key in path if key not in _SERVICES and key not in ("steps", "arguments"))
        image = get(node, "image")
        if isinstance(image, ScalarNode) and path:
            yield Use("service" if _SERVICES & set(path) else "step", name, image, fill=fill)
        yield from scripts(name, [get(node, "commands"), get(node, "cmd")], known)


register(
    Format(
        "codefresh",
        "Codefresh",
        _claims,
        extractor("codefresh", _uses, _is_note),
        files="*codefresh*.yml, .codefresh/**/*.yml, codefresh/**/*.yml",
        example=Example(
            "codefresh.yml",
            "version: '1.0'\nsteps:\n  test:\n    image: node:22@sha256:…\n    commands: [npm test]\n",
        ),
    )
)
