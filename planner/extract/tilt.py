"""Tiltfiles: Dockerfiles and Kubernetes objects in strings, build arguments, commands, and values of charts (`set`).

Names of images that are built, caches, labels and what is printed are none.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from planner.extract import dockerfile, plain_text, scripts
from planner.extract.commands import meaning
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.kubernetes import KUBERNETES
from planner.extract.syntax.starlark import Call, Span, Starlark, parse
from planner.extract.written import Piece, Place, Written, glue, spans_within, written
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.source import Problem, SourceFile

_TELLS = frozenset({"print", "warn", "fail"})
_NOTES = frozenset({"labels", "cache_from", "ref", "image_deps", "links", "description", "doc"})
_BUILDS = frozenset({"docker_build", "custom_build", "docker_build_with_restart", "custom_build_with_restart"})
_RUNS = frozenset({"local", "local_resource", "custom_build", "custom_build_with_restart"})
_COMMANDS = frozenset({"cmd", "serve_cmd", "command"})
_MAX_STRINGS = 500  # of one argument

Image = tuple[str, str, Written, Platform | None]


@dataclass(slots=True)
class _Scan:
    """A file and, by the number of their first token, the strings that need not be searched any more."""

    starlark: Starlark
    tags: bool
    done: set[int]

    def strings(self, span: Span) -> list[int]:
        """Which tokens of an expression are strings."""
        start, stop = span
        return [at for at in range(start, min(stop, start + _MAX_STRINGS)) if self.starlark.tokens[at].is_string]


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    if not (tags or DIGEST.search(source.text)):
        return
    scan = _Scan(parse(source), tags, set())
    seen = set()
    for found in (*_called(scan), *_carried(scan), *_constants(scan), *_mentioned(scan)):
        if (found.line, found.column) not in seen:
            seen.add((found.line, found.column))
            yield found


def _called(scan: _Scan) -> Iterator[Found]:
    """What calls build from and run. Their other strings are left for `_mentioned`, but for names and notes."""
    for call in scan.starlark.calls:
        function = call.function.rpartition(".")[2]
        skipped = [span for name, span in call.keywords.items() if name in _NOTES]
        skipped += call.positional[:1] if function in _BUILDS else []
        if function in _TELLS:
            skipped = [*call.positional, *call.keywords.values()]
        for span in skipped:
            scan.done.update(scan.strings(span))
        for role, name, image, platform in _images(scan, call, function):
            found = occurrence(
                scan.starlark.source,
                image,
                format="tilt",
                role=role,
                name=name,
                platform=platform,
                confidence="text" if role == "text" else "parsed",
                tags=scan.tags and role != "text",
                start=image.place(),
            )
            if found:
                yield found


def _images(scan: _Scan, call: Call, function: str) -> Iterator[Image]:
    name = scan.starlark.text(call.positional[0]).text if call.positional else ""
    if inline := call.keywords.get("dockerfile_contents"):
        contents = _lines(scan.starlark.text(inline))
        scan.done.update(scan.strings(inline))
        for pull in dockerfile.pulls(SourceFile("Dockerfile", contents.text)):
            yield pull.role, f"{name}: {pull.name}", contents.lifted(pull.image.pieces), pull.platform
    if values := call.keywords.get("set"):
        strings = scan.strings(values)
        words = [scan.starlark.text((at, at + 1)) for at in strings]
        for image in meaning(_as_helm(words)).images:
            yield "chart value", name, image, None
    if function in _RUNS:
        at = 0 if function == "local" else 1
        spans = [*call.positional[at : at + 1], *(call.keywords[key] for key in _COMMANDS & call.keywords.keys())]
        for span in spans:
            for each in scripts.pulls(_lines(scan.starlark.text(span)), tags=scan.tags):
                yield each.role, each.name or name, each.image, each.platform


def _as_helm(words: list[Written]) -> list[Written]:
    """The command line that Tilt makes of `set=[...]`."""
    words = [word for word in words if word.text]
    if not words:
        return []
    start = [glue("helm", words[0]), glue("template", words[0])]
    return start + [each for word in words for each in (glue("--set", word), word)]


def _lines(text: Written) -> Written:
    """With the line ends that are written as an escape."""
    if "\\n" not in text.text:
        return text
    pieces: list[Piece] = []
    for piece in text.pieces:
        start = 0
        while (at := piece.text.find("\\n", start)) >= 0:
            pieces.append(Piece(piece.source, piece.text[start:at], piece.offsets[start:at]))
            pieces.append(Piece(piece.source, "\n", [piece.offsets[at]]))
            start = at + 2
        pieces.append(Piece(piece.source, piece.text[start:], piece.offsets[start:]))
    return Written(tuple(piece for piece in pieces if piece.text))


def _carried(scan: _Scan) -> Iterator[Found]:
    """Kubernetes objects that stand in a string."""
    source = scan.starlark.source
    for at, token in enumerate(scan.starlark.tokens):
        if not token.is_string or at in scan.done or source.text.find("\n", token.start, token.stop) < 0:
            continue
        inner = SourceFile(f"{source.path}.yaml", source.text[token.start : token.stop])
        if (scan.tags or DIGEST.search(inner.text)) and KUBERNETES.claims(inner):
            scan.done.add(at)
            outer = written(source, token.start, token.stop)
            yield from _moved(KUBERNETES.extract(inner, lambda _path: None, scan.tags), inner, outer)


def _moved(found: Iterable[Found], inner: SourceFile, outer: Written) -> Iterator[Found]:
    """What was found in a string that stands at `outer`."""
    start = outer.place() or Place(inner.path, 1, 1)
    lines = start.line - 1
    for one in found:
        columns = start.column - 1 if one.line == 1 else 0
        line, column = one.line + lines, one.column + columns
        if isinstance(one, Problem):
            yield replace(one, subject=start.file, line=line, column=column)
        else:
            used_at = tuple(used + lines for used in one.used_at)
            spans = spans_within(outer, inner, one.spans)
            yield replace(one, file=start.file, format="tilt", line=line, column=column, used_at=used_at, spans=spans)


def _constants(scan: _Scan) -> Iterator[Found]:
    """What names stand for whose value is put together of several strings."""
    for name, whole in scan.starlark.constants.items():
        if len(whole.pieces) > 1 and DIGEST.search(whole.text):
            for _, image in plain_text.spelled(SourceFile(scan.starlark.source.path, whole.text)):
                reference = whole.lifted(image.pieces)
                found = occurrence(
                    scan.starlark.source, reference, format="tilt", role="text", name=name, confidence="text"
                )
                if found:
                    yield found


def _mentioned(scan: _Scan) -> Iterator[Found]:
    """What other strings name: build arguments, values of variables, lists."""
    source = scan.starlark.source
    for at, token in enumerate(scan.starlark.tokens):
        if token.is_string and at not in scan.done and DIGEST.search(source.text, token.start, token.stop):
            for found in plain_text.search(source, token.start, token.stop):
                yield replace(found, format="tilt") if isinstance(found, Occurrence) else found


def _claims(source: SourceFile) -> bool:
    name = source.path.rpartition("/")[2]
    is_ours = name.lower().startswith("tiltfile") or name.lower().endswith((".tiltfile", ".tilt"))
    return is_ours and not plain_text.is_no_pull(source)


register(
    Format(
        name="tilt",
        title="Tiltfile",
        files="Tiltfile, Tiltfile.*, *.tiltfile",
        claims=_claims,
        extract=_extract,
        example=Example(
            "Tiltfile",
            "docker_build(\n    'app',\n    '.',\n"
            "    dockerfile_contents='''\nFROM registry.example/base:3@sha256:…\nCOPY . /app\n''',\n)\n",
        ),
    )
)
