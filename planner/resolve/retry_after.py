"""How long to wait before a question is asked again."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_UNITS = {"ms": 0.001, "µs": 0.000001, "us": 0.000001, "ns": 0.000000001, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}
_LENGTH = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)\s*(ms|µs|us|ns|s|m|h|)")


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks to wait, from `now`; None if there is none or it says nothing.

    RFC 9110 has seconds or an HTTP date; GHCR sends a length with a unit, such as `533.12µs`. A date that has passed
    and a negative length are 0. Absurd values are given back as they are: whether to wait so long is the caller's.
    """
    text = (value or "").strip()
    if found := _LENGTH.fullmatch(text):
        return float(found[1]) * _UNITS[found[2]]
    if re.fullmatch(r"-\d+(?:\.\d+)?", text):
        return 0.0
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
