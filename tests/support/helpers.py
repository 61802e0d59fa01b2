"""Credential helpers for tests: real programs named docker-credential-NAME."""

import json
from pathlib import Path


def write_helper(folder: Path, name: str, script: str) -> Path:
    """A helper that is this shell script, in a folder for PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def helper_answering(folder: Path, name: str, user: str, secret: str) -> Path:
    """A helper that has this login for every registry, and notes in NAME.asked what it was asked for."""
    answer = json.dumps({"ServerURL": "", "Username": user, "Secret": secret})
    script = f"read -r server\necho \"$1 $server\" >> '{folder / name}.asked'\ncat <<'END'\n{answer}\nEND"
    return write_helper(folder, name, script)
