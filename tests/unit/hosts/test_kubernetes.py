"""Hosts from `kubectl get nodes`: what each kubelet reports of its runtime, whatever else stands in the list."""

import json

import pytest
import yaml

from tests.support.host_files import node, nodes, read

# The runtimes are those of public clusters: EKS of 2020, k3s, OpenShift 4.12, a Windows node.
CLUSTER = nodes(
    node("ip-10-0-0-1", "docker://19.3.6"),
    node("k3s-master", "containerd://1.7.11-k3s2", "arm64"),
    node("ocp-worker", "cri-o://1.25.4-4.1.rhaos4.12.gitb9319a2.el8"),
    node("win-1", "containerd://1.6.21", system="windows"),
)
EXPECTED = {
    "ip-10-0-0-1": ("docker 19.3.6", "linux/amd64"),
    "k3s-master": ("containerd 1.7.11-k3s2", "linux/arm64"),
    "ocp-worker": ("cri-o 1.25.4-4.1.rhaos4.12.gitb9319a2.el8", "linux/amd64"),
    "win-1": ("containerd 1.6.21", "windows/amd64"),
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("nodes.json", CLUSTER),
        ("nodes", CLUSTER),
        ("nodes.yaml", yaml.safe_dump(json.loads(CLUSTER))),
        ("nodes.yml", yaml.safe_dump_all(json.loads(CLUSTER)["items"])),
        ("each.json", "".join(json.dumps(item) + "\n" for item in json.loads(CLUSTER)["items"])),
        ("dos.json", "\ufeff" + CLUSTER.replace("\n", "\r\n")),
    ],
    ids=["list", "no-suffix", "yaml", "yaml-documents", "one-each", "windows"],
)
def test_every_form(path: str, text: str) -> None:
    hosts, problems = read(path, text)
    assert problems == []
    assert {name: (str(host.engine), str(host.platform)) for name, host in hosts.items()} == EXPECTED


def test_a_host_knows_its_line() -> None:
    hosts, _ = read("nodes.json", CLUSTER)
    lines = CLUSTER.split("\n")
    for name, host in hosts.items():
        path, _, line = host.source.partition(":")
        begins = int(line) - 1
        ends = next(i for i in range(begins + 1, len(lines)) if lines[i] in ("        },", "        }"))
        assert (path, lines[begins]) == ("nodes.json", "        {")
        assert f'"name": "{name}"' in "\n".join(lines[begins:ends])


def test_one_node_of_which_a_filter_left_little() -> None:
    hosts, problems = read(
        "n.json",
        '{"items": [{"metadata": {"name": "a", "labels": {"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64"}},'
        ' "status": {"nodeInfo": {"containerRuntimeVersion": "containerd://1.7.18"}}}]}',
    )
    assert problems == []
    assert str(hosts["a"].platform) == "linux/arm64"


def test_what_is_no_node_costs_no_other() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    starting = node("late", "")
    hosts, problems = read("n.json", nodes(node("a", "containerd://1.7.18"), pod, starting, node("", "docker://1.9.1")))
    assert list(hosts) == ["a"]
    words = ["Pod is no Node; take kubectl get nodes", "late tells no containerRuntimeVersion", "must not be empty"]
    for problem, expected in zip(problems, words, strict=True):
        assert expected in problem.text
        assert problem.line > 1


def test_a_runtime_without_version_is_kept_for_the_report_to_say() -> None:
    hosts, problems = read("n.json", nodes(node("a", "kwok")))
    assert (problems, hosts["a"].engine.version) == ([], None)
