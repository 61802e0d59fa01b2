"""A skopeo that is missing or broken; tests/registry has the real one."""

import stat
from pathlib import Path

import pytest

from planner.model.reference import Reference, parse_reference
from planner.model.resolution import State
from planner.resolve.credentials import Credentials
from planner.resolve.skopeo import SkopeoResolver, environment

REFERENCE = parse_reference("registry.example/team/app@sha256:" + "1" * 64)
VERSION = 'if [ "$1" = --version ]; then echo skopeo version 1.9.3; exit 0; fi\n'


def _program(directory: Path, script: str) -> str:
    path = directory / "skopeo"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_missing_says_how_to_install_it_and_what_works_without() -> None:
    answer = SkopeoResolver(program="planner-has-no-such-program").manifest(REFERENCE)
    assert answer.state is State.TOOL_FAILED
    assert "apt-get install skopeo" in answer.detail
    assert "brew install skopeo" in answer.detail
    assert "--offline FILE" in answer.detail


@pytest.mark.parametrize(
    ("script", "symptom"),
    [
        ("exit 0", "says nothing"),
        ("echo 'cannot load libgpgme.so.11' >&2; exit 127", "libgpgme.so.11"),
        ("kill -SEGV $$", "signal 11"),
        (VERSION + "kill -SEGV $$", "signal 11"),
        (VERSION + "exit 2", "says nothing"),
    ],
)
def test_broken(tmp_path: Path, script: str, symptom: str) -> None:
    answer = SkopeoResolver(program=_program(tmp_path, script)).manifest(REFERENCE)
    assert answer.state is State.TOOL_FAILED
    assert symptom in answer.detail
    assert "skopeo is broken" in answer.detail
    assert "--offline FILE" in answer.detail


def test_not_executable(tmp_path: Path) -> None:
    path = tmp_path / "skopeo"
    path.write_text("no program")
    assert SkopeoResolver(program=str(path)).manifest(REFERENCE).state is State.TOOL_FAILED
    path.chmod(0o755)
    assert SkopeoResolver(program=str(path)).manifest(REFERENCE).state is State.TOOL_FAILED


def test_broken_is_found_out_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    resolver = SkopeoResolver(program=_program(tmp_path, f"echo run >> '{log}'; exit 1"))
    states = {
        resolver.manifest(REFERENCE).state,
        resolver.config(REFERENCE, "").state,
        resolver.manifest(REFERENCE).state,
    }
    assert states == {State.TOOL_FAILED}
    assert log.read_text() == "run\n"


def test_the_argument_list(tmp_path: Path) -> None:
    (authfile := tmp_path / "auth file.json").write_text("{}")
    resolver = SkopeoResolver(
        Credentials(authfile),
        frozenset({"registry.example"}),
        7,
        program=_program(tmp_path, VERSION + 'printf "%s\\n" "$@"'),
    )
    answer = resolver.manifest(parse_reference(f"registry.example/team/app@sha256:{'1' * 64}"))
    assert (answer.body or b"").decode().splitlines() == [
        *("--debug", "--command-timeout", "7s", "inspect", "--raw", "--tls-verify=false", f"--authfile={authfile}"),
        f"docker://registry.example/team/app@sha256:{'1' * 64}",
    ]
    answer = resolver.config(parse_reference("other.example/app:v1"), "")
    assert (answer.body or b"").decode().splitlines()[2:] == [
        *("inspect", "--config", "--raw", f"--authfile={authfile}", "docker://other.example/app:v1")
    ]


@pytest.mark.parametrize(
    "reference",
    [
        Reference("--help", "x", "latest"),
        Reference("registry.example", "../../x", None, "sha256:" + "1" * 64),
        Reference("registry.example", "x", None, "sha256:1; rm -rf"),
        Reference("registry.example", "x", "a b"),
        Reference("", ""),
    ],
)
def test_what_is_no_reference_is_never_an_argument(tmp_path: Path, reference: Reference) -> None:
    log = tmp_path / "log"
    resolver = SkopeoResolver(program=_program(tmp_path, VERSION + f"echo run >> '{log}'"))
    assert resolver.manifest(reference).state is State.FAILED
    assert not log.exists()


def test_the_environment_has_logins_and_proxies_but_no_secrets_of_others() -> None:
    ours = {"HOME": "/h", "https_proxy": "http://p", "XDG_RUNTIME_DIR": "/r", "DOCKER_CONFIG": "/d", "GH_TOKEN": "s"}
    assert environment(ours) == {
        "HOME": "/h",
        "https_proxy": "http://p",
        "XDG_RUNTIME_DIR": "/r",
        "DOCKER_CONFIG": "/d",
        "LC_ALL": "C",
    }
