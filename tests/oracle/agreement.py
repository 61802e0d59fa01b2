"""How often predictions agree with what engines did, and every time that they do not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from planner.model.finding import Outcome, Verdict
from tests.oracle.predict import Row, contradicts

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
Compared = tuple[Row, Outcome | None]


@dataclass(frozen=True)
class Agreement:
    """One engine, version and store: what planner said of `total` pulls.

    `wrong` are lines for people, one for each pull that went otherwise; `left_open` likewise for each that planner
    called unknown, or has no data on.
    """

    who: str
    total: int
    wrong: tuple[str, ...]
    left_open: tuple[str, ...]

    @property
    def misses(self) -> tuple[str, ...]:
        """All that does not agree: what cannot be predicted counts as much as what is predicted wrongly."""
        return self.wrong + self.left_open

    def __str__(self) -> str:
        counted = [(self.wrong, "predicted otherwise"), (self.left_open, "left open")]
        words = [f"{len(lines)} {word}" for lines, word in counted if lines]
        agreed = self.total - len(self.misses)
        return f"{self.who}: {agreed} of {self.total}" + (f" ({', '.join(words)})" if words else "")


def agreements(pairs: Iterable[Compared]) -> list[Agreement]:
    """By engine, version and store, in the order of the rows."""
    groups: dict[str, list[Compared]] = {}
    for row, outcome in pairs:
        groups.setdefault(f"{row.engine} {row.version} {row.store}".strip(), []).append((row, outcome))
    return [_agreement(who, group) for who, group in groups.items()]


def _agreement(who: str, pairs: list[Compared]) -> Agreement:
    judged = [(row, outcome) for row, outcome in pairs if outcome]
    unknown = [(row, outcome) for row, outcome in judged if outcome.verdict is Verdict.UNKNOWN]
    wrong = [pair for pair in judged if pair not in unknown and contradicts(*pair)]
    no_data = [f"{row}: no data on this engine or image" for row, outcome in pairs if outcome is None]
    return Agreement(who, len(pairs), tuple(_line(*p) for p in wrong), (*no_data, *(_line(*p) for p in unknown)))


def _line(row: Row, outcome: Outcome) -> str:
    said = " ".join(_COLOURS.sub("", row.message).split())
    said = said if len(said) < 200 else f"…{said[-200:]}"  # what went wrong is said last
    evidence = "; ".join(outcome.evidence)
    return f"{row}: {row.outcome} ({said}), predicted {outcome.verdict} {outcome.cause} ({evidence})"
