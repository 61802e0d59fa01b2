"""Variables that are filled from others. Of Jinja planner knows `{{ name }}`; whatever else there is, is refused."""

import re

from planner.hosts.ansible.groups import Lookup, Member
from planner.hosts.tree import Value

_NAME = re.compile(r"\{\{-?\s*([A-Za-z_]\w*)\s*-?\}\}", re.ASCII)
_MARKS = ("{{", "{%", "{#")
_MOST_NAMES = 100  # that one value may bring in, those within others counted
_MAX_LENGTH = 10_000


def filled(lookup: Lookup, host: Member, name: str, variable: str) -> str | list[str] | None:
    """The value of a variable for the host of that name, a text or a list of texts; None where there is none.

    Raises ValueError, in words that begin a sentence, for what planner cannot fill or is no text.
    """
    filling = _Filling(lookup, host, name, variable)
    match lookup.value(host, variable):
        case None:
            return None
        case str(value):
            return filling.fill(value).strip()
        case list(values):
            return [filling.fill(filling.text(each)) for each in values]
        case _:
            raise ValueError(f"{variable} is neither a text nor a list of texts")


class _Filling:
    """One variable of one host while it is filled."""

    def __init__(self, lookup: Lookup, host: Member, name: str, variable: str) -> None:
        self._lookup, self._host, self._name, self._variable = lookup, host, name, variable
        self._names = 0

    def fill(self, text: str) -> str:
        if not any(mark in text for mark in _MARKS):
            return text
        done = _NAME.sub(self._fill_one, text)
        if any(mark in done for mark in _MARKS):
            raise ValueError(f"{self._variable} is {text[:80]!r}, and planner fills in nothing but names")
        return done

    def _fill_one(self, found: re.Match[str]) -> str:
        self._names += 1
        if self._names > _MOST_NAMES:
            raise ValueError(f"{self._variable} is filled from more than {_MOST_NAMES} variables, or from itself")
        if found[1] == "inventory_hostname":
            return self._name
        value = self._lookup.value(self._host, found[1])
        return self.fill(self.text(value, f"{self._variable} is filled from {found[1]}, which this file gives no text"))

    def text(self, value: Value, otherwise: str = "") -> str:
        if not isinstance(value, str) or len(value) > _MAX_LENGTH:
            raise ValueError(otherwise or f"{self._variable} is a list of what is no text")
        return value
