"""Predictions for the rows of the oracle: the same functions that a scan uses, fed with what the engines were fed."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from planner.assess.compare import Image, Pull, compare
from planner.assess.delivery import RegistryView
from planner.assess.engine_view import view
from planner.assess.needs import answer_needs
from planner.assess.shape import shape_of
from planner.knowledge import load_knowledge
from planner.model.engine import parse_version
from planner.model.finding import Outcome, Verdict
from planner.model.platform import Platform
from planner.model.resolution import Resolution, State
from tests.oracle.images import HERE, OracleImage, load_images

# The machine on which the engines ran.
HOST = Platform("linux", "amd64", "v4")
SCHEMA1_ENVIRONMENT = frozenset(
    {"DOCKER_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE", "CONTAINERD_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE"}
)
# The digest that an old engine printed for a schema 2 image, which the registry had converted for it: stored nowhere.
CONVERTED = "x-converted-digest"
STORED_AS = {CONVERTED: "s2-gzip"}
# PLANNER_ORACLE names a folder with other rows and images of the same form.
FOLDER = Path(os.environ.get("PLANNER_ORACLE") or HERE)


@dataclass(frozen=True)
class Row:
    """One pull by a real engine. `outcome` is ok, warn or fail."""

    engine: str
    version: str
    store: str
    image_kind: str
    ref_kind: str
    outcome: str
    message: str

    def __str__(self) -> str:
        return f"{self.engine} {self.version} {self.store}: {self.image_kind} by {self.ref_kind}"


def load_rows() -> list[Row]:
    """Every row of the oracle."""
    with (FOLDER / "outcomes.csv").open(newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


class Oracle:
    """Knowledge and images, loaded once."""

    def __init__(self) -> None:
        self.knowledge = load_knowledge()
        self.images = load_images(FOLDER / "images.jsonl")

    def predict(self, row: Row) -> Outcome | None:
        """The outcome that planner predicts; None for engines and images that it has no data on."""
        engine = self.knowledge.engine(row.engine)
        resolution = self._resolution(row)
        if engine is None or resolution is None:
            return None
        store, _, environment = row.store.partition("+")
        found = view(
            engine,
            parse_version(row.version),
            store if store in engine.stores else "",
            store.partition("-")[0] if engine.clients else "",
            (SCHEMA1_ENVIRONMENT if environment else frozenset()) | ({"--local"} if store == "ctr-local" else set()),
        )
        image = Image(shape_of(resolution), resolution.state, tuple(answer_needs(resolution)))
        return compare(image, Pull(found, self._registry(row), HOST, row.ref_kind, self.knowledge.cause_of))

    def _resolution(self, row: Row) -> Resolution | None:
        image = self.images.get(STORED_AS.get(row.image_kind, row.image_kind))
        if image is None:
            return None
        if row.image_kind == CONVERTED and row.ref_kind == "digest":
            return Resolution(image.by_digest.reference, State.MISSING)
        return image.by_tag if row.ref_kind == "tag" else image.by_digest

    def _registry(self, row: Row) -> RegistryView:
        image: OracleImage | None = self.images.get(STORED_AS.get(row.image_kind, row.image_kind))
        if image and image.stored_by != "registry":
            return RegistryView("static")
        return RegistryView("oracle", self.knowledge.registry("distribution"), parse_version("2.8.2"))


def contradicts(row: Row, outcome: Outcome) -> bool:
    """Whether reality was otherwise. `unknown` says nothing; a warning must be announced as a risk."""
    match row.outcome:
        case "fail":
            return outcome.verdict in (Verdict.PULLS, Verdict.AT_RISK)
        case "warn":
            return outcome.verdict in (Verdict.PULLS, Verdict.BREAKS)
        case _:
            return outcome.verdict is Verdict.BREAKS


def compared(oracle: Oracle) -> Iterator[tuple[Row, Outcome]]:
    """Every row with a prediction."""
    for row in load_rows():
        if outcome := oracle.predict(row):
            yield row, outcome
