"""The pictures of the docs are there, as wide as they should be, small, and shown."""

import struct
from pathlib import Path

import pytest

from tests.report.screenshots import DOCS, MOST, PICTURES, Picture


@pytest.mark.parametrize("picture", PICTURES, ids=[picture.name for picture in PICTURES])
def test_a_picture_is_there_and_shown(picture: Picture) -> None:
    content = (DOCS / picture.name).read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (picture.window.width, picture.window.height)
    assert len(content) <= MOST
    shown = [text for text in map(_text, _pages()) if f"({picture.name})" in text or f"(docs/{picture.name})" in text]
    assert shown, f"no page of README and docs shows docs/{picture.name}"


def test_no_picture_is_left_over() -> None:
    assert {path.name for path in DOCS.glob("*.png")} == {picture.name for picture in PICTURES}


def _pages() -> list[Path]:
    return [DOCS.parent / "README.md", *DOCS.glob("*.md")]


def _text(page: Path) -> str:
    return page.read_text("utf-8")
