"""`planner cache`: what is kept of registries' answers."""

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The cache of verified manifests.")


@app.command("info", help="Where the cache is and what it holds.")
def cache_info() -> None:
    """Print path, number, size and age of what is kept."""
    from planner.resolve.cache import Cache, cache_path

    info = Cache(cache_path()).info()
    span = ""
    if info.entries:
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
