"""`planner cache`: what is kept of registries' answers."""

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.say import say

if TYPE_CHECKING:
    from planner.resolve.cache import Cache

_CODES = "Exit codes: 0 done; 2 the command line is wrong, or a file cannot be read or written."
app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""The cache of verified manifests.

\b
  planner cache info
  planner cache prune --days 90
  planner cache export -o cache.jsonl
""",
)


@app.command(
    "info",
    help="""Where the cache is and what it holds.

\b
  planner cache info
  PLANNER_CACHE_DIR=/srv/planner planner cache info
""",
    epilog=_CODES,
)
def cache_info() -> None:
    """Print path, number, size and age of what is kept."""
    from planner.output import print_text
    from planner.report.words import plural
    from planner.resolve.cache import Cache, cache_path

    cache = Cache(cache_path())
    info = cache.info()
    _refuse_unusable(cache)
    span = ""
    if info.newest:
        first, last = (datetime.fromtimestamp(seconds, UTC).date() for seconds in (info.oldest, info.newest))
        span = f", kept between {first} and {last}"
    holds = plural(info.entries, "manifest or config", "manifests and configs")
    print_text(f"{info.path}\n{holds}, {info.size / 1024:.0f} KiB{span}\n")


@app.command(
    "prune",
    help="""Drop what was kept. Registries are then asked for everything again, also whether they still have it.

\b
  planner cache prune
  planner cache prune --days 90
""",
    epilog=_CODES,
)
def cache_prune(
    days: Annotated[
        float | None, typer.Option(min=0, metavar="DAYS", help="Only what was kept longer ago than this.")
    ] = None,
) -> None:
    """Drop what was kept."""
    from planner.errors import UsageError
    from planner.report.words import plural
    from planner.resolve.cache import Cache, cache_path

    if days is not None and math.isnan(days):
        raise UsageError("--days takes a number of days, such as 30")
    cache = Cache(cache_path())
    dropped = cache.prune(days)
    _refuse_unusable(cache)
    say(f"dropped {plural(dropped, 'entry', 'entries')}")


@app.command(
    "export",
    help="""Write what is kept as a recorded registry, for scans elsewhere.

\b
  planner cache export -o cache.jsonl
  planner scan ./infra --offline cache.jsonl
""",
    epilog=_CODES,
)
def cache_export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file to write.")] = Path(
        "cache.jsonl"
    ),
) -> None:
    """Write the cache as a snapshot."""
    from planner.errors import UsageError
    from planner.output import recording_file
    from planner.report.words import plural
    from planner.resolve.cache import Cache, cache_path
    from planner.resolve.export import export
    from planner.resolve.snapshot import is_snapshot

    try:
        if recording_file(output).exists() and not is_snapshot(output):
            raise UsageError(f"{output} is there and is no recorded registry: name another file, or remove it first")
    except OSError as error:
        raise UsageError(f"cannot read {output}: {error.strerror}") from error
    done = export(output, Cache(cache_path()))
    say(f"wrote {plural(done.count, 'answer')} to {output}: what was verified, no failure and no tag")
    if done.left_out:
        say(
            f"left out {plural(done.left_out, 'answer')}: registries.conf of this machine led the questions elsewhere, "
            "so another registry may have said it"
        )


def _refuse_unusable(cache: "Cache") -> None:
    """Raise UsageError where what a cache says of itself is not to be believed."""
    from planner.errors import UsageError

    if wrong := cache.take_notices():
        raise UsageError(" ".join(wrong))
