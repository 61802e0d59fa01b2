"""What the expressions of a GitHub workflow may refer to: its environment, inputs and matrix. No format of its own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from planner.extract.syntax.expressions import filled
from planner.extract.syntax.github_matrix import Row, rows
from planner.extract.syntax.shell import expand
from planner.extract.syntax.yaml_nodes import Node, elements, get, items, value
from planner.extract.written import Written
from planner.model.source import SourceFile

_MAX_NAMES = 100  # in one script
_MATRIX_NAME = re.compile(r"matrix(?:\.|\[')([\w-]+)")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known where an expression stands: names with the texts that they may stand for, and matrix rows."""

    source: SourceFile
    known: Mapping[str, list[Written]] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()

    def inner(self, owner: Node | None) -> "Scope":
        """With what `env` of a workflow, job or step sets."""
        env = {f"env.{key.value}": [value(self.source, node)] for key, node in items(get(owner, "env"))}
        return replace(self, known={**self.known, **env}) if env else self

    def fill(self, image: Written) -> list[Written]:
        """The image for every combination of the matrix."""
        if "${{" not in image.text:
            return [image]
        found: dict[str, Written] = {}
        for row in self._rows_for(image.text):
            for each in filled(image, partial(self._possible, row)):
                found.setdefault(each.text, each)
        # A combination that lacks a name is one in which the job does not use it.
        return [each for each in found.values() if "${{" not in each.text] or list(found.values())[:1]

    def environment(self, script: str) -> dict[str, Written]:
        """The variables that a script names; their values may hold expressions."""
        names = (name for name in self.known if name.startswith("env.") and name.removeprefix("env.") in script)
        return {name.removeprefix("env."): self.fill(self.known[name][0])[0] for name in islice(names, _MAX_NAMES)}

    def fill_script(self, script: Written) -> list[Written]:
        """As `fill`, then with the variables of the environment."""
        values = self.environment(script.text) if "$" in script.text and "@" in script.text else {}
        done = []
        for each in self.fill(script):
            expanded = expand(each, values)
            done += self.fill(expanded) if expanded.text != each.text else [each]
        return done

    def _possible(self, row: Row, name: str) -> list[Written]:
        return [row[name]] if name in row else self.known.get(name, [])

    def _rows_for(self, image: str) -> list[Row]:
        if "matrix" not in image and "env." not in image:
            return [{}]
        if "env." in image:
            return list(self.rows) or [{}]
        names = tuple(f"matrix.{name}." for name in _MATRIX_NAME.findall(image))
        reduced = {
            tuple(sorted((name, each.text) for name, each in used.items())): used
            for row in self.rows
            if (used := {name: each for name, each in row.items() if f"{name}.".startswith(names)})
        }
        return list(reduced.values()) or [{}]


def file_scope(source: SourceFile, root: Node) -> Scope:
    """What the whole file may use: `env`, and the defaults and options of its inputs."""
    known = {}
    for owner in (root, get(root, "on", "workflow_dispatch"), get(root, "on", "workflow_call")):
        for key, node in items(get(owner, "inputs")):
            nodes = [get(node, "default"), *elements(get(node, "options"))]
            texts = {each.text: each for each in (value(source, node) for node in nodes) if each.text}
            known[f"inputs.{key.value}"] = known[f"github.event.inputs.{key.value}"] = list(texts.values())
    return Scope(source, known).inner(root)


def jobs(root: Node, scope: Scope) -> Iterator[tuple[str, Node, Scope]]:
    """Each job with its name and what may be used in it."""
    for key, job in items(get(root, "jobs")):
        matrix = get(job, "strategy", "matrix")
        yield key.value, job, replace(scope, rows=tuple(rows(scope.source, matrix))).inner(job)
