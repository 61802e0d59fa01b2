"""Earthfiles: images of `FROM` and `WITH DOCKER --pull`, with the values of ARG, LET, SET and FOR, and what RUN pulls.

Targets (`+build`), `SAVE IMAGE`, labels and caches are none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product

from planner.extract import plain_text, scripts
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.syntax.dockerfile_lines import parse
from planner.extract.syntax.shell import expand, unquoted
from planner.extract.uses import platform_of
from planner.extract.written import Place, Written
from planner.model.platform import Platform
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)earthfile(?:[._-][^/]*)?$|\.earth$", re.IGNORECASE)
_CONTENT = re.compile(r"^(?:VERSION\b|[A-Za-z][\w.-]*:[ \t]*(?:#.*)?\r?$)", re.MULTILINE)
_TARGET = re.compile(r"^([A-Za-z][\w.-]*):", re.MULTILINE)
_WORD = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|\$\([^()]*\)|[^\s"'])+""")
_SETTING = re.compile(r"((?:--[a-z-]+\s+)*)([A-Za-z_]\w*)\s*=\s*", re.ASCII)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)", re.ASCII)
_GIVEN = re.compile(r"--([A-Za-z_]\w*)=", re.ASCII)
_VERSION = re.compile(r"v?\d[\w.-]*@")  # a tag with its digest, whose image stands elsewhere
_BLOCKS = frozenset({"IF", "FOR", "WITH", "TRY", "WAIT"})
_CALLS = frozenset({"BUILD", "FROM", "COPY", "DO", "WITH"})
_SETS = frozenset({"ARG", "LET", "SET", "ENV"})
# Pushed, kept, noted, or code from a git repository.
_NO_PULLS = frozenset({"SAVE", "LABEL", "CACHE", "IMPORT", "GIT", "VERSION", "PROJECT", "MAINTAINER"})
_MAX_VALUE = 600  # characters with what variables add; no reference is longer
_MAX_WORDS = 1000  # of one command
_MAX_VALUES = 50  # of one variable
_MAX_WORLDS = 50  # of the variables of one command
_MAX_NAMES = 20

_Known = Mapping[str, Written]


@dataclass(frozen=True, slots=True)
class _Pull:
    role: str
    target: str
    image: Written
    platform: Platform | None = None


@dataclass(slots=True)
class _Recipe:
    """What the commands up to here have set; what is set inside a condition may have each of its values."""

    base: dict[str, list[Written]] = field(default_factory=dict)
    own: dict[str, list[Written]] = field(default_factory=dict)
    target: str = ""
    blocks: list[str] = field(default_factory=list)  # the commands that END closes
    left: int = 5000  # combinations in the whole file; beyond them each variable has one value
    given: dict[tuple[str, str], list[Written]] = field(default_factory=dict)  # by target and argument

    def set(self, name: str, values: list[Written]) -> None:
        scope = self.own if self.target else self.base
        before = scope.get(name) or self.base.get(name, [])
        scope[name] = (before + values)[:_MAX_VALUES] if {"IF", "FOR"} & set(self.blocks[-8:]) else values

    def worlds(self, text: str) -> Iterator[_Known]:
        """The variables of a text with one value each, in every combination."""
        names = list(dict.fromkeys(found[1] for found in islice(_VARIABLE.finditer(text), _MAX_NAMES)))
        known = {name: values for name in names if (values := self.own.get(name) or self.base.get(name))}
        for row in islice(product(*known.values()), _MAX_WORLDS if self.left > 0 else 1):
            self.left -= 1
            yield dict(zip(known, row, strict=True))


def _pulls(source: SourceFile, tags: bool) -> Iterator[_Pull]:
    """What the targets pull; last, with the role "text", what they only mention."""
    targets = {found[1].upper(): found[1] for found in _TARGET.finditer(source.text)}
    instructions = parse(source).instructions
    recipe = _Recipe()
    # What a target is given may stand behind it.
    for instruction in instructions:
        _enter(recipe, instruction.keyword, targets)
        _define(recipe, instruction.keyword, instruction.arguments)
        _give(recipe, instruction.keyword, instruction.arguments)
    recipe = _Recipe(given=recipe.given)
    mentioned: list[_Pull] = []
    for instruction in instructions:
        keyword, arguments = instruction.keyword, instruction.arguments
        _enter(recipe, keyword, targets)
        if keyword not in _NO_PULLS and (tags or "@" in arguments.text or "$" in arguments.text):
            yield from _command(recipe, keyword, arguments, tags, mentioned)
        _define(recipe, keyword, arguments)
    yield from mentioned


def _enter(recipe: _Recipe, keyword: str, targets: Mapping[str, str]) -> None:
    """Keep track of the target and the blocks around what comes next."""
    if keyword.endswith(":") and keyword[:-1] in targets:
        recipe.target = targets[keyword[:-1]]
        recipe.own.clear()
        recipe.blocks.clear()
    elif keyword in _BLOCKS:
        recipe.blocks.append(keyword)
    elif keyword == "END" and recipe.blocks:
        recipe.blocks.pop()


