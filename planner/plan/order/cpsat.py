"""OR-Tools' CP-SAT, told to give the same answer every time, and to stop when the run is ended."""

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

# CP-SAT's own measure of work, much like seconds but the same on every machine: the same inventory gives the same plan.
_ALLOWANCE = 10.0
_LOOK = 0.2  # seconds between two looks for a signal


class Answer(NamedTuple):
    """The solver, to be asked for values if `is_found`; `is_best` and `is_impossible` are proven."""

    solver: "cp_model.CpSolver"
    is_found: bool
    is_best: bool
    is_impossible: bool


def solved(model: "cp_model.CpModel", wanted: Any) -> Answer:
    """Look for the smallest `wanted`.

    The solver works in a thread of its own: while it runs, Python would heed no signal, and nobody could end planner.
    """
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = _ALLOWANCE
    solver.parameters.catch_sigint_signal = False
    model.minimize(wanted)
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(solver.solve, model)
        try:
            while not wait([ending], _LOOK).done:
                continue
        except BaseException:
            solver.stop_search()
            raise
    status = ending.result()
    is_best = status == cp_model.OPTIMAL
    return Answer(solver, is_best or status == cp_model.FEASIBLE, is_best, status == cp_model.INFEASIBLE)
