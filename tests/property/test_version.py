"""The order of versions: total, pre-releases below their release, what editions and packagers add does not count."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from planner.model.engine import (
    InvalidVersionError,
    Range,
    Version,
    parse_range,
    parse_software,
    parse_version,
)

STAGES = ("dev", "tp", "alpha", "beta", "rc")
numbers = st.integers(0, 10_000)
releases = st.tuples(numbers, numbers, numbers).map(lambda parts: ".".join(map(str, parts)))
stages = st.tuples(st.sampled_from(STAGES), st.integers(0, 99))
# What editions, distributions and kubelets put behind the number.
suffixes = st.sampled_from(
    [
        "",
        "-ce",
        "-ee",
        "-ee-5",
        "-cs9",
        "+dfsg1",
        "+azure-ubuntu-1",
        "~ds1",
        "~ds1-1ubuntu2",
        "-k3s1",
        "+k3s1",
        "-0ubuntu1~22.04.1",
        "~debian",
        "~3-0~ubuntu-focal",
        "-1.el9",
        "-1~debian.12~bookworm",
        "-209.git7d71120.el7_9",
        "-rhel",
        ".2",
    ]
)
prefixes = st.sampled_from(["", "v", "docker-", "docker-v", "docker://", "containerd://v", "  ", "5:", "1:v"])
versions = st.one_of(
    releases,
    st.builds(lambda release, stage: f"{release}-{stage[0]}.{stage[1]}", releases, stages),
    st.builds(lambda release, stage: f"{release}-ce-{stage[0]}{stage[1]}", releases, stages),
).map(parse_version)


@given(versions, versions, versions)
def test_the_order_is_total(a: Version, b: Version, c: Version) -> None:
    assert (a < b) + (a == b) + (a > b) == 1
    assert (a <= b) == (not b < a)
    assert not (a < b < c) or a < c
    assert (a == b) <= (hash(a) == hash(b))


@given(releases, stages)
def test_a_pre_release_is_below_its_release_and_above_the_one_before(release: str, stage: tuple[str, int]) -> None:
    early = parse_version(f"{release}-{stage[0]}{stage[1]}")
    major, minor, patch = map(int, release.split("."))
    assert early < parse_version(release)
    assert early.release == parse_version(release).release
    assert patch == 0 or parse_version(f"{major}.{minor}.{patch - 1}") < early


@given(releases, stages, stages)
def test_pre_releases_are_ordered_by_stage_and_number(release: str, a: tuple[str, int], b: tuple[str, int]) -> None:
    first, second = (parse_version(f"{release}-{name}.{number}") for name, number in (a, b))
    assert (first < second) == ((STAGES.index(a[0]), a[1]) < (STAGES.index(b[0]), b[1]))


@given(releases, suffixes, suffixes, prefixes)
def test_editions_and_packagers_do_not_order(release: str, one: str, other: str, prefix: str) -> None:
    assert parse_version(prefix + release + one) == parse_version(release + other)


@given(releases, stages, st.sampled_from(["-", "~", "-ce-", "~ds1-"]))
def test_a_pre_release_is_seen_behind_an_edition_too(release: str, stage: tuple[str, int], separator: str) -> None:
    assert parse_version(f"{release}{separator}{stage[0]}{stage[1]}") < parse_version(release)


@given(versions)
def test_a_version_survives_being_written_and_read(version: Version) -> None:
    assert parse_version(str(version)) == version
    assert str(parse_version(str(version))) == str(version)


@given(releases, suffixes, prefixes)
def test_a_version_of_the_field_survives_being_written_and_read(release: str, suffix: str, prefix: str) -> None:
    found = parse_version(prefix + release + suffix)
    assert parse_version(str(found)) == found
    assert str(found) == release + suffix


@given(st.text() | st.from_regex(r"v?[0-9.]{0,12}[-+~.a-z0-9]{0,12}", fullmatch=True))
@example("1." * 3000)
@example("9" * 5000 + ".0.0")
@example("1.2.3-rc" + "9" * 5000)
@example("٣.٣.٣")
@example("1.2.3\n")
def test_any_text_is_a_version_or_refused(text: str) -> None:
    try:
        version = parse_version(text)
    except InvalidVersionError:
        return
    assert version.key >= (0, 0, 0, 0, 0)


@given(
    releases, suffixes, st.sampled_from(["docker", "containerd.io", "cri-o"]), st.sampled_from([" ", "://", "-", "="])
)
def test_software_is_split_from_its_version(release: str, suffix: str, name: str, joint: str) -> None:
    software = parse_software(name + joint + release + suffix)
    assert (software.name, software.version) == (name, parse_version(release))


@given(st.text())
@example("docker 1.2.3-rc" + "9" * 5000)
def test_software_is_never_refused(text: str) -> None:
    software = parse_software(text)
    assert bool(software.version) != bool(software.why)


@given(versions, versions, versions)
def test_a_range_includes_its_low_end_alone(low: Version, high: Version, version: Version) -> None:
    assert (version in Range(low, high)) == (low <= version < high)
    assert version in Range()
    assert (version in Range(low)) != (version in Range(None, low))


@given(releases, releases)
def test_a_range_survives_being_written_and_read(low: str, high: str) -> None:
    for text in (f">={low},<{high}", f">={low},<={high}", f">={low}", f"<{high}"):
        assert str(parse_range(text)) == text
    assert parse_range("*") == Range()


@pytest.mark.parametrize("text", ["", "1.2.3", "==1.2.3", ">1.2.3", ">=1.2", ">=1.2.3;<2.0.0"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(InvalidVersionError):
        parse_range(text)
