"""What the direct client sends, and to whom, as servers of our own see it."""

import base64
import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from planner.model.media_type import MANIFESTS
from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.model.resolution import Resolution, State
from planner.resolve import resolve
from planner.resolve.credentials import Credentials
from planner.resolve.registry_api import HttpResolver
from tests.support.faults import BAD, given
from tests.support.images import Image, build_artifact, build_image, build_index
from tests.support.raw_server import Behaviour, Peer, RawServer, certificate, healthy, serving, shelf

AMD64 = frozenset({Platform("linux", "amd64")})
ARTIFACTS = [build_artifact(payload=b"%d" % number) for number in range(40)]
SECRET = "s3cret-of-alice"


def ask(*references: str, authfile: Path | None = None, jobs: int = 8, timeout: float = 20) -> list[Resolution]:
    """The resolutions in the order of the references, by one client."""
    resolver = HttpResolver(Credentials(authfile, {"HOME": "/nonexistent"}), timeout=timeout)
    parsed = [parse_reference(reference) for reference in references]
    try:
        answers = resolve(parsed, resolver, AMD64, jobs, per_registry=jobs)
    finally:
        resolver.close()
    return [answers[reference] for reference in parsed]


def pins(server: RawServer, repository: str, *images: Image) -> list[str]:
    return [f"{server.host}/{repository}@{image.digest}" for image in images]


def login(folder: Path, host: str, **entry: str) -> Path:
    """An auth file with one login, alice's unless `entry` says otherwise."""
    auth = {"auth": base64.b64encode(f"alice:{SECRET}".encode()).decode(), **entry}
    path = folder / "auth.json"
    path.write_text(json.dumps({"auths": {host: auth}}))
    return path


def wanting(way: str, then: Behaviour) -> Behaviour:
    """A registry that wants to see an Authorization: `Basic`, or a `Bearer` token from its own /token."""

    def answer(peer: Peer) -> None:
        if peer.path.startswith("/token"):
            given(peer)
        elif str(peer.headers.get("Authorization")).startswith(way):
            then(peer)
        else:
            realm = f"http://{peer.server.host}/token" if way == "Bearer" else "tests"
            peer.answer(401, b"{}", ("WWW-Authenticate", f'{way} realm="{realm}",service="tests"'))

    return answer


def sent(server: RawServer, name: str) -> list[str]:
    """Every value of a header that the server has seen."""
    return [value for seen in server.seen for value in seen.get_all(name, [])]


def test_manifests_are_asked_for_by_every_kind_on_a_line_of_its_own() -> None:
    with serving(healthy(shelf("a", BAD, tag="v1"))) as server:
        ask(*pins(server, "a", BAD), f"{server.host}/a:v1")
        manifests = [seen for seen, path in zip(server.seen, server.requests(), strict=True) if "/manifests/" in path]
    assert len(manifests) == 2
    for seen in manifests:
        assert seen.get_all("Accept") == sorted(MANIFESTS)
        assert str(seen["User-Agent"]).startswith("planner/")


def test_connections_are_used_again() -> None:
    with serving(healthy(shelf("a", *ARTIFACTS))) as server:
        found = ask(*pins(server, "a", *ARTIFACTS), jobs=4)
    assert {one.state for one in found} == {State.RESOLVED}
    assert len(server.requests()) == 40
    # Four questions at a time, and a first try over TLS.
    assert server.accepted <= 5


def test_no_more_is_asked_than_digests_children_configs_and_tokens() -> None:
    child, single = build_image({"child": b""}), build_image({"single": b""})
    index = build_index([(child, "linux/amd64"), (build_image({"arm": b""}, "linux/arm64"), "linux/arm64")])
    kept = {**shelf("a", index, single), **shelf("b", index), **shelf("c", *ARTIFACTS)}
    with serving(wanting("Bearer", healthy(kept))) as server:
        references = [*pins(server, "a", index, single), *pins(server, "b", index), *pins(server, "c", *ARTIFACTS)]
        found = ask(*references, *references)
    assert {part.state for one in found for part in one.tree()} == {State.RESOLVED}
    assert len(server.requests("/token")) == 3
    # Index and child in two repositories, an image with its config, the artifacts; and the one that met the challenge.
    assert len(server.requests("/v2/")) == 2 * 2 + 2 + 40 + 1
    assert len(set(server.requests("/v2/"))) == len(server.requests("/v2/")) - 1


