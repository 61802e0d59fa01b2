"""Every secret that a run meets, searched for in everything that the run leaves: planner's part of a bargain."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import run, write_compose
from tests.support.helpers import helper_answering
from tests.support.images import build_image
from tests.support.indiscreet import SIGNATURE, indiscreet_server
from tests.support.logins import docker, entry
from tests.support.proxy import Proxy, running_proxy
from tests.support.registry import running_registry
from tests.support.token_server import TokenServer, token_server
from tests.support.tools import require_tool

IMAGE = build_image({"hello": b"hello\n"})
PROXIED = "registry.planner.invalid:5000"
PASSWORD = "password-of-alice"
HTPASSWD = "alice:$2b$05$planneroftestsplannerut0/ke8pOeCQ/zBPy/9DpO/HKsV.G5gG\n"  # see test_logins.py
SECRETS = {
    "password": PASSWORD,
    "password in base64": entry("alice", PASSWORD)["auth"],
    "identity token": "identity-token-of-bob",
    "secret of a helper": "secret-of-helper",
    "secret of a helper in base64": entry("carol", "secret-of-helper")["auth"],
    "password of the proxy": "password-of-proxy",
    "login of the proxy in base64": base64.b64encode(b"user:password-of-proxy").decode(),
    "signature": SIGNATURE.partition("=")[2],
}


@dataclass(frozen=True)
class World:
    """Registries that take secrets, or give some: the references to scan, and Docker's config.json for them."""

    images: tuple[str, ...]
    config: dict[str, object]
    proxy: Proxy
    tokens: TokenServer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    require_tool("skopeo")
    program, folder = require_tool("docker-registry"), tmp_path_factory.mktemp("world")
    (folder / "htpasswd").write_text(HTPASSWD)
    by_password = {"auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}}
    with ExitStack() as stack:
        refresh = {SECRETS["identity token"]: "bob"}
        tokens = stack.enter_context(token_server(folder / "tokens", {}, refresh, {"bob": ("team/app",)}))
        plain = stack.enter_context(running_registry(folder, program))
        plain.push(IMAGE, "team/app")
        basic = stack.enter_context(running_registry(folder, program, settings=by_password)).host
        bearer = stack.enter_context(running_registry(folder, program, settings=tokens.settings)).host
        indiscreet = stack.enter_context(indiscreet_server(IMAGE)).host
        port = int(plain.host.rpartition(":")[2])
        proxy = stack.enter_context(running_proxy(("127.0.0.1", port), "user:password-of-proxy"))
        names = [f"{host}/team/app" for host in (basic, bearer, PROXIED)]
        names += [f"{indiscreet}/{repository}/x" for repository in ("moved", "expired", "echo")]
        config = {"auths": {basic: entry("alice", PASSWORD)}, "credHelpers": {bearer: "bob"}, "credsStore": "carol"}
        yield World(tuple(f"{name}@{IMAGE.digest}" for name in names), config, proxy, tokens)


def observed_skopeo(folder: Path, log: Path) -> None:
    """A skopeo that notes its arguments and its environment, and is the real one for the rest."""
    folder.mkdir(exist_ok=True)
    (folder / "skopeo").write_text(
        f'#!/bin/sh\n{{ echo "argv: $*"; env | sed "s/^/env: /"; }} >> \'{log}\'\nexec {require_tool("skopeo")} "$@"\n'
    )
    (folder / "skopeo").chmod(0o755)


@pytest.mark.parametrize("resolver", ["skopeo", "http"])
def test_no_secret_gets_out(world: World, tmp_path: Path, resolver: str) -> None:
    home, log, temporary = tmp_path / "home", tmp_path / "log", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    log.touch()
    observed_skopeo(home / "bin", log)
    helper_answering(home / "bin", "bob", "<token>", SECRETS["identity token"])
    helper_answering(home / "bin", "carol", "carol", SECRETS["secret of a helper"])
    docker(home, world.config)
    write_compose(home / "in", *world.images)
    (home / "in" / "planner.toml").write_text(f'[[registries]]\nhost = "{PROXIED}"\ninsecure = true\n')
    there = f"http://user:password-of-proxy@{world.proxy.address}"
    variables = {
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "TMPDIR": str(temporary),
        "HTTP_PROXY": there,
        "HTTPS_PROXY": there,
        "PYTHONASYNCIODEBUG": "1",
        "PYTHONDEVMODE": "1",
    }
    out = home / "out"
    out.mkdir()
    ask = ("--resolver", resolver)
    reports = [flag for kind in ("html", "csv", "json") for flag in ("-o", out / f"report.{kind}")]
    commands: list[tuple[str | Path, ...]] = [
        ("scan", home / "in", *ask, "--all", *reports, "-o", "-"),
        ("snapshot", home / "in", *ask, "-o", out / "registry.jsonl", "--no-cache"),
        ("explain", world.images[-1], *ask, "--no-cache"),
        ("cache", "info"),
    ]
    printed = []
    for command in commands:
        done = run(*command, home=home, cwd=home, **variables)
        printed.append(done.out + done.said)
    # All of it was used: each secret opened what it belongs to, or came by.
    states = [resolution["state"] for resolution in json.loads((out / "report.json").read_text())["resolutions"]]
    assert sorted(states) == ["denied", *["resolved"] * 5]
    assert world.proxy.asked
    assert world.proxy.refused == 0

    assert bool(log.read_text()) == (resolver == "skopeo")
    argv = "".join(line for line in log.read_text().splitlines(keepends=True) if line.startswith("argv: "))
    others = "".join(line for line in log.read_text().splitlines() if "_PROXY=" not in line)  # they are skopeo's way
    left = {str(path): path.read_bytes() for path in (*files(out), *files(home / "cache"), *files(temporary))}
    assert list(temporary.iterdir()) == []
    assert any(name.endswith(".sqlite3") for name in left)
    places = {"printed": "\n".join(printed).encode(), "argv": argv.encode(), "environment": others.encode(), **left}
    secrets = SECRETS | {f"bearer token {number}": token for number, token in enumerate(world.tokens.given)}
    assert len(secrets) > len(SECRETS)
    found = [
        f"{name} in {place}"
        for place, text in places.items()
        for name, word in secrets.items()
        if word.encode() in text
    ]
    assert found == []


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
