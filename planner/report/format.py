"""What an output format is, and the register of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from planner.model.report import Report
from planner.report.escape import relative_uri


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked of the output; each format heeds what concerns it.

    `show_all`: also what pulls (JSON), no cap on the length (terminal). `per_host`: a row for each host instead of
    each finding (CSV). `bom`: begin with a byte-order mark, which Excel needs to read UTF-8 (CSV files, not stdout).
    `profile` is the importer that change tickets are for, and `delimiter` what stands between their cells. `base` is
    where the scanned folder is below the top of its repository (empty: it is the top, or that is not known): CI systems
    count paths from there.

    `colour`, `width` (in columns, 0: there is no window) and `height` (in lines) are the terminal's. `here` is where
    the scanned folder is from the current one, since that is what people and their terminals open files from; `links`
    the URI of the scanned folder where the terminal takes links, else empty. `commands` are what the user would type
    next by name (`plan`: `planner plan ./infra --hosts fleet.csv`), those alone that can follow this run; `settings`
    is the planner.toml that was read, empty: none.
    """

    show_all: bool = False
    per_host: bool = False
    bom: bool = False
    colour: bool = False
    width: int = 80
    profile: str = "generic"
    delimiter: str = ","
    base: str = ""
    height: int = 60
    here: str = ""
    links: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether lists are told to their end (terminal): as asked for, or where no window would scroll them away."""
        return self.show_all or not self.width

    def path(self, file: str) -> str:
        """A file of the report from the top of its repository."""
        return f"{self.base}/{file}" if self.base else file

    def from_here(self, file: str) -> str:
        """A file of the report from the current folder."""
        return f"{self.here.rstrip('/')}/{file}" if self.here else file

    def link(self, file: str) -> str:
        """The URI of a file of the report; empty where no links are made."""
        return f"{self.links}/{relative_uri(file)}" if self.links else ""


Render = Callable[[Report, Options], str]


@dataclass(frozen=True, slots=True)
class Format:
    """An output format. `suffixes` are those of its files, in lower case; `render` is pure and raises nothing.

    `render_list` writes a report that only lists references (`Report.is_list`); None where the format has no such form.
    `render_summary` writes what goes into the summary of a job where the CI system has such, beside the report itself.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    render: Render
    render_list: Render | None = None
    render_summary: Render | None = None


FORMATS: dict[str, Format] = {}
# Those of `planner plan`, whose reports have a plan.
PLAN_FORMATS: dict[str, Format] = {}

# Those of `planner diff`, whose reports are compared with an earlier one.
DIFF_FORMATS: dict[str, Format] = {}


def register(known: Format) -> None:
    """Make a format known under its name; a second one of that name is a programming error."""
    _register(known, FORMATS)


def register_plan(known: Format) -> None:
    """The same for a format of plans."""
    _register(known, PLAN_FORMATS)


def register_diff(known: Format) -> None:
    """The same for a format of comparisons."""
    _register(known, DIFF_FORMATS)


def _register(known: Format, formats: dict[str, Format]) -> None:
    if known.name in formats:
        raise ValueError(f"two formats are named {known.name}")
    formats[known.name] = known
