"""The planner command as its users run it: a process of its own, with an environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLANNER = Path(sys.executable).with_name("planner")
DIGEST = f"sha256:{1:064x}"


@dataclass(frozen=True)
class Done:
    """A run that ended. `said` is stderr, the place for messages; `out` is stdout, the place for data."""

    code: int
    out: str
    said: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str | Path, home: Path, cwd: Path | None = None, **variables: str) -> Done:
    """Run planner to its end. `home` holds cache and settings, so that no run sees those of another or of this user."""
    done = subprocess.run(
        [PLANNER, *arguments],
        cwd=cwd or home,
        env=environment(home, variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    result = Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
    assert "Traceback" not in result.said, result.said
    assert result.code != 5, result.said
    return result


def environment(home: Path, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "COLUMNS": "200",
        "LC_ALL": "C.UTF-8",
        **(variables or {}),
    }


def write_compose(folder: Path, *images: str) -> Path:
    """A compose file in `folder`, with services s1, s2 ... for the images; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    services = "".join(f"  s{number}:\n    image: {image}\n" for number, image in enumerate(images, 1))
    (folder / "compose.yml").write_text(f"services:\n{services}")
    return folder