def test_a_token_is_for_one_repository_and_is_used_for_all_of_it() -> None:
    with serving(wanting("Bearer", healthy({**shelf("a", *ARTIFACTS[:3]), **shelf("b", *ARTIFACTS[:3])}))) as server:
        ask(*pins(server, "a", *ARTIFACTS[:3]), *pins(server, "b", *ARTIFACTS[:3]))
        scopes = [path.partition("scope=")[2] for path in server.requests("/token")]
        pairs = {
            (path.split("/")[2], seen["Authorization"])
            for (_, path), seen in zip(server.asked, server.seen, strict=True)
            if path.startswith("/v2/") and seen["Authorization"]
        }
    assert sorted(scopes) == ["repository:a:pull", "repository:b:pull"]
    assert len(pairs) == 2
    assert len({token for _, token in pairs}) == 2


@pytest.mark.parametrize("way", ["Basic", "Bearer"])
def test_two_that_learn_at_once_what_is_wanted_both_give_it(tmp_path: Path, way: str) -> None:
    """The first repository is open; two questions to the second are under way when it says what it wants."""
    both = threading.Barrier(2, timeout=10)
    kept = {**shelf("a", *ARTIFACTS[:1]), **shelf("b", *ARTIFACTS[:2])}

    def together(peer: Peer) -> None:
        if peer.path.startswith("/v2/b/") and not peer.headers.get("Authorization"):
            both.wait()
        (healthy(kept) if peer.path.startswith("/v2/a/") else wanting(way, healthy(kept)))(peer)

    with serving(together) as server:
        references = [*pins(server, "a", ARTIFACTS[0]), *pins(server, "b", *ARTIFACTS[:2])]
        found = ask(*references, authfile=login(tmp_path, server.host))
    assert [one.state for one in found] == [State.RESOLVED] * 3


def test_a_challenge_of_one_repository_that_leads_nowhere_closes_no_other() -> None:
    kept = shelf("b", *ARTIFACTS[:5])

    def registry(peer: Peer) -> None:
        if peer.path.startswith("/v2/a/"):
            peer.answer(401, b"{}", ("WWW-Authenticate", 'Bearer realm="http://127.0.0.1:9/token"'))
        else:
            healthy(kept)(peer)

    with serving(registry) as server:
        found = ask(*pins(server, "a", BAD), *pins(server, "b", *ARTIFACTS[:5]), jobs=1)
    assert [one.state for one in found] == [State.UNREACHABLE, *[State.RESOLVED] * 5]


def test_a_token_that_has_run_out_is_not_sent_again() -> None:
    """It counts as run out some seconds early, so one of six seconds is good for a moment."""

    def short(peer: Peer) -> None:
        peer.answer(200, b'{"access_token": "t-%d", "expires_in": 6}' % len(peer.server.requests("/token")))

    def slow(peer: Peer) -> None:
        peer.wait(1.2)
        healthy(shelf("a", *ARTIFACTS[:2]))(peer)

    def registry(peer: Peer) -> None:
        (short if peer.path.startswith("/token") else wanting("Bearer", slow))(peer)

    with serving(registry) as server:
        found = ask(*pins(server, "a", *ARTIFACTS[:2]), jobs=1)
    assert {one.state for one in found} == {State.RESOLVED}
    assert sent(server, "Authorization") == ["Bearer t-1", "Bearer t-2"]
    assert len(server.requests("/v2/")) == 3


