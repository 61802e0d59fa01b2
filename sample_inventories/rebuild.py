"""Rebuild the recorded registries of the samples: real images, a real registry, what it really answered.

    ./scripts/samples [NAME ...]

NAME.toml says what the registry holds, the folder NAME what a fleet pulls from it. Needs skopeo and docker-registry,
which run on loopback only. Digests that come out differently are replaced in NAME.toml and in every file below NAME.
"""

import argparse
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.errors import ExitCode
from tests.support.images import Compression, Image, build_attestation, build_image, build_index, from_parts, gzip_tar
from tests.support.registry import Format, Registry, running_registry

HERE = Path(__file__).parent
RECORDED = "registry.jsonl"
# Nothing listens on this port, and it is refused at once.
NOWHERE = "127.0.0.1:1"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Recipe:
    """One `[[image]]`: where it is kept, in which form, and the digest it had when the sample was last rebuilt."""

    name: str
    digest: str
    form: Format
    platforms: tuple[str, ...] = ("linux/amd64",)
    attested: bool = False
    layers: Compression = "gzip"
    helm: bool = False
    deleted: bool = False

    @property
    def host(self) -> str:
        return self.name.partition("/")[0]

    @property
    def repository(self) -> str:
        return self.name.partition("/")[2].rpartition(":")[0]

    @property
    def tag(self) -> str:
        return self.name.rpartition(":")[2]

    @property
    def pinned(self) -> str:
        return f"{self.host}/{self.repository}@{self.digest}"


@dataclass(frozen=True)
class Sample:
    """A sample's recipes, and the registries that do not answer."""

    recipes: tuple[Recipe, ...]
    unreachable: tuple[str, ...]


def read_sample(path: Path) -> Sample:
    """Read NAME.toml; TypeError for a word that no recipe knows."""
    table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    listed = ({**each, "platforms": tuple(each.get("platforms", Recipe.platforms))} for each in table["image"])
    return Sample(tuple(Recipe(**each) for each in listed), tuple(table.get("unreachable", ())))


def rebuild(name: str, folder: Path = HERE) -> None:
    """Push, correct the digests, record. RuntimeError if the registry does not answer as the recipes say."""
    sample = read_sample(folder / f"{name}.toml")
    with tempfile.TemporaryDirectory() as work, running_registry(Path(work) / "registry") as registry:
        digests = {recipe.digest: push(recipe, registry) for recipe in sample.recipes}
        replace_digests([folder / f"{name}.toml", *_files(folder / name)], digests)
        sample = read_sample(folder / f"{name}.toml")
        record(folder / name, _home(sample, registry, Path(work) / "home"))
    check(sample, folder / name / RECORDED)


def push(recipe: Recipe, registry: Registry) -> str:
    """Build the image, let skopeo push it, delete it again if it is to be missing; return its digest."""
    digest = registry.push_as(build(recipe), recipe.repository, recipe.form, tag=recipe.tag)
    if recipe.deleted:
        registry.delete(recipe.repository, digest)
    return digest


def build(recipe: Recipe) -> Image:
    """The image before skopeo stores it as `form`. Its name is its content, so that no two share a digest."""
    if recipe.helm:
        config = json.dumps({"apiVersion": "v2", "name": recipe.repository.rpartition("/")[2], "version": recipe.tag})
        chart = gzip_tar({"chart/Chart.yaml": config.encode()})
        layer = ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", chart)
        return from_parts(config.encode(), [layer], config_type="application/vnd.cncf.helm.config.v1+json")
    images = [
        build_image({"hello": f"{recipe.name} {platform}".encode()}, platform, compression=recipe.layers, layers=2)
        for platform in recipe.platforms
    ]
    entries: list[tuple[Image, str | None]] = list(zip(images, recipe.platforms, strict=True))
    if recipe.attested:
        entries += [(build_attestation(image), "unknown/unknown") for image in images]
    return build_index(entries) if len(entries) > 1 else images[0]


def replace_digests(files: Sequence[Path], digests: Mapping[str, str]) -> None:
    """Write new digests where the old ones stand, in one pass: a new digest may be another's old one."""
    for file in files:
        text = file.read_text("utf-8")
        replaced = _DIGEST.sub(lambda found: digests.get(found[0], found[0]), text)
        if replaced != text:
            file.write_text(replaced, "utf-8")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path.name != RECORDED)


def _home(sample: Sample, registry: Registry, home: Path) -> Path:
    """A home folder whose registries.conf sends skopeo to the registry that really runs."""
    places = dict.fromkeys((recipe.host for recipe in sample.recipes), registry.host)
    places |= dict.fromkeys(sample.unreachable, NOWHERE)
    folder = home / ".config" / "containers"
    folder.mkdir(parents=True)
    lines = [
        f'[[registry]]\nprefix = "{host}"\nlocation = "{place}"\ninsecure = true\n' for host, place in places.items()
    ]
    (folder / "registries.conf").write_text("\n".join(lines), "utf-8")
    return home


def record(inventory: Path, home: Path) -> None:
    """Let planner record what the registry answers; that one does not is part of a sample.

    skopeo finds its configuration in HOME in every version, by a variable only in new ones.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    with tempfile.TemporaryDirectory() as work:
        target = Path(work) / RECORDED
        command = [sys.executable, "-m", "planner.cli", "snapshot", str(inventory), "-o", str(target), "--no-cache"]
        environment = {**kept, "HOME": str(home)}
        ran = subprocess.run(command, env=environment, timeout=300, capture_output=True, text=True, check=False)
        if ran.returncode not in (ExitCode.CLEAN, ExitCode.INCOMPLETE):
            raise RuntimeError(f"planner snapshot ended with {ran.returncode}: {ran.stderr}")
        shutil.copyfile(target, inventory / RECORDED)


def check(sample: Sample, recorded: Path) -> None:
    """Raise RuntimeError unless every image answers, except those that are to be missing."""
    lines = [json.loads(line) for line in recorded.read_text("utf-8").splitlines()]
    states = {line["reference"]: line["state"] for line in lines if line["kind"] == "manifest"}
    for recipe in sample.recipes:
        wanted = "missing" if recipe.deleted else "resolved"
        if states.get(recipe.pinned) != wanted:
            raise RuntimeError(f"{recipe.name} is {states.get(recipe.pinned, 'not pinned anywhere')}, not {wanted}")


def media_types(recorded: Path) -> Mapping[str, str]:
    """What each recorded manifest is, by reference: its mediaType, or "schema 1"."""
    found = {}
    for line in map(json.loads, recorded.read_text("utf-8").splitlines()):
        if line["kind"] == "manifest" and "body" in line:
            document = json.loads(base64.b64decode(line["body"]))
            found[line["reference"]] = document.get("mediaType") or f"schema {document['schemaVersion']}"
    return found


if __name__ == "__main__":
    names = sorted(path.stem for path in HERE.glob("*.toml"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"{' or '.join(names)}; default: all")
    for each in parser.parse_args().names or names:
        rebuild(each)
        print(f"rebuilt {each}")
