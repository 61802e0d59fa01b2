"""Eras, spans of versions and the width of text: what people read of the knowledge."""

from itertools import pairwise
from pathlib import Path

import pytest

from planner.explain.course import courses
from planner.explain.eras import eras, kinds, switches, table
from planner.explain.layout import wrapped
from planner.explain.spans import span, spans
from planner.model.engine import Version, parse_range, parse_version
from tests.support.command import run
from tests.support.knowledge import KNOWLEDGE

# Typed from the facts about Docker's releases: kind of image, release, what it does with it by digest.
DOCKER = [
    ("schema 1", "1.9.1", "pulls"),
    ("schema 2", "1.9.1", "no"),
    ("schema 2", "1.10.0", "pulls"),
    ("list", "1.9.1", "no"),
    ("OCI", "18.03.1", "no"),
    ("OCI", "18.06.0", "pulls"),
    ("OCI", "19.03.4", "no"),  # the regression of 19.03.0 to 19.03.4
    ("OCI", "19.03.5", "pulls"),
    ("index", "19.03.4", "no"),
    ("zstd", "20.10.27", "no"),
    ("zstd", "23.0.0", "pulls"),
    ("schema 1", "25.0.17", "warns"),
    ("schema 1", "26.0.0", "switch"),
    ("schema 1", "28.1.1", "switch"),
    ("schema 1", "28.2.0", "no"),
]


@pytest.mark.parametrize(("kind", "release", "expected"), DOCKER)
def test_the_eras_of_docker(kind: str, release: str, expected: str) -> None:
    course = courses(KNOWLEDGE, "docker")[0]
    era = next(era for era in eras(course) if parse_version(release) in era.versions)
    assert era.cells[list(kinds()).index(kind)] == expected


@pytest.mark.parametrize("name", list(KNOWLEDGE.engines))
def test_every_engine_has_eras_that_fit_the_screen(name: str) -> None:
    for course in courses(KNOWLEDGE, name):
        lines = list(table(course))
        assert len(lines) > 2
        assert all(len(line) <= 88 for line in lines)
        rows = eras(course)
        assert all(before.cells != after.cells for before, after in pairwise(rows))
        assert "pulls" in rows[-1].cells


def test_engines_shows_eras_before_boundaries(tmp_path: Path) -> None:
    done = run("engines", "docker", home=tmp_path)
    assert "  1.10.0 to 18.05.0       pulls" in done.out
    assert done.out.index("schema 1 schema 2") < done.out.index("DOCKER_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE")
    assert done.out.index("Settings that re-enable") < done.out.index("Every boundary")


def test_switches_name_the_last_release_in_which_they_work() -> None:
    found = {(s.where, s.versions): s for s in switches(KNOWLEDGE.engines["docker"]) if s.need == "schema1"}
    assert found["graphdriver", "26.0.0 to 28.1.1"].last == "28.1.1"
    both = found["containerd", "28.0.0 to 28.1.1"]
    assert len(both.names) == 2


def versions(text: str) -> tuple[Version, ...]:
    return tuple(parse_version(word) for word in text.split())


RELEASES = versions("1.6.0 1.6.2 1.8.0 1.8.3 1.9.1 1.10.0 2.0.0")
FIRST, NEWEST = versions("1.6.0 2.0.0")


@pytest.mark.parametrize(
    ("text", "listed", "unlisted"),
    [
        (">=1.8.0,<1.8.3", "1.8.0", "1.8.0 to 1.8.2"),
        (">=1.8.3,<1.10.0", "1.8.3 to 1.9.1", "1.8.3 to 1.9.x"),
        (">=1.6.0,<1.7.0", "1.6.x", "1.6.x"),
        ("<1.8.0", "1.6.0 to 1.6.2", "1.6.0 to 1.7.x"),
        (">=1.8.3,<2.0.0", "1.8.3 to 1.10.0", "1.8.3 to before 2.0.0"),
        (">=1.10.0", "1.10.0 to 2.0.0", "1.10.0 to 2.0.0"),
        (">=1.10.0,<3.0.0", "1.10.0 to 2.0.0", "1.10.0 to 2.0.0"),
        ("*", "1.6.0 to 2.0.0", "1.6.0 to 2.0.0"),
    ],
)
def test_ranges_in_words(text: str, listed: str, unlisted: str) -> None:
    assert span(parse_range(text), FIRST, NEWEST, RELEASES) == listed
    assert span(parse_range(text), FIRST, NEWEST) == unlisted


def test_ranges_that_touch_are_one() -> None:
    ranges = [parse_range(text) for text in (">=1.9.1,<1.10.0", ">=1.8.3,<1.9.1", ">=2.0.0")]
    assert spans(ranges, FIRST, NEWEST, RELEASES) == "1.8.3 to 1.9.1, 2.0.0"


def test_long_lines_go_on_below_their_column() -> None:
    line = f"  1.8.0 to 1.8.2  breaks  {'word ' * 20}`skopeo copy a b` sha256:{'ab' * 60}"
    parts = wrapped(line, 60)
    assert parts[0].startswith("  1.8.0 to 1.8.2  breaks  word")
    assert all(part.startswith(" " * 26) for part in parts[1:])
    assert "`skopeo copy a b`" in "\n".join(parts)
    assert all(len(part) <= 60 for part in parts if "sha256" not in part)
    assert " ".join(" ".join(parts).split()) == " ".join(line.split())
    assert wrapped("short", 60) == ["short"]
