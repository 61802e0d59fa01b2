"""Objects of other tools that carry values of Helm charts, as a mapping or as a text.

HelmChart and HelmChartConfig of k3s and RKE2, Release of Crossplane, ClusterProfile of Sveltos, HelmChartProxy of
Cluster API, HelmRelease of the Helm operator, App of Rancher, and Fleet's `fleet.yaml`.
"""

import re
from collections.abc import Iterator

from planner.extract import helm_values, kustomize, objects
from planner.extract.fields import Field, Owner, Path
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.yaml_nodes import Node, get, text
from planner.model.source import SourceFile

_API = re.compile(
    r"(?:helm\.cattle\.io|helm(?:\.m)?\.crossplane\.io|config\.projectsveltos\.io|addons\.cluster\.x-k8s\.io"
    r"|helm\.fluxcd\.io|catalog\.cattle\.io)/v\d"
)
_FLEET = re.compile(r"(?:.*/)?fleet\.ya?ml")
_OWNER = Owner("helm-objects", "chart value")
_READERS: dict[Path, objects.Reader] = {
    ("spec", "valuesContent"): helm_values.of_values,
    ("spec", "valuesTemplate"): helm_values.of_values,
    ("spec", "values"): helm_values.of_values,
    ("spec", "forProvider", "values"): helm_values.of_values,
    ("spec", "helmCharts", "values"): helm_values.of_values,
    ("helm", "values"): helm_values.of_values,
    ("targetCustomizations", "helm", "values"): helm_values.of_values,
    ("kustomize", "images"): kustomize.images,
}


def _claims(source: SourceFile) -> bool:
    return _FLEET.fullmatch(source.path) is not None or _API.search(source.text) is not None


def _is_ours(root: Node) -> bool:
    api = text(get(root, "apiVersion"))
    return _API.match(api) is not None or not (api or text(get(root, "kind")))


def _fields(source: SourceFile, root: Node, tags: bool) -> Iterator[Field]:
    return objects.fields(source, root, _READERS.get, tags)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    return objects.extracted(source, lookup, tags=tags, owner=_OWNER, is_ours=_is_ours, read=_fields)


register(
    Format(
        name="helm-objects",
        title="Objects that carry values of Helm charts (k3s, Fleet, Crossplane and others)",
        claims=_claims,
        extract=_extract,
        rank=31,
        files="objects of helm.cattle.io, helm.crossplane.io, config.projectsveltos.io and others; fleet.yaml",
        example=Example(
            "manifests/ingress.yaml",
            "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: ingress}\nspec:\n"
            "  valuesContent: |-\n    image:\n      repository: registry.example/ingress\n      digest: sha256:…\n",
        ),
    )
)
