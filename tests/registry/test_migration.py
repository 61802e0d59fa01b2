"""The founding case, carried out as its plan says: after every wave, what every host could pull it still can."""

import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import PLANNER, Done, environment, run, write_compose
from tests.support.engines import running_engine
from tests.support.images import build_image, build_index
from tests.support.registry import Registry, running_registry
from tests.support.repins import committed, files_of, git
from tests.support.tools import require_tool

# A pull: where it is written, and who pulls it.
Pulls = frozenset[tuple[str, int, str]]
Step = dict[str, Any]
_TARGETS = {
    "old-1": "docker 29.0.0",
    "old-2": "docker 29.0.0",
    "app": "docker 29.1.0",
    "runner": "docker 29.1.0",
    "node": "containerd 2.1.4",
}
_RUNS = {
    "old-1": ["legacy/**", "shared/**"],
    "old-2": ["legacy/**"],
    "app": ["app/**", "shared/**"],
    "runner": [".gitlab-ci.yml"],
    "node": ["k8s/**"],
}
_FORMS = {"terminal": ".txt", "html": ".html", "markdown": ".md", "json": ".json", "tickets": ".csv"}
_AT_FIRST = {
    "old-1": "docker 1.9.1",
    "old-2": "docker 1.9.1",
    "app": "docker 20.10.24",
    "runner": "docker 20.10.24",
    "node": "containerd 1.7.20",
}


@dataclass
class Fleet:
    """An inventory in a git repository, the registry that it pulls from, and what its hosts run at the moment."""

    folder: Path
    home: Path
    registry: Registry
    engines: dict[str, str] = field(default_factory=lambda: dict(_AT_FIRST))

    def planner(self, *arguments: str | Path) -> Done:
        return run(*arguments, home=self.home)

    def scan(self) -> Done:
        return self.planner("scan", self.folder, "--resolver", "http", "--format", "json", "--all")

    def plan(self) -> Any:
        """The plan as JSON; every other form is written beside it."""
        names = [f"plan{suffix}" for suffix in _FORMS.values()]
        files = [word for name in names for word in ("-o", str(self.home / name))]
        formats = [word for name in _FORMS for word in ("--format", name)]
        done = self.planner("plan", self.folder, *formats, *files)
        assert done.code == 0, done.said
        return json.loads((self.home / "plan.json").read_text())["plan"]

    def told(self) -> dict[str, str]:
        """The plan that was made last, in each of its forms."""
        return {name: (self.home / f"plan{suffix}").read_text() for name, suffix in _FORMS.items()}

    @property
    def mapping(self) -> Path:
        return self.home / "mapping.csv"

    def convert(self) -> Done:
        return self.planner("convert", self.folder, "--execute", "--map", self.mapping)

    def declare(self) -> None:
        """Write down what hosts run now, and let git have it."""
        hosts = (
            f'[[hosts]]\nname = "{name}"\nengine = "{engine}"\n'
            + ("" if engine == _TARGETS[name] else f'target = "{_TARGETS[name]}"\n')
            + f"runs = {json.dumps(_RUNS[name])}\n"
            for name, engine in self.engines.items()
        )
        registry = f'[[registries]]\nhost = "{self.registry.host}"\nsoftware = "distribution 2.8.2"\n'
        (self.folder / "planner.toml").write_text("\n".join([*hosts, registry]))

    def commit(self) -> None:
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "a wave")

    def stored(self) -> set[str]:
        """The names of all that the registry has."""
        return set(files_of(self.registry.directory / "storage"))


@dataclass(frozen=True)
class Moment:
    """What a scan and a plan say after a wave; `plan` is that of what is left."""

    wave: int
    scan: Done
    plan: Any

    @property
    def failing(self) -> Pulls:
        """The pulls that fail now or could not be checked."""
        return failing(self.scan.json, "now")


@dataclass(frozen=True)
class Migration:
    """The fleet at the end of its way, and every moment on it; the first is before any wave."""

    fleet: Fleet
    moments: list[Moment]
    told: dict[str, str]
    converted: list[Done]
    stored: list[set[str]]
    written: dict[str, bytes]
    applied: dict[str, bytes]

    @property
    def first(self) -> Any:
        """The plan that was followed."""
        return self.moments[0].plan


def failing(report: Any, moment: str) -> Pulls:
    places = {each["id"]: (each["file"], each["line"]) for each in report["occurrences"]}
    found = (each for each in report["findings"] if each["moment"] == moment)
    return frozenset(
        (*places[each["occurrence"]], host)
        for each in found
        if each["verdict"] in ("breaks", "unknown")
        for host in each["hosts"]
    )