@pytest.mark.parametrize("way", ["Basic", "Bearer"])
def test_a_login_is_not_taken_along_to_another_host(tmp_path: Path, way: str) -> None:
    with serving(healthy(shelf("a", BAD))) as other:

        def away(peer: Peer) -> None:
            peer.answer(307, b"", ("Location", f"http://user:word@{other.host}{peer.path}"))

        with serving(wanting(way, away)) as server:
            [found] = ask(*pins(server, "a", BAD), authfile=login(tmp_path, server.host))
    assert (found.state, found.config is not None) == (State.RESOLVED, True)
    assert sent(server, "Authorization")
    assert len(other.requests()) == 2
    assert sent(other, "Authorization") == []


def test_a_redirect_within_the_registry_keeps_the_login(tmp_path: Path) -> None:
    kept = shelf("a", BAD)

    def moved(peer: Peer) -> None:
        if peer.path.startswith("/moved"):
            peer.path = peer.path.removeprefix("/moved")
            healthy(kept)(peer)
        else:
            peer.answer(302, b"", ("Location", f"/moved{peer.path}"))

    with serving(wanting("Basic", moved)) as server:
        [found] = ask(*pins(server, "a", BAD), authfile=login(tmp_path, server.host))
    assert found.state is State.RESOLVED


@pytest.mark.parametrize("code", [302, 307, 308])
def test_an_identity_token_is_not_posted_on_to_another_host(tmp_path: Path, code: int) -> None:
    with serving(given) as other:

        def registry(peer: Peer) -> None:
            if peer.path.startswith("/token"):
                peer.answer(code, b"", ("Location", f"http://{other.host}/token"))
            else:
                wanting("Bearer", healthy({}))(peer)

        with serving(registry) as server:
            entry = {"identitytoken": SECRET, "auth": base64.b64encode(b"alice:").decode()}
            [found] = ask(*pins(server, "a", BAD), authfile=login(tmp_path, server.host, **entry))
    assert (found.state, other.asked) == (State.FAILED, [])
    assert "wants a login sent on" in found.detail
    assert SECRET not in found.detail


@contextmanager
def over_tls(behaviour: Behaviour, folder: Path) -> Iterator[RawServer]:
    with serving(behaviour, certificate(folder, "127.0.0.1")[1]) as server:
        yield server


def test_tls_is_never_left_on_the_way(tmp_path: Path) -> None:
    with serving(healthy(shelf("a", BAD))) as plain, ExitStack() as stack:

        def down(peer: Peer) -> None:
            peer.answer(307, b"", ("Location", f"http://{plain.host}{peer.path}"))

        server = stack.enter_context(over_tls(down, tmp_path))
        [found] = ask(*pins(server, "a", BAD))
    assert (found.state, plain.asked) == (State.TLS, [])
    assert "redirects from HTTPS to plain HTTP" in found.detail


def test_who_has_spoken_over_tls_is_not_asked_in_plain_http(tmp_path: Path) -> None:
    """Even a registry on loopback, which may be plain: a reset is no reason to think so."""
    first, second = sorted(image.digest for image in ARTIFACTS[:2])  # the order in which they are asked for
    kept = shelf("a", *ARTIFACTS[:2])

    def broken(peer: Peer) -> None:
        if peer.path.endswith(first):
            peer.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            peer.reset()
        healthy(kept)(peer)

    with over_tls(broken, tmp_path) as server:
        found = ask(*pins(server, "a", *ARTIFACTS[:2]), jobs=1, timeout=2)
        states = {one.reference.digest: one.state for one in found}
        asked = len(server.requests())
        unread = server.accepted - asked
    assert states == {first: State.UNREACHABLE, second: State.RESOLVED}
    assert unread <= 0, "a connection came without a request that TLS could read"


def test_a_realm_in_plain_http_gets_no_password_where_the_registry_has_tls(tmp_path: Path) -> None:
    with serving(given) as plain, ExitStack() as stack:

        def challenge(peer: Peer) -> None:
            peer.answer(401, b"{}", ("WWW-Authenticate", f'Bearer realm="http://{plain.host}/token"'))

        server = stack.enter_context(over_tls(challenge, tmp_path))
        [found] = ask(*pins(server, "a", BAD), authfile=login(tmp_path, server.host))
    assert (found.state, plain.asked) == (State.TLS, [])


