"""Files that cannot be written: the old one stays, the others are written, and the message says what to do."""

import json
import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner.errors import UsageError
from planner.files import write_file
from tests.support.command import PLANNER, Done, environment, run
from tests.unit.cli.recorded import BREAKS, RECORDED, write_inventory

OLD = "the report of last week\n"


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    return write_inventory(tmp_path / "infra", BREAKS)


def limited(size: int, *arguments: str | Path, home: Path) -> Done:
    """A run that may make no file larger than `size` bytes, as on a full disk."""
    done = subprocess.run(
        [PLANNER, *arguments],
        cwd=home,
        # Python would leave bytecode that ends where the limit is.
        env=environment(home, {"PYTHONDONTWRITEBYTECODE": "1"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def scan(infra: Path) -> tuple[str, ...]:
    return ("scan", "infra", "--no-cache", "--offline", f"infra/{RECORDED}")


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_does_not_fit_leaves_the_old_report_and_the_others_are_written(infra: Path, tmp_path: Path) -> None:
    old = tmp_path / "report.html"
    old.write_text(OLD)
    old.chmod(0o640)
    done = limited(10_000, *scan(infra), "-o", "report.html", "-o", "rows.csv", "-o", "new.html", home=tmp_path)
    assert done.code == 2
    assert (old.read_text(), old.stat().st_mode & 0o777) == (OLD, 0o640)
    assert names(tmp_path) == ["infra", "report.html", "rows.csv"]
    told = done.said.splitlines()
    assert "planner: wrote rows.csv" in told
    assert "planner: cannot write to report.html: File too large; the file that was there is unchanged; free some " in (
        done.said
    )
    assert told[-1] == (
        "planner: cannot write to new.html: File too large; free some space or name another file, and run again"
    )


def test_every_command_leaves_what_it_cannot_replace(infra: Path, tmp_path: Path) -> None:
    assert run(*scan(infra), "-o", "a.json", "-o", "before.csv", home=tmp_path).code == 1
    recorded = (infra / RECORDED).read_bytes()
    kept = {"fleet.json": OLD, "all.jsonl": recorded.decode()}
    for name, text in kept.items():
        (tmp_path / name).write_text(text)
    (infra / "planner.toml").unlink()
    before = names(tmp_path)
    for arguments in (
        ("merge", "a.json", "-o", "fleet.json"),
        ("diff", "a.json", "a.json", "--format", "json", "-o", "fleet.json"),
        ("merge", f"infra/{RECORDED}", "-o", "all.jsonl"),
        ("init", "infra"),
    ):
        done = limited(20, *arguments, home=tmp_path)
        assert done.code == 2, (arguments, done.said)
        assert "File too large" in done.said
        assert ("unchanged" in done.said) is (arguments[0] != "init")
    assert names(tmp_path) == before
    assert {name: (tmp_path / name).read_text() for name in kept} == kept
    assert not (infra / "planner.toml").exists()


def test_links_pipes_and_devices_are_written_through(infra: Path, tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "report.csv").symlink_to("published/report.csv")  # which is not there yet
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=subprocess.PIPE)
    outputs = {"report.csv": "csv", "pipe": "json", "/dev/stdout": "markdown", "/dev/null": "html"}
    flags = [word for path, name in outputs.items() for word in ("-o", path, "--format", name)]
    done = run(*scan(infra), *flags, home=tmp_path)
    text, _ = reader.communicate(timeout=30)
    assert done.code == 1, done.said
    assert json.loads(text)["summary"]["now"]["breaks"] == 1
    assert done.out.startswith("## planner")
    assert (tmp_path / "report.csv").is_symlink()
    assert "file,line,column" in (tmp_path / "published" / "report.csv").read_text()
    assert names(tmp_path / "published") == ["report.csv"]


def test_stdout_that_is_a_file_is_not_replaced_by_another_one(tmp_path: Path) -> None:
    target = tmp_path / "log"
    code = "import pathlib; from planner.files import write_file; write_file(pathlib.Path('/dev/stdout'), 'report')"
    with target.open("wb") as log:
        before = os.fstat(log.fileno()).st_ino
        subprocess.run([PLANNER.with_name("python"), "-c", code], stdout=log, check=True, timeout=60)
    assert (target.read_text(), target.stat().st_ino) == ("report", before)


SHELL_RUN = '(echo BEFORE; "$0" scan infra --no-cache --offline infra/registry.jsonl {}; echo AFTER)'


def shell(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", script.replace("registry.jsonl", RECORDED), str(PLANNER)]
    return subprocess.run(
        command, cwd=home, env=environment(home), capture_output=True, text=True, timeout=60, check=False
    )


def test_what_is_open_already_keeps_what_it_holds(infra: Path, tmp_path: Path) -> None:
    (tmp_path / "to").symlink_to("/dev/fd")
    (tmp_path / "link").symlink_to("to/1")
    (tmp_path / "log").write_text("old\n")
    flags = "--format csv -o link --format json -o /dev/fd/3 --format markdown -o /dev/stderr"
    shell(f"{SHELL_RUN.format(flags)} >>log 2>err 3>three", tmp_path)
    lines = (tmp_path / "log").read_text().splitlines()
    assert (lines[0], lines[1], lines[-1], len(lines)) == ("old", "BEFORE", "AFTER", 5)
    assert lines[2].startswith("file,line,column")
    assert json.loads((tmp_path / "three").read_text())["summary"]["now"]["breaks"] == 1
    err = (tmp_path / "err").read_text()
    assert err.startswith("## planner")
    assert err.endswith("planner: wrote /dev/fd/3, /dev/stderr\n")
    twice = run(*scan(infra), "--format", "json", "-o", "-", "--format", "csv", "-o", "/dev/stdout", home=tmp_path)
    assert (twice.code, twice.out) == (2, "")
    assert "-o - is given twice" in twice.said


def test_a_file_in_memory_is_a_file(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir():
        pytest.skip("this system has no /dev/shm to write to")
    file = memory / f"planner-{os.getpid()}"
    try:
        for text in (OLD, "new"):
            write_file(file, text)
            assert file.read_text() == text
    finally:
        file.unlink(missing_ok=True)


def test_closed_streams_change_no_exit_code(infra: Path, tmp_path: Path) -> None:
    script = '"$0" scan infra --no-cache --offline infra/registry.jsonl'
    done = shell(f"{script} 2>&-", tmp_path)
    assert (done.returncode, done.stdout[:18]) == (1, "1 pinned reference")
    done = shell(f"{script} >&- <&-", tmp_path)
    told = "planner: cannot write to stdout: it is closed; open it, or write to a file, and run again\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_a_report_in_a_file_needs_no_streams(infra: Path, tmp_path: Path) -> None:
    full = "2>/dev/full" if Path("/dev/full").exists() else "2>&-"
    done = shell(f'"$0" scan infra --no-cache --offline infra/registry.jsonl -o report.json >&- {full}', tmp_path)
    assert done.returncode == 1
    assert json.loads((tmp_path / "report.json").read_text())["summary"]["now"]["breaks"] == 1


def test_a_link_that_leads_to_itself_is_refused(infra: Path, tmp_path: Path) -> None:
    (tmp_path / "loop.html").symlink_to("loop.html")
    done = run(*scan(infra), "-o", "loop.html", home=tmp_path)
    assert (done.code, done.said) == (2, "planner: cannot write to loop.html: it is a link that leads to itself\n")


def test_a_file_that_may_not_be_written_is_not_replaced() -> None:
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:  # which others may enter, unlike pytest's
        file = Path(folder) / "report"
        file.write_text(OLD)
        file.chmod(0o444)
        Path(folder).chmod(0o777)
        os.seteuid(65534 if is_root else os.geteuid())
        try:
            with pytest.raises(
                UsageError, match="Permission denied; the file that was there is unchanged; make it and"
            ):
                write_file(file, "new")
        finally:
            if is_root:
                os.seteuid(0)
        assert (file.read_text(), names(file.parent)) == (OLD, ["report"])


def test_the_mode_stays_and_only_what_is_new_is_made(tmp_path: Path) -> None:
    file = tmp_path / "report"
    write_file(file, "one")
    mask = os.umask(0)
    os.umask(mask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~mask
    file.chmod(0o604)
    write_file(file, "two\r\n")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"two\r\n", 0o604)
    with pytest.raises(FileExistsError):
        write_file(file, "three", only_new=True)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=r"cannot write to .*/loop: Too many levels of symbolic links"):
        write_file(tmp_path / "loop", "")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_and_a_read_only_one_leave_what_they_hold(small: Path) -> None:
    old = small / "report.html"
    write_file(old, OLD)
    with pytest.raises(UsageError, match="No space left on device; the file that was there is unchanged; free some"):
        write_file(old, "x" * 100_000)
    with pytest.raises(UsageError, match=r"No space left on device; free some space or name another file, and run"):
        write_file(small / "new.html", "x" * 100_000)
    assert (old.read_text(), names(small)) == (OLD, ["report.html"])
    subprocess.run(["mount", "-o", "remount,ro", small], check=True)
    with pytest.raises(UsageError, match="Read-only file system; the file that was there is unchanged; make it and"):
        write_file(old, "new")
    assert old.read_text() == OLD


def test_a_file_that_is_mounted_is_written_into(small: Path) -> None:
    outside, inside = small / "outside", small / "inside"
    write_file(outside, OLD)
    write_file(inside, "")
    subprocess.run(["mount", "--bind", outside, inside], check=True)
    try:
        for text in ("new, and longer than the old one was\n", "short\n"):
            write_file(inside, text)
            assert outside.read_text() == text
        assert names(small) == ["inside", "outside"]
    finally:
        subprocess.run(["umount", inside], check=True)
