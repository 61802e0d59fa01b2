"""Lists of images, one reference on each line, as mirrors and air-gapped installs use them. Comments begin with `#`."""

import re
from collections.abc import Iterator

from planner.extract import plain_text
from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.written import written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:.*/)?(?:[^/]*[-_.])?images?(?:[-_.][^/]*)?(?:\.(?:txt|list|lst|conf))?", re.IGNORECASE)
_SUFFIXES = (".txt", ".list", ".lst")
_LINE = re.compile(r"^[ \t]*(?:[-*][ \t]+)?([^\s#\"'=,;]+)[ \t]*(?:#[^\n]*|\r)?$", re.MULTILINE)
_SKIPPED = re.compile(r"\s*(?:#|$)")
_MAX_LOOK = 200  # lines that tell whether a file is a list


def _claims(source: SourceFile) -> bool:
    name = source.path.rpartition("/")[2]
    if not _PATH.fullmatch(source.path) or not (name.lower().endswith(_SUFFIXES) or "." not in name):
        return False
    lines = [line for line in source.text[:65536].split("\n")[:_MAX_LOOK] if not _SKIPPED.match(line)]
    return bool(lines) and all(_LINE.fullmatch(line) for line in lines)


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    read: set[tuple[int, int]] = set()
    for found in _LINE.finditer(source.text):
        reference = written(source, found.start(1), found.end(1))
        reference = reference[len("docker://") :] if reference.text.startswith("docker://") else reference
        is_one = "@" in reference.text or ":" in reference.text
        one = is_one and occurrence(source, reference, format="image-list", role="list entry", name="", tags=tags)
        if one:
            read.add((one.line, one.column))
            yield one
    yield from (each for each in plain_text.search(source) if (each.line, each.column) not in read)


register(
    Format(
        name="image-list",
        title="Lists of images",
        claims=_claims,
        extract=_extract,
        rank=60,
        files="images.txt, *-images.txt, images.list and the like, with one reference on each line",
        example=Example("airgap/images.txt", "# what is mirrored\nregistry.example/web:1@sha256:…\n"),
    )
)
