"""What an output format is, and the register of them."""

from collections.abc import Callable
from dataclasses import dataclass

from planner.model.report import Report


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked of the output; each format heeds what concerns it.

    `show_all`: also what pulls (JSON), no cap on the length (terminal). `per_host`: a row for each host instead of
    each finding (CSV). `bom`: begin with a byte-order mark, which Excel needs to read UTF-8 (CSV files, not stdout).
    `colour` and `width` (in columns) are the terminal's.
    """

    show_all: bool = False
    per_host: bool = False
    bom: bool = False
    colour: bool = False
    width: int = 80


Render = Callable[[Report, Options], str]


@dataclass(frozen=True, slots=True)
class Format:
    """An output format. `suffixes` are those of its files, in lower case; `render` is pure and raises nothing.

    `render_list` writes a report that only lists references (`Report.is_list`); None where the format has no such form.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    render: Render
    render_list: Render | None = None


FORMATS: dict[str, Format] = {}


def register(known: Format) -> None:
    """Make a format known under its name; a second one of that name is a programming error."""
    if known.name in FORMATS:
        raise ValueError(f"two formats are named {known.name}")
    FORMATS[known.name] = known
