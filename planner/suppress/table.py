"""`[[ignore]]` and `[policy]` of planner.toml, checked. Imported only where there is such a file, as is declared.py."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, StrictBool, field_validator, model_validator

from planner.hosts.globs import checked_glob
from planner.model.suppression import EVERY, Rule, Suppression
from planner.suppress.expiry import day

_HEADER = re.compile(r"[ \t]*\[\[[ \t]*(?:tool[ \t]*\.[ \t]*planner[ \t]*\.[ \t]*)?ignore[ \t]*\]\]")


class IgnoreRow(BaseModel):
    """An `[[ignore]]` table: which findings do not count, and why. What is not set fits everything.

    `cause` is an id, several, or "*". `image` and `host` are globs, `path` is one as `runs` has them. `expires` is the
    last day on which it holds, an ISO date with or without quotes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    cause: list[str] = [EVERY]
    image: str = ""
    path: str = ""
    host: str = ""
    reason: str
    owner: str = ""
    expires: date | None = None

    @field_validator("cause", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        found = [value] if isinstance(value, str) else value
        if isinstance(found, list) and (not found or any(isinstance(c, str) and not c.strip() for c in found)):
            raise ValueError('is empty; name a cause of docs/causes.md, or "*"')
        return found

    @field_validator("path")
    @classmethod
    def _below_the_root(cls, value: str) -> str:
        return checked_glob(value.removeprefix("./")) if value else ""

    @field_validator("reason")
    @classmethod
    def _given(cls, value: str) -> str:
        if not value:
            raise ValueError("is empty; say why these findings are accepted")
        return value

    @field_validator("expires", mode="before")
    @classmethod
    def _a_day(cls, value: object) -> object:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        return day(value if isinstance(value, str) else str(value))

    @model_validator(mode="after")
    def _narrowed(self) -> "IgnoreRow":
        if not (self.image or self.path or self.host or "cause" in self.model_fields_set):
            raise ValueError("says nothing of which findings it is for; set cause, image, path or host")
        return self


class PolicyRow(BaseModel):
    """The `[policy]` table. `ignore_must_expire`: suppressions without a date do not work."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ignore_must_expire: StrictBool = False


def rules_of(rows: Sequence[IgnoreRow], name: str, text: str) -> Iterator[Rule]:
    """The rules of a settings file of that name and text, each with the line of its header where that can be told."""
    lines = [number for number, line in enumerate(text.split("\n"), 1) if _HEADER.match(line)]
    known = len(lines) == len(rows)
    for n, row in enumerate(rows):
        told = Suppression(name, lines[n] if known else 0, row.reason, row.owner, row.expires)
        yield Rule(told, tuple(row.cause), row.image, row.path, row.host)
