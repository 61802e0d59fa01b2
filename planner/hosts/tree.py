"""YAML and JSON as plain values whose mappings know their line. Scalars are texts: nobody asks what is a number."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from json.decoder import JSONObject  # type: ignore[attr-defined]  # not in the stubs, but in every CPython
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import TypeAlias

import yaml

from planner.hosts.table import row_problem
from planner.model.source import Problem, SourceFile

_MAX_DEPTH = 200
_MAX_MERGED = 200_000  # keys that the merge keys of one file may bring in
_MAX_FAILED = 20
_NULLS = ("", "~", "null", "Null", "NULL")
_TEXT_TAGS = ("", "!", "!unsafe")  # the last is Ansible's, for texts that are no templates
_NEXT_OBJECT = re.compile(r"^[ \t]*\{", re.MULTILINE)
_SPACE = re.compile(r"\s*")


class Table(dict[str, "Value"]):
    """A mapping. `line` is where it begins, in YAML where its first key stands; 1-based. `lines` are those of keys."""

    def __init__(self, line: int = 0) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """Where a key stands; in JSON, where its value begins if that is an object, else where the mapping does."""
        value = self.get(key)
        return self.lines.get(key) or (value.line if isinstance(value, Table) else self.line)


Value: TypeAlias = str | list["Value"] | Table | None


def documents(source: SourceFile) -> Iterator[Value | Problem]:
    """Each document of a YAML stream, or each JSON value of a file that has one after the other.

    A Problem for what does not parse: of JSON, reading goes on at the next line that begins an object; of YAML what
    came before it was given. Bounded in depth; aliases share what they name, and cannot name what is around them.
    """
    text = source.text.removeprefix("\ufeff")
    return json_values(source) if text.lstrip()[:1] in ("{", "[") else _yaml(source.path, text)


def json_values(source: SourceFile) -> Iterator[Value | Problem]:
    """As `documents`, of a file that is known to be JSON, whatever its first lines are."""
    return _json(source.path, source.text.removeprefix("\ufeff"))


def table(value: Value, *keys: str) -> Table:
    """The mapping below `keys`; an empty one where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Table) else None
    return value if isinstance(value, Table) else Table()


def text(value: Value, *keys: str) -> str:
    """The scalar below `keys`; empty where there is none."""
    *above, last = keys or ("",)
    value = table(value, *above).get(last) if keys else value
    return value.strip() if isinstance(value, str) else ""


class _Decoder(json.JSONDecoder):
    """JSON whose objects are Tables. The scanner in C cannot tell where an object begins, the one in Python can."""

    def __init__(self, text: str) -> None:
        super().__init__(parse_int=str, parse_float=str, parse_constant=str)
        self._line_ends = [found.start() for found in re.finditer("\n", text)]
        self.parse_object = self._object
        self.scan_once = py_make_scanner(self)

    def line(self, offset: int) -> int:
        return bisect_right(self._line_ends, offset - 1) + 1

    def _object(self, start: tuple[str, int], *rest: object) -> tuple[Table, int]:
        pairs, end = JSONObject(start, *rest)
        found = Table(self.line(start[1] - 1))
        found.update({key: _plain(value) for key, value in pairs.items()})
        return found, end


def _plain(value: object) -> Value:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return [_plain(each) for each in value]
        case str() | Table():
            return value
        case _:
            return None


def _json(path: str, text: str) -> Iterator[Value | Problem]:
    decoder, at, failed = _Decoder(text), 0, 0
    while (at := _SPACE.match(text, at).end()) < len(text):  # type: ignore[union-attr]  # it matches everywhere
        try:
            value, at = decoder.raw_decode(text, at)
            yield _plain(value)
            continue
        except json.JSONDecodeError as error:
            line, why = decoder.line(error.pos), f"no JSON ({error.msg})"
        except RecursionError:
            line, why = decoder.line(at), "nested too deep"
        failed += 1
        following = _NEXT_OBJECT.search(text, text.find("\n", at)) if "\n" in text[at:] else None
        if following is None or failed == _MAX_FAILED:
            yield row_problem(path, line, f"{why}, nothing was read from here on")
            return
        yield row_problem(path, line, f"{why}, reading went on at line {decoder.line(following.start())}")
        at = following.start()


def _yaml(path: str, text: str) -> Iterator[Value | Problem]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    line = 1
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=loader):
            line = event.start_mark.line + 1 if event.start_mark else line
            if isinstance(event, yaml.DocumentStartEvent):
                builder = _Builder(builder.merged)
            elif isinstance(event, yaml.DocumentEndEvent):
                yield builder.root
            else:
                builder.take(event, line)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        words = " ".join(filter(None, (getattr(error, "context", ""), getattr(error, "problem", ""))))
        where = mark.line + 1 if mark else line
        yield row_problem(path, where, f"no YAML ({words or 'not text'}), nothing was read from here on")
    except ValueError as error:
        yield row_problem(path, line, f"{error}, nothing was read from here on")


def _scalar(event: yaml.ScalarEvent, line: int) -> Value:
    """A text, or nothing. What a tag makes something else, as `!vault` does, is a mapping with it: no text at all."""
    tag = event.tag or ""
    if tag in _TEXT_TAGS or tag.startswith("tag:yaml.org,"):
        is_null = event.style is None and event.value in _NULLS and event.tag is None
        return None if is_null else str(event.value)
    meant = Table(line)
    meant[tag] = str(event.value)
    return meant


class _Builder:
    """One document put together of its events, without recursion: whoever nests too deep gets a ValueError."""

    def __init__(self, merged: int = 0) -> None:
        self.root: Value = None
        self.merged = merged
        self._open: list[tuple[Table | list[Value], str | None]] = []  # with the anchor that is given when it is closed
        self._keys: list[str | None] = []  # of each open mapping the key that waits for its value
        self._anchors: dict[str, Value] = {}

    def take(self, event: yaml.Event, line: int) -> None:
        match event:
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                if len(self._open) >= _MAX_DEPTH:
                    raise ValueError(f"nested more than {_MAX_DEPTH} deep")
                opened: Table | list[Value] = Table(line) if isinstance(event, yaml.MappingStartEvent) else []
                self._open.append((opened, event.anchor))
                self._keys.append(None)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                closed, anchor = self._open.pop()
                self._keys.pop()
                self._put(closed, anchor, line)
            case yaml.ScalarEvent():
                self._put(_scalar(event, line), event.anchor, line)
            case yaml.AliasEvent():
                if event.anchor not in self._anchors:
                    raise ValueError(f"the alias *{event.anchor} names nothing that is complete")
                self._put(self._anchors[event.anchor], None, line)

    def _put(self, value: Value, anchor: str | None, line: int) -> None:
        if anchor:
            self._anchors[anchor] = value
        if not self._open:
            self.root = value
            return
        around, key = self._open[-1][0], self._keys[-1]
        if isinstance(around, list):
            around.append(value)
        elif key is None:
            self._keys[-1] = name = value if isinstance(value, str) else ""
            around.lines[name] = line
        else:
            self._keys[-1] = None
            self._set(around, key, value)

    def _set(self, around: Table, key: str, value: Value) -> None:
        """Set a key; a merge key brings in what the mapping does not have. Own keys that follow win by themselves."""
        if key != "<<":
            around[key] = value
            return
        for each in value if isinstance(value, list) else [value]:
            brought = table(each)
            self.merged += len(brought)
            if self.merged > _MAX_MERGED:
                raise ValueError(f"its merge keys bring in more than {_MAX_MERGED:,} keys")
            for name, inner in brought.items():
                around.setdefault(name, inner)
