"""Semaphore: containers of the pipeline's agent and of those of blocks. The machine's `os_image` is none.

References that commands and environment variables mention count too, with the variables filled in.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import Known, scripts
from planner.extract.syntax.yaml_nodes import Node, elements, get, text, value
from planner.extract.uses import Use, extractor, found_at, named, places
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.semaphore/.*\.ya?ml$|(?:^|/)\.?semaphore(?:[._-][^/]*)?\.ya?ml$")
_PIPELINE = re.compile(r"^(?:agent|blocks|global_job_config|promotions|after_pipeline):", re.MULTILINE)
_COMMANDS = ("prologue", "epilogue", "after_job")
_NO_PULL = places("promotions", "queue")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _PIPELINE.search(source.text) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    yield from _agent(root, "pipeline")
    everywhere = get(root, "global_job_config")
    top = _variables(source, everywhere)
    yield from _commands("every job", everywhere, top)
    blocks = elements(get(root, "blocks"))
    tasks = [(named(block, str(number), "name"), get(block, "task")) for number, block in enumerate(blocks, 1)]
    for name, task in [*tasks, ("after pipeline", get(root, "after_pipeline", "task"))]:
        if task is None:
            continue
        yield from _agent(task, name)
        known = {**top, **_variables(source, task)}
        yield from _commands(name, task, known)
        for _, job in found_at(task, "jobs[]"):
            label = f"{name}: {named(job, 'job', 'name')}"
            yield from scripts(label, [get(job, "commands")], {**known, **_variables(source, job)})


def _agent(owner: Node, name: str) -> Iterator[Use]:
    """The job runs in the first container; the others run beside it."""
    for number, container in enumerate(elements(get(owner, "agent", "containers"))):
        label = named(container, str(number + 1), "name")
        yield Use("service" if number else "agent", f"{name}: {label}", get(container, "image"))


def _commands(name: str, owner: Node | None, known: Known) -> Iterator[Use]:
    for _, node in (found for key in _COMMANDS for found in found_at(owner, key)):
        nodes = [get(node, "commands"), get(node, "always", "commands"), get(node, "on_pass", "commands")]
        yield from scripts(name, [*nodes, get(node, "on_fail", "commands")], known)


def _variables(source: SourceFile, owner: Node | None) -> Known:
    listed = elements(get(owner, "env_vars"))
    return {text(get(each, "name")): value(source, get(each, "value")) for each in listed}


register(
    Format(
        "semaphore",
        "Semaphore",
        _claims,
        extractor("semaphore", _uses, _NO_PULL),
        files=".semaphore/**/*.yml, semaphore*.yml",
        example=Example(
            ".semaphore/semaphore.yml",
            "agent:\n  machine: {type: f1-standard-2}\n  containers:\n    - {name: main, image: 'ruby:3@sha256:…'}\n",
        ),
    )
)
