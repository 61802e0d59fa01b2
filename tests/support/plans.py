"""Plans put together by hand: a copy and the re-pin that it is for."""

from dataclasses import replace

from planner.model.occurrence import Occurrence
from planner.model.plan import Conversion, Plan, Step, StepKind
from planner.model.platform import Platform
from planner.model.reference import Reference, parse_reference
from planner.plan.copies.conversion import destination


def conversion_of(
    source: str, form: str = "v2s2", to: str = "", platform: Platform | None = None, gzip: bool = False
) -> Conversion:
    """The copy of a reference, where the rule puts it."""
    reference = parse_reference(source)
    target = destination(reference, to, form, platform)
    return Conversion(replace(reference, tag=None), target, form, platform, gzip)


def plan_of(*pins: tuple[str, Conversion], file: str = "compose.yml") -> Plan:
    """The copies, and in a second wave the re-pins, of references as they are written in `file`."""
    convert = [_convert(conversion) for _, conversion in pins]
    repin = [_repin(parse_reference(old), conversion.destination, file) for old, conversion in pins]
    return Plan(feasible=True, steps=(*convert, *repin))


def _convert(conversion: Conversion) -> Step:
    why = "The hosts at the old engine\npull no OCI; $(id) `id`"
    before, after = str(conversion.source), str(conversion.destination)
    return Step(1, StepKind.CONVERT, (), before, after, why, (), conversion.source, conversion.destination, conversion)


def _repin(old: Reference, new: Reference, file: str) -> Step:
    where = Occurrence(file, 3, 12, "compose", "service", "web", str(old), old)
    return Step(2, StepKind.REPIN, ("web",), str(old), str(new), "the copy pulls everywhere", (where,), old, new)
