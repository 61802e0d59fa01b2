"""The copies of a plan as a shell script for people, who read it before they run it."""

import shlex
from collections.abc import Container, Iterator

from planner.model.host import is_loopback
from planner.model.plan import AT_REGISTRY, COPY_PROGRAM, Conversion, Plan, Step
from planner.plan.copies.conversion import commands
from planner.report.escape import visible

_HEAD = """#!/bin/sh
# Copies that the plan needs. What is there is left alone: nothing is deleted or written over.
# `planner convert --execute` makes the same copies, verifies each, and writes mapping.csv for `planner repin`.
set -eu
"""


def script(plan: Plan, insecure: Container[str] = ()) -> str:
    """A script with every copy of the plan, in its order, with the reason as a comment."""
    done: set[Conversion] = set()
    parts = [_HEAD]
    for step in plan.steps:
        if step.conversion and step.conversion not in done:
            done.add(step.conversion)
            parts.append("\n".join(_part(step, step.conversion, insecure)) + "\n")
    return "\n".join(parts)


def _part(step: Step, conversion: Conversion, insecure: Container[str]) -> Iterator[str]:
    target = conversion.destination
    plain = ("--tls-verify=false",) if target.registry in insecure or is_loopback(target.registry) else ()
    look = shlex.join((COPY_PROGRAM, "inspect", "--raw", *plain, f"{AT_REGISTRY}{target}"))
    left = shlex.quote(f"{target} is there already and is left alone")
    yield f"# {visible(' '.join(step.why.split()))}"
    yield f"if {look} > /dev/null 2>&1; then"
    yield f"  echo {left} >&2"
    yield "else"
    yield from (f"  {line}" for line in commands(conversion, insecure))
    yield "fi"
