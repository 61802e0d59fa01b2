"""Hosts from a CSV: one bad row hides no good one, and what is not understood is said."""

import pytest

from planner.hosts import SOURCES, read_hosts
from planner.model.host import Host
from planner.model.platform import Platform
from planner.model.source import Problem, SourceFile


def read(text: str, path: str = "fleet.csv") -> tuple[list[Host], list[Problem]]:
    found = list(read_hosts(SourceFile(path, text)))
    return [one for one in found if isinstance(one, Host)], [one for one in found if isinstance(one, Problem)]


def names(text: str) -> list[str]:
    hosts, problems = read(text)
    assert not problems
    return [host.name for host in hosts]


def test_every_column() -> None:
    hosts, problems = read(
        "name,engine,target,store,client,switches,platform,runs\n"
        "db-[1:2],containerd 1.7.27,containerd 2.1.4,,ctr,--local,linux/arm/v7,db/** shared/a.yml\n"
    )
    assert problems == []
    assert [host.name for host in hosts] == ["db-1", "db-2"]
    assert (str(hosts[0].engine), str(hosts[0].target)) == ("containerd 1.7.27", "containerd 2.1.4")
    assert (hosts[0].store, hosts[0].client, hosts[0].switches) == ("", "ctr", frozenset({"--local"}))
    assert (hosts[0].platform, hosts[0].runs) == (Platform("linux", "arm", "v7"), ("db/**", "shared/a.yml"))
    assert hosts[0].source == "fleet.csv:2"


@pytest.mark.parametrize(
    "text",
    [
        "name,engine\na,docker 20.10.24\n",
        "engine,name\ndocker 20.10.24,a\n",
        "name;engine\na;docker 20.10.24\n",
        " name , engine \n a , docker 20.10.24 \n",
        "\ufeffname,engine\r\na,docker 20.10.24\r\n",
        'name,engine\n"a","docker 20.10.24"',
        "name,engine\n\n,\na,docker 20.10.24\n\n",
        "name,engine,target\na,docker 20.10.24\n",
        "name,engine\na,docker 20.10.24,,\n",
    ],
    ids=["plain", "order", "semicolons", "spaces", "excel", "quotes", "empty-rows", "short-row", "trailing-commas"],
)
def test_what_spreadsheets_write(text: str) -> None:
    assert names(text) == ["a"]


def test_semicolons_within_a_cell() -> None:
    hosts, _ = read('name;engine;runs\na;docker 20.10.24;"x/**; with space/**"\n')
    assert hosts[0].runs == ("x/**", "with space/**")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,docker 20.10.24,x", "more cells than the header"),
        ("a,", "engine is missing"),
        (",docker 20.10.24", "name is missing"),
        ("a[3:1],docker 20.10.24", "names no hosts"),
    ],
)
def test_a_bad_row_hides_no_good_one(row: str, words: str) -> None:
    hosts, problems = read(f"name,engine\nfirst,docker 1.9.1\n{row}\nlast,docker 29.0.0\n")
    assert [host.name for host in hosts] == ["first", "last"]
    assert [(p.about, p.subject, p.kind, p.line) for p in problems] == [("file", "fleet.csv", "host-row", 3)]
    assert words in problems[0].text
    assert "correct it and run again" in problems[0].text


def test_a_bad_glob() -> None:
    hosts, problems = read("name,engine,runs\na,docker 1.9.1,!\n")
    assert hosts == []
    assert "runs '!' is no glob as .gitignore has them" in problems[0].text


def test_a_bad_platform() -> None:
    hosts, problems = read("name,engine,platform\na,docker 1.9.1,amd64\n")
    assert hosts == []
    assert "platform 'amd64' is no platform" in problems[0].text


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("", "the header lacks engine and name"),
        ("name", "the header lacks engine"),
        ("Name,Engine", "the header lacks engine and name"),
        ("name,name,engine", "the header has name twice"),
    ],
)
def test_a_header_that_cannot_be_read(header: str, words: str) -> None:
    hosts, problems = read(f"{header}\na,docker 1.9.1\n" if header else "")
    assert (hosts, [problem.line for problem in problems]) == ([], [1])
    assert words in problems[0].text


def test_a_column_that_is_not_known_is_said_once_and_costs_no_host() -> None:
    hosts, problems = read("name,engine,taget\na,docker 1.9.1,docker 29.0.0\nb,docker 1.9.1,docker 29.0.0\n")
    assert [(host.name, host.target) for host in hosts] == [("a", None), ("b", None)]
    assert [(problem.kind, problem.line) for problem in problems] == [("host-column", 1)]
    assert "'taget' is no column" in problems[0].text
    assert "target" in problems[0].text


def test_a_quote_that_is_not_closed() -> None:
    hosts, problems = read('name,engine\na,docker 1.9.1\n"b,docker 1.9.1\nc,docker 1.9.1\n')
    assert [host.name for host in hosts] == ["a"]
    assert "the rows from here on were not read" in problems[0].text


@pytest.mark.parametrize("text", ["\0", '"', "x" * 200_000 + ",name,engine\n", "\n\n\n", ";;;\n"])
def test_rubbish_is_a_problem(text: str) -> None:
    hosts, problems = read(text)
    assert hosts == []
    assert problems


def test_a_file_that_no_source_claims() -> None:
    hosts, problems = read("<hosts/>", "fleet.xml")
    assert (hosts, [problem.kind for problem in problems]) == ([], ["host-source"])
    for source in SOURCES.values():
        assert source.title in problems[0].text
