"""One line of a recorded registry: a question and its answer. See snapshot for the form."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.report import asked
from planner.model.resolution import LayerSeen, State
from planner.resolve.answer import BODY_LIMIT, Answer, plain

LINE_LIMIT = BODY_LIMIT * 3 // 2  # base64 takes a third more than the body
KINDS = ("manifest", "config", "blob")
_HEADER_LENGTH = 150  # a sha512 digest has 135 characters
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The question of an answer: `kind` is one of KINDS, `name` is `registry/repository@digest` or `:tag`."""

    name: str
    kind: str = "manifest"

    @property
    def repository(self) -> str:
        """The name without its digest; of no use for a tag."""
        return self.name.partition("@")[0]

    @property
    def digest(self) -> str:
        """The digest in the name, empty for a tag."""
        return self.name.partition("@")[2]


Answers = Mapping[Key, Answer]


def manifest_key(reference: Reference) -> Key:
    """The key of a manifest."""
    return Key(asked(reference).pinned)


def config_key(reference: Reference, digest: str) -> Key:
    """The key of a config: the blob's own digest, so that the line proves itself."""
    return Key(replace(reference, tag=None, digest=digest).pinned, "config")


def blob_key(reference: Reference, digest: str) -> Key:
    """The key of a layer's blob in the repository of `reference`."""
    return Key(replace(reference, tag=None, digest=digest).pinned, "blob")


def layer_seen(key: Key, answer: Answer) -> LayerSeen | None:
    """What the answer for a blob says of it; None where it says nothing."""
    match answer.state:
        case State.RESOLVED:
            return LayerSeen(key.digest, available=True, compression=_compression(answer.body or b""))
        case State.MISSING:
            return LayerSeen(key.digest, available=False)
        case _:
            return None


def _compression(start: bytes) -> str:
    if start.startswith(_GZIP):
        return "gzip"
    if start.startswith(_ZSTD):
        return "zstd"
    return "none" if len(start) >= len(_ZSTD) else ""


def written(key: Key, answer: Answer, fetched_at: str) -> str:
    """An answer as a line, without its end; `fetched_at` is for one that has no time of its own."""
    document = {
        "reference": key.name,
        "kind": key.kind,
        "state": answer.state.value,
        "status": 200 if answer.status is None and answer.body is not None else answer.status,
        "content_type": answer.content_type,
        "header_digest": answer.header_digest or None,
        "body": None if answer.body is None else base64.b64encode(answer.body).decode("ascii"),
        "detail": answer.detail or None,
        "fetched_at": answer.fetched_at or fetched_at or None,
    }
    return json.dumps({name: value for name, value in document.items() if value is not None})


def parsed(line: bytes) -> tuple[Key, Answer]:
    """Read a line; ValueError says what is wrong with it. Unknown members are ignored."""
    if len(line) > LINE_LIMIT:
        raise ValueError(f"it is longer than {LINE_LIMIT >> 20} MiB")
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")
    reference = _reference(document)
    kind = _text(document, "kind") or "manifest"
    if kind not in KINDS:
        raise ValueError(f"the kind {kind!r} is none of {', '.join(KINDS)}")
    if kind == "blob" and not reference.digest:
        raise ValueError("it is about a blob, and its reference names none by digest")
    answer = _answer(document)
    if kind == "blob" and answer.body:
        answer = replace(answer, body=answer.body[: len(_ZSTD)])
    return Key(asked(reference).pinned, kind), answer


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
    content_type = document.get("content_type")
    return Answer(
        state,
        body,
        detail,
        content_type if isinstance(content_type, str) else None,
        "snapshot",
        status,
        plain(_text(document, "header_digest"), _HEADER_LENGTH),
        fetched_at=_time(_text(document, "fetched_at")),
    )


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


def _time(text: str) -> str:
    """ISO 8601 as it is; empty for what is none."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text
