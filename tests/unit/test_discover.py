import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from planner.discover import Ahead, Tree, discover, look_ahead
from planner.discover.search import Wanted
from planner.model.source import Indirect, Problem, SourceFile

DIGEST = "sha256:" + "a" * 64
PINNED = f"image: app@{DIGEST}\n"


def put(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def paths(tree: Tree) -> list[str]:
    return [one.path for one in tree if isinstance(one, SourceFile)]


def problems(tree: Tree) -> list[tuple[str, str]]:
    return [(one.subject, one.kind) for one in tree if isinstance(one, Problem)]


def test_only_files_with_a_digest_are_handed_on_and_all_are_counted(tmp_path: Path) -> None:
    put(tmp_path, {"b.yaml": PINNED, "a/x.yaml": PINNED, "none.yaml": "image: app", ".github/w.yml": PINNED})
    put(tmp_path, {"long.txt": f"app@sha512:{'b' * 128}", "mid.txt": f"app@sha384:{'b' * 96}"})
    tree = discover(tmp_path)
    assert sorted(paths(tree)) == [".github/w.yml", "a/x.yaml", "b.yaml", "long.txt", "mid.txt"]
    assert tree.seen == 6


def test_a_single_file_has_its_name_for_a_path_and_may_look_beside_itself(tmp_path: Path) -> None:
    put(tmp_path, {"compose.yaml": PINNED, ".env": "A=1"})
    tree = discover(tmp_path / "compose.yaml")
    assert paths(tree) == ["compose.yaml"]
    assert tree.lookup(".env") == SourceFile(".env", "A=1")


def test_text_is_as_stored_without_byte_order_mark(tmp_path: Path) -> None:
    put(tmp_path, {"crlf": b"\xef\xbb\xbfa\r\n" + PINNED.encode()})
    assert list(discover(tmp_path)) == [SourceFile("crlf", "a\r\n" + PINNED)]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_with_byte_order_mark_are_read(tmp_path: Path, encoding: str) -> None:
    put(tmp_path, {"wide": ("\ufeffä " + PINNED).encode(encoding)})
    assert list(discover(tmp_path)) == [SourceFile("wide", "ä " + PINNED)]


def test_binary_files_are_skipped_without_a_word(tmp_path: Path) -> None:
    put(tmp_path, {"tool": b"\x7fELF\0\0" + PINNED.encode(), "big": b"\0" * 200_000 + PINNED.encode()})
    assert list(discover(tmp_path, max_bytes=100_000)) == []


def test_wrong_encoding_is_told_and_read_nevertheless(tmp_path: Path) -> None:
    put(tmp_path, {"latin": b"\n# \xe4\n" + PINNED.encode(), "no-digest": b"\xe4"})
    tree = discover(tmp_path)
    assert problems(tree) == [("latin", "wrong-encoding")]
    assert paths(tree) == ["latin"]
    assert next(one.line for one in tree if isinstance(one, Problem)) == 2


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 100_000])
def test_a_file_up_to_the_limit_is_read_whole(tmp_path: Path, size: int) -> None:
    put(tmp_path, {"file": "x" * (size - len(PINNED)) + PINNED})
    (source,) = discover(tmp_path, max_bytes=100_000)
    assert isinstance(source, SourceFile)
    assert len(source.text) == size


def test_a_larger_file_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path, {"file": PINNED + "x" * 100_000})
    assert problems(discover(tmp_path, max_bytes=100_000)) == [("file", "too-large")]


def test_ignore_files(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            ".gitignore": "*.log\nbuild/\n/top.txt\n!keep.log\n",
            ".plannerignore": "!wanted.log\nunwanted.txt\n",
            "a.log": PINNED,
            "keep.log": PINNED,
            "wanted.log": PINNED,
            "unwanted.txt": PINNED,
            "build/x": PINNED,
            "top.txt": PINNED,
            "sub/top.txt": PINNED,
            "sub/.gitignore": "!a.log\nonly-here\n",
            "sub/a.log": PINNED,
            "sub/only-here": PINNED,
            "other/only-here": PINNED,
            "other/build": PINNED,
        },
    )
    kept = ["keep.log", "wanted.log", "other/build", "other/only-here", "sub/a.log", "sub/top.txt"]
    assert paths(discover(tmp_path)) == kept


