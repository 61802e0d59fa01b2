"""What is wrong with the form of a knowledge file, in words that say what to write instead."""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from planner.knowledge.document import Document, Mistake, Place, quoted
from planner.knowledge.near import nearest
from planner.knowledge.schema import TABLES

_Schema = TypeVar("_Schema", bound=BaseModel)

_TO_WRITE = {
    "source": 'name what it rests on: source = ["moby/moby@v1.10.0:distribution/pull_v2.go:331"]',
    "checked": 'write the day on which this was last compared with its sources: checked = "2026-11-23"',
    "versions": 'write the range that it holds for: versions = ">=1.10.0,<18.06.0"',
    "need": "an engine file says what its versions do with each need: [[need.schema1]]",
    "rule": "a registry file says what its versions hand out: [[rule]]",
}


def validated(document: Document, schema: type[_Schema]) -> _Schema:
    """The document in the form of `schema`; KnowledgeError with every mistake, each with its line."""
    try:
        return schema.model_validate(document.members)
    except ValidationError as error:
        document.refuse(_mistakes(error, document, schema))
        raise


def _mistakes(error: ValidationError, document: Document, schema: type[BaseModel]) -> Iterator[Mistake]:
    for found in error.errors(include_url=False):
        place: Place = found["loc"]
        member = next((str(part) for part in reversed(place) if isinstance(part, str)), "")
        match found["type"]:
            case "extra_forbidden":
                known = list((TABLES.get(str(place[0]), schema) if len(place) > 1 else schema).model_fields)
                what = f"unknown member `{member}`{nearest(member, known)}; known are {', '.join(known)}"
            case "string_type" if not isinstance(found["input"], list | dict):
                written = document.written(place) or str(found["input"])
                what = f"`{member}` is text and stands in quotes; write {member} = {quoted(written)}"
            case "dict_type" | "model_type" | "list_type" if place[0] in TABLES:
                table = ".".join(str(part) for part in place[:2] if isinstance(part, str))
                what = f"`{member}` is no table; write [[{table}]] with its members below"
            case _:
                what = _words(member, found)
        yield place, what


def _words(member: str, found: ErrorDetails) -> str:
    """What is wrong with one member by itself."""
    to_write = _TO_WRITE.get(member, f"write {member} = ...")
    match found["type"]:
        case "missing":
            return f"`{member}` is missing; {to_write}"
        case "too_short" | "string_too_short":
            return f"`{member}` is empty; {to_write}"
        case "string_pattern_mismatch":
            return f"`{member}` is not as it must be: {found['input']!r}; {to_write}"
        case "enum" | "literal_error":
            return f"{found['input']!r} is no {member}; write {found['ctx']['expected']}"
        case "value_error":
            return f"`{member}`: {found['ctx']['error']}" if member else str(found["ctx"]["error"])
        case _:
            return f"`{member}`: {found['msg']}"
