"""Versions that pull in both of two reports."""

import pytest

from planner.merge.windows import common


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ([">=1.10.0,<28.2.0"], [">=1.6.0,<29.0.0"], [">=1.10.0,<28.2.0"]),
        ([">=1.10.0,<=29.7.2"], [">=1.6.0,<=29.6.0"], [">=1.10.0,<=29.6.0"]),
        ([">=1.10.0,<=29.7.2"], [">=1.6.0,<29.7.2"], [">=1.10.0,<29.7.2"]),
        ([">=1.10.0,<=29.6.0"], [">=1.6.0,<29.7.2"], [">=1.10.0,<=29.6.0"]),
        (["<1.6.0", ">=2.0.0"], [">=1.0.0,<2.1.0"], [">=1.0.0,<1.6.0", ">=2.0.0,<2.1.0"]),
        (["<1.6.0"], [">=1.6.0"], []),
        ([">=1.6.0,<=1.6.0"], [">=1.6.0"], [">=1.6.0,<=1.6.0"]),
        (["every version"], [">=2.0.0"], [">=2.0.0"]),
        (["every version"], ["every version"], ["every version"]),
        ([">=2.0.0"], [], []),
    ],
)
def test_what_pulls_in_both(one: list[str], other: list[str], both: list[str]) -> None:
    assert common(one, other) == common(other, one) == tuple(both)
