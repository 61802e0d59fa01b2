"""werf: the base image of each image that is built (`from`), and images of imports and dependencies by digest.

Names of the images of the same file (`fromImage`, `image`) are none. Values of Go templates are not filled in.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.script_uses import listed, scripts
from planner.extract.syntax.yaml_nodes import MappingNode, Node, documents, get, items, text
from planner.extract.templated import without_control
from planner.extract.uses import Use, found_at, of_documents, places, platform_of
from planner.model.source import SourceFile

_PATH = re.compile(r"(?:^|/)(?:[^/]*[._-])?werf(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.werf/.*\.(?:ya?ml|tmpl)$")
_SPEC = re.compile(r"^(?:configVersion|image|from|project):", re.MULTILINE)
_NO_PULL = places("docker.LABEL", "imageSpec.config.labels", "meta", "deploy")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _SPEC.search(source.text) is not None


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    plain = without_control(source)
    return of_documents(plain, documents(plain, tags), "werf", _uses, _NO_PULL, tags=tags)


def _uses(_source: SourceFile, root: Node) -> Iterator[Use]:
    names = [text(node) for key in ("image", "artifact") for node in listed(get(root, key))]
    name = ", ".join(filter(None, names)) or "base"
    platform = platform_of(text(get(root, "platform")))
    # Of a condition, both branches count.
    pairs = root.value if isinstance(root, MappingNode) else []
    yield from (Use("base", name, node, platform=platform) for key, node in pairs if text(key) == "from")
    for _, imported in found_at(root, "import[]"):
        # Else they name an image of this file.
        node = get(imported, "from") or get(imported, "image")
        if "@" in text(node):
            yield Use("import", name, node, platform=platform)
    for key, commands in items(get(root, "shell")):
        yield from scripts(f"{name}: {key.value}", [commands])


register(
    Format(
        "werf",
        "werf",
        _claims,
        _extract,
        files="werf.yaml, werf-*.yaml, .werf/**/*.yaml",
        example=Example(
            "werf.yaml",
            "configVersion: 1\nproject: app\n---\nimage: backend\nfrom: golang:1.22@sha256:…\n",
        ),
    )
)
