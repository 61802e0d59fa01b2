"""planner repin on files that are hard to edit, in unclean work trees, and with maps that cannot be followed."""

import stat
import subprocess
from pathlib import Path

import pytest

from planner.model.plan import Move
from planner.model.reference import parse_reference
from planner.plan.pins.mapping import write_mapping
from planner.repin import Edited, write
from tests.support.command import Done, run, write_compose
from tests.support.repins import committed, files_of, git, shown

A, B, C = (f"sha256:{number:064x}" for number in (10, 11, 12))
LONG, LONGER = (f"sha512:{number:0128x}" for number in (13, 14))
NAME = "reg.example/team/app"


def mapping(folder: Path, *rows: Move | tuple[str, str]) -> Path:
    path = folder / "mapping.csv"
    moves = [r if isinstance(r, Move) else Move(parse_reference(r[0]), parse_reference(r[1]), "why") for r in rows]
    path.write_text(write_mapping(moves), newline="")
    return path


def one(folder: Path) -> Path:
    """The mapping of most tests: one image gets another digest."""
    return mapping(folder, (f"{NAME}@{A}", f"{NAME}@{B}"))


def repin(home: Path, tree: Path, *arguments: str | Path) -> Done:
    return run("repin", tree, "--map", home / "mapping.csv", *arguments, home=home)


def service(image: str = f"{NAME}@{A}", end: str = "\n") -> str:
    return f"# {A}{end}services:{end}  web:{end}    image: {image}{end}"


ODD = {
    "bom/compose.yml": b"\xef\xbb\xbf" + service().encode(),
    "crlf/compose.yml": service(end="\r\n").encode(),
    "no end/compose.yml": service().rstrip().encode(),
    "lone\rcr/compose.yml": service(f"'{NAME}@{A}' # a\r# b").encode(),
    "latin-1/compose.yml": service().encode() + "# Grüße\n".encode("latin-1"),
    "broken/compose.yml": b"# \xff\xfe\xe2\x82 \xf0\x9f\xef\xbf\xbd\n" + service().encode() + b"# \xc3",
    "utf-16/compose.yml": "\ufeff".encode("utf-16-le") + service(end="\r\n").encode("utf-16-le"),
    'quo"te\\d/compose.yml': service(f'"{NAME}@{A}"').encode(),
    "ünï 漢/compose.yml": ("# 漢字 ünï 🐳\n" + service()).encode(),
    "tab\tand\nline/compose.yml": service().encode(),
    "twice/run.sh": f"#!/bin/sh\ndocker run {NAME}@{A} && docker run {NAME}:1@{A} # {A}\n".encode(),
    "folded/compose.yml": f"services:\n  web:\n    image: >-\n      {NAME}@{A}\n".encode(),
    "escaped/compose.yml": (
        'services:\n  web:\n    image: "reg.example\\/team\\/app@' + A[:40] + "\\\n      " + A[40:] + '"\n'
    ).encode(),
    "anchor/compose.yml": (
        f"x-image: &image {NAME}@{A}\nservices:\n  a: {{image: *image}}\n  b: {{image: *image}}\n"
    ).encode(),
    "variable/.env": f"DIGEST={A}\nOTHER=1\n".encode(),
    "variable/compose.yml": f"services:\n  web:\n    image: {NAME}@${{DIGEST}}\n".encode(),
    "values/values.yaml": (
        f"image:\n  registry: reg.example\n  repository: team/app # our own\n  digest: '{A}'\nother: {A}\n"
    ).encode(),
    "hex/values.yaml": f"image:\n  repository: {NAME}\n  sha256: {A[7:]}\n".encode(),
    "kustomize/kustomization.yaml": f"images:\n- name: web\n  newName: {NAME}\n  digest: {A}\n".encode(),
    "docker/Dockerfile": f"ARG BASE={NAME}@{A}\nFROM ${{BASE}} AS build\nFROM $BASE\n".encode(),
    "many/run.sh": "".join(f"docker run {NAME}@{A}\n" + "#\n" * (n % 11) for n in range(40)).encode(),
}


