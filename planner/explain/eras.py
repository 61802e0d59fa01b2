"""The eras of an engine: what the versions between two changes do with each kind of image, one row for each era."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from planner.assess.compare import Image
from planner.assess.judge import image_of
from planner.explain.course import Course, courses
from planner.explain.phrases import release_numbers
from planner.explain.spans import merged, span
from planner.model import media_type as mt
from planner.model.engine import Range
from planner.model.finding import Outcome, Verdict
from planner.model.knowledge import EngineKnowledge, Knowledge, Support
from planner.model.manifest import Descriptor, Manifest
from planner.model.platform import Platform
from planner.model.reference import Reference
from planner.model.resolution import ImageConfig, Resolution, State

HOST = Platform("linux", "amd64")
LEGEND = (
    "pulls; warns: pulls, but deprecated; switch: refused unless a setting is on; hollow: reports success, but gives "
    "nothing that runs; no: refused; ?: depends on what media types do not tell; -: not known"
)
_CELL = 6  # columns of the longest word in a cell
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclass(frozen=True, slots=True)
class Era:
    """Neighbouring versions that do the same with every kind of image. `cells` are in the order of `KINDS`."""

    versions: Range
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    """Settings that re-enable `need` in a range of versions, of which `last` is the last; empty: up to the newest."""

    names: frozenset[str]
    need: str
    where: str
    versions: str
    last: str


def eras(course: Course) -> list[Era]:
    """The eras of one engine with one store or client, pulls by digest on linux/amd64, the oldest first."""
    columns = [_column(course, image) for image in kinds().values()]
    rows = list(zip(course.starts, [*course.starts[1:], None], zip(*columns, strict=True), strict=True))
    same = [list(group) for _, group in groupby(rows, key=lambda row: row[2])]
    return [
        Era(Range(group[0][0], group[-1][1]), group[0][2])
        for group in same
        if any(cell != "-" for cell in group[0][2])  # else the store or client did not exist
    ]


def _column(course: Course, image: Image) -> list[str]:
    outcomes = course.outcomes(image, HOST)
    return [_cell(course, image, at, outcome) for at, outcome in enumerate(outcomes)]


def _cell(course: Course, image: Image, at: int, outcome: Outcome) -> str:
    match outcome:
        case Outcome(cause="engine-unknown"):
            return "-"
        case Outcome(hollow=True):
            return "hollow"
        case Outcome(verdict=Verdict.PULLS):
            return "pulls"
        case Outcome(verdict=Verdict.AT_RISK):
            return "warns"
        case Outcome(verdict=Verdict.UNKNOWN):
            return "?"
    return "switch" if course.switch(image, HOST, at) else "no"


def table(course: Course) -> Iterator[str]:
    """The eras as lines of text, at most 80 columns wide."""
    widths = [max(len(kind), _CELL) for kind in kinds()]
    yield course.title
    for first, cells in (("", tuple(kinds())), *((course.text(era.versions), era.cells) for era in eras(course))):
        row = " ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
        yield f"  {first:<23} {row}".rstrip()


def every_table(engine: EngineKnowledge, knowledge: Knowledge) -> Iterator[str]:
    """The tables of all stores or clients of an engine, with what the words in them mean."""
    for course in courses(knowledge, engine.name):
        yield from (*table(course), "")
    yield f"{LEGEND}. By digest, on {HOST}; artifact: a Helm chart."


def switches(engine: EngineKnowledge) -> list[Switch]:
    """The settings that make an engine pull what it refuses without, and the versions in which they do."""
    found: dict[tuple[frozenset[str], str, str], list[Range]] = {}
    for need, entries in engine.capabilities.items():
        for entry in entries:
            if entry.state is Support.SWITCHED_OFF and entry.switches:
                found.setdefault((entry.switches, need, entry.store or entry.client), []).append(entry.versions)
    return [
        _switch(engine, names, need, where, versions)
        for (names, need, where), ranges in found.items()
        for versions in merged(ranges)
    ]


def _switch(engine: EngineKnowledge, names: frozenset[str], need: str, where: str, versions: Range) -> Switch:
    text = span(versions, engine.first, engine.newest, release_numbers(engine))
    is_over = versions.high and versions.high <= engine.newest
    return Switch(names, need, where, text, text.rpartition(" to ")[2] if is_over else "")


@cache
def kinds() -> dict[str, Image]:
    """An image of each kind for linux/amd64, as small as it may be."""
    schema2 = _image(mt.SCHEMA2, mt.DOCKER_CONFIG, _LAYER)
    oci = _image(mt.OCI_MANIFEST, mt.OCI_CONFIG, _OCI_LAYER)
    schema1 = Manifest(mt.SCHEMA1_SIGNED, 500, members=frozenset({"fsLayers", "history"}), architecture="amd64")
    chart = "application/vnd.cncf.helm"
    return {
        "schema 1": _asked(Resolution(_name(1), State.RESOLVED, schema1)),
        "schema 2": _asked(schema2),
        "list": _asked(_index(mt.MANIFEST_LIST, schema2)),
        "OCI": _asked(oci),
        "index": _asked(_index(mt.OCI_INDEX, oci)),
        "zstd": _asked(_image(mt.OCI_MANIFEST, mt.OCI_CONFIG, "application/vnd.oci.image.layer.v1.tar+zstd")),
        "artifact": _asked(
            _image(mt.OCI_MANIFEST, f"{chart}.config.v1+json", f"{chart}.chart.content.v1.tar+gzip", has_platform=False)
        ),
    }


def _name(number: int) -> Reference:
    return Reference("registry.example", "app", digest=f"sha256:{number:064x}")


def _asked(resolution: Resolution) -> Image:
    return image_of(resolution.reference, resolution)


def _image(kind: str, config: str, layer: str, *, has_platform: bool = True) -> Resolution:
    manifest = Manifest(
        kind,
        500,
        kind,
        frozenset({"schemaVersion", "mediaType", "config", "layers"}),
        Descriptor(config, f"sha256:{2:064x}", 100),
        (Descriptor(layer, f"sha256:{3:064x}", 100),),
    )
    return Resolution(_name(1), State.RESOLVED, manifest, config=ImageConfig(HOST, 1) if has_platform else None)


def _index(kind: str, child: Resolution) -> Resolution:
    assert child.manifest  # noqa: S101 - made by _image
    entry = Descriptor(child.manifest.media_type, child.reference.digest or "", child.manifest.size, HOST)
    members = frozenset({"schemaVersion", "mediaType", "manifests"})
    manifest = Manifest(kind, 500, kind, members, entries=(entry,))
    return Resolution(_name(4), State.RESOLVED, manifest, children=(child,))
