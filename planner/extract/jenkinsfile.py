"""Docker agents, `docker.image()`, container templates, pods as YAML in a string, and images that commands name.

Variables, defaults of parameters and `withRegistry` are followed; what is only printed or described is no pull.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from planner.extract import plain_text
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.syntax.groovy import Block, Groovy, Token, parse
from planner.extract.syntax.yaml_nodes import MappingNode, documents, get, value, walk
from planner.extract.uses import named
from planner.extract.written import Piece, Written, place_at
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile

_PATH = re.compile(r"(?:^|/)(?:[^/]*[._-])?jenkinsfile(?:[._-][^/]*)?$|\.jenkins(?:file)?(?:\.groovy)?$", re.IGNORECASE)
_PIPELINE = re.compile(
    r"^\s*(?:pipeline|node|podTemplate)\b[^\n]{0,200}[{(]|\bdocker\.image\(|\bcontainerTemplate\(", re.MULTILINE
)
_MAX_ARGUMENTS = 64  # tokens on each side of `image:` among which its `name:` is looked for
_TELLS = frozenset({"echo", "println", "print", "error", "unstable", "description", "message", "displayName"})
_CONTAINERS = {"containers": "container", "initContainers": "init container"}


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path):
        return True
    return source.path.endswith(".groovy") and _PIPELINE.search(source.text) is not None


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    groovy = parse(source)
    seen = set()
    for found in _structured(source, groovy, tags):
        seen.add((found.line, found.column))
        yield found
    for position, token in enumerate(groovy.tokens):
        if not token.word and not _is_told(groovy, position):
            for found in _mentioned(source, groovy, token):
                if (found.line, found.column) not in seen:
                    seen.add((found.line, found.column))
                    yield found


def _is_told(groovy: Groovy, position: int) -> bool:
    """Whether a string is for people: `echo '…'`, `description: '…'`."""
    before = position - 1 - (groovy.word(position - 1) in ("(", ":"))
    return groovy.word(before) in _TELLS


def _mentioned(source: SourceFile, groovy: Groovy, token: Token) -> Iterator[Found]:
    """What a string names, in a command say, with Groovy's variables filled in."""
    if not token.interpolates or source.text.find("$", token.start, token.stop) < 0:
        if DIGEST.search(source.text, token.start, token.stop):
            for found in plain_text.search(source, token.start, token.stop):
                yield replace(found, format="jenkinsfile") if isinstance(found, Occurrence) else found
        return
    words = groovy.content(token)
    for name, image in plain_text.spelled(SourceFile(source.path, words.text)):
        reference = words.lifted(image.pieces)
        found_here = occurrence(source, reference, format="jenkinsfile", role="text", name=name, confidence="text")
        if found_here:
            yield found_here


def _structured(source: SourceFile, groovy: Groovy, tags: bool) -> Iterator[Found]:
    for position, token in enumerate(groovy.tokens):
        if token.quotes == 3 and (tags or DIGEST.search(source.text, token.start, token.stop)):
            yield from _pod(source, groovy, token, tags)
        elif role := _role(groovy, position):
            image = _with_registry(groovy, groovy.value(position), groovy.blocks[position])
            name = (
                _template_name(groovy, position) if role == "container" else groovy.blocks[position].stage or "pipeline"
            )
            # Many a step has an `image:`; that of a container template has a name beside it.
            certain = role != "container" or bool(name)
            found = occurrence(source, image, format="jenkinsfile", role=role, name=name, tags=tags and certain)
            if found:
                yield found


def _role(groovy: Groovy, position: int) -> str:
    """What for the image is pulled that follows the word at `position`; empty if none does."""
    before, after = groovy.word(position - 1), groovy.word(position + 1)
    match groovy.word(position):
        case "image" if before == ".":
            return "step" if groovy.word(position - 2) == "docker" else ""
        case "image":
            return "container" if after == ":" else "agent"
        case "docker" if after not in (".", "{"):
            return "agent"
    return ""


def _template_name(groovy: Groovy, position: int) -> str:
    """The `name:` among the arguments around `image:`."""
    for step in (-1, 1):
        for at in range(position, position + step * _MAX_ARGUMENTS, step):
            if groovy.word(at) in ("(", ")", "{", "}"):
                break
            if groovy.word(at) == "name" and groovy.word(at + 1) == ":":
                return groovy.value(at).text
    return ""


def _with_registry(groovy: Groovy, image: Written, block: Block | None) -> Written:
    """Inside `withRegistry` or beside `registryUrl`, a name without a registry gets that one."""
    first = image.text.partition("/")[0] if "/" in image.text else ""
    if "." in first or ":" in first or first == "localhost":
        return image
    while block and block.registry is None:
        block = block.parent
    if not block or not block.registry or not (url := block.registry.text):
        return image
    host = re.match(r"(?:https?://)?([^/]*)", url)
    start, stop = host.span(1) if host else (0, 0)
    slash = Written((Piece(groovy.source, "/", [0]),))
    return block.registry[start:stop] + slash + image


def _pod(source: SourceFile, groovy: Groovy, token: Token, tags: bool) -> Iterator[Found]:
    """The containers of a pod that stands as YAML in the string `token`."""
    start = token.start + token.quotes
    if "ontainers:" not in source.text[start : token.stop]:
        return
    pod = SourceFile(source.path, source.text[start : token.stop - token.quotes])
    for root in documents(pod, tags):
        if isinstance(root, Problem):
            # Not "unparsable": the rest of the file is read all the same, and this string by its spelling.
            yield replace(root, kind="unparsable-pod", line=root.line + place_at(source, start).line - 1)
            continue
        for path, container in walk(root):
            role = _CONTAINERS.get(path[-1]) if path else None
            if role and isinstance(container, MappingNode):
                image = _moved(source, value(pod, get(container, "image")), start)
                filled = groovy.filled(image) if token.interpolates else image
                name = named(container, "", "name")
                found = occurrence(source, filled, format="jenkinsfile", role=role, name=name, tags=tags)
                if found:
                    yield found


def _moved(source: SourceFile, image: Written, start: int) -> Written:
    return Written(
        tuple(Piece(source, piece.text, [offset + start for offset in piece.offsets]) for piece in image.pieces)
    )


register(
    Format(
        "jenkinsfile",
        "Jenkinsfile",
        _claims,
        _extract,
        files="Jenkinsfile*, *.jenkinsfile; *.groovy that reads like a pipeline",
        example=Example("Jenkinsfile", "pipeline {\n    agent { docker { image 'maven:3@sha256:…' } }\n}\n"),
    )
)
