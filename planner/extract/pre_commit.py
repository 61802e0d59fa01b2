"""pre-commit: the image that begins the `entry` of hooks whose language is `docker_image`.

References that other hooks mention, in `docker run` say, count too.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, register
from planner.extract.syntax.yaml_nodes import Node, elements, get, text
from planner.extract.uses import Use, extractor, found_at, named, places
from planner.extract.written import Written
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)\.?pre-commit(?:-(?:config|hooks))?(?:[._-][^/]*)?\.ya?ml$")
_HOOKS = re.compile(r"^(?:[ -]*(?:repos|id|entry):)", re.MULTILINE)
_WORD = re.compile(r"\S+")
_NO_PULL = places("repos.hooks.description", "repos.hooks.name", "description", "name")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _HOOKS.search(source.text) is not None


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    hooks = [hook for _, hook in found_at(root, "repos[].hooks[]")]
    for hook in [*hooks, *elements(root)]:
        if text(get(hook, "language")) == "docker_image":
            yield Use("hook", named(hook, "hook", "id"), get(hook, "entry"), fill=_image)


def _image(entry: Written) -> list[Written]:
    """The image of an entry, after the options for the engine and before the container's command."""
    before = ""
    for word in _WORD.finditer(entry.text):
        # `--entrypoint x`: after an option, only what looks like a reference is no value of it.
        is_option = word[0].startswith("-")
        if not is_option and (not before.startswith("-") or "=" in before or re.search(r"[@:]|^\w.*/", word[0])):
            return [entry[word.start() : word.end()]]
        before = word[0]
    return []


register(
    Format(
        "pre-commit",
        "pre-commit",
        _claims,
        extractor("pre-commit", _uses, _NO_PULL),
        files=".pre-commit-config.yaml, .pre-commit-hooks.yaml",
        example=Example(
            ".pre-commit-hooks.yaml",
            "- id: shellcheck\n  language: docker_image\n  entry: koalaman/shellcheck@sha256:… -x\n",
        ),
    )
)
