"""The plan as the member `plan` of the JSON report."""

from typing import Any

from planner.model.plan import Blocked, Ceiling, Conversion, Plan, Pull, Step

Object = dict[str, Any]


def plan_object(plan: Plan) -> Object:
    """The plan with its steps in the order to carry them out; occurrences by their ids."""
    return {
        "feasible": plan.feasible,
        "steps": [_step(step) for step in plan.steps],
        "blocked": [_blocked(blocked) for blocked in plan.blocked],
        "ceilings": [_ceiling(ceiling) for ceiling in plan.ceilings],
        "notes": list(plan.notes),
    }


def _step(step: Step) -> Object:
    return {
        "id": step.id,
        "wave": step.wave,
        "kind": step.kind.value,
        "hosts": list(step.hosts),
        "from": step.before,
        "to": step.after,
        "occurrences": [occurrence.id for occurrence in step.occurrences],
        "old_reference": str(step.old_reference) if step.old_reference else None,
        "new_reference": str(step.new_reference) if step.new_reference else None,
        "why": step.why,
        "commands": list(step.commands),
        "check": step.check,
        "backout": step.backout or None,
        "no_backout": step.no_backout or None,
        "pulls": [_pull(pull) for pull in step.pulls],
        "costs": list(step.costs),
        "unproven": list(step.unproven),
        "bridge": step.is_bridge,
        "ring": step.ring,
        "conversion": _conversion(step.conversion) if step.conversion else None,
    }


def _pull(pull: Pull) -> Object:
    return {
        "hosts": list(pull.hosts),
        "reference": str(pull.reference),
        "command": pull.command,
        "unproven": pull.unproven or None,
    }


def _conversion(conversion: Conversion) -> Object:
    return {
        "source": conversion.source.pinned,
        "destination": str(conversion.destination),
        "format": conversion.format,
        "platform": str(conversion.platform) if conversion.platform else None,
        "gzip": conversion.gzip,
    }


def _blocked(blocked: Blocked) -> Object:
    return {
        "hosts": list(blocked.hosts),
        "occurrences": [occurrence.id for occurrence in blocked.occurrences],
        "cause": blocked.cause,
        "why": blocked.why,
        "held": blocked.held or None,
        "lifts": list(blocked.lifts),
    }


def _ceiling(ceiling: Ceiling) -> Object:
    return {
        "hosts": list(ceiling.hosts),
        "now": ceiling.now,
        "newest": ceiling.newest or None,
        "next": ceiling.next or None,
        "obstacles": [{"occurrence": occurrence.id, "cause": cause} for occurrence, cause in ceiling.obstacles],
    }
