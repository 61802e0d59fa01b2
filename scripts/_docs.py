"""Writes the parts of the docs that the program itself knows, and share/; `--check` only compares.

A part stands between `<!-- generated: NAME -->` and `<!-- end of generated -->`, each alone on a line, in *.md or
docs/*.md. Every part of PARTS must stand somewhere, so that nothing new goes undocumented.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import _docs_ci as ci
import _docs_commands as command_line
import _docs_formats as formats
import _docs_knowledge as knowledge
import _share as share
from _docs_knowledge import code, table

from planner.errors import EXIT_MEANINGS
from planner.hosts import SOURCES
from planner.knowledge import load_knowledge
from planner.knowledge.tickets import ticket_profiles
from planner.model.ticket import HOLDS, Column
from planner.report import FORMATS as REPORT_FORMATS

ROOT = Path(__file__).resolve().parent.parent
BEGIN = re.compile(r"<!-- generated: (\S+) -->")
END = "<!-- end of generated -->"


class DocsError(Exception):
    """A marker without a partner, of an unknown name, or missing; the message says where."""


def report_formats() -> list[str]:
    """What `--format` takes."""
    known = sorted(REPORT_FORMATS.values(), key=lambda each: each.name)
    return table(
        ["`--format`", "gives", "for files named"],
        [(code([each.name]), each.title, code(f"*{suffix}" for suffix in each.suffixes)) for each in known],
    )


def engines() -> list[str]:
    """Engines, and how far the knowledge of each goes."""
    return table(
        ["engine", "also called", "from", "to", "stores", "clients"],
        [
            (code([each.name]), code(each.aliases), each.first, each.newest, code(each.stores), code(each.clients))
            for _, each in sorted(load_knowledge().engines.items())
        ],
    )


def registries() -> list[str]:
    """Registry software, and how far the knowledge of each goes."""
    return table(
        ["registry", "also called", "from", "to"],
        [
            (
                code([each.name]),
                code(each.aliases),
                *((each.span, "") if each.versionless else (each.first, each.newest)),
            )
            for _, each in sorted(load_knowledge().registries.items())
        ],
    )


def host_sources() -> list[str]:
    """The files that declare hosts."""
    return table(["source", "a file with"], [(code([each.name]), each.title) for _, each in sorted(SOURCES.items())])


def exit_codes() -> list[str]:
    """What `planner scan` returns."""
    return table(["exit code", "means"], [(each.value, meaning) for each, meaning in EXIT_MEANINGS.items()])


def ticket_columns() -> list[str]:
    """The columns of each ticket profile, what they hold, and from where that is known."""
    lines: list[str] = []
    for profile in ticket_profiles().values():
        longest = {column.header: f"{column.limit:,} characters" if column.limit else "" for column in profile.columns}
        lines += [f"### `{profile.name}`: {profile.title}", ""]
        lines += table(
            ["column", "holds", "at most"],
            [
                (code([column.header]), _held(column), longest[column.header] if column.holds else "")
                for column in profile.columns
            ],
        )
        lines += ["", "From: " + "; ".join(f"`{source}`" for source in profile.source), ""]
    return lines[:-1]


def _held(column: Column) -> str:
    words = "; ".join(f"{value}: `{word}`" for value, word in (column.choices or {}).items())
    return (HOLDS[column.holds] if column.holds else f"`{column.text}`, in every row") + (
        f" ({words})" if words else ""
    )


PARTS: dict[str, Callable[[], list[str]]] = {
    "host-sources": host_sources,
    "file-format-names": formats.names,
    "file-formats": formats.overview,
    "file-format-pages": formats.pages,
    "report-formats": report_formats,
    "engines": engines,
    "registries": registries,
    "engine-eras": knowledge.engines,
    "causes": knowledge.causes,
    "commands": command_line.pages,
    "files": command_line.files,
    "environment": command_line.environment,
    "exit-codes": exit_codes,
    "ticket-columns": ticket_columns,
    "action-inputs": ci.action_inputs,
    "gitlab-inputs": ci.gitlab_inputs,
}


def regenerate(text: str, where: str, parts: dict[str, list[str]]) -> tuple[str, set[str]]:
    """The text with its generated parts as they should be, and the names of those; raise DocsError for bad markers."""
    lines: list[str] = []
    seen: set[str] = set()
    name = ""
    for line in text.splitlines():
        begin = BEGIN.fullmatch(line)
        if begin and not name and begin[1] in parts:
            name = begin[1]
            lines += [line, "", *parts[name], ""]
        elif line == END and name:
            seen.add(name)
            name = ""
            lines.append(line)
        elif begin or line == END:
            raise DocsError(f"{where}: unexpected {line!r}; the parts are {', '.join(parts)}, each closed by {END!r}")
        elif not name:
            lines.append(line)
    if name:
        raise DocsError(f"{where}: the part {name} has no {END!r}")
    return "\n".join(lines) + "\n", seen


def main(arguments: list[str]) -> int:
    """Write or compare; 0 if all is (now) up to date, 1 if not."""
    check = arguments == ["--check"]
    if arguments and not check:
        sys.exit("usage: scripts/docs [--check]")
    parts = {name: make() for name, make in PARTS.items()}
    stale: list[str] = []
    missing = set(parts)
    for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]:
        name = path.relative_to(ROOT).as_posix()
        old = path.read_text("utf-8")
        new, seen = regenerate(old, name, parts)
        missing -= seen
        if new != old:
            stale.append(name)
            if not check:
                path.write_text(new, "utf-8")
    if missing:
        raise DocsError(f"no file has the generated part {', '.join(sorted(missing))}")
    for name, new in share.files().items():
        path = ROOT / name
        if not path.exists() or path.read_text("utf-8") != new:
            stale.append(name)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(new, "utf-8")
    for name in stale:
        print(f"{name}: out of date; run ./scripts/docs" if check else f"{name}: written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except DocsError as error:
        sys.exit(f"scripts/docs: {error}")
