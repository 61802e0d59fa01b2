"""Ranges of host names expand as Ansible's do, within bounds, whatever is written."""

from hypothesis import given
from hypothesis import strategies as st

from planner.hosts import read_hosts
from planner.hosts.table import expand
from planner.model.host import Host
from planner.model.source import Problem, SourceFile
from planner.report.words import host_ranges

words = st.text("abz-._0", max_size=6)
ranges = st.tuples(st.integers(0, 200), st.integers(0, 30), st.integers(1, 7), st.integers(1, 4))


def spelled(first: int, more: int, step: int, width: int) -> tuple[str, list[str]]:
    """A range as it is written, and what it stands for."""
    numbers = [str(number).zfill(width) for number in range(first, first + more + 1, step)]
    return f"[{str(first).zfill(width)}:{first + more}{f':{step}' if step > 1 else ''}]", numbers


@given(words, ranges, words)
def test_a_range_is_each_of_its_numbers(before: str, numbers: tuple[int, int, int, int], after: str) -> None:
    text, values = spelled(*numbers)
    width = len(text[1:].partition(":")[0])
    assert expand(before + text + after) == [f"{before}{value.zfill(width)}{after}" for value in values]


@given(ranges, ranges)
def test_two_ranges_are_every_pair(left: tuple[int, int, int, int], right: tuple[int, int, int, int]) -> None:
    one, other = spelled(*left)[0], spelled(*right)[0]
    assert expand(f"{one}-{other}") == [f"{a}-{b}" for a in expand(one) for b in expand(other)]


@given(st.sampled_from("abcxyz"), st.sampled_from("abcxyz"))
def test_letters(first: str, last: str) -> None:
    try:
        names = expand(f"[{first}:{last}]")
    except ValueError:
        assert first > last
    else:
        assert names == [chr(letter) for letter in range(ord(first), ord(last) + 1)]


@given(st.text(st.sampled_from("ab[]:019Zé"), max_size=30))
def test_any_name_expands_within_bounds_or_is_refused(name: str) -> None:
    try:
        names = expand(name)
    except ValueError:
        return
    assert 0 < len(names) <= 100_000
    assert "[" in name or names == [name]


@given(words.filter(lambda text: not text[-1:].isdigit()), ranges)
def test_reports_fold_what_declarations_spread(before: str, numbers: tuple[int, int, int, int]) -> None:
    names = expand(before + spelled(numbers[0], numbers[1], 1, numbers[3])[0])
    assert [name for folded in host_ranges(names) for name in expand(folded)] == names


@given(st.text())
def test_any_text_is_hosts_or_problems(text: str) -> None:
    for found in read_hosts(SourceFile("fleet.csv", f"name,engine,platform,runs\n{text}")):
        assert isinstance(found, Host | Problem)


@given(st.text())
def test_any_file_is_hosts_or_problems(text: str) -> None:
    found = list(read_hosts(SourceFile("fleet.csv", text)))
    assert found or "name" in text, "a file without hosts is not passed over in silence"
