"""Hosts from the nodes of a cluster: `kubectl get nodes -o json` or `-o yaml`, one Node or a list of them."""

import re
from collections.abc import Iterator
from dataclasses import replace

from planner.hosts.source import HostSource, register
from planner.hosts.table import declared, row_problem
from planner.hosts.tree import Table, documents, table, text
from planner.model.host import Host
from planner.model.source import Problem, SourceFile

_OBJECT = re.compile(r"""\bkind["']?\s*:\s*["']?(?:Node|NodeList|List)\b""")
_NODE_INFO = re.compile(r"""\bcontainerRuntimeVersion["']?\s*:""")
_HOSTNAME, _OS, _ARCHITECTURE = "kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch"
_LISTS = ("List", "NodeList")


def claims(source: SourceFile) -> bool:
    """A Kubernetes object or list, by its words."""
    return bool(_NODE_INFO.search(source.text) or ("apiVersion" in source.text and _OBJECT.search(source.text)))


def read(source: SourceFile) -> Iterator[Host | Problem]:
    """A host for each node; a Problem for each object that is none, and each node whose kubelet did not report yet."""
    for document in documents(source):
        if isinstance(document, Problem):
            yield document
            continue
        for item in _items(table(document)):
            yield _host(source, item)


def _items(document: Table) -> list[Table]:
    items = document.get("items")
    if text(document, "kind") in _LISTS or isinstance(items, list):
        return [table(item) for item in (items if isinstance(items, list) else [])]
    return [document] if document else []


def _host(source: SourceFile, node: Table) -> Host | Problem:
    kind, name = text(node, "kind"), text(node, "metadata", "name")
    info = table(node, "status", "nodeInfo")
    # Lists that were filtered by other tools may have lost the kind of their items.
    if kind != "Node" and not (info and not kind):
        return row_problem(source.path, node.line, f"{kind or 'what stands here'} is no Node; take kubectl get nodes")
    runtime = text(info, "containerRuntimeVersion")
    if not runtime:
        why = f"node {name or '(without a name)'} tells no containerRuntimeVersion: its kubelet has not reported yet"
        return row_problem(source.path, node.line, why)
    words = {"name": name, "engine": runtime}
    labels = table(node, "metadata", "labels")
    system = text(info, "operatingSystem") or text(labels, _OS)
    architecture = text(info, "architecture") or text(labels, _ARCHITECTURE)
    if system and architecture:
        words["platform"] = f"{system}/{architecture}"
    host = declared(words, source.path, node.line)
    if isinstance(host, Problem):
        return host
    return replace(host, labels=_labels(labels, name, system, architecture))


def _labels(labels: Table, name: str, system: str, architecture: str) -> frozenset[tuple[str, str]]:
    """The node's labels, with those that every kubelet sets where a filter left them out."""
    own = {_HOSTNAME: name, _OS: system, _ARCHITECTURE: architecture}
    own |= {f"beta.{key}": own[key] for key in (_OS, _ARCHITECTURE)}
    return frozenset({**own, **{key: text(labels, key) for key in labels}}.items())


register(HostSource("kubernetes", "what kubectl get nodes -o json (or yaml) prints", claims, read))