def inventory(folder: Path, registry: Registry) -> None:
    """Files of four kinds; db and web are shared by hosts that have no engine in common."""
    host = registry.host

    def image(name: str) -> Any:
        return build_image({"hello": name.encode()})

    old = {name: f"{host}/shop/{name}@{registry.push_as(image(name), f'shop/{name}', 'v2s1')}" for name in _OLD}
    api = f"{host}/shop/api@{registry.push_as(image('api'), 'shop/api', 'v2s2')}"
    arm = build_image({"hello": b"arm"}, "linux/arm64")
    index = build_index([(image("proxy"), "linux/amd64"), (arm, "linux/arm64")])
    proxy = f"{host}/shop/proxy:1.25@{registry.push(index, 'shop/proxy', '1.25')}"
    web, digest = old["web"], old["web"].partition("@")[2]
    tagged = web.replace("@", ":1.4@")  # which Docker 1.9 could not read
    container = "- name: {}\n          image: '{}'\n        "
    texts = {
        "shared/compose.yml": f"services:\n  db:\n    image: {old['db']}  # of all\n    restart: always\n",
        "legacy/docker-compose.yml": f'services:\n  cron: {{image: "{old["cron"]}"}}\n  api:\n    image: {api}\n'
        f"  web:\n    image: {host}/shop/web@${{WEB}}\n",
        "legacy/.env": f"# moved by hand until now\r\nWEB={digest}\r\n",
        "app/compose.yml": f"services:\n  web: &web\n    image: {tagged}\n  again: *web\n  api:\n    image: {api}\n",
        "k8s/web.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
        f"      containers:\n        {container.format('web', web)}{container.format('proxy', proxy)}\n",
        ".gitlab-ci.yml": f"default:\n  image: {old['build']}\ntest:\n  services: ['{old['db']}']\n  script: [make]\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, newline="")


_OLD = ("db", "web", "cron", "build")


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migration]:
    """The plan is followed to its end, with the commands that it names."""
    require_tool("skopeo")
    home, program = tmp_path_factory.mktemp("home"), require_tool("docker-registry")
    with running_registry(tmp_path_factory.mktemp("registry"), program) as registry:
        fleet = Fleet(tmp_path_factory.mktemp("infra"), home, registry)
        inventory(fleet.folder, registry)
        fleet.declare()
        committed(fleet.folder)
        yield followed(fleet)


def followed(fleet: Fleet) -> Migration:
    first = Moment(0, fleet.scan(), fleet.plan())
    done = Migration(fleet, [first], fleet.told(), [], [fleet.stored()], {}, {})
    for wave in sorted({step["wave"] for step in done.first["steps"]}):
        steps = [step for step in done.first["steps"] if step["wave"] == wave]
        kinds = {step["kind"] for step in steps}
        if "convert" in kinds:
            for _ in range(2):
                done.converted.append(fleet.convert())
                done.stored.append(fleet.stored())
        for step in (step for step in steps if step["kind"] == "upgrade"):
            fleet.engines |= dict.fromkeys(step["hosts"], step["to"])
        fleet.declare()
        fleet.commit()
        if "repin" in kinds:
            repinned(fleet, wave, done)
        done.moments.append(Moment(wave, fleet.scan(), fleet.plan()))
    return done


def repinned(fleet: Fleet, wave: int, done: Migration) -> None:
    """By a diff for git and, in a clone, by planner itself."""
    clone = fleet.home / f"clone-{wave}"
    git(fleet.folder, "clone", "-q", fleet.folder, clone)
    written = fleet.planner("repin", clone, "--map", fleet.mapping, "--wave", str(wave), "--write")
    diff = fleet.planner("repin", fleet.folder, "--map", fleet.mapping, "--wave", str(wave))
    assert (written.code, diff.code) == (0, 0), written.said + diff.said
    git(fleet.folder, "apply", "--index", "-", stdin=diff.out.encode())
    fleet.commit()
    done.written.update(files_of(clone))
    done.applied.update(files_of(fleet.folder))


def changes(steps: Iterable[Step]) -> set[tuple[str, str]]:
    """What becomes what, of hosts and pins; of copies that are made nothing is left to do."""
    return {
        (who, step["to"])
        for step in steps
        if step["kind"] != "convert"
        for who in (step["hosts"] if step["kind"] == "upgrade" else [step["from"]])
    }


def test_the_plan_goes_by_a_bridge_for_the_oldest_hosts_alone(migration: Migration) -> None:
    steps = migration.first["steps"]
    assert migration.first["feasible"]
    assert {step["kind"] for step in steps} == {"convert", "upgrade", "repin"}
    bridged = {host for step in steps if step["bridge"] for host in step["hosts"]}
    assert bridged == {"old-1", "old-2"}
    copied = [step["conversion"]["source"].partition("@")[0].rpartition("/")[2] for step in steps if step["conversion"]]
    assert sorted(copied) == sorted(_OLD)


def test_every_form_of_the_plan_tells_all_of_it(migration: Migration) -> None:
    for name, text in migration.told.items():
        for host in _TARGETS:
            assert host in text or f"{host[:-1]}[" in text, f"{host} in {name}"
        for step in migration.first["steps"]:
            assert name == "terminal" or step["id"] in text, f"{step['id']} in {name}"
    bridge = next(step["to"] for step in migration.first["steps"] if step["bridge"]).removeprefix("docker ")
    assert f"docker 1.9.1 → {bridge} [bridge]" in migration.told["terminal"]


