r"""A unified diff that `git apply` takes, of files whose number of lines stays.

Lines end at "\n" alone, as git has it: "\r" is part of the line, and so is a byte order mark.
"""

from collections.abc import Iterator

_CONTEXT = 3
_NO_END = b"\n\\ No newline at end of file\n"
_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}


def patch(path: bytes, old: bytes, new: bytes) -> bytes:
    """The diff of one file, empty where nothing changed; `path` is relative to where it is applied."""
    before, after = _lines(old), _lines(new)
    if len(before) != len(after):
        raise ValueError("the number of lines changed")
    changed = [index for index, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    if not changed:
        return b""
    # After a name with blanks git writes a tab, by which readers know its end.
    tab = b"\t" if b" " in path else b""
    a, b = _quoted(b"a/" + path), _quoted(b"b/" + path)
    head = b"diff --git %b %b\n--- %b%b\n+++ %b%b\n" % (a, b, a, tab, b, tab)
    return head + b"".join(_hunk(before, after, start, stop) for start, stop in _hunks(changed, len(before)))


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _hunks(changed: list[int], count: int) -> Iterator[tuple[int, int]]:
    """The ranges of lines that are shown; what is near enough shares one."""
    start, last = changed[0], changed[0]
    for index in changed[1:]:
        if index - last > 2 * _CONTEXT + 1:
            yield max(start - _CONTEXT, 0), min(last + _CONTEXT + 1, count)
            start = index
        last = index
    yield max(start - _CONTEXT, 0), min(last + _CONTEXT + 1, count)


def _hunk(before: list[bytes], after: list[bytes], start: int, stop: int) -> bytes:
    body = b""
    added = b""
    for old, new in zip(before[start:stop], after[start:stop], strict=True):
        if old == new:
            body, added = body + added + _line(b" ", old), b""
        else:
            body, added = body + _line(b"-", old), added + _line(b"+", new)
    where = b"%d,%d" % (start + 1, stop - start)
    return b"@@ -%b +%b @@\n" % (where, where) + body + added


def _line(sign: bytes, line: bytes) -> bytes:
    return sign + line if line.endswith(b"\n") else sign + line + _NO_END


def _quoted(path: bytes) -> bytes:
    """A path as git writes it (quote.c, core.quotePath on): in quotes, with escapes, where a byte needs one."""
    if all(32 <= byte < 127 and byte not in _ESCAPES for byte in path):
        return path
    escaped = (
        f"\\{_ESCAPES[byte]}" if byte in _ESCAPES else chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
        for byte in path
    )
    return b'"' + "".join(escaped).encode("ascii") + b'"'
