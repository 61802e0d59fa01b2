"""Messages of the command line: stderr, since stdout is for data."""

import sys


def say(text: str) -> None:
    """Write one line to stderr, made safe to show."""
    from planner.report.escape import visible

    sys.stderr.write(f"planner: {visible(text)}\n")
