"""One outcome for a host whose version or store is not known exactly."""

from collections.abc import Sequence

from planner.assess.engine_view import EngineView
from planner.model.finding import Outcome, Verdict


def any_of(judged: Sequence[tuple[EngineView, Outcome]]) -> Outcome:
    """What holds whichever a host has: the verdict of all, or at risk where all pull; else it is unknown."""
    # A store that a version does not have yet is nobody's.
    possible = {outcome.verdict: (found, outcome) for found, outcome in judged[1:] if outcome.cause != "engine-unknown"}
    possible[judged[0][1].verdict] = judged[0]
    if len(possible) == 1:
        return judged[0][1]
    if possible.keys() == {Verdict.PULLS, Verdict.AT_RISK}:
        return possible[Verdict.AT_RISK][1]
    does = ", ".join(f"{verdict} with {_numbered(found)}" for verdict, (found, _) in possible.items())
    why = f"a host may have any of these versions: {does}; declare the version itself"
    return Outcome(Verdict.UNKNOWN, "engine-unknown", "", (why,))


def _numbered(found: EngineView) -> str:
    where = found.store or found.client
    return f"{found.engine.name} {'.'.join(map(str, found.version.release))}" + (f" ({where})" if where else "")