@pytest.mark.parametrize("jobs", [1, 8])
def test_a_refused_password_is_soon_offered_no_more(tmp_path: Path, jobs: int) -> None:
    """Accounts are locked after a few wrong ones. What is open to all is still had."""

    def never(peer: Peer) -> None:
        if peer.path.startswith("/v2/open/") and "Authorization" not in peer.headers:
            healthy(shelf("open", BAD))(peer)
        else:
            peer.answer(401, b"{}", ("WWW-Authenticate", 'Basic realm="tests"'))

    with serving(never) as server:
        names = [f"{server.host}/r{number}@{BAD.digest}" for number in range(30)]
        *found, public = ask(*names, *pins(server, "open", BAD), authfile=login(tmp_path, server.host), jobs=jobs)
    assert {one.state for one in found} == {State.DENIED}
    assert public.state is State.RESOLVED
    assert len(sent(server, "Authorization")) == 2
    assert SECRET not in "".join(one.detail for one in found)


@pytest.mark.parametrize("jobs", [1, 8])
@pytest.mark.parametrize("entry", [{}, {"identitytoken": "of-alice"}])
@pytest.mark.parametrize("status", [400, 401])
def test_a_token_server_is_shown_no_refused_login_again(
    tmp_path: Path, jobs: int, entry: dict[str, str], status: int
) -> None:
    def never(peer: Peer) -> None:
        if peer.path.startswith("/token"):
            peer.answer(status, b"{}")
        else:
            realm = f"http://{peer.server.host}/token"
            peer.answer(401, b"{}", ("WWW-Authenticate", f'Bearer realm="{realm}",service="tests"'))

    with serving(never) as server:
        names = [f"{server.host}/r{number}@{BAD.digest}" for number in range(30)]
        found = ask(*names, authfile=login(tmp_path, server.host, **entry), jobs=jobs)
    assert {one.state for one in found} == {State.DENIED}
    assert sum("log in again" in one.detail for one in found) == 30
    assert len(server.requests("/token")) == 2


def test_a_login_that_was_good_once_is_offered_to_every_repository(tmp_path: Path) -> None:
    """Some say 401 for what a good login may not see."""
    kept = shelf("r9", BAD) | shelf("r0", BAD)

    def registry(peer: Peer) -> None:
        if "Authorization" in peer.headers and peer.path in kept:
            healthy(kept)(peer)
        else:
            peer.answer(401, b"{}", ("WWW-Authenticate", 'Basic realm="tests"'))

    with serving(registry) as server:
        names = [f"{server.host}/r{number}@{BAD.digest}" for number in range(10)]
        found = ask(*names, authfile=login(tmp_path, server.host), jobs=1)
    assert [one.state is State.RESOLVED for one in found] == [True, *[False] * 8, True]


@pytest.mark.parametrize(("status", "state"), [(429, State.RATE_LIMITED), (503, State.SERVER_ERROR)])
def test_a_token_server_is_left_alone_as_long_as_it_asks(status: int, state: State) -> None:
    def busy(peer: Peer) -> None:
        if peer.path.startswith("/token"):
            peer.answer(status, b"{}", ("Retry-After", "3600"))
        else:
            wanting("Bearer", healthy({}))(peer)

    with serving(busy) as server:
        names = [f"{server.host}/r{number}@{BAD.digest}" for number in range(40)]
        found = ask(*names, jobs=4, timeout=30)
    assert state in {one.state for one in found} <= {state, State.RATE_LIMITED}
    assert len(server.requests("/token")) <= 4
    assert len(server.requests()) <= 4, "nor is the registry asked without a token"
    assert sum("wants no requests for 60 minutes" in one.detail for one in found) >= 36


