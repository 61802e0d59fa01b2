"""Real programs, since what counts here is what the operating system does."""

import os
import threading
import time
from pathlib import Path

import pytest

from planner.resolve.process import Ending, Finished, Processes

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def _shell(script: str, timeout: float = 20, limit: int = 1000, processes: Processes | None = None) -> Finished:
    return (processes or Processes()).run(["sh", "-c", script], ENVIRONMENT, timeout, limit)


def test_both_outputs_and_the_code() -> None:
    assert _shell("echo out; echo err >&2; exit 3") == Finished(Ending.EXITED, 3, b"out\n", "err\n")


def test_standard_input_is_empty() -> None:
    assert _shell("cat; echo done").stdout == b"done\n"


def test_the_environment_is_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "x")
    assert b"SECRET_OF_MINE" not in _shell("env").stdout


def test_a_slow_process_is_killed_with_its_children() -> None:
    started = time.monotonic()
    finished = _shell("sleep 60 & echo $!; sleep 60", timeout=0.3)
    assert finished.ending is Ending.TIMEOUT
    assert time.monotonic() - started < 10
    assert _gone(int(finished.stdout))


def test_one_that_prints_without_end_is_killed() -> None:
    assert _shell("yes", limit=100_000) == Finished(Ending.TOO_LARGE, -9, b"", "")


def test_errors_without_end_keep_their_end() -> None:
    finished = _shell(
        "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done"
    )
    assert finished.ending is Ending.EXITED
    assert 64 * 1024 - 41 <= len(finished.stderr) <= 64 * 1024
    assert finished.stderr.startswith("0123456789" * 4 + "\n")  # whole lines


def test_a_full_pipe_blocks_nobody() -> None:
    script = "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"
    finished = _shell(script, limit=400_000)
    assert len(finished.stdout) == 300_000


def test_closing_ends_what_runs_and_what_would_start() -> None:
    processes = Processes()
    endings: list[Ending] = []
    threads = [
        threading.Thread(target=lambda: endings.append(_shell("sleep 60", processes=processes).ending))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    processes.close()
    for thread in threads:
        thread.join(10)
    assert endings == [Ending.STOPPED] * 3
    assert _shell("echo", processes=processes).ending is Ending.STOPPED


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        Processes().run(["/nonexistent/skopeo"], ENVIRONMENT, 1, 1)


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        # A dead child of a dead parent stays a zombie until init looks at it.
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False
