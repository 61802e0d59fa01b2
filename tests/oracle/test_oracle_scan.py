"""`planner scan` over the oracle's images by tag and by digest agrees with what real engines did."""

from collections import Counter
from typing import Any

import pytest

from planner.model.finding import Verdict
from tests.support.command import Done, run
from tests.support.oracle_images import StoredImage
from tests.support.oracle_scan import NOWHERE, Registries, Said, load, said, write_inventory
from tests.support.oracle_snapshot import oracle_snapshot

REGISTRIES = Registries("distribution.example", "static.example")


@pytest.fixture(scope="module")
def images() -> list[StoredImage]:
    return load("url.example")


@pytest.fixture(scope="module")
def scanned(images: list[StoredImage], tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder = tmp_path_factory.mktemp("oracle")
    recorded = folder / "registry.jsonl"
    missing = [f"{image.repository}@{NOWHERE}" for image in images]
    registries = (REGISTRIES.distribution, REGISTRIES.static)
    recorded.write_text("".join(oracle_snapshot(images, registry, missing) for registry in registries))
    inventory = write_inventory(folder / "infra", images, REGISTRIES)
    return run("scan", inventory, "--offline", recorded, "--format", "json", home=folder)


@pytest.fixture(scope="module")
def report(scanned: Done) -> Any:
    assert scanned.code == 1
    return scanned.json


def test_the_report_contradicts_no_engine(report: Any, images: list[StoredImage]) -> None:
    rows = said(report, images)
    wrong = [str(each) for each in rows if each.is_wrong]
    print(f"\n{len(rows) - len(wrong)} of {len(rows)} rows agree; unknown: {_unknown(rows)}")
    assert not wrong, "\n".join(wrong)
    assert len(rows) > 1000


def _unknown(rows: list[Said]) -> dict[str, int]:
    return dict(Counter(each.cause for each in rows if each.verdict is Verdict.UNKNOWN))


def test_tag_and_digest_are_both_there(report: Any, images: list[StoredImage]) -> None:
    by_tag = [o for o in report["occurrences"] if o["digest"] is None]
    assert len(by_tag) == len(images) + 1  # one kind is there by another one's tag
    assert {o["tag"] for o in by_tag} == {"t"}
    assert len(report["occurrences"]) == 2 * len(by_tag)


def test_conversions_are_for_tags_alone(report: Any, images: list[StoredImage]) -> None:
    """The founding case, as engines met it: what a tag gets converted, a digest does not get."""
    verdicts = {(each.row.ref_kind, each.verdict) for each in said(report, images) if each.row.image_kind == "s2-gzip"}
    assert ("digest", Verdict.PULLS) in verdicts


@pytest.mark.parametrize(
    ("kind", "ref"),
    [("s2-gziptype-zstddata", "digest"), ("s2-foreign-absent", "digest"), ("x-digest-mismatch", "tag")],
)
def test_layers_and_headers_tell_what_manifests_do_not(
    report: Any, images: list[StoredImage], kind: str, ref: str
) -> None:
    found = [each for each in said(report, images) if (each.row.image_kind, each.row.ref_kind) == (kind, ref)]
    assert {each.row.outcome for each in found if each.verdict is Verdict.BREAKS} == {"fail"}


def test_nothing_is_left_open(report: Any, images: list[StoredImage]) -> None:
    assert [str(each) for each in said(report, images) if each.verdict is Verdict.UNKNOWN] == []
