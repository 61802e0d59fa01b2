"""Reports of several scans as one: of different trees side by side, or of one tree seen from different places. Pure.

Nothing is judged again: a verdict is that of the scan that made it. Where the scans contradict one another, a Problem
says so.
"""

from collections.abc import Sequence
from dataclasses import replace

from planner.errors import UsageError
from planner.merge.combine import combine
from planner.merge.fleet import differing_host
from planner.merge.named import Named
from planner.merge.place import below
from planner.merge.provenance import merged_provenance
from planner.model.report import Report
from planner.report.words import few, unique

__all__ = ["Named", "merge"]


def merge(reports: Sequence[Named], *, same_tree: bool = False, apart: bool = True) -> Report:
    """One report of all, in their order. Names tell them apart.

    `apart`: the files of each stand below its name. `same_tree`: all are of one tree, whose files keep their names; of
    each reference the best answer counts. Raises UsageError for reports that do not go together.
    """
    _refuse(reports, same_tree=same_tree)
    if same_tree or not apart:
        placed = list(reports)
    else:
        placed = [Named(each.name, below(each.name, each.report)) for each in reports]
    merged = placed[0].report
    if len(placed) > 1:
        roots = unique(each.report.root if same_tree else each.name for each in reports)
        merged = replace(combine(placed), root=few(roots, 6))
    return replace(merged, provenance=merged_provenance(reports, same_tree=same_tree))


def _refuse(reports: Sequence[Named], *, same_tree: bool) -> None:
    lists = [each.name for each in reports if each.report.is_list]
    if 0 < len(lists) < len(reports):
        raise UsageError(
            f"{lists[0]} only lists references (--no-resolve), so beside reports with verdicts it would look as if all "
            "in it pulled; scan it without --no-resolve, or merge lists with lists"
        )
    if same_tree and (difference := differing_host(reports)):
        raise UsageError(
            f"{difference}, so these are no reports of one tree with the same hosts; scan with the same planner.toml "
            "and --hosts everywhere, or leave out --same-tree"
        )
