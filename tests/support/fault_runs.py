"""Runs of the real planner against every fault at once, first as it is and then mended."""

import contextlib
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.support.command import Done, run, write_compose
from tests.support.faults import BAD, CONTENT, FAULTS, GOOD, moved
from tests.support.raw_server import Behaviour, Peer, RawServer, certificate, healthy, serving, shelf
from tests.support.tools import require_tool

RESOLVERS = ("http", "skopeo")

_NAME = "registry.example"
_EVERYTHING = CONTENT | shelf("elsewhere", BAD)


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
    timeout: float
    good: dict[str, tuple[str, int]]  # the state of what was served well, and how often a rerun asked for it


def patience(home: Path) -> float:
    """A `--timeout` in seconds within which this machine, as busy as it is, answers well what can be answered."""
    with serving(healthy(CONTENT)) as server:
        infra = write_compose(home / "infra", f"{server.host}/good@{GOOD.digest}")
        started = time.monotonic()
        assert run("scan", infra, "--resolver", "skopeo", home=home).code == 0
    return max(8.0, 8 * (time.monotonic() - started))


def meet(resolver: str, home: Path, stack: contextlib.ExitStack, timeout: float) -> Met:
    """Scan with every fault, mend them all, and scan again."""
    public, tls = certificate(home, _NAME)
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
        flags = ["--resolver", resolver, "--timeout", f"{timeout:g}", "--jobs", jobs, "--format", "json"]
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
    return Met(cases, outcomes, first, again, seconds, timeout, good)


def _cases(stack: contextlib.ExitStack, tls: ssl.SSLContext, proxy: RawServer) -> dict[str, Case]:
    """Every fault with a server of its own."""
    cases = {}
    for name, fault in FAULTS.items():
        server = stack.enter_context(serving(fault.behaviour(_EVERYTHING)))
        case = Case(fault.what, fault.exits, server, server.host, fault.image.digest, fault.path != "/")
        cases[name] = replace(case, heal=_mended(server))
    refused = RawServer(healthy(_EVERYTHING))
    stack.callback(refused.end)
    cases["refused"] = Case("nobody listens", (3, 3), refused, refused.host, beside=False, heal=refused.listen)
    for name, port, what in (
        ("self-signed", 5001, "has a certificate of its own making"),
        ("no TLS", 5002, "speaks plain HTTP, which nobody allowed"),
    ):
        cases[name] = Case(what, (3, 3), proxy, f"{_NAME}:{port}", beside=False)
    plain = stack.enter_context(serving(healthy(_EVERYTHING)))
    away = replace(FAULTS["redirect away"], bad=moved(lambda peer: f"http://{plain.host}{peer.path}"))
    server = stack.enter_context(serving(away.behaviour(_EVERYTHING), tls))
    what = "redirects from HTTPS to plain HTTP"
    cases["redirect to HTTP"] = Case(what, (3, 0), server, server.host, heal=_mended(server))
    if socket.has_ipv6 and has_ipv6():
        server = RawServer(healthy(_EVERYTHING), "::1")
        server.listen()
        stack.callback(server.end)
        refused_by_skopeo = "invalid reference format" in skopeo_says("inspect", f"docker://{server.host}/x")
        exits = (0, 3 if refused_by_skopeo else 0)
        cases["IPv6"] = Case("listens on `[::1]` alone", exits, server, server.host, beside=False)
    return cases


def _mended(server: RawServer) -> Callable[[], None]:
    def heal() -> None:
        server.behaviour = healthy(_EVERYTHING)

    return heal


def _tunnel(tls: ssl.SSLContext, broken: bool) -> Behaviour:
    """A proxy that is the registry too: behind port 5001 it speaks TLS, behind the others only when it is mended."""

    def answer(peer: Peer) -> None:
        if peer.command != "CONNECT":
            healthy(_EVERYTHING)(peer)
            return
        peer.raw(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if peer.path.endswith(":5001") or not broken:
            peer.start_tls(tls)

    return answer


def has_ipv6() -> bool:
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


def skopeo_says(*arguments: str) -> str:
    """What skopeo says."""
    command = [require_tool("skopeo"), *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr
