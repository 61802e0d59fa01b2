"""Every image of the oracle where engines can pull it: in a real registry, or on a server for what that one refuses."""

import contextlib
import re
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.oracle.predict import FOLDER
from tests.support.oracle_images import StoredImage, read_images
from tests.support.registry import Registry, running_registry
from tests.support.static_registry import static_registry
from tests.support.tools import require_tool

REFS = ("tag", "digest")
# What an engine <= 1.9 printed after a pull by tag: the digest of a rewritten manifest, which is stored nowhere.
CONVERTED, CONVERTED_FROM = "x-converted-digest", "s2-gzip"


@dataclass(frozen=True)
class Shelf:
    """The references of every kind, by (kind, "tag" or "digest"). `registry` is a real one, of `version`."""

    registry: str
    version: str
    references: Mapping[tuple[str, str], str]

    def in_registry(self, kind: str) -> bool:
        """Whether the real registry has this kind."""
        return self.references[kind, "tag"].startswith(self.registry)


@contextlib.contextmanager
def full_shelf(folder: Path) -> Iterator[Shelf]:
    """Both servers with all images, until the block ends."""
    program = require_tool("docker-registry")
    with static_registry() as static, running_registry(folder, program) as registry:
        images = list(read_images(FOLDER / "images.jsonl", static.host))
        static.add(images)  # all of them: URLs of foreign layers lead there
        hosts = {image.kind: registry.host if _stores(registry, image) else static.host for image in images}
        references = {(i.kind, ref): f"{hosts[i.kind]}/{i.name(ref)}" for i in images for ref in REFS}
        if tagged := references.get((CONVERTED_FROM, "tag")):
            repository = tagged.removesuffix(":t")
            references[CONVERTED, "tag"] = tagged
            references[CONVERTED, "digest"] = f"{repository}@{_converted_digest(repository)}"
        yield Shelf(registry.host, _version(program), references)


def _stores(registry: Registry, image: StoredImage) -> bool:
    """Push an image that a registry once held. This one may be of another version, and refuse it."""
    if not image.in_registry:
        return False
    try:
        registry.put(image)
    except RuntimeError as refused:
        print(f"{image.kind} is served without a registry, which says {refused}")
        return False
    return True


def _converted_digest(repository: str) -> str:
    """The digest that the registry names to a client without an Accept header."""
    host, _, path = repository.partition("/")
    with urllib.request.urlopen(f"http://{host}/v2/{path}/manifests/t", timeout=30) as response:
        return str(response.headers["Docker-Content-Digest"])


def _version(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=True)
    found = re.search(r"\d+\.\d+\.\d+\S*", done.stdout)
    assert found, done.stdout
    return found[0]
