"""What planner.toml adds to hosts that files declare: kubectl knows no planned upgrade, and no folder of manifests."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from planner.hosts.table import target_of
from planner.model.host import Host, HostRule
from planner.model.source import Problem


def with_rules(rows: Iterable[Host | Problem], rules: Sequence[HostRule], path: str) -> Iterator[Host | Problem]:
    """The hosts with the words of the rules that are for them; what a file says of a host stays.

    Of several rules for a host, the first that has a word counts. A rule of the settings at `path` that is for nobody
    is a Problem: its pattern is misspelt, or the host is gone.
    """
    idle = dict.fromkeys(rules)
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        host = row
        for rule in rules:
            if rule.is_for(row):
                idle.pop(rule, None)
                host = _added(host, rule)
        yield host
    for rule in idle:
        whom = f"names = {', '.join(rule.names)}" + (f", engine = {rule.engine}" if rule.engine != "*" else "")
        text = f"[[for_hosts]] with {whom} is for no host that a file declares, so it was not applied; correct it"
        yield Problem("file", path, "rule-unused", text)


def _added(host: Host, rule: HostRule) -> Host:
    return replace(
        host,
        target=host.target or target_of(rule.target, host.engine.text),
        store=host.store or rule.store,
        client=host.client or rule.client,
        switches=host.switches or rule.switches,
        runs=host.runs or rule.runs,
        ring=host.ring if host.ring is not None else rule.ring,
    )
