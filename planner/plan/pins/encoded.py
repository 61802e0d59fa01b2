"""A file's text with the bytes that it was read from, so that every byte that is not edited stays."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from planner.plan.pins.edits import Edit

_WRONG = "\ufffd"
_CHUNK = 4096  # characters between two whose bytes are known


@dataclass(slots=True)
class Encoded:
    """Bytes, of which `mark` at the beginning are a byte order mark, in `encoding`.

    What is wrong in the encoding is U+FFFD in the text.
    """

    data: bytes
    mark: int = 0
    encoding: str = "utf-8"
    text: str = field(init=False)
    # Characters whose place is known: in the text, and in the bytes.
    _starts: list[int] = field(init=False, default_factory=list)
    _origins: list[int] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.text = self.data[self.mark :].decode(self.encoding, "replace")
        at, origin = 0, self.mark
        for good in self.text.split(_WRONG):
            for start in range(0, len(good) + 1, _CHUNK):
                self._starts.append(at + start)
                self._origins.append(origin)
                origin += len(good[start : start + _CHUNK].encode(self.encoding))
            at += len(good) + 1
            origin += self._length_of_wrong(origin)

    def _length_of_wrong(self, origin: int) -> int:
        """How many bytes became one U+FFFD; it may also be written there."""
        written = _WRONG.encode(self.encoding)
        if self.data.startswith(written, origin):
            return len(written)
        try:
            self.data[origin : origin + 4].decode(self.encoding)
        except UnicodeDecodeError as error:
            return error.end
        return 0  # at the end of the file

    def offset(self, at: int) -> int:
        """The byte at which the character `at` of the text begins."""
        run = bisect_right(self._starts, at) - 1
        return self._origins[run] + len(self.text[self._starts[run] : at].encode(self.encoding))

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """The bytes with edits that do not overlap."""
        parts, position = [], 0
        for edit in sorted(edits):
            parts += [self.data[position : self.offset(edit.start)], edit.text.encode(self.encoding)]
            position = self.offset(edit.stop)
        return b"".join([*parts, self.data[position:]])
