"""How the tests are spread over the processes of ./scripts/test."""

import pytest


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares a fixture of its module: each process would make one of its own."""
    for item in items:
        if isinstance(item, pytest.Function) and _shares(item):
            item.add_marker(pytest.mark.xdist_group(item.module.__name__))


def _shares(item: pytest.Function) -> bool:
    fixtures = (each for several in item._fixtureinfo.name2fixturedefs.values() for each in several)
    return any(each.scope in ("module", "class") for each in fixtures)
