"""The exceptions that end a run, and the exit codes.

    PlannerError
    ├── UsageError          the command line or planner.toml asks for something that cannot be done   exit 2
    └── KnowledgeError      a knowledge file is not as its schema says                                exit 2

Everything else that goes wrong is a value (model.source.Problem, model.resolution.State): it reaches the report.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What `planner scan` returns. Findings win over incomplete."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    NOTHING = 4
    INTERNAL = 5
    INTERRUPTED = 130


EXIT_MEANINGS = {
    ExitCode.CLEAN: "everything was checked and nothing is at or above --fail-on",
    ExitCode.FINDINGS: "findings at or above --fail-on",
    ExitCode.USAGE: "the command line or the configuration is wrong",
    ExitCode.INCOMPLETE: "nothing at or above --fail-on found, but not everything could be checked",
    ExitCode.NOTHING: "no pinned reference found: nothing to scan",
    ExitCode.INTERNAL: "a defect in planner",
    ExitCode.INTERRUPTED: "interrupted",
}


class PlannerError(Exception):
    """A mistake that only the user can mend; the message says what happened and what to do."""

    exit_code = ExitCode.USAGE


class UsageError(PlannerError):
    """The command line or planner.toml asks for something that cannot be done."""


class KnowledgeError(PlannerError):
    """A knowledge file is not as its schema says; the message names the file and the place."""
