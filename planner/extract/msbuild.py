"""MSBuild projects: the base image of .NET's containers, with the properties of the same file.

Other references count by their spelling, but not in comments.
"""

import re
from collections.abc import Iterator

from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.mentions import with_mentions
from planner.extract.syntax.comments import XML, blanked
from planner.extract.syntax.templates import fill
from planner.extract.syntax.xml_leaves import leaves
from planner.extract.written import written
from planner.model.source import SourceFile

_SUFFIXES = (".csproj", ".fsproj", ".vbproj", ".props", ".targets", ".proj", ".pubxml")
_PROPERTY = re.compile(r"\$\((\w+)\)")
_IMAGE = "ContainerBaseImage"


def _extract(source: SourceFile, _lookup: Lookup, tags: bool) -> Iterator[Found]:
    clean = blanked(source, XML)
    return with_mentions(clean, _images(clean, tags), "msbuild")


def _images(source: SourceFile, tags: bool) -> Iterator[Found]:
    every = [each for each in leaves(source) if each.path[-2:-1] == ("PropertyGroup",)]
    properties = {each.path[-1]: written(source, each.start, each.stop).strip() for each in every}
    for each in every:
        if each.path[-1] == _IMAGE:
            image = fill(written(source, each.start, each.stop), _PROPERTY, properties.get)
            found = occurrence(source, image, format="msbuild", role="base image", name=_IMAGE, tags=tags)
            if found:
                yield found


register(
    Format(
        name="msbuild",
        title="MSBuild projects (.NET)",
        claims=lambda source: source.path.lower().endswith(_SUFFIXES),
        extract=_extract,
        files="*.csproj, *.fsproj, *.vbproj, *.props, *.targets, *.pubxml",
        example=Example(
            "web.csproj",
            '<Project Sdk="Microsoft.NET.Sdk.Web">\n  <PropertyGroup>\n'
            "    <ContainerBaseImage>registry.example/aspnet:8.0@sha256:…</ContainerBaseImage>\n"
            "  </PropertyGroup>\n</Project>\n",
        ),
    )
)
