"""Suppressions: read beside references (inline.py) and in planner.toml (table.py), and applied to a report (apply.py).

A suppressed finding stays in the report, with who says so; it does not count and sets no exit code. Pure.
"""

from planner.suppress.apply import refuse_unknown_causes, suppress
from planner.suppress.inline import marks

__all__ = ["marks", "refuse_unknown_causes", "suppress"]
