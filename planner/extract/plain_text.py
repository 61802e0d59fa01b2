"""References recognised by their spelling alone, in text files of no known format and in what does not parse.

Not read: comments, as the file's ending says how they look, lock files, bills of materials, and prose (Markdown, HTML).
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.written import Written, written
from planner.model.source import SourceFile

_PINNED = re.compile(r"@sha(?:256|384|512):[0-9A-Za-z]{1,256}")
# What stands left of the "@"; braces and dollar signs show that a variable is part of the name.
_NAME = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/[]-${}"
# A slash after one of these begins a path of its own; after anything else, it goes on with what is not known here.
_BEFORE_A_PATH = " \t\r\n=,;("
_CUTS = ")%"  # `$(PREFIX)app`, `%sapp`
_SLASH = re.compile(r"\\?/(?!\\?/)")
_ESCAPED_SLASH = re.compile(r"\\(?=/)")
_ESCAPE = re.compile(r"[nrt]|u[0-9a-fA-F]{4}")  # what follows a backslash in a string of most languages
_WORD_BEFORE = re.compile(r"""[^\s"'`=,;]+\Z""")
_LONGEST_NAME = 512
_LONGEST_LABEL = 100
_MAX_LINE = 2048  # how far back on its line a reference's comment mark or key is looked for
# Transports, and brackets that open a list, a link or a set; `[::1]:5000` is a registry, `{name}` a template.
_NO_NAME = re.compile(
    r"""
    (?:docker|docker-image|docker-daemon|oci|containers-storage|https?):(?:\\?/){2} | (?:image|docker|FROM):
    | \[(?![0-9A-Fa-f:]+\]) | \{(?![^{}]*\})
    """,
    re.VERBOSE,
)

