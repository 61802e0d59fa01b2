"""Vagrantfiles: images of the docker provider and provisioner (`image`, `pull_images`, `run`), and what scripts pull.

Strings that the same file sets are filled in. Boxes, their checksums and messages are none.
"""

import re
from collections.abc import Iterator, Mapping

from planner.extract import plain_text, scripts
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.syntax.code import Language, Token, content, tokens
from planner.extract.syntax.templates import fill
from planner.extract.written import NOTHING, Written, glue
from planner.model.source import SourceFile

_RUBY = Language(
    comment=r"^=begin\b.*?(?:^=end\b|\Z)|(?<![\w\"'}\])#])\#(?!\{)[^\n]*",
    string=(
        r"<<[-~]?(?P<mark>[\"'`]?)(?P<end>[A-Za-z_]\w*)(?P=mark)[^\n]*\n(?P<heredoc>.*?)(?:\n[ \t]*(?P=end)\b|\Z)"
        r'|"(?P<text>(?:\\.|[^"\\])*+)(?:"|\Z)'
        r"|'(?P<raw>(?:\\.|[^'\\])*+)(?:'|\Z)"
    ),
    word=r"[$@]*[A-Za-z_]\w*[?!]?",
)
_PATTERN = re.compile(_RUBY.pattern().pattern, re.DOTALL | re.MULTILINE)
_PATH = re.compile(r"(?:^|/)(?:[^/]*[._-])?vagrantfile(?:[._-][^/]*)?$", re.IGNORECASE)
_INTERPOLATED = re.compile(r"#\{\s*([$@]*[A-Za-z_]\w*)\s*\}")
_TELLS = frozenset({"puts", "print", "warn", "raise", "abort", "post_up_message", "description", "info", "error"})
_MAX_ARGUMENTS = 64  # tokens of one call
_MAX_VALUE = 2048  # characters of one string

_Known = Mapping[str, Written]


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    if not (tags or DIGEST.search(source.text)):
        return
    every = tokens(source, _PATTERN)
    known = _known(source, every)
    seen = set()
    for role, name, image in _pulled(source, every, known, tags):
        is_text = role == "text"
        found = occurrence(
            source,
            image,
            format="vagrant",
            role=role,
            name=name,
            confidence="text" if is_text else "parsed",
            tags=tags and not is_text,
            start=image.place(),
        )
        if found and (found.line, found.column) not in seen:
            seen.add((found.line, found.column))
            yield found


def _known(source: SourceFile, every: list[Token]) -> dict[str, Written]:
    """`NAME = "value"`: the first value of each."""
    known: dict[str, Written] = {}
    for at in range(len(every) - 2):
        before = every[at - 1].word if at else ""
        if every[at].word and every[at + 1].word == "=" and every[at + 2].is_string and before != ".":
            value = _filled(source, every[at + 2], known)
            if len(value.text) <= _MAX_VALUE:
                known.setdefault(every[at].word, value)
    return known


def _filled(source: SourceFile, token: Token, known: _Known) -> Written:
    """A string with the values of known names. What is not known is written as a variable of a shell."""
    string = content(source, token)
    is_raw = source.text[token.start - 1 : token.start] == "'"
    return string if is_raw or "#{" not in string.text else fill(string, _INTERPOLATED, known.get)


def _value(source: SourceFile, every: list[Token], at: int, known: _Known) -> Written:
    """The string at a position, or the one that the name there stands for."""
    if at >= len(every):
        return NOTHING
    token = every[at]
    return _filled(source, token, known) if token.is_string else known.get(token.word, NOTHING)


def _pulled(source: SourceFile, every: list[Token], known: _Known, tags: bool) -> Iterator[tuple[str, str, Written]]:
    """Role, name and image; what is only mentioned comes last."""
    machine = "default"
    for at, token in enumerate(every):
        before, after = every[at - 1].word if at else "", every[at + 1].word if at + 1 < len(every) else ""
        match token.word:
            case "define":
                machine = _machine(source, every, at)
            case "image" if before == "." and after == "=":
                yield "container", machine, _value(source, every, at + 2, known)
            case "pull_images":
                for argument in _arguments(every, at):
                    yield "provisioner", "pull_images", _value(source, every, argument, known)
            case "run" if before == ".":
                yield from _run(source, every, at, known)
    for at, token in enumerate(every):
        if token.is_string and (tags or DIGEST.search(source.text, token.start, token.stop)):
            yield from _mentioned(source, every, at, known, tags)


def _mentioned(
    source: SourceFile, every: list[Token], at: int, known: _Known, tags: bool
) -> Iterator[tuple[str, str, Written]]:
    """What a string pulls if it is a script, and else what it names, unless it is for people."""
    before = {each.word for each in every[max(0, at - 3) : at]}
    if _TELLS & before:
        return
    string = _filled(source, every[at], known)
    if "\n" in string.text or "inline" in before or source.text[every[at].start - 1] == "\n":
        for pull in scripts.pulls(_as_shell(string), tags=tags):
            yield pull.role, pull.name, pull.image
    else:
        for name, image in plain_text.spelled(SourceFile(source.path, string.text)):
            yield "text", name, string.lifted(image.pieces)


def _as_shell(script: Written) -> Written:
    """With a shell's variable in place of what Ruby alone knows, so that it is no comment."""
    return fill(script, re.compile(r"(#\{)"), lambda _name: glue("${", script))


def _arguments(every: list[Token], at: int) -> Iterator[int]:
    """Where the arguments of a call stand that are strings or names, separated by commas."""
    at += 1 + (at + 1 < len(every) and every[at + 1].word in ("(", "["))
    for position in range(at, min(at + _MAX_ARGUMENTS, len(every)), 2):
        yield position
        if position + 1 >= len(every) or every[position + 1].word != ",":
            return


def _run(source: SourceFile, every: list[Token], at: int, known: _Known) -> Iterator[tuple[str, str, Written]]:
    """`d.run "name", image: "..."`; without `image`, the name is one."""
    first = at + 1 + (at + 1 < len(every) and every[at + 1].word == "(")
    name = _value(source, every, first, known)
    if not name.text or first >= len(every) or "\n" in name.text:
        return
    for position in range(first + 1, min(first + _MAX_ARGUMENTS, len(every) - 2)):
        token = every[position]
        if token.word in (")", "end", "do") or (token.word == "." and every[position + 1].word == "run"):
            break
        if token.word == "image" and "," in (every[position - 1].word, every[position - 2].word):
            after = position + 2 + (every[position + 1].word == "=")
            yield "provisioner", name.text, _value(source, every, after, known)
            return
    yield "provisioner", "run", name


def _machine(source: SourceFile, every: list[Token], at: int) -> str:
    """The name after `define`: a string or a symbol."""
    after = [each for each in every[at + 1 : at + 4] if each.word not in ("(", ":")]
    return (after[0].word or content(source, after[0]).text) if after else "default"


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and "Vagrant" in source.text and not plain_text.is_no_pull(source)


register(
    Format(
        name="vagrant",
        title="Vagrantfile",
        files="Vagrantfile, Vagrantfile.*",
        example=Example(
            "Vagrantfile",
            'Vagrant.configure("2") do |config|\n  config.vm.provider "docker" do |d|\n'
            '    d.image = "registry.example/box:1@sha256:…"\n  end\nend\n',
        ),
        claims=_claims,
        extract=_extract,
    )
)
