"""Helpers that misbehave: bounded in time and output, and nothing that they print gets out."""

import os
import time
from pathlib import Path

import pytest

from planner.resolve.credential_helpers import HelperError, ask_helper
from planner.resolve.process import Processes
from tests.support.helpers import helper_answering, write_helper

SECRET = "hunter2-of-alice"


def ask(folder: Path, seconds: float = 20.0, name: str = "test") -> tuple[str, str] | None:
    environment = {"PATH": f"{folder}:{os.environ['PATH']}"}
    return ask_helper(Processes(), name, "registry.example", environment, seconds)


def test_the_answer(tmp_path: Path) -> None:
    helper_answering(tmp_path, "test", "user", SECRET)
    assert ask(tmp_path) == ("user", SECRET)
    # A line end must not be waited for: real helpers read to the end of the input.
    write_helper(tmp_path, "test", 'printf \'{"Username": "%s", "Secret": "x"}\' "$(cat)"')
    assert ask(tmp_path) == ("registry.example", "x")


def test_a_surplus_is_no_matter(tmp_path: Path) -> None:
    write_helper(tmp_path, "test", 'echo \'{"Username": "u", "Secret": "s", "Extra": [1]}\'; echo noise >&2')
    assert ask(tmp_path) == ("u", "s")


def test_no_secret_is_no_login(tmp_path: Path) -> None:
    helper_answering(tmp_path, "test", "", "")
    assert ask(tmp_path) is None


@pytest.mark.parametrize(
    ("script", "symptom"),
    [
        (f"echo {SECRET}; exit 3", "failed with exit code 3"),
        (f"echo {SECRET} >&2; exit 1", "failed with exit code 1"),
        ("kill -SEGV $$", "failed with exit code -11"),
        (f"echo {SECRET}", "no answer that planner understands"),
        ("", "no answer that planner understands"),
        (f"echo '[\"{SECRET}\"]'", "no answer that planner understands"),
        (f'echo \'{{"Username": 7, "Secret": "{SECRET}"}}\'', "no answer that planner understands"),
        (f'echo \'{{"Username": "{SECRET}"}}\'', "no answer that planner understands"),
        (f'echo \'{{"Username": "{SECRET}", "Secret": "\\ud800"}}\'', "no answer that planner understands"),
        ("head -c 200000 /dev/zero | tr '\\0' '['", "printed more than 65536 bytes"),
        ("head -c 10000000 /dev/zero", "printed more than 65536 bytes"),
        ("head -c 10000000 /dev/zero >&2; exit 1", "failed with exit code 1"),
    ],
)
def test_misbehaving(tmp_path: Path, script: str, symptom: str) -> None:
    write_helper(tmp_path, "test", script)
    with pytest.raises(HelperError) as caught:
        ask(tmp_path)
    assert symptom in str(caught.value)
    assert "docker-credential-test" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert not caught.value.wholly


def test_a_helper_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    write_helper(tmp_path, "test", "sleep 600 & sleep 600")
    began = time.monotonic()
    with pytest.raises(HelperError, match=r"did not answer within 0\.5 seconds") as caught:
        ask(tmp_path, 0.5)
    assert time.monotonic() - began < 10
    assert caught.value.wholly


def test_a_helper_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(HelperError, match="docker-credential-nowhere is not installed") as caught:
        ask(tmp_path, name="nowhere")
    assert caught.value.wholly
    (tmp_path / "docker-credential-broken").write_text("no program")
    (tmp_path / "docker-credential-broken").chmod(0o755)
    with pytest.raises(HelperError, match="cannot be started"):
        ask(tmp_path, name="broken")


@pytest.mark.parametrize("name", ["", "../test", "a b", "-rf", "x" * 65, "a/b", "a\0b", "täst"])
def test_names_that_no_program_has(tmp_path: Path, name: str) -> None:
    with pytest.raises(HelperError, match="a name that no program can have"):
        ask(tmp_path, name=name)


def test_who_is_closed_starts_none(tmp_path: Path) -> None:
    helper_answering(tmp_path, "test", "user", SECRET)
    processes = Processes()
    processes.close()
    assert ask_helper(processes, "test", "registry.example", {"PATH": str(tmp_path)}) is None
    assert not (tmp_path / "test.asked").exists()
