"""`docker` lists of jobs and executors, in inline and unpacked orbs too, and images that commands name.

Parameters count with their defaults and with what workflows, their matrices and jobs pass. `machine.image` is a
virtual machine's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice, product

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import templated, variables
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import MappingNode, Node, elements, get, items, text, value
from planner.extract.uses import Use, extractor, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.circleci/(?:.*/)?[^/]+\.ya?ml$")
_ORB_PART = re.compile(r"(?:^|/)(?:executors|jobs)/[^/]+\.ya?ml$")
_DOCKER = re.compile(r"^( *)docker:[ \t]*\n *- *(?:image:|\*|<<:)", re.MULTILINE)
_READS_LIKE_ONE = re.compile(r"^version: *[\"']?2[.\d]*[\"']? *$", re.MULTILINE)
_SECTIONS = re.compile(r"^(?:jobs|executors|orbs|workflows):", re.MULTILINE)
_TEMPLATE = re.compile(r"<<\s*([\w.-]+)\s*>>")
# Of the file itself and of the orbs in it.
_PROSE = places(
    *(
        f"{orb}{place}description"
        for orb in ("", "orbs.*.")
        for section in ("jobs.*.", "commands.*.", "executors.*.", "")
        for place in (section, f"{section}parameters.*.")
    ),
    *("jobs.*.steps.run.name", "commands.*.steps.run.name", "jobs.*.steps.save_cache.key", "jobs.*.machine"),
)
_NO_PARAMETERS = frozenset({"name", "matrix", "requires", "context", "filters", "pre-steps", "post-steps", "type"})
_MAX_CALLS = 256  # of one job; CircleCI allows a matrix of 128

# What the parameters are in one call, by `parameters.NAME`.
_Call = Mapping[str, Written]
_Calls = dict[str, list[_Call]]


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path):
        return True
    if not source.path.endswith((".yml", ".yaml")) or not (docker := _DOCKER.search(source.text)):
        return False
    if _ORB_PART.search(source.path):
        return not docker[1]
    return bool(_READS_LIKE_ONE.search(source.text) and _SECTIONS.search(source.text))


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    pipeline = {f"pipeline.{name}": default for name, default in _defaults(source, root).items()}
    orbs = [("", root), *((f"{key.value}/", orb) for key, orb in items(get(root, "orbs")))]
    jobs = _called_by_workflows(source, root)
    executors: _Calls = {}
    for prefix, orb in orbs:
        for key, job in items(get(orb, "jobs")):
            calls = _worlds(source, job, pipeline, jobs.get(prefix + key.value, []))
            yield from _containers(job, "job", prefix + key.value, calls)
            yield from _scripts(source, job, calls)
            for name, given in _called_executor(source, job, calls):
                # A job of an orb may name the orb's own executor.
                executors.setdefault(f"{prefix}{name}", []).append(given)
    for prefix, orb in orbs:
        for key, executor in items(get(orb, "executors")):
            name = prefix + key.value
            yield from _containers(
                executor, "executor", name, _worlds(source, executor, pipeline, executors.get(name, []))
            )
    # An executor or a job of an orb that is unpacked into files.
    yield from _containers(root, "executor", "orb", _worlds(source, root, pipeline, []))


def _worlds(source: SourceFile, owner: Node, pipeline: _Call, calls: Iterable[_Call]) -> list[_Call]:
    """What is known in a job or executor: by its defaults, and in each call."""
    plain = {**pipeline, **_defaults(source, owner)}
    return [plain, *({**plain, **call} for call in islice(calls, _MAX_CALLS))]


def _containers(owner: Node, role: str, name: str, calls: Sequence[_Call]) -> Iterator[Use]:
    filled = partial(_fill, calls=calls)
    for number, container in enumerate(elements(get(owner, "docker"))):
        # The steps run in the first container; the others only run beside it.
        service = text(get(container, "name")) or str(number + 1)
        first = number == 0
        yield Use(
            role if first else "service", name if first else f"{name}: {service}", get(container, "image"), fill=filled
        )


def _scripts(source: SourceFile, job: Node, calls: Sequence[_Call]) -> Iterator[Use]:
    known = variables(source, get(job, "environment"))
    for step in elements(get(job, "steps")):
        run = get(step, "run")
        here = known | variables(source, get(run, "environment"))
        command = get(run, "command") if isinstance(run, MappingNode) else run
        yield from templated("", command, partial(_fill, calls=calls), here)


def _fill(image: Written, calls: Sequence[_Call]) -> list[Written]:
    if "<<" not in image.text:
        return [image]
    found: dict[str, Written] = {}
    for call in calls:
        # What is passed may name a parameter itself.
        once = fill(image, _TEMPLATE, call.get)
        each = fill(once, _TEMPLATE, call.get)
        found.setdefault(each.text, each)
    complete = [each for each in found.values() if "<<" not in each.text]
    return complete or list(found.values())[:1]


def _called_by_workflows(source: SourceFile, root: Node) -> _Calls:
    """What workflows pass to each job, once for each combination of a matrix."""
    calls: _Calls = {}
    for _, workflow in items(get(root, "workflows")):
        for element in elements(get(workflow, "jobs")):
            for key, given in items(element):
                lists = [(name.value, elements(node)) for name, node in items(get(given, "matrix", "parameters"))]
                rows = islice(product(*(nodes for _, nodes in lists)), _MAX_CALLS)
                passed = _passed(source, given)
                found = [
                    passed
                    | {f"parameters.{name}": value(source, node) for (name, _), node in zip(lists, row, strict=True)}
                    for row in rows
                ]
                calls.setdefault(key.value, []).extend(found)
    return calls


def _called_executor(source: SourceFile, job: Node, calls: Sequence[_Call]) -> Iterator[tuple[str, _Call]]:
    """The executor that a job names, with what it passes in each call of the job."""
    executor = get(job, "executor")
    name = text(get(executor, "name"))
    passed = _passed(source, executor) if name else {}
    for call in calls[:_MAX_CALLS] if passed else ():
        yield name, {key: fill(each, _TEMPLATE, call.get) for key, each in passed.items()}


def _passed(source: SourceFile, given: Node | None) -> dict[str, Written]:
    pairs = ((key.value, node) for key, node in items(given) if key.value not in _NO_PARAMETERS and text(node))
    return {f"parameters.{name}": value(source, node) for name, node in pairs}


def _defaults(source: SourceFile, owner: Node) -> dict[str, Written]:
    """The defaults of parameters."""
    defaults = {key.value: get(parameter, "default") for key, parameter in items(get(owner, "parameters"))}
    return {f"parameters.{name}": value(source, node) for name, node in defaults.items() if text(node)}


register(
    Format(
        "circleci",
        "CircleCI",
        _claims,
        extractor("circleci", _uses, _PROSE),
        rank=20,
        files=".circleci/**/*.yml, executors/ and jobs/ of unpacked orbs; YAML that reads like a configuration",
        example=Example(".circleci/config.yml", "jobs:\n  build:\n    docker:\n      - image: cimg/go:1.22@sha256:…\n"),
    )
)