def test_git_s_own_folder_and_planner_toml_are_no_image_sources(tmp_path: Path) -> None:
    put(tmp_path, {".git/config": PINNED, "sub/.git": PINNED, "planner.toml": PINNED, "sub/planner.toml": PINNED})
    put(tmp_path, {"hosts.csv": PINNED})
    assert paths(discover(tmp_path, skip=[tmp_path / "hosts.csv"])) == ["sub/planner.toml"]


def test_links_are_followed_inside_the_tree_only_and_never_round_in_circles(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside", {"secret.yaml": PINNED})
    root = put(tmp_path / "root", {"real.yaml": PINNED, "shared/x.yaml": PINNED})
    (root / "link.yaml").symlink_to("real.yaml")
    (root / "out.yaml").symlink_to(outside / "secret.yaml")
    (root / "out").symlink_to(outside)
    (root / "dangling").symlink_to("nowhere")
    (root / "self").symlink_to("self")
    (root / "web").mkdir()
    (root / "web/shared").symlink_to("../shared")
    (root / "shared/up").symlink_to("..")
    (root / "shared/web").symlink_to("../web")
    found = paths(discover(root))
    assert set(found) == {"link.yaml", "real.yaml", "shared/x.yaml", "web/shared/x.yaml"}
    assert len(found) == 4


def test_lookup_stays_inside_the_tree(tmp_path: Path) -> None:
    put(tmp_path, {"secret": "x", "root/a/in": "y", "root/large": "z" * 101})
    (tmp_path / "root/link").symlink_to("../secret")
    tree = discover(tmp_path / "root", max_bytes=100)
    outside = ["../secret", "link", "a/../../secret", str(tmp_path / "secret"), "missing", "a", "large", "\0", ""]
    assert [tree.lookup(path) for path in outside] == [None] * len(outside)
    assert tree.lookup("a/../a/./in") == SourceFile("a/in", "y")


def test_special_files_are_not_opened_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert list(discover(tmp_path)) == []
    assert list(discover(tmp_path / "pipe")) == []


def test_what_cannot_be_read_is_a_problem_and_hides_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, {"a/closed.yaml": PINNED, "a/open.yaml": PINNED, "locked/x.yaml": PINNED})
    (tmp_path / "a/closed.yaml").chmod(0)
    (tmp_path / "locked").chmod(0)
    tmp_path.chmod(0o755)
    # A process of its own, since root reads everything; and root may have to give up being root for it.
    program = (
        "import os, sys; root = os.geteuid() == 0\n"
        "from pathlib import Path\n"
        "from planner.discover import discover\n"
        "from planner.model.source import Problem\n"
        "os.chroot(sys.argv[1]) if root else os.chdir(sys.argv[1])\n"
        "os.chdir('/') if root else None\n"
        "os.setuid(65534) if root else None\n"
        "for one in discover(Path('.')):\n"
        "    print(one.subject + ' ' + one.kind if isinstance(one, Problem) else one.path)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False)
    (tmp_path / "locked").chmod(0o755)
    assert done.stdout.splitlines() == ["a/closed.yaml unreadable", "a/open.yaml", "locked/ unreadable"], done.stderr


def test_a_folder_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    assert problems(discover(tmp_path / "gone")) == [("gone", "unreadable")]


def test_odd_file_names_become_printable(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"\xff\xe9.yaml")).write_text(PINNED)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    put(tmp_path, {"new\nline ä.yaml": PINNED})
    found = paths(discover(tmp_path))
    assert sorted(found) == ["\\xff\\xe9.yaml", "new\nline ä.yaml"]
    assert all(path.encode() for path in found)


