"""Versions as they are found in the field, their order, and ranges of them."""

from itertools import pairwise

import pytest

from planner.model.engine import InvalidVersionError, Range, parse_range, parse_software, parse_version

# Each stands before the next.
IN_ORDER = [
    "1.6.0-rc1",
    "1.6.0-rc2",
    "1.6.0",
    "1.6.2",
    "1.9.1",
    "1.10.0",
    "1.13.1",
    "17.03.0-ce",
    "17.12.1-ce",
    "18.06.0-ce-dev",
    "18.06.0-ce-tp6",
    "18.06.0-ce-alpha1",
    "18.06.0-ce-beta3",
    "18.06.0-ce-rc1",
    "18.06.0-ce-rc10",
    "18.06.0-ce",
    "18.09.0",
    "20.10.9",
    "20.10.24",
    "28.2.0-rc.1",
    "28.2.0-rc.2",
    "28.2.0",
    "100.0.0",
]


def test_versions_are_in_order() -> None:
    versions = [parse_version(text) for text in IN_ORDER]
    assert sorted(set(versions)) == versions
    assert all(one < other for one, other in pairwise(versions))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.13.1-cs9", "1.13.1"),
        ("17.06.2-ee-5", "17.06.2-ce"),
        ("20.10.24+dfsg1", "20.10.24"),
        ("1.6.20~ds1", "1.6.20"),
        ("20.10.5+dfsg1-1+deb11u2", "20.10.5"),
        ("2.2.3-k3s1", "2.2.3"),
        ("19.03.14+azure-1", "19.03.14"),
        ("19.3.13", "19.03.13"),
        ("v1.7.2", "1.7.2"),
        ("docker-v29.0.0", "29.0.0"),
        ("docker://20.10.7", "20.10.7"),
        ("1.5.0~rc1", "1.5.0-rc1"),
        ("1.5.0~rc.1+ds1", "1.5.0-rc1"),
        ("2.1.0_rc1", "2.1.0-rc1"),
        ("2.1.0-pre", "2.1.0-dev"),
        ("2.1.0-preview.2", "2.1.0-dev2"),
        ("2.1.0-nightly.20250101", "2.1.0-dev20250101"),
        ("2.1.0-SNAPSHOT", "2.1.0-dev"),
        ("2.1.0-UNRELEASED", "2.1.0-dev"),
        ("2.1.0-canary", "2.1.0-dev"),
        ("2.1.0-premium", "2.1.0"),
        # Red Hat's git suffix tells a commit of its own branch, after the release.
        ("1.13.1-103.git7f2769b.el7", "1.13.1"),
        (" 1.5.0 ", "1.5.0"),
        # A name of a distribution that only begins like a stage is none.
        ("20.10.24-devuan1", "20.10.24"),
        ("1.6.20~rcd1", "1.6.20"),
        # Packages: an epoch in front, what a distribution adds behind.
        ("5:20.10.7~3-0~ubuntu-focal", "20.10.7"),
        ("1:25.0.4-1.el9", "25.0.4"),
        ("5:28.0.0-1~debian.12~bookworm", "28.0.0"),
        ("20.10.21-0ubuntu1~22.04.3", "20.10.21"),
        ("17.03.0~ce-0~ubuntu-xenial", "17.03.0"),
        ("1.13.1-209.git7d71120.el7_9", "1.13.1"),
        ("1.25.3-5.rhaos4.12.git44a2cb2.el8", "1.25.3"),
        ("4.9.4-rhel", "4.9.4"),
        ("18.9.1", "18.09.1"),
        ("v1.30.2+k3s1", "1.30.2"),
        ("containerd://1.7.2", "1.7.2"),
        ("3.0.13+azure", "3.0.13"),
        ("docker-29.0.0-rc.1", "29.0.0-rc1"),
        ("5:29.0.0~rc.1-1~debian.12~bookworm", "29.0.0-rc1"),
        ("2.0.0~rc4+ds-1", "2.0.0-rc.4"),
        # A fourth number is a rebuild of the third.
        ("0.12.1.2", "0.12.1"),
    ],
)
def test_editions_and_packagers_do_not_order(one: str, other: str) -> None:
    assert parse_version(one) == parse_version(other)
    assert hash(parse_version(one)) == hash(parse_version(other))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "latest",
        "Unknown",
        "1",
        "20.10",
        "v28",
        "1.2.x",
        "1.2.3junk",
        "-1.2.3",
        "1..3",
        "\uff11.2.3x",
        "5:",
        ":1.2.3",
        "5:20.10",
        "5:5:1.2.3",
    ],
)
def test_what_is_no_release_is_refused(text: str) -> None:
    with pytest.raises(InvalidVersionError) as caught:
        parse_version(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["20.10", "28", "v1.7", "20.10.x", "1.*"])
