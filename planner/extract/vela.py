"""Vela: steps, services, steps in stages, and the plugins that fetch secrets (`secrets[].origin`).

References that commands, parameters and the environment mention count too.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.script_uses import scripts, variables
from planner.extract.syntax.yaml_nodes import Node, documents, get, items
from planner.extract.templated import without_control
from planner.extract.uses import Use, found_at, named, of_documents, places, platform_of
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.?vela(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.vela/.*\.ya?ml$")
_PIPELINE = re.compile(r"^(?:steps|stages|services|secrets|templates):", re.MULTILINE)
_NO_PIPELINE = re.compile(r"^(?:apiVersion|kind|networks|volumes|version: *['\"]?[23])", re.MULTILINE)
_PLACES = {"services[]": "service", "steps[]": "step", "secrets[].origin": "secret"}
_NO_PULL = places("metadata", "steps.ruleset", "services.ruleset", "stages.*.steps.ruleset")


def _claims(source: SourceFile) -> bool:
    if not _PATH.search(source.path) or _NO_PIPELINE.search(source.text):
        return False
    return _PIPELINE.search(source.text) is not None


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    plain = without_control(source)
    return of_documents(plain, documents(plain, tags), "vela", _uses, _NO_PULL, tags=tags)


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    everywhere = variables(source, get(root, "environment"))
    platform = platform_of(named(get(root, "worker"), "", "platform"))
    owners = [(role, "", owner) for path, role in _PLACES.items() for _, owner in found_at(root, path)]
    for key, stage in items(get(root, "stages")):
        owners += [("step", f"{key.value}: ", step) for _, step in found_at(stage, "steps[]")]
    for role, prefix, owner in owners:
        name = prefix + named(owner, role, "name")
        yield Use(role, name, get(owner, "image"), platform=platform)
        known = everywhere | variables(source, get(owner, "environment"))
        yield from scripts(name, [get(owner, "commands"), get(owner, "entrypoint")], known)


register(
    Format(
        "vela",
        "Vela",
        _claims,
        _extract,
        files=".vela.yml, vela*.yml, .vela/**/*.yml",
        example=Example(".vela.yml", 'version: "1"\nsteps:\n  - name: test\n    image: golang:1.22@sha256:…\n'),
    )
)
