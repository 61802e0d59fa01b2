"""Copies that are carried out: real skopeo, real registries; what is there stays, what is wrong is said."""

import json
import os
import signal
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from planner.commands.convert import carry_out
from planner.errors import ExitCode
from planner.model import media_type as mt
from planner.model.plan import Move, Plan, Step, StepKind
from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.plan.pins.mapping import read_mapping
from planner.report.plan.script import script
from planner.resolve import resolve
from planner.resolve.opening import Opening
from planner.resolve.skopeo import SkopeoResolver
from tests.registry.test_logins import HTPASSWD, PASSWORD
from tests.support.images import Image, build_image, build_index
from tests.support.logins import entry
from tests.support.plans import conversion_of, plan_of
from tests.support.registry import Registry, running_registry
from tests.support.tools import require_tool

pytestmark = pytest.mark.usefixtures("own_home")


def pushed(registry: Registry, image: Image, repository: str) -> str:
    """The reference by digest, with a tag beside it."""
    registry.push(image, repository, "1.2")
    return f"{registry.host}/{repository}:1.2@{image.digest}"


def some_image(name: str, compression: str = "gzip") -> Image:
    return build_image({"hello": name.encode()}, compression="zstd" if compression == "zstd" else "gzip")


def kind_at(reference: str) -> str:
    found = next(iter(resolve([parse_reference(reference)], SkopeoResolver(), frozenset()).values()))
    return found.media_type


def carried_out(plan: Plan, folder: Path, authfile: Path | None = None) -> tuple[ExitCode, list[Move]]:
    """The exit code, and what is to be re-pinned."""
    mapping = folder / "mapping.csv"
    code = carry_out(plan, Opening(authfile=authfile, timeout=20.0), frozenset(), mapping, 60.0)
    moves, problems = read_mapping(mapping.read_bytes().decode())
    assert not problems
    return code, moves


