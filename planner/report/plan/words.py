"""The words for a plan that every form of it shares: what a step and a plan are called, in one line each."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.model.engine import parse_software
from planner.model.plan import Blocked, Ceiling, Conversion, Plan, Step, StepKind
from planner.model.reference import Reference
from planner.model.report import Report
from planner.report.words import few, host_ranges, plural, short_digest, upgrades

KINDS = {
    StepKind.CONVERT: "convert",
    StepKind.REGISTRY_UPGRADE: "registry upgrade",
    StepKind.SWITCH: "switch",
    StepKind.UPGRADE: "upgrade",
    StepKind.REPIN: "re-pin",
}
# What skopeo calls a form of image, and what people do.
FORMS = {"v2s2": "schema 2", "v2s1": "schema 1", "oci": "OCI"}
NO_DIGEST_YET = "the digest that mapping.csv has once the copy is made"
ORDER = "The steps of a wave may be done in any order; a wave begins when every step before it is done and checked."
# What lifts one core need not lift another of the same hosts.
PLAN_AGAIN = "Each was tried on what is told here alone: then plan again, which tells if more is in the way."
NO_BACKOUT = "planner knows of none."


@dataclass(frozen=True, slots=True)
class Numbered:
    """A step with its number in the plan, `2.1` is the first one of wave 2, and a title that no other step has.

    Two steps of one title are told apart by their registries.
    """

    number: str
    step: Step
    title: str


def numbered(plan: Plan) -> tuple[tuple[Numbered, ...], ...]:
    """The waves, every step with its number."""
    alike = Counter(map(title, plan.steps))
    return tuple(
        tuple(
            Numbered(f"{step.wave}.{place}", step, title(step, with_registry=alike[title(step)] > 1))
            for place, step in enumerate(wave, 1)
        )
        for wave in plan.waves
    )


def hosts_line(hosts: Sequence[str], limit: int = 3) -> str:
    """`web-[01:12] (12 hosts)`, `a, b, c +9 more (12 hosts)`; one host is just named."""
    names = few(host_ranges(hosts), limit)
    return f"{names} ({plural(len(hosts), 'host')})" if len(hosts) > 1 else names


def title(step: Step, *, with_registry: bool = False) -> str:
    """What the step does, as an order: `Upgrade web-[01:12] (12 hosts): docker 1.9.1 → 1.10.3`.

    It has no room for the registry of an image, which the step's references name, if it can be told without.
    """
    name = _full if with_registry else _short
    match step.kind:
        case StepKind.CONVERT:
            old = step.old_reference
            return f"Copy {f'{name(old)}{_at(old)}' if old else step.before} as {form(step.conversion)}"
        case StepKind.REPIN:
            return f"Re-pin {_repin(step, name)}"
        case StepKind.SWITCH:
            return f"{switched(step)} on {hosts_line(step.hosts)}"
        case StepKind.REGISTRY_UPGRADE:
            return f"{_verb(step)} the registry {hosts_line(step.hosts)}: {change(step)}"
        case StepKind.UPGRADE:
            return f"{_verb(step)} {hosts_line(step.hosts)}: {change(step)}"


def form(conversion: Conversion | None) -> str:
    """What a copy is made as: `schema 2, linux/amd64 alone, layers as gzip`."""
    if conversion is None:
        return "another form"
    parts = [FORMS.get(conversion.format, conversion.format)]
    if conversion.platform:
        parts.append(f"{conversion.platform} alone")
    if conversion.gzip:
        parts.append("layers as gzip")
    return ", ".join(parts)


def change(step: Step) -> str:
    """What becomes of what: `docker 1.9.1 → 1.10.3`, with the name of the software again only where it is another."""
    before, after = parse_software(step.before), parse_software(step.after)
    same = before.version and after.version and before.name == after.name
    name, _, version = step.after.partition(" ")
    return f"{step.before} → {version if same and step.before.startswith(f'{name} ') else step.after}"


def switched(step: Step) -> str:
    """Which switches a step sets or takes away: `Set X`, `Unset X and set Y`."""
    before, after = _switches(step.before), _switches(step.after)
    added, dropped = [each for each in after if each not in before], [each for each in before if each not in after]
    orders = [f"{verb} {', '.join(names)}" for verb, names in (("unset", dropped), ("set", added)) if names]
    said = " and ".join(orders) or f"change {step.before} into {step.after}"
    return said[0].upper() + said[1:]


def sentence(text: str) -> str:
    """The text with a capital letter, unless it begins with a name or with code."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0].rstrip(",:;").isalpha() else text


