"""Conversions: where a copy in another form goes, the commands that make it, and what the registry will then hold."""

import re
import shlex
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from planner.model import media_type as mt
from planner.model.host import is_loopback
from planner.model.manifest import Descriptor, Manifest
from planner.model.plan import AT_REGISTRY, COPY_PROGRAM, Conversion, Plan
from planner.model.platform import Platform
from planner.model.reference import InvalidReferenceError, Reference, parse_reference
from planner.model.resolution import ImageConfig, Resolution, State
from planner.plan.copies.forms import in_form, readable

FORMATS = {"v2s2": mt.SCHEMA2, "v2s1": mt.SCHEMA1_SIGNED, "oci": mt.OCI_MANIFEST}
_LISTS = {"v2s2": mt.MANIFEST_LIST, "oci": mt.OCI_INDEX}
# The variants that skopeo takes in place of another, the most capable first.
_VARIANTS = {"arm": ("v7", "v6", "v5")}
_UNREAD = (State.TOO_LARGE, State.NOT_ASKED, State.NOT_RECORDED)
_LONGEST_TAG = 128  # characters
_DIGITS = 12  # of a digest, in a tag
_FOLDER = "$work"


def predicted(resolution: Resolution, conversion: Conversion) -> Resolution | None:
    """What the registry will hold at the destination, for assess to judge; None where no such copy can be made.

    Digests that nobody knows yet are empty; entries of an index have stand-ins, under which their children are found.
    Of entries that were not read it is taken that they can be converted, but for those that are for no platform, and
    of layers that they have the compression that their types name. None too for what skopeo makes and nobody should
    want: what depends on the machine that makes it, plugins in other forms, schema 1 of what is not for Linux (it names
    no operating system), in an index (who needs it knows none) and with layers compressed anew (see copies_of).
    """
    target = FORMATS.get(conversion.format)
    if target is None or (conversion.gzip and target == mt.SCHEMA1_SIGNED):
        return None
    image = chosen(resolution, conversion.platform)
    copy = _copied(image, conversion) if image else None
    return replace(copy, reference=conversion.destination, digest="", header_digest="") if copy else None


def chosen(resolution: Resolution, platform: Platform | None) -> Resolution | None:
    """What of an index is copied for a platform, as it is when it stands alone; all else is copied as it is."""
    manifest = resolution.manifest
    if platform is None or manifest is None or not manifest.is_index:
        return resolution
    entry = _entry_for(manifest, platform)
    child = resolution.child(entry.digest) if entry else None
    if entry is None or child is None or child.manifest is None or child.manifest.is_index:
        return None
    if child.config is None and child.manifest.config and not child.config_missing:
        # Nobody asks for the config of an image whose platform the index tells.
        config = ImageConfig(entry.platform or platform, len(child.manifest.layers), child.manifest.config.size)
        return replace(child, config=config)
    return child


def _entry_for(manifest: Manifest, platform: Platform) -> Descriptor | None:
    """The entry that every skopeo takes; None where there is none, or where versions differ.

    containers/image@v5.22.0:internal/pkg/platform/platform_matcher.go and the same file of v5.36.0
    """
    named = [entry for entry in manifest.entries if entry.platform]
    fitting = [
        (entry.platform.variant, entry)
        for entry in named
        if entry.platform and (entry.platform.os, entry.platform.architecture) == (platform.os, platform.architecture)
    ]
    if platform.variant:
        known = _VARIANTS.get(platform.architecture, ())
        start = known.index(platform.variant) if platform.variant in known else 0
        wanted = known[start:] if platform.variant in known else (platform.variant,)
        found = (entry for each in wanted for variant, entry in fitting if variant == each)
        if entry := next(found, None):
            return entry
    elif fitting and (len(fitting) == 1 or not fitting[0][0]):
        return fitting[0][1]
    if fitting or manifest.media_type != mt.OCI_INDEX:
        return None
    return next((entry for entry in manifest.entries if entry.platform is None), None)


def _copied(resolution: Resolution, conversion: Conversion) -> Resolution | None:
    manifest = resolution.manifest
    if manifest is None or not readable(manifest, resolution.content_type):
        return None
    if manifest.is_index:
        return _index(resolution, manifest, conversion)
    return in_form(resolution, manifest, FORMATS[conversion.format], conversion.gzip)


def _index(resolution: Resolution, manifest: Manifest, conversion: Conversion) -> Resolution | None:
    kind = _LISTS.get(conversion.format)
    if kind is None or not all(entry.digest.startswith("sha256:") for entry in manifest.entries):
        return None
    entries, children = [], []
    for number, entry in enumerate(manifest.entries, 1):
        stand_in = f"sha256:{number:064x}"
        child = resolution.child(entry.digest)
        read = None if child and child.state in _UNREAD else child
        made = _entry(entry, read, manifest, conversion)
        if made is None:
            return None
        described, copy = made
        entries.append(replace(described, digest=stand_in))
        if copy:
            reference = replace(conversion.destination, tag=None, digest=stand_in)
            children.append(replace(copy, reference=reference, digest=stand_in, header_digest=""))
    kept = manifest.media_type == kind
    index = Manifest(
        media_type=kind,
        size=manifest.size,
        declared=manifest.declared if kept else kind,
        members=manifest.members if kept else frozenset({"schemaVersion", "mediaType", "manifests"}),
        entries=tuple(entries),
    )
    return replace(resolution, manifest=index, content_type=kind, children=tuple(children))