def test_a_series_is_told_that_the_patch_is_missing(text: str) -> None:
    with pytest.raises(InvalidVersionError, match="all three numbers"):
        parse_version(text)


@pytest.mark.parametrize(
    ("text", "shown"), [("v20.10.24", "20.10.24"), ("17.06.2-ee-5", "17.06.2-ee-5"), ("1.6.20~ds1", "1.6.20~ds1")]
)
def test_a_version_is_shown_as_it_was_written(text: str, shown: str) -> None:
    assert str(parse_version(text)) == shown


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        ("docker 20.10.24", "docker", "docker 20.10.24"),
        ("Docker  28.5.2 ", "docker", "docker 28.5.2"),
        ("docker://20.10.7", "docker", "docker 20.10.7"),
        ("containerd://1.7.2-k3s1", "containerd", "containerd 1.7.2-k3s1"),
        ("cri-o://1.28.1", "cri-o", "cri-o 1.28.1"),
        ("docker 5:20.10.7~3-0~ubuntu-focal", "docker", "docker 20.10.7~3-0~ubuntu-focal"),
        ("docker docker-v29.0.0", "docker", "docker 29.0.0"),
        ("docker-29.0.0-rc.1", "docker", "docker 29.0.0-rc.1"),
        ("docker-ce=5:20.10.7~3-0~ubuntu-focal", "docker-ce", "docker-ce 20.10.7~3-0~ubuntu-focal"),
        ("containerd.io-1.6.9-3.1.el7.x86_64", "containerd.io", "containerd.io 1.6.9-3.1.el7.x86_64"),
        ("cri-o-1.25.3-5.rhaos4.12.el8", "cri-o", "cri-o 1.25.3-5.rhaos4.12.el8"),
    ],
)
def test_software_is_a_name_and_a_version(text: str, name: str, shown: str) -> None:
    software = parse_software(text)
    assert (software.name, str(software), software.why) == (name, shown, "")


@pytest.mark.parametrize("text", ["docker", "docker 20.10", "containerd://Unknown", ""])
def test_software_that_is_not_understood_says_why(text: str) -> None:
    software = parse_software(text)
    assert software.version is None
    assert software.why
    assert str(software) == text


def test_a_runtime_that_hides_its_version_is_told_where_to_find_it() -> None:
    assert "--version" in parse_software("containerd://Unknown").why


def test_a_range_has_its_low_and_not_its_high() -> None:
    versions = parse_range(">=1.10.0,<18.06.0")
    assert parse_version("1.10.0") in versions
    assert parse_version("18.06.0-ce-rc1") in versions
    assert parse_version("1.10.0-rc1") not in versions
    assert parse_version("18.06.0-ce") not in versions
    assert str(versions) == ">=1.10.0,<18.06.0"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [(">=29.0.0", "29.7.2", "28.5.2"), ("<1.6.0", "1.5.0", "1.6.0"), (" >=1.0.0 , <2.0.0 ", "1.9.9", "2.0.0")],
)
def test_open_ranges(text: str, inside: str, outside: str) -> None:
    assert parse_version(inside) in parse_range(text)
    assert parse_version(outside) not in parse_range(text)


def test_a_last_version_is_included() -> None:
    versions = parse_range(">=29.0.0,<=29.7.2")
    assert parse_version("29.7.2") in versions
    assert parse_version("29.7.3") not in versions
    assert str(versions) == ">=29.0.0,<=29.7.2"


def test_the_star_is_every_version() -> None:
    assert parse_range("*") == Range()
    assert parse_version("0.0.1-dev") in parse_range("*")
    assert str(Range()) == "every version"


@pytest.mark.parametrize("text", ["", ">1.0.0", "==1.0.0", "1.0.0", ">=1.0", ">=1.0.0,", "~=1.0.0"])
def test_other_bounds_are_refused(text: str) -> None:
    with pytest.raises(InvalidVersionError):
        parse_range(text)


@pytest.mark.parametrize(
    ("printed", "name", "version"),
    [
        ("Docker version 20.10.24+dfsg1, build 297e128", "docker", "20.10.24"),
        ("podman version 4.3.1", "podman", "4.3.1"),
        ("containerd github.com/containerd/containerd v1.7.2 0cae528dd6cb", "containerd", "1.7.2"),
    ],
)
def test_what_an_engine_prints_of_itself_is_understood(printed: str, name: str, version: str) -> None:
    found = parse_software(printed)
    assert (found.name, found.version) == (name, parse_version(version))
