"""Keeps verified bytes: a digest never changes, so they are good for ever. Tags are never kept.

The key names registry and repository besides the digest, for what one repository has another may lack; and even
so a cached manifest only says that this repository had it when it was asked. That a registry does not have a digest
may change at any time, and depends on who asks: it is kept for five minutes, for the same login. No other failure is.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planner.model.manifest import matches_digest
from planner.model.reference import Reference
from planner.model.resolution import State
from planner.resolve.answer import Answer

MISSING_SECONDS = 300

_SCHEMA_VERSION = 3
_CONTENT = """
    CREATE TABLE IF NOT EXISTS content (
        registry TEXT NOT NULL, repository TEXT NOT NULL, digest TEXT NOT NULL,
        content_type TEXT, header_digest TEXT NOT NULL, body BLOB NOT NULL,
        stored_at INTEGER NOT NULL, via TEXT NOT NULL,
        PRIMARY KEY (registry, repository, digest, via)
    )
"""
_MISSING = """
    CREATE TABLE IF NOT EXISTS missing (
        registry TEXT NOT NULL, repository TEXT NOT NULL, digest TEXT NOT NULL,
        identity TEXT NOT NULL, detail TEXT NOT NULL, seen_at INTEGER NOT NULL, via TEXT NOT NULL,
        PRIMARY KEY (registry, repository, digest, via)
    )
"""
_KEY = "registry = ? AND repository = ? AND digest = ? AND via = ?"
_PATIENCE = 10.0  # seconds to wait for another run that writes
_DAY = 86400


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What `planner cache info` shows. Sizes in bytes; `oldest` and `newest` in seconds since 1970, 0 if unknown."""

    path: Path
    entries: int
    size: int
    oldest: int
    newest: int


def cache_path() -> Path:
    """The cache's file: in PLANNER_CACHE_DIR, or else where this system keeps a user's caches."""
    from platformdirs import user_cache_dir

    return Path(os.environ.get("PLANNER_CACHE_DIR") or user_cache_dir("planner")) / "registry.sqlite3"


