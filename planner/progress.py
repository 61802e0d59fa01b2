"""The bar that shows how far a run is, for whoever waits at a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from planner.errors import ExitCode
from planner.say import say

if TYPE_CHECKING:
    from planner.scan import Progress


@contextmanager
def progress_bar() -> "Iterator[Progress | None]":
    """A bar on stderr while registries are asked; nothing where stderr is no terminal. An interrupt ends the run."""
    try:
        if not sys.stderr.isatty():
            yield None
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("asking registries", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
    except KeyboardInterrupt:
        # Typer would end the process without a word.
        say("interrupted; run the same command to go on: what was verified is cached, unless with --no-cache")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
