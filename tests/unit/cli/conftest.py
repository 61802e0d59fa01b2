from collections.abc import Iterator

import pytest

from tests.support.misbehaving import misbehaving_server
from tests.support.tools import require_tool


@pytest.fixture(scope="session")
def misbehaving() -> Iterator[str]:
    """The host of a server on which each repository is one way to misbehave."""
    require_tool("skopeo")
    with misbehaving_server() as host:
        yield host