def _command(recipe: _Recipe, keyword: str, arguments: Written, tags: bool, mentioned: list[_Pull]) -> Iterator[_Pull]:
    name = recipe.target or "base"
    for known in recipe.worlds(arguments.text):
        if keyword == "RUN":
            for pull in scripts.pulls(arguments, known, tags=tags):
                found = _Pull(pull.role, name, pull.image, pull.platform)
                if pull.role == "text":
                    mentioned.append(found)
                else:
                    yield found
            continue
        if keyword == "FROM":
            yield from _from(name, _words(arguments, known))
        elif keyword == "WITH":
            yield from _loaded(name, _words(arguments, known))
        if DIGEST.search(arguments.text):
            filled = expand(arguments, known)
            for _, image in plain_text.spelled(SourceFile("Earthfile", filled.text)):
                if not _VERSION.match(image.text):
                    mentioned.append(_Pull("text", name, filled.lifted(image.pieces)))


def _give(recipe: _Recipe, keyword: str, arguments: Written) -> None:
    """`BUILD +target --name=value`: what a target of this file is given by digest."""
    if keyword not in _CALLS or not ("$" in arguments.text or DIGEST.search(arguments.text)):
        return
    for known in recipe.worlds(arguments.text):
        words = _words(arguments, known)
        target = next((word.text[1:] for word in words if word.text.startswith("+")), "")
        for word in words if target else ():
            if (found := _GIVEN.match(word.text)) and DIGEST.search(word.text):
                values = recipe.given.setdefault((target, found[1]), [])
                if len(values) < _MAX_VALUES:
                    values.append(unquoted(word[found.end() :]))


def _define(recipe: _Recipe, keyword: str, arguments: Written) -> None:
    name = (arguments.text.partition("=")[0].split() or [""])[-1]
    given = recipe.given.get((recipe.target, name), []) if keyword == "ARG" else []
    if keyword in _SETS and (found := _SETTING.match(arguments.text)):
        value = arguments[found.end() :]
        word = _WORD.match(value.text)
        values = [_value(value[: word.end() if word else 0], known) for known in recipe.worlds(value.text)]
        recipe.set(found[2], values + given)
    elif given:
        recipe.set(name, given)
    elif keyword == "FOR":
        words = _words(arguments, {})
        at = next((at for at, word in enumerate(words) if word.text == "IN"), 0)
        if at:
            recipe.set(words[at - 1].text, words[at + 1 :])


def _value(word: Written, known: _Known) -> Written:
    value = unquoted(word) if word.text.startswith("'") else expand(unquoted(word), known)
    return value if len(value.text) <= _MAX_VALUE else word


def _words(arguments: Written, known: _Known) -> list[Written]:
    found = islice(_WORD.finditer(arguments.text), _MAX_WORDS)
    return [_value(arguments[word.start() : word.end()], known) for word in found]


def _options(words: list[Written], name: str) -> Iterator[Written]:
    """The values of an option, after `=` or in the next word."""
    for at, word in enumerate(words):
        if word.text == name and at + 1 < len(words):
            yield words[at + 1]
        elif word.text.startswith(f"{name}="):
            yield unquoted(word[len(name) + 1 :])


def _platform(words: list[Written]) -> Platform | None:
    return next((platform_of(value.text) for value in _options(words, "--platform")), None)


def _from(name: str, words: list[Written]) -> Iterator[_Pull]:
    """The image of FROM; targets have a plus sign, and `DOCKERFILE` builds one."""
    skipped = {id(value) for flag in ("--platform", "--build-arg") for value in _options(words, flag)}
    image = next((word for word in words if not word.text.startswith("--") and id(word) not in skipped), None)
    if image and image.text not in ("DOCKERFILE", "scratch") and not re.search(r"\+|^[./]", image.text):
        yield _Pull("base image", name, image, _platform(words))


def _loaded(name: str, words: list[Written]) -> Iterator[_Pull]:
    for image in _options(words, "--pull"):
        yield _Pull("docker pull", name, image, _platform(words))


def _extract(source: SourceFile, _: Lookup, tags: bool) -> Iterator[Found]:
    seen: set[tuple[Place | None, str]] = set()
    read: set[Place | None] = set()
    for pull in _pulls(source, tags):
        place = pull.image.place(pull.image.text.rfind("@") + 1)
        if (place, pull.image.text) in seen or (pull.role == "text" and place in read):
            continue
        seen.add((place, pull.image.text))
        read.add(place)
        found = occurrence(
            source,
            pull.image,
            format="earthfile",
            role=pull.role,
            name=pull.target,
            platform=pull.platform,
            confidence="text" if pull.role == "text" else "parsed",
            tags=tags and pull.role != "text",
        )
        if found:
            yield found


def _claims(source: SourceFile) -> bool:
    is_ours = _PATH.search(source.path) and _CONTENT.search(source.text)
    return bool(is_ours) and not plain_text.is_no_pull(source)


register(
    Format(
        name="earthfile",
        title="Earthfile",
        files="Earthfile, *.earth",
        example=Example(
            "Earthfile", "VERSION 0.8\n\nbuild:\n    FROM registry.example/go:1.23@sha256:…\n    RUN make\n"
        ),
        claims=_claims,
        extract=_extract,
    )
)
