"""GitLab CI: `image` and `services` at the top, in `default` and in jobs, with variables that the same file sets."""

import re
from collections.abc import Iterator, Mapping
from functools import partial

from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.shell import expand
from planner.extract.syntax.templates import fill
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, elements, get, items, text, value
from planner.extract.uses import Fill, Use, inner, named, of_documents, places, platform_of
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:[^/]*\.)?gitlab-ci(?:[.-][^/]*)?\.ya?ml$")
_FOLDER = re.compile(r"(?:^|/)(?:\.?gitlab(?:-ci)?|\.?ci)/.*\.ya?ml$")
_COMPONENT = re.compile(r"^spec:[ \t]*\r?\n[ \t]+inputs:", re.MULTILINE)
_JOB = re.compile(
    r"^[\w.$\"'][^\n]*:[ \t]*\r?\n(?:[ \t]+\S[^\n]*\n|[ \t]*\r?\n){0,30}?[ \t]+(?:script|before_script|stage|trigger):",
    re.MULTILINE,
)
_NO_JOBS = re.compile(r"^(?:apiVersion|steps|on|pipelines|resources|jobs):", re.MULTILINE)
_NOT_A_JOB = frozenset({"image", "services", "variables", "stages", "include", "workflow", "spec", "cache", "default"})
_INPUT = re.compile(r"\$\[\[\s*inputs\.([\w-]+)\s*(?:\|[^\]]*)?\]\]")
_PROSE = places("spec.inputs.*.description", "variables.*.description", "*.release.description")
_MAX_NESTED = 8  # variables in the values of variables


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path):
        return True
    likely = _FOLDER.search(source.path) or _COMPONENT.search(source.text)
    return bool(likely and _JOB.search(source.text) and not _NO_JOBS.search(source.text))


def _variables(source: SourceFile, owner: Node | None) -> dict[str, Written]:
    """The variables that a job or the file sets; a value may stand below `value`."""
    return {key.value: value(source, inner(node, "value")) for key, node in items(get(owner, "variables"))}


def _fill(image: Written, variables: Mapping[str, Written], inputs: Mapping[str, Written]) -> list[Written]:
    image = fill(image, _INPUT, inputs.get)
    for _ in range(_MAX_NESTED):
        filled = expand(image, variables, escape="$")
        if filled.text == image.text:
            break
        image = filled
    return [image]


def _ancestors(jobs: Mapping[str, Node], job: Node | None) -> list[Node]:
    """The jobs that one extends, those first that win over others."""
    found: list[Node] = []
    waiting = [job]
    while waiting and len(found) < 100:
        extends = get(waiting.pop(0), "extends")
        names = [text(extends), *(text(each) for each in reversed(elements(extends)))]
        parents = [jobs[name] for name in names if name in jobs and jobs[name] not in found]
        found += parents
        waiting += parents
    return found


def _image(owner: Node | None, role: str, name: str, known: Fill) -> Iterator[Use]:
    image = get(owner, "image")
    platform = platform_of(text(get(image, "docker", "platform")))
    yield Use(role, name, inner(image, "name"), fill=known, platform=platform)


def _services(owner: Node | None, _role: str, name: str, known: Fill) -> Iterator[Use]:
    for service in elements(get(owner, "services")):
        alias = named(service, "", "alias")
        platform = platform_of(text(get(service, "docker", "platform")))
        service_name = f"{name}: {alias}" if alias else name
        yield Use("service", service_name, inner(service, "name"), fill=known, platform=platform)


# What a job does not say itself it takes from those that it extends, each of these by itself. An image without a
# name (with an entrypoint, say) is merged into the one that it inherits.
_INHERITED = {("image", "name"): _image, ("services",): _services}


def _given(job: Node, keys: tuple[str, ...]) -> Node | None:
    value_of = get(job, keys[0])
    return get(value_of, *keys[1:]) if isinstance(value_of, MappingNode) else value_of


def _closed(image: Written, known: Fill) -> list[Written]:
    """Nothing while a variable has no value: a template that others extend is filled in there."""
    return [each for each in known(image) if "$" not in each.text]


def _only_here(image: Written, known: Fill, base: Fill) -> list[Written]:
    """What a job's variables make of an image that it inherits, if the base alone leaves one open or says another."""
    filled, before = known(image), [each.text for each in base(image)]
    return filled if any("$" in each for each in before) or [each.text for each in filled] != before else []


def _uses(source: SourceFile, root: Node, inputs: dict[str, Written]) -> Iterator[Use]:
    # A component's header is a document of its own, before the jobs; `inputs` is what it leaves for them.
    for key, node in items(get(root, "spec", "inputs")):
        if default := get(node, "default"):
            inputs[key.value] = value(source, default)
    jobs = {
        key.value: node for key, node in items(root) if key.value not in _NOT_A_JOB and isinstance(node, MappingNode)
    }
    top = _variables(source, root)
    plain = partial(_fill, variables=top, inputs=inputs)
    defaults = [each for each in (get(root, "default"), root) if each]
    known = {id(owner): plain for owner in defaults}
    for owner in defaults:
        for uses in _INHERITED.values():
            yield from uses(owner, "every job", "default", plain)
    ancestors = {name: _ancestors(jobs, job) for name, job in jobs.items()}
    for name, job in jobs.items():
        variables = dict(top)
        for each in [*reversed(ancestors[name]), job]:
            variables |= _variables(source, each)
        known[id(job)] = partial(_fill, variables=variables, inputs=inputs)
    extended = {id(each) for lineage in ancestors.values() for each in lineage}
    for name, job in jobs.items():
        own = known[id(job)]
        is_template = name.startswith(".") and id(job) in extended
        for keys, uses in _INHERITED.items():
            yield from uses(job, "job", name, partial(_closed, known=own) if is_template else own)
            bases = [*ancestors[name], *([] if is_template else defaults)]
            base = next((each for each in bases if _given(each, keys)), None)
            if base and not _given(job, keys):
                yield from uses(base, "job", name, partial(_only_here, known=own, base=known[id(base)]))


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    return of_documents(source, documents(source, tags), "gitlab-ci", partial(_uses, inputs={}), _PROSE, tags=tags)


register(
    Format(
        "gitlab-ci",
        "GitLab CI",
        _claims,
        _extract,
        rank=30,
        files=".gitlab-ci.yml, *.gitlab-ci.yml; what reads like jobs below .gitlab/, ci/ and in CI/CD components",
        example=Example(".gitlab-ci.yml", "test:\n  image: ruby:3.3@sha256:…\n  script: [rake]\n"),
    )
)
