"""plan, convert and repin say what to do next, and never that all is well where nothing was planned."""

import shlex
import shutil
from pathlib import Path

import pytest

from planner.model.plan import Move
from planner.model.reference import parse_reference
from planner.plan.pins.mapping import write_mapping
from tests.cases.record import CASES_FOLDER
from tests.support.command import DIGEST, run, write_compose
from tests.support.images import build_image
from tests.unit.cli.recorded import HELLO, NAME, RECORDED, SCHEMA2, write_inventory, write_recorded
from tests.unit.cli.test_stdin import pipe

OTHER = f"sha256:{2:064x}"
OCI = build_image(HELLO)
_TARGET = '\ntarget = "docker {}"\nruns'


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    """An OCI image whose host goes from a docker that pulls it to one that does not."""
    folder = write_inventory(tmp_path / "infra", ("docker 20.10.24", OCI))
    settings = folder / "planner.toml"
    settings.write_text(settings.read_text().replace("\nruns", _TARGET.format("1.13.1")))
    return folder


def moving(folder: Path, *waves: int) -> Path:
    """A mapping that moves one pin in each wave."""
    moves = [
        Move(parse_reference(f"r.example/app@{DIGEST}"), parse_reference(f"r.example/app@{OTHER}"), "it must", (), wave)
        for wave in waves
    ]
    (folder / "mapping.csv").write_text(write_mapping(moves), newline="")
    return folder / "mapping.csv"


def test_without_hosts_nothing_was_planned(tmp_path: Path) -> None:
    folder = write_compose(tmp_path / "in", f"{NAME}@{SCHEMA2.digest}")
    recorded = write_recorded(tmp_path / RECORDED, [SCHEMA2])
    done = run("plan", folder, "--offline", recorded, home=tmp_path)
    assert done.code == 4
    assert done.out.startswith("No host is declared, so that there is nobody to plan for")
    assert "Declare [[hosts]] with `engine` and `target` in planner.toml" in done.out
    assert "Nothing is to be done" not in done.out


def test_the_upgrade_of_a_registry_is_no_step_where_nobody_is_declared_to_pull_from_it(tmp_path: Path) -> None:
    folder = write_compose(tmp_path / "in", f"{NAME}@{SCHEMA2.digest}")
    registry = f'[[registries]]\nhost = "{NAME.split("/")[0]}"\nsoftware = "distribution 2.8.3"\n'
    (folder / "planner.toml").write_text(f'{registry}target = "distribution 3.0.0"\n')
    recorded = write_recorded(tmp_path / RECORDED, [SCHEMA2])
    done = run("plan", folder, "--offline", recorded, home=tmp_path)
    assert done.code == 4
    assert "Upgrade the registry" not in done.out
    assert "no step can be checked, that of a registry neither" in " ".join(done.out.split())


def test_settings_further_up_are_named(infra: Path) -> None:
    done = run("plan", infra / "h0", "--offline", infra / RECORDED, home=infra.parent)
    assert done.code == 4
    assert f"but {infra}/planner.toml is there; to use it: --config {infra}/planner.toml" in done.said


def test_without_images_there_is_nothing_to_plan(tmp_path: Path) -> None:
    done = run("plan", tmp_path, home=tmp_path)
    assert done.code == 4
    assert done.out.startswith("No pinned image was found")
    assert "there is nothing to plan" in done.said


def test_its_exit_codes_are_those_of_a_plan(tmp_path: Path) -> None:
    words = " ".join(run("plan", "--help", home=tmp_path).out.split())
    assert "1 something is blocked" in words
    assert "--fail-on" not in words


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("nonsense", "'nonsense' is no place for copies; write HOST or HOST/PREFIX, such as"),
        ("http://r.example/x", "'http://r.example/x' is no place for copies; write HOST or HOST/PREFIX, such as"),
        ("r.example/Kept", "'r.example/Kept' is no place for copies; write HOST or HOST/PREFIX, the prefix in lower"),
    ],
)
def test_a_place_that_is_none_is_named_as_it_was_written(tmp_path: Path, to: str, words: str) -> None:
    done = run("plan", tmp_path, "--to", to, home=tmp_path)
    assert done.code == 2
    assert words in done.said


def test_what_is_piped_in_can_be_planned(tmp_path: Path) -> None:
    write_inventory(tmp_path, ("docker 20.10.24", SCHEMA2))
    pod = f"apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: '{NAME}@{SCHEMA2.digest}'}}]}}\n"
    done = pipe(pod, "plan", "-", "--offline", RECORDED, "--stdin-name", "h0/pod.yaml", home=tmp_path)
    assert done.code == 0, done.said
    assert "docker 20.10.24 can go up to " in done.out


