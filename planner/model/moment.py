"""Moments: when a pull happens."""

from enum import StrEnum


class Moment(StrEnum):
    """As declared, or after the planned upgrade."""

    NOW = "now"
    AFTER = "after"
