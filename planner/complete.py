"""What a shell completes where a flag takes a name that planner knows. Imports wait until it is asked for."""

from collections.abc import Iterable


def report_formats(incomplete: str) -> list[str]:
    """The formats of a report."""
    from planner.report import FORMATS

    return _beginning(incomplete, FORMATS)


def plan_formats(incomplete: str) -> list[str]:
    """The formats of a plan."""
    from planner.report import PLAN_FORMATS

    return _beginning(incomplete, PLAN_FORMATS)


def ticket_profiles(incomplete: str) -> list[str]:
    """Whom tickets are for."""
    from planner.knowledge.tickets import ticket_profiles as known

    return _beginning(incomplete, known())


def engines(incomplete: str) -> list[str]:
    """The engines."""
    from planner.knowledge import load_knowledge

    return _beginning(incomplete, load_knowledge().engines)


def software(incomplete: str) -> list[str]:
    """The engines, and the software of registries."""
    from planner.knowledge import load_knowledge

    knowledge = load_knowledge()
    return _beginning(incomplete, [*knowledge.engines, *knowledge.registries])


def file_formats(incomplete: str) -> list[str]:
    """The formats of files that are read."""
    from planner.extract import FORMATS

    return _beginning(incomplete, FORMATS)


def _beginning(start: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(start))
