"""Compose files of every age and name: services, what their builds and volumes use, and what commands name.

Variables (`.env`), override files, `COMPOSE_FILE`, `extends` and `include` are followed below the scanned folder.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from planner.extract import dockerfile
from planner.extract.compose_files import (
    File,
    Layer,
    Merged,
    beside,
    environment,
    extends_line,
    file_of,
    included,
    is_reset,
    layers,
    merged_unasked,
)
from planner.extract.compose_mentions import has_more, mentioned, mentioning
from planner.extract.compose_variables import fill
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, is_pinned, occurrence, redacted, register
from planner.extract.syntax.yaml_aliases import used_at
from planner.extract.syntax.yaml_nodes import Node, documents, elements, get, items, text, value
from planner.extract.written import Place, Written
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform, parse_platform
from planner.model.source import Indirect, Problem, SourceFile

_NAMES = r"(?i:(?:.*[._-])?(?:(?:docker[_-]?)?compose|stack|fig)(?:[._-].*)?\.(?:ya?ml|json))"
_NAME = re.compile(rf"(?:.*/)?{_NAMES}")
# A mapping of services at the top; a list there is a CI system's.
_SERVICES = re.compile(
    r"""
    ^["']?services["']?:[ \t]*
        (?: \{ | (?:[&#!][^\r\n]*)?\r?\n (?:[ \t]*(?:\#[^\r\n]*)?\r?\n)* [ \t]+["']?[\w.-]+["']?[ \t]*: )
    | \A\s*\{(?:[^{}]*,)?\s*"services"\s*:\s*\{
    """,
    re.MULTILINE | re.VERBOSE,
)
_OTHER_KIND = re.compile(r"^(?:apiVersion|jobs|stages|pipelines|steps)[ \t]*:", re.MULTILINE)
_DOCKER_IMAGE = "docker-image://"
_MAX_INCLUDED = 100  # files, each of which may include others


@dataclass(slots=True)
class _Scan:
    """One file being extracted, and what was found in it so far."""

    source: SourceFile
    lookup: Lookup
    tags: bool = False
    found: dict[Found, None] = field(default_factory=dict)

    def add(self, result: Found | None) -> None:
        """Keep what was found, each once, in the order in which it was."""
        if result:
            self.found[result] = None

    def image(  # noqa: PLR0913 - an occurrence has that many members
        self,
        file: File,
        node: Node | None,
        role: str,
        name: str,
        platform: Platform | None,
        *,
        scheme: str = "",
        extended_at: int | None = None,
    ) -> None:
        """Add a reference as written in `file` after `scheme`, with variables filled in.

        `extended_at` is the line of the `extends` that brings it in.
        """
        image = value(file.source, node)
        image = image[image.text.index(scheme) + len(scheme) :]
        lines = (extended_at,) if extended_at else used_at(file.source, file.root, node)
        unset: list[str] = []
        filled = fill(image, file.variables, unset.append)
        raw = image.text
        if unset and (self.tags or is_pinned(raw + filled.text)):
            self.add(_unset(image, unset))
            return
        found = occurrence(
            self.source,
            filled,
            format=COMPOSE.name,
            role=role,
            name=name,
            platform=platform,
            tags=self.tags,
            start=image.place(),
            used_at=lines,
        )
        self.add(found)


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    scan = _Scan(source, lookup, tags)
    variables = environment(source.path, lookup)
    merged = merged_unasked(source.path, variables, lookup)
    for root in documents(source, tags):
        if isinstance(root, Problem):
            yield root
            continue
        file = file_of(source, root, variables)
        for name in file.services:
            _service(scan, file, name, merged)
        for other, line in _included(scan, file):
            _include(scan, other, line)
        _mentions(scan, file)
    yield from scan.found


def _service(scan: _Scan, file: File, name: str, merged: Merged) -> None:
    described: list[Layer] = []
    for layer in layers(file, name, merged, scan.lookup):
        if isinstance(layer, Problem):
            scan.add(layer)
        else:
            described.append(layer)
    platform = _platform(scan, described)
    winner = next((layer for layer in described if _has_image(layer.node)), None)
    if winner and winner.own and not is_reset(get(winner.node, "image")):
        node = get(winner.node, "image")
        if not (scan.tags and _is_built(file, described, winner.file.filled(node))):
            extended_at = extends_line(file, name) if winner is not described[0] else None
            scan.image(winner.file, node, "service", name, platform, extended_at=extended_at)
    _build(scan, file, name, platform)
    for volume in elements(get(file.services[name], "volumes")):
        if text(get(volume, "type")) == "image":
            scan.image(file, get(volume, "source"), "image volume", name, platform)


def _has_image(service: Node) -> bool:
    """`!reset` takes the image away, whatever the value; an empty value leaves the one below."""
    image = get(service, "image")
    return is_reset(image) or bool(text(image))


def _is_built(file: File, described: list[Layer], image: str) -> bool:
    """Whether a name without a digest is what a build of this file makes: of this service or of another one."""
    if is_pinned(image):
        return False
    if any(get(layer.node, "build") for layer in described):
        return True
    built = (get(service, "image") for service in file.services.values() if get(service, "build"))
    return any(file.filled(result) == image for result in built)


def _platform(scan: _Scan, described: list[Layer]) -> Platform | None:
    words = next((words for layer in described if (words := layer.file.filled(get(layer.node, "platform")))), "")
    try:
        return parse_platform(words) if words else None
    except ValueError as error:
        if any(DIGEST.search(text(get(layer.node, "image"))) for layer in described):
            message = f"{error}; the service was judged for the platform of each host instead; correct the platform"
            scan.add(Problem("file", scan.source.path, "invalid-platform", message))
        return None


def _build(scan: _Scan, file: File, name: str, platform: Platform | None) -> None:
    """What building a service pulls, as far as the compose file itself says it."""
    build = get(file.services[name], "build")
    if build is None:
        return
    unset: list[str] = []
    lines = fill(value(file.source, get(build, "dockerfile_inline")), file.variables, unset.append)
    for pull in dockerfile.pulls(SourceFile("Dockerfile", lines.text)):
        stage = f"{name}: {pull.name}" if pull.name else name
        if unset and (pull.role == "text" or (scan.tags and not is_pinned(pull.image.text))):
            # What is left of the name may be another image's.
            scan.add(_unset(lines.lifted(pull.image.pieces), unset))
            continue
        found = occurrence(
            scan.source,
            lines.lifted(pull.image.pieces),
            format=COMPOSE.name,
            role=pull.role,
            name=stage,
            platform=pull.platform or platform,
            confidence="text" if pull.role == "text" else "parsed",
            tags=scan.tags and pull.role != "text",
        )
        scan.add(found)
    contexts = get(build, "additional_contexts")
    for node in [each for _, each in items(contexts)] + elements(contexts):
        if _DOCKER_IMAGE in text(node):
            scan.image(file, node, "build context", name, platform, scheme=_DOCKER_IMAGE)


def _includes(file: File) -> Iterator[tuple[Node, Node]]:
    """Each entry of `include`, with each of the paths that it names."""
    for entry in elements(get(file.root, "include")):
        paths = get(entry, "path") or entry
        for path in elements(paths) or [paths]:
            yield entry, path


def _included(scan: _Scan, file: File) -> Iterator[tuple[File, int]]:
    """The files that a file includes and those that these include, each once, with the line of the first `include`."""
    seen = {file.source.path}
    waiting = [(file, 0)]
    while waiting:
        user, line = waiting.pop()
        for entry, node in _includes(user):
            other = included(user, entry, node, scan.lookup)
            if isinstance(other, File) and other.source.path not in seen and len(seen) < _MAX_INCLUDED:
                seen.add(other.source.path)
                waiting.append((other, line or node.start_mark.line + 1))
                yield waiting[-1]
            elif isinstance(other, Problem) and user is file:
                scan.add(other)


def _include(scan: _Scan, other: File, line: int) -> None:
    """An included file reports itself; here it is read for the digests that this project's variables put into it."""
    inner = _Scan(scan.source, scan.lookup, scan.tags)
    for name in other.services:
        _service(inner, other, name, Merged())
    path = other.source.path
    by_itself = {path, beside(path, ".env")}
    for found in inner.found:
        if isinstance(found, Occurrence) and found.file not in by_itself:
            scan.add(replace(found, used_at=(line,)))


def _mentions(scan: _Scan, file: File) -> None:
    """What commands, variables and inline configs name, where nothing was found by the rules of compose."""
    seen = {_place(found) for found in scan.found}
    if not has_more(file, seen):
        return
    for name, node in mentioning(file):
        for image in mentioned(file, node):
            found = occurrence(scan.source, image, format=COMPOSE.name, role="text", name=name, confidence="text")
            if found and _place(found) not in seen:
                scan.add(found)


def _place(found: Found) -> Place:
    return Place(found.subject if isinstance(found, Problem) else found.file, found.line, found.column)


def _unset(image: Written, names: list[str]) -> Problem | None:
    place = image.place(image.text.rfind("@") + 1) or image.place()
    words = (
        f"{redacted(image.text)!r} uses {', '.join(f'${name}' for name in names)}, which neither .env nor a default "
        "sets, so this pull was not checked; set it in .env, or check the reference by hand"
    )
    return Problem("file", place.file, "variable-unset", words, place.line, place.column) if place else None


def _claims(source: SourceFile) -> bool:
    if not source.path.lower().endswith((".yml", ".yaml", ".json")):
        return False
    if _NAME.fullmatch(source.path):
        return not _OTHER_KIND.search(source.text)
    return bool(_SERVICES.search(source.text)) and not _OTHER_KIND.search(source.text)


COMPOSE = register(
    Format(
        name="compose",
        title="Compose files (compose.yaml, docker-compose.yml, stack files)",
        claims=_claims,
        extract=_extract,
        rank=50,
        files="compose.yaml, docker-compose*.yml, *.compose.yml, stack files, JSON; YAML with a mapping of services",
        example=Example("compose.yaml", "services:\n  cache:\n    image: redis:7.4@sha256:…\n    restart: always\n"),
        indirect=Indirect(
            names=_NAMES,
            beside=frozenset({".env"}),
            words=r"""(?m)^[ \t-]*["']?(?:extends|include)["']?[ \t]*:""",
        ),
    )
)
