"""A page of the terminal: lines that fit the window, painted where colour is wanted."""

from textwrap import wrap

from planner.model.source import Problem
from planner.report.escape import visible
from planner.report.format import Options

# ANSI styles, only ever beside a word that says the same.
BOLD, DIM, UNSURE = "1", "2", "35"
_NARROWEST = 40


class Page:
    """Lines of the output, wrapped and painted."""

    def __init__(self, options: Options) -> None:
        self.lines: list[str] = []
        self._width = max(options.width, _NARROWEST)
        self._colour = options.colour

    def line(self, text: str, indent: int = 0, style: str = "", hang: int = 2) -> None:
        """Add `text`, wrapped at the width; what follows the first line is set in by `hang` more columns."""
        folded = wrap(
            visible(text),
            self._width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_long_words=False,
            break_on_hyphens=False,
        )
        self.lines.extend(self._paint(part, style) for part in folded)

    def gap(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def problem(self, problem: Problem) -> None:
        """Add what could not be read or checked, with its place."""
        place = f":{problem.line}:{problem.column}" if problem.line else ""
        self.line(f"? {problem.about} {problem.subject}{place}", 2, UNSURE)
        self.line(problem.text, 4, hang=0)

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if style and self._colour else text
