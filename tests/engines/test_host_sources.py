"""A real Docker says of itself what planner reads: its version, its platform and which store it has."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from planner.hosts import read_hosts
from planner.model.host import Host
from planner.model.source import SourceFile
from tests.support.engines import architecture, running_docker

_CONTAINERD_STORE = '{"features": {"containerd-snapshotter": true}}'


@pytest.mark.parametrize("daemon_json", ["{}", _CONTAINERD_STORE], ids=["default", "containerd-store"])
def test_docker_info_and_docker_version(daemon_json: str) -> None:
    # The paths of sockets are short.
    with tempfile.TemporaryDirectory() as short, running_docker(Path(short), daemon_json) as engine:
        printed = {
            word: subprocess.run(
                [*engine.command[:-1], word, "--format", "{{json .}}"], capture_output=True, check=True, text=True
            ).stdout
            for word in ("info", "version")
        }
    (info,) = read_hosts(SourceFile("docker.json", printed["info"]))
    assert isinstance(info, Host)
    assert (info.name, str(info.engine), info.store) == (os.uname().nodename, f"docker {engine.version}", engine.store)
    assert str(info.platform) == f"linux/{architecture()}"
    (version,) = read_hosts(SourceFile("web-01.json", printed["version"]))
    assert isinstance(version, Host)
    assert (version.name, version.engine, version.store) == ("web-01", info.engine, "")
    assert version.platform == info.platform