class Cache:
    """A file of verified bytes, shared by threads and by runs at the same time.

    `via` is a mark of what may lead a question to another registry than the one that it names (machine_routes), empty
    where nothing does: only answers that came the same way are found.
    Never raises for a bad file: one that is no database is moved aside, one that cannot be used is done without;
    `notices` says so, in sentences for the user.
    """

    def __init__(self, path: Path, via: str = "") -> None:
        self.path = path
        self._via = via
        self.notices: list[str] = []
        self._lock = threading.Lock()
        self._has_begun_anew = False
        self._database: sqlite3.Connection | None = None
        try:
            self._database = self._open()
        except (sqlite3.Error, OSError) as error:
            self._lose(error)

    def get(self, reference: Reference, digest: str) -> Answer | None:
        """What is kept of `digest` in the reference's repository, verified again, and when the registry said it.

        A corrupt row is dropped; so is one whose time is none, which a snapshot would take for an answer of today.
        """
        key = (reference.registry, reference.repository, digest, self._via)
        with self._lock:
            columns = "body, content_type, header_digest, stored_at"
            rows = self._execute(f"SELECT {columns} FROM content WHERE {_KEY}", key)  # noqa: S608
            if not rows:
                return None
            body, content_type, announced, stored_at = rows[0]
            if isinstance(body, bytes) and matches_digest(body, digest) and (moment := _moment(stored_at)):
                return Answer(
                    State.RESOLVED,
                    body,
                    content_type=content_type if isinstance(content_type, str) else None,
                    source="cache",
                    header_digest=str(announced),
                    fetched_at=moment,
                )
            self._execute(f"DELETE FROM content WHERE {_KEY}", key)  # noqa: S608
            return None

    def put(self, reference: Reference, digest: str, answer: Answer) -> Answer:
        """Keep the bytes of an answer for ever, if they are what `digest` names; returns it with the time of now."""
        now = int(time.time())
        if answer.body is not None and matches_digest(answer.body, digest):
            key = (reference.registry, reference.repository, digest)
            row = (*key, answer.content_type, answer.header_digest, answer.body, now, self._via)
            with self._lock:
                self._execute("INSERT OR REPLACE INTO content VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return replace(answer, fetched_at=_moment(now))

    def missing(self, reference: Reference, digest: str) -> tuple[str, str, str] | None:
        """The login that was told, less than five minutes ago, that there is no `digest`, the words, and when; or None.

        The time is ISO 8601.
        """
        key = (reference.registry, reference.repository, digest, self._via)
        with self._lock:
            rows = self._execute(f"SELECT identity, detail, seen_at FROM missing WHERE {_KEY}", key)  # noqa: S608
        for who, words, seen_at in rows:
            if (moment := _moment(seen_at)) and 0 <= time.time() - seen_at < MISSING_SECONDS:
                return str(who), str(words), moment
        return None

    def put_missing(self, reference: Reference, digest: str, identity: str, detail: str) -> None:
        """Keep for five minutes that `identity` was told that there is no `digest`."""
        row = (reference.registry, reference.repository, digest, identity, detail, int(time.time()), self._via)
        with self._lock:
            self._execute("INSERT OR REPLACE INTO missing VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def everything(self) -> Iterator[tuple[Reference, Answer]]:
        """All verified bytes, manifests and configs; what is corrupt is left out."""
        with self._lock:
            keys = self._execute("SELECT registry, repository, digest FROM content WHERE via = ?", (self._via,))
        for registry, repository, digest in keys:
            reference = Reference(registry, repository, None, digest)
            if answer := self.get(reference, digest):
                yield reference, answer

    def other_ways(self) -> int:
        """How many verified bytes came another way, so that nothing here finds them."""
        with self._lock:
            rows = self._execute("SELECT count(*) FROM content WHERE via <> ?", (self._via,))
        return int(rows[0][0]) if rows else 0

    def info(self) -> CacheInfo:
        """How much is kept, whichever way it came."""
        with self._lock:
            times = "CASE WHEN stored_at BETWEEN 0 AND ? THEN stored_at END"
            query = f"SELECT count(*), coalesce(min({times}), 0), coalesce(max({times}), 0) FROM content"  # noqa: S608
            entries, oldest, newest = (self._execute(query, (_latest(), _latest())) or [(0, 0, 0)])[0]
        size = sum(file.stat().st_size for file in self._files() if file.exists())
        return CacheInfo(self.path, entries, size, oldest, newest)

    def prune(self, older_than_days: float | None = None) -> int:
        """Forget what was stored more than so many days ago, or everything; return how many entries went."""
        # Without a number all goes, also what has no time.
        before = None if older_than_days is None else time.time() - older_than_days * _DAY
        old, values = "(stored_at <= ? OR ? IS NULL)", (before, before)
        with self._lock:
            counted = self._execute(f"SELECT count(*) FROM content WHERE {old}", values)  # noqa: S608
            self._execute(f"DELETE FROM content WHERE {old}", values)  # noqa: S608
            self._execute("DELETE FROM missing")
            self._execute("VACUUM")
        return int(counted[0][0]) if counted else 0

    def take_notices(self) -> list[str]:
        """What has gone wrong since this was last asked."""
        with self._lock:
            taken, self.notices = self.notices, []
        return taken

    def close(self) -> None:
        """Close the file; what is asked later finds nothing."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        database, self._database = self._database, None
        if database:
            with contextlib.suppress(sqlite3.Error):
                database.close()

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _connect(self.path)
        except sqlite3.OperationalError:
            raise  # locked, read-only, no space: another file would fare no better
        except sqlite3.DatabaseError as error:
            return self._begin_anew(error)

    def _begin_anew(self, error: sqlite3.Error) -> sqlite3.Connection:
        """Move aside what is no database, or none any more; once, for a disk that breaks every file is no place."""
        self._has_begun_anew = True
        aside = self.path.with_suffix(".corrupt")
        self.path.replace(aside)
        for file in self._files()[1:]:
            file.unlink(missing_ok=True)
        self.notices.append(f"The cache {self.path} was unusable ({error}); it is now {aside.name}, a new one starts.")
        return _connect(self.path)

    def _execute(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        if self._database is None:
            return []
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            self._recover(error)
            return []

    def _recover(self, error: sqlite3.Error) -> None:
        """After a failure: go on with a new file where this one is corrupt, else without."""
        is_corrupt = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        if not is_corrupt or self._has_begun_anew:
            self._lose(error)
            return
        self._close()
        try:
            self._database = self._begin_anew(error)
        except (sqlite3.Error, OSError) as another:
            self._lose(another)

    def _lose(self, error: Exception) -> None:
        """Go on without: the cache saves time, no result depends on it."""
        self._database = None
        self.notices.append(f"The cache {self.path} cannot be used ({error}); registries are asked for everything.")

    def _files(self) -> tuple[Path, Path, Path]:
        return self.path, Path(f"{self.path}-wal"), Path(f"{self.path}-shm")


def _latest() -> float:
    """Until when a time is believed: machines that share a cache may not agree on what time it is."""
    return time.time() + _DAY


def _moment(seconds: object) -> str:
    """Seconds since 1970 as ISO 8601 in UTC; empty for what is no time that has been."""
    if not isinstance(seconds, int | float) or not 0 <= seconds <= _latest():
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _connect(path: Path) -> sqlite3.Connection:
    """Open and prepare the file; DatabaseError (but not OperationalError) if it is not a cache of this version."""
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("BEGIN IMMEDIATE")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if not 0 <= version <= _SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"its layout has version {version}, this planner knows {_SCHEMA_VERSION}")
        if version < _SCHEMA_VERSION:  # 1 has no header digests, 2 no ways: what is kept there is asked for again
            database.execute("DROP TABLE IF EXISTS content")
            database.execute("DROP TABLE IF EXISTS missing")
        database.execute(_CONTENT)
        database.execute(_MISSING)
        database.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        database.execute("COMMIT")
        columns = "registry, repository, digest, content_type, header_digest, body, stored_at, via"
        database.execute(f"SELECT {columns} FROM content LIMIT 1")  # noqa: S608
    except sqlite3.Error:
        database.close()
        raise
    return database
