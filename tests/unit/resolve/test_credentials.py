"""Where logins are found, in which order, under which keys. tests/registry/test_logins.py uses them."""

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from planner.resolve.auth_files import Login, host_of
from planner.resolve.credentials import Credentials
from tests.support.helpers import helper_answering, write_helper

REGISTRY = "registry.example:5000"
HUB = "docker.io"


def entry(user: str, password: str = "password-of-test") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def auths(user: str, key: str = REGISTRY) -> dict[str, Any]:
    return {"auths": {key: entry(user)}}


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


class Home:
    """A home folder, and the environment of somebody who lives there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runtime = root / "run"
        self.runtime.mkdir()
        self.programs = root / "bin"
        self.variables = {
            "HOME": str(root),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "PATH": f"{self.programs}:{os.environ['PATH']}",
        }

    def docker(self, content: object) -> "Home":
        write(self.root / ".docker" / "config.json", content)
        return self

    def credentials(self, authfile: Path | None = None, **variables: str) -> Credentials:
        return Credentials(authfile, self.variables | variables)

    def user(self, registry: str = REGISTRY, repository: str = "team/app", **variables: str) -> str:
        login = self.credentials(None, **variables).lookup(registry, repository)
        return login.username if login else ""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def places(home: Home) -> dict[str, Path]:
    """Where logins may be, the first one first."""
    return {
        "runtime": home.runtime / "containers" / "auth.json",
        "settings": home.root / ".config" / "containers" / "auth.json",
        "docker": home.root / ".docker" / "config.json",
        "legacy": home.root / ".dockercfg",
    }


def test_the_places_in_order(home: Home) -> None:
    found = []
    for name, path in places(home).items():
        write(path, {REGISTRY: entry(name)} if name == "legacy" else auths(name))
    for path in places(home).values():
        found.append(home.user())
        path.unlink()
    assert found == [*places(home)]
    assert home.user() == ""


def test_a_place_without_the_login_hides_no_other(home: Home) -> None:
    for path in list(places(home).values())[:3]:
        write(path, {"auths": {"other.example": entry("other"), REGISTRY: {}}})
    write(places(home)["legacy"], {f"https://{REGISTRY}/v1/": entry("legacy")})
    assert home.user() == "legacy"


def test_variables_move_the_places(home: Home, tmp_path: Path) -> None:
    write(tmp_path / "settings" / "containers" / "auth.json", auths("moved-settings"))
    write(tmp_path / "docker" / "config.json", auths("moved-docker"))
    home.docker(auths("docker"))
    assert home.user(XDG_CONFIG_HOME=str(tmp_path / "settings")) == "moved-settings"
    assert home.user(DOCKER_CONFIG=str(tmp_path / "docker")) == "moved-docker"
    assert home.user(XDG_RUNTIME_DIR=str(tmp_path / "nowhere")) == "docker"
    assert home.user(XDG_RUNTIME_DIR="") == "docker"


def test_a_named_file_is_the_only_one(home: Home, tmp_path: Path) -> None:
    home.docker(auths("docker"))
    named, other = write(tmp_path / "named.json", auths("named")), write(tmp_path / "other.json", auths("other"))
    empty = write(tmp_path / "empty.json", {})
    assert home.user(REGISTRY_AUTH_FILE=str(named)) == "named"
    assert home.user(REGISTRY_AUTH_FILE=str(empty)) == ""
    login = home.credentials(other, REGISTRY_AUTH_FILE=str(named)).lookup(REGISTRY, "team/app")
    assert login == Login("other", "password-of-test")


def test_a_named_file_that_is_not_there_is_said(home: Home, tmp_path: Path) -> None:
    home.docker(auths("docker"))
    credentials = home.credentials(REGISTRY_AUTH_FILE=str(tmp_path / "nowhere.json"))
    assert credentials.lookup(REGISTRY, "team/app") is None
    assert [str(tmp_path / "nowhere.json") in notice for notice in credentials.notices] == [True]


def test_the_longest_key_counts(home: Home) -> None:
    keys = [REGISTRY, f"{REGISTRY}/team", f"{REGISTRY}/team/app", f"{REGISTRY}/team/app/deep"]
    home.docker({"auths": {key: entry(f"user-{number}") for number, key in enumerate(keys)}})
    for repository, number in [
        ("team/app", 2),
        ("team/app/deep", 3),
        ("team/app/deeper", 2),
        ("team/application", 1),
        ("team", 1),
        ("other", 0),
    ]:
        assert home.user(repository=repository) == f"user-{number}", repository


def test_a_key_of_a_repository_is_none_of_the_registry(home: Home) -> None:
    home.docker({"auths": {f"{REGISTRY}/team/app": entry("team")}})
    assert home.user(repository="other") == ""


@pytest.mark.parametrize(
    ("key", "registry"),
    [
        ("docker.io", HUB),
        ("index.docker.io", HUB),
        ("https://index.docker.io/v1/", HUB),
        ("index.docker.io/v1/", HUB),
        ("https://registry-1.docker.io/v2/", HUB),
        (f"https://{REGISTRY}", REGISTRY),
        (f"http://{REGISTRY}/v2/", REGISTRY),
        (f"{REGISTRY}/", REGISTRY),
    ],
)
def test_spellings_of_a_registry(home: Home, key: str, registry: str) -> None:
    home.docker(auths("found", key))
    assert home.user(registry, "library/app") == "found"
    assert home.user("elsewhere.example", "library/app") == ""
    assert host_of(key) == registry


@pytest.mark.parametrize(
    ("stored", "login"),
    [
        (entry("user", "a:b"), Login("user", "a:b")),
        (entry("user", "ends\0\0"), Login("user", "ends")),
        ({"username": "user", "password": "plain"}, Login("user", "plain")),
        ({**entry("user", ""), "identitytoken": "long"}, Login("user", "", "long")),
        ({"identitytoken": "long"}, Login("", "", "long")),
        ({"auth": entry("user")["auth"][:6] + "\n" + entry("user")["auth"][6:]}, Login("user", "password-of-test")),
        ({}, None),
        ({"auth": ""}, None),
        ({"email": "a@b.example"}, None),
        ({"username": "user", "password": 7}, None),
    ],
)
def test_what_an_entry_may_be(home: Home, stored: Mapping[str, Any], login: Login | None) -> None:
    credentials = home.docker({"auths": {REGISTRY: stored}}).credentials()
    assert credentials.lookup(REGISTRY, "team/app") == login
    assert credentials.notices == []


@pytest.mark.parametrize("auth", ["not base64 of hunter2", base64.b64encode(b"hunter2-alone").decode(), "/w==", 7])
def test_a_broken_entry_is_said_once_and_not_shown(home: Home, auth: object) -> None:
    credentials = home.docker({"auths": {REGISTRY: {"auth": auth}}}).credentials()
    assert [credentials.lookup(REGISTRY, f"team/app{number}") for number in range(3)] == [None] * 3
    (notice,) = credentials.notices
    assert "Log in again" in notice
    assert "hunter2" not in notice
    assert str(auth) not in notice.replace(str(home.root), "")


def test_text_that_no_header_can_hold(home: Home) -> None:
    credentials = home.docker({"auths": {REGISTRY: {"username": "u", "password": "\ud800"}}}).credentials()
    assert credentials.lookup(REGISTRY, "team/app") is None
    assert len(credentials.notices) == 1


@pytest.mark.parametrize("content", ["{hunter2", "[1]", "\0", "[" * 100_000, "", '{"auths": {"x": hunter2}}'])
def test_a_broken_file_hides_no_other(home: Home, content: str) -> None:
    write(places(home)["settings"], content)
    credentials = home.docker(auths("docker")).credentials()
    login = credentials.lookup(REGISTRY, "team/app")
    assert login
    assert login.username == "docker"
    (notice,) = credentials.notices
    assert str(places(home)["settings"]) in notice
    assert "log in again" in notice
    assert "hunter2" not in notice


@pytest.mark.parametrize("content", [{"auths": 7}, {"auths": {REGISTRY: "x"}}, {"credHelpers": [], "credsStore": 3}])
def test_odd_but_well_formed(home: Home, content: object) -> None:
    credentials = home.docker(content).credentials()
    assert credentials.lookup(REGISTRY, "team/app") is None
    assert credentials.notices == []


def test_a_folder_in_place_of_a_file(home: Home) -> None:
    places(home)["settings"].mkdir(parents=True)
    credentials = home.docker(auths("docker")).credentials()
    assert credentials.lookup(REGISTRY, "team/app") == Login("docker", "password-of-test")
    assert ["Is a directory" in notice for notice in credentials.notices] == [True]


def test_a_helper_comes_before_the_entries_of_its_file(home: Home) -> None:
    helper_answering(home.programs, "keeps", "helped", "secret-of-test")
    home.docker({**auths("entry"), "credHelpers": {REGISTRY: "keeps"}})
    assert home.user() == "helped"
    assert home.user("other.example") == ""
    write(places(home)["runtime"], auths("earlier"))
    assert home.user() == "earlier"


def test_a_store_comes_after_the_entries_of_its_file(home: Home) -> None:
    helper_answering(home.programs, "store", "stored", "secret-of-test")
    home.docker({"auths": {REGISTRY: {}, "entry.example": entry("entry")}, "credsStore": "store"})
    assert home.user() == "stored"
    assert home.user("never-seen.example") == "stored"
    assert home.user("entry.example") == "entry"


@pytest.mark.parametrize(
    ("config", "asked"),
    [
        ({"credsStore": "notes"}, "https://index.docker.io/v1/"),
        ({"credHelpers": {"https://index.docker.io/v1/": "notes"}}, "https://index.docker.io/v1/"),
        ({"credHelpers": {"index.docker.io": "notes"}}, "index.docker.io"),
        ({"credHelpers": {"docker.io": "notes", "index.docker.io": "other"}}, "docker.io"),
    ],
)
def test_the_name_of_docker_hub_before_a_helper(home: Home, config: object, asked: str) -> None:
    helper_answering(home.programs, "notes", "user", "secret-of-test")
    assert home.docker(config).user(HUB, "library/app") == "user"
    assert (home.programs / "notes.asked").read_text() == f"get {asked}\n"


def test_a_helper_gives_an_identity_token(home: Home) -> None:
    helper_answering(home.programs, "cloud", "<token>", "long-lived")
    credentials = home.docker({"credHelpers": {REGISTRY: "cloud"}}).credentials()
    assert credentials.lookup(REGISTRY, "team/app") == Login("", "", "long-lived")


@pytest.mark.parametrize(
    "words", ["credentials not found in native keychain", "no credentials server URL", "Item Not Found in keychain"]
)
def test_a_helper_without_the_login_is_no_fault(home: Home, words: str) -> None:
    write_helper(home.programs, "empty", f"echo '{words}'; exit 1")
    credentials = home.docker({**auths("entry"), "credHelpers": {REGISTRY: "empty"}}).credentials()
    assert credentials.lookup(REGISTRY, "team/app") == Login("entry", "password-of-test")
    assert credentials.notices == []


def test_a_helper_is_asked_once_for_each_registry(home: Home) -> None:
    helper_answering(home.programs, "notes", "user", "secret-of-test")
    credentials = home.docker({"credsStore": "notes"}).credentials()
    for number in range(20):
        assert credentials.lookup(REGISTRY, f"team/app{number}")
        assert credentials.lookup("other.example", f"team/app{number}")
    assert (home.programs / "notes.asked").read_text() == f"get {REGISTRY}\nget other.example\n"


def test_a_missing_helper_is_said_once_for_all_registries(home: Home) -> None:
    credentials = home.docker({"credsStore": "planner-has-no-such-helper"}).credentials()
    assert [credentials.lookup(f"r{number}.example", "app") for number in range(5)] == [None] * 5
    (notice,) = credentials.notices
    assert "docker-credential-planner-has-no-such-helper is not installed" in notice
    assert "log in with" in notice


def test_who_asks_has_a_mark_that_tells_nothing(home: Home) -> None:
    home.docker({"auths": {REGISTRY: entry("user"), f"{REGISTRY}/token": {"identitytoken": "long-lived"}}})
    credentials = home.credentials()
    marks = [credentials.identity(REGISTRY, "app"), credentials.identity(REGISTRY, "token")]
    marks.append(credentials.identity("other.example", "app"))
    assert len(set(marks)) == 3
    assert marks[2] == ""
    assert not any(word in mark for word in ("user", "long") for mark in marks)


def test_no_login_is_in_a_repr(home: Home) -> None:
    credentials = home.docker(auths("user-of-test")).credentials()
    login = credentials.lookup(REGISTRY, "team/app")
    for shown in (repr(login), repr(credentials), repr(credentials._read())):
        assert "user-of-test" not in shown
        assert "password-of-test" not in shown
        assert entry("user-of-test")["auth"] not in shown


def test_words_without_the_secrets_that_were_used(home: Home) -> None:
    stored = {
        REGISTRY: entry("user"),
        "token.example": {"identitytoken": "long-lived"},
        "short.example": entry("a", "o"),
    }
    credentials = home.docker({"auths": stored}).credentials()
    words = f"no to user:password-of-test, {entry('user')['auth']}, long-lived"
    assert credentials.hide(words) == words
    for registry in stored:
        credentials.lookup(registry, "team/app")
    assert credentials.hide(words) == "no to user:…, …, …"


def test_the_file_for_skopeo(home: Home) -> None:
    helper_answering(home.programs, "keeps", "helped", "secret-of-test")
    helpers = {REGISTRY: "keeps", "mirror.example": "other"}
    home.docker({"auths": {"mirror.example/hub": entry("mirror")}, "credHelpers": helpers, "credsStore": "desktop"})
    content = home.credentials().file_for(REGISTRY, "team/app")
    helped = entry("helped", "secret-of-test")
    assert json.loads(content or b"") == {
        "auths": {"mirror.example/hub": entry("mirror"), REGISTRY: helped, f"{REGISTRY}/team/app": helped},
        "credHelpers": {"mirror.example": "other"},
    }


def test_no_file_for_a_stranger(home: Home) -> None:
    assert home.docker(auths("user")).credentials().file_for("other.example", "team/app") is None
