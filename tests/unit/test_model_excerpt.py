"""The line that a report shows: around the place, without secrets, never long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.model.excerpt import LENGTH, excerpt

D = f"sha256:{1:064x}"
SECRET = "hunter2-and-more"


def _at(line: str) -> str:
    return excerpt(line, line.index("sha256") + 1)


def test_the_line_without_its_indentation() -> None:
    assert _at(f"    image: web@{D}  ") == f"image: web@{D}"


@pytest.mark.parametrize(
    "line",
    [
        f"docker login -u ci -p x --password {SECRET} && docker pull web@{D}",
        f"docker run -e DB_PASSWORD={SECRET} web@{D}",
        f'{{"token": "{SECRET}", "image": "web@{D}"}}',
        f"curl -H 'Authorization: Bearer {SECRET}' https://reg/v2/web/manifests/{D}",
        f"skopeo copy docker://ci:{SECRET}@reg.example/web@{D} oci:web",
        f"docker run web@{D} --api-key={SECRET}",
        f"AWS_SECRET_ACCESS_KEY: {SECRET} # web@{D}",
    ],
)
def test_a_secret_is_hidden_and_the_digest_is_not(line: str) -> None:
    shown = _at(line)
    assert SECRET not in shown
    assert "***" in shown
    assert D in shown


@pytest.mark.parametrize("line", [f"uses: docker://web@{D}", f"token-service: reg.example/auth/token@{D}"])
def test_what_is_no_secret_stays(line: str) -> None:
    assert _at(line) == line


def test_a_long_line_is_cut_around_the_place() -> None:
    line = "x" * 10_000 + f' "image":"reg.example/shop/web@{D}",' + "y" * 10_000
    shown = _at(line)
    assert f"reg.example/shop/web@{D}" in shown
    assert shown[0] == shown[-1] == "…"
    assert len(shown) == LENGTH + 2


def test_half_a_secret_is_none_that_is_shown() -> None:
    line = f"password={SECRET * 40} web@{D}"
    assert SECRET not in _at(line)


@given(st.text(st.characters(exclude_characters="\n"), max_size=900), st.integers(1, 1000))
def test_it_is_never_long(line: str, column: int) -> None:
    assert len(excerpt(line, column)) <= LENGTH + 2
