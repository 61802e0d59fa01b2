"""Which image of Windows a host gets, by build: rule by rule, and for real engines at both ends of each rule."""

import pytest

from planner.assess.builds import Undecided
from planner.assess.engine_view import EngineView, view
from planner.assess.select import choose
from planner.assess.shape import Entry, Shape
from planner.model import media_type as mt
from planner.model.engine import parse_version
from planner.model.platform import Platform
from tests.support.knowledge import KNOWLEDGE

SERVER_2019, SERVER_2022, BETWEEN, SERVER_2025 = "10.0.17763.1", "10.0.20348.1", "10.0.25398.1", "10.0.26100.1"


def index(*builds: str) -> Shape:
    entries = tuple(Entry(Platform("windows", "amd64", "", build), mt.SCHEMA2) for build in builds)
    return Shape(mt.MANIFEST_LIST, mt.MANIFEST_LIST, mt.MANIFEST_LIST, entries=entries)


def chosen(found: Shape, engine: EngineView, host: str) -> str | None:
    """The os.version of the entry that a host of this build gets."""
    entry = choose(found, engine, Platform("windows", "amd64", "", host))
    return entry.platform.os_version if entry and entry.platform else None


def rule(value: str) -> EngineView:
    engine = next(iter(KNOWLEDGE.engines.values()))
    rules = {"os-version": value, "amd64-variant": "ignored"}
    return EngineView(engine, engine.newest, "", "", frozenset(), frozenset(), {}, rules)


@pytest.mark.parametrize(
    ("value", "host", "expected"),
    [
        ("ignored", SERVER_2022, SERVER_2025),
        ("same-first", SERVER_2022, SERVER_2022),
        ("same-first", BETWEEN, SERVER_2025),
        ("not-newer", SERVER_2022, SERVER_2022),
        ("not-newer", BETWEEN, SERVER_2019),
        ("not-newer", "10.0.14393.1", None),
        ("same", SERVER_2022, SERVER_2022),
        ("same", BETWEEN, None),
        ("same-or-stable", BETWEEN, SERVER_2022),
        ("same-or-stable", SERVER_2019, SERVER_2019),
        ("same-or-stable", "10.0.19041.1", None),
    ],
)
def test_rules(value: str, host: str, expected: str | None) -> None:
    assert chosen(index(SERVER_2025, SERVER_2019, SERVER_2022), rule(value), host) == expected


def test_the_revision_does_not_count() -> None:
    assert chosen(index("10.0.20348.2322"), rule("same"), "10.0.20348.1") == "10.0.20348.2322"


@pytest.mark.parametrize("value", ["same", "not-newer", "same-or-stable", "same-first"])
def test_an_entry_without_a_build_fits_every_host(value: str) -> None:
    assert chosen(index(""), rule(value), "") == ""
    assert chosen(index("", SERVER_2025), rule(value), SERVER_2022) == ""


@pytest.mark.parametrize("value", ["same-first", "not-newer", "same", "same-or-stable", ""])
def test_an_unknown_build_or_rule_leaves_it_open(value: str) -> None:
    with pytest.raises(Undecided) as why:
        chosen(index(SERVER_2019, SERVER_2022), rule(value), "")
    assert why.value.cause == "windows-build"


def test_an_unknown_build_does_not_matter_where_it_only_orders() -> None:
    assert chosen(index(SERVER_2019), rule("same-first"), "") == SERVER_2019


@pytest.mark.parametrize("text", ["", "10.0", "ten.0.20348", "10.0.-1", "10.0.²", "10.0.99999999999999"])
def test_what_is_no_build_is_none(text: str) -> None:
    assert chosen(index(text), rule("same"), SERVER_2022) == text


@pytest.mark.parametrize(
    ("engine", "version", "host", "expected"),
    [
        ("docker", "17.09.0", SERVER_2019, SERVER_2025),
        ("docker", "17.09.1", SERVER_2019, SERVER_2019),
        ("docker", "17.09.1", BETWEEN, SERVER_2025),
        ("docker", "18.03.1", BETWEEN, SERVER_2025),
        ("docker", "18.04.0", BETWEEN, SERVER_2019),
        ("docker", "20.10.24", "10.0.14393.1", None),
        ("containerd", "1.4.13", BETWEEN, SERVER_2025),
        ("containerd", "1.5.0", BETWEEN, None),
        ("containerd", "1.6.22", BETWEEN, None),
        ("containerd", "1.6.23", BETWEEN, SERVER_2022),
        ("containerd", "1.6.39", BETWEEN, SERVER_2022),
        ("containerd", "1.7.0", BETWEEN, None),
        ("containerd", "1.7.5", BETWEEN, None),
        ("containerd", "1.7.6", BETWEEN, SERVER_2022),
        ("containerd", "2.3.4", BETWEEN, SERVER_2022),
    ],
)
def test_real_engines(engine: str, version: str, host: str, expected: str | None) -> None:
    known = KNOWLEDGE.engines[engine]
    found = view(known, parse_version(version), "graphdriver" if known.stores else "", "", frozenset())
    assert chosen(index(SERVER_2025, SERVER_2019, SERVER_2022), found, host) == expected
