"""How paths are typed in a shell."""

import shlex


def typed_path(path: str) -> str:
    """A path as an argument: quoted where a shell would take it apart, and never taken for a flag."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)
