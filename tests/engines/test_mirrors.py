"""Where planner says that an engine asks, held against where real engines ask: their own files, two real registries."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import DIGEST, run, write_compose
from tests.support.engines import running_containerd, running_docker
from tests.support.images import build_image
from tests.support.registry import Registry, running_registry
from tests.support.tools import require_tool

# {up} and {mirror} are the hosts of the registries; MIRROR keeps the images of up below hub/.
UP = '[[registry]]\nprefix = "up.example"\nlocation = "{up}"\ninsecure = true\n'
MIRROR = '[[registry.mirror]]\nlocation = "{mirror}/hub"\ninsecure = true\n'
BLOCK = '[[registry]]\nlocation = "up.example"\nblocked = true\n'

# By name: registries.conf, what is pulled, and whether a pull works. {moved} is at the mirror alone, {kept} at both,
# {only} at up alone, {lost} nowhere.
CONF = {
    "no-table": ("", "{up}/kept@{kept}", True),
    "location": (UP, "up.example/kept@{kept}", True),
    "mirror-has-it": (UP + MIRROR, "up.example/moved@{moved}", True),
    "mirror-lacks-it": (UP + MIRROR, "up.example/only@{only}", True),
    "nobody-has-it": (UP + MIRROR, "up.example/only@{lost}", False),
    "no-mirror": (UP, "up.example/moved@{moved}", False),
    "dead-mirror": (UP + MIRROR.replace("{mirror}", "127.0.0.1:1"), "up.example/kept@{kept}", True),
    "blocked": (BLOCK, "up.example/kept@{kept}", False),
    "blocked-mirror-has-it": (BLOCK + MIRROR, "up.example/moved@{moved}", True),
    "blocked-mirror-lacks-it": (BLOCK + MIRROR, "up.example/only@{only}", False),
    "blocked-led-elsewhere": (UP + "blocked = true\n", "up.example/kept@{kept}", True),
    "mirror-is-blocked": (
        UP + MIRROR + '[[registry]]\nlocation = "{mirror}"\nblocked = true\n', "up.example/moved@{moved}", False,
    ),
    "version-1": ('[registries.block]\nregistries = ["up.example"]\n', "up.example/kept@{kept}", False),
    "wildcard-block": ('[[registry]]\nprefix = "*.example"\nblocked = true\n', "up.example/kept@{kept}", False),
    "wildcard-location": (
        '[[registry]]\nprefix = "*.example"\nlocation = "{up}"\ninsecure = true\n', "a.up.example/kept@{kept}", True,
    ),
    "longest-prefix": (BLOCK + UP.replace("up.example", "up.example/kept").replace("{up}", "{up}/kept"),
                       "up.example/kept@{kept}", True),
    "port-after-prefix": (UP.replace("{up}", "127.0.0.1"), "up.example:{port}/kept@{kept}", True),
    "not-that-path": (BLOCK.replace("up.example", "{up}/kep"), "{up}/kept@{kept}", True),
    "tag-only": (UP + MIRROR + 'pull-from-mirror = "tag-only"\n', "up.example/moved@{moved}", False),
    "digest-only": (UP + MIRROR + 'pull-from-mirror = "digest-only"\n', "up.example/moved@{moved}", True),
    "digest-only-tag": (UP + MIRROR + 'pull-from-mirror = "digest-only"\n', "up.example/moved:v1", False),
    "by-digest-only-tag": (UP + "mirror-by-digest-only = true\n" + MIRROR, "up.example/moved:v1", False),
    "any-tag": (UP + MIRROR, "up.example/moved:v1", True),
}  # fmt: skip

# The same for hosts.toml; the folder is that of up, unless the name begins with "default".
TOML = {
    "empty": ("", "{up}/kept@{kept}", True),
    "mirror-has-it": ('[host."http://{mirror}/v2/hub"]\noverride_path = true\n', "{up}/moved@{moved}", True),
    "without-override": ('[host."http://{mirror}/v2/hub"]\n', "{up}/moved@{moved}", False),
    "mirror-lacks-it": ('[host."http://{mirror}"]\n', "{up}/only@{only}", True),
    "nobody-has-it": ('[host."http://{mirror}"]\n', "{up}/only@{lost}", False),
    "server-alone-lacks-it": ('server = "http://{mirror}"\n[host]\n', "{up}/only@{only}", False),
    "dead-mirror": ('[host."http://127.0.0.1:1"]\n', "{up}/only@{only}", True),
    "default": ('server = "http://{mirror}/v2/hub"\noverride_path = true\n[host]\n', "{up}/moved@{moved}", True),
    "default-lacks-it": ('server = "http://{mirror}"\n[host]\n', "{up}/only@{only}", False),
    "pull-alone-by-tag": (
        '[host."http://{mirror}/v2/hub"]\noverride_path = true\ncapabilities = ["pull"]\n', "{up}/moved:v1", False,
    ),
    "pull-alone-by-digest": (
        '[host."http://{mirror}/v2/hub"]\noverride_path = true\ncapabilities = ["pull"]\n', "{up}/moved@{moved}", True,
    ),
    "nobody-may-be-asked": ('server = "http://{up}"\ncapabilities = ["push"]\n[host]\n', "{up}/kept@{kept}", False),
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Two registries, and what the words in braces stand for."""

    words: Mapping[str, str]

    def filled(self, text: str) -> str:
        for word, value in self.words.items():
            text = text.replace(f"{{{word}}}", value)
        return text


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    require_tool("skopeo")
    program = require_tool("docker-registry")
    # containerd's socket is in this folder too, and its path must be short.
    with tempfile.TemporaryDirectory(prefix="planner-") as folder, ExitStack() as stack:
        up, mirror = (stack.enter_context(running_registry(Path(folder) / name, program)) for name in ("up", "mirror"))
        port = up.host.rpartition(":")[2]
        yield Pair({"up": up.host, "port": port, "mirror": mirror.host, "lost": DIGEST, **_pushed(up, mirror)})


