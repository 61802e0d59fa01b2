"""When copies can be made: those that a registry takes only after its upgrade have to wait for that."""

from collections.abc import Mapping

from planner.model.plan import Conversion, Plan, Step, StepKind


def waiting(plan: Plan) -> Mapping[Conversion, Step]:
    """The copies that cannot be made with the registries as they are declared, each with the upgrade to do first.

    Of several the last one. A copy in the wave of an upgrade, or in one before it, waits for none: the steps of a wave
    are done in any order.
    """
    upgrades = [step for step in plan.steps if step.kind is StepKind.REGISTRY_UPGRADE]
    found: dict[Conversion, Step] = {}
    free: set[Conversion] = set()
    for step in plan.steps:
        if step.conversion is None:
            continue
        touched = {step.conversion.source.registry, step.conversion.destination.registry}
        before = [each for each in upgrades if each.wave < step.wave and touched.intersection(each.hosts)]
        if before:
            found[step.conversion] = max(before, key=lambda each: each.wave)
        else:
            free.add(step.conversion)
    return {conversion: step for conversion, step in found.items() if conversion not in free}


def why_waiting(conversion: Conversion, upgrade: Step) -> str:
    """What comes before a copy, in one sentence."""
    return (
        f"{conversion.destination} waits for wave {upgrade.wave}, in which {', '.join(upgrade.hosts)} goes from "
        f"{upgrade.before} to {upgrade.after}: then write that into planner.toml and run planner convert again"
    )
