"""What a shell script pulls, with the variables that it sets; the text may be a file, or a string within one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from planner.extract import plain_text
from planner.extract.commands import meaning
from planner.extract.format import DIGEST
from planner.extract.syntax.shell_commands import Branch, Command, Heredoc, Part, Word, commands
from planner.extract.syntax.shell_values import Known, Values
from planner.extract.written import Place, Written
from planner.model.platform import Platform
from planner.model.source import SourceFile

MAX_SCRIPT = 512 * 1024  # characters; what is longer carries an archive, and nobody wrote it
_MAX_NESTED = 3  # scripts in strings of scripts
_MAX_NAMES = 100  # variables in one command
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=", re.ASCII)
_NAME = re.compile(r"\$(?:\{[!#]?)?([A-Za-z_]\w*)", re.ASCII)
_DECLARES = frozenset({"export", "readonly", "local", "declare", "typeset"})
_SHELL = re.compile(r"(?:.*/)?(?:(?:ba|z|k|da|a)?sh|eval)")
_SHEBANG = re.compile(r"\s*#!.*sh\b")
_HAS_COMMAND = re.compile(r"\b(?:docker|podman|nerdctl|ctr|crictl|skopeo|crane|kubectl|helm|buildah)[ \t\\]")
# Whether a digest is meant: `$@` and `${names[@]}` are other things.
_MEANT = re.compile(r"@(?:\$[\w{(]|\{\{|[%!]\w+[%!]|[A-Za-z][A-Za-z0-9]*:)")
_SIGN = re.compile(r"[@$]|sha\d")
_DEFAULT = re.compile(r"\$\{([A-Za-z_]\w*):?-", re.ASCII)
_PRINTS = frozenset({"echo", "printf", "print", "cat"})
_LOOKS_LIKE_A_FILE = re.compile(r"^[ \t-]*(?:\"?image\"?[ \t]*[:=]|FROM[ \t])", re.MULTILINE)
_REFERENCE = re.compile(r"[^\s\"'=,;]+@sha\d+:[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Pull:
    """An image that a script pulls.

    `role` is "command", and `name` then which one, or "text" for what only looks like a reference, in an argument or
    a heredoc say; `name` then is the variable that is set to it, if any.
    """

    role: str
    name: str
    image: Written
    platform: Platform | None = None


@dataclass(frozen=True, slots=True)
class _Settings:
    path: str
    tags: bool


def pulls(text: Written, given: Known | None = None, path: str = "script.sh", *, tags: bool = False) -> list[Pull]:
    """Every image that a script pulls by digest, with `tags` those by tag too; those with role "text" come last.

    `given` are variables that it is run with, `path` tells how comments are written in what is no command.
    What is commented out, printed or compared is none. A function may use what is set after it. Commands in strings,
    of `sh -c` say, count too.
    """
    return once(_pulls(text, given or {}, _Settings(path, tags), 0))


def once(found: Iterable[Pull]) -> list[Pull]:
    """Each pull once; what is spelled somewhere only counts if no command names it."""
    ordered = sorted(found, key=lambda pull: pull.role != "command")
    read = {_place(pull) for pull in ordered if pull.role == "command"}
    kept: dict[tuple[Place | None, str], Pull] = {}
    for pull in ordered:
        if pull.role == "command" or _place(pull) not in read:
            kept.setdefault((_place(pull), pull.image.text), pull)
    return list(kept.values())


def _place(pull: Pull) -> Place | None:
    return pull.image.place(pull.image.text.rfind("@") + 1)


def _pulls(text: Written, given: Known, settings: _Settings, depth: int) -> Iterator[Pull]:
    if len(text.text) > MAX_SCRIPT or depth > _MAX_NESTED:
        yield from mentioned(text, settings.path)
        return
    found = commands(text.text)
    first = _Script(text, Values(given), settings, depth)
    for command in found:
        if first.sets(command):
            for _ in first.run(command):
                pass
    script = _Script(text, Values(given, later=first.values.by_name), settings, depth)
    for command in found:
        if settings.tags or command.heredocs or script.sets(command) or script.may_pin(command):
            yield from script.run(command)


def mentioned(text: Written, path: str, name: str = "") -> Iterator[Pull]:
    """References by their spelling, in text whose variables are filled in."""
    if DIGEST.search(text.text):
        for label, image in plain_text.spelled(SourceFile(path, text.text)):
            yield Pull("text", name or label, text.lifted(image.pieces))


class _Script:
    """A script of which the commands up to here have been read."""

    def __init__(self, text: Written, values: Values, settings: _Settings, depth: int) -> None:
        self.text = text
        self.values = values
        self.settings = settings
        self.depth = depth
        self.loops = count(-1, -1)

    def sets(self, command: Command) -> bool:
        """Whether a command sets variables for those after it."""
        first = self._raw(command.words[0]) if command.words else ""
        return first in _DECLARES or first == "for" or _ASSIGNMENT.match(first) is not None

    def may_pin(self, command: Command) -> bool:
        """Whether a command may name a digest: most need not be looked at."""
        text = self.text.text
        return any(_SIGN.search(text, part.start, part.stop) for word in command.words for part in word)

    def run(self, command: Command) -> Iterator[Pull]:
        """What one command pulls or mentions; the variables that it sets have their values from then on."""
        raw = " ".join(self.text.text[part.start : part.stop] for word in command.words for part in word)
        heredocs = "".join(self.text.text[each.start : each.stop] for each in command.heredocs)
        names = dict.fromkeys(found[1] for found in islice(_NAME.finditer(f"{raw} {heredocs}"), _MAX_NAMES))
        assigned: list[tuple[Branch, str, Written]] = []
        optional = {found[1] for found in _DEFAULT.finditer(raw)}
        for branch, known in list(self.values.worlds(names, command.branch, optional)):
            yield from self._in_world(command, branch, known, assigned)
            for heredoc in command.heredocs:
                yield from self._heredoc(command, heredoc, known)
        self.values.set(command.branch, assigned)

    def _in_world(
        self, command: Command, branch: Branch, known: Known, assigned: list[tuple[Branch, str, Written]]
    ) -> Iterator[Pull]:
        words = command.words
        first = self._raw(words[0]) if words else ""
        if command.array or first == "for":
            fields = [each for word in words for each in self.values.fields(self.text, word, known)]
            if not command.array and len(fields) > 2:
                assigned += [((*command.branch, (next(self.loops), 0)), fields[1].text, each) for each in fields[3:]]
            yield from self._texts(fields, command.array)
            return
        at = int(first in _DECLARES)
        here: list[tuple[Branch, str, Written]] = []
        while first in _DECLARES and at < len(words) and self._raw(words[at]).startswith("-"):
            at += 1
        while at < len(words) and (found := _ASSIGNMENT.match(self._raw(words[at]))):
            value = self.values.whole(self.text, _from(words[at], found.end()), known)
            here.append((branch, found[1], value))
            yield from self._texts([value], found[1])
            at += 1
        if at == len(words) or first in _DECLARES:
            assigned += here
        else:
            yield from self._command(command, words[at:], known)

    def _command(self, command: Command, words: Iterable[Word], known: Known) -> Iterator[Pull]:
        fields = [each for word in words for each in self.values.fields(self.text, word, known)]
        does = meaning(fields)
        for image in does.images:
            if _MEANT.search(image.text) or (self.settings.tags and not ("@" in image.text or "$" in image.text)):
                yield Pull("command", does.name, image, does.platform)
        first = fields[0].text
        if first not in _PRINTS:
            yield from self._texts(does.others, "", known)
        elif not command.is_shown or (len(fields) == 2 and _REFERENCE.fullmatch(fields[1].text)):
            # Goes into a file or another command, or is what a function returns.
            yield from self._texts(fields[1:], "", known)

    def _texts(self, texts: Iterable[Written], name: str, known: Known | None = None) -> Iterator[Pull]:
        for each in texts:
            if known is not None and _HAS_COMMAND.search(each.text):
                yield from _pulls(each, known, self.settings, self.depth + 1)
            yield from mentioned(each, self.settings.path, name)

    def _heredoc(self, command: Command, heredoc: Heredoc, known: Known) -> Iterator[Pull]:
        body = self.text[heredoc.start : heredoc.stop]
        body = self.values.filled(body, known) if heredoc.expands else body
        bases = [self._raw(word) for word in command.words]
        if any(_SHELL.fullmatch(base) for base in bases) or bases[:1] == ["ssh"] or _SHEBANG.match(body.text):
            yield from _pulls(body, known, self.settings, self.depth + 1)
        elif bases[:1] != ["cat"] or not command.is_shown or _LOOKS_LIKE_A_FILE.search(body.text):
            yield from mentioned(body, self.settings.path)

    def _raw(self, word: Word) -> str:
        """The beginning of a word that is not quoted."""
        return self.text.text[word[0].start : word[0].stop] if word and not word[0].quote else ""


def _from(word: Word, length: int) -> Word:
    """A word without its first characters."""
    return (Part(word[0].start + length, word[0].stop), *word[1:])
