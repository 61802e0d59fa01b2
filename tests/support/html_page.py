"""A page as a list of elements, for questions about its structure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

_VOID = {"meta", "link", "input", "img", "br", "hr", "rect", "path"}


@dataclass
class Element:
    """An element with its attributes, its ancestors' names and the text in it, tags removed."""

    name: str
    attributes: dict[str, str | None]
    within: tuple[str, ...]
    parts: list[str] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def hidden(self) -> bool:
        """Whether the attribute `hidden` is set on the element itself."""
        return "hidden" in self.attributes


@dataclass
class _Parser(HTMLParser):
    found: list[Element] = field(default_factory=list)
    opened: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), tuple(e.name for e in self.opened))
        self.found.append(element)
        if tag not in _VOID:
            self.opened.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(Element(tag, dict(attrs), tuple(e.name for e in self.opened)))

    def handle_endtag(self, tag: str) -> None:
        if any(e.name == tag for e in self.opened):
            while self.opened.pop().name != tag:
                pass

    def handle_data(self, data: str) -> None:
        for element in self.opened:
            element.parts.append(data)


def elements(page: str, name: str = "") -> list[Element]:
    """All elements of that name (all there are without one), in document order."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return [element for element in parser.found if name in ("", element.name)]


def having(page: str, class_: str) -> Iterator[Element]:
    """Elements that have the class."""
    return (e for e in elements(page) if class_ in (e.attributes.get("class") or "").split())
