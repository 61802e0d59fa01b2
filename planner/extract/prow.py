"""Prow: the pods of presubmits, postsubmits and periodics, and the utility images that decorate them."""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.syntax.yaml_nodes import Node, get
from planner.extract.uses import Use, extractor, found_at, named, places
from planner.model.source import SourceFile

_CLAIM = re.compile(r"""^["']?(?:presubmits|postsubmits|periodics|plank)["']?[ \t]*:""", re.MULTILINE)
_JOBS = {"presubmits.*[]": "presubmits.*", "postsubmits.*[]": "postsubmits.*", "periodics[]": "periodics"}
_DECORATIONS = (
    "plank.default_decoration_configs.*.utility_images.*",
    "plank.default_decoration_config_entries[].config.utility_images.*",
)
_PODS = {"spec.containers[]": "container", "spec.initContainers[]": "init container"}
_NO_PULL = places(
    *(f"{job}.{key}" for job in _JOBS.values() for key in ("annotations", "labels", "description", "rerun_command"))
)


def _claims(source: SourceFile) -> bool:
    return source.path.endswith((".yaml", ".yml")) and _CLAIM.search(source.text) is not None


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    for path in _JOBS:
        for _, job in found_at(root, path):
            yield from _of_job(job)
    for path in _DECORATIONS:
        for names, image in found_at(root, path):
            yield Use("utility image", names[-1], image)


def _of_job(job: Node) -> Iterator[Use]:
    name = named(job, "job", "name")
    for path, role in _PODS.items():
        for _, container in found_at(job, path):
            yield Use(role, ": ".join(filter(None, (name, named(container, "", "name")))), get(container, "image"))
    for names, image in found_at(job, "decoration_config.utility_images.*"):
        yield Use("utility image", f"{name}: {names[-1]}", image)


register(
    Format(
        name="prow",
        title="Prow jobs",
        claims=_claims,
        extract=extractor("prow", _uses, _NO_PULL),
        rank=30,
        files="YAML with presubmits, postsubmits, periodics or plank at its top",
        example=Example(
            ".prow.yaml",
            "presubmits:\n  org/repo:\n  - name: unit\n    spec:\n      containers:\n"
            "      - image: registry.example/go:1.24@sha256:…\n",
        ),
    )
)
