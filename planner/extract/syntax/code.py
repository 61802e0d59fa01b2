"""Strings, words and signs of programming languages, without comments; each knows where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from planner.extract.written import NOTHING, Written, written
from planner.model.source import SourceFile


@dataclass(frozen=True, slots=True)
class Language:
    """How a language writes comments and strings, as expressions.

    `string` leaves a string's content in its last group, which has a name. One that stays open ends at the line's
    end, or at the file's where it may have several lines, so that odd text does not hide the rest of the file.
    """

    comment: str
    string: str
    word: str = r"[A-Za-z_]\w*"

    def pattern(self) -> re.Pattern[str]:
        """One expression for a token of any kind."""
        kinds = rf"(?P<comment>{self.comment})|{self.string}|(?P<word>{self.word})|(?P<sign>[^\s\w])"
        return re.compile(kinds, re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A string, of which `start` and `stop` are those of its content, or a word or sign, which `word` then is."""

    start: int
    stop: int
    word: str = ""

    @property
    def is_string(self) -> bool:
        """Whether this is a string; an empty one is, too."""
        return not self.word


def tokens(source: SourceFile, language: re.Pattern[str]) -> list[Token]:
    """Every token of a file that is no comment, in order. Never fails."""
    return list(_tokens(source.text, language))


def _tokens(text: str, language: re.Pattern[str]) -> Iterator[Token]:
    for found in language.finditer(text):
        match found.lastgroup:
            case "comment":
                continue
            case "word" | "sign":
                yield Token(found.start(), found.end(), found[0])
            case str(group):
                yield Token(found.start(group), found.end(group))


def content(source: SourceFile, token: Token) -> Written:
    """What a string says, escapes as they are written."""
    return written(source, token.start, token.stop) if token.stop > token.start else NOTHING
