"""A page of the terminal: lines that fit the window, painted where colour is wanted."""

from collections.abc import Iterator, Sequence
from itertools import count

from planner.model.source import Problem
from planner.report.escape import visible
from planner.report.format import Options

# ANSI styles, only ever beside a word that says the same.
BOLD, DIM, UNSURE = "1", "2", "35"
_NARROWEST = 40
# Our own symbols, which take one column each: to know that, no table of widths has to be imported.
_NARROW = frozenset("✕▲✓→…")
# What a line may hold where there is no window, and `brief` is asked for.
_NO_WINDOW = 240
# Kinds of problems with files that are not below the scanned folder: --hosts, --offline, what --config names.
_ELSEWHERE = ("host", "no-host", "registry-config", "rule", "snapshot")
# Columns that a text wants beside a place.
_LEAST_TEXT = 24


class Page:
    """Lines of the output, folded at the window's width and painted. Nothing is folded where there is no window."""

    def __init__(self, options: Options) -> None:
        self.lines: list[str] = []
        self.width = max(options.width, _NARROWEST) if options.width else 0
        self.options = options

    def line(self, text: str, indent: int = 0, style: str = "", hang: int = 2) -> None:
        """Add `text`, folded between words; what follows the first line is set in by `hang` more columns.

        A word that is longer than the line stays whole, so that it can be copied.
        """
        self.lines.extend(self._paint(part, style) for part in fold(visible(text), self.width, indent, indent + hang))

    def brief(self, text: str, indent: int = 0, style: str = "", most: int = 2) -> None:
        """Add `text` on `most` lines, the rest cut off with a mark. With `show_all`, all of it."""
        if self.options.show_all:
            self.line(text, indent, style)
            return
        if self.width:
            shown = " ".join(fit(word, self.width - indent - 2) for word in visible(text).split(" "))
        else:
            shown = fit(visible(text), most * _NO_WINDOW)
        lines = list(fold(shown, self.width, indent, indent + 2))
        if len(lines) > most:
            lines = [*lines[: most - 1], fit(f"{lines[most - 1]} …", self.width)]
        self.lines.extend(self._paint(line, style) for line in lines)

    def at(self, place: str, text: str, indent: int = 0, style: str = "") -> None:
        """Add a place, which is never cut, and behind it as much of `text` as fits; below it where hardly any does."""
        where, said = visible(place), visible(text)
        room = self.width - indent - cells(where) - 2
        if self.width and room < (cells(said) if self.options.show_all else min(cells(said), _LEAST_TEXT)):
            self.lines.append(self._paint(" " * indent + where, style))
            self.brief(said, indent + 2, style, 1)
        else:
            if not self.options.is_whole:
                said = fit(said, room)
            self.lines.append(self._paint(f"{' ' * indent}{where}  {said}", style))

    def row(self, *parts: tuple[str, str], indent: int = 2, file: str = "") -> None:
        """Add cells of a table, each with its style. The first is a link to `file` where links are made."""
        (place, style), *others = parts
        first, gap = visible(place).rstrip(" "), len(place) - len(place.rstrip(" "))
        linked = self._paint(first, style)
        if target := self.options.link(file) if file else "":
            linked = f"\x1b]8;;{target}\x1b\\{linked}\x1b]8;;\x1b\\"
        rest = "".join(self._paint(visible(text), how) for text, how in others)
        self.lines.append(f"{' ' * indent}{linked}{' ' * gap}{rest}".rstrip(" "))

    def command(self, text: str, why: str) -> None:
        """Add what is to be typed next, on one line however long it is, below what it is for."""
        self.line(f"Next, {why}:", 0, DIM)
        self.lines.append(self._paint(f"  {visible(text)}", BOLD))

    def gap(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def problems(self, alike: Sequence[Problem], most: int = 1) -> None:
        """Add what could not be read or checked: the first `most` subjects, with their places, then why."""
        for problem in alike[:most]:
            place = f":{problem.line}:{problem.column}" if problem.line else ""
            if problem.about == "file" and not problem.kind.startswith(_ELSEWHERE):
                self.line(f"? file {self.options.from_here(problem.subject)}{place}", 2, UNSURE)
            else:
                self.brief(f"? {problem.about} {problem.subject}{place}", 2, UNSURE)
        if len(alike) > most:
            self.line(f"… and {len(alike) - most:,} more of which the same holds: --all", 2, DIM)
        self.line(alike[0].text, 4, hang=0)

    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines) + "\n"

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if style and self.options.colour else text


def cells(text: str) -> int:
    """How many columns a text takes that `visible` has made safe: two for an ideograph, none for a combining accent."""
    if text.isascii() or all(c.isascii() or c in _NARROW for c in text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, width: int) -> str:
    """The text, or as much of it as `width` columns hold with a mark at its end."""
    if cells(text) <= width:
        return text
    taken = text[:width]
    while taken and cells(taken) > width - 1:
        taken = taken[:-1]
    return f"{taken.rstrip(' ')}…"


def pad(text: str, width: int) -> str:
    """The text, and spaces up to `width` columns."""
    return text + " " * (width - cells(text))


def fold(text: str, width: int, first: int = 0, after: int = 0) -> Iterator[str]:
    """Lines of at most `width` columns (0: there is no bound), broken between words and set in by `first`, `after`."""
    line, taken, indents = "", 0, (first if n == 0 else after for n in count())
    for word in filter(None, text.split(" ")):
        size = cells(word)
        if line and width and taken + 1 + size > width:
            yield line
            line = ""
        if line:
            line, taken = f"{line} {word}", taken + 1 + size
        else:
            indent = next(indents)
            line, taken = " " * indent + word, indent + size
    if line:
        yield line