def _pushed(up: Registry, mirror: Registry) -> dict[str, str]:
    moved, kept, only = (build_image({"hello": name.encode()}) for name in ("moved", "kept", "only"))
    mirror.push(moved, "hub/moved", "v1")
    mirror.push(kept, "hub/kept", "v1")
    mirror.push(moved, "library/moved", "v1")
    mirror.push(moved, "moved", "v1")
    up.push(kept, "kept", "v1")
    up.push(only, "only", "v1")
    return {"moved": moved.digest, "kept": kept.digest, "only": only.digest}


def predicted(pair: Pair, folder: Path, engine: str, cases: Mapping[str, tuple[str, str, bool]]) -> dict[str, str]:
    """The verdict by case: a host each, with its own files, that runs one compose file. `name` is what it declares."""
    hosts = ["include_tags = true\n"]
    for name, (text, reference, _) in cases.items():
        write_compose(folder / name, pair.filled(reference))
        config = write_config(pair, folder / name, name, text)
        hosts.append(
            f'[[hosts]]\nname = "{name}"\nengine = "{engine}"\nruns = ["{name}/**"]\n'
            f'registry_config = ["{config.relative_to(folder)}"]\n'
        )
    (folder / "planner.toml").write_text("".join(hosts))
    done = run("scan", folder, "--format", "json", "--all", home=folder, cwd=folder)
    return {host: found["verdict"] for found in done.json["findings"] for host in found["hosts"]}


def write_config(pair: Pair, folder: Path, name: str, text: str) -> Path:
    """registries.conf, daemon.json, or a certs.d with one hosts.toml."""
    plain = {"conf": "registries.conf", "json": "daemon.json"}.get(folder.parent.name)
    if plain:
        (folder / plain).write_text(pair.filled(text))
        return folder / plain
    own = folder / "certs.d" / ("_default" if name.startswith("default") else f"{pair.words['up'].replace(':', '_')}_")
    own.mkdir(parents=True)
    (own / "hosts.toml").write_text(pair.filled(text))
    return own.parent


def does(command: list[str | Path]) -> bool:
    variables = {**os.environ, "HOME": "/nonexistent"}
    quiet = subprocess.DEVNULL
    done = subprocess.run(command, env=variables, stdin=quiet, stdout=quiet, stderr=quiet, timeout=60, check=False)
    return done.returncode == 0


def test_registries_conf_as_skopeo_reads_it(pair: Pair, tmp_path: Path) -> None:
    folder = tmp_path / "conf"
    verdicts = predicted(pair, folder, "skopeo 1.9.3", CONF)
    for name, (_, reference, works) in CONF.items():
        conf = folder / name / "registries.conf"
        asked = f"docker://{pair.filled(reference)}"
        assert does(["skopeo", "--registries-conf", conf, "inspect", "--raw", *_plain(asked), asked]) is works, name
        assert (name, verdicts[name]) == (name, "pulls" if works else "breaks")


def _plain(asked: str) -> list[str | Path]:
    """What no table calls insecure is told so here."""
    return ["--tls-verify=false"] if asked.startswith("docker://127.") else []


def test_hosts_toml_as_containerd_reads_it(pair: Pair, tmp_path: Path) -> None:
    folder = tmp_path / "toml"
    verdicts = predicted(pair, folder, "containerd 1.7.27", TOML)
    with tempfile.TemporaryDirectory(prefix="planner-") as short, running_containerd(Path(short)) as containerd:
        fetch = [*containerd.command[:3], "content", "fetch"]
        for name, (_, reference, works) in TOML.items():
            hosts = folder / name / "certs.d"
            assert does([*fetch, "--hosts-dir", hosts, pair.filled(reference)]) is works, name
            assert (name, verdicts[name]) == (name, "pulls" if works else "breaks")


# The first mirror lacks it; mirrors are for Docker Hub alone.
MIRRORS = '{"registry-mirrors": ["http://{up}", "http://{mirror}/"]}'
JSON = {
    "hub": (MIRRORS, "docker.io/library/moved@{moved}", True),
    "short-name": (MIRRORS, "moved:v1", True),
    "elsewhere": (MIRRORS, "{up}/moved@{moved}", False),
}


def test_daemon_json_as_docker_reads_it(pair: Pair, tmp_path: Path) -> None:
    folder = tmp_path / "json"
    verdicts = predicted(pair, folder, "docker 20.10.24", JSON)
    with ExitStack() as stack:
        short = stack.enter_context(tempfile.TemporaryDirectory(prefix="planner-"))
        docker = stack.enter_context(running_docker(Path(short), pair.filled(MIRRORS)))
        for name, (_, reference, works) in JSON.items():
            assert docker.pull(pair.filled(reference)).worked is works, name
            assert (name, verdicts[name]) == (name, "pulls" if works else "breaks")
