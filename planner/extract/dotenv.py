"""Values of variables that name an image by digest, with other variables of the file filled in.

Where a compose file, a task or a recipe beside it uses a value, that is what is listed instead.
"""

import re
from collections.abc import Iterator

from planner.extract import plain_text, scripts
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, occurrence, register
from planner.extract.syntax.shell import expand
from planner.extract.written import Written, written
from planner.model.source import SourceFile

_TEMPLATE = r"(?:\.(?:j2|jinja2?|tmpl|tpl|in|erb|template|example|sample|dist|defaults?))?"
_PATH = re.compile(
    r"(?:^|/)(?:\.(?:\w+)?env(?:rc)?(?:[.-][\w-]+)*|(?:[^/]*[._-])?env[-_]?file|env(?:[.-](?!ya?ml|json|toml)[\w-]+)?"
    rf"|[^/]*\.env(?:\.[\w-]+)?){_TEMPLATE}$"
)
# `.env.d.ts`, `.envrc`, `env.py`: read by something else.
_CODE = re.compile(
    r"\.(?:envrc|[cm]?[jt]sx?|json5?|ya?ml|toml|py|rb|php|go|rs|lua|pl|ps1|cmd|bat|(?:ba|z|k|fi)?sh|nix|hcl|cue|lock"
    r"|enc|gpg|age|xml|html?|md|txt|env\.d)$",
    re.IGNORECASE,
)
_ASSIGNMENT = re.compile(
    r"""
    ^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*
    (?: '(?P<single>[^']*)' | "(?P<double>(?:\\.|[^"\\])*)" | (?P<bare>[^\r\n]*) )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.ASCII,
)
_COMMENT = re.compile(r"(?:^|[ \t])#.*$")
_MAX_FILLED = 256 * 1024  # characters that all values of a file may have that others were filled into
_NO_PULL = re.compile(r"(?:.*[_.-])?(?:LABELS?|ANNOTATIONS?|DESCRIPTION|COMMENT|CACHE_(?:FROM|TO))", re.IGNORECASE)


def assigned(source: SourceFile | None) -> dict[str, Written]:
    """The variables that a file sets, and the last value of each.

    Later values may use earlier ones; single quotes keep a value as it is. A variable without a value stays as written.
    """
    values: dict[str, Written] = {}
    left = _MAX_FILLED
    for found in _ASSIGNMENT.finditer(source.text) if source else ():
        group = found.lastgroup or "bare"
        start, stop = found.span(group)
        if group == "bare" and (comment := _COMMENT.search(found[group])):
            stop = start + comment.start()
        value = written(source, start, stop).strip() if source else Written()
        if group != "single" and left > 0 and "$" in value.text:
            value = expand(value, values)
            left -= len(value.text)
        values[found["name"]] = value
    return values


def _claims(source: SourceFile) -> bool:
    if not (_PATH.search(source.path) and "=" in source.text) or _CODE.search(source.path):
        return False
    return "--pod-infra-container-image" not in source.text and not plain_text.is_no_pull(source)


def _extract(source: SourceFile, _lookup: Lookup, _tags: bool) -> Iterator[Found]:
    seen: set[tuple[int, int]] = set()
    for name, image in _named(source):
        found = None
        if not _NO_PULL.fullmatch(name):
            found = occurrence(source, image, format="dotenv", role="variable", name=name, confidence="text")
        if found and (found.line, found.column) not in seen:
            seen.add((found.line, found.column))
            yield found


def _named(source: SourceFile) -> Iterator[tuple[str, Written]]:
    """References with the variables that hold them: first those put together from several, then all by spelling."""
    for name, value in assigned(source).items():
        if len(value.pieces) > 1 and DIGEST.search(value.text):
            for pull in scripts.mentioned(value, source.path, name):
                yield name, pull.image
    yield from plain_text.spelled(source)


DOTENV = register(
    Format(
        name="dotenv",
        title="File of environment variables",
        files=".env, .env.*, *.env, *.env.*, env-file and the like",
        example=Example(
            "versions.env", "# what we run\nAPP_PORT=8080\nexport APP_IMAGE='registry.example/app:1@sha256:…'\n"
        ),
        claims=_claims,
        extract=_extract,
    )
)
