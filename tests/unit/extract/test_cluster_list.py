"""Lists of workloads as clusters print them are shortened before they are read: nothing else is found, or not found."""

import hashlib
import json
from typing import Any

import pytest

from planner.extract import FORMATS, extract
from planner.extract.cluster_list import shortened
from planner.extract.kubernetes import _NOT_PULLED, _of_text
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile


def image(word: str) -> str:
    return f"registry.example/{word}@sha256:{hashlib.sha256(word.encode()).hexdigest()}"


def container(name: str, **more: Any) -> dict[str, Any]:
    return {"env": [{"name": "A", "value": "b"}], "image": image(name), "name": name, "ports": [{"port": 1}]} | more


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "annotations": {"last-applied": json.dumps({"image": image("annotation")})},
        "labels": {"image": image("label")},
        "name": "wéb \U0001f40b",
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web"}],
    },
    "spec": {
        "containers": [
            container("web", args=["--sidecar", image("argument"), 1, None, True, {"a": []}]),
            container("tagged", image="registry.example/tagged:1"),
            container("operator", env=[{"name": "NAME", "value": "x"}, {"name": "RELATED", "value": image("env")}]),
        ],
        "initContainers": [container("init")],
        "ephemeralContainers": [container("debug")],
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
        "volumes": [{"name": "model", "image": {"reference": image("volume")}}, {"name": "cache", "emptyDir": {}}],
        "tolerations": [],
    },
    "status": {"containerStatuses": [{"image": image("status"), "imageID": image("status")}]},
}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "api"},
    "spec": {"template": {"spec": {"containers": [container("api"), container("broken", image="a@sha256:abc")]}}},
}
CRON = {
    "kind": "CronJob",
    "metadata": {"name": "night"},
    "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [container("night")]}}}}},
}
NOTHING = {"kind": "Pod", "metadata": {"name": "none"}, "spec": {"containers": [{"name": "none"}]}}
OTHER = {
    "apiVersion": "example/v1",
    "kind": "Widget",
    "metadata": {"name": "split"},
    "spec": {"image": {"repository": "registry.example/split", "digest": image("split").partition("@")[2]}},
}
ITEMS = [POD, NOTHING, DEPLOYMENT, OTHER, CRON, "no object", 7]
LIST = {"apiVersion": "v1", "items": ITEMS, "kind": "List", "metadata": {"resourceVersion": ""}}


@pytest.mark.parametrize("tags", [False, True])
@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("indent", [None, 4, "\t"])
def test_the_same_is_found_at_the_same_place(tags: bool, escaped: bool, indent: int | str | None) -> None:
    source = SourceFile("pods.json", json.dumps(LIST, indent=indent, ensure_ascii=escaped))
    assert shortened(source, _NOT_PULLED, tags) is not None
    found = list(FORMATS["kubernetes"].extract(source, lambda _path: None, tags))
    assert found == list(_of_text(source, tags))
    names = [one.reference.repository for one in found if isinstance(one, Occurrence)]
    pulled = {"web", "argument", "env", "init", "debug", "volume", "api", "split", "night", "operator"}
    assert set(names) == pulled | ({"tagged"} if tags else set())


def test_what_is_left_is_short() -> None:
    source = SourceFile("pods.json", json.dumps({"items": [POD | {"spec": NOTHING["spec"]}] * 100, "kind": "List"}))
    short = shortened(source, _NOT_PULLED, tags=False)
    assert short
    assert len(short.source.text) < len(source.text) / 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "items: []",
        '{"items": ',
        '{"items": [{"kind": "Pod"',
        '{"items": [{"kind": "Pod"} {}]}',
        '{"items": [{"kind" "Pod"}]}',
        '{"items": [{kind: Pod}]}',
        '{"items": []} {"kind": "Pod"}',
        '{"items": [' + "[" * 100_000,
        '{"a": {"items": []}}',
    ],
)
def test_anything_else_is_read_whole(text: str) -> None:
    assert shortened(SourceFile("pods.json", text), _NOT_PULLED, tags=False) is None


def test_a_list_that_was_cut_off_is_told_of_and_still_searched() -> None:
    text = json.dumps(LIST, indent=4)
    found = extract(SourceFile("pods.json", text[: text.index('"CronJob"')]), lambda _path: None)
    assert any(not isinstance(one, Occurrence) and one.kind == "unparsable" for one in found)
    assert any(isinstance(one, Occurrence) and one.reference.repository == "web" for one in found)
