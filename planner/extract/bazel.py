"""Rules that pull: `oci.pull`, `oci_pull`, `container_pull`, `pull` of rules_img, and others with a digest and a name.

Registry, repository, tag and digest are put together, with the strings that the same file names at its top.
References in other strings are found by their spelling, but not in comments and documentation.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from planner.extract import plain_text
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.split_reference import joined
from planner.extract.syntax.starlark import Call, Span, Starlark, parse
from planner.extract.uses import platform_of
from planner.extract.written import NOTHING, Written
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:BUILD|WORKSPACE[^/.]*|[^/]+\.bzl|[^/]+\.bazel|WORKSPACE\.bzlmod)$")
# Fixtures and snippets have other names.
_CALL = re.compile(r"^[ \t]*(?:oci_pull|container_pull|oci\.pull)\([ \t]*(?:#[^\n]*|\r)?\n", re.MULTILINE)
_OTHER = re.compile(r"\.(?:md|rst|txt|py|go|java|ts|js|rb|json|ya?ml|html?|lock)$")
_DOCUMENTATION = frozenset({"doc", "description", "deprecation"})
_SCHEME = "docker://"
_MAX_INDENT = 100  # of a documentation's first line
_MAX_STRINGS = 200  # of one documentation


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path):
        return True
    return not _OTHER.search(source.path) and _CALL.search(source.text) is not None


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    starlark = parse(source)
    seen = set()
    for call in starlark.calls:
        for found in _pulled(starlark, call, tags):
            seen.add((found.line, found.column))
            yield found
    documentation = _documentation(starlark)
    for position, token in enumerate(starlark.tokens):
        if token.is_string and position not in documentation and DIGEST.search(source.text, token.start, token.stop):
            for found in plain_text.search(source, token.start, token.stop):
                if (found.line, found.column) not in seen:
                    yield replace(found, format="bazel") if isinstance(found, Occurrence) else found


def _pulled(starlark: Starlark, call: Call, tags: bool) -> Iterator[Found]:
    """The image of a call that names one; a digest that a macro is given is written where the macro is called."""
    arguments = {name: starlark.text(span) for name, span in call.keywords.items()}
    digest, tag = arguments.get("digest", NOTHING), arguments.get("tag", NOTHING)
    image = arguments.get("image", NOTHING)
    image = image[len(_SCHEME) :] if image.text.startswith(_SCHEME) else image
    if not image.text:
        image = joined(arguments.get("repository", NOTHING), registry=arguments.get("registry", NOTHING))
    is_pull = call.function.rpartition(".")[2].endswith("pull")
    is_pinned = "sha" in digest.text or (is_pull and "@" in image.text)
    if not image.text or not (is_pinned or (is_pull and tags)) or "push" in call.function:
        return
    found = occurrence(
        starlark.source,
        _whole(image, tag, digest),
        format="bazel",
        role="build",
        name=arguments.get("name", NOTHING).text,
        platform=platform_of(f"{arguments['os'].text}/{arguments['architecture'].text}")
        if "os" in arguments and "architecture" in arguments
        else None,
        tags=tags,
        start=image.place(),
    )
    if found:
        yield found


def _whole(image: Written, tag: Written, digest: Written) -> Written:
    """The parts put together, but for those that stand in the image already, and tags that only another file knows."""
    name = image.text.rpartition("/")[2]
    tag = NOTHING if ":" in name or "@" in name or "${" in tag.text else tag
    return joined(image, tag=tag, digest=NOTHING if "@" in name else digest)


def _documentation(starlark: Starlark) -> set[int]:
    """Which tokens are strings that nothing reads: those that stand for themselves, and those of `doc = ...`."""
    found = {position for position in range(len(starlark.tokens)) if _stands_alone(starlark, position)}
    for call in starlark.calls:
        for name in _DOCUMENTATION & call.keywords.keys():
            found |= _strings(starlark, call.keywords[name])
    return found


def _stands_alone(starlark: Starlark, position: int) -> bool:
    """Whether a string is the first of its file, of a function, or of a line without indentation."""
    token, text = starlark.tokens[position], starlark.source.text
    if not token.is_string:
        return False
    before = text[max(text.rfind("\n", 0, token.start) + 1, token.start - _MAX_INDENT) : token.start]
    if before.strip(" \trRbB\"'"):
        return False
    return position == 0 or before[:1] not in (" ", "\t") or starlark.tokens[position - 1].word == ":"


def _strings(starlark: Starlark, span: Span) -> set[int]:
    start, stop = span
    return {
        position for position in range(start, min(stop, start + _MAX_STRINGS)) if starlark.tokens[position].is_string
    }


register(
    Format(
        name="bazel",
        title="Bazel",
        files="MODULE.bazel, WORKSPACE, BUILD, *.bazel, *.bzl",
        example=Example(
            "MODULE.bazel",
            'oci.pull(\n    name = "base",\n    image = "registry.example/base",\n    digest = "sha256:…",\n)\n',
        ),
        claims=_claims,
        extract=_extract,
    )
)
