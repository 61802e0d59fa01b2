"""`planner cache`: what is kept of registries' answers."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The cache of verified manifests.")


@app.command("info", help="Where the cache is and what it holds.")
def cache_info() -> None:
    """Print path, number, size and age of what is kept."""
    from planner.resolve.cache import Cache, cache_path

    info = Cache(cache_path()).info()
    span = ""
    if info.newest:
        first, last = (datetime.fromtimestamp(seconds, UTC).date() for seconds in (info.oldest, info.newest))
        span = f", kept between {first} and {last}"
    sys.stdout.write(f"{info.path}\n{info.entries} manifests and configs, {info.size / 1024:.0f} KiB{span}\n")


@app.command("prune", help="Drop what was kept. What is verified never changes: pruning only saves space.")
def cache_prune(
    days: Annotated[float | None, typer.Option(min=0, help="Only what was kept longer ago than this.")] = None,
) -> None:
    """Drop what was kept."""
    from planner.resolve.cache import Cache, cache_path

    sys.stderr.write(f"planner: dropped {Cache(cache_path()).prune(days)} entries\n")


@app.command(
    "export",
    help="""Write what is kept as a recorded registry, for scans elsewhere.

\b
  planner cache export -o registry.jsonl
  planner scan ./infra --offline registry.jsonl
""",
)
def cache_export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")] = Path(
        "registry.jsonl"
    ),
) -> None:
    """Write the cache as a snapshot."""
    from planner.errors import UsageError
    from planner.resolve.cache import Cache, cache_path
    from planner.resolve.export import export
    from planner.resolve.snapshot import is_snapshot

    if output.exists() and not is_snapshot(output):
        raise UsageError(f"{output} is there and is no recorded registry: name another file, or remove it first")
    try:
        count = export(output, Cache(cache_path()))
    except OSError as error:
        raise UsageError(f"cannot write to {output}: {error.strerror}") from error
    sys.stderr.write(f"planner: wrote {count} answers to {output}: what was verified, no failure and no tag\n")
