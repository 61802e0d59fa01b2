"""What clusters, engines and renderers print, piped in as they print it: read exactly, and soon."""

import hashlib
import json
import resource
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.test_stdin import listed, places

_PODS = 2000
_SECONDS = 2


def image(word: str) -> str:
    return f"registry.example/{word}@sha256:{hashlib.sha256(word.encode()).hexdigest()}"


def pod(number: int) -> dict[str, Any]:
    """A pod of some 200 lines, as a cluster fills it in."""
    name, pulled = f"app-{number}", image(f"app{number % 97}")
    probe = {"failureThreshold": 3, "httpGet": {"path": "/", "port": 8080}, "periodSeconds": 10, "timeoutSeconds": 1}
    container = {
        "env": [{"name": f"V{n}", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}} for n in range(4)],
        "image": pulled,
        "livenessProbe": probe,
        "name": "app",
        "readinessProbe": probe,
        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}},
        "volumeMounts": [{"mountPath": f"/v{n}", "name": f"v{n}", "readOnly": True} for n in range(3)],
    }
    tolerations = [{"effect": "NoExecute", "key": key, "operator": "Exists"} for key in ("not-ready", "unreachable")]
    conditions = [{"lastProbeTime": None, "status": "True", "type": f"type {n}"} for n in range(4)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"image": pulled})},
            "labels": {"app": name},
            "name": name,
            "namespace": f"team-{number % 40}",
        },
        "spec": {
            "containers": [container],
            "tolerations": tolerations,
            "volumes": [{"configMap": {"name": f"v{n}"}, "name": f"v{n}"} for n in range(3)],
        },
        "status": {
            "conditions": conditions,
            "containerStatuses": [{"image": pulled, "imageID": pulled, "name": "app", "ready": True, "state": {}}],
            "phase": "Running",
        },
    }


def test_the_pods_of_a_cluster(tmp_path: Path) -> None:
    items = [pod(number) for number in range(_PODS)]
    text = json.dumps({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {}}, indent=4)
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.lstrip().startswith('"image": ')]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = listed(text, home=tmp_path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    expected = [(f"Pod/app-{number}: app", image(f"app{number % 97}")) for number in range(_PODS)]
    assert [(row["name"], row["image"]) for row in rows] == expected
    assert [int(row["line"]) for row in rows] == lines[::2]  # every other one is of a status
    # The time of the processor: other programs on this machine may be busy.
    assert after.ru_utime - before.ru_utime < _SECONDS


RENDERED = {
    "helm template": (
        f"""---
# Source: shop/charts/db/templates/statefulset.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: release-db
  labels:
    helm.sh/chart: db-1.2.3
spec:
  template:
    metadata:
      annotations:
        checksum/config: {hashlib.sha256(b"config").hexdigest()}
    spec:
      containers:
        - name: db
          image: "{image("db")}"
---
# Source: shop/templates/tests/test-connection.yaml
# image: {image("comment")}
apiVersion: v1
kind: Pod
metadata:
  name: "release-test"
  annotations:
    "helm.sh/hook": test
spec:
  containers:
    - name: wget
      image: {image("wget")}
""",
        [("17", "container", "StatefulSet/release-db: db"), ("30", "container", "Pod/release-test: wget")],
    ),
    "kustomize build": (
        f"""apiVersion: v1
data:
  notes: plain
kind: ConfigMap
metadata:
  name: settings-9f2mt
---
apiVersion: batch/v1
kind: CronJob
metadata:
  name: night
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - image: {image("night")}
            name: night
""",
        [("18", "container", "CronJob/night: night")],
    ),
    "docker compose config": (
        f"""name: shop
services:
  web:
    depends_on:
      db:
        condition: service_started
    image: {image("web")}
    labels:
      note: {image("label")}
    networks:
      default: null
networks:
  default:
    name: shop_default
""",
        [("7", "service", "web")],
    ),
    "docker compose config --format json": (
        json.dumps({"name": "shop", "services": {"web": {"image": image("web"), "networks": {}}}}, indent=2),
        [("5", "service", "web")],
    ),
    "kubectl get deployment -o yaml": (
        f"""apiVersion: v1
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {{"spec":{{"image":"{image("applied")}"}}}}
    name: api
  spec:
    template:
      spec:
        containers:
        - image: {image("api")}
          name: api
  status:
    observed: {image("status")}
kind: List
metadata:
  resourceVersion: ""
""",
        [("14", "container", "Deployment/api: api")],
    ),
    "docker ps --no-trunc --format json": (
        json.dumps({"ID": "a1", "Image": image("one"), "Names": "one"})
        + "\n"
        + json.dumps({"ID": "b2", "Image": "sha256:" + "b" * 64, "Names": "two", "Labels": f"a={image('label')}"})
        + "\n",
        [("1", "container", "one")],
    ),
    "docker inspect": (
        json.dumps([{"Id": "a1", "Image": "sha256:" + "a" * 64, "Name": "/web", "Config": {"Image": image("web")}}]),
        [("1", "container", "web")],
    ),
    "crictl images -o json": (
        json.dumps({"images": [{"id": "sha256:" + "c" * 64, "repoTags": ["a:1"], "repoDigests": [image("a")]}]}),
        [("1", "image", "a:1")],
    ),
    "ctr images ls": (
        f"""REF TYPE DIGEST SIZE PLATFORMS LABELS
{image("pause")} application/vnd.oci.image.index.v1+json sha256:{"d" * 64} 3.2 MiB linux/amd64 -
""",
        [("2", "text", "")],
    ),
    "kubectl get deployments -o wide": (
        f"""NAME   READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES   SELECTOR
web    1/1     1            1           4d    web,side     {image("web")},{image("side")}   app=web
""",
        [("2", "text", ""), ("2", "text", "")],
    ),
}


@pytest.mark.parametrize("command", sorted(RENDERED))
def test_what_is_printed_is_read_as_it_is_printed(tmp_path: Path, command: str) -> None:
    text, expected = RENDERED[command]
    rows = listed(text, home=tmp_path)
    assert [place[1:] for place in places(rows)] == expected
    for row in rows:
        assert text.split("\n")[int(row["line"]) - 1].startswith(row["digest"], int(row["column"]) - 1)
