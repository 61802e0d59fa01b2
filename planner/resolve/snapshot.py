"""Recorded registries: JSON lines with what registries answered, to be replayed where no registry can be asked.

Each line is an object. Members that planner does not know are ignored, all but the first two may be left out:

- `reference`, or `registry` and `repository` with `digest` or `tag`: what was asked for. For a config or a blob, the
  digest is that of the config or blob itself.
- `status`: the HTTP status; or `state`, a word of model.resolution.State, which counts where both are given.
- `kind`: `manifest` (the default), `config`, or `blob` for a layer.
- `body`: the bytes, as base64; of a blob the first four or more, and none where only its being there is known. A blob
  with status 404 says that neither the registry nor the URLs of its descriptor have it.
- `content_type`, `header_digest`: the headers Content-Type and Docker-Content-Digest of a manifest. An empty
  `content_type` says that there was none; without the member, nobody looked.
- `detail`: the words for a report; `fetched_at`: ISO 8601, which counts only where snapshots are merged.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from planner.files import write_file
from planner.model.reference import Reference
from planner.model.resolution import LayerSeen, State
from planner.model.source import Problem
from planner.resolve.answer import Answer, Resolver, plain
from planner.resolve.snapshot_line import (
    LINE_LIMIT,
    Answers,
    Key,
    blob_key,
    config_key,
    layer_seen,
    manifest_key,
    parsed,
    written,
)

__all__ = [
    "Answers",
    "Key",
    "RecordingResolver",
    "SnapshotResolver",
    "blob_key",
    "config_key",
    "is_snapshot",
    "manifest_key",
    "read_snapshot",
    "snapshot_text",
    "write_snapshot",
]

_FILE_LIMIT = 512 * 1024 * 1024
_PROBLEMS_LIMIT = 20


class RecordingResolver:
    """Passes questions on and remembers every answer, failures too, in `answers`."""

    def __init__(self, resolver: Resolver) -> None:
        self.name = resolver.name
        self.answers: dict[Key, Answer] = {}
        self._resolver = resolver

    def manifest(self, reference: Reference) -> Answer:
        """The other resolver's answer."""
        answer = self._resolver.manifest(reference)
        self.answers[manifest_key(reference)] = answer
        return answer

    def config(self, reference: Reference, digest: str) -> Answer:
        """The other resolver's answer."""
        answer = self._resolver.config(reference, digest)
        self.answers[config_key(reference, digest)] = answer
        return answer

    def at_hand(self, reference: Reference, config: str = "") -> Answer | None:
        """The other resolver's answer, if it has one."""
        answer = self._resolver.at_hand(reference, config)
        if answer:
            self.answers[config_key(reference, config) if config else manifest_key(reference)] = answer
        return answer

    def close(self) -> None:
        """End what is under way."""
        self._resolver.close()


class SnapshotResolver:
    """Answers from a recorded registry; NOT_RECORDED for what it lacks. `path` is for the messages."""

    name = "snapshot"

    def __init__(self, answers: Answers, path: str) -> None:
        self._answers = answers
        self._path = path
        self._layers: dict[str, dict[str, LayerSeen]] = {}
        for key, answer in answers.items():
            if key.kind == "blob" and (seen := layer_seen(key, answer)):
                self._layers.setdefault(key.repository, {})[seen.digest] = seen

    def manifest(self, reference: Reference) -> Answer:
        """The recorded manifest with what is recorded of its repository's layers, or the recorded failure."""
        return replace(self._answer(manifest_key(reference)), layers=self._layers.get(reference.name, {}))

    def config(self, reference: Reference, digest: str) -> Answer:
        """The recorded config, or the recorded failure."""
        return self._answer(config_key(reference, digest))

    def at_hand(self, reference: Reference, config: str = "") -> Answer | None:
        """All is."""
        return self.config(reference, config) if config else self.manifest(reference)

    def close(self) -> None:
        """Nothing is ever under way."""

    def _answer(self, key: Key) -> Answer:
        detail = f"{self._path} has no answer for it: it could not be checked; record it again (planner snapshot)"
        missing = Answer(State.NOT_RECORDED, detail=plain(detail))
        return replace(self._answers.get(key, missing), source=self.name)


def snapshot_text(answers: Answers, fetched_at: str) -> str:
    """The snapshot's text: one line per answer, sorted, so that the same answers give the same bytes.

    `fetched_at` (ISO 8601) stands in every line that has no time of its own.
    """
    return "".join(f"{written(key, answer, fetched_at)}\n" for key, answer in sorted(answers.items()))


def is_snapshot(path: Path) -> bool:
    """Whether a file holds what `write_snapshot` writes (or nothing): only such a file may be written over."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(14) in (b"", b'{"reference": ')


def write_snapshot(path: Path, answers: Answers, fetched_at: str) -> None:
    """Write a snapshot, whole or not at all. Raises UsageError."""
    write_file(path, snapshot_text(answers, fetched_at))


def read_snapshot(path: Path) -> tuple[dict[Key, Answer], tuple[Problem, ...]]:
    """Read a snapshot. Raises OSError if the file cannot be read; each bad line is a Problem, the others count.

    Of two lines for the same question the later one counts, so that snapshots can be concatenated.
    """
    answers: dict[Key, Answer] = {}
    problems: list[Problem] = []
    with path.open("rb") as file:
        for number, line in _lines(file):
            try:
                key, answer = parsed(line)
                answers[key] = answer
            except ValueError as error:
                text = f"This line was left out, so its answer counts as not recorded: {plain(str(error), 150)}."
                problems.append(Problem("file", str(path), "snapshot-line", text, number))
        if file.read(1):
            text = f"The file is larger than {_FILE_LIMIT >> 20} MiB: what follows was not read; record less at a time."
            problems.append(Problem("file", str(path), "snapshot-too-large", text))
    return answers, _few(problems, str(path))


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, up to the file's limit; an overlong one comes in pieces."""
    left = _FILE_LIMIT
    number = 1
    while line := file.readline(min(left, LINE_LIMIT) + 1):
        left -= len(line)
        if line.strip():
            yield number, line
        if left <= 0:
            return
        number += line.endswith(b"\n")


def _few(problems: list[Problem], path: str) -> tuple[Problem, ...]:
    """A file of another kind would otherwise fill the report."""
    if len(problems) <= _PROBLEMS_LIMIT:
        return tuple(problems)
    text = f"More lines were left out: {len(problems) - _PROBLEMS_LIMIT:,}. Is this a file of `planner snapshot`?"
    return (*problems[:_PROBLEMS_LIMIT], Problem("file", path, "snapshot-line", text))
