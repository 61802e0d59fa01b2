"""systemd units and their drop-ins: what the commands of `Exec...=` pull, with the variables that the unit sets.

Variables come from `Environment=`, and from files of `EnvironmentFile=` that are in the scanned folder. References in
other settings count by their spelling, but not in descriptions.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator

from planner.extract import scripts
from planner.extract.format import DIGEST, Example, Format, Found, Lookup, register
from planner.extract.shell_script import occurrences
from planner.extract.syntax.shell import expand
from planner.extract.syntax.shell_values import Known
from planner.extract.syntax.unit_lines import Setting, doubled, environment_file, pairs, settings
from planner.extract.written import Written
from planner.model.source import Indirect, SourceFile

_TEMPLATE = r"(?:\.(?:j2|jinja2?|tmpl|tpl|in|erb|template))?"
_KINDS = r"(?:service|socket|mount|timer|path|target|swap|slice|scope)"
_PATH = re.compile(rf"\.{_KINDS}{_TEMPLATE}$|\.{_KINDS}\.d/[^/]*\.conf{_TEMPLATE}$|(?:^|/)10-kubeadm\.conf$")
_SECTION = re.compile(r"^[ \t]*\[(?:Unit|Service|Install|Socket|Mount|Timer|Path)\]", re.MULTILINE)
_PREFIX = re.compile(r"[-@:+!|]*")
_COMMAND = re.compile(r"Exec[A-Z]\w*")
_WORDS = frozenset({"Description", "Documentation", "SyslogIdentifier", "Label", "Annotation"})
_SANDBOX = re.compile(r"--(pod-infra-container-image|pause-image)[= \t]+[\"']?(?=([^\s\"']+))")
_ROOT = re.compile(r"(?:^|/)(?:etc|usr|lib|run|opt|var)/")


def _claims(source: SourceFile) -> bool:
    return _PATH.search(source.path) is not None and _SECTION.search(source.text) is not None


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    every = list(settings(source))
    return occurrences(source, pulls(source, every, environment(source, every, lookup), tags), "systemd", tags)


def environment(source: SourceFile, every: Iterable[Setting], lookup: Lookup) -> dict[str, Written]:
    """The variables that a unit's commands are run with; files win over what the unit itself says."""
    own: dict[str, Written] = {}
    files: dict[str, Written] = {}
    for each in every:
        if each.section == "Service" and each.key == "Environment":
            own = own | pairs(each.value) if each.value.text else {}
        elif each.section == "Service" and each.key == "EnvironmentFile":
            read = (lookup(path) for path in _paths(source, each.value.text.lstrip("-")))
            files |= next((environment_file(file) for file in read if file), {})
    return own | files


def _paths(source: SourceFile, name: str) -> Iterator[str]:
    """Where a file of the host may stand in a repository: below a copy of its root, or beside the unit."""
    root = _ROOT.search(source.path)
    if root:
        yield source.path[: root.start()] + ("/" if source.path[: root.start()] else "") + name.lstrip("/")
    yield posixpath.join(posixpath.dirname(source.path), posixpath.basename(name))


def pulls(source: SourceFile, every: Iterable[Setting], known: Known, tags: bool) -> list[scripts.Pull]:
    """What the commands among a unit's settings pull, and what else names an image by its spelling."""
    return scripts.once(found for each in every for found in _of_setting(source, each, known, tags))


def _of_setting(source: SourceFile, each: Setting, known: Known, tags: bool) -> Iterator[scripts.Pull]:
    if each.key in _WORDS or each.key.startswith("X-"):
        return
    yield from sandboxes(expand(each.value, known))
    if _COMMAND.fullmatch(each.key):
        prefix = _PREFIX.match(each.value.text)
        command = each.value[prefix.end() if prefix else 0 :]
        yield from scripts.pulls(doubled(command), known, path=source.path, tags=tags)
    elif DIGEST.search(each.value.text):
        yield from scripts.mentioned(each.value, "unit.service", each.key)


def sandboxes(text: Written) -> Iterator[scripts.Pull]:
    """The images of pods themselves, which are options of the kubelet, of cri-dockerd and of k3s."""
    for found in _SANDBOX.finditer(text.text):
        yield scripts.Pull("command", found[1], text[found.start(2) : found.end(2)])


register(
    Format(
        name="systemd",
        title="systemd unit",
        files="*.service, *.socket, *.timer, *.mount and their drop-ins (*.service.d/*.conf)",
        example=Example(
            "app.service",
            "[Service]\nExecStart=/usr/bin/docker run --rm --name %n registry.example/app:1@sha256:…\nRestart=always\n",
        ),
        claims=_claims,
        extract=_extract,
        indirect=Indirect(rf".+\.service{_TEMPLATE}", frozenset(), r"(?m:^EnvironmentFile=)"),
    )
)