def test_no_wave_breaks_a_pull_that_worked(migration: Migration) -> None:
    before = migration.moments[0].failing
    # What was pushed by newer tools fails on Docker 1.9 from the beginning.
    assert {host for *_, host in before} == {"old-1", "old-2"}
    for moment in migration.moments[1:]:
        assert not moment.scan.json["problems"]
        assert moment.failing <= before, f"after wave {moment.wave}"
        before = moment.failing


def test_every_host_ends_at_its_target_and_pulls_everything(migration: Migration) -> None:
    last = migration.moments[-1]
    assert migration.fleet.engines == _TARGETS
    assert last.scan.code == 0
    assert {each["verdict"] for each in last.scan.json["findings"]} == {"pulls"}
    judged = {host for each in last.scan.json["findings"] for host in each["hosts"]}
    assert judged == set(_TARGETS)
    assert (last.plan["steps"], last.plan["blocked"], last.plan["feasible"]) == ([], [], True)


def test_the_upgrade_at_once_would_have_broken_pulls(migration: Migration) -> None:
    """Else nothing of this was worth a plan."""
    after = failing(migration.moments[0].scan.json, "after")
    assert {host for *_, host in after} == set(_TARGETS)


def test_what_is_left_after_each_wave_is_the_rest_of_the_first_plan(migration: Migration) -> None:
    waves = len({step["wave"] for step in migration.first["steps"]})
    for moment in migration.moments[1:]:
        rest = [step for step in migration.first["steps"] if step["wave"] > moment.wave]
        left = moment.plan["steps"]
        assert changes(left) == changes(rest), f"after wave {moment.wave}"
        assert len({step["wave"] for step in left}) <= waves


def test_copies_are_made_once(migration: Migration) -> None:
    (first, second), (before, once, twice) = migration.converted, migration.stored
    assert (first.code, second.code) == (0, 0), first.said + second.said
    assert first.said.count("  made sha256:") == second.said.count("  already there sha256:") == len(_OLD)
    assert before < once == twice


def test_a_diff_for_git_and_what_is_written_are_the_same(migration: Migration) -> None:
    assert migration.written == migration.applied
    assert re.fullmatch(rb"# moved by hand until now\r\nWEB=sha256:[0-9a-f]{64}\r\n", migration.applied["legacy/.env"])
    assert b"  # of all\n" in migration.applied["shared/compose.yml"]


def test_nothing_is_left_to_convert_or_to_repin(migration: Migration) -> None:
    fleet = migration.fleet
    again = fleet.planner("repin", fleet.folder, "--map", fleet.mapping, "--wave", "2")
    assert (again.code, again.out) == (4, "")
    other = fleet.home / "none.csv"
    done = fleet.planner("convert", fleet.folder, "--execute", "--map", other)
    assert done.code == 0
    assert "no copies" in done.said
    assert fleet.stored() == migration.stored[-1]


@pytest.mark.parametrize("name", ["docker", "containerd", "podman"])
def test_a_real_engine_pulls_what_is_pinned_in_the_end(migration: Migration, name: str) -> None:
    last = migration.moments[-1].scan.json["occurrences"]
    pins = sorted({f"{each['registry']}/{each['repository']}@{each['digest']}" for each in last})
    assert len(pins) == len(_OLD) + 2
    # The path of a socket holds 108 bytes at most, so none of pytest's own folders.
    with tempfile.TemporaryDirectory(prefix="planner-") as folder, running_engine(name, Path(folder)) as engine:
        for pin in pins:
            pulled = engine.pull(pin)
            assert pulled.worked, f"{engine.name} {engine.version}: {pulled.said}"


def test_an_interrupted_convert_says_so_and_goes_on(registry: Registry, repository: str, tmp_path: Path) -> None:
    """The search of the plan runs in the same process, before the copies."""
    pin = f"{registry.host}/{repository}@{registry.push_as(build_image({'hello': b'once'}), repository, 'v2s1')}"
    folder = write_compose(tmp_path / "infra", pin)
    (folder / "planner.toml").write_text(
        '[[hosts]]\nname = "a"\nengine = "docker 20.10.24"\ntarget = "docker 29.0.0"\n'
    )
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "skopeo"
    slow = f'case "$*" in *copy*) echo $$ > {tmp_path}/pid; exec sleep 60;; esac; exec {require_tool("skopeo")} "$@"'
    program.write_text(f"#!/bin/sh\n{slow}\n")
    program.chmod(0o755)
    command: list[str | Path] = [PLANNER, "convert", folder, "--execute", "--map", tmp_path / "mapping.csv"]
    path = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    planner = subprocess.Popen(command, env=environment(tmp_path, path), stderr=subprocess.PIPE, text=True)
    for _ in range(1200):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"):
            break
        time.sleep(0.05)
    planner.send_signal(signal.SIGINT)
    _, said = planner.communicate(timeout=60)
    assert planner.returncode == 130, said
    assert "interrupted; run the same command to go on" in said
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    again = run(*command[1:], home=tmp_path)
    assert again.code == 0, again.said
    assert "made sha256:" in again.said
