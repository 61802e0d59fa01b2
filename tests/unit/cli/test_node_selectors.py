"""Pods that choose nodes by labels are judged for those nodes, where the cluster's nodes were declared."""

from pathlib import Path

import pytest

from planner.discover import discover
from planner.kustomized import without_patched
from planner.model.occurrence import Occurrence
from planner.model.platform import parse_platform
from planner.model.reference import parse_reference
from tests.support.command import run
from tests.support.host_files import node, nodes
from tests.unit.cli.recorded import NAME, RECORDED, SCHEMA2, write_recorded


def pod(name: str, selector: str) -> str:
    chosen = f"  nodeSelector: {{{selector}}}\n" if selector else ""
    image = f"{NAME}@{SCHEMA2.digest}"
    containers = f"  containers:\n  - name: c\n    image: {image}\n"
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n{chosen}{containers}"


def pool(name: str, runtime: str, label: str) -> dict[str, object]:
    made = node(name, runtime)
    made["metadata"]["labels"]["pool"] = label
    return made


def test_a_pod_runs_on_the_nodes_that_it_selects(tmp_path: Path) -> None:
    infra = tmp_path / "infra"
    infra.mkdir()
    pods = {
        "new": "pool: new",
        "old": "pool: old, kubernetes.io/os: linux",
        "both": "",
        "arch": "kubernetes.io/arch: amd64",
        "name": "kubernetes.io/hostname: node-new",
        "nowhere": "pool: gone",
        "half": "pool: new, zone: a",
    }
    (infra / "pods.yaml").write_text("---\n".join(pod(name, selector) for name, selector in pods.items()))
    (infra / "nodes.json").write_text(
        nodes(pool("node-new", "docker://20.10.24", "new"), pool("node-old", "docker://1.9.1", "old"))
    )
    write_recorded(infra / RECORDED, [SCHEMA2])
    (infra / "planner.toml").write_text(
        'host_files = ["nodes.json"]\n[[hosts]]\nname = "no-node"\nengine = "docker 1.8.3"\nruns = ["pods.yaml"]\n'
    )
    done = run("scan", infra, "--offline", infra / RECORDED, "--format", "json", "--per-host", home=tmp_path)
    named = {each["id"]: each["name"] for each in done.json["occurrences"]}
    broken: dict[str, set[str]] = {}
    for finding in done.json["findings"]:
        owner = named[finding["occurrence"]].removeprefix("Pod/").partition(":")[0]
        broken.setdefault(owner, set()).update(finding["hosts"])
    everywhere = {"node-old", "no-node"}
    assert broken.pop("new") == broken.pop("name") == {"no-node"}
    assert broken == dict.fromkeys(("old", "both", "arch", "nowhere", "half"), everywhere)


def test_containers_that_pods_share_by_an_alias_run_everywhere(tmp_path: Path) -> None:
    infra = tmp_path / "infra"
    infra.mkdir()
    image = f"{NAME}@{SCHEMA2.digest}"
    specs = [f"    containers: &shared [{{name: c, image: {image}}}]", "    containers: *shared"]
    items = [
        f"- apiVersion: v1\n  kind: Pod\n  spec:\n    nodeSelector: {{pool: {label}}}\n{spec}\n"
        for label, spec in zip(("new", "old"), specs, strict=True)
    ]
    (infra / "pods.yaml").write_text("apiVersion: v1\nkind: List\nitems:\n" + "".join(items))
    (infra / "nodes.json").write_text(
        nodes(pool("node-new", "docker://20.10.24", "new"), pool("node-old", "docker://1.9.1", "old"))
    )
    write_recorded(infra / RECORDED, [SCHEMA2])
    flags = ("--offline", infra / RECORDED, "--hosts", infra / "nodes.json", "--format", "json")
    done = run("scan", infra, *flags, home=tmp_path)
    assert {host for finding in done.json["findings"] for host in finding["hosts"]} == {"node-old"}


def test_what_a_kustomization_uses_selects_nothing(tmp_path: Path) -> None:
    infra = tmp_path / "infra"
    patch = "patches: [{patch: 'spec: {template: {spec: {nodeSelector: {pool: old}}}}', target: {kind: Deployment}}]\n"
    trees = {
        "patched": ("base/dep.yaml", f"resources: [../base]\n{patch}"),
        "bases": ("base/dep.yaml", "bases:\n- ../base/\n"),
        "below": ("base/deep/dep.yaml", "components: [../base]\n"),
        "beside": ("overlay/dep.yaml", "resources: [./dep.yaml]\n"),
        "linked": ("base/dep.yaml", "resources: [link]\n"),
        "others": ("base/dep.yaml", "resources: [../bas, ../base/other.yaml]\n"),
    }
    for name, (file, kustomization) in trees.items():
        (infra / name / "overlay").mkdir(parents=True)
        (infra / name / file).parent.mkdir(parents=True, exist_ok=True)
        (infra / name / file).write_text(pod("p", "pool: new"))
        (infra / name / "overlay/kustomization.yaml").write_text(kustomization)
    (infra / "linked/overlay/link").symlink_to("../base")
    assert broken_files(infra, tmp_path) == trees.keys() - {"others"}


@pytest.mark.parametrize(
    ("name", "text", "clears"),
    [
        ("kustomization.yaml", "resources: [{{ no YAML\n", True),
        ("flux.yaml", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nspec:\n  path: ./base\n  patches: []\n", True),
        ("flux.yaml", "apiVersion: kustomize.toolkit.fluxcd.io/v1\nspec: {path: ./base}\n---\npatches: []\n", False),
        ("crd.yaml", "kind: CustomResourceDefinition\ngroup: kustomize.toolkit.fluxcd.io\npatches: {}\n", False),
        ("other.yaml", "resources: [base]\n", False),
    ],
)
def test_what_may_patch_every_file(tmp_path: Path, name: str, text: str, *, clears: bool) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base/dep.yaml").write_text(pod("p", "pool: new"))
    (tmp_path / name).write_text(text)
    reference = parse_reference(f"{NAME}@{SCHEMA2.digest}")
    selector = frozenset({("pool", "new")})
    arm = parse_platform("linux/arm64")  # by the same labels
    one = Occurrence("base/dep.yaml", 1, 1, "kubernetes", "container", "c", "", reference, arm, selector=selector)
    [found] = without_patched(discover(tmp_path), [one])
    assert (found.selector, found.platform) == ((frozenset(), None) if clears else (selector, arm))


def broken_files(infra: Path, home: Path) -> set[str]:
    """The folders at the top whose pods, which select the new node, are judged for the old one."""
    (infra / "nodes.json").write_text(
        nodes(pool("node-new", "docker://20.10.24", "new"), pool("node-old", "docker://1.9.1", "old"))
    )
    write_recorded(infra / RECORDED, [SCHEMA2])
    flags = ("--offline", infra / RECORDED, "--hosts", infra / "nodes.json", "--format", "json")
    done = run("scan", infra, *flags, home=home)
    file_of = {each["id"]: each["file"] for each in done.json["occurrences"]}
    return {file_of[each["occurrence"]].partition("/")[0] for each in done.json["findings"] if each["hosts"]}
