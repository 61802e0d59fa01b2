"""`image` and `services` of jobs, of `default` and at the top, and images that scripts name.

What gives them counts: `extends`, `!reference`, local includes, variables, rules, parallel matrices and inputs.

Includes from other projects, templates and URLs are never fetched; what they would set is told as a variable without
a value.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.gitlab_config import Part, Pipeline, flat
from planner.extract.script_uses import scripts
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, elements, get, items, text, value
from planner.extract.uses import Use, named, of_documents, places, platform_of
from planner.extract.written import NOTHING, Place, Written
from planner.model.platform import Platform
from planner.model.source import Indirect, Problem, SourceFile

_PATH = re.compile(r"(?:^|/)(?:[^/]*\.)?gitlab-ci(?:[.-][^/]*)?\.ya?ml$")
_FOLDER = re.compile(r"(?:^|/)(?:\.?gitlab(?:-ci)?|\.?ci)/.*\.ya?ml$")
_COMPONENT = re.compile(r"^spec:[ \t]*\r?\n[ \t]+inputs:", re.MULTILINE)
_JOB = re.compile(
    r"^[\w.$\"'][^\n]*:[ \t]*\r?\n(?:[ \t]+\S[^\n]*\n|[ \t]*\r?\n){0,30}?[ \t]+(?:script|before_script|stage|trigger):",
    re.MULTILINE,
)
# In any folder: a mapping at the top whose own key is a script, as a list.
_SURELY_A_JOB = re.compile(
    r"^[\w.$\"'][^\n]*:[ \t]*(?:&\S+[ \t]*)?\r?\n( +)(?:[^ \n][^\n]*\n(?: *\n|\1[^\n]*\n){0,40}?\1)?"
    r"(?:before_)?script:[ \t]*\r?\n *- ",
    re.MULTILINE,
)
_NO_JOBS = re.compile(r"^(?:apiVersion|steps|on|pipelines|resources|jobs|services:\s*\n\s+\w+):", re.MULTILINE)
_PROSE = places(
    *("spec.inputs.*.description", "variables.*.description", "*.release.description", "*.release.name"),
    *("workflow.name", "cache.key", "cache.key.prefix", "*.cache.key", "*.cache.key.prefix", "*.environment.name"),
)
_MAX_FILES = 100  # of one pipeline
_MAX_CHILDREN = 20  # pipelines that jobs start

Inputs = Mapping[str, tuple[Written, ...]]


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path):
        return True
    if not source.path.endswith((".yml", ".yaml")) or _NO_JOBS.search(source.text):
        return False
    if _FOLDER.search(source.path) or _COMPONENT.search(source.text):
        return _JOB.search(source.text) is not None
    return _SURELY_A_JOB.search(source.text) is not None


@dataclass(frozen=True, slots=True)
class _Image:
    """An image of a job, with its variables filled in: for each of their values one text."""

    role: str
    name: str
    part: Part
    texts: tuple[Written, ...]
    platform: Platform | None
    is_its_own: bool  # not what a `!reference` leads to


_Keys = set[tuple[Place | None, str]]


def _key(image: Written) -> tuple[Place | None, str]:
    return image.place(image.text.rfind("@") + 1), image.text


def _services(pipeline: Pipeline, owner: Part) -> Iterator[tuple[str, Part]]:
    for service in flat(pipeline, owner.at("services")):
        scalar = service.at("name") if isinstance(service.node, MappingNode) else service
        if scalar:
            yield named(service.node, "", "alias"), scalar


def _image(pipeline: Pipeline, owner: Part) -> Iterator[tuple[str, Part]]:
    image = pipeline.resolved(owner.at("image"))
    scalar = pipeline.resolved(image.at("name")) if image and isinstance(image.node, MappingNode) else image
    if scalar:
        yield "", scalar


def _says(pipeline: Pipeline, owner: Part, role: str) -> bool:
    """Whether a part leaves nothing to inherit. An image without a name is merged into the one that it inherits."""
    return owner.at("services") is not None if role == "service" else any(_image(pipeline, owner))


def _of_owner(pipeline: Pipeline, owner: Part, role: str, name: str, parts: Sequence[Part]) -> Iterator[_Image]:
    """The images that a part names, for the job of these parts."""
    written_here = {id(node) for node in _nodes(owner.node)}
    for alias, scalar in (_services if role == "service" else _image)(pipeline, owner):
        label = f"{name}: {alias}" if alias else name
        texts = tuple(pipeline.fill(scalar, parts))
        yield _Image(role, label, scalar, texts, _platform(owner, scalar), id(scalar.node) in written_here)


def _kept(images: Iterable[_Image], seen: _Keys, *, inherits: bool, is_open: bool) -> Iterator[_Image]:
    """Without images that are another part's and no others here, and unless `is_open` without those left open."""
    for image in images:
        texts = [each for each in image.texts if is_open or "$" not in each.text]
        if inherits or not image.is_its_own:
            texts = [each for each in texts if _key(each) not in seen]
        seen.update(map(_key, texts))
        yield replace(image, texts=tuple(texts))


