"""Globs of hosts below a folder mean the same files as before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from planner.merge.place import moved_glob

FILES = ["compose.yml", "web/compose.yml", "web/a/b.yml", "x/web/c.yml", "a b.yml", "#x", "!x", "web", "[1].yml"]
NAMES = ["shop", "a b", "[shop]", "!shop", "#shop", "shop*", "sh?p", "a\\b", "web"]
GLOBS = ["**", "*", "*.yml", "/compose.yml", "web/", "/web/", "web/**", "**/web", "web", "a b.yml", "a\\ b.yml"]
GLOBS += [
    "!web/a",
    "!*.yml",
    "# a comment",
    "\\#x",
    "\\!x",
    "",
    "/",
    "  ",
    "[!w]*",
    "web/*/b.yml",
    "x/**/c.yml",
    "//web",
]


@given(st.sampled_from(NAMES), st.lists(st.sampled_from(GLOBS), min_size=1, max_size=5))
def test_the_same_files_match(name: str, globs: list[str]) -> None:
    before = GitIgnoreSpec.from_lines(globs)
    after = GitIgnoreSpec.from_lines([moved_glob(name, glob) for glob in globs])
    for file in FILES:
        assert after.match_file(f"{name}/{file}") == before.match_file(file), (file, after.patterns)
        assert not after.match_file(f"other/{file}")
        assert not after.match_file(f"other/{name}/{file}")


@pytest.mark.parametrize(
    ("glob", "moved"),
    [
        ("web/**", "shop/web/**"),
        ("/web", "shop/web"),
        ("web", "shop/**/web"),
        ("web/", "shop/**/web/"),
        ("!web/x", "!shop/web/x"),
    ],
)
def test_it_is_still_to_be_read(glob: str, moved: str) -> None:
    assert moved_glob("shop", glob) == moved
