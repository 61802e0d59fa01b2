"""The step of action.yml that scans: inputs from the environment, planner's arguments, reports, outputs of the step.

Runs in the virtual environment of the action, which has planner. Inputs are untrusted text: each is one argument, in
one piece with its option, and never a command.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from planner.errors import EXIT_MEANINGS, ExitCode

PLANNER = Path(sys.executable).with_name("planner")
REPORTS = {"json": "planner.json", "html": "planner.html", "markdown": "planner.md", "sarif": "planner.sarif"}

# Where planner ends with another exit code it has said why, and has no reports.
_WITH_REPORTS = (ExitCode.CLEAN, ExitCode.FINDINGS, ExitCode.INCOMPLETE, ExitCode.NOTHING)


class InputError(Exception):
    """An input that is not as action.yml describes it; the message says which, and what to write."""


def main(environment: Mapping[str, str]) -> int:
    """Scan, write the outputs; the exit code of the step."""
    try:
        return step(environment)
    except InputError as error:
        print(annotation("error", str(error)))
    except OSError as error:
        # Not a traceback, whose exit code 1 would say that something breaks.
        words = f"{error.filename}: {error.strerror}, so this step has no outputs, and counts as failed"
        print(annotation("error", f"{words}: see to the rights and the space of the runner's folders"))
    return ExitCode.USAGE


def step(environment: Mapping[str, str]) -> int:
    """As main. Raises InputError, and OSError where the runner's folders cannot be written."""
    tolerated = codes(environment.get("INPUT_TOLERATE", ""))
    wanted = arguments(environment)
    # Beside the workspace: the reports are neither scanned nor committed, and a second use in the job has its own.
    folder = Path(tempfile.mkdtemp(prefix="planner-", dir=environment["RUNNER_TEMP"]))
    files = {name: folder / file for name, file in REPORTS.items()}
    reports = [f"--format={word}" for word in ("github", *files)]
    places = ["-o", "-", *(word for file in files.values() for word in ("-o", str(file)))]
    path = environment.get("INPUT_PATH") or "."
    # What is kept says that a registry had a digest, not that it has it. The answers of this run are kept in its place.
    forgets = asks_anew(environment) and planner("cache", "prune")
    code = forgets or planner("scan", *reports, *places, *wanted, "--", path)
    are_there = all(file.exists() for file in files.values())
    if code in _WITH_REPORTS and not are_there:
        words = f"planner ended with {code} and wrote no reports, so nothing was checked"
        print(annotation("error", f"{words}: does args have --help, or lead the reports elsewhere?"))
        code = ExitCode.USAGE
    outputs = {"exit-code": str(int(code))} | (results(environment, files) if are_there else {})
    with Path(environment["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    return verdict(code, tolerated)


def planner(*words: str) -> int:
    """Run planner; its exit code, that of a shell where a signal ended it."""
    code = subprocess.run([PLANNER, *words], check=False).returncode
    return code if code >= 0 else 128 - code


def asks_anew(environment: Mapping[str, str]) -> bool:
    """Whether registries are asked for everything, whatever is kept."""
    when = environment.get("INPUT_ASK_ANEW") or "schedule"
    is_wanted = when == "always" or (when == "schedule" and environment.get("GITHUB_EVENT_NAME") == "schedule")
    return is_wanted and not environment.get("INPUT_SNAPSHOT")


def arguments(environment: Mapping[str, str]) -> list[str]:
    """What the inputs ask of `planner scan`. Raises InputError."""
    single = {"config": "CONFIG", "offline": "SNAPSHOT"}
    single |= {"resolver": "RESOLVER", "fail-on": "FAIL_ON"}
    found = [f"--{option}={value}" for option, name in single.items() if (value := environment.get(f"INPUT_{name}"))]
    found += [f"--hosts={file}" for file in lines(environment.get("INPUT_HOSTS", ""))]
    flags = {name: environment.get(f"INPUT_{name}", "") for name in ("FAIL_ON_NEW", "UPLOAD_SARIF", "CACHE")}
    for name, value in flags.items():
        if value not in ("", "true", "false"):
            raise InputError(f"{name.lower().replace('_', '-')} is {value!r}: write true or false")
    if (when := environment.get("INPUT_ASK_ANEW", "")) not in ("", "schedule", "always", "never"):
        raise InputError(f"ask-anew is {when!r}: write schedule, always or never")
    found += since(environment.get("INPUT_BASELINE", ""), only_new=flags["FAIL_ON_NEW"] == "true")
    return [*found, *lines(environment.get("INPUT_ARGS", ""))]


def since(baseline: str, *, only_new: bool) -> list[str]:
    """The options for what is new; none where the baseline is not there yet, which is said."""
    if baseline and not os.path.exists(baseline):  # noqa: PTH110 - Path.exists raises for a name that is too long
        told = f"the baseline {baseline} is not there, as in a first run: all that this one finds counts"
        print(annotation("notice", told), flush=True)
        return []
    return [f"--baseline={baseline}"] * bool(baseline) + ["--fail-on-new"] * only_new


def lines(text: str) -> list[str]:
    """The lines that say something, without the blanks around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def codes(text: str) -> set[int]:
    """Exit codes with blanks or commas between. Raises InputError."""
    words = re.split(r"[\s,]+", text.strip()) if text.strip() else []
    known = {str(int(code)): int(code) for code in (ExitCode.FINDINGS, ExitCode.INCOMPLETE, ExitCode.NOTHING)}
    if wrong := [word for word in words if word not in known]:
        raise InputError(f"tolerate has {wrong[0]!r}: exit codes that may warn instead are {', '.join(known)}")
    return {known[word] for word in words}


def results(environment: Mapping[str, str], files: Mapping[str, Path]) -> dict[str, str]:
    """The outputs that come from the reports."""
    report = json.loads(files["json"].read_text("utf-8"))
    summary, since = report["summary"], report.get("since")
    now, after = summary["now"], summary["after"]
    found = {
        "breaks-now": now["breaks"],
        "breaks-after": after["breaks"],
        "at-risk": now["at-risk"],
        "unchecked": summary["unchecked"],
        "suppressed": summary["suppressed"],
        "new": since["counts"]["new"] if since else "",
        **files,
        "sarif-open": open_alerts(files["sarif"]),
    }
    if not environment.get("INPUT_SNAPSHOT") and Path(environment["PLANNER_CACHE_DIR"]).is_dir():
        found["cache-key"] = cache_key(environment, report["resolutions"])
    return {name: str(value) for name, value in found.items()}


def open_alerts(sarif: Path) -> Path:
    """The SARIF without what is suppressed: GitHub does not heed `suppressions`, and would open an alert for each."""
    document = json.loads(sarif.read_text("utf-8"))
    for run in document["runs"]:
        run["results"] = [result for result in run["results"] if "suppressions" not in result]
    path = sarif.with_name("planner-open.sarif")
    path.write_text(json.dumps(document), "utf-8")
    return path


def cache_key(environment: Mapping[str, str], resolutions: Iterable[Mapping[str, Any]]) -> str:
    """The same as long as the same is known of the same images, so that runs that learn nothing keep nothing.

    Another for each run that asked anew: the next ones go on from its answers, which are younger.
    """
    known = sorted(f"{each['reference']} {each['state']}" for each in resolutions)
    digest = hashlib.sha256("\n".join(known).encode("utf-8", "surrogatepass")).hexdigest()
    parts = [environment.get("RUNNER_OS", ""), digest[:32]]
    if asks_anew(environment):
        parts += [environment.get("GITHUB_RUN_ID", ""), environment.get("GITHUB_RUN_ATTEMPT", "")]
    return "-".join(("planner-registry", *parts))


def verdict(code: int, tolerated: Iterable[int]) -> int:
    """The exit code of the step; says what planner's means, where the annotations do not."""
    words = EXIT_MEANINGS.get(ExitCode(code)) if code in set(ExitCode) else "planner did not end by itself"
    if code in tolerated:
        print(annotation("warning", f"exit code {code}, tolerated: {words}"))
        return ExitCode.CLEAN
    if code not in (ExitCode.CLEAN, ExitCode.FINDINGS):
        print(annotation("error", f"exit code {code}: {words}"))
    return code


def annotation(level: str, words: str) -> str:
    """A workflow command; `words` are kept on its line."""
    escaped = words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{level} title=planner::{escaped}"


if __name__ == "__main__":
    raise SystemExit(main(os.environ))