def _nodes(owner: Node) -> list[Node]:
    """The scalars of `image` and `services` that stand in a part itself."""
    found = [get(owner, "image"), *elements(get(owner, "services"))]
    return [each for node in found for each in (node, get(node, "name")) if each]


def _platform(owner: Part, scalar: Part) -> Platform | None:
    for each in (get(owner.node, "image"), *elements(get(owner.node, "services"))):
        if get(each, "name") is scalar.node:
            return platform_of(text(get(each, "docker", "platform")))
    return None


def _images(pipeline: Pipeline) -> Iterator[_Image]:
    """Every image that is named, then what the variables of jobs make of those that they inherit."""
    seen: _Keys = set()
    for owner in pipeline.defaults:
        for role in ("every job", "service"):
            named_here = _of_owner(pipeline, owner, role, "default", [])
            yield from _kept(named_here, seen, inherits=False, is_open=True)
    lineages = {name: pipeline.lineage(name) for name in pipeline.jobs}
    extended = {id(part.node) for name, parts in lineages.items() for part in parts[len(pipeline.jobs[name]) :]}
    inherited = []
    for name, parts in lineages.items():
        own = pipeline.jobs[name]
        # A template that others extend is filled in there.
        is_open = not (name.startswith(".") and id(own[0].node) in extended)
        for role in ("job", "service"):
            base = next((part for part in [*parts, *pipeline.defaults] if _says(pipeline, part, role)), None)
            if base and any(base is each for each in own):
                named_here = _of_owner(pipeline, base, role, name, parts)
                yield from _kept(named_here, seen, inherits=False, is_open=is_open)
            elif base and is_open:
                inherited.append((base, role, name, parts))
    for base, role, name, parts in inherited:
        yield from _kept(_of_owner(pipeline, base, role, name, parts), seen, inherits=True, is_open=True)


def _uses(_source: SourceFile, root: Node, files: Sequence[Part]) -> Iterator[Use]:
    pipeline = Pipeline([part for part in files if part.node is root])
    for image in _images(pipeline):
        yield Use(image.role, image.name, image.part.node, fill=partial(_given, image), platform=image.platform)
    for name, (job, *_) in pipeline.jobs.items():
        nodes = [get(job.node, key) for key in ("before_script", "script", "after_script")]
        if any("@" in text(line) for node in nodes for line in [node, *elements(node)]):
            known = next(iter(pipeline.worlds(pipeline.lineage(name))), {})
            yield from scripts("", nodes, known)


def _given(image: _Image, _written: Written) -> list[Written]:
    """The texts that were put together. What a file that others include leaves open is told where they are."""
    is_included = not _PATH.search(image.part.source.path)
    return [each for each in image.texts if not (is_included and _lacks_digest(each))]


def _lacks_digest(image: Written) -> bool:
    return "$" in image.text and not DIGEST.search(image.text)


