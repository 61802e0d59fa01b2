"""The axis of a version window: in order, whole, and a host's mark where its version pulls exactly if it does."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.model.engine import Range, Version, parse_range, parse_version
from planner.report.page.chart import NARROWEST, Label, axis, mark_labels

SMALL = st.builds(
    Version,
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 1)),
    st.sampled_from([(5, 0), (4, 1)]),
    st.sampled_from(["", "", "20.10.24-ee-5+packaged1"]),
)


def _ordered(known: Range) -> bool:
    """A range that knowledge could have: with one upper end at most, that is above the lower."""
    ends = [end for end in (known.high, known.last) if end]
    return len(ends) < 2 and all(known.low is None or known.low < end for end in ends)


RANGES = st.lists(
    st.builds(Range, st.none() | SMALL, st.none() | SMALL, st.none() | SMALL).filter(_ordered), max_size=3
)
HOSTS = st.lists(SMALL, max_size=6)


def _ranges(*texts: str) -> list[Range]:
    return [parse_range(text) for text in texts]


@settings(max_examples=60, deadline=None)
@given(RANGES, st.none() | SMALL, HOSTS)
def test_a_mark_is_in_a_filled_segment_exactly_if_its_version_pulls(
    ranges: list[Range], newest: Version | None, hosts: list[Version]
) -> None:
    drawn = axis(ranges, newest, hosts)
    assert set(drawn.places) == set(hosts)
    for version, at in drawn.places.items():
        (segment,) = (s for s in drawn.segments if s.start < at < s.end)
        expected = None if newest and version > newest else any(version in known for known in ranges)
        assert segment.pulls is expected is drawn.pulls(version)


@settings(max_examples=60, deadline=None)
@given(RANGES, st.none() | SMALL, HOSTS)
def test_segments_are_in_order_and_cover_the_axis(
    ranges: list[Range], newest: Version | None, hosts: list[Version]
) -> None:
    drawn = axis(ranges, newest, hosts)
    assert (drawn.segments[0].start, drawn.segments[-1].end) == (0.0, 1.0)
    assert all(one.end == other.start and one.pulls is not other.pulls for one, other in pairwise(drawn.segments))
    assert all(segment.start < segment.end for segment in drawn.segments)
    assert len(drawn.labels) == len(drawn.segments) - 1
    places = [drawn.places[version] for version in sorted(drawn.places)]
    assert places == sorted(set(places))
    _apart(drawn.labels)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 24).map(lambda n: n / 25), st.text("1.", max_size=20)), min_size=1, max_size=2)
)
def test_no_label_covers_another_or_leaves_the_axis(marks: list[tuple[float, str]]) -> None:
    labels = mark_labels(marks)
    assert [label.at for label in labels] == [at for at, _ in marks]
    _apart(labels)
    assert all(label.span[0] >= 0 and label.span[1] <= NARROWEST for label in labels)


def _apart(labels: tuple[Label, ...]) -> None:
    for one, other in combinations(labels, 2):
        (_, end), (start, _) = sorted((one.span, other.span))
        assert one.level != other.level or end <= start


def test_an_axis_by_example() -> None:
    hosts = [parse_version("17.03.2-ce"), parse_version("20.10.24"), parse_version("30.1.0")]
    drawn = axis(_ranges(">=18.06.0,<19.03.0", ">=19.03.5,<=29.7.2"), parse_version("29.7.2"), hosts)
    assert [segment.pulls for segment in drawn.segments] == [False, True, False, True, None]
    # Seven versions at equal distances.
    assert [round(segment.end * 8, 6) for segment in drawn.segments] == [2, 3, 4, 6, 8]
    assert [round(at * 8, 6) for at in drawn.places.values()] == [1, 5, 7]
    assert [label.text for label in drawn.labels] == ["18.06.0", "19.03.0", "19.03.5", "29.7.2"]
    assert [drawn.pulls(version) for version in hosts] == [False, True, None]


def test_a_host_at_a_boundary_is_beyond_it_and_the_newest_is_known() -> None:
    at_the_cut, newest = parse_version("28.2.0"), parse_version("29.7.2")
    drawn = axis(_ranges("<28.2.0"), newest, [at_the_cut, newest])
    assert [segment.pulls for segment in drawn.segments] == [True, False, None]
    assert all(drawn.segments[1].start < at < drawn.segments[1].end for at in drawn.places.values())


@pytest.mark.parametrize(("ranges", "pulls"), [((), [False]), (("*",), [True]), ((">=1.0.0", "<2.0.0"), [True])])
def test_where_nothing_changes_there_is_nothing_to_label(ranges: tuple[str, ...], pulls: list[bool]) -> None:
    drawn = axis(_ranges(*ranges), None, [])
    assert ([segment.pulls for segment in drawn.segments], drawn.labels) == (pulls, ())
