"""What a copy will be, foretold and then really made: the images of the oracle, real skopeo and a real registry."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from planner.assess.likeness import differences, why_other
from planner.model.plan import Conversion
from planner.model.platform import Platform, parse_platform
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import Resolution, State
from planner.plan.copies.conversion import copies_of, predicted
from planner.resolve import resolve
from planner.resolve.credentials import Credentials
from planner.resolve.skopeo import SkopeoResolver
from planner.resolve.skopeo_copy import Copier
from tests.support.images import build_attestation, build_image, build_index
from tests.support.oracle_images import StoredImage, read_images
from tests.support.registry import Registry
from tests.support.static_registry import static_registry

IMAGES = Path(__file__).parents[1] / "oracle" / "images.jsonl"
# Forms other than schema 2 are tried with a few; the rest would only repeat them.
OTHERS = {
    "v2s1": "s1-signed s2-gzip s2-foreign s2-arm64 mlist-s1s2 oci-gzip oci-zstd oci-tar helm",
    "oci": "s1-signed s2-gzip s2-foreign mlist-s1s2 oci-gzip-nomt oci-zstd oci-index-attest oci-index-nomt helm",
    "v2s2 gzip": "s2-foreign s2-gziptype-zstddata oci-zstd oci-tar oci-index-attest",
    "oci gzip": "oci-zstd y-layer-size-zero",
}
# Kinds that are to skopeo what others are: the same defect in another place, or in another size.
ALIKE = ("ct-s2", "ct-oci-", "ct-ocin", "big-5", "big-9", "y-entry-s", "oci-index-w", "mlist-w", "mlist-arm", "oci-arm")
# What skopeo makes and planner does not plan, as the docstring of `predicted` says.
NOT_WANTED = {
    ("oci-index-noplatform", "v2s2"),
    ("mlist-s1s2", "v2s1"),
    ("s2-foreign", "v2s2 gzip"),
    ("ct-ociindex-served-as-mlist", "v2s2"),
}
# What planner cannot foretell: nobody looked whether the layer is there.
NOT_SEEN = {("y-layer-missing", "v2s2")}
NEW: set[tuple[str, str]] = {("oci-tar", "v2s1")}


@dataclass(frozen=True)
class Copies:
    """Every image at a registry, and a place to copy to."""

    hosts: dict[str, str]
    images: list[StoredImage]
    target: Registry
    resolver: SkopeoResolver
    copier: Copier

    def source(self, image: StoredImage) -> Reference:
        return parse_reference(f"{self.hosts[image.kind]}/{image.repository}@{image.digest}")

    def ask(self, reference: Reference) -> Resolution:
        return next(iter(resolve([reference], self.resolver, None).values()))


@pytest.fixture(scope="module")
def copies(registry: Registry) -> Iterator[Copies]:
    used = set(" ".join(OTHERS.values()).split())
    every = read_images(IMAGES, registry.host)
    images = [image for image in every if image.kind in used or not image.kind.startswith(ALIKE)]
    with static_registry() as static:
        static.add(image for image in images if not image.in_registry)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(registry.put, [image for image in images if image.in_registry]))
        hosts = {image.kind: registry.host if image.in_registry else static.host for image in images}
        resolver, copier = SkopeoResolver(), Copier(Credentials(), 60.0)
        yield Copies(hosts, images, registry, resolver, copier)
        resolver.close()
        copier.close()


def copy(copies: Copies, conversion: Conversion, folder: Path) -> str:
    """Make it as the commands say."""
    folder.mkdir(parents=True)
    calls = copies_of(conversion, frozenset(), str(folder))
    return copies.copier.copy(calls, conversion.source, conversion.destination)


def outcome(copies: Copies, image: StoredImage, form: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    """What became of a copy, in a word, and how it differs from what was foretold."""
    place = f"{copies.target.host}/foretold/{image.kind}:{form.replace(' ', '-')}"
    gzip = form.endswith("gzip")
    conversion = Conversion(copies.source(image), parse_reference(place), form.split(" ", maxsplit=1)[0], None, gzip)
    source = copies.ask(conversion.source)
    expected = predicted(source, conversion)
    failed = copy(copies, conversion, folder / image.kind / form.replace(" ", "-"))
    if expected is None or failed:
        return ("foretold, and failed" if expected else "not foretold" if failed else "not foretold, and made"), ()
    found = copies.ask(conversion.destination)
    # Layers that are compressed on their way have other digests, and so has a config that is written anew.
    is_new = gzip or (image.kind, form) in NEW
    other = "" if is_new else why_other(source, found)
    return "made", (*differences(expected, found), *([other] if other else []))


def test_every_kind_becomes_what_was_foretold(copies: Copies, tmp_path: Path) -> None:
    cases = [(image, "v2s2") for image in copies.images if not image.kind.startswith(ALIKE)]
    kinds = {image.kind: image for image in copies.images}
    cases += [(kinds[kind], form) for form, few in OTHERS.items() for kind in few.split()]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda case: outcome(copies, case[0], case[1], tmp_path), cases))
    by_ending: dict[str, set[tuple[str, str]]] = {}
    for (image, form), (ending, wrong) in zip(cases, found, strict=True):
        assert not wrong, f"{image.kind} as {form}: {wrong}"
        by_ending.setdefault(ending, set()).add((image.kind, form))
    assert by_ending["foretold, and failed"] == NOT_SEEN
    assert by_ending["not foretold, and made"] == NOT_WANTED
    assert len(by_ending["made"]) > 45
    assert len(by_ending["not foretold"]) > 20


# The entries, the platform that is asked for, and which of them skopeo takes.
CHOICES = [
    (("linux/amd64", "linux/arm64"), "linux/arm64", 1),
    (("linux/arm64/v8", "linux/amd64"), "linux/arm64", 0),
    (("linux/arm/v6", "linux/arm/v7"), "linux/arm/v7", 1),
    (("linux/arm/v5", "linux/arm/v6"), "linux/arm/v7", 1),
    (("linux/amd64", "linux/amd64/v3"), "linux/amd64", 0),
    (("linux/amd64", "linux/amd64/v3"), "linux/amd64/v3", 1),
    (("linux/amd64", None), "linux/arm64", 1),
]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice[1].replace("/", "-"))
def test_the_image_for_a_platform_is_the_one_that_was_foretold(
    copies: Copies, repository: str, tmp_path: Path, choice: tuple[tuple[str | None, ...], str, int]
) -> None:
    entries, platform, taken = choice
    images = [build_image({"hello": f"{entry}".encode()}, entry or "linux/arm64") for entry in entries]
    index = build_index([*zip(images, entries, strict=True), (build_attestation(images[0]), "unknown/unknown")])
    copies.target.push(index, repository)
    source = parse_reference(f"{copies.target.host}/{repository}@{index.digest}")
    target = parse_reference(f"{copies.target.host}/{repository}:copy")
    conversion = Conversion(source, target, "v2s2", parse_platform(platform))
    expected = predicted(copies.ask(source), conversion)
    assert expected
    assert copy(copies, conversion, tmp_path / "work") == ""
    found = copies.ask(target)
    assert differences(expected, found) == ()
    assert found.manifest
    assert found.manifest.config
    assert found.manifest.config.digest == images[taken].blob_digests[0]


def test_layers_in_another_compression_that_skopeo_knows_to_be_there_are_not_taken(
    copies: Copies, repository: str, tmp_path: Path
) -> None:
    """The copy is made where the source is: skopeo has seen its layers, and would take them for those unpacked."""
    image = build_image({"hello": str(tmp_path).encode()}, compression="zstd", layers=2)
    copies.target.push(image, repository)
    source = parse_reference(f"{copies.target.host}/{repository}@{image.digest}")
    for number in range(2):
        conversion = Conversion(source, parse_reference(f"{source.name}:{number}"), "v2s2", None, gzip=True)
        expected = predicted(copies.ask(source), conversion)
        assert expected
        assert copy(copies, conversion, tmp_path / f"work{number}") == ""
        found = copies.ask(conversion.destination)
        assert differences(expected, found) == ()
        assert why_other(copies.ask(source), found, gzip=True) == ""


def test_what_is_not_there_is_not_foretold(copies: Copies) -> None:
    missing = copies.ask(parse_reference(f"{copies.target.host}/never/was@sha256:{1:064x}"))
    assert missing.state is State.MISSING
    target = parse_reference(f"{copies.target.host}/never/was:copy")
    assert predicted(missing, Conversion(missing.reference, target, "v2s2")) is None
    assert predicted(missing, Conversion(missing.reference, target, "v2s2", Platform("linux", "amd64"))) is None