def test_files_that_use_the_digest_of_another_are_handed_on(tmp_path: Path) -> None:
    uses = Indirect(names=r".*compose.*\.yaml", beside=frozenset({".env"}), words=r"\binclude:")
    plain = "image: ${IMAGE}"
    put(tmp_path, {"with/.env": f"A={DIGEST}", "with/compose.yaml": plain, "with/other.yaml": plain})
    put(tmp_path, {"without/.env": "A=1", "without/compose.yaml": plain, "names/compose.yaml": "include: [x]"})
    assert paths(discover(tmp_path, indirect=[uses])) == ["names/compose.yaml", "with/.env", "with/compose.yaml"]


def test_a_deep_tree_is_walked(tmp_path: Path) -> None:
    folder = tmp_path / "/".join(["d"] * 300)
    put(folder, {"x.yaml": PINNED})
    assert len(paths(discover(tmp_path))) == 1


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a*a*a*a*a*a*a*a*a*a*b", f"{'a' * 60}.yml"),
        ("*a*a*a*ab", "a" * 250),
        ("a*a*a*a/a*a*a*a/b", f"{'a' * 200}/{'a' * 200}/c"),
        ("**/a/**/a/**/a/**/a/**/a/**/a/**/b", "a/" * 200 + "c"),
        ("a**b**c**d", "abc" * 80),
    ],
)
def test_a_pattern_that_takes_for_ever_to_match_is_left_out_and_said(tmp_path: Path, pattern: str, path: str) -> None:
    put(tmp_path, {".gitignore": f"{pattern}\n*.log\n", path: PINNED, "x.log": PINNED})
    assert paths(discover(tmp_path)) == [path]
    assert problems(discover(tmp_path)) == [(".gitignore", "ignore-pattern")]


@pytest.mark.parametrize("pattern", ["*a*a*ab", "a*a/a*a*/b", "**/*a*a*ab/**", "**/a/**/a/**/a/**/b"])
def test_the_slowest_patterns_that_are_kept_are_quick(tmp_path: Path, pattern: str) -> None:
    path = f"{'a' * 120}/{'a' * 120}/" + "a/" * 100 + "a" * 250
    put(tmp_path, {".gitignore": f"{pattern}\n", path: PINNED})
    started = time.process_time()
    assert len(list(discover(tmp_path))) == 1
    assert time.process_time() - started < 5


def test_stars_that_cost_nothing_are_no_problem(tmp_path: Path) -> None:
    put(tmp_path, {".gitignore": "#*****************\n**/*.*/**\n*/*/*/*/*/x\n\\**.log\n", "a.yml": PINNED})
    assert list(discover(tmp_path)) == [SourceFile("a.yml", PINNED)]


