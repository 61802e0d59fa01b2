"""Messages as they are pasted, and lines of logs: bounded, without colours and escapes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_BYTES = 32 * 1024 * 1024
_HALF = 4096  # characters: of a longer line, the beginning and the end tell
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*)")
_ESCAPE = re.compile(r"\\[nrt]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log; `number` is 1-based."""

    number: int
    text: str


def cleaned(text: str) -> str:
    """The message without colours and escaped line ends, on one line, bounded."""
    if len(text) > 2 * _HALF:
        text = f"{text[:_HALF]} … {text[-_HALF:]}"
    return " ".join(_ESCAPE.sub(" ", _ANSI.sub("", text)).split())


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """The lines that are not empty, of the first MAX_BYTES of the file. Raises OSError."""
    number, left, start = 0, MAX_BYTES, b""
    is_whole = True  # whether `start` begins a line; what follows the bound of a long line is passed over
    while left > 0 and (chunk := file.readline(min(left, 4 * _HALF))):
        left -= len(chunk)
        if is_whole:
            number, start = number + 1, chunk
            if text := cleaned(start.decode("utf-8", "replace")):
                yield Line(number, text)
        is_whole = chunk.endswith(b"\n")
