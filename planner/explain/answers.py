"""Which known phrases are in a message, and which of them tell most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planner.explain.match import Match, Pattern, match, pattern_of, words_of
from planner.explain.phrases import Phrase

# Below this share of the score of another phrase of the same software, a phrase only says the same less exactly.
_SHARE = 0.6
# Below this share of the best score, a phrase of other software says something more general.
_LEAST_SHARE = 0.3
# Phrases with fewer fixed characters stand in messages about anything.
_TELLING = 10
# Fixed characters of a part of a phrase that count in a log, where the line does not say that it is cut.
_PART = 40
# More causes than these behind one phrase, or fewer characters in its different words, and it is called generic.
GENERIC_CAUSES, GENERIC_LENGTH = 3, 16


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that is in the message."""

    phrase: Phrase
    match: Match


class Catalogue:
    """Every phrase of the knowledge, cut into words once, found by its rarest word where there are many lines."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._known: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            self._known.setdefault(phrase.text, []).append(phrase)
        self._patterns: dict[str, Pattern] = {text: pattern_of(text) for text in self._known}
        counts: dict[str, int] = {}
        for pattern in self._patterns.values():
            for word in set(pattern.words):
                counts[word] = counts.get(word, 0) + 1
        self._by_word: dict[str, list[str]] = {}
        for text, pattern in self._patterns.items():
            if pattern.words:
                rarest = min(pattern.words, key=lambda word: (counts[word], -len(word)))
                self._by_word.setdefault(rarest, []).append(text)

    def hits(self, message: str) -> tuple[Hit, ...]:
        """The phrases in a message that somebody pasted, whole or in part, the most telling first."""
        words = words_of(message)
        found = self._matched(self._patterns, words, is_cut=True)
        return _telling([hit for hit in found if _names_place(hit.phrase, message)])

    def hits_in_line(self, line: str) -> tuple[Hit, ...]:
        """The phrases in a line of a log, which is about anything: short phrases and short parts do not count."""
        words = words_of(line)
        likely = [text for word in self._by_word.keys() & set(words) for text in self._by_word[word]]
        is_cut = line.rstrip("\"' ").endswith(("…", "..."))
        found = self._matched(self._patterns if is_cut else likely, words, is_cut=True)
        least = _TELLING if is_cut else _PART
        return _telling(
            [
                hit
                for hit in found
                if hit.match.score >= (_TELLING if hit.match.is_whole else least) and _names_place(hit.phrase, line)
            ]
        )

    def _matched(self, texts: Iterable[str], words: Sequence[str], *, is_cut: bool) -> list[Hit]:
        found = ((text, match(self._patterns[text], words, is_cut=is_cut)) for text in texts)
        return [Hit(phrase, how) for text, how in found if how for phrase in self._known[text]]


def _names_place(phrase: Phrase, message: str) -> bool:
    return not phrase.places or any(place in message for place in phrase.places)


def _telling(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Whole phrases before parts, without those that are a coarser saying of the same thing."""
    hits = [hit for hit in hits if hit.match.is_whole] or hits
    best = max((hit.match.score for hit in hits), default=0)
    if best >= _TELLING:
        hits = [hit for hit in hits if hit.match.score >= max(_TELLING, _LEAST_SHARE * best)]
    kept = [hit for hit in hits if not any(_is_coarser(hit, other) for other in hits)]
    return tuple(sorted(kept, key=lambda hit: (-hit.match.score, hit.phrase.sayer.name)))


def _is_coarser(hit: Hit, other: Hit) -> bool:
    """Whether the same software says more than `hit` in the other phrase, in some of the same versions."""
    mine, its = hit.phrase.sayer, other.phrase.sayer
    return (
        hit.match.score < _SHARE * other.match.score
        and (mine.name, mine.where) == (its.name, its.where)
        and (mine.versions.high is None or its.versions.low is None or its.versions.low < mine.versions.high)
        and (its.versions.high is None or mine.versions.low is None or mine.versions.low < its.versions.high)
    )


def is_generic(hits: Sequence[Hit]) -> bool:
    """Whether the words alone do not tell what is wrong: too few of them, or too many causes that print them."""
    causes = {hit.phrase.cause for hit in hits if hit.phrase.cause}
    longest = max((sum(map(len, set(pattern_of(hit.phrase.text).words))) for hit in hits), default=0)
    return len(causes) > GENERIC_CAUSES or longest < GENERIC_LENGTH
