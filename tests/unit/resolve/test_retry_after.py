from datetime import UTC, datetime

import pytest

from planner.resolve.retry_after import retry_after

NOW = datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 3 ", 3),
        ("99999999999", 99999999999),
        ("-5", 0),
        ("Sun, 29 Nov 2026 12:01:30 GMT", 90),
        ("Sun, 29 Nov 2026 11:00:00 GMT", 0),
        ("Sunday, 29-Nov-26 12:00:10 GMT", 10),
        ("533.12µs", 0.00053312),  # as GHCR says it
        ("1.16ms", 0.00116),
        ("2m", 120),
    ],
)
def test_what_a_registry_asks_to_wait(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == pytest.approx(seconds)


NOTHING = [None, "", "soon", "1e3", "1 2", "9" * 400, "²", "Sun, 99 Nov 2026 12:00:00 GMT", "\x00"]


@pytest.mark.parametrize("value", NOTHING)
def test_what_says_nothing(value: str | None) -> None:
    assert retry_after(value, NOW) is None
