"""Messages of the command line: stderr, since stdout is for data."""

import os
import sys


def say(text: str) -> None:
    """Write one line to stderr, made safe to show. Where nobody can read it, that changes nothing of the result."""
    from planner.report.escape import visible

    try:
        sys.stderr.write(f"planner: {visible(text)}\n")
    except OSError:
        # What is left in the buffer would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def keep_streams() -> None:
    """Take the numbers of streams that are closed, so that no file gets them; what goes to stderr then goes nowhere.

    sys.stdout stays None: a report that goes nowhere is to be an error.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free, which is this one
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process
