"""One real registry for the tests of this folder; each test uses repositories of its own."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.misbehaving import misbehaving_server
from tests.support.registry import Registry, running_registry
from tests.support.tools import require_tool


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    require_tool("skopeo")
    with running_registry(tmp_path_factory.mktemp("registry"), require_tool("docker-registry")) as running:
        yield running


@pytest.fixture(scope="session")
def misbehaving() -> Iterator[str]:
    """The host of a server on which each repository is one way to misbehave."""
    require_tool("skopeo")
    with misbehaving_server() as host:
        yield host


_OF_THIS_USER = re.compile(r"XDG_\w+|DOCKER_CONFIG|REGISTRY_AUTH_FILE|SSL_CERT_\w+|(?i:\w+_proxy)")


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, for questions from within the tests; nothing of this user's settings counts."""
    for name in filter(_OF_THIS_USER.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def repository(request: pytest.FixtureRequest) -> str:
    """A repository name that no other test uses."""
    return str(request.node.name).lower().replace("[", "/").replace("]", "").replace("_", "-").strip("-")
