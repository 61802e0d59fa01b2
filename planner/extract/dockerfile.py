"""Dockerfiles and Containerfiles: FROM, COPY --from, RUN --mount=from, `# syntax=`, and what scripts in them name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from planner.extract import plain_text
from planner.extract.format import Format, Found, Lookup, occurrence, register
from planner.extract.syntax.dockerfile_lines import Dockerfile, parse, unwrapped
from planner.extract.syntax.shell import expand, unquoted
from planner.extract.written import Place, Written
from planner.model.platform import Platform, parse_platform
from planner.model.source import SourceFile

_MAX_ARGUMENTS = 16 * 1024  # characters of one ARG instruction
_NAMES = re.compile(
    r"(?:^|/)(?:(?:docker|container)file(?:[._-][^/]*)?|[^/]*\.(?:docker|container)file)$", re.IGNORECASE
)
_CONTENT = re.compile(
    r"^[ \t]*(?:FROM[ \t]+(?:--\S+[ \t]+)*\S+[ \t]*(?:AS[ \t]+\S+[ \t]*)?\r?$|(?:COPY|RUN)[ \t]+--)",
    re.IGNORECASE | re.MULTILINE,
)
_FLAG = re.compile(r"--([A-Za-z]+)=?(\S*)\s*")
_MOUNT_FROM = re.compile(r"(?:^|,)\s*[\"']?from=([^,\"']+)", re.IGNORECASE)
# Their words are no pulls, or are read by the rules of the instruction; a heredoc may follow them all the same.
_READ = frozenset({"FROM", "COPY", "ADD", "LABEL", "MAINTAINER"})
_ARG = re.compile(r"""([A-Za-z_]\w*)(?:=("(?:\\.|[^"\\])*"|'[^']*'|\S*))?""", re.ASCII)


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
    stages: list[str] = field(default_factory=list)

    @property
    def stage(self) -> str:
        return self.stages[-1] if self.stages else ""


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
    instructions = [unwrapped(instruction) for instruction in dockerfile.instructions]
    named = {stage.lower() for keyword, arguments in instructions if keyword == "FROM" for stage in _alias(arguments)}
    ends = [*_starts(dockerfile)[1:], len(source.text)]
    for (keyword, arguments), end in zip(instructions, ends, strict=False):
        for pull in _instruction(build, keyword, arguments, named):
            seen.add(_digest_place(pull.image))
            yield pull
        mentioned += _mentioned(source, build, keyword, arguments, end)
    yield from (pull for pull in mentioned if _digest_place(pull.image) not in seen)


def _instruction(build: _Build, keyword: str, arguments: Written, named: set[str]) -> Iterator[Pull]:
    match keyword:
        case "ARG":
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
        yield Pull("text", build.stage, expand(image, _known(build), build.escape))


def _alias(arguments: Written) -> list[str]:
    """The name that FROM gives its stage, as a list of none or one."""
    found = re.search(r"\sas\s+(\S+)\s*$", arguments.text, re.IGNORECASE)
    return [found[1]] if found else []


def _define(build: _Build, arguments: Written) -> None:
    for found in _ARG.finditer(arguments.text[:_MAX_ARGUMENTS]):
        name = found[1]
        if found[2] is not None:
            value = expand(unquoted(arguments[found.start(2) : found.end(2)]), _known(build), build.escape)
            (build.in_stage if build.stages else build.arguments)[name] = value


def _known(build: _Build) -> dict[str, Written]:
    return build.arguments | build.in_stage if build.in_stage else build.arguments


def _flags(arguments: Written) -> tuple[list[tuple[str, Written]], Written]:
    """The `--flag=value` words at the beginning, and the first word after them."""
    flags = []
    text = arguments.text
    position = 0
    while found := _FLAG.match(text, position):
        flags.append((found[1].lower(), arguments[found.start(2) : found.end(2)]))
        position = found.end()
    word = re.compile(r"\S*").match(text, position)
    return flags, arguments[position : word.end() if word else position]


def _from(build: _Build, arguments: Written) -> Iterator[Pull]:
    flags, word = _flags(arguments)
    earlier = {stage.lower() for stage in build.stages}
    build.stages.append(next(iter(_alias(arguments)), str(len(build.stages))))
    build.in_stage.clear()
    image = expand(unquoted(word), build.arguments, build.escape)
    if image.text not in ("", "scratch") and image.text.lower() not in earlier:
        yield Pull("stage", build.stage, image, _platform(build, flags))


def _platform(build: _Build, flags: list[tuple[str, Written]]) -> Platform | None:
    """None too where the flag names the platform of the build, which only the build knows."""
    for flag, value in flags:
        if flag == "platform":
            try:
                return parse_platform(expand(unquoted(value), build.arguments, build.escape).text)
            except ValueError:
                return None
    return None


def _copied(build: _Build, arguments: Written, named: set[str]) -> Iterator[Pull]:
    flags, _ = _flags(arguments)
    for flag, value in flags:
        if flag == "from":
            yield from _image("copy", build, value, named)


def _mounted(build: _Build, arguments: Written, named: set[str]) -> Iterator[Pull]:
    if not arguments.text.startswith("--"):
        return
    flags, _ = _flags(arguments)
    for flag, value in flags:
        if flag == "mount" and (found := _MOUNT_FROM.search(value.text)):
            yield from _image("mount", build, value[found.start(1) : found.end(1)], named)


def _image(role: str, build: _Build, value: Written, named: set[str]) -> Iterator[Pull]:
    image = expand(unquoted(value), _known(build), build.escape)
    text = image.text
    if not text.isdigit() and text.lower() not in named and text != "scratch":
        yield Pull(role, build.stage, image)


def _claims(source: SourceFile) -> bool:
    return bool(_NAMES.search(source.path)) and bool(_CONTENT.search(source.text.removeprefix("\ufeff")))


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


register(Format("dockerfile", "Dockerfile and Containerfile", _claims, _extract))
