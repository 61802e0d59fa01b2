"""Discover and extract alone. A module of its own, since what the other stages import takes longer than the list."""

from datetime import datetime
from pathlib import Path

from planner import __version__
from planner.discover import Ahead, Piped
from planner.inventory import take_inventory
from planner.model.report import NOT_ASKED, Provenance, Report


def list_references(  # noqa: PLR0913 - what a scan is asked for
    path: Path,
    started: datetime,
    *,
    config: Path | None = None,
    include_tags: bool = False,
    ahead: Ahead | None = None,
    piped: Piped | None = None,
) -> Report:
    """Every reference below `path` in a report without findings: no registry is asked, and hosts do not count.

    See inventory for `config`, `include_tags`, `ahead` and `piped`. Raises UsageError.
    """
    inventory = take_inventory(path, config, include_tags=include_tags, ahead=ahead, piped=piped)
    return Report(
        root="stdin" if piped else str(path),
        occurrences=tuple(inventory.occurrences),
        resolutions={},
        hosts=(),
        groups=(),
        registries=inventory.registries,
        findings=(),
        windows=(),
        problems=tuple(problem for problem in inventory.problems if problem.about == "file"),
        causes={},
        provenance=Provenance(__version__, started.isoformat(timespec="seconds"), NOT_ASKED, inventory.tree.seen),
    )
