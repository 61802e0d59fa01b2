"""Scans that need a login, a certificate or a proxy, as a user with a home of their own runs them."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
