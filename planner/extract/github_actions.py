"""Containers and services of jobs, `uses: docker://…`, docker actions, and images that common actions take as input.

Expressions are filled in: matrix, `env`, defaults of inputs, and what is passed to reusable workflows of the same tree.
Gitea and Forgejo read the same files. `uses: owner/action@<sha>` names no image.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.github_scope import Scope, file_scope, jobs
from planner.extract.script_uses import templated
from planner.extract.syntax.yaml_nodes import Node, documents, elements, get, items, text, value
from planner.extract.uses import Use, inner, named, of_documents, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_WORKFLOW = re.compile(r"(?:^|/)(?:\.(?:github|gitea|forgejo)/workflows|workflow-templates)/[^/]+\.ya?ml$")
_ACTION = re.compile(r"(?:^|/)action\.ya?ml$")
_RUNS = re.compile(r"^runs:", re.MULTILINE)
_READS_LIKE_ONE = (
    re.compile(r"^[\"']?on[\"']?:", re.MULTILINE),
    re.compile(r"^jobs:", re.MULTILINE),
    re.compile(r"^[ \t]+(?:runs-on:|uses: *\S+\.ya?ml)", re.MULTILINE),
)
_LOCAL_CALL = re.compile(r"uses: *[\"']?\./[^\n]*\.ya?ml")
_SCHEME = "docker://"
_PROSE = places(
    *("name", "run-name", "description", "outputs.*.description", "inputs.*.description", "inputs.*.options"),
    *(f"on.*.{section}.*.description" for section in ("inputs", "outputs", "secrets")),
    *("jobs.*.name", "jobs.*.strategy.matrix.exclude", "jobs.*.environment", "jobs.*.environment.url"),
    *(
        f"{steps}.{key}"
        for steps in ("jobs.*.steps", "runs.steps")
        for key in (
            "name",
            *(f"with.{word}" for word in ("labels", "annotations", "body", "key", "restore-keys", "title", "message")),
            *(f"with.{word}" for word in ("cache-from", "cache-to", "commit-message")),
        )
    ),
)
_WHOLE = re.compile(r"\s*(\S+)\s*\Z")
# Inputs of actions that name what they pull, and where in the input the reference stands.
_INPUTS = {
    "addnab/docker-run-action": {"image": _WHOLE},
    "docker/setup-qemu-action": {"image": _WHOLE},
    "docker/setup-buildx-action": {"driver-opts": re.compile(r"(?:^|[\s,\"'])image=([^\s,\"']+)")},
    "docker/build-push-action": {
        "build-contexts": re.compile(r"=docker-image://([^\s,\"']+)"),
        "sbom": re.compile(r"generator=([^\s,\"']+)"),
    },
}
_SHELLS = frozenset({"", "bash", "sh"})
_MAX_CALLS = 64  # of workflows of the tree, through one another
_MAX_IMAGES = 64  # in one input of an action


def _claims(source: SourceFile) -> bool:
    if _ACTION.search(source.path):
        return _RUNS.search(source.text) is not None
    if _WORKFLOW.search(source.path):
        return True
    return source.path.endswith((".yml", ".yaml")) and all(each.search(source.text) for each in _READS_LIKE_ONE)


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    runs = get(root, "runs")
    action = named(root, "action", "name")
    scope = file_scope(source, root)
    yield Use("action", action, get(runs, "image"), _SCHEME)
    yield from _steps(runs, action, scope)
    for key, job, own in jobs(root, scope):
        yield from _containers(job, key, own)
        yield from _steps(job, key, own)


def _containers(job: Node, key: str, scope: Scope) -> Iterator[Use]:
    yield Use("job", key, inner(get(job, "container"), "image"), fill=scope.fill)
    for service, node in items(get(job, "services")):
        yield Use("service", f"{key}: {service.value}", inner(node, "image"), fill=scope.fill)


def _steps(job: Node | None, owner: str, scope: Scope) -> Iterator[Use]:
    for number, step in enumerate(elements(get(job, "steps")), 1):
        name = f"{owner}: {named(step, str(number), 'name', 'id')}"
        here = scope.inner(step)
        yield Use("step", name, get(step, "uses"), _SCHEME)
        script = text(get(step, "run"))
        if "@" in script and text(get(step, "shell")).partition(" ")[0] in _SHELLS:
            yield from templated(name, get(step, "run"), here.fill, here.environment(script))
        else:
            yield Use("text", name, get(step, "run"), fill=here.fill_script, within=True)
        takes = _INPUTS.get(text(get(step, "uses")).partition("@")[0], {})
        for key, node in items(get(step, "with")):
            if _PROSE(("jobs", "*", "steps", "with", key.value)):
                continue
            if pattern := takes.get(key.value):
                cut = _Cut(here, pattern)
                yield Use("step", name, node, fill=cut)
            else:
                yield Use("text", name, node, fill=here.fill_script, within=True)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A Use's `fill` for an input in which references stand among other words: what `pattern` takes out."""

    scope: Scope
    pattern: re.Pattern[str]

    def __call__(self, words: Written) -> list[Written]:
        texts = self.scope.fill(words)
        return [each[one.start(1) : one.end(1)] for each in texts for one in self.pattern.finditer(each.text)][
            :_MAX_IMAGES
        ]


