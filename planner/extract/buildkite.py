"""Buildkite: images of steps, of the plugins that run them (docker, docker-compose, others) and of the kubernetes pod.

Variables of the pipeline's `env` and the values of a step's matrix are filled in. References that commands and the
environment mention count too.
"""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import Known, filled, listed, scripts, variables
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import MappingNode, Node, ScalarNode, elements, get, items, text, value, walk
from planner.extract.uses import Fill, Use, combinations, extractor, named
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:\.?buildkite(?:[._-][^/]*)?\.(?:ya?ml|json)|\.buildkite/.*\.(?:ya?ml|json))$")
_STEPS = re.compile(r"^[ \t]*[\"']?steps[\"']?[ \t]*:|^- (?:label|command|plugins|group)", re.MULTILINE)
_MATRIX = re.compile(r"\{\{\s*(matrix(?:\.[\w-]+)?)\s*\}\}")
_MAX_GROUPS = 3  # groups within groups
# Words for people, and what a build writes into its image. Nobody names these keys but Buildkite, except in `env`.
_WORDS = frozenset({"label", "block", "input", "prompt", "fields", "notify", "agents", "key"})
_NOTES = frozenset({"metadata", "annotations", "labels", "build-labels"})


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _STEPS.search(source.text) is not None


def _is_no_pull(path: tuple[str, ...]) -> bool:
    return path[-1] in _NOTES or (path[-1] in _WORDS and "env" not in path)


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    known = variables(source, get(root, "env"))
    yield Use("pipeline", "every step", get(root, "image"), fill=partial(filled, known=known, escape="$"))
    yield from _steps(source, get(root, "steps") or root, known, "")


def _steps(source: SourceFile, steps: Node, known: Known, owner: str, depth: int = 0) -> Iterator[Use]:
    for number, step in enumerate(elements(steps), 1):
        name = named(step, str(number), "group", "label", "name", "key", "id")
        name = f"{owner}: {name}" if owner else name
        if (inner := get(step, "steps")) and depth < _MAX_GROUPS:
            yield from _steps(source, inner, known, name, depth + 1)
        fill_in = partial(_fill, source, get(step, "matrix"), known)
        yield Use("step", name, get(step, "image"), fill=fill_in)
        for plugin, settings in _plugins(get(step, "plugins")):
            if plugin.endswith("-push"):
                continue
            yield from (
                Use("plugin", ": ".join(filter(None, (name, plugin, inside))), image, fill=fill_in)
                for inside, image in _images(settings)
            )
            for cached in listed(get(settings, "cache-from")):
                yield Use("cache", f"{name}: {plugin}", cached, fill=partial(_of_service, fill_in))
        own = {**known, **variables(source, get(step, "env"))}
        yield from scripts(name, [get(step, "command"), get(step, "commands")], own)


def _of_service(fill_in: Fill, cached: Written) -> list[Written]:
    """The image of `service:image`, as docker-compose's `cache-from` writes it."""
    return fill_in(cached[cached.text.find(":") + 1 :])


def _plugins(plugins: Node | None) -> Iterator[tuple[str, Node]]:
    """The plugins with their settings, by their name without its version; in a list, or in one mapping."""
    for each in listed(plugins):
        for key, settings in items(each):
            yield key.value.partition("#")[0].rpartition("/")[2].removesuffix("-buildkite-plugin"), settings


def _images(settings: Node) -> Iterator[tuple[str, Node]]:
    """Every `image` in a plugin's settings, with the name beside it, as containers of a pod have one."""
    for path, node in walk(settings, lambda path: path[-1] in _NOTES):
        image = get(node, "image") if isinstance(node, MappingNode) else None
        if isinstance(image, ScalarNode):
            yield named(node, "", "name") if path else "", image


def _fill(source: SourceFile, matrix: Node | None, known: Known, image: Written) -> list[Written]:
    names = [found[1].partition(".")[2] for found in _MATRIX.finditer(image.text)]
    if not names:
        return filled(image, known, "$")
    setup = get(matrix, "setup") or matrix
    rows = [{"": node} for node in elements(setup)] or combinations(setup, sorted(set(names)))
    return [_in_row(source, image, row, known) for row in rows if all(text(node) for node in row.values())] or [image]


def _in_row(source: SourceFile, image: Written, row: dict[str, Node], known: Known) -> Written:
    values = {f"matrix.{name}" if name else "matrix": value(source, node) for name, node in row.items()}
    return filled(fill(image, _MATRIX, values.get), known, "$")[0]


register(
    Format(
        "buildkite",
        "Buildkite",
        _claims,
        extractor("buildkite", _uses, _is_no_pull),
        files=".buildkite/**/*.yml and *.json, buildkite*.yml",
        example=Example(
            ".buildkite/pipeline.yml",
            "steps:\n  - command: make\n    plugins:\n      - docker#v5.11.0:\n          image: golang:1.22@sha256:…\n",
        ),
    )
)