def is_downgrade(step: Step) -> bool:
    """Whether the version gets lower. What is no version, or of other software, does not."""
    before, after = parse_software(step.before), parse_software(step.after)
    return bool(before.version and after.version and before.name == after.name and after.version < before.version)


def remarks(step: Step) -> list[str]:
    """What sets the step apart, a few words each: `bridge`, `ring 0`, `not proven`, `no way back`."""
    found = ["bridge"] if step.is_bridge else []
    if step.ring is not None:
        found.append(f"ring {step.ring}")
    if is_unproven(step):
        found.append("not proven")
    if not step.backout:
        found.append("no way back")
    return found


def is_unproven(step: Step) -> bool:
    """Whether a pull that the step hangs on could not be checked."""
    return bool(step.unproven) or any(pull.unproven for pull in step.pulls)


def whose(step: Step) -> str:
    """What the hosts of the step are to it: `Hosts` that change, those that it is `Pulled by`, or the `Registry`."""
    match step.kind:
        case StepKind.REGISTRY_UPGRADE:
            return "Registry"
        case StepKind.CONVERT | StepKind.REPIN:
            return "Pulled by"
        case StepKind.SWITCH | StepKind.UPGRADE:
            return "Hosts"


def rings(steps: Sequence[Step]) -> str:
    """In which order the steps of a wave are done: `ring 0 first, then ring 1, then all others`; empty for any."""
    upgrades = [step for step in steps if step.kind in (StepKind.UPGRADE, StepKind.SWITCH)]
    known = sorted({step.ring for step in upgrades if step.ring is not None})
    if not known or len({step.ring for step in upgrades}) == 1:
        return ""
    first, *others = [f"ring {ring}" for ring in known]
    last = ["hosts without a ring"] if any(step.ring is None for step in upgrades) else []
    return " then ".join([f"{first} first,", *(f"{ring}," for ring in others), *last]).removesuffix(",")


def places(step: Step) -> str:
    """How much is edited: `3 places in 2 files`."""
    files = len({occurrence.file for occurrence in step.occurrences})
    return f"{plural(len(step.occurrences), 'place')} in {plural(files, 'file')}"


def counts(plan: Plan) -> list[str]:
    """How many there are of what, without what there is none of: `3 waves`, `7 steps`, `1 bridge` ..."""
    kinds = [step.kind for step in plan.steps]
    counted = [
        (len(plan.waves), "wave", ""),
        (len(plan.steps), "step", ""),
        (sum(step.is_bridge for step in plan.steps), "bridge", ""),
        (kinds.count(StepKind.CONVERT), "image to convert", "images to convert"),
        (kinds.count(StepKind.REPIN), "image to re-pin", "images to re-pin"),
        (len(plan.blocked), "thing blocked", "things blocked"),
        (sum(map(is_unproven, plan.steps)), "step not proven", "steps not proven"),
    ]
    return [plural(count, one, many) for count, one, many in counted if count]


def summary_line(report: Report) -> str:
    """One line for logs and prompts: `3 waves, 7 steps, 1 bridge, 2 images to convert, 1 thing blocked; 2 problems`."""
    plan = report.plan or Plan(feasible=True)
    parts = [", ".join(counts(plan)) or headline(report)]
    if plan.ceilings and counts(plan):
        parts.append(f"{plural(_hosts(plan.ceilings), 'host')} without a target")
    if report.problems:
        parts.append(plural(len(report.problems), "problem"))
    return "; ".join(parts)


def headline(report: Report) -> str:
    """The answer in one sentence, no better than what was checked."""
    plan = report.plan or Plan(feasible=True)
    doubt = ", as far as could be checked" if report.problems or any(map(is_unproven, plan.steps)) else ""
    if plan.steps:
        return f"{_reached(plan, upgrades(report))}{doubt if plan.feasible else ''}"
    if not plan.feasible:
        return f"No step is possible: {_blocked(plan)}" if plan.blocked else "No plan was found"
    if plan.ceilings:
        return "No upgrade is declared: this is how far each host can go"
    return f"{_why_nothing(report)}{doubt}"


