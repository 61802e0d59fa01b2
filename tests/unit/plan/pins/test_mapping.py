"""mapping.csv: what is written is read back, and rows that cannot be followed are told with their lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.occurrence import Occurrence
from planner.model.plan import Move, Plan, Step, StepKind
from planner.model.reference import parse_reference
from planner.model.report import Report
from planner.plan.pins.mapping import moves, read_mapping, write_mapping
from planner.report import PLAN_FORMATS, Options

A, B, C = (f"sha256:{number:064x}" for number in (10, 11, 12))
OLD, NEW = parse_reference(f"reg.example/app:1.2@{A}"), parse_reference(f"reg.example/app@{B}")
HEADER = "old_reference,new_reference,why,files,wave\r\n"
# A file's name may hold anything but NUL and "/", and no part of it is lost; names of white space alone are none.
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1).filter(str.strip)
MOVES = st.builds(
    Move,
    st.just(OLD),
    st.just(NEW),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.lists(NAMES, max_size=4).map(tuple),
    st.one_of(st.none(), st.integers(1, 999)),
)


@given(st.lists(MOVES, max_size=5))
def test_what_is_written_is_read_back(written: list[Move]) -> None:
    assert read_mapping(write_mapping(written)) == (written, [])


def test_form() -> None:
    text = write_mapping([Move(OLD, NEW, '=1+1, "so"', ("a;b/c.yml", "-x\\y.yml"), 2)])
    assert text == f'{HEADER}{OLD},{NEW},"\'=1+1, ""so""",a\\;b/c.yml;-x\\\\y.yml,2\r\n'


def test_a_move_of_many_files_takes_several_rows() -> None:
    move = Move(OLD, NEW, "why", tuple(f"{'folder/' * 20}{number}.yml" for number in range(600)))
    text = write_mapping([move])
    assert max(map(len, text.split(","))) < 32_767
    found, problems = read_mapping(text)
    assert not problems
    assert tuple(file for each in found for file in each.files) == move.files


def test_a_hand_written_file_is_read() -> None:
    text = f"\ufeffnew_reference;ticket;old_reference\nreg.example/app@{B};CHG1;reg.example/app@{A}\n\n"
    assert read_mapping(text) == ([Move(parse_reference(f"reg.example/app@{A}"), NEW, "")], [])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"reg.example/app:1,{NEW},,,", "old_reference 'reg.example/app:1' has no digest"),
        (f"{OLD},reg.example/app:1,,,", "new_reference 'reg.example/app:1' has no digest"),
        (f"{OLD},,,,", "no new_reference yet"),
        (f"{OLD},reg.example/App@{B},,,", "must be lower-case"),
        (f"{OLD},reg.example/app@{A},,,", "nothing to move"),
        (f"{OLD},{NEW},,,first", "'first' is no wave"),
        (f"{OLD},{NEW},,,,,x", "more cells than the header"),
    ],
)
def test_a_wrong_row_is_a_problem_and_the_rest_counts(row: str, said: str) -> None:
    found, problems = read_mapping(f'{HEADER}{OLD},{NEW},"two\nlines",,\r\n{row}\r\n{OLD},{NEW},last,,\r\n')
    assert [move.why for move in found] == ["two\nlines", "last"]
    assert [(problem.line, problem.kind) for problem in problems] == [(4, "mapping-row")]
    assert said in problems[0].text


def test_two_places_for_one_pin() -> None:
    other = f"reg.example/app@{C}"
    rows = [
        f"{OLD},{NEW},,a.yml;b.yml,1",
        f"{OLD},{other},,b.yml,1",  # clashes with the first
        f"{OLD},{other},,c.yml,1",
        f"{OLD},{other},,a.yml,2",
    ]
    found, problems = read_mapping(HEADER + "\r\n".join(rows))
    assert [problem.line for problem in problems] == [2, 3]
    assert "line 3" in problems[0].text
    assert [(move.files, move.wave) for move in found] == [(("c.yml",), 1), (("a.yml",), 2)]


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("a,b\n", 1), (f'{HEADER}"{OLD}"x,{NEW},,,\n', 2), (f"old_reference,{HEADER}", 1)],
)
def test_a_file_that_is_no_mapping(text: str, line: int) -> None:
    found, problems = read_mapping(text)
    assert (found, [problem.line for problem in problems]) == ([], [line])


def test_of_a_plan() -> None:
    place = Occurrence(".env", 1, 5, "compose", "service", "web", str(OLD), OLD, used_in="compose.yml")
    step = Step(2, StepKind.REPIN, ("h",), "", "", "why", (place, place), OLD, parse_reference(f"m.example/app:x@{B}"))
    unknown = Step(2, StepKind.REPIN, ("h",), "", "", "why", (), OLD, parse_reference("m.example/app:x"))
    convert = Step(1, StepKind.CONVERT, ("h",), "", "", "why", (), OLD, parse_reference(f"m.example/app@{B}"))
    plan = Plan(feasible=True, steps=(convert, step, unknown))
    moved = Move(OLD, parse_reference(f"m.example/app:1.2@{B}"), "why", ("compose.yml",), 2)
    assert list(moves(plan)) == [moved]
    report = Report.__new__(Report)
    object.__setattr__(report, "plan", plan)
    assert PLAN_FORMATS["mapping"].render(report, Options()) == write_mapping([moved])
