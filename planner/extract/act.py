"""act's settings: the images in which it runs the jobs of each kind of runner, `-P label=image`."""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.written import written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.?actrc$")
_PLATFORM = re.compile(r"""(?:^|[ \t])(?:-P|--platform)[ \t=]*["']?([\w.:-]+)=(?!-self-hosted)([^\s"'#]+)""")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    offset = 0
    for line in source.text.splitlines(keepends=True):
        settings = "" if line.lstrip().startswith("#") else line
        for found in _PLATFORM.finditer(settings):
            image = written(source, offset + found.start(2), offset + found.end(2))
            made = occurrence(source, image, format="act", role="runner", name=found[1], tags=tags)
            if made:
                yield made
        offset += len(line)


register(
    Format(
        "act",
        "act (GitHub Actions run locally)",
        _claims,
        _extract,
        files=".actrc, actrc",
        example=Example(".actrc", "-P ubuntu-latest=catthehacker/ubuntu:act-22.04@sha256:…\n"),
    )
)
