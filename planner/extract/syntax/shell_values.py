"""The variables of a script, by the branch in which they were set, and the words that they are filled into."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from planner.extract.syntax.shell import expand
from planner.extract.syntax.shell_commands import Branch, Part, Word
from planner.extract.written import NOTHING, Piece, Written

_MAX_ALTERNATIVES = 16  # values of one variable
_MAX_FILLED = 1024 * 1024  # characters that variables may bring into one script
_MAX_PARTS = 100  # of a word, between its quotes
_MAX_PIECES = 16
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WORDS = re.compile(r"\S+")
_OUTPUT = "$(?)"  # of a command in a word: nobody knows it here

Known = Mapping[str, Written]
_ByBranch = dict[Branch, Written]


@dataclass(slots=True)
class Values:
    """What variables hold: `given` from outside, `later` where a function uses what is set after it."""

    given: Known
    later: Mapping[str, _ByBranch] = field(default_factory=dict)
    by_name: dict[str, _ByBranch] = field(default_factory=dict)
    left: int = _MAX_FILLED

    def worlds(
        self, names: Iterable[str], branch: Branch, optional: Collection[str] = ()
    ) -> Iterator[tuple[Branch, dict[str, Written]]]:
        """Each combination of values that some variables may have together at `branch`, with where it comes from.

        Those of `optional` may have none as well, where no value of theirs is sure.
        """
        possible = {name: values for name in names if (values := self._at(name, branch))}
        branches = dict.fromkeys(each for values in possible.values() for each in values)
        told: set[tuple[int, ...]] = set()
        for world in branches or {branch: None}:
            chosen = {name: values[_nearest(values, world)] for name, values in possible.items()}
            key = tuple(id(value) for value in chosen.values())
            if key not in told and len(told) < _MAX_ALTERNATIVES:
                told.add(key)
                yield world, chosen
        unsure = {
            each for each in optional if each in possible and not any(_holds(at, branch) for at in possible[each])
        }
        if unsure:
            yield (
                branch,
                {name: values[_nearest(values, branch)] for name, values in possible.items() if name not in unsure},
            )

    def _at(self, name: str, branch: Branch) -> _ByBranch:
        """The values that a variable may have at `branch`: the one that is sure, and those of branches before."""
        values = self.by_name.get(name) or self.later.get(name)
        if not values:
            return {(): self.given[name]} if name in self.given else {}
        around = [each for each in values if _holds(each, branch)]
        sure = max(around, key=len, default=None)
        return {
            each: value
            for each, value in values.items()
            if each == sure or (each not in around and _may_both(each, branch))
        }

    def set(self, branch: Branch, values: Iterable[tuple[Branch, str, Written]]) -> None:
        """Set variables at `branch`; a value may depend on the branch from which others came."""
        values = list(values)
        for name in {name for _, name, _ in values}:
            kept = self.by_name.get(name, {})
            self.by_name[name] = {each: value for each, value in kept.items() if each[: len(branch)] != branch}
        for world, name, value in values:
            if len(self.by_name[name]) < _MAX_ALTERNATIVES:
                self.by_name[name][branch if _holds(world, branch) else world] = value

    def fields(self, text: Written, word: Word, known: Known) -> list[Written]:
        """A word without quotes and with variables filled in; outside of quotes, spaces in values divide it."""
        if len(word) > _MAX_PARTS:
            return [text[word[0].start : word[-1].stop]]
        found = [NOTHING]
        for part in word:
            value = self._part(text, part, known)
            if part.quote or not value.text[:1].strip() or len(value.text) == part.stop - part.start:
                found[-1] += value
            else:
                words = [value[each.start() : each.end()] for each in _WORDS.finditer(value.text)]
                found[-1] += words[0] if words else NOTHING
                found += words[1:]
        return found

    def whole(self, text: Written, word: Word, known: Known) -> Written:
        """A word as the value of a variable: spaces do not divide it."""
        if len(word) > _MAX_PARTS:
            return text[word[0].start : word[-1].stop]
        return sum((self._part(text, part, known) for part in word), NOTHING)

    def _part(self, text: Written, part: Part, known: Known) -> Written:
        if part.stop == part.start:
            return NOTHING
        written = text[part.start : part.stop]
        if part.quote == "(":
            first = written.pieces[0]
            return Written((Piece(first.source, _OUTPUT, [first.offsets[0]] * len(_OUTPUT)),))
        return written if part.quote == "'" else self.filled(written, known)

    def filled(self, written: Written, known: Known) -> Written:
        """Text as in double quotes: with variables, and without the backslashes that keep characters."""
        if "$" in written.text and self.left > 0:
            written = _joined(expand(written, known))
            self.left -= len(written.text)
        if "\\" not in written.text:
            return written
        result = NOTHING
        position = 0
        for found in _ESCAPED.finditer(written.text):
            if len(result.pieces) > _MAX_PARTS:
                break
            kept = "" if found[1] in "\r\n" else found[1]
            result += written[position : found.start()] + written[found.end() - len(kept) : found.end()]
            position = found.end()
        return result + written[position:]


def _joined(text: Written) -> Written:
    """Text of many pieces with those of one file in one: each further step goes through all pieces."""
    if len(text.pieces) <= _MAX_PIECES:
        return text
    runs = [list(run) for _, run in groupby(text.pieces, lambda piece: id(piece.source))]
    return Written(
        tuple(
            Piece(run[0].source, "".join(piece.text for piece in run), [at for piece in run for at in piece.offsets])
            for run in runs
        )
    )


def _nearest(values: _ByBranch, world: Branch) -> Branch:
    """Where the value comes from that goes with what was set at `world`."""
    return max(values, key=lambda each: (_may_both(each, world), _shared(each, world)))


def _shared(one: Branch, other: Branch) -> int:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count


def _may_both(one: Branch, other: Branch) -> bool:
    """Whether both may run: not two turns of one block."""
    count = _shared(one, other)
    return count in (len(one), len(other)) or one[count][0] != other[count][0]


def _holds(outer: Branch, inner: Branch) -> bool:
    """Whether what was set at `outer` holds at `inner`."""
    return inner[: len(outer)] == outer