def _reached(plan: Plan, has_targets: bool) -> str:
    """How far the waves lead, and that they break nothing."""
    waves, s = plural(len(plan.waves), "wave"), "s" if len(plan.waves) == 1 else ""
    reach = f"{waves} {'reaches' if s else 'reach'} every target"
    if plan.feasible and has_targets:
        return f"{reach} and break{s} no working pull"
    if plan.feasible:
        return f"{waves} mend{s} every broken pull and break{s} no working one"
    if plan.blocked:
        is_held = any(blocked.held for blocked in plan.blocked)
        return f"{reach if has_targets and not is_held else f'{waves} break{s} no working pull'}, but {_blocked(plan)}"
    return f"{waves} break{s} no working pull, but not every target is reached"


def _why_nothing(report: Report) -> str:
    if not report.occurrences:
        return "No pinned image was found, so that there is nothing to plan"
    return "Nothing is to be done" if report.hosts else "No host is declared, so that there is nobody to plan for"


def ceiling_line(ceiling: Ceiling) -> str:
    """How far hosts without a target can go: `docker 20.10.24 can go up to 28.1.1; at 28.2.0, 2 pulls break`."""
    if not ceiling.newest:
        return f"{ceiling.now}: how far this can go is not known"
    last = parse_software(ceiling.newest).version or ceiling.newest
    if not ceiling.next and ceiling.newest == ceiling.now:
        return f"{ceiling.now} is the newest known and pulls everything, with the pins as they are"
    if not ceiling.next:
        return f"{ceiling.now} can go up to {last}, the newest known, with the pins as they are"
    first = parse_software(ceiling.next).version or ceiling.next
    breaks = plural(len({(o.id, cause) for o, cause in ceiling.obstacles}), "pull breaks", "pulls break")
    can = "stays where it is" if ceiling.newest == ceiling.now else f"can go up to {last}"
    return f"{ceiling.now} {can}; at {first} {breaks}"


def cause_title(report: Report, cause: str) -> str:
    """What a cause is called."""
    known = report.causes.get(cause)
    return known.title if known else cause.replace("-", " ")


def _blocked(plan: Plan) -> str:
    """`1 target is out of reach and 2 pulls stay broken`."""
    held = sum(bool(blocked.held) for blocked in plan.blocked)
    broken = len(plan.blocked) - held
    parts = [plural(held, "target is out of reach", "targets are out of reach")] if held else []
    parts += [plural(broken, "pull stays broken", "pulls stay broken")] if broken else []
    return " and ".join(parts)


def lifted(blocked: Blocked) -> str:
    """What comes before a lift, with no more trust than it has earned."""
    return "lifted by" if blocked.is_tried else "may help"


def _verb(step: Step) -> str:
    return "Downgrade" if is_downgrade(step) else "Upgrade"


def _hosts(ceilings: Sequence[Ceiling]) -> int:
    return len({host for ceiling in ceilings for host in ceiling.hosts})


def _switches(text: str) -> list[str]:
    """The switches of `docker 28.2.0 with X, Y`."""
    return [name for name in text.partition(" with ")[2].split(", ") if name]


def _repin(step: Step, name: Callable[[Reference], str]) -> str:
    """`shop/web: sha256:a71e… → sha256:09d2…`, with the name again where that changes too."""
    old, new = step.old_reference, step.new_reference
    if old is None or new is None:
        return f"{step.before} → {step.after}"
    if old.name != new.name and not new.digest and new.name.endswith(f"/{old.repository}"):
        return f"{name(old)}: {_at(old)[1:]} → its copy in {new.name.removesuffix(f'/{old.repository}')}"
    if old.name != new.name:
        return f"{name(old)}{_at(old)} → {new.name if old.registry != new.registry else name(new)}{_at(new)}"
    copy = "its copy " if old.digest and not new.digest else ""
    return f"{name(old)}: {_at(old)[1:]} → {copy}{_at(new)[1:]}"


def _short(reference: Reference) -> str:
    return reference.repository.removeprefix("library/") if reference.registry == "docker.io" else reference.repository


def _full(reference: Reference) -> str:
    return reference.name


def _at(reference: Reference) -> str:
    return f"@{short_digest(reference.digest)}" if reference.digest else f":{reference.tag or 'latest'}"
