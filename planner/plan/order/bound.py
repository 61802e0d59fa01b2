"""What no order can do better than: the pulls that stay broken wherever all actors end."""

from itertools import product
from typing import Any

from planner.plan.order.cpsat import solved
from planner.plan.order.problem import At, Link, Problem


def least_left(problem: Problem) -> int:
    """The least weight of links that are broken at the end, if only the end had to be allowed; 0 where none is.

    Links that hold nowhere their actors may end are not counted: no schedule is the worse for them.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    ends: dict[At, Any] = {}
    for number, actor in enumerate(problem.actors):
        places = [At(number, place) for place in (actor.goals if actor.ordered else actor.places)]
        ends |= {at: model.new_bool_var("") for at in places}
        model.add_exactly_one(ends[at] for at in places)
    left = []
    for link in (link for link in problem.links if not link.is_broken_now or can_be_mended(link, problem)):
        mended = model.new_bool_var("")
        for broken in link.broken:
            ats = list(map(At, link.actors, broken))
            if all(at in ends for at in ats):
                ways = [ends[at].negated() for at in ats]
                model.add_bool_or(ways if not link.is_broken_now else [mended.negated(), *ways])
        left += [link.weight * mended.negated()] if link.is_broken_now else []
    answer = solved(model, sum(left))
    return round(answer.solver.best_objective_bound) if answer.is_found else 0


def can_be_mended(link: Link, problem: Problem) -> bool:
    """Whether it holds anywhere that its actors may end."""
    actors = [problem.actors[number] for number in link.actors]
    ends = (actor.goals if actor.ordered else actor.places for actor in actors)
    return not link.broken.issuperset(product(*ends))
