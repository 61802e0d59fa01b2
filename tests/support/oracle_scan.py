"""The oracle by way of the whole program: an inventory of its images and engines, and what a report says of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.model.finding import Outcome, Verdict
from tests.oracle.predict import CONVERTED, FOLDER, HOST, SCHEMA1_ENVIRONMENT, STORED_AS, Row, contradicts, load_rows
from tests.support.knowledge import KNOWLEDGE
from tests.support.oracle_images import StoredImage, read_images

IMAGES = FOLDER / "images.jsonl"
NOWHERE = f"sha256:{0xC0DE:064x}"


@dataclass(frozen=True)
class Registries:
    """The hosts of the two registries: one is a distribution 2.8.2, the other sends whatever it is given."""

    distribution: str
    static: str


def load(url_host: str) -> list[StoredImage]:
    """Every image of the oracle."""
    return list(read_images(IMAGES, url_host))


def write_inventory(folder: Path, images: Sequence[StoredImage], registries: Registries) -> Path:
    """A compose file with each image by tag and by digest, and every engine of the oracle as a host."""
    lines = ["services:"]
    for kind, image in by_kind(images).items():
        registry = registries.distribution if image.in_registry else registries.static
        for ref in ("tag", "digest"):
            name = f"{image.repository}@{NOWHERE}" if (kind, ref) == (CONVERTED, "digest") else image.name(ref)
            lines.append(f'  "{ref} {kind}":\n    image: "{registry}/{name}"')
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compose.yml").write_text("\n".join(lines) + "\n")
    (folder / "planner.toml").write_text(
        f'include_tags = true\n[[registries]]\nhost = "{registries.distribution}"\nsoftware = "distribution 2.8.2"\n'
        + "".join(map(_host, _engines()))
    )
    return folder


def by_kind(images: Sequence[StoredImage]) -> dict[str, StoredImage]:
    """The images by the kinds that rows name."""
    kinds = {image.kind: image for image in images}
    return kinds | {kind: kinds[stored] for kind, stored in STORED_AS.items() if stored in kinds}


def _engines() -> list[tuple[str, str, str]]:
    known = KNOWLEDGE.engines
    return sorted({(row.engine, row.version, row.store) for row in load_rows() if row.engine in known})


def host_name(engine: str, version: str, store: str) -> str:
    """The host that stands for the engine of a row."""
    return f"{engine}-{version}-{store}"


def _host(declared: tuple[str, str, str]) -> str:
    name, version, store = declared
    engine = KNOWLEDGE.engines[name]
    kept, _, environment = store.partition("+")
    switches = sorted(SCHEMA1_ENVIRONMENT if environment else ()) + (["--local"] if kept == "ctr-local" else [])
    return (
        f'[[hosts]]\nname = "{host_name(*declared)}"\nengine = "{name} {version}"\nplatform = "{HOST}"\n'
        f'store = "{kept if kept in engine.stores else ""}"\n'
        f'client = "{kept.partition("-")[0] if engine.clients else ""}"\nswitches = {json.dumps(switches)}\n'
    )


@dataclass(frozen=True)
class Said:
    """What a report says of one row."""

    row: Row
    verdict: Verdict
    cause: str

    @property
    def is_wrong(self) -> bool:
        return contradicts(self.row, Outcome(self.verdict, self.cause))

    def __str__(self) -> str:
        return f"{self.row}: {self.row.outcome} ({self.row.message[:60]}), reported {self.verdict} {self.cause}"


def said(report: Mapping[str, Any], images: Sequence[StoredImage]) -> list[Said]:
    """What the JSON report says of every row whose engine and image it knows. What has no finding pulls."""
    services = {occurrence["id"]: occurrence["name"] for occurrence in report["occurrences"]}
    found = {
        (services[finding["occurrence"]], host): finding
        for finding in report["findings"]
        for host in finding["hosts"]
        if finding["moment"] == "now"
    }
    hosts, kinds = {host["name"] for host in report["hosts"]}, by_kind(images)
    every = []
    for row in load_rows():
        host = host_name(row.engine, row.version, row.store)
        if host in hosts and row.image_kind in kinds:
            finding = found.get((f"{row.ref_kind} {row.image_kind}", host), {"verdict": "pulls", "cause": ""})
            every.append(Said(row, Verdict(finding["verdict"]), finding["cause"] or ""))
    return every
