"""Flux: values and post renderers of HelmReleases, images, patches and substitutions of its Kustomizations.

What its source controller fetches (OCIRepository, HelmChart) are artifacts that no engine pulls.
"""

import re
from collections.abc import Iterator

from planner.extract import helm_values, kustomize, objects
from planner.extract.fields import Field, Owner, Path
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.yaml_nodes import Node, get, text
from planner.model.source import SourceFile

_API = re.compile(r"""(?:helm|kustomize)\.toolkit\.fluxcd\.io/|fluxcd\.controlplane\.io/""")
_KINDS = ("HelmRelease", "Kustomization", "FluxInstance")
_OWNER = Owner("flux", "patch")
_READERS: dict[Path, objects.Reader] = {
    ("spec", "values"): helm_values.of_values,
    ("spec", "images"): kustomize.images,
    ("spec", "postRenderers", "kustomize", "images"): kustomize.images,
}


def _claims(source: SourceFile) -> bool:
    return "fluxcd" in source.text and _API.search(source.text) is not None


def _is_ours(root: Node) -> bool:
    return text(get(root, "kind")) in _KINDS and _API.match(text(get(root, "apiVersion"))) is not None


def _fields(source: SourceFile, root: Node, tags: bool) -> Iterator[Field]:
    return objects.fields(source, root, _READERS.get, tags)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    return objects.extracted(source, lookup, tags=tags, owner=_OWNER, is_ours=_is_ours, read=_fields)


register(
    Format(
        name="flux",
        title="Flux releases and kustomizations",
        claims=_claims,
        extract=_extract,
        rank=30,
        files="objects of helm.toolkit.fluxcd.io and kustomize.toolkit.fluxcd.io (YAML, JSON)",
        example=Example(
            "releases/web.yaml",
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n  values:\n"
            "    image:\n      repository: registry.example/web\n      digest: sha256:…\n",
        ),
    )
)
