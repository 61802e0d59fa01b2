"""Recorded registries brought together: of each question, the answer that tells most. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from planner.model.reference import parse_reference
from planner.model.resolution import ANSWERS, State
from planner.resolve.answer import Answer
from planner.resolve.follow import read_config, read_manifest
from planner.resolve.snapshot_line import Answers, Key, written

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def merged(snapshots: Iterable[Answers]) -> dict[Key, Answer]:
    """An answer (the content, or that there is none) counts before a failure, and then what came later.

    The order of the snapshots does not count: of answers that came at once, one is chosen by its text.
    """
    found: dict[Key, Answer] = {}
    for answers in snapshots:
        for key, answer in answers.items():
            known = found.setdefault(key, answer)
            if known is not answer and _worth(key, known) < _worth(key, answer):
                found[key] = answer
    return found


def recorded(before: Answers, now: Answers, moment: str) -> dict[Key, Answer]:
    """What a registry that is recorded again, at `moment`, is known to answer.

    What could not be asked this time, or not in full, stays as it was; where all was answered, what is not asked for
    any more goes.
    """
    timed = {key: answer if answer.fetched_at else replace(answer, fetched_at=moment) for key, answer in now.items()}
    return timed if all(_is_answer(key, answer) for key, answer in timed.items()) else merged([before, timed])


def _worth(key: Key, answer: Answer) -> tuple[bool, datetime, str]:
    return (_is_answer(key, answer), _moment(answer.fetched_at), written(key, answer, ""))


def _is_answer(key: Key, answer: Answer) -> bool:
    """Whether it says what an engine will meet: a login page that came with status 200 does not."""
    match key.kind:
        case "manifest":
            return read_manifest(parse_reference(key.name), answer).state in ANSWERS
        case "config" if answer.state is State.RESOLVED:
            return read_config(key.digest, answer).config is not None
        case _:
            return answer.state in ANSWERS


def _moment(fetched_at: str) -> datetime:
    """The time as it is compared: one without a zone is taken for UTC, what is none for long ago."""
    try:
        found = datetime.fromisoformat(fetched_at)
    except ValueError:
        return _LONG_AGO
    return found if found.tzinfo else found.replace(tzinfo=UTC)
