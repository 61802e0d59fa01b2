"""YAML and JSON of no known kind: texts that are a reference, or mention one, and fields that make one together.

Not read: comments, descriptions, labels, annotations, a status, checksums, schemas.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from planner.extract import plain_text
from planner.extract.fields import Owner, Path, Tree, extracted, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.syntax.yaml_nodes import documents
from planner.model.occurrence import Occurrence
from planner.model.source import SourceFile

_SUFFIXES = (".yaml", ".yml", ".json")
_SCHEMA = re.compile(r'"\$schema"\s*:\s*"https?://json-schema\.org/')


def _claims(source: SourceFile) -> bool:
    return source.path.lower().endswith(_SUFFIXES) and not plain_text.is_no_pull(source)


def _is_no_pull(path: Path) -> bool:
    return is_note(path) or path in {("status",), ("items", "status")}


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    if source.path.lower().endswith(".json") and _SCHEMA.search(source.text, 0, 4096):
        return
    tree = Tree(no_pull=_is_no_pull)
    # Who reads these files is not known, so that what looks like a reference may be none.
    for found in extracted(source, documents(source, tags), tree.fields, Owner("structured", "field"), tags=False):
        yield replace(found, confidence="text") if isinstance(found, Occurrence) else found


register(
    Format(
        name="structured",
        title="Any other YAML or JSON",
        claims=_claims,
        extract=_extract,
        rank=990,
        files="*.yaml, *.yml and *.json that no other format reads",
        example=Example(
            "config/runner.yaml",
            "# The digest stands in a field of its own.\n"
            "runner:\n  image:\n    repository: registry.example/runner\n    digest: sha256:…\n",
        ),
    )
)
