"""Hosts from `docker info` and `docker version`: one or many in a file, and what stands between them."""

import json

import pytest

from tests.support.host_files import docker_info, read

SNAPSHOTTER = ["driver-type", "io.containerd.snapshotter.v1"]
CLIENT = {"Version": "28.2.2", "Os": "linux", "Arch": "amd64"}


def version(server: object) -> str:
    return json.dumps({"Client": CLIENT, "Server": server})


def test_lines_of_several_hosts() -> None:
    text = docker_info("a", "29.0.0", SNAPSHOTTER, driver="overlayfs") + docker_info("b", "17.09.0-ce", arch="aarch64")
    hosts, problems = read("docker-info.jsonl", text)
    assert problems == []
    found = [(str(h.engine), h.store, str(h.platform), h.source) for h in hosts.values()]
    assert found == [
        ("docker 29.0.0", "containerd", "linux/amd64", "docker-info.jsonl:1"),
        ("docker 17.09.0-ce", "graphdriver", "linux/arm64", "docker-info.jsonl:2"),
    ]


def test_indented_ones_after_each_other_and_a_list_are_read_alike() -> None:
    one, other = (json.loads(docker_info(name, "24.0.7")) for name in "ab")
    after_each_other = json.dumps(one, indent=1) + json.dumps(other, indent=1)
    for text in (after_each_other, json.dumps([one, other])):
        hosts, problems = read("x.json", text)
        assert (list(hosts), problems) == (["a", "b"], [])


def test_what_ssh_says_in_between_costs_no_host() -> None:
    text = docker_info("a", "24.0.7") + "ssh: connect to host b port 22: timed out\n" + docker_info("c", "24.0.7")
    hosts, problems = read("x.jsonl", text)
    assert list(hosts) == ["a", "c"]
    assert [(problem.line, "reading went on at line 3" in problem.text) for problem in problems] == [(2, True)]


@pytest.mark.parametrize("noise", ["Warning: Permanently added 'web' to known hosts.", "[sudo] password for admin:"])
@pytest.mark.parametrize("name", ["n.jsonl", "n.txt", "n"])
def test_what_ssh_says_before_the_first_costs_no_host(name: str, noise: str) -> None:
    hosts, problems = read(name, f"{noise}\n{docker_info('a', '24.0.7')}{docker_info('b', '24.0.7')}")
    assert list(hosts) == ["a", "b"]
    assert [(problem.line, "reading went on at line 2" in problem.text) for problem in problems] == [(1, True)]


def test_docker_version_is_of_the_host_that_the_file_is_named_after() -> None:
    server = {"Version": "1.9.1", "ApiVersion": "1.21", "Os": "linux", "Arch": "amd64"}
    hosts, problems = read("web-01.json", version(server))
    assert problems == []
    assert (str(hosts["web-01"].engine), hosts["web-01"].store) == ("docker 1.9.1", "")
    hosts, problems = read("all.jsonl", f"{version(server)}\n{version(server)}\n")
    assert hosts == {}
    assert [problem.line for problem in problems] == [1, 2]
    assert "docker version does not say whose it is" in problems[0].text


def test_a_daemon_that_did_not_answer_is_no_host() -> None:
    down = {"ServerVersion": "", "Name": "", "ServerErrors": ["Cannot connect to the Docker daemon"]}
    for text in (json.dumps(down), version(None)):
        hosts, problems = read("x.json", text)
        assert (hosts, [problem.line for problem in problems]) == ({}, [1])
        assert "no version of a daemon" in problems[0].text
        assert "docker info --format" in problems[0].text