def test_odd_files(tmp_path: Path) -> None:
    one(tmp_path)
    for tree in ("patched", "written"):
        for name, data in ODD.items():
            path = tmp_path / tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        committed(tmp_path / tree)
    patch = shown(tmp_path / "patched", tmp_path / "mapping.csv", tmp_path)
    git(tmp_path / "patched", "apply", "--whitespace=error", stdin=patch)
    done = repin(tmp_path, tmp_path / "written", "--write")
    assert done.code == 0, done.said
    assert files_of(tmp_path / "patched") == files_of(tmp_path / "written")
    changed = git(tmp_path / "written", "diff", "--name-only", "-z").decode().split("\0")[:-1]
    assert len(changed) == len(ODD) - 1, "the compose file with a variable stays"
    for name, data in files_of(tmp_path / "written").items():
        wide = "utf-16-le" if name.startswith("utf-16") else "utf-8"
        assert len(data) == len(ODD[name])
        assert data != ODD[name] or name == "variable/compose.yml"
        last = B[-1].encode(wide)
        places = [at for at, (old, new) in enumerate(zip(ODD[name], data, strict=True)) if old != new]
        assert {data[at : at + 1] for at in places} <= {last[:1]}
    comments = (tmp_path / "written" / "crlf" / "compose.yml").read_bytes().splitlines()[0]
    assert comments == f"# {A}".encode()
    assert git(tmp_path / "written", "diff") == git(tmp_path / "patched", "diff")


def test_the_diff_is_the_one_of_git(tmp_path: Path) -> None:
    one(tmp_path)
    for name, data in ODD.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    committed(tmp_path / "tree")
    patch = shown(tmp_path / "tree", tmp_path / "mapping.csv", tmp_path)
    repin(tmp_path, tmp_path / "tree", "--write")
    theirs = git(tmp_path / "tree", "diff", "--text", "--no-indent-heuristic", "--no-color")
    kept = [line for line in theirs.split(b"\n") if not line.startswith(b"index ")]
    # git names the function behind a hunk's numbers.
    assert [line.partition(b" @@")[0] for line in kept] == [line.partition(b" @@")[0] for line in patch.split(b"\n")]


