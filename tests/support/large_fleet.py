"""A large fleet that could be real: 10,000 places in 500 files, 300 images, 200 hosts in 25 groups, its registry."""

import json
import random
from pathlib import Path

from planner.model.manifest import digest_of
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.snapshot import Key, snapshot_text
from tests.cases.record import RECORDED_AT, REGISTRY, lab, resolved

TEAMS, FILES, SERVICES, IMAGES, HOSTS = 50, 10, 20, 300, 8
# Kinds of real images, by how many of a hundred there are; and what cannot be asked, or is not there.
_KINDS = {
    "oci-index": 24,
    "oci-index-attest": 8,
    "mlist": 14,
    "s2-gzip": 20,
    "s1-signed": 8,
    "oci-gzip": 6,
    "oci-zstd": 3,
    "denied": 8,
    "unreachable": 6,
    "missing": 3,
}
_MOVES = (
    *(("docker 1.9.1", "docker 20.10.24"), ("docker 1.13.1", "docker 24.0.9"), ("docker 17.06.2-ce", "docker 28.5.2")),
    *(("docker 18.09.9", "docker 28.5.2"), ("docker 18.06.3-ce", "docker 27.5.1"), ("docker 19.03.2", "docker 27.5.1")),
    *(("docker 19.03.15", "docker 29.0.0"), ("docker 20.10.7", "docker 28.5.2"), ("docker 20.10.24", "docker 29.0.0")),
    *(("docker 23.0.6", "docker 29.0.0"), ("docker 24.0.9", "docker 29.0.0"), ("docker 25.0.5", "docker 29.1.3")),
    *(("docker 26.1.5", "docker 29.1.3"), ("docker 27.5.1", ""), ("docker 28.1.1", ""), ("docker 29.0.0", "")),
    *(("containerd 1.4.13", "containerd 2.1.4"), ("containerd 1.5.18", "containerd 2.0.5")),
    *(("containerd 1.6.24", "containerd 2.1.4"), ("containerd 1.7.22", "containerd 2.1.4")),
    *(("containerd 1.7.27", "containerd 2.2.1"), ("containerd 2.0.5", ""), ("podman 3.4.4", "podman 5.2.0")),
    *(("podman 4.9.3", "podman 5.4.2"), ("podman 1.6.4", "podman 4.9.3")),
)
_STATES = {"denied": State.DENIED, "unreachable": State.UNREACHABLE, "missing": State.MISSING}
_SAID = {
    "denied": "The registry asked for credentials (401): it could not be checked; log in and run again.",
    "unreachable": "The registry cannot be reached from here: it could not be checked; check its name and network.",
    "missing": "The registry says that it has no such manifest: every pull of it fails; push it again or re-pin.",
}


def write(folder: Path, *, shared: int = 4) -> Path:
    """The tree, `folder`/fleet, where each place is run by `shared` groups of hosts; returns its recorded registry."""
    chance = random.Random(10_000)
    answers: dict[Key, Answer] = {}
    images = [_image(number, chance, answers) for number in range(IMAGES)]
    for team in range(TEAMS):
        for number in range(FILES):
            _compose(
                folder / "fleet" / f"team-{team:02}" / f"service-{number}", team, chance.choices(images, k=SERVICES)
            )
    hosts = [_host(number, *move, shared) for number, move in enumerate(_MOVES)]
    # What two teams have agreed to live with until spring.
    accepted = [f'[[ignore]]\npath = "team-{team:02}/**"\nreason = "switched off in March"\n' for team in (7, 8)]
    (folder / "fleet" / "planner.toml").write_text("\n".join([*hosts, *accepted]))
    recorded = folder / "registry.jsonl"
    recorded.write_text(snapshot_text(answers, RECORDED_AT))
    return recorded


def _host(number: int, engine: str, target: str, shared: int) -> str:
    teams = sorted(
        {(number + step * 7 + place) % TEAMS for step in range(shared) for place in range(0, TEAMS, len(_MOVES))}
    )
    goal = f'target = "{target}"\n' if target else ""
    runs = json.dumps([f"team-{team:02}/**" for team in teams])
    name = f"{engine.partition(' ')[0]}-{number:02}-[1:{HOSTS}]"
    return f'[[hosts]]\nname = "{name}"\nengine = "{engine}"\n{goal}runs = {runs}\n'


def _image(number: int, chance: random.Random, answers: dict[Key, Answer]) -> str:
    """Add an image, under a digest and in a repository of its own; what to pin."""
    kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
    repository = f"{REGISTRY}/{('shop', 'billing', 'platform', 'data')[number % 4]}/app-{number:03}"
    if state := _STATES.get(kind):
        pinned = f"{repository}@{digest_of(str(number).encode())}"
        answers[Key(pinned)] = Answer(state, detail=_SAID[kind])
        return pinned
    (root, first), *others = lab(kind)().items()
    body = (first.body or b"") + b"\n" * (number + 1)
    # The digest of what is signed is that of what white space is no part of.
    pinned = f"{repository}@{root.digest if kind == 's1-signed' else digest_of(body)}"
    answers[Key(pinned)] = resolved(body, first.content_type)
    answers |= {Key(f"{repository}@{key.digest}", key.kind): answer for key, answer in others}
    return pinned


def _compose(folder: Path, team: int, images: list[str]) -> None:
    folder.mkdir(parents=True)
    services = "".join(f"  component-{team:02}-{n:02}:\n    image: {image}\n" for n, image in enumerate(images))
    (folder / "compose.yml").write_text(f"services:\n{services}")