# Lock files and bills of materials repeat digests that something else pulled.
_NO_PULLS = re.compile(
    r"""
    (?:.*\.(?:sig|att|intoto\.jsonl|provenance\.json)
    | .*\.(?:lock|sum|lock\.json|spdx|cdx|spdx\.json|cdx\.json|spdx\.ya?ml|cdx\.xml|sarif|svg|min\.js|map|patch|diff)
    | (?:package|docker|\.?devcontainer)-lock\.json | vendir\.lock\.ya?ml
    | npm-shrinkwrap\.json | pnpm-lock\.yaml | packages\.lock\.json | \.terraform\.lock\.hcl
    | (?:.*[-_.])?(?:sbom|bom)(?:[-_.].*)?\.(?:json|xml|ya?ml) | .*\.(?:md|mdx|markdown|rst|adoc|asciidoc|html?)
    | (?:change|release)[-_ ]?(?:log|notes)(?:\..*)? )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BILL_OF_MATERIALS = re.compile(
    r'"(?:spdxVersion|bomFormat|predicateType|ArtifactName)"\s*:|xmlns="http://cyclonedx|^SPDXVersion:', re.MULTILINE
)
# What planner itself writes, and people keep beside what they scan: reports and recorded registries.
_OWN_OUTPUT = re.compile(
    r"""
    \ufeff?file,line,column,name,role,image,               # the CSV report
    | \ufeff?old_reference,new_reference,                   # the mapping of a plan
    | \{\s*"schema_version":\ \d+,\s*"summary"              # the JSON report
    | \{\s*"schema_version":\ \d+,\s*"old":\ \{"name"       # a comparison of two
    | <\?xml[^>]*\?>\s*<testsuites\ name="planner"\        # the JUnit report
    | \{"reference":\ "[^"]*",\ "kind":\ "(?:manifest|config|blob)"  # a recorded registry
    """,
    re.VERBOSE,
)

_HASH, _SLASHES, _DASHES, _SEMICOLON = r"#", r"//", r"--", r";"
_COMMENTS = {
    **dict.fromkeys(("js", "ts", "jsx", "tsx", "go", "java", "kt", "kts", "c", "h", "cc", "cpp", "rs", "cs"), _SLASHES),
    **dict.fromkeys(("swift", "scala", "groovy", "gradle", "jsonc", "json5", "proto", "cue", "jsonnet"), _SLASHES),
    **dict.fromkeys(("tf", "tfvars", "hcl", "nomad", "php", "bicep"), rf"{_HASH}|{_SLASHES}"),
    **dict.fromkeys(("sql", "lua", "hs", "dhall"), _DASHES),
    **dict.fromkeys(("ini", "service", "container", "pod", "kube", "image", "volume"), rf"{_HASH}|{_SEMICOLON}"),
    **dict.fromkeys(("json", "csv", "tsv"), ""),
    "xml": "<!--",
}


_HASH_STEMS = ("dockerfile", "containerfile")


def is_no_pull(source: SourceFile) -> bool:
    """Whether digests in this file are records (lock files, bills of materials, reports) or prose, not pulls."""
    name = PurePosixPath(source.path).name
    start = source.text[:4096]
    return bool(_NO_PULLS.fullmatch(name) or _BILL_OF_MATERIALS.search(start) or _OWN_OUTPUT.match(start))


def search(source: SourceFile, start: int = 0, stop: int | None = None) -> Iterator[Found]:
    """Every reference that `spelled` finds, as an occurrence with confidence "text"."""
    for name, reference in spelled(source, start, stop):
        found = occurrence(source, reference, format=PLAIN_TEXT.name, role="text", name=name, confidence="text")
        if found:
            yield found


def spelled(source: SourceFile, start: int = 0, stop: int | None = None) -> Iterator[tuple[str, Written]]:
    """Every `name@digest` between two offsets of a file that is not in a comment, with the key it is assigned to.

    A digest without a name is a checksum; `name@sha256:` without digits is a program that puts references together.
    Where a program or template puts something before what could be a name, that is part of what is returned:
    `occurrence` then says that the reference is not complete.
    """
    text = source.text
    comment = _comment(source.path)
    for found in _PINNED.finditer(text, start, len(text) if stop is None else stop):
        begin = _name_start(text, start, found.start())
        before = text[max(0, begin - _MAX_LINE) : begin].rpartition("\n")[2]
        if begin < found.start() and not (comment and comment.search(before)):
            yield _label(before), _unescaped(source, begin, found.end())


def _name_start(text: str, start: int, end: int) -> int:
    """Where the name begins that ends at `end`; `end` if there is none."""
    start = max(start, end - _LONGEST_NAME)
    begin = _run_start(text, start, end)
    before = text[begin - 1] if begin > start else ""
    if before == "\\" and (escape := _ESCAPE.match(text, begin, end)):
        begin, before = escape.end(), " "
    if before and (before in _CUTS or (before not in _BEFORE_A_PATH and _SLASH.match(text, begin, end))):
        word = _WORD_BEFORE.search(text, max(start, begin - _LONGEST_LABEL), begin)
        return min(word.start() if word else begin, begin - 1)
    name = text[begin:end].lstrip("\\._:/]-")
    while found := _NO_NAME.match(name):
        name = name[found.end() :]
    return end - len(name)


def _run_start(text: str, start: int, end: int) -> int:
    """Where the characters begin that can stand in a name, up to `end`; JSON may have a backslash before each slash."""
    while True:
        begin = start + len(text[start:end].rstrip(_NAME))
        if text[begin - 1 : begin + 1] != "\\/" or begin <= start:
            return begin
        end = begin - 1


def _unescaped(source: SourceFile, start: int, stop: int) -> Written:
    """The file's characters without the backslashes before slashes."""
    result = Written()
    for found in _ESCAPED_SLASH.finditer(source.text, start, stop):
        result += written(source, start, found.start())
        start = found.start() + 1
    return result + written(source, start, stop)


def _label(before: str) -> str:
    """The key or variable to which the reference is assigned on its line, if that is plain to see."""
    found = re.search(r"""([A-Za-z_][\w.-]*)["']?\s*(?::|=>|[:?+]?=)\s*["']?$""", before[-_LONGEST_LABEL:])
    return found[1] if found else ""


def _comment(path: str) -> re.Pattern[str] | None:
    """What begins a comment in this kind of file: at the start of a line, or after white space outside of quotes."""
    name = PurePosixPath(path.lower())
    # `Dockerfile.go` is what a Go program is built with.
    marks = _HASH if name.stem in _HASH_STEMS else _COMMENTS.get(name.suffix[1:], _HASH)
    if not marks:
        return None
    block = r"|\*\s|/\*" if _SLASHES in marks else ""
    outside = r"""^(?:[^"'\n]|"[^"\n]*"|'[^'\n]*')*?"""
    return re.compile(rf"^\s*(?:{marks}{block})|{outside}(?<=\s)(?:{marks})")


def _extract(source: SourceFile, _lookup: Lookup, _tags: bool) -> Iterator[Found]:
    yield from search(source)


PLAIN_TEXT = register(
    Format(
        name="plain-text",
        title="Any other text file (references recognised by their spelling)",
        claims=lambda source: not is_no_pull(source),
        extract=_extract,
        rank=1000,
        files="every text file that no other format reads",
        example=Example("versions.properties", "# what we run\nrunner.image=registry.example/runner:2@sha256:…\n"),
    )
)
