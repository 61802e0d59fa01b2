"""Jib: the base image that Maven and Gradle builds name, with properties and variables of the same file.

Of Gradle also those of gradle.properties. Other references count by their spelling, but not in comments.
"""

import re
from collections.abc import Iterator, Mapping

from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.mentions import with_mentions
from planner.extract.syntax.comments import SLASHES, XML, blanked
from planner.extract.syntax.templates import fill
from planner.extract.syntax.xml_leaves import leaves
from planner.extract.written import Written, written
from planner.model.source import SourceFile

_GRADLE = re.compile(r"\.gradle(?:\.kts)?$")
_MAVEN = re.compile(r"(?:^|/)(?:pom|[\w.-]+\.pom|pom[\w.-]*)\.xml$")
_FROM = re.compile(
    r"""\bfrom\s*(?:\{[^{}"']{0,400}?|\.\s*)\bimage\s*(?:=|\.set\s*\(|\s)\s*"""
    r"""(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<name>[A-Za-z_][\w.]*))"""
)
_SETTING = re.compile(r"""\b(\w+)[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)')""")
_PROPERTY = re.compile(r"^[ \t]*([\w.-]+)[ \t]*[=:][ \t]*([^\s#]+)[ \t\r]*$", re.MULTILINE)
_OF_GRADLE = re.compile(r"\$\{?(?:project\.|rootProject\.|ext\.)*(\w+)\}?")
_OF_MAVEN = re.compile(r"\$\{([\w.-]+)\}")


def _claims(source: SourceFile) -> bool:
    return "jib" in source.text and bool(_GRADLE.search(source.path) or _MAVEN.search(source.path))


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    is_maven = source.path.endswith(".xml")
    clean = blanked(source, XML if is_maven else SLASHES)
    images = _of_maven(clean) if is_maven else _of_gradle(clean, lookup)
    every = (occurrence(clean, image, format="jib", role="base image", name="", tags=tags) for image in images)
    return with_mentions(clean, filter(None, every), "jib")


def _of_maven(source: SourceFile) -> Iterator[Written]:
    every = [(each.path, written(source, each.start, each.stop).strip()) for each in leaves(source)]
    properties = {path[-1]: value for path, value in every if path[-2:-1] == ("properties",)}
    for path, value in every:
        if path[-2:] == ("from", "image"):
            yield fill(value, _OF_MAVEN, properties.get)


def _of_gradle(source: SourceFile, lookup: Lookup) -> Iterator[Written]:
    known = _settings(source, lookup)
    for found in _FROM.finditer(source.text):
        group = found.lastgroup or ""
        value = written(source, *found.span(group))
        if group == "name":
            value = known.get(value.text.rpartition(".")[2], value)
        yield value if group == "single" else fill(value, _OF_GRADLE, known.get)


def _settings(source: SourceFile, lookup: Lookup) -> Mapping[str, Written]:
    """The values of names: those of gradle.properties, here or at the top, then those that the script sets."""
    known: dict[str, Written] = {}
    folder = source.path.rpartition("/")[0]
    for path in dict.fromkeys(("gradle.properties", f"{folder}/gradle.properties".lstrip("/"))):
        if other := lookup(path):
            known |= {found[1]: written(other, *found.span(2)) for found in _PROPERTY.finditer(other.text)}
    for found in _SETTING.finditer(source.text):
        known[found[1]] = written(source, *found.span(found.lastindex or 0))
    return known


register(
    Format(
        name="jib",
        title="Jib (Maven, Gradle)",
        claims=_claims,
        extract=_extract,
        files="pom.xml, *.gradle, *.gradle.kts that name jib",
        example=Example("build.gradle", "jib {\n  from {\n    image = 'registry.example/java:21@sha256:…'\n  }\n}\n"),
    )
)
