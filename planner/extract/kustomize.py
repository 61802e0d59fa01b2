"""Kustomizations and components: `images` with newName, newTag and digest, and patches that stand in the file.

Also values of Helm charts, and what generators' literals mention.
"""

import re
from collections.abc import Iterator

from planner.extract import helm_values, objects
from planner.extract.fields import Field, Owner, Path
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, register
from planner.extract.split_reference import joined
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, SequenceNode, get, text, value
from planner.extract.written import Written, glue
from planner.model.source import SourceFile

ROLE = "image override"
_OWNER = Owner("kustomize", "patch")
_PATH = re.compile(r"(?:.*/)?kustomization(?:\.ya?ml)?", re.IGNORECASE)
_API = re.compile(r"""(?:^|[\s{,"'-])apiVersion["']?:[ \t]*["']?kustomize\.config\.k8s\.io/""", re.MULTILINE)


def _claims(source: SourceFile) -> bool:
    return _PATH.fullmatch(source.path) is not None or (
        "kustomize.config" in source.text and _API.search(source.text) is not None
    )


def images(source: SourceFile, path: Path, node: Node, tags: bool) -> Iterator[Field]:
    """What one element of `images` puts in place of an image: fields, or a text such as `name=new:tag@digest`."""
    if isinstance(node, SequenceNode):
        return  # its elements come by themselves
    if isinstance(node, ScalarNode):
        reference = value(source, node).strip()
        new = reference[reference.text.rfind("=") + 1 :]
        yield Field(path, new, start=new, role=ROLE)
        return
    tag, digest = _part(source, node, "newTag"), _part(source, node, "digest")
    name = _part(source, node, "newName")
    if not name and (name := _part(source, node, "name")) and digest:
        name = glue(name.text, digest)  # it says which image is meant; what is pulled would be written as newName
    pinned = digest or any(DIGEST.search(part.text) for part in (name, tag) if part)
    if name and (pinned or (tags and tag)):
        reference = joined(name, tag=tag or Written(), digest=digest or Written())
        yield Field((*path, text(get(node, "name"))), reference, start=name, role=ROLE)


def _part(source: SourceFile, node: Node, key: str) -> Written | None:
    part = value(source, get(node, key)).strip()
    return part if part.text else None


_READERS: dict[Path, objects.Reader] = {
    ("images",): images,
    ("imageTags",): images,
    ("helmCharts", "valuesInline"): helm_values.of_values,
}


def _fields(source: SourceFile, root: Node, tags: bool) -> Iterator[Field]:
    return objects.fields(source, root, _READERS.get, tags)


def _is_ours(root: Node) -> bool:
    api = text(get(root, "apiVersion"))
    return api.startswith("kustomize.config.k8s.io/") or not (api and text(get(root, "kind")))


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    return objects.extracted(source, lookup, tags=tags, owner=_OWNER, is_ours=_is_ours, read=_fields)


register(
    Format(
        name="kustomize",
        title="Kustomizations",
        claims=_claims,
        extract=_extract,
        rank=32,
        files="kustomization.yaml, kustomization.yml, Kustomization, and objects of kustomize.config.k8s.io",
        example=Example(
            "overlays/production/kustomization.yaml",
            "resources: [../../base]\nimages:\n- name: web\n  newName: registry.example/team/web\n  digest: sha256:…\n",
        ),
    )
)