@dataclass(frozen=True, slots=True)
class _Call:
    """A workflow with what it was given, and the jobs through which it was called."""

    root: Node
    scope: Scope
    path: tuple[str, ...] = ()


def _calls(source: SourceFile, root: Node, lookup: Lookup) -> Iterator[Found]:
    """What workflows of the tree pull because of the inputs that the jobs of this one pass to them."""
    waiting = [_Call(root, file_scope(source, root))]
    for call in waiting:  # grows as it goes; a workflow that calls itself ends at the bound
        for key, job, here in jobs(call.root, call.scope):
            called = _called(call.scope.source, job, lookup) if len(waiting) < _MAX_CALLS else None
            below = next((each for each in documents(called) if isinstance(each, Node)), None) if called else None
            if not called or not below:
                continue
            plain = file_scope(called, below)
            given = {
                f"inputs.{name.value}": here.fill(value(here.source, node)) for name, node in items(get(job, "with"))
            }
            filled = replace(plain, known={**plain.known, **given})
            path = (*call.path, key)
            waiting.append(_Call(below, filled, path))
            yield from _only_so(source, _parsed(below, filled), _parsed(below, plain), called, ": ".join(path))


def _called(source: SourceFile, job: Node, lookup: Lookup) -> SourceFile | None:
    """The workflow that a job calls by its path in the same repository, which may be a folder of the tree."""
    uses = text(get(job, "uses"))
    folder = _WORKFLOW.search(source.path)
    repository = source.path[: folder.start()] if folder else ""
    return lookup(posixpath.join(repository, posixpath.normpath(uses))) if uses.startswith("./") else None


def _only_so(
    source: SourceFile, given: Iterable[Use], alone: Iterable[Use], called: SourceFile, name: str
) -> Iterator[Found]:
    """The images that a called workflow uses only when it is given the inputs of this call."""
    for use, plain in zip(given, alone, strict=True):
        image = value(called, use.node)
        before = {each.text for each in plain.fill(image)}
        for each in use.fill(image):
            found = occurrence(source, each, format="github-actions", role=use.role, name=f"{name}: {use.name}")
            if found and each.text not in before:
                yield found


def _parsed(root: Node, scope: Scope) -> Iterator[Use]:
    for key, job, own in jobs(root, scope):
        yield from _containers(job, key, own)
        yield from (use for use in _steps(job, key, own) if not use.within and not use.scheme)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    roots = list(documents(source, tags))
    if _LOCAL_CALL.search(source.text):
        for root in roots:
            if isinstance(root, Node):
                yield from _calls(source, root, lookup)
    yield from of_documents(source, roots, "github-actions", _uses, _PROSE, tags=tags)


register(
    Format(
        "github-actions",
        "GitHub Actions workflows and actions",
        _claims,
        _extract,
        rank=20,
        files=".github/workflows/*.yml (also .gitea, .forgejo), action.yml; YAML that reads like a workflow",
        example=Example(
            ".github/workflows/ci.yml",
            "jobs:\n  test:\n    runs-on: ubuntu-latest\n    container: node:22@sha256:…\n",
        ),
    )
)