def test_registry_repository_and_a_longer_digest(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write_compose(tree, f"nginx:1.27@{A}", f"{NAME}:2@{LONG} # {NAME}", f"docker.io/library/redis@{C}")
    (tree / "values.yaml").write_text(
        f"image:\n  registry: reg.example\n  repository: team/app\n  tag: '2'\n  digest: {LONG}\n"
    )
    mapping(
        tmp_path,
        (f"nginx@{A}", f"mirror.example:5000/hub/nginx@{B}"),
        (f"{NAME}@{LONG}", f"mirror.example/squad/app@{C}"),
        (f"redis@{C}", f"docker.io/bitnami/redis@{LONGER}"),
    )
    done = repin(tmp_path, tree, "--write")
    assert done.code == 0, done.said
    assert "no git work tree" in done.said
    images = [line.strip() for line in (tree / "compose.yml").read_text().splitlines() if "image" in line]
    assert images == [
        f"image: mirror.example:5000/hub/nginx:1.27@{B}",
        f"image: mirror.example/squad/app:2@{C} # {NAME}",
        f"image: docker.io/bitnami/redis@{LONGER}",
    ]
    assert (tree / "values.yaml").read_text() == (
        f"image:\n  registry: mirror.example\n  repository: squad/app\n  tag: '2'\n  digest: {C}\n"
    )
    again = repin(tmp_path, tree, "--write")
    assert (again.code, again.out) == (4, "")
    assert "nothing to edit" in again.said


def shared(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    for name in ("a", "b"):
        (tree / name).mkdir(parents=True)
        (tree / name / "compose.yml").write_text(
            f"services:\n  {name}:\n    image: {NAME}@${{DIGEST}}\n    env_file: ../shared.env\n"
        )
        (tree / name / ".env").symlink_to("../shared.env")
    (tree / "shared.env").write_text(f"DIGEST={A}\n")
    return tree


def test_a_shared_pin_is_refused(tmp_path: Path) -> None:
    tree = shared(tmp_path)
    old = parse_reference(f"{NAME}@{A}")
    rows = [Move(old, parse_reference(f"{NAME}@{d}"), "", (f"{n}/compose.yml",)) for n, d in (("a", B), ("b", C))]
    mapping(tmp_path, *rows)
    done = repin(tmp_path, tree, "--write")
    assert done.code == 3
    assert "shared pin" in done.said
    assert f"b/compose.yml:1 (service b), which is to become {NAME}@{C}" in done.said
    assert (tree / "shared.env").read_text() == f"DIGEST={A}\n"
    mapping(tmp_path, rows[0])
    assert "which is to stay" in repin(tmp_path, tree).said
    mapping(tmp_path, (f"{NAME}@{A}", f"{NAME}@{B}"))
    done = repin(tmp_path, tree, "--write")
    assert done.code == 0, done.said
    assert (tree / "shared.env").read_text() == f"DIGEST={B}\n"
    assert (tree / "a" / ".env").is_symlink()


def test_what_the_same_text_pulls_by_tag_stays(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write_compose(tree, f"${{REGISTRY}}/app@{A}", "${REGISTRY}/other:1")
    (tree / ".env").write_text("REGISTRY=reg.example\n")
    mapping(tmp_path, (f"reg.example/app@{A}", f"mirror.example/app@{A}"))
    done = repin(tmp_path, tree)
    assert (done.code, done.out) == (3, "")
    assert "service s2), which is to stay" in done.said


def test_links_modes_and_other_files_stay(tmp_path: Path) -> None:
    one(tmp_path)
    tree = write_compose(tmp_path / "tree", f"{NAME}@{A}")
    (tree / "compose.yml").rename(tree / "real.yml")
    (tree / "compose.yml").symlink_to("real.yml")
    (tree / "real.yml").chmod(0o640)
    outside = write_compose(tmp_path / "outside", f"{NAME}@{A}") / "compose.yml"
    (tree / "far").mkdir()
    (tree / "far" / "compose.yml").symlink_to(outside)
    before = outside.read_bytes()
    done = repin(tmp_path, tree, "--write")
    assert done.code == 3, "the link that leads out was not looked at"
    assert (tree / "compose.yml").is_symlink()
    assert stat.S_IMODE((tree / "real.yml").stat().st_mode) == 0o640
    assert B in (tree / "real.yml").read_text()
    assert outside.read_bytes() == before
    assert sorted(path.name for path in tree.iterdir()) == ["compose.yml", "far", "real.yml"]


@pytest.mark.parametrize("state", ["changed", "staged", "untracked"])
def test_a_dirty_file_is_refused(tmp_path: Path, state: str) -> None:
    one(tmp_path)
    tree = tmp_path / "tree"
    write_compose(tree / "clean", f"{NAME}@{A}")
    dirty = write_compose(tree / "dirty", f"{NAME}@{A}") / "compose.yml"
    if state == "untracked":
        committed(tree)
        git(tree, "rm", "-q", "--cached", "dirty/compose.yml")
        git(tree, "commit", "-qm", "without")
    else:
        committed(tree)
        dirty.write_text(dirty.read_text() + "# more\n")
        if state == "staged":
            git(tree, "add", "-A")
    before = dirty.read_bytes()
    done = repin(tmp_path, tree, "--write")
    assert done.code == 3
    assert "commit" in done.said
    assert "dirty/compose.yml:3:" in done.said
    assert dirty.read_bytes() == before
    assert B in (tree / "clean" / "compose.yml").read_text()
    assert A in repin(tmp_path, tree).out, "a diff may be made of any file"


def test_without_git_whether_a_file_is_dirty_is_unknown(tmp_path: Path) -> None:
    one(tmp_path)
    tree = committed(write_compose(tmp_path / "tree", f"{NAME}@{A}"))
    done = run("repin", tree, "--map", tmp_path / "mapping.csv", "--write", home=tmp_path, PATH="")
    assert done.code == 3
    assert "git cannot be run" in done.said
    assert B not in (tree / "compose.yml").read_text()


def test_the_diff_applies_at_the_top_of_the_work_tree(tmp_path: Path) -> None:
    one(tmp_path)
    write_compose(tmp_path / "tree" / "sub" / "infra", f"{NAME}@{A}")
    committed(tmp_path / "tree")
    done = repin(tmp_path, tmp_path / "tree" / "sub")
    assert done.out.startswith("diff --git a/sub/infra/compose.yml b/sub/infra/compose.yml\n")
    git(tmp_path / "tree", "apply", stdin=done.out.encode())
    assert B in (tmp_path / "tree" / "sub" / "infra" / "compose.yml").read_text()
    single = repin(tmp_path, tmp_path / "tree" / "sub" / "infra" / "compose.yml")
    assert (single.code, single.out) == (4, "")


def test_outside_of_git_the_diff_applies_at_the_path(tmp_path: Path) -> None:
    one(tmp_path)
    tree = write_compose(tmp_path / "tree", f"{NAME}@{A}")
    done = repin(tmp_path, tree)
    assert done.out.startswith("diff --git a/compose.yml b/compose.yml\n")
    subprocess.run(["git", "apply"], input=done.out, cwd=tree, text=True, check=True)
    assert B in (tree / "compose.yml").read_text()


def test_a_file_that_changes_after_it_was_read(tmp_path: Path) -> None:
    (tmp_path / "changed").write_bytes(b"newer")
    (tmp_path / "same").write_bytes(b"old")
    files = [Edited(tmp_path / name, b"old", b"new") for name in ("changed", "gone", "same")]
    failed = {path.name: why for path, why in write(files)}
    assert failed.keys() == {"changed", "gone"}
    assert "changed while planner read it" in failed["changed"]
    assert "No such file" in failed["gone"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"changed": b"newer", "same": b"new"}


def test_waves(tmp_path: Path) -> None:
    tree = write_compose(tmp_path / "tree", f"{NAME}@{A}")
    a, b, c = (parse_reference(f"{NAME}@{digest}") for digest in (A, B, C))
    mapping(tmp_path, Move(a, b, "", (), 1), Move(b, c, "", (), 3))
    done = repin(tmp_path, tree)
    assert (done.code, done.out) == (2, "")
    assert "several waves (1, 3)" in done.said
    assert "its waves: 1, 3" in repin(tmp_path, tree, "--wave", "2").said
    assert f"+    image: {NAME}@{B}" in repin(tmp_path, tree, "--wave", "1").out
    late = repin(tmp_path, tree, "--wave", "3")
    assert (late.code, late.out) == (4, "")
    assert f"neither {NAME}@{B} nor {NAME}@{C} stands" in late.said
    mapping(tmp_path, Move(a, b, ""), Move(b, c, ""))
    assert "give each row its wave" in repin(tmp_path, tree).said


def test_a_row_whose_file_has_neither_pin(tmp_path: Path) -> None:
    tree = write_compose(tmp_path / "tree", f"{NAME}@{A}")
    rows = [Move(parse_reference(f"{NAME}@{A}"), parse_reference(f"{NAME}@{B}"), "", ("elsewhere.yml",))]
    mapping(tmp_path, *rows)
    done = repin(tmp_path, tree)
    assert (done.code, done.out) == (3, "")
    assert "stands in elsewhere.yml" in done.said


def test_bad_maps(tmp_path: Path) -> None:
    tree = write_compose(tmp_path / "tree", f"{NAME}@{A}")
    path = one(tmp_path)
    path.write_text(path.read_text() + f"{NAME}:1,{NAME}@{B},,,\n", newline="")
    done = repin(tmp_path, tree)
    assert done.code == 3
    assert "mapping.csv:3: old_reference" in done.said
    assert B in done.out
    path.write_text("a,b\n")
    assert repin(tmp_path, tree).code == 2
    path.write_bytes(b"\xff\xfe")
    assert "not in UTF-8" in repin(tmp_path, tree).said
    path.unlink()
    assert "cannot read" in repin(tmp_path, tree).said


def test_the_mapping_itself_is_not_edited(tmp_path: Path) -> None:
    tree = write_compose(tmp_path / "tree", f"{NAME}@{A}")
    one(tree).rename(tree / "moves.csv")
    before = (tree / "moves.csv").read_bytes()
    done = run("repin", tree, "--map", tree / "moves.csv", "--write", home=tmp_path)
    assert done.code == 0, done.said
    assert (tree / "moves.csv").read_bytes() == before
    listed = run("scan", tree, "--no-resolve", "--format", "csv", home=tmp_path).out
    assert "moves.csv" not in listed


def test_a_pin_in_a_template_is_told(tmp_path: Path) -> None:
    one(tmp_path)
    tree = write_compose(tmp_path / "tree", f"{NAME}@{A}", f"${{UNSET}}/app@{A}")
    done = repin(tmp_path, tree)
    assert done.code == 3
    assert "compose.yml:5:" in done.said
    assert "was not edited" in done.said
    assert done.out.count("\n+") == 2, "the header and one line"
