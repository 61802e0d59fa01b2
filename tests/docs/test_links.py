"""Every link of the pages for people leads somewhere, as a forge reads them; the network is not asked."""

from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.pages import ROOT, Page, pages

PAGES = {page.path: page for page in pages()}


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_links_and_anchors_are_there(page: Page) -> None:
    wrong = [f"{page.name}:{line}: {why}: {link}" for line, link in page.links if (why := _wrong(page, link))]
    assert not wrong, "\n".join(wrong)


def _wrong(page: Page, link: str) -> str:
    """What is the matter with a link, or nothing."""
    url = urlsplit(link)
    if url.scheme:
        fine = url.scheme == "https" and "." in url.netloc and not set(link) & set(" <>\"'")
        return "" if fine else "no address of a page"
    target = (page.path.parent / unquote(url.path)).resolve() if url.path else page.path
    if not target.is_relative_to(ROOT) or not target.exists():
        return "no such file in the repository"
    if not url.fragment:
        return ""
    there = PAGES.get(target)
    return "" if there and url.fragment in there.anchors else "no such heading"


def test_the_anchors_are_those_of_a_forge() -> None:
    anchors = PAGES[ROOT / "CONTRIBUTING.md"].anchors
    assert {"contributing", "the-six-stages", "a-new-form-of-a-plan-a-new-importer-of-tickets"} <= anchors
    assert "`terminal`" not in PAGES[ROOT / "docs" / "outputs.md"].anchors


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_a_page_has_one_title_and_no_level_is_left_out(page: Page) -> None:
    levels = [int(token.tag[1]) for token in page.tokens if token.type == "heading_open"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(deeper <= level + 1 for level, deeper in pairwise(levels))
