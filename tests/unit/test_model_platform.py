"""Platforms under the names that indexes use."""

import pytest

from planner.model.platform import Platform, normalise, parse_platform


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("linux/amd64", Platform("linux", "amd64")),
        (" Linux/AMD64 ", Platform("linux", "amd64")),
        ("linux/x86_64", Platform("linux", "amd64")),
        ("linux/amd64/v3", Platform("linux", "amd64", "v3")),
        ("linux/arm64/v8", Platform("linux", "arm64")),
        ("linux/aarch64", Platform("linux", "arm64")),
        ("linux/arm/v6", Platform("linux", "arm", "v6")),
        ("linux/armhf", Platform("linux", "arm", "v7")),
        ("linux/armel", Platform("linux", "arm", "v6")),
        ("linux/i686", Platform("linux", "386")),
        ("windows/amd64", Platform("windows", "amd64")),
    ],
)
def test_platforms(text: str, platform: Platform) -> None:
    assert parse_platform(text) == platform
    assert parse_platform(str(platform)) == platform


@pytest.mark.parametrize("text", ["", "amd64", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux//v7"])
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write os/architecture"):
        parse_platform(text)


def test_a_stated_variant_beats_that_of_the_name() -> None:
    assert normalise(Platform("linux", "armhf", "v6")) == Platform("linux", "arm", "v6")


def test_the_version_of_the_os_stays() -> None:
    assert normalise(Platform("windows", "x86_64", os_version="10.0.20348.1")).os_version == "10.0.20348.1"