def test_a_mapping_that_waits_for_copies_says_so(infra: Path) -> None:
    mapping = infra.parent / "mapping.csv"
    flags = ("--format", "mapping", "-o", mapping, "--offline", infra / RECORDED)
    done = run("plan", infra, *flags, home=infra.parent)
    assert done.code == 0, done.said
    assert "1 re-pin waits for a copy and is not in the mapping; `planner convert --execute`" in done.said
    empty = run("repin", infra, "--map", mapping, home=infra.parent)
    assert empty.code == 2
    assert "has no rows: nothing is to be re-pinned, or the digests of copies are not known yet" in empty.said


def test_no_copies_are_needed(tmp_path: Path) -> None:
    folder = write_inventory(tmp_path / "in", ("docker 20.10.24", SCHEMA2))
    done = run("convert", folder, "--offline", folder / RECORDED, home=tmp_path)
    assert done.code == 0
    assert "the plan needs no copies of images" in done.said


def test_copies_that_nobody_could_look_for_are_not_none(infra: Path) -> None:
    (infra / RECORDED).write_text("")
    done = run("convert", infra, "--offline", infra / RECORDED, home=infra.parent)
    assert done.code == 3
    assert "what could not be checked may need copies as well" in done.said


@pytest.mark.parametrize("flags", [(), ("--wave", "2"), ("--write",)])
def test_a_later_wave_reminds_of_those_before_it(tmp_path: Path, flags: tuple[str, ...]) -> None:
    folder = write_compose(tmp_path / "in", f"r.example/app@{DIGEST}")
    done = run("repin", folder, "--map", moving(tmp_path, 2), *flags, home=tmp_path)
    assert done.code == 0, done.said
    assert "these are of wave 2 of the plan: every step before it has to be done first" in done.said
    if not flags:
        assert f"1 place in 1 file; to change them add --write, or pipe this to: git -C {folder} apply" in done.said


def test_the_first_wave_reminds_of_nothing(tmp_path: Path) -> None:
    folder = write_compose(tmp_path / "in", f"r.example/app@{DIGEST}")
    done = run("repin", folder, "--map", moving(tmp_path, 1), home=tmp_path)
    assert done.code == 0, done.said
    assert "of the plan" not in done.said


def test_references_by_tag_are_planned_for_on_demand(infra: Path) -> None:
    write_compose(infra / "h0", f"{NAME}:1.2")
    flags = (infra, "--offline", infra / RECORDED)
    without, with_tags = (run("plan", *flags, *more, home=infra.parent) for more in ((), ("--include-tags",)))
    assert (without.code, with_tags.code) == (4, 3)
    assert "there is nothing to plan" in without.said
    assert "1 step not proven" in with_tags.out


def test_the_plan_says_where_copies_go_and_where_they_cannot(infra: Path) -> None:
    flags = (infra, "--offline", infra / RECORDED)
    beside = run("plan", *flags, home=infra.parent)
    assert f"the right to push to {NAME}; --to REGISTRY/PREFIX puts them elsewhere" in beside.out
    for file in (infra / RECORDED, infra / "h0" / "compose.yml"):
        file.write_text(file.read_text().replace(NAME, "docker.io/library/app"))
    closed = run("plan", *flags, home=infra.parent)
    assert closed.code == 1
    assert "No copy was considered of docker.io/library/app" in closed.out
    told = run("plan", *flags, "--to", "r.example/kept", home=infra.parent)
    assert told.code == 0
    assert "push" not in told.out


def test_the_command_of_a_repin_can_be_copied(tmp_path: Path) -> None:
    shutil.copytree(CASES_FOLDER / "plan-platform-child", tmp_path, dirs_exist_ok=True)
    (tmp_path / "inventory").rename(tmp_path / "our infra")
    wanted = ("--format", "mapping", "--format", "json", "-o", "mapping.csv", "-o", "-")
    planned = run("plan", "our infra", "--offline", "registry.jsonl", "--no-cache", *wanted, home=tmp_path)
    (step,) = planned.json["plan"]["steps"]
    (command,) = step["commands"]
    old, new = (step[key].partition("@")[2] for key in ("from", "to"))
    before = (tmp_path / "our infra" / "compose.yml").read_text()
    done = run(*shlex.split(command)[1:], home=tmp_path)
    assert done.code == 0, done.said
    assert (tmp_path / "our infra" / "compose.yml").read_text() == before.replace(old, new) != before
