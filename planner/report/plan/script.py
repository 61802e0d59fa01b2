"""The copies of a plan as a shell script for people, who read it before they run it."""

import shlex
from collections.abc import Container, Iterator

from planner.model.host import is_loopback
from planner.model.plan import AT_REGISTRY, COPY_PROGRAM, Conversion, Plan, Step
from planner.plan.copies.conversion import commands
from planner.plan.copies.turn import waiting, why_waiting
from planner.report.escape import visible

# Of a tag that is there, a registry may say "manifest unknown" too, because of its form. What mirrors said comes first.
_HEAD = f"""#!/bin/sh
# Copies that the plan needs. What is there is left alone: nothing is deleted or written over.
# `planner convert --execute` makes the same copies, verifies each, and writes mapping.csv for `planner repin`.
set -eu

# Whether a registry has something under the name $1. What is no clear answer ends the script.
is_there() {{
  name=$1
  shift
  if said=$({COPY_PROGRAM} inspect --raw "$@" "{AT_REGISTRY}$name" 2>&1 > /dev/null); then
    echo "$name is there already and is left alone" >&2
    return 0
  fi
  case ${{said##*"]): "}} in
    *"but accept header"* | *"but client accepts"*) ;;
    *"manifest unknown"* | *"name unknown"* | *"not known to registry"* | *"StatusCode: 404"*) return 1 ;;
  esac
  echo "$said" >&2
  echo "whether $name is there could not be asked, so nothing was copied to it: run this again later" >&2
  exit 3
}}
"""


def script(plan: Plan, insecure: Container[str] = ()) -> str:
    """A script with every copy that can be made now, in the plan's order; comments say why, and name the others."""
    done: set[Conversion] = set()
    parts = [_HEAD]
    waits = waiting(plan)
    for step in plan.steps:
        if step.conversion and step.conversion not in done:
            done.add(step.conversion)
            upgrade = waits.get(step.conversion)
            waits_for = [f"# {visible(why_waiting(step.conversion, upgrade))}"] if upgrade else []
            parts.append("\n".join(waits_for or _part(step, step.conversion, insecure)) + "\n")
    return "\n".join(parts)


def _part(step: Step, conversion: Conversion, insecure: Container[str]) -> Iterator[str]:
    target = conversion.destination
    plain = ("--tls-verify=false",) if target.registry in insecure or is_loopback(target.registry) else ()
    yield from (f"# {visible(' '.join(text.split()))}" for text in (step.why, *step.unproven))
    yield f"if ! {shlex.join(('is_there', str(target), *plain))}; then"
    yield from (f"  {line}" for line in commands(conversion, insecure))
    yield "fi"
