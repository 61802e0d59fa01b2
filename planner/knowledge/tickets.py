"""What importers of change tickets read: the TOML files in `tickets/`, one for each profile."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from planner.knowledge.document import read_document
from planner.knowledge.mistakes import validated
from planner.knowledge.schema import Sources
from planner.model.ticket import HOLDS, Column, Kind, Level, Profile

_FOLDER = Path(__file__).with_name("tickets")
# Whose cells are one of a few words, which an importer may have words of its own for.
_VALUES: Mapping[str, type[Kind | Level]] = {"kind": Kind, "risk": Level, "impact": Level, "priority": Level}


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnTable(_Table):
    """One `[[column]]`."""

    header: Annotated[str, Field(min_length=1)]
    holds: str = ""
    text: str = ""
    limit: Annotated[int, Field(ge=0)] = 0
    choices: dict[str, str] | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if bool(self.holds) == bool(self.text):
            raise ValueError(f"column {self.header}: write either holds or text")
        if self.holds and self.holds not in HOLDS:
            raise ValueError(f"column {self.header} holds {self.holds!r}; there are {', '.join(HOLDS)}")
        values = {value.value for value in _VALUES.get(self.holds, ())}
        if self.choices is not None and set(self.choices) != values:
            raise ValueError(f"column {self.header}: choices need a word for each of {', '.join(sorted(values))}")
        return self


class ProfileFile(_Table):
    """A file of `tickets/`."""

    name: str
    title: str
    source: Sources
    spreadsheet: bool = False
    heading: str = "{title}"
    before: str = ""
    after: str = ""
    indent: Annotated[int, Field(ge=0, le=8)] = 0
    broken: dict[str, str] = {}
    column: Annotated[list[ColumnTable], Field(min_length=1)]


@cache
def ticket_profiles() -> Mapping[str, Profile]:
    """The profiles by name. Raises KnowledgeError where a file is not as it must be, with the line of each mistake."""
    files = (validated(read_document(path), ProfileFile) for path in sorted(_FOLDER.glob("*.toml")))
    return {file.name: _profile(file) for file in files}


def _profile(file: ProfileFile) -> Profile:
    members = {name: getattr(file, name) for name in type(file).model_fields if name not in ("column", "source")}
    columns = (Column(**{name: getattr(table, name) for name in type(table).model_fields}) for table in file.column)
    return Profile(**members, columns=tuple(columns), source=tuple(file.source))
