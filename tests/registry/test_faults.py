"""Faults of registries, through the real planner: each ends in time, is told apart, and a rerun asks for it alone.

What each ends in is the table of docs/reliability.md; `./scripts/accept` writes it, and it is compared here.
"""

import contextlib
import functools
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from planner.model.resolution import State
from planner.resolve import answer, cache, process, registry_api, registry_session, skopeo, tokens, transport
from planner.resolve.opening import Opening
from tests.support.fault_runs import RESOLVERS, Met, Outcome, has_ipv6, meet, patience, skopeo_says
from tests.support.tools import require_tool

DOCS = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- written by ./scripts/accept: faults -->", "<!-- end of faults -->"
TO_DO = re.compile(
    r"run again|log in|check its|check HTTPS_PROXY|see what|install|re-pin|--resolver http|insecure = true"
)


@pytest.fixture(scope="module")
def all_met(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Met]:
    """The faults as each resolver met them, both at the same time: most of it is waiting."""
    require_tool("skopeo")
    folders = [tmp_path_factory.mktemp(resolver) for resolver in RESOLVERS]
    timeout = patience(tmp_path_factory.mktemp("patience"))
    with contextlib.ExitStack() as stack, ThreadPoolExecutor() as pool:
        meeting = functools.partial(meet, stack=stack, timeout=timeout)
        return dict(zip(RESOLVERS, pool.map(meeting, RESOLVERS, folders), strict=True))


@pytest.fixture(scope="module", params=RESOLVERS)
def met(request: pytest.FixtureRequest, all_met: dict[str, Met]) -> Met:
    return all_met[request.param]


def test_a_run_ends_in_time(met: Met) -> None:
    # Three starts at a time, on a machine that may be busy; what hangs here does so for minutes.
    assert met.seconds < 3 * met.timeout + 10


def test_the_exit_code_tells(met: Met) -> None:
    assert {code: done.code for code, done in met.runs.items()} == {code: code for code in met.runs}


def test_what_the_registry_serves_well_is_answered_all_the_same_and_not_asked_for_again(met: Met) -> None:
    # A registry that wants no requests for three thousand years is asked nothing else.
    others = {name: states for name, states in met.good.items() if states != ("resolved", 0)}
    assert others in ({}, {"429, absurd": ("rate-limited", 2)})


def test_each_fault_has_a_problem_with_words_that_say_what_to_do(met: Met) -> None:
    for name, outcome in met.outcomes.items():
        if outcome.exit:
            assert outcome.text or outcome.verdict == "breaks", name
        if outcome.text:
            assert TO_DO.search(outcome.text), f"{name}: {outcome.text}"
            assert "Error" not in outcome.text.partition("skopeo: ")[0].replace("ClientResponseError", ""), outcome.text


def test_nothing_that_was_not_seen_pulls(met: Met) -> None:
    for name, outcome in met.outcomes.items():
        if outcome.state != State.RESOLVED:
            assert outcome.verdict in ("breaks", "unknown"), name
        assert (outcome.exit == 0) <= (outcome.verdict == "pulls"), name


def test_a_rerun_when_the_fault_is_gone_finishes_what_is_missing(met: Met) -> None:
    for name, outcome in met.outcomes.items():
        # A wrong header is looked at again (by http, which sees it): it decides too, and no digest vouches for it.
        if outcome.state_after == State.RESOLVED and name != "wrong header":
            finished = outcome.exit == 0 or name == "child 404"  # which counts for five minutes
            assert outcome.asked_again is not finished, name
    ends = {name: outcome.state_after for name, outcome in met.outcomes.items()}
    # The one is kept for five minutes, the other is no fault of the registry, as is a host that skopeo does not take.
    lasting = {"404": "missing", "large manifest": "too-large"}
    others = {name: state for name, state in ends.items() if state != State.RESOLVED and name != "IPv6"}
    assert others == lasting


