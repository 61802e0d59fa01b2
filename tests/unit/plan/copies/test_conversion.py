"""Where copies go, with which commands, and what is said of them; real ones are in tests/registry/test_conver*.py."""

import shlex
from dataclasses import replace

import pytest

from planner.assess.likeness import differences, why_other
from planner.model import media_type as mt
from planner.model.manifest import Descriptor, Manifest
from planner.model.plan import Conversion
from planner.model.platform import Platform
from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.resolution import ImageConfig, Resolution, State
from planner.plan.copies.conversion import commands, conversions, destination, parse_place, predicted, with_digests
from tests.support.plans import conversion_of, plan_of

DIGEST = "sha256:" + "0123456789abcdef" * 4
ARM = Platform("linux", "arm", "v7")
PINNED = f"r.example/team/app:1.2@{DIGEST}"


@pytest.mark.parametrize(
    ("reference", "to", "platform", "expected"),
    [
        (PINNED, "", None, "r.example/team/app:1.2-0123456789ab-v2s2"),
        (f"r.example/team/app@{DIGEST}", "", None, "r.example/team/app:0123456789ab-v2s2"),
        ("r.example/team/app:1.2", "", None, "r.example/team/app:1.2-v2s2"),
        (PINNED, "", ARM, "r.example/team/app:1.2-0123456789ab-linux-arm-v7-v2s2"),
        (PINNED, "old.example:5000/a/b", None, "old.example:5000/a/b/team/app:1.2-0123456789ab-v2s2"),
        (PINNED, "old.example", None, "old.example/team/app:1.2-0123456789ab-v2s2"),
        (f"nginx@{DIGEST}", "old.example/mirror/", None, "old.example/mirror/library/nginx:0123456789ab-v2s2"),
    ],
)
def test_where_a_copy_goes(reference: str, to: str, platform: Platform | None, expected: str) -> None:
    assert str(destination(parse_reference(reference), to, "v2s2", platform)) == expected


def test_a_tag_stays_one_however_long_the_old_one_is() -> None:
    long = destination(parse_reference(f"r.example/app:{'x' * 128}@{DIGEST}"), "", "v2s2", ARM)
    assert long.tag
    assert len(long.tag) == 128
    assert long.tag.endswith("x-0123456789ab-linux-arm-v7-v2s2")


def test_pins_that_share_a_tag_have_two_copies() -> None:
    other = "sha256:" + "f" * 64
    one, two = (destination(parse_reference(f"r.example/app:1@{each}"), "", "v2s2") for each in (DIGEST, other))
    assert one != two


@pytest.mark.parametrize(
    "text",
    ["", "/", "mirror", "mirror/team", "https://r.example", "r.example/Team", "r.example:5000/a:1", "r.example//a"],
)
def test_what_is_no_place_for_copies(text: str) -> None:
    with pytest.raises(InvalidReferenceError):
        parse_place(text)


def test_a_path_that_becomes_too_long_is_refused() -> None:
    with pytest.raises(InvalidReferenceError, match="more than 255"):
        destination(parse_reference(f"r.example/{'a' * 200}@{DIGEST}"), f"r.example/{'b' * 100}", "v2s2")


def test_commands_for_all_platforms() -> None:
    conversion = conversion_of(PINNED)
    source, target = f"docker://r.example/team/app@{DIGEST}", "docker://r.example/team/app:1.2-0123456789ab-v2s2"
    assert commands(conversion) == (f"skopeo copy --all --format v2s2 {source} {target}",)
    assert commands(conversion, {"r.example"}) == (
        f"skopeo copy --all --src-tls-verify=false --dest-tls-verify=false --format v2s2 {source} {target}",
    )


def test_flags_for_certificates_are_of_the_side_that_needs_them() -> None:
    (line,) = commands(conversion_of(f"127.0.0.1:5000/app@{DIGEST}", to="r.example"))
    assert "--src-tls-verify=false" in line
    assert "--dest-tls-verify" not in line


def test_commands_for_one_platform_name_it_before_the_command() -> None:
    (line,) = commands(conversion_of(PINNED, "oci", platform=ARM))
    words = shlex.split(line)
    chosen = ["--override-os", "linux", "--override-arch", "arm", "--override-variant", "v7"]
    assert words[1:8] == [*chosen, "copy"]
    assert "--all" not in words


def test_layers_are_compressed_anew_in_a_folder() -> None:
    lines = commands(conversion_of(PINNED, gzip=True))
    assert lines[0] == "work=$(mktemp -d)"
    source = f"docker://r.example/team/app@{DIGEST}"
    assert lines[1] == f'skopeo copy --all --dest-compress --dest-compress-format gzip {source} "dir:$work/1"'
    assert lines[2] == 'skopeo copy --all --format v2s2 "dir:$work/1" "dir:$work/2"'
    assert lines[3].startswith('skopeo copy --all --preserve-digests "dir:$work/2" docker://')
    assert lines[4] == 'rm -r "$work"'


def test_digests_of_copies_stand_in_what_is_to_be_pinned() -> None:
    conversion = conversion_of(PINNED)
    plan = plan_of((PINNED, conversion), (PINNED, conversion))
    assert conversions(plan) == (conversion,)
    filled = with_digests(plan, {conversion.destination: DIGEST})
    assert {step.new_reference.digest for step in filled.steps if step.new_reference} == {DIGEST}
    assert with_digests(plan, {}) == plan


