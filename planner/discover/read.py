"""Bytes of files that may be anything: bounded, told from binary, and made text."""

import codecs
import os
import re
import stat
from collections.abc import Iterable

_CHUNK = 64 * 1024
_SNIFFED = 8 * 1024  # a NUL byte up to here makes a file binary, as git and ripgrep decide
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY if os.name == "posix" else os.O_RDONLY | getattr(os, "O_BINARY", 0)
# UTF-32 before UTF-16: the byte order mark of one begins with that of the other.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_WIDE = tuple(mark for mark, encoding in _BYTE_ORDER_MARKS if encoding != "utf-8")
_WIDE_STARTS = frozenset(mark[0] for mark in _WIDE)
# Runs over every byte of the tree. One expression with a fixed beginning is four times as fast as three plain searches.
_DIGEST = re.compile(rb"sha(?:256|384|512):")


_has_digest = _DIGEST.search
# Most files of a tree hold no digest: they are read into the same room one after the other, and nothing is kept.
_room = bytearray(_CHUNK)
_rooms = (_room,)
_CAN_SKIM = hasattr(os, "readv")


class TooLargeError(OSError):
    """The file is text and longer than the limit."""


def suspects(folder: str, names: Iterable[str], max_bytes: int) -> list[str]:
    """Of the files in `folder` (a path that ends in a separator) those that may hold a digest or are to be told of.

    This runs for every file of the tree, so it does no more than it must. Not for threads.
    """
    if not _CAN_SKIM:
        return list(names)
    found, small = [], min(_CHUNK - 1, max_bytes)
    open_, read_into, close = os.open, os.readv, os.close
    for name in names:
        try:
            descriptor = open_(folder + name, _OPEN)
            try:
                size = read_into(descriptor, _rooms)
            finally:
                close(descriptor)
        except OSError:
            found.append(name)
            continue
        if size > small or _has_digest(_room, 0, size) or (size and _room[0] in _WIDE_STARTS):
            found.append(name)
    return found


def read(path: str, max_bytes: int) -> bytes | None:
    """A regular file's bytes, None for binary and special files; raise TooLargeError for text beyond the limit."""
    descriptor = os.open(path, _OPEN)
    try:
        data = os.read(descriptor, _CHUNK)
        if is_binary(data):
            return None
        if len(data) < min(_CHUNK, max_bytes + 1):
            return data
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        chunks, size = [data], len(data)
        while data and size <= max_bytes:
            data = os.read(descriptor, max(_CHUNK, min(max_bytes + 1 - size, 16 * _CHUNK)))
            chunks.append(data)
            size += len(data)
        if size > max_bytes:
            raise TooLargeError
        return b"".join(chunks)
    finally:
        os.close(descriptor)


def is_binary(data: bytes) -> bool:
    """Whether a file's first bytes are no text, as git and ripgrep decide."""
    return b"\0" in data[:_SNIFFED] and not data.startswith(_WIDE)


def has_digest(data: bytes) -> bool:
    """Whether a file's bytes hold a digest, in whichever encoding."""
    if _DIGEST.search(data):
        return True
    return data.startswith(_WIDE) and bool(re.search(r"sha(256|384|512):", decode(data)[0]))


def encoding_of(data: bytes) -> tuple[bytes, str]:
    """The byte order mark with which a file's bytes begin, empty for none, and the encoding that it stands for."""
    return next(((mark, encoding) for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)), (b"", "utf-8"))


def decode(data: bytes) -> tuple[str, int]:
    """The text without byte order mark, and the 1-based line of the first byte that is wrong in its encoding, or 0."""
    mark, encoding = encoding_of(data)
    data = data[len(mark) :]
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError as error:
        return data.decode(encoding, "replace"), data[: error.start].decode(encoding, "replace").count("\n") + 1