def test_the_docs_say_what_happens(all_met: dict[str, Met]) -> None:
    rows = list(_table(all_met["http"], all_met["skopeo"]))
    text = DOCS.read_text("utf-8")
    before, _, rest = text.partition(f"{BEGIN}\n")
    table, _, after = rest.partition(f"{END}\n")
    assert END in rest, f"{DOCS.name} has no part between {BEGIN} and {END}"
    if os.environ.get("PLANNER_ACCEPT"):
        assert has_ipv6(), "one row needs a machine with ::1"
        DOCS.write_text(f"{before}{BEGIN}\n\n" + "".join(f"{row}\n" for row in rows) + f"\n{END}\n{after}", "utf-8")
        return
    written = [line for line in table.splitlines() if line]
    if not has_ipv6():
        print("this machine has no ::1, so the row IPv6 was not checked")
        written = [line for line in written if not line.startswith("| IPv6 ")]
    if "1.9.3" not in skopeo_says("--version"):
        print("skopeo is not the 1.9.3 of the docs, so what it does was not compared")
        written, rows = _without_skopeo(written), _without_skopeo(rows)
    assert written == rows, "read the difference; if it is right: ./scripts/accept -k docs_say"


def _without_skopeo(rows: list[str]) -> list[str]:
    return [row.rsplit(" | ", 2)[0] for row in rows]


def test_the_docs_have_the_bounds_of_the_code() -> None:
    text = DOCS.read_text("utf-8")
    opening = Opening()
    seconds, kill = f"{opening.timeout:.0f} seconds", f"{skopeo._GRACE:.0f} until it is killed"
    waits = f"{registry_session._FIRST_WAIT} seconds apart to {registry_session._LONGEST_WAIT:.0f}"
    in_vain = f"1 while the last {registry_session._IN_VAIN} questions were in vain"
    for bound in (
        f"| {seconds}, with its token, redirects, waits, retries, and GET after HEAD | {seconds}, and {kill} |",
        f"| time for a connection | {transport._CONNECT_SECONDS:.0f} seconds |",
        f"| attempts | {registry_session._ATTEMPTS}, from {waits}, with jitter; {in_vain} |",
        f"| redirects | {transport._REDIRECTS}, ",
        f"| size of a manifest, unpacked | {registry_api.MANIFEST_LIMIT >> 20} MiB |",
        f"| size of a config | {answer.BODY_LIMIT >> 20} MiB |",
        f"| size of a token | {tokens._TOKEN_LIMIT >> 20} MiB |",
        f"| questions at a time, `--jobs` | {replace(opening, http=True).at_a_time} | {opening.at_a_time} |",
        f"| to one registry, `--jobs-per-registry` | {opening.per_registry} | {opening.per_registry} |",
        f"what is missing, for {cache.MISSING_SECONDS // 60} minutes",
        f"of stderr the last {process._STDERR_LIMIT >> 10} KiB count",
    ):
        assert bound in text, bound


def _table(http: Met, skopeo: Met) -> Iterator[str]:
    yield "| fault | the registry | `--resolver http` | skopeo | a rerun when it is gone |"
    yield "| --- | --- | --- | --- | --- |"
    for name, case in sorted(http.cases.items(), key=lambda item: item[0].lower()):
        both = [met.outcomes[name] for met in (http, skopeo)]
        again = [_again(outcome) for outcome in both]
        rerun = again[0] if again[0] == again[1] else f"http {again[0]}; skopeo {again[1]}"
        yield f"| {name} | {case.what} | {_cell(both[0])} | {_cell(both[1])} | {rerun} |"


def _cell(outcome: Outcome) -> str:
    return f"`{outcome.state}`: {outcome.verdict}, exit {outcome.exit}"


def _again(outcome: Outcome) -> str:
    asks = "asks again" if outcome.asked_again else "asks nothing"
    return f"{asks}: `{outcome.state_after}`"