def image(layer: str = "a", config: str = "c") -> Resolution:
    layers = (Descriptor(f"{mt.OCI_TAR}+gzip", f"sha256:{layer}", 1),)
    described, members = Descriptor(mt.OCI_CONFIG, f"sha256:{config}", 9), frozenset({"config", "layers"})
    manifest = Manifest(mt.OCI_MANIFEST, 500, mt.OCI_MANIFEST, members, described, layers)
    reference = Reference("r.example", "app", None, f"sha256:{layer}{config}")
    known = ImageConfig(Platform("linux", "amd64"), 1, 9)
    return Resolution(reference, State.RESOLVED, manifest, reference.digest or "", mt.OCI_MANIFEST, config=known)


def index(*children: Resolution, platforms: tuple[str, ...] = ("amd64", "arm64")) -> Resolution:
    entries = tuple(
        Descriptor(mt.OCI_MANIFEST, child.digest, 500, Platform("linux", name))
        for child, name in zip(children, platforms, strict=True)
    )
    manifest = Manifest(mt.OCI_INDEX, 900, mt.OCI_INDEX, frozenset({"manifests"}), entries=entries)
    reference = Reference("r.example", "app", None, "sha256:index")
    bare = tuple(replace(child, config=None) for child in children)
    return Resolution(reference, State.RESOLVED, manifest, "sha256:index", mt.OCI_INDEX, children=bare)


COPY = Conversion(parse_reference(PINNED), parse_reference("r.example/app:copy"), "v2s2")


def test_a_copy_is_asked_for_by_its_destination_and_has_no_digest_yet() -> None:
    copy = predicted(index(image(), image(layer="b")), COPY)
    assert copy
    assert (copy.reference, copy.digest, copy.media_type) == (COPY.destination, "", mt.MANIFEST_LIST)
    assert [child.media_type for child in copy.children] == [mt.SCHEMA2, mt.SCHEMA2]
    assert copy.manifest
    assert [copy.child(entry.digest) for entry in copy.manifest.entries] == list(copy.children)


def test_entries_that_were_not_read_are_taken_to_be_images_but_for_attestations() -> None:
    whole = index(image(), image(layer="b"))
    half = replace(whole, children=whole.children[:1])
    copy = predicted(half, COPY)
    assert copy
    assert len(copy.children) == 1
    assert half.manifest
    attested = replace(half.manifest.entries[1], platform=Platform("unknown", "unknown"))
    manifest = replace(half.manifest, entries=(half.manifest.entries[0], attested))
    assert predicted(replace(half, manifest=manifest), COPY) is None
    assert predicted(replace(half, manifest=manifest), replace(COPY, format="oci")) is not None
    assert predicted(replace(half, manifest=manifest), replace(COPY, platform=Platform("linux", "amd64"))) is not None


@pytest.mark.parametrize(
    "conversion",
    [
        replace(COPY, format="v3"),
        replace(COPY, format="v2s1", gzip=True),
        replace(COPY, format="v2s1"),
        replace(COPY, platform=Platform("linux", "riscv64")),
    ],
)
def test_what_cannot_be_had_of_an_index(conversion: Conversion) -> None:
    assert predicted(index(image(), image(layer="b")), conversion) is None


def test_a_missing_entry_or_an_unanswered_question_foretells_nothing() -> None:
    whole = index(image(), image(layer="b"))
    missing = replace(whole.children[1], state=State.MISSING, manifest=None)
    assert predicted(replace(whole, children=(whole.children[0], missing)), COPY) is None
    assert predicted(Resolution(COPY.source, State.DENIED), COPY) is None


def test_differences_name_what_is_other_than_foretold() -> None:
    expected = predicted(image(), COPY)
    assert expected
    assert differences(expected, expected) == ()
    assert "its form is OCI manifest instead of schema 2 manifest" in differences(expected, image())
    denied = differences(expected, Resolution(COPY.destination, State.DENIED, detail="no"))
    assert denied == ("it could not be read (denied): no",)
    other = replace(expected, config=ImageConfig(Platform("linux", "arm64"), 1, 9))
    assert differences(expected, other) == ("its platform is linux/arm64 instead of linux/amd64",)


def test_differences_of_an_index_name_the_entry() -> None:
    expected = predicted(index(image(), image(layer="b")), COPY)
    assert expected
    assert expected.manifest
    assert differences(expected, replace(expected, children=expected.children[:1])) == (
        "entry 2: what it leads to could not be read (not-recorded)",
    )
    shorter = replace(expected.manifest, entries=expected.manifest.entries[:1])
    assert differences(expected, replace(expected, manifest=shorter)) == ("it has 1 entries instead of 2",)


def test_content_is_the_same_by_its_config_or_by_its_layers() -> None:
    assert "its layers are not" in why_other(image(), image(layer="b"))
    assert why_other(image(), image(layer="b"), gzip=True) == ""
    assert why_other(image(), image(config="d")) == ""
    assert "neither its config nor its layers" in why_other(image(), image(layer="b", config="d"))
    whole = index(image(), image(layer="b"))
    assert why_other(whole, whole) == ""
    assert "entry 2" in why_other(whole, index(image(), image(layer="x", config="y")))
    assert "neither" in why_other(whole, image())
