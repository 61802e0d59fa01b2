"""Faults of registries, through the real planner: each ends in time, is told apart, and a rerun asks for it alone.

What each ends in is the table of docs/reliability.md; `./scripts/accept` writes it, and it is compared here.
"""

import contextlib
import os
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from planner.model.resolution import State
from tests.support.command import Done, run, write_compose
from tests.support.faults import BAD, CONTENT, FAULTS, GOOD, moved
from tests.support.raw_server import Behaviour, Peer, RawServer, certificate, healthy, serving, shelf
from tests.support.tools import require_tool

RESOLVERS = ("http", "skopeo")
TIMEOUT = 5.0
GRACE = 25.0  # seconds for three starts of planner on a busy machine; what hangs here does so for a minute
NAME = "registry.example"
EVERYTHING = CONTENT | shelf("elsewhere", BAD)
DOCS = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- written by ./scripts/accept: faults -->", "<!-- end of faults -->"
TO_DO = re.compile(
    r"run again|log in|check its|check HTTPS_PROXY|see what|install|re-pin|--resolver http|insecure = true"
)


@dataclass(frozen=True)
class Case:
    """A fault that runs: `host` stands in references, `server` counts what is asked of it."""

    what: str
    exits: tuple[int, int]
    server: RawServer
    host: str
    digest: str = BAD.digest
    beside: bool = True  # whether the registry has something that it serves well
    heal: Callable[[], None] = lambda: None

    @property
    def bad(self) -> str:
        return f"{self.host}/bad@{self.digest}"

    @property
    def good(self) -> str:
        return f"{self.host}/good@{GOOD.digest}"


@dataclass(frozen=True)
class Outcome:
    """What a run made of a fault, and what the next one, after it was mended, asked and found."""

    state: str
    verdict: str
    exit: int
    text: str
    asked_again: bool
    state_after: str


@dataclass(frozen=True)
class Met:
    """All faults as one resolver met them: `runs` by the exit code that is due, and one `again` without the faults."""

    cases: dict[str, Case]
    outcomes: dict[str, Outcome]
    runs: dict[int, Done]
    again: Done
    seconds: float
    good: dict[str, tuple[str, int]]  # the state of what was served well, and how often a rerun asked for it


