"""What holds for every format, whatever is in its files. PLANNER_FUZZ=N tries N times as many: see scripts/fuzz."""

import os
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.extract import FORMATS, Found
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile
from tests.support.extraction import DIGEST
from tests.support.seeds import found_in, points_at_digest, seeds

EXAMPLES = 40 * int(os.environ.get("PLANNER_FUZZ", "1"))
SECONDS = 2.0
BYTES_PER_SECOND = 200_000  # slower than this is hanging, on whichever machine
NAMES = sorted(FORMATS)
every_format = pytest.mark.parametrize("name", NAMES)

# What the languages are made of, and what has misled readers of them.
TOKENS = [
    *"{}[]()<>:;,|&*!%@#$`\"'\\\n\t\r =-+?~^/.\0\ufeff\u2028\x85\x0c",
    *("{{", "}}", "${", "$(", "#{", "<<", "<<EOF\n", "<<: *a\n", "&a ", "*a", "!tag ", "- ", "? ", "---\n", "...\n"),
    *("|\n", ">-\n", "\\\n", "\r\n", '"""', "'''", "/*", "*/", "//", "<!--", "-->", "]]>", "\\u", "\\x4", "\\ud83d"),
    *("image:", "image=", "digest:", "FROM ", "sha256:", "@sha256:", f"app@{DIGEST}", f"app:1@{DIGEST}", "a" * 64),
    *("docker run ", "name: ", "with: ", "\ud800", "é", "\U0001d4b3", "0", "-", "null", "true", "1e9", "x" * 300),
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, files: list[SourceFile]) -> SourceFile:
    """One of the files, with pieces cut out, doubled, moved or put in."""
    file = draw(st.sampled_from(files))
    text = file.text
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 60)))
        match draw(st.sampled_from(["cut", "double", "put", "end", "write", "lines"])):
            case "cut":
                text = text[:start] + text[stop:]
            case "double":
                text = text[:stop] + text[start:stop] + text[stop:]
            case "put":
                text = text[:start] + draw(st.sampled_from(TOKENS)) + text[start:]
            case "write":
                text = text[:start] + draw(st.text(max_size=8)) + text[stop:]
            case "lines":
                text = text.replace(
                    "\n", draw(st.sampled_from(["\r\n", "\n\n", "\r", "\n\t"])), draw(st.integers(1, 9))
                )
            case _:
                text = text[:start]
    return replace(file, text=text)


def watched(source: SourceFile) -> list[Found]:
    """What is found in a file, which must not take long."""
    started = time.process_time()
    found = found_in(source)
    took = time.process_time() - started
    assert took < SECONDS + len(source.text) / BYTES_PER_SECOND, f"{took:.1f} s for {len(source.text)} characters"
    return found


def only_places(found: list[Found], lines: int = 0) -> list[tuple[object, ...]]:
    """What was found and where, `lines` further down; the words of problems speak of lines, too, and are left out."""
    return [
        (one.kind, one.line and one.line + lines)
        if isinstance(one, Problem)
        else (one.line + lines, one.column, one.role, one.name, one.raw, one.platform)
        for one in found
    ]


@every_format
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_damaged_files_are_read_in_time_and_each_place_is_a_digest(name: str, data: st.DataObject) -> None:
    source = data.draw(damaged(seeds()[name]))
    found = watched(source)
    lines = source.text.count("\n") + 1
    for one in found:
        assert one.line <= lines
        if isinstance(one, Occurrence) and one.file == source.path:
            assert points_at_digest(source, one), one
    assert found == found_in(source)


@every_format
def test_each_place_is_a_digest(name: str) -> None:
    for source in seeds()[name]:
        wrong = [one for one in found_in(source) if isinstance(one, Occurrence) and not points_at_digest(source, one)]
        assert not wrong


@every_format
def test_a_line_more_moves_every_place_by_one(name: str) -> None:
    for source in seeds()[name]:
        if not (before := comment(source)):
            continue
        moved = replace(source, text=before + source.text)
        assert only_places(found_in(moved)) == only_places(found_in(source), lines=1), source.path


def comment(source: SourceFile) -> str:
    """A line that says nothing, in the language of a file; "" where its first line has to be the first."""
    if source.text.startswith(("#", "//", "<?xml", "%", "\ufeff")):
        return ""
    if source.text.lstrip()[:1] in ("{", "[", "<", ""):
        return "\n"
    return (
        "// said by nobody\n" if source.path.endswith((".groovy", "Jenkinsfile", ".bicep", ".kts")) else "# by nobody\n"
    )


@every_format
def test_line_ends_of_windows_change_no_place(name: str) -> None:
    for source in seeds()[name]:
        if "\r" in source.text:
            continue
        windows = replace(source, text=source.text.replace("\n", "\r\n"))
        assert only_places(found_in(windows)) == only_places(found_in(source)), source.path