def test_a_token_server_that_asks_for_a_second_gets_it() -> None:
    kept = shelf("a", BAD)

    def busy(peer: Peer) -> None:
        if peer.path.startswith("/token") and len(peer.server.requests("/token")) == 1:
            peer.answer(429, b"{}", ("Retry-After", "1"))
        else:
            wanting("Bearer", healthy(kept))(peer)

    with serving(busy) as server:
        started = time.monotonic()
        [found] = ask(*pins(server, "a", BAD))
    assert found.state is State.RESOLVED, found.detail
    assert time.monotonic() - started >= 1


def test_a_retry_after_holds_back_all_questions_to_that_registry() -> None:
    """One 429 in the middle: for the second that it asks for nothing else comes, from no thread."""
    times: list[float] = []
    paused: list[float] = []
    lock = threading.Lock()
    kept = shelf("a", *ARTIFACTS)

    def busy(peer: Peer) -> None:
        with lock:
            times.append(time.monotonic())
            number = len(times)
        if number == 10:
            peer.answer(429, b"{}", ("Retry-After", "1"))
            paused.append(time.monotonic())
            return
        peer.wait(0.02)
        healthy(kept)(peer)

    with serving(busy) as server, serving(healthy(kept)) as other:
        found = ask(*pins(server, "a", *ARTIFACTS), *pins(other, "a", *ARTIFACTS[:5]), jobs=4)
    assert {one.state for one in found} == {State.RESOLVED}
    assert len(times) == 41
    # Those that were under way when it came are let be.
    during = [moment for moment in times if paused[0] + 0.2 < moment < paused[0] + 0.9]
    assert during == []


def test_a_question_that_the_pause_outlasts_is_not_asked() -> None:
    def busy(peer: Peer) -> None:
        peer.answer(429, b"{}", ("Retry-After", "3600"))

    with serving(busy) as server:
        started = time.monotonic()
        found = ask(*pins(server, "a", *ARTIFACTS), jobs=4)
    assert {one.state for one in found} == {State.RATE_LIMITED}
    assert len(server.requests()) <= 4
    assert time.monotonic() - started < 10
    assert sum("wants no requests for 60 minutes; run again then" in one.detail for one in found) >= 36


@pytest.mark.parametrize("value", ["-1", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_a_retry_after_in_the_past_is_no_leave_to_hammer(value: str) -> None:
    times: list[float] = []

    def busy(peer: Peer) -> None:
        times.append(time.monotonic())
        peer.answer(429, b"{}", ("Retry-After", value))

    with serving(busy) as server:
        [found] = ask(*pins(server, "a", ARTIFACTS[0]), timeout=1)
    assert found.state is State.RATE_LIMITED
    assert 1 <= len(times) <= 4
    assert all(later - sooner > 0.3 for sooner, later in itertools.pairwise(times))


def test_a_token_denied_for_some_repositories_is_no_refused_login(tmp_path: Path) -> None:
    """GHCR and Google's give 403 where tokens are given out for what a good login may not pull."""

    def answer(peer: Peer) -> None:
        if peer.path.startswith("/token"):
            denied = "closed" in peer.path
            peer.answer(403 if denied else 200, b'{"errors": []}' if denied else b'{"token": "good"}')
        elif peer.headers.get("Authorization") != "Bearer good":
            peer.answer(401, b"{}", ("WWW-Authenticate", f'Bearer realm="http://{peer.server.host}/token",service="s"'))
        else:
            healthy(shelf("open", BAD))(peer)

    with serving(answer) as server:
        pair = base64.b64encode(f"alice:{SECRET}".encode()).decode()
        authfile = login(tmp_path, server.host, auth=pair)
        closed = [pin for number in range(5) for pin in pins(server, f"closed-{number}", BAD)]
        found = ask(*closed, *pins(server, "open", BAD), authfile=authfile, jobs=1)
    assert [each.state for each in found] == [State.DENIED] * 5 + [State.RESOLVED]
