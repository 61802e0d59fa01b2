"""Travis CI: what the commands of the build and of its jobs pull. Variables of `env`, for each row, are filled in."""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import Known, listed, scripts, variables
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, get, items
from planner.extract.uses import Use, extractor, found_at, named, places
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.?travis(?:[._-][^/]*)?\.ya?ml$")
_PHASES = (
    *("before_install", "install", "before_script", "script", "before_cache", "after_success", "after_failure"),
    *("before_deploy", "after_deploy", "after_script"),
)
_NO_PULL = places("notifications", "addons", "branches")
_MAX_ROWS = 50


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and "apiVersion:" not in source.text


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    everywhere = _rows(source, get(root, "env"), {})
    yield from _commands("build", root, everywhere)
    for section in ("jobs", "matrix"):
        for number, (_, job) in enumerate(found_at(root, f"{section}.include[]"), 1):
            name = named(job, str(number), "name", "stage")
            rows = [row for known in everywhere for row in _rows(source, get(job, "env"), known)]
            yield from _commands(name, job, rows[:_MAX_ROWS])


def _rows(source: SourceFile, env: Node | None, known: Known) -> list[Known]:
    """The variables of each job that `env` makes: all of them have those of `global`."""
    keys = {key.value for key, _ in items(env)}
    if keys & {"global", "jobs", "matrix"}:
        known = {**known, **variables(source, get(env, "global"))}
        env = get(env, "jobs") or get(env, "matrix")
    return [{**known, **variables(source, row)} for row in listed(env)[:_MAX_ROWS]] or [known]


def _commands(name: str, owner: Node, rows: list[Known]) -> Iterator[Use]:
    for phase in _PHASES:
        yield from scripts(name, [get(owner, phase)], *rows)
    for deploy in listed(get(owner, "deploy")):
        if isinstance(script := get(deploy, "script"), ScalarNode):
            yield from scripts(name, [script], *rows)


register(
    Format(
        "travis",
        "Travis CI",
        _claims,
        extractor("travis", _uses, _NO_PULL),
        files=".travis.yml, travis*.yml",
        example=Example(
            ".travis.yml", "services: [docker]\nscript:\n  - docker run registry.example/ci@sha256:… test\n"
        ),
    )
)
