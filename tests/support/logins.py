"""Questions that need a login, a certificate or a proxy: whole scans of a user with a home of their own, or the
resolvers alone, which take a tenth of the time and see the environment of the tests.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from planner.model.reference import parse_reference
from planner.resolve.answer import Answer
from planner.resolve.credentials import Credentials
from planner.resolve.registry_api import HttpResolver
from planner.resolve.skopeo import SkopeoResolver
from tests.support.command import Done, run, write_compose


def entry(user: str, password: str) -> dict[str, str]:
    """An entry of an auth file."""
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def docker(home: Path, config: Mapping[str, Any]) -> None:
    """Write Docker's config.json."""
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker" / "config.json").write_text(json.dumps(config))


def scan(
    home: Path,
    resolver: str,
    *images: str,
    flags: tuple[str | Path, ...] = (),
    variables: Mapping[str, str] | None = None,
) -> Done:
    """Scan a file that pins these images."""
    write_compose(home / "in", *images)
    command = ["scan", home / "in", "--format", "json", "--no-cache", "--resolver", resolver, *flags]
    return run(*command, home=home, cwd=home, **(variables or {}))


def states(done: Done) -> list[str]:
    """What became of the images, in the order of their names."""
    return [resolution["state"] for resolution in done.json["resolutions"]]


def details(done: Done) -> str:
    """All that could not be checked, in planner's words."""
    return " ".join(problem["text"] for problem in done.json["problems"])


def ask(resolver: str, *images: str, insecure: Iterable[str] = (), timeout: float = 30.0) -> list[Answer]:
    """Ask for the manifests of these images, by name `skopeo` or `http`, with what the environment says."""
    make = HttpResolver if resolver == "http" else SkopeoResolver
    asking = make(Credentials(), frozenset(insecure), timeout)
    try:
        return [asking.manifest(parse_reference(image)) for image in images]
    finally:
        asking.close()


def outcome(answers: list[Answer]) -> list[str]:
    """The states of answers, for an assertion that shows the details where it fails."""
    for answer in answers:
        print(answer.state, answer.detail)
    return [str(answer.state) for answer in answers]
