"""Podman's Quadlets: `Image=` of containers, images and volumes, images that are mounted, and artifacts.

Names of other units (`app.image`, `app.build`) and transports that ask no registry are none. Commands in `[Service]`
are read as those of systemd.
"""

import re
from collections.abc import Iterator

from planner.extract import systemd
from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.shell_script import occurrences
from planner.extract.syntax.shell import expand
from planner.extract.syntax.unit_lines import Setting, doubled, settings
from planner.extract.uses import platform_of
from planner.extract.written import Written
from planner.model.platform import Platform
from planner.model.source import SourceFile

_KINDS = r"(?:container|image|volume|kube|pod|build|artifact|network|quadlets)"
_TEMPLATE = r"(?:\.(?:j2|jinja2?|tmpl|tpl|in|erb|template))?"
_PATH = re.compile(rf"(?:^|/)[^/]*\.{_KINDS}(?:\.d/[^/]*\.conf)?{_TEMPLATE}$|(?:^|/){_KINDS}\.d/[^/]*\.conf$")
_SECTION = re.compile(r"^[ \t]*\[(?:Container|Image|Volume|Kube|Pod|Build|Artifact|Network)\]", re.MULTILINE)
_IMAGES = {
    ("Container", "Image"): "container",
    ("Image", "Image"): "image",
    ("Volume", "Image"): "volume",
    ("Artifact", "Artifact"): "artifact",
}
_MOUNT = re.compile(r"(?:^|,)type=image(?:,|$)")
_MOUNTED = re.compile(r"(?:^|,)(?:source|src)=([^,]+)")
_UNIT = re.compile(r"\.(?:image|build|artifact)$")
_REGISTRY = "docker://"
_NO_REGISTRY = re.compile(r"(?:docker-(?:daemon|archive)|oci(?:-archive)?|dir|containers-storage|sif|ostree|tarball):")
_SET_BY_COMMANDS = ("Service", "Unit", "Install", "Socket")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _SECTION.search(source.text) is not None


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    every = list(settings(source))
    known = systemd.environment(source, every, lookup)
    stem = _name(source.path)
    for each, role, image in _images(every):
        # Podman hands the name on to systemd, which fills in the variables of the service.
        filled = _in_registry(expand(doubled(image), known))
        platform = _platform(every, each.section)
        found = filled.text and occurrence(
            source, filled, format="quadlet", role=role, name=stem, platform=platform, tags=tags, start=image.place()
        )
        if found:
            yield found
    others = [each for each in every if each.section in _SET_BY_COMMANDS or each.key in ("Environment", "PodmanArgs")]
    yield from occurrences(source, systemd.pulls(source, others, known, tags), "quadlet", tags)


def _name(path: str) -> str:
    """The unit's name without its kind; a drop-in has that of its folder."""
    *folders, name = path.split("/")
    owner = folders[-1] if folders and folders[-1].endswith(".d") else name
    return owner.partition(".")[0]


def _images(every: list[Setting]) -> Iterator[tuple[Setting, str, Written]]:
    """The settings that name images, with the role and the text of each; of one given twice the last counts."""
    last = {(each.section, each.key): each for each in every}
    for key, role in _IMAGES.items():
        if each := last.get(key):
            yield each, role, each.value
    for each in every:
        mounted = _MOUNTED.search(each.value.text) if each.key == "Mount" else None
        if mounted and _MOUNT.search(each.value.text):
            yield each, "mount", each.value[mounted.start(1) : mounted.end(1)]


def _in_registry(image: Written) -> Written:
    """A reference without its transport; nothing for one that no registry is asked for, or for the name of a unit."""
    if image.text[:1] in ('"', "'") and image.text[-1:] == image.text[:1]:
        image = image[1:-1]
    if image.text.startswith(_REGISTRY):
        return image[len(_REGISTRY) :]
    return image[:0] if _NO_REGISTRY.match(image.text) or _UNIT.search(image.text) else image


def _platform(every: list[Setting], section: str) -> Platform | None:
    asked = {each.key: each.value.text for each in every if each.section == section == "Image"}
    if "Arch" not in asked:
        return None
    variant = f"/{asked['Variant']}" if asked.get("Variant") else ""
    return platform_of(f"{asked.get('OS') or 'linux'}/{asked['Arch']}{variant}")


register(
    Format(
        name="quadlet",
        title="Podman Quadlet",
        files="*.container, *.image, *.volume, *.artifact, *.quadlets and their drop-ins (*.container.d/*.conf)",
        example=Example(
            "web.container",
            "[Unit]\nDescription=web\n\n[Container]\nImage=registry.example/web:1@sha256:…\nPublishPort=8080:80\n",
        ),
        claims=_claims,
        extract=_extract,
    )
)
