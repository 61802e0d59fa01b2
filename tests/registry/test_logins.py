"""Logins as users have them, on real registries that want them, by both ways to ask.

A registry with passwords (Basic), and one that believes a token server (Bearer), serve the same two repositories.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import PLANNER, environment, run, write_compose
from tests.support.helpers import helper_answering, write_helper
from tests.support.images import build_image
from tests.support.indiscreet import indiscreet_server
from tests.support.logins import ask, details, docker, entry, outcome, scan, states
from tests.support.registry import running_registry
from tests.support.token_server import TokenServer, token_server
from tests.support.tools import require_tool

PASSWORD = "password-of-alice"
OTHER_PASSWORD = "password-of-bob"
IDENTITY = "identity-token-of-alice"
ALICE = entry("alice", PASSWORD)
# What `htpasswd -B` makes of PASSWORD (bcrypt); by Python's crypt.crypt(PASSWORD, "$2b$05$planneroftestsplanneru").
HTPASSWD = "alice:$2b$05$planneroftestsplannerut0/ke8pOeCQ/zBPy/9DpO/HKsV.G5gG\n"
IMAGE = build_image({"hello": b"hello\n"})
RESOLVERS = pytest.mark.parametrize("resolver", ["skopeo", "http"])


@dataclass(frozen=True)
class Guarded:
    """Two registries that want a login: `basic` and `bearer` are their hosts. Alice may pull team/app, Bob bob/app."""

    basic: str
    bearer: str
    tokens: TokenServer

    @property
    def hosts(self) -> tuple[str, str]:
        return self.basic, self.bearer

    @property
    def team(self) -> tuple[str, str]:
        """What Alice may pull."""
        return f"{self.basic}/team/app@{IMAGE.digest}", f"{self.bearer}/team/app@{IMAGE.digest}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    require_tool("skopeo")
    program, folder = require_tool("docker-registry"), tmp_path_factory.mktemp("guarded")
    with running_registry(folder, program) as open_to_all:
        for repository in ("team/app", "bob/app"):
            open_to_all.push(IMAGE, repository)
    (folder / "htpasswd").write_text(HTPASSWD)
    passwords = {"alice": PASSWORD, "bob": OTHER_PASSWORD}
    may_pull = {"alice": ("team/app",), "bob": ("bob/app",)}
    basic = {"auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}}
    with ExitStack() as stack:
        tokens = stack.enter_context(token_server(folder / "tokens", passwords, {IDENTITY: "alice"}, may_pull))
        by_password = stack.enter_context(running_registry(folder, program, settings=basic))
        by_token = stack.enter_context(running_registry(folder, program, settings=tokens.settings))
        yield Guarded(by_password.host, by_token.host, tokens)


@RESOLVERS
def test_a_named_file(guarded: Guarded, tmp_path: Path, resolver: str) -> None:
    named = tmp_path / "named.json"
    named.write_text(json.dumps({"auths": dict.fromkeys(guarded.hosts, ALICE)}))
    docker(tmp_path, {"auths": dict.fromkeys(guarded.hosts, entry("alice", "wrong"))})
    done = scan(tmp_path, resolver, *guarded.team, flags=("--authfile", named))
    assert states(done) == ["resolved", "resolved"], details(done)


@RESOLVERS
def test_a_helper(guarded: Guarded, tmp_path: Path, resolver: str) -> None:
    path = helped(tmp_path, "alice", PASSWORD)
    # Placeholders without a login, as `docker login` leaves them beside a helper.
    placeholders: dict[str, dict[str, str]] = {host: {} for host in guarded.hosts}
    docker(tmp_path, {"auths": placeholders, "credHelpers": {guarded.bearer: "test"}, "credsStore": "test"})
    done = scan(tmp_path, resolver, *guarded.team, variables={"PATH": path})
    assert states(done) == ["resolved", "resolved"], details(done)
    asked = (tmp_path / "bin" / "test.asked").read_text().splitlines()
    assert sorted(asked) == sorted(f"get {host}" for host in guarded.hosts)


@RESOLVERS
def test_identity_tokens_of_a_file_and_of_a_helper(guarded: Guarded, tmp_path: Path, resolver: str) -> None:
    path = helped(tmp_path, "<token>", IDENTITY)
    of_file = {other_name(guarded.bearer): {**entry("alice", ""), "identitytoken": IDENTITY}}
    docker(tmp_path, {"auths": of_file, "credHelpers": {guarded.bearer: "test"}})
    guarded.tokens.asked.clear()
    images = (guarded.team[1], other_name(guarded.team[1]))
    done = scan(tmp_path, resolver, *images, variables={"PATH": path})
    assert states(done) == ["resolved", "resolved"], details(done)
    assert set(guarded.tokens.asked) == {("POST", "alice")}


@RESOLVERS
def test_no_login_or_a_wrong_one_is_denied(guarded: Guarded, tmp_path: Path, resolver: str) -> None:
    docker(tmp_path, {"auths": dict.fromkeys(guarded.hosts, entry("alice", "wrong-password"))})
    done = scan(tmp_path, resolver, *guarded.team, *map(other_name, guarded.team))
    assert states(done) == ["denied"] * 4
    assert done.code == 3
    assert [("log in" in problem["text"]) for problem in done.json["problems"]] == [True] * 4, details(done)
    assert "wrong-password" not in done.out + done.said


@RESOLVERS
def test_each_repository_has_its_login(guarded: Guarded, tmp_path: Path, resolver: str) -> None:
    host, other, digest = guarded.bearer, other_name(guarded.bearer), IMAGE.digest
    of_bob = {f"{host}/bob": entry("bob", OTHER_PASSWORD)}
    docker(tmp_path, {"auths": {**of_bob, f"https://{host}/v1/": ALICE, f"{other}/team/app": ALICE}})
    images = [f"{name}/{repository}@{digest}" for name in (host, other) for repository in ("bob/app", "team/app")]
    done = scan(tmp_path, resolver, *images)
    assert states(done) == ["resolved", "resolved", "denied", "resolved"], details(done)


def test_skopeo_keeps_the_logins_of_mirrors(guarded: Guarded, own_home: Path) -> None:
    docker(own_home, {"auths": {guarded.basic: ALICE, "127.0.0.1:1": entry("somebody", "else")}})
    configuration = own_home / ".config" / "containers" / "registries.conf"
    configuration.parent.mkdir(parents=True)
    mirror = f'[[registry.mirror]]\nlocation = "{guarded.basic}"\ninsecure = true\n'
    configuration.write_text(f'[[registry]]\nlocation = "127.0.0.1:1"\n{mirror}')
    assert outcome(ask("skopeo", f"127.0.0.1:1/team/app@{IMAGE.digest}")) == ["resolved"]


@pytest.mark.parametrize(
    ("stored", "state", "caught"), [({"identitytoken": IDENTITY}, "failed", []), (ALICE, "denied", [""])]
)
def test_no_login_follows_to_another_host(
    own_home: Path, stored: Mapping[str, str], state: str, caught: list[str]
) -> None:
    with indiscreet_server(IMAGE) as server:
        docker(own_home, {"auths": {server.host: stored}})
        (answer,) = answers = ask("http", f"{server.host}/lead/x@{IMAGE.digest}")
        assert outcome(answers) == [state]
        assert server.caught == caught
        assert IDENTITY not in answer.detail


@RESOLVERS
def test_what_is_wrong_with_a_helper_is_said(guarded: Guarded, tmp_path: Path, resolver: str) -> None:
    path = helped(tmp_path, "", "")
    write_helper(tmp_path / "bin", "test", f"echo {PASSWORD}; exit 3")
    docker(tmp_path, {"credsStore": "test"})
    done = scan(tmp_path, resolver, guarded.team[0], variables={"PATH": path})
    assert states(done) == ["denied"]
    assert "docker-credential-test failed with exit code 3" in done.said
    assert PASSWORD not in done.out + done.said
    if resolver == "http":
        done = run("explain", guarded.team[0], "--resolver", resolver, home=tmp_path, cwd=tmp_path, PATH=path)
        assert "docker-credential-test failed with exit code 3" in done.out
        assert PASSWORD not in done.out


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_no_login_stays_behind_a_signal(tmp_path: Path, how: signal.Signals) -> None:
    path = helped(tmp_path, "alice", PASSWORD)
    # In place of skopeo: it notes what it was given, and is there when planner is gone.
    stand_in = tmp_path / "bin" / "skopeo"
    stand_in.write_text(
        "#!/bin/sh\n"
        '[ "$1" = --version ] && echo skopeo version 1 && exit\n'
        f"{{ stat -Lc %a /dev/stdin; readlink /proc/self/fd/0; cat /dev/stdin; }} > '{tmp_path}/given'\n"
        f"mv '{tmp_path}/given' '{tmp_path}/ready'\n"
        "exec sleep 3\n"
    )
    stand_in.chmod(0o755)
    temporary = interrupted(tmp_path, how, path)
    mode, link, content = (tmp_path / "ready").read_text().split("\n", 2)
    assert mode == "600"
    assert link.startswith(str(temporary))
    assert link.endswith("(deleted)")
    assert json.loads(content)["auths"]["127.0.0.1:1"] == ALICE
    assert list(temporary.iterdir()) == []


@RESOLVERS
def test_a_helper_that_hangs_does_not_hold_an_interrupt(guarded: Guarded, tmp_path: Path, resolver: str) -> None:
    path = helped(tmp_path, "", "")
    write_helper(tmp_path / "bin", "test", f"touch '{tmp_path}/ready'; exec sleep 15")
    interrupted(tmp_path, signal.SIGINT, path, guarded.basic, resolver)


def other_name(text: str) -> str:
    """The same registry under another name, with logins of its own."""
    return text.replace("127.0.0.1", "localhost")


def helped(home: Path, user: str, secret: str) -> str:
    """PATH with a helper `test` that has this login for every registry."""
    helper_answering(home / "bin", "test", user, secret)
    return f"{home / 'bin'}:{os.environ['PATH']}"


def interrupted(
    home: Path, how: signal.Signals, path: str, host: str = "127.0.0.1:1", resolver: str = "skopeo"
) -> Path:
    """Let planner begin, end it as soon as there is a file `ready`, and wait until it is gone; returns its TMPDIR."""
    (temporary := home / "temporary").mkdir()
    docker(home, {"credsStore": "test"})
    write_compose(home / "in", f"{host}/team/app@{IMAGE.digest}")
    planner = subprocess.Popen(
        [PLANNER, "scan", home / "in", "--resolver", resolver, "--no-cache"],
        env=environment(home, {"PATH": path, "TMPDIR": str(temporary)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not (home / "ready").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    planner.send_signal(how)
    began = time.monotonic()
    planner.wait(30)
    assert time.monotonic() - began < 10
    assert (home / "ready").exists()
    return temporary
