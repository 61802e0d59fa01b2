"""The declared registries of several reports as those of one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from planner.merge.named import Named
from planner.model.host import Registry
from planner.model.source import Problem


def registries(reports: Sequence[Named]) -> tuple[Registry, ...]:
    """Each declared registry once: as it is first declared with a target, else with software."""
    declared: dict[str, list[Registry]] = defaultdict(list)
    for each in reports:
        for registry in each.report.registries:
            declared[registry.host].append(registry)
    return tuple(
        replace(
            max(same, key=lambda registry: (bool(registry.target), bool(registry.software))),
            insecure=any(registry.insecure for registry in same),
        )
        for same in declared.values()
    )


def differing_registries(reports: Sequence[Named]) -> Iterator[Problem]:
    """Registries that reports refer to, and take for different software: their references were judged differently."""
    seen = [{o.reference.registry for o in each.report.occurrences} for each in reports]
    for host in (registry.host for registry in registries(reports)):
        said: dict[str, list[str]] = {}
        for each, hosts in zip(reports, seen, strict=True):
            if host in hosts:
                said.setdefault(_words(each, host), []).append(each.name)
        if len(said) > 1:
            told = "; as ".join(f"{words} in {', '.join(names)}" for words, names in said.items())
            text = (
                f"declared as {told}: references were judged each as its report says, so the others do not tell what "
                "becomes of them; declare it alike everywhere and scan again"
            )
            yield Problem("registry", host, "registry-differs", text)


def _words(each: Named, host: str) -> str:
    registry = next((r for r in each.report.registries if r.host == host), None)
    if registry is None or registry.software is None:
        return "nothing"
    return f"{registry.software} → {registry.target}" if registry.target else str(registry.software)
