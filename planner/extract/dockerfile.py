"""`FROM`, `COPY --from`, `RUN --mount=from`, `# syntax=`, with the defaults of `ARG`; not stages of the same file.

Images that commands, variables and heredocs name, `RUN docker pull` say, are found by their spelling.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from planner.extract import plain_text
from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.syntax.dockerfile_lines import Dockerfile, Instruction, parse, unwrapped
from planner.extract.syntax.shell import expand, unquoted
from planner.extract.written import NOTHING, Place, Written
from planner.model.platform import Platform, parse_platform
from planner.model.source import SourceFile

_MAX_ARGUMENTS = 16 * 1024  # characters of one ARG instruction
_NAMES = re.compile(
    r"""
    (?:^|/)(?:
        (?:docker|container)file (?:[._-][^/]*)?
        | [^/]*\.(?:docker|container)file (?:\.(?:j2|jinja2?|tmpl|tpl|template|in|erb|mustache|gotmpl))?
    )$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CONTENT = re.compile(
    r"^[ \t]*(?:FROM(?:[ \t]+(?![^\s{]+[ \t]+import\b)\S|[ \t]*[\\`]\r?$)|(?:COPY|RUN)[ \t]+--)",
    re.IGNORECASE | re.MULTILINE,
)
# Other files count whose first instruction is one of a Dockerfile, if another one follows or the first names a digest.
_FIRST = re.compile(
    r"""
    \ufeff? (?:[ \t]*(?:\#[^\n]*|\r)?\n)*
    [ \t]*(?:ARG[ \t]+[A-Za-z_]\w*(?:=\S*)? | FROM[ \t]+(?:--\S+[ \t]+)*(?P<image>\S+)(?:[ \t]+AS[ \t]+\S+)?)[ \t]*\r?$
    """,
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_SECOND = re.compile(
    r"^[ \t]*(?:FROM|RUN|COPY|ADD|ENV|CMD|ENTRYPOINT|WORKDIR|USER|EXPOSE|VOLUME)[ \t]", re.IGNORECASE | re.MULTILINE
)
_OTHERS = re.compile(r"(?:^|/)(?:earthfile|modelfile)[^/]*$|\.earth$", re.IGNORECASE)
_FLAG = re.compile(r"--([A-Za-z]+)=?(\S*)\s*")
# A heredoc that writes a Dockerfile builds nothing.
_FROM_LINE = re.compile(r"[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*", re.IGNORECASE)
_MOUNT_FROM = re.compile(r"(?:^|,)\s*[\"']?from=([^,\"']+)", re.IGNORECASE)
# Their words are no pulls, or are read by the rules of the instruction; a heredoc may follow them all the same.
_READ = frozenset({"FROM", "COPY", "ADD", "LABEL", "MAINTAINER", "ONBUILD"})
# A template that another tool fills in is one word, whatever it is made of.
_WORD = re.compile(r"(?:\{\{[^{}\n]*\}\}|\S)+")
_ALIAS = re.compile(rf"\s+as\s+({_WORD.pattern})", re.IGNORECASE)
_OPEN_TAG = re.compile(r"([^$@]*[^$@:/]):[^/@]*\$[^/@]*(@sha[^$@]*)", re.IGNORECASE)
_UNQUOTED = re.compile(r"[^\"']+")
_QUOTE = re.compile(r"[\"']")
_MAX_REFERENCE = 1024  # characters with what a variable adds
_MAX_PARTS = 16  # of a word, between its quotes
_VARIABLE = re.compile(r"\$(?:\{[^}]*\}|\w+)")
_ARG = re.compile(r"""([A-Za-z_]\w*)(?:=((?:"(?:\\.|[^"\\])*"|'[^']*'|\S)*))?""", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pull:
    """An image that a build pulls.

    `role` is stage, copy, mount or frontend, or text where a variable or a script names it; `name` is the stage in
    which it stands.
    """

    role: str
    name: str
    image: Written
    platform: Platform | None = None


@dataclass(slots=True)
class _Build:
    """What the instructions up to here have defined."""

    escape: str
    arguments: dict[str, Written] = field(default_factory=dict)  # before the first FROM
    in_stage: dict[str, Written] = field(default_factory=dict)
    stages: set[str] = field(default_factory=set)  # in lower case
    stage: str = ""
    count: int = 0  # of stages


def pulls(source: SourceFile) -> Iterator[Pull]:
    """Every image that building the file pulls, by tag too; not stages of the same file and not `scratch`.

    Last come those of role "text", which variables, commands and heredocs name and which are known by spelling only.
    """
    dockerfile = parse(source)
    build = _Build(dockerfile.escape)
    seen = set()
    mentioned: list[Pull] = []
    if frontend := dockerfile.directives.get("syntax"):
        seen.add(_digest_place(frontend))
        yield Pull("frontend", "syntax", frontend)
    instructions = [_read(instruction) for instruction in dockerfile.instructions]
    named = {stage.lower() for keyword, arguments in instructions if keyword == "FROM" for stage in _alias(arguments)}
    ends = [*_starts(dockerfile)[1:], len(source.text)]
    for (keyword, arguments), end in zip(instructions, ends, strict=False):
        for pull in _instruction(build, keyword, arguments, named):
            seen.add(_digest_place(pull.image))
            yield pull
        mentioned += _mentioned(source, build, keyword, arguments, end)
    yield from (pull for pull in mentioned if _digest_place(pull.image) not in seen)


def _read(instruction: Instruction) -> tuple[str, Written]:
    """Keyword and arguments; of ONBUILD those inside, but for `ONBUILD FROM`, which no builder allows."""
    keyword, arguments = unwrapped(instruction)
    return (instruction.keyword, instruction.arguments) if keyword == "FROM" else (keyword, arguments)


def _instruction(build: _Build, keyword: str, arguments: Written, named: set[str]) -> Iterator[Pull]:
    match keyword:
        case "ARG" | "ENV":
            _define(build, arguments)
        case "FROM":
            yield from _from(build, arguments)
        case "COPY":
            yield from _copied(build, arguments, named)
        case "RUN":
            yield from _mounted(build, arguments, named)


def _digest_place(image: Written) -> Place | None:
    return image.place(image.text.rfind("@") + 1)


def _starts(dockerfile: Dockerfile) -> list[int]:
    """Where the arguments of each instruction begin; of one without any, where those before it do."""
    starts = [0]
    for instruction in dockerfile.instructions:
        pieces = instruction.arguments.pieces
        starts.append(pieces[0].offsets[0] if pieces and pieces[0].text else starts[-1])
    return starts[1:]


def _mentioned(source: SourceFile, build: _Build, keyword: str, arguments: Written, end: int) -> Iterator[Pull]:
    """What stands from the arguments of an instruction to those of the next: heredocs lie between them."""
    pieces = arguments.pieces
    if not pieces or not pieces[0].text:
        return
    start = pieces[-1].offsets[-1] + 1 if keyword in _READ else pieces[0].offsets[0]
    for _, image in plain_text.spelled(source, start, end):
        at = image.pieces[0].offsets[0]
        if not _FROM_LINE.fullmatch(source.text, source.text.rfind("\n", start, at) + 1, at):
            yield Pull("text", build.stage, expand(image, _known(build), build.escape))


def _alias(arguments: Written) -> list[str]:
    """The name that FROM gives its stage, as a list of none or one."""
    _, _, end = _flags(arguments)
    found = _ALIAS.match(arguments.text, end)
    return [found[1]] if found else []


def _define(build: _Build, arguments: Written) -> None:
    for found in _ARG.finditer(arguments.text[:_MAX_ARGUMENTS]):
        name = found[1]
        if found[2] is not None:
            value = _filled(arguments[found.start(2) : found.end(2)], build, _known(build))
            (build.in_stage if build.stage else build.arguments)[name] = value


def _known(build: _Build) -> dict[str, Written]:
    return build.arguments | build.in_stage if build.in_stage else build.arguments


def _filled(word: Written, build: _Build, values: Mapping[str, Written]) -> Written:
    """A word as the builder takes it: with values for variables, and without quotes, those of the values included."""
    word = expand(unquoted(word), values, build.escape)
    parts = (word[found.start() : found.end()] for found in islice(_UNQUOTED.finditer(word.text), _MAX_PARTS))
    return word if not _QUOTE.search(word.text) else sum(parts, NOTHING)


def _flags(arguments: Written) -> tuple[list[tuple[str, Written]], Written, int]:
    """The `--flag=value` words at the beginning, the first word after them, and where that ends."""
    flags = []
    text = arguments.text
    position = 0
    while found := _FLAG.match(text, position):
        flags.append((found[1].lower(), arguments[found.start(2) : found.end(2)]))
        position = found.end()
    word = _WORD.match(text, position)
    end = word.end() if word else position
    return flags, arguments[position:end], end


def _from(build: _Build, arguments: Written) -> Iterator[Pull]:
    flags, word, _ = _flags(arguments)
    image = _without_open_tag(_filled(word, build, build.arguments))
    is_image = image.text not in ("", "scratch") and not _is_stage(image.text.lower(), build.stages)
    build.stage = next(iter(_alias(arguments)), str(build.count))
    build.stages.add(build.stage.lower())
    build.count += 1
    build.in_stage.clear()
    if is_image:
        yield Pull("stage", build.stage, image, _platform(build, flags))


def _without_open_tag(image: Written) -> Written:
    """Beside a digest, the tag changes nothing of what is pulled: one with a variable that nothing sets is left out."""
    found = _OPEN_TAG.fullmatch(image.text) if len(image.text) <= _MAX_REFERENCE else None
    return image[: found.end(1)] + image[found.start(2) :] if found else image


def _is_stage(name: str, stages: set[str]) -> bool:
    """Also where the name has a variable that the build sets, and some stage's name has the rest of it."""
    if "$" not in name or "/" in name or "@" in name or len(name) > _MAX_REFERENCE:
        return name in stages
    parts = _VARIABLE.split(name)
    return any(stage.startswith(parts[0]) and stage.endswith(parts[-1]) for stage in stages)


def _platform(build: _Build, flags: list[tuple[str, Written]]) -> Platform | None:
    """None too where the flag names the platform of the build, which only the build knows."""
    for flag, value in flags:
        if flag == "platform":
            try:
                return parse_platform(_filled(value, build, build.arguments).text)
            except ValueError:
                return None
    return None


def _copied(build: _Build, arguments: Written, named: set[str]) -> Iterator[Pull]:
    flags, _, _ = _flags(arguments)
    for flag, value in flags:
        if flag == "from":
            yield from _image("copy", build, value, named)


def _mounted(build: _Build, arguments: Written, named: set[str]) -> Iterator[Pull]:
    if not arguments.text.startswith("--"):
        return
    flags, _, _ = _flags(arguments)
    for flag, value in flags:
        if flag == "mount" and (found := _MOUNT_FROM.search(value.text)):
            yield from _image("mount", build, value[found.start(1) : found.end(1)], named)


def _image(role: str, build: _Build, value: Written, named: set[str]) -> Iterator[Pull]:
    image = _without_open_tag(_filled(value, build, _known(build)))
    text = image.text
    if not text.isdigit() and text != "scratch" and not _is_stage(text.lower(), named):
        yield Pull(role, build.stage, image)


def _claims(source: SourceFile) -> bool:
    if _NAMES.search(source.path):
        return bool(_CONTENT.search(source.text.removeprefix("\ufeff"))) and not plain_text.is_no_pull(source)
    first = _FIRST.match(source.text)
    if not first or _OTHERS.search(source.path):
        return False
    is_pinned = "@" in (first["image"] or "")
    return (is_pinned or bool(_SECOND.search(source.text, first.end()))) and not plain_text.is_no_pull(source)


def _extract(source: SourceFile, _: Lookup, tags: bool) -> Iterator[Found]:
    for pull in pulls(source):
        found = occurrence(
            source,
            pull.image,
            format="dockerfile",
            role=pull.role,
            name=pull.name,
            platform=pull.platform,
            confidence="text" if pull.role == "text" else "parsed",
            tags=tags and pull.role != "text",
        )
        if found:
            yield found


register(
    Format(
        name="dockerfile",
        title="Dockerfile and Containerfile",
        files="Dockerfile, Dockerfile.*, *.dockerfile, Containerfile and the like; other files that read like one",
        example=Example("app/Dockerfile", "FROM registry.example/base:3@sha256:… AS build\nRUN make\n"),
        claims=_claims,
        extract=_extract,
    )
)
