"""The pages for people, README.md, CONTRIBUTING.md and docs/, as a Markdown parser reads them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
TUTORIALS = ROOT / "docs" / "tutorials"
_PARSER = MarkdownIt("commonmark").enable("table")
_COMMENT = re.compile(r"<!-- (.*?) -->")
# Where one command of a shell line ends and another thing begins.
_ENDS = {"|", "||", "&&", ";", "&", ">", ">>", "2>", "<", "("}


@dataclass(frozen=True)
class Fence:
    """A block of code: where it begins, its language, its text, and the comments that stand directly above it."""

    line: int
    language: str
    text: str
    notes: tuple[str, ...] = ()

    def note(self, name: str) -> str | None:
        """What the comment `<!-- name: … -->` above it says; empty for `<!-- name -->`, None without one."""
        said = (each.partition(":") for each in self.notes)
        return next((value.strip() for word, _, value in said if word.strip() == name), None)


@dataclass(frozen=True)
class Page:
    """A Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def tokens(self) -> list[Token]:
        return _PARSER.parse(self.path.read_text("utf-8"))

    @property
    def inline(self) -> Iterator[tuple[int, Token]]:
        """What stands in running text, tables and headings, with its line."""
        for block in self.tokens:
            if block.type == "inline":
                for token in block.children or ():
                    yield (block.map or [0])[0] + 1, token

    @cached_property
    def fences(self) -> list[Fence]:
        found: list[Fence] = []
        notes: list[str] = []
        for token in self.tokens:
            if token.type == "html_block":
                notes += _COMMENT.findall(token.content)
            elif token.type == "fence":
                line = (token.map or [0])[0] + 1
                found.append(Fence(line, token.info.partition(" ")[0], token.content, tuple(notes)))
                notes = []
            elif token.level == 0:
                notes = []
        return found

    @property
    def links(self) -> Iterator[tuple[int, str]]:
        """Where links and images lead."""
        for line, token in self.inline:
            if target := token.attrs.get("href" if token.type == "link_open" else "src"):
                yield line, str(target)

    @cached_property
    def anchors(self) -> set[str]:
        """The names that a forge gives to the headings: in small letters, without punctuation, hyphens for blanks."""
        found: set[str] = set()
        for opening, heading in zip(self.tokens, self.tokens[1:], strict=False):
            if opening.type == "heading_open":
                words = "".join(token.content for token in heading.children or ())
                slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
                again = sum(each == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", each) is not None for each in found)
                found.add(f"{slug}-{again}" if again else slug)
        return found


@cache
def pages() -> list[Page]:
    return [Page(ROOT / "README.md"), Page(ROOT / "CONTRIBUTING.md"), *map(Page, sorted((ROOT / "docs").rglob("*.md")))]


def commands(script: str) -> Iterator[list[str]]:
    """The arguments of each `planner` in a shell script; raises ValueError where a quote is not closed."""
    for line in re.sub(r"\\\n\s*", " ", script).splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        words: list[str] = []
        for word in [*lexer, ";"]:
            if word not in _ENDS:
                words.append(word)
                continue
            if words[:1] == ["planner"]:
                yield words[1:]
            words = []
