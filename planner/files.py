"""Files that planner writes: whole or not at all, so that what was there outlives a full disk and an interrupt."""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from planner.errors import UsageError

_LINKS = 40  # as many as Linux follows
_MENDED_BY = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space"),
    errno.ENOENT: "make its folder",
}
# What a folder says in which nothing can be made or renamed. A file in it may be writable all the same: one of another
# owner's folder, or one that is mounted into a container.
_FIXED = {errno.EACCES, errno.EPERM, errno.EBUSY}
# What is open under a number: in a process on Linux, in this one elsewhere.
_OPENED = re.compile(r"/proc/(?P<process>\d+)/(?:task/\d+/)?fd/(?P<number>\d+)|/dev/fd/(?P<own>\d+)")


def write_file(path: Path, text: str, *, only_new: bool = False) -> None:
    """Put `text` into a file, in UTF-8 and as it is. UsageError says what failed, what became of the file, what to do.

    The new file takes the place of the old one when all of it is on the disk, with the old one's mode, and its owner
    where we may give it; a link stays one. A file that may not be written is not replaced either. What is no regular
    file (a pipe, a device), or open already (`/dev/stderr`), is written to, and nothing in it is lost.
    `only_new` raises FileExistsError where there is a file.
    """
    before = _state(path)
    try:
        if only_new:
            _make(path, text.encode("utf-8"), 0o666)
        elif _is_replaceable(path):
            _replace(path.resolve(), text.encode("utf-8"))
        else:
            with os.fdopen(_writable(path), "wb") as file:
                file.write(text.encode("utf-8"))
    except FileExistsError:
        raise
    except OSError as error:
        kept = "the file that was there is unchanged; " if before and before == _state(path) else ""
        todo = _MENDED_BY.get(error.errno or 0, "make it and its folder writable")
        why = f"cannot write to {path}: {error.strerror}; {kept}{todo} or name another file, and run again"
        raise UsageError(why) from error


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes with the content of a regular file; None where there is none."""
    with suppress(OSError):
        known = path.stat()
        return (known.st_ino, known.st_size, known.st_mtime_ns) if stat.S_ISREG(known.st_mode) else None
    return None


def is_stdout(path: Path) -> bool:
    """Whether it is another name of stdout: `/dev/stdout`, `/dev/fd/1`, a link to those."""
    return _own_number(path) == 1


def _is_replaceable(path: Path) -> bool:
    """Whether another file may take its place: there is none, or a regular one that is not named by who opened it."""
    if _opened(path):
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True


def _writable(path: Path) -> int:
    """A descriptor to write with; what this process has open is not opened again, which would begin at its start."""
    number = _own_number(path)
    return os.open(path, os.O_WRONLY | os.O_APPEND) if number is None else os.dup(number)


def _own_number(path: Path) -> int | None:
    found = _opened(path)
    if found is None or found["process"] not in (None, str(os.getpid())):
        return None
    return int(found["number"] or found["own"])


def _opened(path: Path) -> re.Match[str] | None:
    """The process and the number under which it has the file open, if that is what the path names."""
    names = (str(Path(os.path.realpath(link.parent)) / link.name) for link in _links(path))
    return next(filter(None, map(_OPENED.fullmatch, names)), None)


def _links(path: Path) -> Iterator[Path]:
    """The path, and what it leads to if it is a link, link by link."""
    where = path.absolute()
    for _ in range(_LINKS):
        yield where
        if not where.is_symlink():
            return
        where = where.parent / where.readlink()


def _replace(path: Path, data: bytes) -> None:
    known = path.stat() if path.exists() else None
    if known:
        os.close(os.open(path, os.O_WRONLY))  # fails where writing would: taking its place needs no right to write it
    new = path.with_name(f".planner-{os.urandom(6).hex()}")
    try:
        _make(new, data, stat.S_IMODE(known.st_mode) if known else 0o666)
        if known:
            with suppress(PermissionError):  # only root may give a file to another
                os.chown(new, known.st_uid, known.st_gid)
            new.chmod(stat.S_IMODE(known.st_mode))
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        if known is None or error.errno not in _FIXED:
            raise
        _overwrite(path, data)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _overwrite(path: Path, data: bytes) -> None:
    """Write into a file whose place no other can take, once the disk has promised the space."""
    with path.open("r+b") as file:
        if hasattr(os, "posix_fallocate") and data:  # not on macOS
            size = os.fstat(file.fileno()).st_size
            if len(data) > size:
                os.posix_fallocate(file.fileno(), size, len(data) - size)
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _make(path: Path, data: bytes, mode: int) -> None:
    """Make a file that is not there yet, and have it on the disk; nothing is left of it where that fails."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
