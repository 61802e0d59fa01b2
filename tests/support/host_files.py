"""Files that declare hosts, as the tools print them; the facts are those of public clusters and inventories."""

import json
from typing import Any

from planner.hosts import read_hosts
from planner.model.host import Host
from planner.model.source import Problem, SourceFile


def read(path: str, text: str) -> tuple[dict[str, Host], list[Problem]]:
    """The hosts of a file by their name, and what is wrong with it."""
    found = list(read_hosts(SourceFile(path, text)))
    hosts = [each for each in found if isinstance(each, Host)]
    assert len({host.name for host in hosts}) == len(hosts)
    return {host.name: host for host in hosts}, [each for each in found if isinstance(each, Problem)]


def node(name: str, runtime: str, architecture: str = "amd64", system: str = "linux") -> dict[str, Any]:
    """A Node with the members that kubectl prints around those that matter."""
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "annotations": {"node.alpha.kubernetes.io/ttl": "0"},
            "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": system},
            "name": name,
        },
        "spec": {"podCIDR": "10.42.0.0/24"},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "images": [{"names": ["docker.io/library/x@sha256:" + "1" * 64], "sizeBytes": 72825761}],
            "nodeInfo": {
                "architecture": architecture,
                "containerRuntimeVersion": runtime,
                "kubeletVersion": "v1.30.2",
                "operatingSystem": system,
                "osImage": "Amazon Linux 2",
            },
        },
    }


def nodes(*items: dict[str, Any]) -> str:
    """What `kubectl get nodes -o json` prints."""
    whole = {"apiVersion": "v1", "items": list(items), "kind": "List", "metadata": {"resourceVersion": ""}}
    return json.dumps(whole, indent=4)


def docker_info(name: str, version: str, *status: list[str], driver: str = "overlay2", arch: str = "x86_64") -> str:
    """What `docker info --format '{{json .}}'` prints, on one line."""
    store = {"Driver": driver, "DriverStatus": [["Backing Filesystem", "extfs"], *status]}
    host = {"OSType": "linux", "Architecture": arch, "Name": name, "ServerVersion": version}
    return json.dumps({"ID": "", **store, **host}) + "\n"