def _parts(source: SourceFile, roots: Iterable[Node | Problem], given: Inputs | None = None) -> list[Part]:
    """The documents of a file. The header of a component, its first, says which inputs it has."""
    inputs: dict[str, tuple[Written, ...]] = {}
    parts = []
    for root in roots:
        if isinstance(root, Problem):
            continue
        for key, node in items(get(root, "spec", "inputs")):
            nodes = [get(node, "default"), *elements(get(node, "options"))]
            texts = {each.text: each for each in (value(source, node) for node in nodes) if each.text}
            inputs |= {key.value: tuple(texts.values())} if texts else {}
        parts.append(Part(source, root, {**inputs, **(given or {})}))
    return parts


def _included(main: Sequence[Part], lookup: Lookup) -> list[Part]:
    """These files and what they include from the same repository, which begins at their folder or one above."""
    found, waiting = list(main), [(part, get(part.node, "include")) for part in main]
    seen = set()
    while waiting and len(found) < _MAX_FILES:
        part, include = waiting.pop()
        for each in [include, *elements(include)[:_MAX_FILES]]:
            path = text(get(each, "local")) or text(each)
            inputs = {key.value: (value(part.source, node),) for key, node in items(get(each, "inputs"))}
            key = (path, tuple((name, text.text) for name, (text,) in inputs.items()))
            if key not in seen and (file := _local(main[0].source.path, path, lookup)):
                seen.add(key)
                parts = _parts(file, documents(file), inputs)
                found += parts
                waiting += [(below, get(below.node, "include")) for below in parts]
    return found


def _local(main: str, path: str, lookup: Lookup) -> SourceFile | None:
    if not path.endswith((".yml", ".yaml")) or "://" in path or "*" in path:
        return None
    folder = posixpath.dirname(main)
    while True:
        if found := lookup(posixpath.join(folder, path.lstrip("/"))):
            return found
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _together(source: SourceFile, files: Sequence[Part], lookup: Lookup, tags: bool) -> Iterator[Found]:
    """What the files of a pipeline pull only because they are read together."""
    pipelines = [Pipeline(_included(files, lookup))]
    for name, (job, *_) in Pipeline(files).jobs.items():
        if (trigger := job.at("trigger")) and get(trigger.node, "include") and len(pipelines) < _MAX_CHILDREN:
            known = pipelines[0].variables(pipelines[0].lineage(name))
            pipelines.append(Pipeline(_included([trigger], lookup)[1:], known))
    files_of = {part.source.path: part.source for each in pipelines for part in each.files}.values()
    alone = {key for each in files_of if each is source or _claims(each) for key in _keys(each)}
    for pipeline in pipelines:
        for image in _images(pipeline) if len(pipeline.files) > 1 or pipeline.given else ():
            for each in image.texts:
                if _key(each) not in alone and ("$" not in each.text or _lacks_digest(each)):
                    found = occurrence(
                        source,
                        each,
                        format="gitlab-ci",
                        role=image.role,
                        name=image.name,
                        platform=image.platform,
                        tags=tags,
                    )
                    if found:
                        yield found


def _keys(source: SourceFile) -> _Keys:
    """What a file pulls when it is read alone."""
    images = [image for part in _parts(source, documents(source)) for image in _images(Pipeline([part]))]
    return {_key(each) for image in images for each in _given(image, NOTHING)}


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    roots = list(documents(source, tags))
    files = _parts(source, roots)
    if "include" in source.text and files and _PATH.search(source.path):
        yield from _together(source, files, lookup, tags)
    yield from of_documents(source, roots, "gitlab-ci", partial(_uses, files=files), _PROSE, tags=tags)


register(
    Format(
        "gitlab-ci",
        "GitLab CI",
        _claims,
        _extract,
        rank=30,
        indirect=Indirect(r"(?:.*\.)?gitlab-ci(?:[.-].*)?\.ya?ml", frozenset(), r"(?m)^include:"),
        files=".gitlab-ci.yml, *.gitlab-ci.yml, what they include; other YAML that reads like its jobs or a component",
        example=Example(".gitlab-ci.yml", "test:\n  image: ruby:3.3@sha256:…\n  script: [rake]\n"),
    )
)
