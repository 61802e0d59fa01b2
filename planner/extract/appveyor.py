"""AppVeyor: what the commands of the build pull. Variables of `environment` are filled in; `image` is a machine's."""

import re
from collections.abc import Iterator
from functools import partial

from planner.extract.format import Example, Format, register
from planner.extract.script_uses import Known, filled, listed, variables
from planner.extract.scripts import pulls
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, elements, get, items
from planner.extract.uses import Use, extractor, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.?appveyor(?:[._-][^/]*)?\.ya?ml$")
_PHASES = ("init", "install", "build_script", "test_script", "deploy_script", "on_success", "on_failure", "on_finish")
_MORE = ("after_build", "before_build", "before_test", "after_test", "before_package", "before_deploy", "after_deploy")
# Of the two shells of Windows.
_VARIABLE = re.compile(r"(?:\$env:|%)(\w+)%?", re.IGNORECASE)
_NO_PULL = places("notifications", "artifacts", "branches")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None


def _uses(source: SourceFile, root: Node) -> Iterator[Use]:
    for number, owner in enumerate([root, *elements(get(root, "for"))]):
        name = f"for {number}" if number else "build"
        known = variables(source, get(root, "environment"), get(root, "environment", "global"))
        known |= variables(source, get(owner, "environment"))

        for phase in (*_PHASES, *_MORE):
            for command in listed(get(owner, phase)):
                for line in [command, *(node for _, node in items(command))]:  # `ps: ...` names the shell
                    if isinstance(line, ScalarNode) and "@" in line.value:
                        yield Use("command", name, line, fill=partial(_pulled, known=known))
                        yield Use("text", name, line, fill=partial(_filled, known=known), within=True)


def _filled(script: Written, known: Known) -> list[Written]:
    return filled(fill(script, _VARIABLE, known.get), known)


def _pulled(script: Written, known: Known) -> list[Written]:
    found = (pull for each in _filled(script, known) for pull in pulls(each, known))
    return [pull.image for pull in found if pull.role == "command"]


register(
    Format(
        "appveyor",
        "AppVeyor",
        _claims,
        extractor("appveyor", _uses, _NO_PULL),
        files="appveyor.yml, .appveyor.yml",
        example=Example(
            "appveyor.yml", "image: Visual Studio 2022\nbuild_script:\n  - docker pull registry.example/sdk@sha256:…\n"
        ),
    )
)
