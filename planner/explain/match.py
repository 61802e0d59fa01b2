"""Finding a known phrase in a pasted message, by words in order: no pattern that hostile text could make slow.

A phrase is cut into words; its blanks ({digest}, `…`) stand for a few words of any kind. Punctuation, quotes and case
do not count, so that the same message is found in a terminal, in logfmt and in a Kubernetes event. Words that name
something (a digest, a path, a number) may stand in the text where the phrase has nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"""''|""|[\w{][\w./+@:{}…-]*|…|\.\.\.""", re.ASCII)
# The same lookup fails with one name or the other, as the document is Docker's or OCI's.
_LIST = re.compile(r"manifest list", re.IGNORECASE)
_GO_LIST = re.compile(r"\[\]string\{[^}]*\}")
_VOLATILE = re.compile(r"[/:@0-9…\"']")
_GAP = 3  # words that a blank stands for at most
_LONG_GAP = 12  # the same for `…`, and for words that name something
_LEAST_WORDS, _LEAST_LENGTH = 3, 16  # of a phrase that is there in part only
MAX_WORDS = 600


@dataclass(frozen=True, slots=True)
class Match:
    """How much of a phrase is in the text. `score` is the length of its fixed words that are.

    `is_whole`: every fixed word is there. `end` is the position of the word after the last one matched.
    """

    score: int
    is_whole: bool
    end: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase as words; `gaps[i]` is how many words may stand in front of `words[i]` because of a blank."""

    words: tuple[str, ...]
    gaps: tuple[int, ...]
    length: int

    @property
    def slack(self) -> int:
        """How many plain words of the text may be passed over in all."""
        return len(self.words) // 4


def words_of(text: str) -> list[str]:
    """The words of a message, at most MAX_WORDS."""
    text = _LIST.sub("image index", _GO_LIST.sub(" … ", text))
    words = (word.casefold().rstrip(".:…-") or "…" for word in _WORD.findall(text))
    return [word for word, _ in zip(words, range(MAX_WORDS), strict=False)]


@lru_cache(maxsize=4096)
def pattern_of(phrase: str) -> Pattern:
    """The phrase cut into words and blanks."""
    words: list[str] = []
    gaps: list[int] = []
    gap = 0
    for word in words_of(re.sub(r"\{(\w+)\}", r" {\1} ", phrase)):
        if "{" in word:
            gap += _GAP
        elif "…" in word or word.startswith("sha256"):
            gap += _LONG_GAP
        else:
            words.append(word)
            gaps.append(gap)
            gap = 0
    return Pattern(tuple(words), tuple(gaps), sum(map(len, words)))


def match(pattern: Pattern, text: Sequence[str], *, is_cut: bool = True) -> Match | None:
    """The best place of the phrase in the text, None if it is not there.

    With `is_cut` the text may also end, or begin, in the middle of the phrase, as where somebody copied a part of it.
    """
    if not pattern.words:
        return None
    starts = [(0, i) for i, word in enumerate(text) if word == pattern.words[0]]
    if is_cut and text:
        starts += [(j, 0) for j, word in enumerate(pattern.words) if j and word == text[0]]
    found = [match for j, i in starts if (match := _follow(pattern, j, text, i, is_cut))]
    return max(found, key=lambda m: (m.is_whole, m.score), default=None)


def _follow(pattern: Pattern, first: int, text: Sequence[str], start: int, is_cut: bool) -> Match | None:
    slack, at, score = pattern.slack, start, 0
    for number in range(first, len(pattern.words)):
        gap = pattern.gaps[number] if number > first else 0
        volatile = _LONG_GAP
        while at < len(text) and text[at] != pattern.words[number]:
            if _VOLATILE.search(text[at]) and volatile:
                volatile -= 1
            elif gap:
                gap -= 1
            elif slack:
                slack -= 1
            else:
                return None
            at += 1
        if at == len(text):
            matched = number - first
            if is_cut and matched >= _LEAST_WORDS and score >= _LEAST_LENGTH:
                return Match(score, is_whole=False, end=at)
            return None
        score += len(pattern.words[number])
        at += 1
    if not first:
        return Match(score, is_whole=True, end=at)
    matched = len(pattern.words) - first
    is_enough = matched >= _LEAST_WORDS and score >= _LEAST_LENGTH
    return Match(score, is_whole=False, end=at) if is_enough else None
