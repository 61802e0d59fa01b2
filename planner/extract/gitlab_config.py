"""A GitLab pipeline put together from its files: what jobs inherit, refer to and know. No format of its own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product

from planner.extract.syntax.shell import expand
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import MappingNode, Node, SequenceNode, elements, get, items, text, value
from planner.extract.uses import inner
from planner.extract.written import Written
from planner.model.source import SourceFile

Known = Mapping[str, Written]

_NOT_A_JOB = frozenset({"image", "services", "variables", "stages", "include", "workflow", "spec", "cache", "default"})
_INPUT = re.compile(r"\$\[\[\s*inputs\.([\w-]+)\s*(?:\|[^\]]*)?\]\]")
_MAX_NESTED = 8  # variables in the values of variables, references to references
_MAX_ANCESTORS = 100
_MAX_WORLDS = 200  # GitLab runs a job at most that often in parallel


@dataclass(frozen=True, slots=True)
class Part:
    """A node of a pipeline with the file in which it stands, and the inputs that this file was given."""

    source: SourceFile
    node: Node
    inputs: Mapping[str, tuple[Written, ...]] = field(default_factory=dict)

    def at(self, *keys: str) -> "Part | None":
        """What stands below `keys`."""
        below = get(self.node, *keys)
        return replace(self, node=below) if below else None

    @property
    def written(self) -> Written:
        """The value of a scalar."""
        return value(self.source, self.node)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The files of a pipeline, the one that wins over the others first; `given` are variables from outside."""

    files: Sequence[Part]
    given: Known = field(default_factory=dict)
    jobs: dict[str, list[Part]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.files:
            for key, node in items(file.node):
                if key.value not in _NOT_A_JOB and isinstance(node, MappingNode):
                    self.jobs.setdefault(key.value, []).append(replace(file, node=node))

    @property
    def defaults(self) -> list[Part]:
        """What holds for every job that says nothing else: `default`, and the same at the top of a file."""
        return [part for file in self.files for part in (file.at("default"), file) if part]

    def lineage(self, name: str) -> list[Part]:
        """A job and what it extends, those first that win over others."""
        found: list[Part] = []
        seen: set[str] = set()
        waiting = [name]
        while waiting and len(found) < _MAX_ANCESTORS:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                parts = self.jobs.get(each, [])
                found += parts
                extends = next((below for part in parts if (below := get(part.node, "extends"))), None)
                waiting += [text(extends), *(text(one) for one in elements(extends)[:_MAX_ANCESTORS])]
        return found

    def resolved(self, part: Part | None) -> Part | None:
        """What `!reference [job, key, …]` stands for; anything else as it is."""
        for _ in range(_MAX_NESTED):
            if not part or part.node.tag != "!reference":
                return part
            name, *keys = [text(each) for each in elements(part.node)] or [""]
            owners = [*self.lineage(name), *(file for file in (each.at(name) for each in self.files) if file)]
            part = next((below for owner in owners if (below := owner.at(*keys))), None)
        return None

    def variables(self, parts: Sequence[Part]) -> dict[str, Written]:
        """What the files and these parts of a job set, the first winning; a value may stand below `value`."""
        found: dict[str, Written] = {}
        for part in [*reversed(self.files), *reversed(parts)]:
            owner = self.resolved(part.at("variables"))
            for key, node in items(owner.node) if owner else ():
                each = self.resolved(replace(owner, node=node)) if owner else None
                if each and (scalar := inner(each.node, "value")):
                    found[key.value] = value(each.source, scalar)
        return found | dict(self.given)

    def worlds(self, parts: Sequence[Part]) -> Iterator[Known]:
        """The variables of a job, once for each row of its matrix, rule that sets some, and value to choose from."""
        plain = self.variables(parts)
        matrix = [row for part in parts[:1] for row in _matrix(part)]
        rules = [row for part in [*parts, *self.files] for row in _rules(part)]
        yield from islice(({**plain, **row, **rule} for rule in [{}, *rules] for row in matrix or [{}]), _MAX_WORLDS)

    def fill(self, image: Part, parts: Sequence[Part]) -> list[Written]:
        """An image for everything that its variables may be in the job of these parts; open ones stay as written."""
        before = image.written
        if "$" not in before.text:
            return [before]
        options = [[(name, each) for each in texts] for name, texts in image.inputs.items() if name in before.text]
        found: dict[str, Written] = {}
        for chosen in islice(product(*options), _MAX_WORLDS):
            inputs = dict(chosen)
            with_inputs = fill(before, _INPUT, inputs.get)
            for known in self.worlds(parts) if "$" in with_inputs.text else [{}]:
                each = _expanded(with_inputs, known)
                each = fill(each, _INPUT, inputs.get)
                found.setdefault(each.text, each)
        return list(found.values())


def _expanded(image: Written, known: Known) -> Written:
    for _ in range(_MAX_NESTED):
        filled = expand(image, known, escape="$")
        if filled.text == image.text:
            break
        image = filled
    return image


def _matrix(part: Part) -> Iterator[Known]:
    """The rows of `parallel: matrix`: in each, the lists of its variables are combined."""
    for row in elements(get(part.node, "parallel", "matrix"))[:_MAX_WORLDS]:
        names = [key.value for key, _ in items(row)]
        lists = [elements(node) or [node] for _, node in items(row)]
        for chosen in islice(product(*lists), _MAX_WORLDS):
            yield {name: value(part.source, node) for name, node in zip(names, chosen, strict=True)}


def _rules(part: Part) -> Iterator[Known]:
    """What rules set instead, and what a variable may be chosen from when a pipeline is started by hand."""
    for rules in (get(part.node, "rules"), get(part.node, "workflow", "rules")):
        for rule in elements(rules)[:_MAX_WORLDS]:
            if set_here := items(get(rule, "variables")):
                yield {key.value: value(part.source, node) for key, node in set_here}
    for key, node in items(get(part.node, "variables")):
        yield from ({key.value: value(part.source, each)} for each in elements(get(node, "options"))[:_MAX_WORLDS])


def flat(pipeline: Pipeline, part: Part | None, depth: int = 0) -> Iterator[Part]:
    """The elements of a list, in which `!reference` may stand for one or for a list of them."""
    resolved = pipeline.resolved(part)
    if resolved and isinstance(resolved.node, SequenceNode) and depth < _MAX_NESTED:
        for element in resolved.node.value:
            yield from flat(pipeline, replace(resolved, node=element), depth + 1)
    elif resolved and depth:
        yield resolved
