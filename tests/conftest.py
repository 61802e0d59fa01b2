"""How ./scripts/test spreads the tests over two processes: by file, so that what a file's tests share is made once."""

import pytest

# What takes longest begins first, so that no process is left alone with it at the end.
_FIRST = (
    "tests/engines/",
    "tests/registry/",
    "tests/integrations/",
    "tests/report/",
    "tests/cases/",
    "tests/unit/cli/",
    "tests/unit/test_",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # a process of several
        items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    return next((rank for rank, start in enumerate(_FIRST) if item.nodeid.startswith(start)), len(_FIRST))
