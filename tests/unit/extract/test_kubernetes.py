import pytest

from planner.extract import extract
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

A = "sha256:" + "a" * 64
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"


def scan(text: str, path: str = "x.yaml") -> list[Occurrence | Problem]:
    return list(extract(SourceFile(path, text), lambda _path: None))


@pytest.mark.parametrize(
    ("selector", "platform"),
    [
        ("kubernetes.io/arch: arm64", "linux/arm64"),
        ("beta.kubernetes.io/arch: aarch64", "linux/arm64"),
        ("{kubernetes.io/arch: amd64, kubernetes.io/os: windows}", "windows/amd64"),
        ("disk: ssd", "None"),
        ("[a]", "None"),
    ],
)
def test_the_node_selector_tells_the_platform(selector: str, platform: str) -> None:
    body = selector if selector[0] in "{[" else f"{{{selector}}}"
    (found,) = scan(f"{POD}spec: {{nodeSelector: {body}, containers: [{{image: x@{A}}}]}}")
    assert isinstance(found, Occurrence)
    assert str(found.platform) == platform


@pytest.mark.parametrize(
    "place",
    ["metadata", "status", "spec: {template: {metadata", "spec: {labels", "spec: {selector: {matchLabels"],
)
def test_what_controllers_and_tools_note_down_is_no_pull(place: str) -> None:
    inner = place if place == "status" or "abels" in place else f"{place}: {{annotations"
    closing = "}" * inner.count("{")
    assert scan(f"apiVersion: v1\nkind: X\n{inner}: {{image: x@{A}, containers: [{{image: x@{A}}}]}}{closing}") == []


def test_an_image_of_containers_is_a_pull_whatever_the_kind() -> None:
    (found,) = scan(f"apiVersion: x/v1\nkind: Own\nworkload: {{containers: [{{name: c, image: x@{A}}}]}}")
    assert isinstance(found, Occurrence)
    assert (found.role, found.name, found.confidence) == ("container", "Own: c", "parsed")


def test_what_a_config_map_carries_has_less_confidence_and_its_own_place() -> None:
    carried = f"    apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - image: >-\n          x@{A}\n"
    (found,) = scan(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n  k: |\n{carried}")
    assert isinstance(found, Occurrence)
    assert (found.line, found.column, found.confidence) == (11, 13, "text")


@pytest.mark.parametrize(
    "spec",
    [
        "{containers: {image: x}}",
        "{containers: [null, 1, [], {image: [1]}, {image: {a: b}}, {name: {}, image: }]}",
        "{volumes: [{image: 1}, 2], initContainers: 3}",
        "null",
        "&s {containers: *s}",
        "&s {containers: [*s]}",
    ],
)
def test_odd_shapes_do_no_harm(spec: str) -> None:
    assert scan(f"# {A}\n{POD}spec: {spec}") == []


def test_a_list_of_containers_shared_by_very_many_pods_ends() -> None:
    shared = ", ".join(f"{{image: x@{A}}}" for _ in range(1000))
    pods = ", ".join("{containers: *c}" for _ in range(20_000))
    assert len(scan(f"{POD}spec: {{containers: &c [{shared}], pods: [{pods}]}}")) == 1000


def test_lines_of_a_template_alone_hide_nothing() -> None:
    found = scan(f"{POD}spec:\n  {{{{- if x }}}}\n  containers: [{{image: x@{A}}}]\n")
    assert [one.kind if isinstance(one, Problem) else one.confidence for one in found] == ["parsed"]


@pytest.mark.parametrize(
    "member",
    [
        "args: ['--reloader=r.example/b@<D>']",
        "command: [sh, -c, 'docker run r.example/b@<D>']",
        "env: [{name: RELATED_IMAGE_B, value: r.example/b@<D>}]",
        "lifecycle: {postStart: {exec: {command: ['r.example/b@<D>']}}}",
    ],
)
def test_what_a_container_is_told_to_pull_is_reported_as_text(member: str) -> None:
    body = member.replace("<D>", A)
    (found,) = scan(f"{POD}spec: {{containers: [{{name: c, image: a, {body}}}]}}")
    assert isinstance(found, Occurrence)
    assert (found.role, found.name, found.confidence) == ("text", "Pod/p: c", "text")
    assert found.raw == f"r.example/b@{A}"
    # In a manifest that a ConfigMap carries too.
    carried = f"{POD}spec: {{containers: [{{name: c, image: a, {body}}}]}}".replace("\n", "\n    ")
    (inner,) = scan(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n  k.yaml: |\n    {carried}")
    assert isinstance(inner, Occurrence)
    assert (inner.role, inner.raw, inner.line) == ("text", found.raw, 9)


def test_an_image_is_not_reported_again_as_text() -> None:
    pod = f"{POD}spec: {{containers: [{{name: c, image: &a 'x@{A}', env: [{{name: SELF, value: *a}}]}}]}}"
    assert [one.role for one in scan(pod) if isinstance(one, Occurrence)] == ["container"]
    refused = f"{POD}spec: {{containers: [{{name: c, image: 'X@{A}'}}], initContainers: [{{image: '$(R)/x@{A}'}}]}}"
    assert sorted(one.kind for one in scan(refused) if isinstance(one, Problem)) == [
        "invalid-reference",
        "variable-unset",
    ]