@pytest.fixture(scope="module", params=RESOLVERS)
def met(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Met:
    return _met(request.param, tmp_path_factory.getbasetemp())


_known: dict[str, Met] = {}


def _met(resolver: str, folder: Path) -> Met:
    """Once for each resolver, whichever test comes first."""
    if resolver not in _known:
        require_tool("skopeo")
        home = folder / f"faults-{resolver}"
        home.mkdir(exist_ok=True)
        with contextlib.ExitStack() as stack:
            _known[resolver] = _meet(resolver, home, stack)
    return _known[resolver]


def _meet(resolver: str, home: Path, stack: contextlib.ExitStack) -> Met:
    public, tls = certificate(home, NAME)
    proxy = stack.enter_context(serving(_tunnel(tls, broken=True)))
    cases = _cases(stack, tls, proxy)
    exits = {name: case.exits[RESOLVERS.index(resolver)] for name, case in cases.items()}
    groups = {code: [case for name, case in cases.items() if exits[name] == code] for code in sorted({*exits.values()})}
    proxies = {"HTTPS_PROXY": f"http://{proxy.host}", "NO_PROXY": "127.0.0.1,localhost,::1,[::1]"}

    settings = home / "hosts.toml"
    settings.write_text('[[hosts]]\nname = "web"\nengine = "docker 20.10.24"\n')
    for code, group in groups.items():
        references = [*(case.bad for case in group), *(case.good for case in group if case.beside)]
        write_compose(home / "infra" / str(code), *(f'"{reference}"' for reference in references))  # [::1] is YAML

    def scan(path: str, **trusted: str) -> Done:
        jobs = "64" if resolver == "http" else "16"  # so many processes at a time would wait for each other
        flags = ["--resolver", resolver, "--timeout", f"{TIMEOUT:g}", "--jobs", jobs, "--format", "json"]
        variables = proxies | trusted
        return run("scan", home / path, "--config", settings, *flags, home=home, cwd=home, **variables)

    started = time.monotonic()
    with ThreadPoolExecutor() as pool:  # three runs with one cache
        first = dict(zip(groups, pool.map(lambda code: scan(f"infra/{code}"), groups), strict=True))
    seconds = time.monotonic() - started
    for case in cases.values():
        case.server.asked.clear()
        case.heal()
    proxy.behaviour = _tunnel(tls, broken=False)
    again = scan("infra", SSL_CERT_FILE=str(public))
    before, after = _references(*first.values()), _references(again)
    outcomes = {
        name: Outcome(
            *before[case.bad][:2],
            exits[name],
            before[case.bad][2],
            bool(case.server.requests("/v2/bad/")),
            after[case.bad][0],
        )
        for name, case in cases.items()
    }
    good = {
        name: (before[case.good][0], len(case.server.requests("/v2/good/")))
        for name, case in cases.items()
        if case.beside
    }
    return Met(cases, outcomes, first, again, seconds, good)


def _cases(stack: contextlib.ExitStack, tls: ssl.SSLContext, proxy: RawServer) -> dict[str, Case]:
    """Every fault with a server of its own."""
    cases = {}
    for name, fault in FAULTS.items():
        server = stack.enter_context(serving(fault.behaviour(EVERYTHING)))
        case = Case(fault.what, fault.exits, server, server.host, fault.image.digest, fault.path != "/")
        cases[name] = replace(case, heal=_mended(server))
    refused = RawServer(healthy(EVERYTHING))
    stack.callback(refused.end)
    cases["refused"] = Case("nobody listens", (3, 3), refused, refused.host, beside=False, heal=refused.listen)
    for name, port, what in (
        ("self-signed", 5001, "has a certificate of its own making"),
        ("no TLS", 5002, "speaks plain HTTP, which nobody allowed"),
    ):
        cases[name] = Case(what, (3, 3), proxy, f"{NAME}:{port}", beside=False)
    plain = stack.enter_context(serving(healthy(EVERYTHING)))
    away = replace(FAULTS["redirect away"], bad=moved(lambda peer: f"http://{plain.host}{peer.path}"))
    server = stack.enter_context(serving(away.behaviour(EVERYTHING), tls))
    what = "redirects from HTTPS to plain HTTP"
    cases["redirect to HTTP"] = Case(what, (3, 0), server, server.host, heal=_mended(server))
    if socket.has_ipv6 and _has_ipv6():
        server = RawServer(healthy(EVERYTHING), "::1")
        server.listen()
        stack.callback(server.end)
        # skopeo 1.9.3 takes no reference with such a host.
        cases["IPv6"] = Case("listens on `[::1]` alone", (0, 3), server, server.host, beside=False)
    return cases


def _mended(server: RawServer) -> Callable[[], None]:
    def heal() -> None:
        server.behaviour = healthy(EVERYTHING)

    return heal


def _tunnel(tls: ssl.SSLContext, broken: bool) -> Behaviour:
    """A proxy that is the registry too: behind port 5001 it speaks TLS, behind the others only when it is mended."""

    def answer(peer: Peer) -> None:
        if peer.command != "CONNECT":
            healthy(EVERYTHING)(peer)
            return
        peer.raw(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if peer.path.endswith(":5001") or not broken:
            peer.start_tls(tls)

    return answer


def _has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def _references(*runs: Done) -> dict[str, tuple[str, str, str]]:
    """Of each reference the state, the verdict and the words of its problem; `pulls` is where nothing was found."""
    found = {}
    for done in runs:
        report = done.json
        names = {entry["id"]: _name(entry) for entry in report["occurrences"]}
        verdicts = {names[finding["occurrence"]]: finding["verdict"] for finding in report["findings"]}
        texts: dict[str, str] = {}
        for problem in report["problems"]:
            texts[problem["reference"].partition("@")[0]] = problem["text"]  # also of an index entry
        for entry in report["resolutions"]:
            name = entry["reference"]
            found[name] = (
                entry["state"],
                verdicts.get(name, "pulls"),
                texts.get(name.partition("@")[0], entry["detail"]),
            )
    return found


def _name(occurrence: dict[str, Any]) -> str:
    return f"{occurrence['registry']}/{occurrence['repository']}@{occurrence['digest']}"


def test_a_run_ends_in_time(met: Met) -> None:
    assert met.seconds < TIMEOUT + GRACE


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
    # One answer is kept for five minutes, the other two are no fault of the registry.
    lasting = {"404": "missing", "large manifest": "too-large"} | (
        {"IPv6": "failed"} if met.outcomes["IPv6"].exit else {}
    )
    assert {name: state for name, state in ends.items() if state != State.RESOLVED} == lasting


def test_the_docs_say_what_happens(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    rows = list(_table(_met("http", folder), _met("skopeo", folder)))
    text = DOCS.read_text("utf-8")
    before, _, rest = text.partition(f"{BEGIN}\n")
    table, _, after = rest.partition(f"{END}\n")
    assert END in rest, f"{DOCS.name} has no part between {BEGIN} and {END}"
    if os.environ.get("PLANNER_ACCEPT"):
        DOCS.write_text(f"{before}{BEGIN}\n\n" + "".join(f"{row}\n" for row in rows) + f"\n{END}\n{after}", "utf-8")
        return
    written = [line for line in table.splitlines() if line]
    if not _has_ipv6():
        print("this machine has no ::1, so the row IPv6 was not checked")
        written = [line for line in written if not line.startswith("| IPv6 ")]
    assert written == rows, "read the difference; if it is right: ./scripts/accept -k docs_say"


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
