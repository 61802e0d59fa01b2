"""One declared host in the words of planner.toml, which are also the columns of the CSV: checked and expanded."""

import re
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, field_validator

from planner.model.engine import parse_software
from planner.model.host import LINUX_AMD64, Host
from planner.model.platform import parse_platform

_RANGE = re.compile(r"\[(\d+|[a-z]|[A-Z]):(\d+|[a-z]|[A-Z])(?::(\d+))?\]")
_MOST_HOSTS = 100_000


class HostRow(BaseModel):
    """A `[[hosts]]` table. Lists may also be written as one text with spaces or semicolons, as in a CSV cell."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str
    engine: str
    target: str = ""
    store: str = ""
    client: str = ""
    switches: list[str] = []
    platform: str = str(LINUX_AMD64)
    runs: list[str] = []

    @field_validator("switches", "runs", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        separator = ";" if isinstance(value, str) and ";" in value else None
        return [part.strip() for part in value.split(separator)] if isinstance(value, str) else value

    @field_validator("platform")
    @classmethod
    def _known_platform(cls, value: str) -> str:
        return str(parse_platform(value or str(LINUX_AMD64)))

    @field_validator("name", "engine")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        if not value:
            raise ValueError("must not be empty")
        return value


def hosts_of(row: HostRow, source: str) -> Iterator[Host]:
    """The hosts of a row: `web-[01:12]` are twelve. Raises ValueError for a range that is none or too large.

    An engine that cannot be understood is kept as it is: its verdicts are `unknown`, see model.engine.Software.
    """
    for name in expand(row.name):
        yield Host(
            name=name,
            engine=parse_software(row.engine),
            target=parse_software(row.target) if row.target else None,
            store=row.store,
            client=row.client,
            switches=frozenset(row.switches),
            platform=parse_platform(row.platform),
            runs=tuple(row.runs),
            source=source,
        )


def expand(name: str) -> list[str]:
    """Expand ranges as Ansible does: [01:12] keeps its zeros, [a:f] are letters, [1:9:2] steps."""
    found = _RANGE.search(name)
    if not found:
        return [name]
    first, last, step = found[1], found[2], int(found[3] or 1)
    if first.isdigit() != last.isdigit() or step == 0:
        raise ValueError(f"{found[0]!r} in {name!r} is no range")
    if first.isdigit():
        numbers = range(int(first), int(last) + 1, step)
        middle = [str(number).zfill(len(first)) for number in numbers[: _MOST_HOSTS + 1]]
    else:
        middle = [chr(letter) for letter in range(ord(first), ord(last) + 1, step)]
    names = [rest for part in middle for rest in expand(name[: found.start()] + part + name[found.end() :])]
    if not 0 < len(names) <= _MOST_HOSTS:
        raise ValueError(f"{name!r} names {'no' if not names else 'more than 100,000'} hosts")
    return names
