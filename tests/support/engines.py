"""Real engines, each with a daemon, a store and settings of its own below one folder. Independent of planner."""

import contextlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.tools import missing, require_tool

Command = Sequence[str | Path]

_START_SECONDS = 20.0
_PULL_SECONDS = 60.0
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

# The plugins would serve Kubernetes and create folders in /opt and /run. Where ctr leaves the pull to the daemon, the
# daemon must know with which snapshotter to unpack.
_CONTAINERD_SETTINGS = """\
version = 2
root = "{folder}/root"
state = "{folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]
[grpc]
address = "{folder}/containerd.sock"
[[plugins."io.containerd.transfer.v1.local".unpack_config]]
platform = "{platform}"
snapshotter = "native"
"""


@dataclass(frozen=True)
class Pulled:
    """How a pull ended, and all that the engine printed."""

    worked: bool
    said: str


@dataclass(frozen=True)
class Engine:
    """An engine that pulls from registries on loopback. `version` is as its own command prints it.

    `store` and `client` are what a user declares to planner; empty where the engine has no such choice.
    """

    name: str
    version: str
    command: Command
    variables: Mapping[str, str] = field(default_factory=dict)
    store: str = ""
    client: str = ""

    def pull(self, reference: str) -> Pulled:
        """Pull once, as an operator would on the command line."""
        done = subprocess.run(
            [*self.command, reference],
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PULL_SECONDS,
            check=False,
        )
        return Pulled(done.returncode == 0, done.stdout.decode(errors="replace"))


def architecture() -> str:
    """That of this machine, in the words of image manifests."""
    machine = platform.machine()
    return _ARCHITECTURES.get(machine) or missing(f"no images are built for {machine}, only for {[*_ARCHITECTURES]}")


@contextlib.contextmanager
def running_docker(folder: Path, daemon_json: str = "{}") -> Iterator[Engine]:
    """dockerd on a containerd of its own; it takes neither network settings nor the machine's daemon.json."""
    daemon, client, socket = require_tool("dockerd"), require_tool("docker"), f"unix://{folder}/docker.sock"
    settings, pid = folder / "daemon.json", folder / "docker.pid"
    settings.write_text(daemon_json)
    network: Command = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"]
    places: Command = ["--data-root", folder / "data", "--exec-root", folder / "exec", "--pidfile", pid]
    ask: Command = [client, "--config", folder, "--host", socket]
    ask_version: Command = [*ask, "version", "--format", "{{.Server.Version}}"]
    with _containerd(folder / "containerd") as containerd:
        own: Command = ["--host", socket, "--containerd", containerd, "--config-file", settings, *places]
        with _daemon([daemon, *own, *network, "--storage-driver=vfs"], folder, lambda: _runs(ask_version)):
            status = json.loads(_prints([*ask, "info", "--format", "{{json .DriverStatus}}"])) or []
            store = "containerd" if ["driver-type", "io.containerd.snapshotter.v1"] in status else "graphdriver"
            yield Engine("docker", _prints(ask_version), [*ask, "pull"], store=store)


@contextlib.contextmanager
def running_containerd(folder: Path) -> Iterator[Engine]:
    """containerd, asked by ctr."""
    with _containerd(folder) as socket:
        version = _prints([require_tool("containerd"), "--version"]).split()[2]
        pull: Command = [require_tool("ctr"), "--address", socket, "images", "pull"]
        yield Engine("containerd", version, [*pull, "--plain-http", "--snapshotter", "native"], client="ctr")


@contextlib.contextmanager
def running_podman(folder: Path) -> Iterator[Engine]:
    """podman, which has no daemon; it locks files here instead of memory that all podmen of the machine share."""
    podman = require_tool("podman")
    settings = folder / "containers.conf"
    settings.write_text(f'[engine]\nlock_type = "file"\ntmp_dir = "{folder}/tmp"\n')
    storage = folder / "storage.conf"
    storage.write_text(f'[storage]\ndriver = "vfs"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/graph"\n')
    variables = {"CONTAINERS_CONF": str(settings), "CONTAINERS_STORAGE_CONF": str(storage), "HOME": str(folder)}
    places: Command = ["--root", folder / "graph", "--runroot", folder / "run", "--storage-driver", "vfs"]
    version = _prints([podman, "--version"]).split()[-1]
    yield Engine("podman", version, [podman, *places, "pull", "--tls-verify=false"], variables)


@contextlib.contextmanager
def running_skopeo(folder: Path) -> Iterator[Engine]:
    """skopeo, which pulls by copying to a folder. Without --override it takes the platform of this machine."""
    skopeo = require_tool("skopeo")
    version = _prints([skopeo, "--version"]).split()[-1]
    # A script, since the reference is not the last argument of a copy.
    script = 'rm -rf "$0/copy"; exec "$1" --insecure-policy copy --src-tls-verify=false "docker://$2" "dir:$0/copy"'
    yield Engine("skopeo", version, ["sh", "-c", script, folder, skopeo], {"HOME": str(folder)})


_RUN: Mapping[str, Callable[[Path], AbstractContextManager[Engine]]] = {
    "docker": running_docker,
    "containerd": running_containerd,
    "podman": running_podman,
    "skopeo": running_skopeo,
}
ENGINES = tuple(_RUN)


@contextlib.contextmanager
def running_engine(name: str, folder: Path) -> Iterator[Engine]:
    """Run one of ENGINES with everything below `folder`, until the block ends. `folder` must be empty, its path short.

    The test is skipped, or fails in CI, where the engine or what it needs of the machine is missing.
    """
    _require_mounts(folder)
    try:
        with _RUN[name](folder) as engine:
            yield engine
    finally:
        _unmount_below(folder)


def _require_mounts(folder: Path) -> None:
    """Engines unpack layers as root, with mounts; many containers forbid these even to root."""
    if sys.platform != "linux" or os.geteuid() != 0:
        missing("engines pull on Linux, as root")
    if not _runs([require_tool("unshare"), "--mount", "mount", "--bind", folder, folder]):
        missing("this machine does not permit mounts, which engines need to unpack layers")


@contextlib.contextmanager
def _containerd(folder: Path) -> Iterator[Path]:
    """A containerd; its socket."""
    containerd, ctr, socket = require_tool("containerd"), require_tool("ctr"), folder / "containerd.sock"
    folder.mkdir(exist_ok=True)
    settings = folder / "config.toml"
    settings.write_text(_CONTAINERD_SETTINGS.format(folder=folder, platform=f"linux/{architecture()}"))
    with _daemon([containerd, "--config", settings], folder, lambda: _runs([ctr, "--address", socket, "version"])):
        yield socket


@contextlib.contextmanager
def _daemon(command: Command, folder: Path, answers: Callable[[], bool]) -> Iterator[None]:
    """Run a daemon until the block ends. One that does not start is missing: its log says for want of what."""
    with (folder / "daemon.log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                tail = (folder / "daemon.log").read_text(errors="replace")[-1000:]
                missing(f"{Path(command[0]).name} does not start on this machine; it says: …{tail}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _runs(command: Command) -> bool:
    quiet = subprocess.DEVNULL
    return subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=30, check=False).returncode == 0


def _prints(command: Command) -> str:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()


def _unmount_below(folder: Path) -> None:
    """Take away what a daemon left mounted; otherwise nobody could delete the folder."""
    table = Path("/proc/self/mounts")
    points = [line.split()[1] for line in table.read_text().splitlines()] if table.exists() else []
    for point in reversed([point for point in points if point.startswith(f"{folder}/")]):
        _runs(["umount", "--lazy", point])
