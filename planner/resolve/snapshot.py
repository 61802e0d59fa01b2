"""Recorded registries: JSON lines with what registries answered, to be replayed where no registry can be asked."""

import base64
import binascii
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.report import asked
from planner.model.resolution import State
from planner.model.source import Problem
from planner.resolve.answer import BODY_LIMIT, Answer, Resolver, plain

_FILE_LIMIT = 512 * 1024 * 1024
_LINE_LIMIT = 2 * BODY_LIMIT  # base64 takes a third more than the body
_PROBLEMS_LIMIT = 20


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The question of an answer: `kind` is manifest or config, `name` is `registry/repository@digest` or `:tag`."""

    name: str
    kind: str = "manifest"


Answers = Mapping[Key, Answer]


def manifest_key(reference: Reference) -> Key:
    """The key of a manifest."""
    return Key(asked(reference).pinned)


def config_key(reference: Reference, digest: str) -> Key:
    """The key of a config: the blob's own digest, so that the line proves itself."""
    return Key(replace(reference, tag=None, digest=digest).pinned, "config")


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

    def close(self) -> None:
        """End what is under way."""
        self._resolver.close()


class SnapshotResolver:
    """Answers from a recorded registry; NOT_RECORDED for what it lacks. `path` is for the messages."""

    name = "snapshot"

    def __init__(self, answers: Answers, path: str) -> None:
        self._answers = answers
        self._path = path

    def manifest(self, reference: Reference) -> Answer:
        """The recorded manifest, or the recorded failure."""
        return self._answer(manifest_key(reference))

    def config(self, reference: Reference, digest: str) -> Answer:
        """The recorded config, or the recorded failure."""
        return self._answer(config_key(reference, digest))

    def close(self) -> None:
        """Nothing is ever under way."""

    def _answer(self, key: Key) -> Answer:
        detail = f"{self._path} has no answer for it: it could not be checked; record it again (planner snapshot)"
        missing = Answer(State.NOT_RECORDED, detail=plain(detail))
        return replace(self._answers.get(key, missing), source=self.name)


def snapshot_text(answers: Answers, fetched_at: str) -> str:
    """The snapshot's text: one line per answer, sorted, so that the same answers give the same bytes.

    `fetched_at` (ISO 8601) stands in every line.
    """
    lines = []
    for key, answer in sorted(answers.items()):
        document = {
            "reference": key.name,
            "kind": key.kind,
            "state": answer.state.value,
            "status": 200 if answer.status is None and answer.body is not None else answer.status,
            "content_type": answer.content_type,
            "body": None if answer.body is None else base64.b64encode(answer.body).decode("ascii"),
            "detail": answer.detail or None,
            "fetched_at": fetched_at,
        }
        lines.append(json.dumps({name: value for name, value in document.items() if value is not None}))
    return "".join(f"{line}\n" for line in lines)


def is_snapshot(path: Path) -> bool:
    """Whether a file holds what `write_snapshot` writes (or nothing): only such a file may be written over."""
    with path.open("rb") as file:
        return file.read(14) in (b"", b'{"reference": ')


def write_snapshot(path: Path, answers: Answers, fetched_at: str) -> None:
    """Write a snapshot, whole or not at all. Raises OSError."""
    path = path.resolve()
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        try:
            file.write(snapshot_text(answers, fetched_at))
            file.close()
            # A temporary file is for its owner alone; a snapshot is a file like others.
            mask = os.umask(0)
            os.umask(mask)
            Path(file.name).chmod(0o666 & ~mask)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def read_snapshot(path: Path) -> tuple[dict[Key, Answer], tuple[Problem, ...]]:
    """Read a snapshot. Raises OSError if the file cannot be read; each bad line is a Problem, the others count.

    Of two lines for the same question the later one counts, so that snapshots can be concatenated.
    """
    answers: dict[Key, Answer] = {}
    problems: list[Problem] = []
    with path.open("rb") as file:
        for number, line in _lines(file):
            try:
                key, answer = _parse(line)
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
    while line := file.readline(min(left, _LINE_LIMIT) + 1):
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
    text = f"{len(problems) - _PROBLEMS_LIMIT} more lines were left out. Is this a file of `planner snapshot`?"
    return (*problems[:_PROBLEMS_LIMIT], Problem("file", path, "snapshot-line", text))


def _parse(line: bytes) -> tuple[Key, Answer]:
    """Read a line; ValueError says what is wrong with it. Unknown members are ignored."""
    if len(line) > _LINE_LIMIT:
        raise ValueError(f"it is longer than {_LINE_LIMIT >> 20} MiB")
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    reference = _reference(document)
    kind = _text(document, "kind") or "manifest"
    if kind not in ("manifest", "config"):
        raise ValueError(f"the kind {kind!r} is neither manifest nor config")
    return Key(asked(reference).pinned, kind), _answer(document)


def _reference(document: dict[str, Any]) -> Reference:
    text = _text(document, "reference")
    if not text:
        registry, repository = _text(document, "registry"), _text(document, "repository")
        digest, tag = _text(document, "digest"), _text(document, "tag")
        if not (registry and repository):
            raise ValueError("it has neither reference nor registry and repository")
        text = f"{registry}/{repository}" + (f"@{digest}" if digest else f":{tag}" if tag else "")
    try:
        return parse_reference(text)
    except InvalidReferenceError as error:
        raise ValueError(f"its reference is not one: {error}") from error


def _answer(document: dict[str, Any]) -> Answer:
    status = document.get("status")
    status = status if isinstance(status, int) else None
    stated = _text(document, "state")
    state = State(stated) if stated in set(State) else _state(status)
    body = None
    if state is State.RESOLVED:
        try:
            body = base64.b64decode(_text(document, "body"), validate=True)
        except binascii.Error as error:
            raise ValueError("its body is not base64") from error
        if len(body) > BODY_LIMIT:
            raise ValueError(f"its body is larger than {BODY_LIMIT >> 20} MiB")
    detail = plain(_text(document, "detail")) or ("" if body is not None else f"recorded: HTTP status {status}")
    return Answer(state, body, detail, _text(document, "content_type") or None, "snapshot", status)


def _state(status: int | None) -> State:
    """The state behind an HTTP status, for snapshots that other tools wrote."""
    match status:
        case 200:
            return State.RESOLVED
        case 404:
            return State.MISSING
        case 401 | 403:
            return State.DENIED
        case 429:
            return State.RATE_LIMITED
        case int() if 500 <= status < 600:
            return State.SERVER_ERROR
        case None:
            raise ValueError("it has neither a state that planner knows nor a status")
    return State.FAILED


def _text(document: dict[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