def _entry(
    entry: Descriptor, child: Resolution | None, manifest: Manifest, conversion: Conversion
) -> tuple[Descriptor, Resolution | None] | None:
    """An entry of the copied index with what it leads to, if that was read; None where it cannot be copied."""
    target, kind = FORMATS[conversion.format], _LISTS[conversion.format]
    if entry.platform is None and manifest.media_type != kind and kind == mt.MANIFEST_LIST:
        return None  # skopeo would write down the platform of the machine that it runs on
    described = replace(entry, media_type=target)
    if child is not None:
        copy = _copied(child, conversion)
        if copy is None or copy.manifest is None or copy.manifest.is_index:
            return None
        described = replace(described, size=copy.manifest.size)
        # Nobody asks for the config where the index tells the platform.
        is_placed = child.config is None and entry.platform is not None and entry.platform.os
        return described, replace(copy, config=None) if is_placed else copy
    is_attestation = entry.platform is not None and entry.platform.os == "unknown"
    if entry.media_type in mt.INDEXES or (is_attestation and entry.media_type != target):
        return None
    return described, None


def destination(reference: Reference, to: str, format: str, platform: Platform | None = None) -> Reference:  # noqa: A002
    """Where a copy goes, under a tag that nobody else gives: TAG-DIGITS-PLATFORM-FORMAT, as far as there are such.

    The twelve digits are those of the source's digest: two pins that share a tag have two copies. `to` is a registry,
    or a registry and a prefix, below which the source's whole path is repeated: what is short for library/x goes to
    PREFIX/library/x. Without it the copy goes into the source's own repository. Raises InvalidReferenceError for a
    `to` that is no such place, and where the path becomes too long.
    """
    name = reference.name
    if to:
        name = f"{parse_place(to)}/{reference.repository}"
    marks = [reference.digest.partition(":")[2][:_DIGITS]] if reference.digest else []
    marks += [re.sub(r"[^\w.-]", "-", str(platform), flags=re.ASCII)] if platform else []
    ending = "-".join((*marks, format))
    tag = f"{reference.tag[: _LONGEST_TAG - len(ending) - 1]}-{ending}" if reference.tag else ending
    return parse_reference(f"{name}:{tag}")


def parse_place(text: str) -> str:
    """`registry` or `registry/prefix` as it is, without a slash at its end; InvalidReferenceError for anything else."""
    place = text.strip().removesuffix("/")
    host, _, prefix = place.partition("/")
    try:
        found = parse_reference(f"{place}/image")
    except InvalidReferenceError:
        found = None
    is_host = host == "localhost" or re.search(r"[.:A-Z\[]", host)
    if found is None or found.tag or found.digest or not is_host:
        case = ", the prefix in lower case" if prefix != prefix.lower() else ""
        raise InvalidReferenceError(
            f"{text!r} is no place for copies; write HOST or HOST/PREFIX{case}, such as r.example:5000/old"
        )
    return place


def conversions(plan: Plan) -> tuple[Conversion, ...]:
    """The copies that a plan needs, in its order, each once."""
    return tuple(dict.fromkeys(step.conversion for step in plan.steps if step.conversion))


def with_digests(plan: Plan, digests: Mapping[Reference, str]) -> Plan:
    """The plan with the digests of copies that were made, by their destinations, in what is to be pinned."""
    steps = []
    for step in plan.steps:
        digest = digests.get(step.new_reference) if step.new_reference else None
        new = replace(step.new_reference, digest=digest) if step.new_reference and digest else step.new_reference
        steps.append(replace(step, new_reference=new))
    return replace(plan, steps=tuple(steps))


def commands(conversion: Conversion, insecure: Container[str] = ()) -> tuple[str, ...]:
    """The commands for a shell, in order. Registries in `insecure`, and loopback, are not asked for certificates.

    They write over a destination that is there: who runs them looks first.
    """
    copies = [_line(arguments) for arguments in copies_of(conversion, insecure, _FOLDER)]
    if not conversion.gzip:
        return tuple(copies)
    return (f"{_FOLDER[1:]}=$(mktemp -d)", *copies, f'rm -r "{_FOLDER}"')


def _line(arguments: Iterable[str]) -> str:
    words = (f'"{word}"' if _FOLDER in word else shlex.quote(word) for word in arguments)
    return " ".join((COPY_PROGRAM, *words))


def copies_of(conversion: Conversion, insecure: Container[str], folder: str) -> tuple[tuple[str, ...], ...]:
    """The arguments of each call of skopeo, in order; `folder` is an empty one that nobody else uses.

    For gzip there are three, by way of the folder. A registry is no place to compress anew: skopeo would take what it
    knows to be the same layer there, in whichever compression, and schema 2 is refused before that. The last call
    copies what is finished byte for byte.
    """
    source, target = f"{AT_REGISTRY}{conversion.source.pinned}", f"{AT_REGISTRY}{conversion.destination}"
    chosen = _override(conversion.platform) if conversion.platform else ()
    every = () if conversion.platform else ("--all",)
    reads = _tls("src", conversion.source, insecure)
    writes = _tls("dest", conversion.destination, insecure)
    if not conversion.gzip:
        return ((*chosen, "copy", *every, *reads, *writes, "--format", conversion.format, source, target),)
    packed, made = f"dir:{folder}/1", f"dir:{folder}/2"
    return (
        (*chosen, "copy", *every, *reads, "--dest-compress", "--dest-compress-format", "gzip", source, packed),
        ("copy", *every, "--format", conversion.format, packed, made),
        ("copy", *every, *writes, "--preserve-digests", made, target),
    )


def _override(platform: Platform) -> tuple[str, ...]:
    variant = ("--override-variant", platform.variant) if platform.variant else ()
    return ("--override-os", platform.os, "--override-arch", platform.architecture, *variant)


def _tls(side: str, reference: Reference, insecure: Container[str]) -> tuple[str, ...]:
    plain = reference.registry in insecure or is_loopback(reference.registry)
    return (f"--{side}-tls-verify=false",) if plain else ()