def test_copies_are_made_once_and_the_mapping_has_their_digests(
    registry: Registry, repository: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arm = build_image({"hello": b"arm"}, "linux/arm64")
    index = build_index([(some_image("one"), "linux/amd64"), (arm, "linux/arm64")])
    old = [
        pushed(registry, index, f"{repository}/index"),
        pushed(registry, some_image(repository, "zstd"), f"{repository}/zstd"),
        f"{registry.host}/{repository}/many@{registry.push(index, f'{repository}/many')}",
    ]
    plan = plan_of(
        (old[0], conversion_of(old[0])),
        (old[1], conversion_of(old[1], to=f"{registry.host}/moved", gzip=True)),
        (old[2], conversion_of(old[2], platform=Platform("linux", "arm64"))),
    )
    code, moves = carried_out(plan, tmp_path)
    first = capfd.readouterr().err
    assert code is ExitCode.CLEAN, first
    assert [str(move.old) for move in moves] == old
    news = [str(move.new) for move in moves]
    assert [kind_at(new) for new in news] == [mt.MANIFEST_LIST, mt.SCHEMA2, mt.SCHEMA2]
    assert news[0].startswith(f"{registry.host}/{repository}/index:1.2@sha256:")
    assert news[1].startswith(f"{registry.host}/moved/{repository}/zstd:1.2@sha256:")
    assert news[2].startswith(f"{registry.host}/{repository}/many@sha256:")
    assert [(move.files, move.wave) for move in moves] == [(("compose.yml",), 2)] * 3
    assert first.count("  made sha256:") == 3

    assert carried_out(plan, tmp_path) == (code, moves)
    assert capfd.readouterr().err.count("  already there sha256:") == 3


def test_what_has_the_name_already_is_left_and_the_others_are_made(
    registry: Registry, repository: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    taken, free = (pushed(registry, some_image(f"{repository} {n}"), f"{repository}/{n}") for n in "ab")
    plan = plan_of((taken, conversion_of(taken)), (free, conversion_of(free)))
    # Of the same form, but made of something else.
    other = build_image({"hello": b"other"}, kind="v2s2")
    place = conversion_of(taken).destination
    registry.push(other, place.repository, place.tag)
    code, moves = carried_out(plan, tmp_path)
    said = capfd.readouterr().err
    assert code is ExitCode.INCOMPLETE
    assert [str(move.old) for move in moves] == [free]
    assert "refused: something else has its name" in said
    assert "wrote 1 move to " in said
    assert "left out 1 whose new digest is not known" in said
    assert "neither its config nor its layers are those of the source" in said
    assert registry.digest_of(place.repository, place.tag or "") == other.digest


def test_a_form_that_the_registry_refuses_fails_alone(
    registry: Registry, repository: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    old = pushed(registry, some_image(repository), repository)
    with running_registry(tmp_path / "strict", require_tool("docker-registry"), schema1=False) as strict:
        plan = plan_of(
            (old, conversion_of(old, "v2s1", to=strict.host)), (old, conversion_of(old, "v2s2", to=strict.host))
        )
        code, moves = carried_out(plan, tmp_path)
        assert code is ExitCode.INCOMPLETE
        assert [kind_at(str(move.new)) for move in moves] == [mt.SCHEMA2]
    said = capfd.readouterr().err
    assert "failed: skopeo: " in said
    assert "500 Internal Server Error" in said
    made = plan_of((old, conversion_of(old, "v2s1")))
    assert carried_out(made, tmp_path)[0] is ExitCode.CLEAN


def wrapper(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A program that takes the place of skopeo, and may end with: exec $real "$@"."""
    folder.mkdir()
    program = folder / "skopeo"
    program.write_text(f"#!/bin/sh\nreal={require_tool('skopeo')}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_a_copy_that_silently_became_something_else_is_not_pinned(
    registry: Registry, repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """To a registry that stores schema 1 only, skopeo may push that instead: here it is told to."""
    old = pushed(registry, some_image(repository), repository)
    fall_back = 'for word; do shift; [ "$word" = v2s2 ] && word=v2s1; set -- "$@" "$word"; done; exec $real "$@"'
    wrapper(tmp_path / "bin", monkeypatch, fall_back)
    code, moves = carried_out(plan_of((old, conversion_of(old))), tmp_path)
    assert (code, moves) == (ExitCode.INCOMPLETE, [])
    said = capfd.readouterr().err
    assert "its form is schema 1 manifest instead of schema 2 manifest" in said
    assert "nothing is pinned to it" in said


def test_an_interrupt_leaves_what_is_done_and_its_mapping(
    registry: Registry, repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (pushed(registry, some_image(f"{repository} {n}"), f"{repository}/{n}") for n in "ab")
    plan = plan_of((one, conversion_of(one)), (two, conversion_of(two)))
    slow = f'case "$*" in *copy*{repository}/b*) echo $$ > {tmp_path}/pid; exec sleep 60;; esac; exec $real "$@"'
    with monkeypatch.context() as only_now:
        wrapper(tmp_path / "bin", only_now, slow)
        waiting = threading.Thread(target=_interrupt_once_there, args=(tmp_path / "pid",))
        waiting.start()
        code, moves = carried_out(plan, tmp_path)
        waiting.join()
    assert code is ExitCode.INTERRUPTED
    assert [str(move.old) for move in moves] == [one]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    code, moves = carried_out(plan, tmp_path)
    assert (code, [str(move.old) for move in moves]) == (ExitCode.CLEAN, [one, two])


def _interrupt_once_there(file: Path) -> None:
    waited = threading.Event()
    for _ in range(600):
        if file.exists() and file.read_text().endswith("\n"):
            break
        waited.wait(0.05)
    os.kill(os.getpid(), signal.SIGINT)


def test_source_and_destination_want_a_login(
    repository: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program, folder = require_tool("docker-registry"), tmp_path / "source"
    with running_registry(folder, program) as everybodys:
        image = some_image(repository)
        everybodys.push(image, repository)
    (folder / "htpasswd").write_text(HTPASSWD)
    guarded = {"auth": {"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}}
    with (
        running_registry(folder, program, settings=guarded) as source,
        running_registry(tmp_path / "target", program, settings=guarded) as target,
    ):
        old = f"{source.host}/{repository}@{image.digest}"
        plan = plan_of((old, conversion_of(old, to=f"{target.host}/old")))
        both, half = tmp_path / "both.json", tmp_path / "half.json"
        both.write_text(json.dumps({"auths": {host: entry("alice", PASSWORD) for host in (source.host, target.host)}}))
        half.write_text(json.dumps({"auths": {source.host: entry("alice", PASSWORD)}}))
        assert carried_out(plan, tmp_path, half) == (ExitCode.INCOMPLETE, [])
        assert "whether the destination is there already could not be asked" in capfd.readouterr().err
        code, moves = carried_out(plan, tmp_path, both)
    said = capfd.readouterr().err
    assert code is ExitCode.CLEAN, said
    assert len(moves) == 1
    assert PASSWORD not in said


def test_the_script_makes_the_same_copies_and_leaves_what_is_there(
    registry: Registry, repository: str, tmp_path: Path
) -> None:
    one = pushed(registry, some_image(f"{repository} one"), f"{repository}/one")
    two = pushed(registry, some_image(f"{repository} two", "zstd"), f"{repository}/two")
    plan = plan_of((one, conversion_of(one)), (two, conversion_of(two, gzip=True)))
    program = tmp_path / "copies.sh"
    program.write_text(script(plan))
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    for left in (0, 2):
        done = subprocess.run(["sh", program], env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("is there already and is left alone") == left
    assert [path.name for path in tmp_path.iterdir()] == ["copies.sh"]
    code, moves = carried_out(plan, tmp_path)
    assert code is ExitCode.CLEAN
    assert [kind_at(str(move.new)) for move in moves] == [mt.SCHEMA2, mt.SCHEMA2]


@pytest.mark.parametrize(
    ("words", "is_free"),
    [
        ("Requesting bearer token: invalid status code from registry 503 (Service Unavailable)", False),
        ("reading manifest 1 in r.example/app: received unexpected HTTP status: 503 Service Unavailable", False),
        ("(Mirrors also failed: [m.example/app:1: manifest unknown]): r.example/app:1: connection refused", False),
        ("manifest unknown: OCI manifest found, but accept header does not support OCI manifests", False),
        ("requested access to the resource is denied", False),
        ("reading manifest 1 in r.example/app: manifest unknown: manifest unknown", True),
        ("name unknown: repository name not known to registry", True),
    ],
)
def test_the_script_copies_only_to_what_is_clearly_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, *, is_free: bool
) -> None:
    old = f"r.example/app@sha256:{1:064x}"
    words = f'time="2026-11-29T10:00:00Z" level=fatal msg="Error parsing image name: {words}"'
    said = tmp_path / "said"
    said.write_text(words)
    wrapper(
        tmp_path / "bin", monkeypatch, f'[ "$1" = inspect ] || exec touch {tmp_path}/copied; cat {said} >&2; exit 1'
    )
    program = tmp_path / "copies.sh"
    program.write_text(script(plan_of((old, conversion_of(old)))))
    done = subprocess.run(["sh", program], capture_output=True, text=True, timeout=60, check=False)
    assert (tmp_path / "copied").exists() == is_free
    assert done.returncode == (0 if is_free else 3), done.stderr
    if not is_free:
        assert words in done.stderr
        assert "could not be asked, so nothing was copied to it" in done.stderr


def test_a_mapping_is_never_replaced_with_less(
    registry: Registry, repository: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one, gone = (pushed(registry, some_image(f"{repository} {n}"), f"{repository}/{n}") for n in "ab")
    with running_registry(tmp_path / "other", require_tool("docker-registry")) as other:
        both = plan_of((one, conversion_of(one)), (gone, conversion_of(gone, to=other.host)))
        code, moves = carried_out(both, tmp_path)
        assert (code, len(moves)) == (ExitCode.CLEAN, 2)
    # The copy cannot be asked for; and then there is no plan for the pin, because nobody could say what it is.
    for plan, code in ((both, ExitCode.INCOMPLETE), (plan_of((one, conversion_of(one))), ExitCode.CLEAN)):
        assert carried_out(plan, tmp_path) == (code, moves)
        assert "kept 1 move that " in capfd.readouterr().err


def test_a_copy_waits_for_the_upgrade_of_its_registry(
    registry: Registry, repository: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    now, later = (pushed(registry, some_image(f"{repository} {n}"), f"{repository}/{n}") for n in "ab")
    plan = plan_of((now, conversion_of(now)), (later, conversion_of(later, "v2s1", to=f"{registry.host}/old")))
    upgrade = Step(2, StepKind.REGISTRY_UPGRADE, (registry.host,), "distribution 2.2.1", "distribution 2.8.3", "target")
    first, second, *repins = plan.steps
    waits = replace(plan, steps=(first, upgrade, replace(second, wave=3), *(replace(r, wave=4) for r in repins)))
    code, moves = carried_out(waits, tmp_path)
    assert code is ExitCode.CLEAN
    assert [str(move.old) for move in moves] == [now]
    said = f"{registry.host}/old/{repository}/b:1.2-"
    assert capfd.readouterr().err.count(f"planner: {said}") == 1
    written = script(waits)
    assert f"# {said}" in written
    assert " waits for wave 2, in which " in written
    assert written.count("skopeo copy") == 1


def test_the_same_bytes_of_two_registries_share_a_copy(registry: Registry, repository: str, tmp_path: Path) -> None:
    image = some_image(repository)
    with running_registry(tmp_path / "other", require_tool("docker-registry")) as other:
        old = [pushed(each, image, repository) for each in (registry, other)]
        plan = plan_of(*((each, conversion_of(each, to=f"{registry.host}/kept")) for each in old))
        code, moves = carried_out(plan, tmp_path)
        assert code is ExitCode.CLEAN
        assert [str(move.old) for move in moves] == old
        assert len({move.new for move in moves}) == 1
    # Either of them is enough.
    assert carried_out(plan, tmp_path) == (code, moves)
