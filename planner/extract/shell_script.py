"""What container engines, clusters and registry tools are told to pull, with the variables that the script sets.

Split names and digests are put together, in branches and loops too; scripts in strings and heredocs are read as well.
References elsewhere count by their spelling, but not what is commented out, printed or compared.
"""

import re
from collections.abc import Iterable, Iterator

from planner.extract import plain_text, scripts
from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.written import written
from planner.model.source import SourceFile

_PATH = re.compile(r"\.(?:sh|bash|zsh|ksh|dash|bats|envrc)(?:\.(?:j2|jinja2?|tmpl|tpl|in|erb|template))?$")
_NAME = re.compile(r"(?:^|/)\.(?:(?:bash|zsh|k?sh)(?:rc|_profile|_aliases|env|_login)|profile|envrc)$")
_SHEBANG = re.compile(r"\ufeff?#![ \t]*/\S*(?:/env[ \t]+(?:-S[ \t]*)?(?:\S*/)?|/)(?:ba|z|k|da|a)?sh\b")


def _claims(source: SourceFile) -> bool:
    if _PATH.search(source.path) or _NAME.search(source.path):
        return not plain_text.is_no_pull(source)
    return _SHEBANG.match(source.text) is not None


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    return occurrences(source, scripts.pulls(written(source, 0, len(source.text)), tags=tags), "shell-script", tags)


def occurrences(
    source: SourceFile,
    pulls: Iterable[scripts.Pull],
    format: str,  # noqa: A002 - the field's word
    tags: bool,
) -> Iterator[Found]:
    """What a script pulls, as found by the format `format`."""
    for pull in pulls:
        found = occurrence(
            source,
            pull.image,
            format=format,
            role=pull.role,
            name=pull.name,
            platform=pull.platform,
            confidence="text" if pull.role == "text" else "parsed",
            tags=tags and pull.role == "command",
        )
        if found:
            yield found


register(
    Format(
        name="shell-script",
        title="Shell script",
        files="*.sh, *.bash, *.zsh, *.ksh, *.bats, .envrc, .profile and the like; files whose first line names a shell",
        example=Example("deploy.sh", "#!/bin/sh\ndocker run --rm -it registry.example/app:1@sha256:… serve\n"),
        claims=_claims,
        extract=_extract,
    )
)
