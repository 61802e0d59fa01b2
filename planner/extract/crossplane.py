"""Crossplane: the packages of providers, functions and configurations, and those that packages depend on."""

import re
from collections.abc import Iterator

from planner.extract import objects
from planner.extract.fields import Field, Owner
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, register
from planner.extract.syntax.yaml_nodes import Node, get, items, text, value
from planner.extract.uses import found_at
from planner.extract.written import glue
from planner.model.source import SourceFile

_API = re.compile(r"""apiVersion["']?[ \t]*:[ \t]*["']?(?:meta\.)?pkg\.crossplane\.io/""")
_OWNER = Owner("crossplane", "package")
_PACKAGES = ("provider", "configuration", "function", "package")
_RUNTIMES = frozenset({"DeploymentRuntimeConfig", "ControllerConfig", "ImageConfig"})


def _claims(source: SourceFile) -> bool:
    return "pkg.crossplane.io/" in source.text and _API.search(source.text) is not None


def _is_ours(root: Node) -> bool:
    return _API.match(f"apiVersion: {text(get(root, 'apiVersion'))}") is not None and (
        text(get(root, "kind")) not in _RUNTIMES
    )


def _fields(source: SourceFile, root: Node, tags: bool) -> Iterator[Field]:
    for key, node in items(get(root, "spec")):
        if key.value in ("package", "image"):
            yield Field(("spec", key.value), value(source, node))
    for _, needed in found_at(root, "spec.dependsOn[]"):
        package = next((node for key, node in items(needed) if key.value in _PACKAGES and text(node)), None)
        version = get(needed, "version")
        if package and version and DIGEST.match(text(version)):
            name, digest = value(source, package), value(source, version)
            yield Field(("spec", "dependsOn"), name + glue("@", digest) + digest)
        elif package and ("@" in text(package) or tags):
            yield Field(("spec", "dependsOn"), value(source, package))


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    return objects.extracted(source, lookup, tags=tags, owner=_OWNER, is_ours=_is_ours, read=_fields)


register(
    Format(
        name="crossplane",
        title="Crossplane packages",
        claims=_claims,
        extract=_extract,
        rank=30,
        files="objects of pkg.crossplane.io and meta.pkg.crossplane.io (YAML, JSON)",
        example=Example(
            "functions.yaml",
            "apiVersion: pkg.crossplane.io/v1\nkind: Function\nmetadata: {name: patch}\nspec:\n"
            "  package: xpkg.example/patch:v1@sha256:…\n",
        ),
    )
)
