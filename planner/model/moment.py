"""Moments: when a pull happens."""

from enum import StrEnum


class Moment(StrEnum):
    """As declared, or after the planned upgrade."""

    NOW = "now"
    AFTER = "after"

    @property
    def words(self) -> str:
        """The moment as people say it."""
        return "today" if self is Moment.NOW else "after the upgrade"
