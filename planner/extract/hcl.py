"""HCL of no known kind, of Packer, Waypoint or Boundary say: texts that are a reference, or mention one.

Variables and locals of the same file are filled in. Not read: comments, labels, tags.
"""

from collections.abc import Iterator
from dataclasses import replace

from planner.extract.fields import Owner, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.hcl_files import Block, body, images
from planner.extract.nomad import names_of
from planner.extract.plain_text import is_no_pull
from planner.extract.syntax.hcl_nodes import Body
from planner.extract.syntax.hcl_values import Values
from planner.model.occurrence import Occurrence
from planner.model.source import Problem, SourceFile


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    root = body(source, {}, tags)
    if isinstance(root, Problem):
        yield root
    if not isinstance(root, Body):
        return
    ordered = sorted(root.pairs, key=lambda pair: pair.key in ("locals", "variable"))
    blocks = [Block(Owner("hcl", "field", ".".join([pair.key, *pair.labels])), pair.value, {}) for pair in ordered]
    # Who reads these files is not known, so that what looks like a reference may be none.
    for found in images(
        source, blocks, Values(names_of(root)), lambda path: is_note(path) or path[-1] == "tags", tags=False
    ):
        yield replace(found, confidence="text") if isinstance(found, Occurrence) else found


register(
    Format(
        name="hcl",
        title="Any other HCL",
        claims=lambda source: source.path.lower().endswith(".hcl") and not is_no_pull(source),
        extract=_extract,
        rank=985,
        files="*.hcl that no other format reads",
        example=Example(
            "build.pkr.hcl",
            'source "docker" "base" {\n  image = "registry.example/base@sha256:…"\n  commit = true\n}\n',
        ),
    )
)