def test_links_that_lead_out_are_not_followed_and_said(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    put(outside, {"compose.yml": PINNED, "program": b"\x7fELF"})
    put(root, {"own.yml": PINNED, ".gitignore": "ignored.yml\n"})
    for name, target in {
        "compose.yml": outside / "compose.yml",
        "shared": outside,
        "program": outside / "program",
        "ignored.yml": outside / "compose.yml",
        "gone.yml": outside / "gone.yml",
    }.items():
        (root / name).symlink_to(target)
    tree = discover(root)
    assert paths(tree) == ["own.yml"]
    assert problems(discover(root)) == [("compose.yml", "link-outside"), ("shared", "link-outside")]


def test_links_that_lead_out_may_be_ignored_and_are_not_named_without_end(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside", {"x.yaml": PINNED})
    root = put(tmp_path / "root", {".plannerignore": "out/\nb*.yaml\n"})
    (root / "out").symlink_to(outside)
    (root / ".github").symlink_to(outside)
    for name in (".gitlab-ci.yml", *(f"{letter}{number}.yaml" for letter in "ab" for number in range(40))):
        (root / name).symlink_to(outside / "x.yaml")
    tree = discover(root)
    for _ in range(2):
        found = [one for one in tree if isinstance(one, Problem)]
        assert {one.kind for one in found} == {"link-outside"}
        assert [one.subject for one in found][:3] == [".github", ".gitlab-ci.yml", "a0.yaml"]
        assert len(found) == 31
        assert found[-1].text.startswith("and 12 more")


def test_files_without_a_digest_are_taken_where_they_are_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("image: a:1")
    (tmp_path / "b.txt").write_text("b:1")
    (tmp_path / "c.txt").write_text(PINNED)
    (tmp_path / "d.yml").write_bytes(b"\0 image: d:1")
    (tmp_path / "e.yml").write_bytes(b"image: e:1 # \xe4")
    tree = discover(tmp_path, wanted=lambda source: source.path.endswith(".yml"))
    assert paths(tree) == ["a.yml", "c.txt", "e.yml"]
    assert problems(discover(tmp_path, wanted=lambda _: True)) == [("e.yml", "wrong-encoding")]
    assert problems(discover(tmp_path, wanted=lambda _: False)) == []


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """More than one part for each of two processes, with something of every kind in it."""
    for number in range(1500):
        folder = tmp_path / f"team-{number % 7}" / f"app-{number // 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file-{number}.yml").write_text(PINNED if number % 9 == 0 else "image: app\n")
    return put(
        tmp_path,
        {
            "team-1/.gitignore": "app-3/\n",
            "team-2/app-0/.env": PINNED,
            "team-2/app-0/compose.yaml": "image: ${IMAGE}",
            "team-6/app-9/latin": b"# \xe4\n" + PINNED.encode(),
            "team-6/too-large": PINNED + "x" * 200_000,
            "team-6/app-8/hosts.csv": PINNED,
        },
    )


def read_ahead(root: Path, ahead: Ahead, *, wanted: Wanted | None = None) -> tuple[list[SourceFile | Problem], int]:
    uses = Indirect(names=r".*compose.*\.yaml", beside=frozenset({".env"}), words=r"\binclude:")
    skip = [root / "team-6/app-8/hosts.csv"]
    tree = discover(root, indirect=[uses], max_bytes=100_000, skip=skip, wanted=wanted, ahead=ahead)
    found: dict[int, list[SourceFile | Problem]] = {}
    for turn, one in tree.by_turns():
        found.setdefault(turn, []).append(one)
    return [one for turn in sorted(found) for one in found[turn]], tree.seen


@pytest.mark.skipif(not Path("/proc").exists(), reason="two processes share the work on Linux only")
def test_two_processes_find_the_same_in_the_same_order(large: Path) -> None:
    alone = read_ahead(large, Ahead())
    with look_ahead(large) as ahead:
        assert ahead.child or len(os.sched_getaffinity(0)) == 1 or threading.active_count() > 1  # another test's server
        assert read_ahead(large, ahead) == alone
    assert not ahead.child
    with look_ahead(large) as ahead:
        assert read_ahead(large, ahead, wanted=format_names)[1] == alone[1]
    assert sum(isinstance(one, SourceFile) for one in alone[0]) > 100
    assert {one.kind for one in alone[0] if isinstance(one, Problem)} == {"too-large", "wrong-encoding"}


def format_names(source: SourceFile) -> bool:
    return source.path.endswith("7.yml")


def test_a_second_process_that_is_gone_takes_nothing_with_it(large: Path) -> None:
    alone = read_ahead(large, Ahead())
    with look_ahead(large) as ahead:
        if ahead.child:
            os.kill(ahead.child, signal.SIGKILL)
        assert read_ahead(large, ahead) == alone


def test_what_cannot_be_sent_is_looked_for_by_one_process(large: Path) -> None:
    alone = read_ahead(large, Ahead(), wanted=lambda _: True)
    with look_ahead(large) as ahead:
        assert read_ahead(large, ahead, wanted=lambda _: True) == alone


def test_a_program_with_threads_is_not_forked(tmp_path: Path) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert not look_ahead(tmp_path).child
    finally:
        done.set()
        thread.join()
