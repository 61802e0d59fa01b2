"""Zarf packages: the images of components, those in their image archives, and what their actions mention."""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.syntax.yaml_nodes import Node, get, text
from planner.extract.uses import NoPull, Use, extractor, found_at, named, places
from planner.model.source import SourceFile

_KIND = re.compile(r"""^["']?kind["']?:[ \t]*["']?Zarf(?:Package|Init)Config\b""", re.MULTILINE)
_PLACES = {"images[]": "component", "imageArchives[].images[]": "image archive"}
_PROSE: NoPull = places(
    "metadata.*", "documentation.*", "components.description", "components.files.shasum", "constants.description",
    "variables.description", "components.import.url", "components.actions.*.*.description", "components.charts.url",
    "metadata.annotations.*", "build.*",
)  # fmt: skip


def _claims(source: SourceFile) -> bool:
    return "Zarf" in source.text and _KIND.search(source.text) is not None


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    package = text(get(root, "metadata", "name"))
    for _, component in found_at(root, "components[]"):
        name = ": ".join(filter(None, (package, named(component, "", "name"))))
        for path, role in _PLACES.items():
            for _, image in found_at(component, path):
                yield Use(role, name, image)


register(
    Format(
        name="zarf",
        title="Zarf packages",
        claims=_claims,
        extract=extractor("zarf", _uses, _PROSE),
        rank=30,
        files="zarf.yaml and others whose kind is ZarfPackageConfig or ZarfInitConfig",
        example=Example(
            "zarf.yaml",
            "kind: ZarfPackageConfig\nmetadata: {name: web}\ncomponents:\n  - name: web\n    images:\n"
            "      - registry.example/web:1@sha256:…\n",
        ),
    )
)
