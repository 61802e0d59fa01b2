"""Hosts from what Docker says of itself: `docker info` or `docker version` as JSON, of one host or of many."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from planner.hosts.source import HostSource, register
from planner.hosts.table import declared, row_problem
from planner.hosts.tree import Table, Value, json_values, table, text
from planner.model.host import Host
from planner.model.source import Problem, SourceFile

_SAYS_DOCKER = re.compile(r'"(?:ServerVersion|ServerErrors|Server|Client)"\s*:')
# A value of JSON, at the beginning or after what ssh says.
_JSON = re.compile(r"(?:\A\ufeff?\s*|^)[{\[]", re.MULTILINE)
# moby@v25.0.0:daemon/containerd/service.go: what `docker info` has in DriverStatus with the containerd image store.
_CONTAINERD_STORE = "io.containerd.snapshotter.v1"
_ASK = "ask a running daemon: docker info --format '{{json .}}'"


def claims(source: SourceFile) -> bool:
    """JSON with a member that only Docker's own output has."""
    return bool(_JSON.search(source.text) and _SAYS_DOCKER.search(source.text))


def read(source: SourceFile) -> Iterator[Host | Problem]:
    """A host for each answer of a daemon; a Problem for each that tells no version, or not whose it is."""
    answers: list[Table] = []
    for document in json_values(source):
        if isinstance(document, Problem):
            yield document
        else:
            answers += map(table, document if isinstance(document, list) else [document])
    # `docker version` does not tell the host's name. The file's can stand for it, if it is about one.
    name = PurePosixPath(source.path).stem if len(answers) == 1 else ""
    for answer in answers:
        yield from _host(source, answer, name)


def _host(source: SourceFile, answer: Table, name: str) -> Iterator[Host | Problem]:
    server = table(answer, "Server")
    version = text(answer, "ServerVersion") or text(server, "Version")
    if not version:
        yield row_problem(source.path, answer.line, f"it has no version of a daemon{_said(answer)}; {_ASK}")
        return
    system = text(answer, "OSType") or text(server, "Os")
    architecture = text(answer, "Architecture") or text(server, "Arch")
    if not text(answer, "Name") and not name:
        why = "docker version does not say whose it is: take docker info, or one file for each host, named as the host"
        yield row_problem(source.path, answer.line, why)
        return
    words = {"name": text(answer, "Name") or name, "engine": f"docker {version}", "store": _store(answer)}
    if system and architecture:
        words["platform"] = f"{system}/{architecture}"
    yield declared(words, source.path, answer.line)


def _store(answer: Table) -> str:
    """Empty where the answer does not tell, as that of `docker version` never does."""
    if not text(answer, "Driver"):
        return ""
    status: Value = answer.get("DriverStatus")
    pairs = status if isinstance(status, list) else []
    return "containerd" if ["driver-type", _CONTAINERD_STORE] in pairs else "graphdriver"


def _said(answer: Table) -> str:
    errors = answer.get("ServerErrors")
    first = next((each for each in errors if isinstance(each, str)), "") if isinstance(errors, list) else ""
    return f" ({first[:200]})" if first else ""


register(HostSource("docker", "what docker info or docker version print with --format json", claims, read))
