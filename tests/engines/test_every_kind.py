"""The engines of this machine pull every image of the oracle by tag and by digest, and planner knew how it ends."""

from collections.abc import Iterator

import pytest

from planner.model.engine import parse_version
from tests.engines.live import Sight, look, predictions, pull_all
from tests.engines.shelf import Shelf, full_shelf
from tests.oracle.agreement import agreements
from tests.oracle.predict import Row
from tests.support.engines import ENGINES, architecture
from tests.support.knowledge import KNOWLEDGE
from tests.support.tools import missing, require_tool


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    require_tool("skopeo")
    if architecture() != "amd64":
        missing("the images of the oracle are for amd64")
    with full_shelf(tmp_path_factory.mktemp("registry")) as full:
        yield full


@pytest.fixture(scope="module")
def sight(shelf: Shelf) -> Sight:
    return look(shelf)


@pytest.fixture(scope="module", params=ENGINES)
def rows(request: pytest.FixtureRequest, shelf: Shelf) -> list[Row]:
    """What one engine did."""
    pulled = pull_all(request.param, shelf)
    version, newest = pulled[0].version, KNOWLEDGE.engines[request.param].newest
    if parse_version(version) > newest:
        pytest.skip(f"{request.param} {version} is installed, and planner knows releases up to {newest}")
    return pulled


def test_the_engine_does_what_planner_says(rows: list[Row], shelf: Shelf, sight: Sight) -> None:
    (found,) = agreements(predictions(rows, sight.full))
    print(found)
    assert found.total == len(shelf.references)
    assert not found.misses, "\n".join(found.misses)


def test_a_scan_says_nothing_wrong_of_what_it_sees(rows: list[Row], sight: Sight) -> None:
    """It reads neither layers nor the header that names a digest, and no manifest above its limit: less is said."""
    told_by_bytes_alone = (
        "s2-gziptype-zstddata",
        "x-digest-mismatch",
        "y-layer-missing",
        "y-layer-type-octet",
        "y-tartype-gzipdata",
        "y-zstdtype-gzipdata",
    )
    seen = [row for row in rows if row.image_kind not in told_by_bytes_alone]
    (found,) = agreements(predictions(seen, sight.seen))
    print(found)
    assert not found.wrong, "\n".join(found.wrong)
