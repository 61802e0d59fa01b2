"""Argo CD's Applications and ApplicationSets: values, valuesObject and parameters of Helm sources.

Also images and patches of kustomize sources, and what generators list. The status is not read.
"""

import re
from collections.abc import Iterator

from planner.extract import helm_values, kustomize, objects
from planner.extract.fields import Field, Owner, Path
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.yaml_nodes import Node, get, text
from planner.model.source import SourceFile

_KIND = re.compile(r"""kind["']?[ \t]*:[ \t]*["']?Application(?:Set)?["']?[ \t]*(?:[,}#\r\n]|\Z)""")
_OVERRIDE = re.compile(r"(?:.*/)?\.argocd-source(?:-[^/]*)?\.yaml")
_OWNER = Owner("argocd", "parameter")
_READERS: dict[Path, objects.Reader] = {
    ("kustomize", "images"): kustomize.images,
    ("helm", "values"): helm_values.of_values,
    ("helm", "valuesObject"): helm_values.of_values,
}


def _claims(source: SourceFile) -> bool:
    if _OVERRIDE.fullmatch(source.path):
        return True
    return "argoproj.io/" in source.text and _KIND.search(source.text) is not None


def _is_ours(root: Node) -> bool:
    api, kind = text(get(root, "apiVersion")), text(get(root, "kind"))
    return not (api or kind) or (api.startswith("argoproj.io/") and kind in ("Application", "ApplicationSet"))


def _reader(path: Path) -> objects.Reader | None:
    return _READERS.get(path[-2:])


def _fields(source: SourceFile, root: Node, tags: bool) -> Iterator[Field]:
    return objects.fields(source, root, _reader, tags)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    return objects.extracted(source, lookup, tags=tags, owner=_OWNER, is_ours=_is_ours, read=_fields)


register(
    Format(
        name="argocd",
        title="Argo CD applications",
        claims=_claims,
        extract=_extract,
        rank=30,
        files="objects of argoproj.io: Application, ApplicationSet (YAML, JSON); .argocd-source.yaml",
        example=Example(
            "apps/web.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n"
            "    kustomize:\n      images:\n      - web=registry.example/web@sha256:…\n",
        ),
    )
)
