"""Every place of every format that the cases know is re-pinned, and nothing but what moves changes a byte."""

import shutil
from pathlib import Path

import pytest

from planner.model.reference import Reference
from planner.plan.pins.mapping import write_mapping
from planner.repin import Outcome, diff, diff_root, repin, write
from tests.support.command import run
from tests.support.repins import (
    committed,
    files_of,
    found_in,
    git,
    moves_of,
    only_digests_differ,
    other_digest,
    seen,
    shown,
)

CASES = Path(__file__).parents[3] / "cases"
FORMATS = sorted(path.name for path in CASES.glob("format-*"))
NOWHERE = Path("no-mapping.csv")


def repinned(reference: Reference) -> Reference:
    return Reference(reference.registry, reference.repository, None, other_digest(reference.digest or ""))


def mirrored(reference: Reference) -> Reference:
    return Reference("moved.example:5001", reference.repository, None, reference.digest)


def renamed(reference: Reference) -> Reference:
    name = reference.repository.rpartition("/")[2]
    return Reference("moved.example:5001", f"other/{name}-x", None, other_digest(reference.digest or ""))


def refused_places(outcome: Outcome) -> set[str]:
    """Where a pin was refused; not the files that say of themselves that they cannot be read."""
    told = [each for each in outcome.refused if "a digest that is to move stands there" not in each.why]
    return {f"{each.file}:{each.line}" for each in told}


@pytest.mark.parametrize("case", FORMATS)
def test_every_digest_is_edited_and_nothing_else(case: str, tmp_path: Path) -> None:
    folder = committed(shutil.copytree(CASES / case / "inventory", tmp_path / "tree"))
    found, before = found_in(folder), files_of(folder)
    moves = moves_of(found, repinned)
    outcome = repin(folder, moves, NOWHERE, write=True)
    assert len(outcome.places) == len(found)
    assert not refused_places(outcome)
    git(folder, "apply", stdin=diff(outcome.files, diff_root(folder)))
    after = files_of(folder)
    assert before.keys() == after.keys()
    assert all(only_digests_differ(before[name], after[name], moves) for name in before)
    assert seen(found_in(folder)) == seen(found, moves)
    again = repin(folder, moves, NOWHERE, write=False)
    assert (again.files, again.places) == ((), ())
    assert all(is_done for _, is_done in again.idle)


# What cannot be edited: names written as escapes, put together by a language, chosen by `name` of a Kustomization,
# shared with what stays, or that say which format a file is in.
MIRRORED = {
    "format-buildpacks": {"builder.toml:30"},  # registry.ex\u0061mple
    "format-cloud-build": {"other/by-content.yml:2"},  # known as Cloud Build by the registry
    "format-cloudformation": {"cdk.out/App.template.json:8"},  # ${AWS::AccountId}
    "format-concourse": {"ci/pipeline.yml:37", "ci/pipeline.yml:39"},  # the resource is pulled by tag as well
    "format-dockerfile": {"forms/Dockerfile.variables:13"},  # 'no'"de"
    "format-flux": {"clusters/production/kustomization.yaml:5"},
    "format-helm-values": {
        "charts/shop/values-production.yaml:2",
        "charts/shop/values.yaml:7",
        "charts/shop/values/europe.yaml:1",
    },
    "format-kustomize": {"base/kustomization.yaml:12", "base/kustomization.yaml:18"},
    "format-python-code": {"flows/deploy.py:30"},  # registry.ex\x61mple
    "format-shell-script": {"bin/choose:18", "bin/choose:21"},  # ${app%%:*} would cut off the port
    "format-skopeo-sync": {"mirror/plain.yaml:6", "sync.yaml:8", "sync.yaml:9"},
}


@pytest.mark.parametrize("case", FORMATS)
def test_every_registry_is_edited_or_refused_with_the_reason(case: str) -> None:
    folder = CASES / case / "inventory"
    found = found_in(folder)
    moves = moves_of(found, mirrored)
    outcome = repin(folder, moves, NOWHERE, write=False)
    assert refused_places(outcome) == MIRRORED.get(case, set())
    assert len(outcome.places) + len(MIRRORED.get(case, ())) == len(found)


def test_moved_names_are_read_at_their_new_place(tmp_path: Path) -> None:
    """The edits are those of one scan; here another one, of what was written, has to agree."""
    for case in FORMATS:
        folder = shutil.copytree(CASES / case / "inventory", tmp_path / case)
        before = found_in(folder)
        moves = moves_of(before, renamed)
        outcome = repin(folder, moves, NOWHERE, write=False)
        assert not list(write(outcome.files))
        new = {move.old.pinned: move.new.pinned for move in moves}
        places = {(each.file, each.line, each.name, each.reference.pinned) for each in outcome.places}
        expected = sorted(
            (each.file, each.line, new[each.reference.pinned])
            if (each.file, each.line, each.name, each.reference.pinned) in places
            else (each.file, each.line, each.reference.pinned)
            for each in before
        )
        # Two names for one place may have become one.
        assert set(expected) == {(each.file, each.line, each.reference.pinned) for each in found_in(folder)}, case


def test_all_formats_in_one_repository_by_diff_and_by_write(tmp_path: Path) -> None:
    """The real command, in two work trees of the same files."""
    for name in ("patched", "written"):
        for case in FORMATS:
            shutil.copytree(CASES / case / "inventory", tmp_path / name / "infra" / case)
        committed(tmp_path / name)
    before = files_of(tmp_path / "patched")
    moves = moves_of(found_in(tmp_path / "patched" / "infra"), repinned)
    mapping = tmp_path / "mapping.csv"
    mapping.write_text(write_mapping(moves), newline="")

    git(tmp_path / "patched", "apply", stdin=shown(tmp_path / "patched" / "infra", mapping, tmp_path))
    done = run("repin", "written/infra", "--map", mapping, "--write", home=tmp_path)
    assert done.code == 3, "two of the cases have broken files on purpose"
    assert done.out == ""

    after = files_of(tmp_path / "patched")
    assert after == files_of(tmp_path / "written")
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) > 250
    assert all(only_digests_differ(before[name], after[name], moves) for name in before)
    assert f"wrote {len(changed)} files" in done.said
