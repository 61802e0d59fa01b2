"""What `skopeo sync` copies: registries with their `images`, each a repository with tags and digests."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.split_reference import joined
from planner.extract.syntax.yaml_nodes import Node, elements, get, items, text, value
from planner.extract.uses import Use, extractor
from planner.extract.written import Written
from planner.model.source import SourceFile

_REGISTRY = re.compile(
    r"""
    ^["']?[\w.-]+(?::\d+)?["']?:[ \t]*\r?\n(?:[ \t\#][^\n]*\n|\r?\n){0,20}?
    [ \t]+images:[ \t]*\r?\n(?:[ \t]*\#[^\n]*\n){0,20}[ \t]+["']?[\w./-]+["']?:[ \t]*(?:\[|\r?\n[ \t]+-|$)
    """,
    re.MULTILINE | re.VERBOSE,
)
_OTHERS = re.compile(r"^(?:apiVersion|kind|services|components|jobs|global):", re.MULTILINE)


def _claims(source: SourceFile) -> bool:
    if not source.path.lower().endswith((".yaml", ".yml")) or "images:" not in source.text:
        return False
    return not _OTHERS.search(source.text) and _REGISTRY.search(source.text) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    for registry, options in items(root):
        for repository, versions in items(get(options, "images")):
            name = f"{registry.value}/{repository.value}"
            for version in elements(versions):
                reference = _reference(source, registry, repository, version)
                yield Use("copied image", name, version, fill=partial(_instead, reference))


def _instead(reference: Written, _version: Written) -> list[Written]:
    return [reference]


def _reference(source: SourceFile, registry: Node, repository: Node, version: Node) -> Written:
    host, name, what = (value(source, node) for node in (registry, repository, version))
    if ":" in text(version):
        return joined(name, registry=host, digest=what)
    return joined(name, registry=host, tag=what)


register(
    Format(
        name="skopeo-sync",
        title="Lists of skopeo sync",
        claims=_claims,
        extract=extractor("skopeo-sync", _uses),
        rank=60,
        files="YAML whose top keys are registries with images below",
        example=Example("mirror.yaml", "registry.example:\n  images:\n    team/web:\n      - sha256:…\n"),
    )
)
