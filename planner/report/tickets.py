"""Change tickets as CSV: a row for each change of the plan, in the columns of the importer that reads them."""

from collections.abc import Callable
from csv import QUOTE_MINIMAL

from planner.errors import UsageError
from planner.knowledge.tickets import ticket_profiles
from planner.model.report import Report
from planner.model.ticket import PARTS, Column, Lines, Profile, Ticket
from planner.report.escape import MAX_CELL, formula_guarded, value_guarded
from planner.report.format import Format, Options, register_plan
from planner.report.ticket.text import tickets
from planner.report.ticket.words import fitted, joined, shortened

_BYTE_ORDER_MARK = "\ufeff"
_DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t", "\\t": "\t"}
Guard = Callable[[str], str]


def known_profile(name: str) -> str:
    """The name of a profile; UsageError, with those that there are, for any other text."""
    if name not in ticket_profiles():
        raise UsageError(f"there is no ticket profile {name!r}; there are {', '.join(ticket_profiles())}")
    return name


def delimiter(text: str) -> str:
    """The character that a `--csv-delimiter` names; UsageError for what no spreadsheet takes between cells."""
    if found := _DELIMITERS.get(text.lower()):
        return found
    raise UsageError(f"--csv-delimiter {text!r} cannot stand between cells; take one of , ; | TAB")


def render(report: Report, options: Options) -> str:
    """The tickets as RFC 4180 CSV: CRLF, the same number of fields in each row, one header row, in the plan's order.

    `options.profile` is the name of a known one. The byte-order mark is for files of profiles that people open in a
    spreadsheet; an importer takes it for a part of the first header.
    """
    import pandas as pd

    profile = ticket_profiles()[options.profile]
    rows = _rows(tickets(report), profile, _guard(profile))
    # object: whole numbers stay whole beside empty cells.
    table = pd.DataFrame(rows, columns=[column.header for column in profile.columns], dtype=object)
    text = table.to_csv(index=False, sep=options.delimiter, lineterminator="\r\n", quoting=QUOTE_MINIMAL)
    return (_BYTE_ORDER_MARK if options.bom and profile.spreadsheet else "") + text


def neutralised(report: Report, options: Options) -> int:
    """In how many cells an apostrophe stands that is not in the plan, since a spreadsheet would run or change them."""
    profile, made = ticket_profiles()[options.profile], tickets(report)
    guarded, raw = _rows(made, profile, _guard(profile)), _rows(made, profile, str)
    return sum(
        cell != bare for row, other in zip(guarded, raw, strict=True) for cell, bare in zip(row, other, strict=True)
    )


def _guard(profile: Profile) -> Guard:
    """No cell is a formula, whoever reads it; what looks like a number matters to spreadsheets alone.

    An importer would look for a host called '10.0.0.7 with the apostrophe, and find none.
    """
    return value_guarded if profile.spreadsheet else formula_guarded


def _rows(made: list[Ticket], profile: Profile, guard: Guard) -> list[list[str | int]]:
    return [[_cell(ticket, profile, column, guard) for column in profile.columns] for ticket in made]


def _cell(ticket: Ticket, profile: Profile, column: Column, guard: Guard) -> str | int:
    """The value of a column. Texts begin with words of ours, names are guarded each for itself."""
    limit = min(column.limit or MAX_CELL, MAX_CELL)
    value: str | int
    match column.holds:
        case "":
            value = column.text
        case "title":
            value = shortened(ticket.title, limit)
        case "body":
            value = _body(ticket, profile, limit)
        case "wave":
            value = "" if ticket.wave is None else ticket.wave
        case "wave_label":
            value = "" if ticket.wave is None else f"wave-{ticket.wave}"
        case "host_count":
            value = len(ticket.hosts)
        case "item":
            value = guard(shortened(ticket.items[0], limit)) if len(ticket.items) == 1 else ""
        case "items" | "hosts" | "depends_on" as names:
            value = joined(getattr(ticket, names), limit, guard)
        case "kind" | "risk" | "impact" | "priority" | "correlation_id" as word:
            value = str(getattr(ticket, word))
            value = column.choices[value] if column.choices else value
        case part:
            value = guard(fitted(getattr(ticket, part), limit))
    return value


def _body(ticket: Ticket, profile: Profile, limit: int) -> str:
    """All parts below their headings. Where they are too long together, the longest ones are cut, evenly."""
    parts = [(title, _literal(getattr(ticket, part), profile)) for part, title in PARTS.items()]
    frames = [(profile.heading.format(title=title), "", *filter(None, (profile.before,))) for title, _ in parts]
    around = sum(len("\n".join((*frame, profile.after))) + 3 for frame in frames)
    sizes = [len("\n".join(lines)) for _, lines in parts]
    room = _shares(sizes, limit - around)
    texts = [fitted(lines, share) for (_, lines), share in zip(parts, room, strict=True)]
    return "\n".join(
        "\n".join((*frame, text, *filter(None, (profile.after,)), ""))
        for frame, text in zip(frames, texts, strict=True)
    ).rstrip("\n")


def _literal(lines: Lines, profile: Profile) -> Lines:
    """Lines that the importer shows as they are: set in, and without what would end the block that they stand in."""
    plain = lines
    for text, instead in (profile.broken or {}).items():
        plain = tuple(line.replace(text, instead) for line in plain)
    return tuple(" " * profile.indent + line for line in plain)


def _shares(sizes: list[int], room: int) -> list[int]:
    """The room of each part: short ones take what they need, the others share the rest evenly."""
    shares = dict.fromkeys(range(len(sizes)), 0)
    for done, (size, part) in enumerate(sorted(zip(sizes, shares, strict=True))):
        shares[part] = min(size, room // (len(sizes) - done))
        room -= shares[part]
    return list(shares.values())


register_plan(Format("tickets", "change tickets as CSV, for ServiceNow, Jira and others", (), render))
