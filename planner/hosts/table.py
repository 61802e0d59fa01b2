"""One declared host in the words of planner.toml, which are also the columns of the CSV: checked and expanded."""

import re
from ast import literal_eval
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from planner.hosts.globs import checked_glob
from planner.model.engine import Software, parse_software
from planner.model.host import LINUX_AMD64, Host
from planner.model.platform import parse_platform
from planner.model.source import Problem

_RANGE = re.compile(r"\[(\d+|[a-z]|[A-Z]):(\d+|[a-z]|[A-Z])(?::(\d+))?\]", re.ASCII)
_VERSION = re.compile(r"v?\d[\w.+~-]*", re.ASCII)
_QUOTED_LIST = re.compile(r"""\[\s*["']""")
_MOST_HOSTS = 100_000
UNKNOWN_WORD = "is not a word that planner knows"
# Words for people who know the Kubernetes of a node rather than its engine; they stand for these.
_STANDS_FOR = {"kubernetes": "engine", "target_kubernetes": "target"}


class HostWords(BaseModel):
    """What is planned for hosts and how they are set up. Lists may also be one text, see _listed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    target: str = ""
    store: str = ""
    client: str = ""
    switches: list[str] = []
    runs: list[str] = []
    ring: int | None = None

    @field_validator("switches", "runs", "registry_config", "names", mode="before", check_fields=False)
    @classmethod
    def _split(cls, value: object) -> object:
        return _listed(value.strip()) if isinstance(value, str) else value

    @field_validator("ring", mode="before")
    @classmethod
    def _no_ring(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("runs")
    @classmethod
    def _below_the_root(cls, value: list[str]) -> list[str]:
        return [checked_glob(glob.removeprefix("./")) for glob in value]


class HostRow(HostWords):
    """A `[[hosts]]` table, or a row of a CSV.

    `kubernetes` and `target_kubernetes` name a distribution and its release (`eks 1.33`) in place of an engine.
    """

    name: str
    engine: str
    platform: str = str(LINUX_AMD64)
    registry_config: list[str] = []
    kubernetes: str = ""
    target_kubernetes: str = ""

    @model_validator(mode="before")
    @classmethod
    def _named_by_kubernetes(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        for word, meant in _STANDS_FOR.items():
            text = values.get(word)
            if not isinstance(text, str) or not text.strip():
                continue
            if values.get(meant):
                raise ValueError(f"{word} stands in place of {meant}; write one of them")
            if len(text.split()) < 2:
                raise ValueError(f'{word} is {text!r}; write the distribution and its release, such as "k3s 1.30.14"')
            values = {**values, meant: text}
        return values

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


def _listed(text: str) -> list[str]:
    """The parts of a list that is one text: a list of JSON or Python, else what semicolons separate, else blanks.

    Raises ValueError for what begins as such a list and is none. A glob may begin with a bracket, too: `[ab]/**`.
    """
    if _QUOTED_LIST.match(text):
        try:
            found = literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            found = None
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise ValueError(f'is {text[:80]!r}, which begins as a list and is none; write ["one", "other"]')
        return [each.strip() for each in found]
    return [part.strip() for part in text.split(";" if ";" in text else None) if part.strip()]


def words_of(row: type[BaseModel]) -> list[str]:
    """The words that a table knows, those first that are its own."""
    return sorted(row.model_fields, key=lambda word: word not in row.__annotations__)


def hosts_of(row: HostRow, source: str) -> Iterator[Host]:
    """The hosts of a row: `web-[01:12]` are twelve. Raises ValueError for a range that is none or too large.

    An engine that cannot be understood is kept as it is: its verdicts are `unknown`, see model.engine.Software.
    """
    for name in expand(row.name):
        yield _host(row, name, source)


def declared(words: Mapping[str, object], path: str, line: int) -> Host | Problem:
    """The host of a source that names each by itself, so that its name is no range; a Problem for what is wrong."""
    try:
        row = HostRow.model_validate(words)
    except ValidationError as error:
        place, why = complaint(error)
        name = words.get("name")
        whose = f"{name}: " if name and "name" not in place else ""
        return row_problem(path, line, f"{whose}{'.'.join(map(str, place))} {why}")
    return _host(row, row.name, f"{path}:{line}")


def row_problem(path: str, line: int, why: str) -> Problem:
    """A Problem for a place that declares hosts, none of which is judged."""
    text = f"{why}; the hosts it declares were not judged: correct it and run again"
    return Problem("file", path, "host-row", text, line)


def _host(row: HostRow, name: str, source: str) -> Host:
    return Host(
        name=name,
        engine=parse_software(row.engine),
        target=target_of(row.target, row.engine),
        store=row.store,
        client=row.client,
        switches=frozenset(row.switches),
        platform=parse_platform(row.platform),
        runs=tuple(row.runs),
        source=source,
        registry_config=tuple(row.registry_config),
        ring=row.ring,
    )


def target_of(target: str, engine: str) -> Software | None:
    """The planned upgrade; a version alone is one of what the host is declared with, where that is name and version."""
    words = engine.replace("://", " ").split()
    if _VERSION.fullmatch(target) and len(words) == 2:
        return parse_software(f"{words[0]} {target}")
    return parse_software(target) if target else None


def expand(name: str) -> list[str]:
    """Expand ranges as Ansible does: [01:12] keeps its zeros, [a:f] are letters, [1:9:2] steps.

    Raises ValueError for no host and for more than 100,000.
    """
    ranges = [_values(found, name) for found in _RANGE.finditer(name)]
    count = prod(map(len, ranges))
    if not 0 < count <= _MOST_HOSTS:
        raise ValueError(f"{name!r} names {'no' if not count else 'more than 100,000'} hosts")
    texts = _outside(name)
    return ["".join(map("".join, zip(texts, (*values, ""), strict=True))) for values in product(*ranges)]


def _outside(name: str) -> list[str]:
    """The text before, between and after the ranges."""
    ends = [0, *(found.end() for found in _RANGE.finditer(name))]
    starts = [*(found.start() for found in _RANGE.finditer(name)), len(name)]
    return [name[end:start] for end, start in zip(ends, starts, strict=True)]


def _values(found: re.Match[str], name: str) -> list[str]:
    """What stands for one range, up to one more than any range may have."""
    first, last, step = found[1], found[2], int(found[3] or 1)
    if (first.isdigit(), first.islower()) != (last.isdigit(), last.islower()) or step == 0:
        raise ValueError(f"{found[0]!r} in {name!r} is no range")
    if first.isdigit():
        numbers = range(int(first), int(last) + 1, step)
        return [str(number).zfill(len(first)) for number in numbers[: _MOST_HOSTS + 1]]
    return [chr(letter) for letter in range(ord(first), ord(last) + 1, step)]


def complaint(error: ValidationError) -> tuple[tuple[int | str, ...], str]:
    """Place and words of what is wrong. A misspelt word comes first: what it should have been is missing as well."""
    first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
    match first["type"]:
        case "extra_forbidden":
            words = UNKNOWN_WORD
        case "missing":
            words = "is missing"
        case "value_error":
            words = str(first["ctx"]["error"])
        case _:
            words = first["msg"].removeprefix("Input ")
    return first["loc"], words
