"""Hosts that are told where to ask: which answer counts, by digest and by tag, and what leads an engine on."""

from dataclasses import replace

import pytest

from planner.assess import assess, courses, decisive
from planner.model.engine import parse_software
from planner.model.finding import Finding
from planner.model.host import Host, Registry
from planner.model.occurrence import Occurrence
from planner.model.reference import Reference, parse_reference
from planner.model.report import asked
from planner.model.resolution import Resolution, State
from planner.model.route import Place, Route, Rule
from tests.oracle.images import load_images
from tests.support.knowledge import KNOWLEDGE

IMAGES = load_images()
# Mirror first, then the registry itself; and the mirror alone.
BOTH = Route(("a.conf",), (Rule("up.example/", (Place("mirror.example/hub/"), Place()), "a.conf, up"),))
WALLED = Route(("a.conf",), (Rule("up.example/", (Place("mirror.example/hub/"),), "a.conf, up"),))
NOWHERE = Route(("a.conf",), (Rule("up.example/", (), "a.conf, up"),))
UNKNOWN = Route(("a.conf",), (Rule("up.example/", (Place(unknown="elsewhere"), Place()), "a.conf, up"),))
Answer = State | str


def resolution(reference: Reference, answer: Answer, ref: str) -> Resolution:
    """An image of the oracle by its kind, or a state."""
    if isinstance(answer, State):
        return Resolution(asked(reference), answer)
    image = IMAGES[answer].by_tag if ref == "tag" else IMAGES[answer].by_digest
    return replace(image, reference=asked(reference))


def findings(  # noqa: PLR0913 - what is varied
    route: Route | None,
    mirror: Answer,
    up: Answer,
    *,
    ref: str = "digest",
    engine: str = "podman 5.2.0",
    registries: tuple[Registry, ...] = (),
) -> list[Finding]:
    """What a host meets that pulls the same digest, or the same tag, of a registry with a mirror."""
    kind = next((answer for answer in (mirror, up) if not isinstance(answer, State)), "s2-gzip")
    tail = ":t" if ref == "tag" else f"@{IMAGES[kind].by_digest.reference.digest}"
    reference = parse_reference(f"up.example/lab/app{tail}")
    at_mirror = parse_reference(f"mirror.example/hub/lab/app{tail}")
    occurrence = Occurrence("compose.yml", 3, 12, "compose", "service", "app", str(reference), reference)
    answers = ((at_mirror, mirror), (reference, up))
    resolutions = {asked(each): resolution(each, answer, ref) for each, answer in answers}
    host = Host("h", parse_software(engine), route=route)
    return list(assess([occurrence], resolutions, [host], registries, KNOWLEDGE).findings)


def met(found: list[Finding]) -> tuple[str, str]:
    if not found:
        return ("pulls", "")
    (finding,) = found
    return (finding.verdict, finding.outcome.cause)


LOST, DOWN, WRONG = State.MISSING, State.UNREACHABLE, State.MISMATCH


@pytest.mark.parametrize(
    ("route", "mirror", "up", "expected"),
    [
        (None, "s2-gzip", LOST, ("breaks", "digest-missing")),
        (BOTH, "s2-gzip", LOST, ("pulls", "")),
        (BOTH, LOST, "s2-gzip", ("pulls", "")),
        (BOTH, "s2-gzip", DOWN, ("pulls", "")),
        (BOTH, DOWN, "s2-gzip", ("pulls", "")),
        (BOTH, LOST, LOST, ("breaks", "digest-missing")),
        (BOTH, DOWN, LOST, ("unknown", "not-checked")),
        (BOTH, LOST, DOWN, ("unknown", "not-checked")),
        (BOTH, LOST, State.SERVER_ERROR, ("unknown", "not-checked")),
        (BOTH, WRONG, LOST, ("breaks", "digest-mismatch")),
        (BOTH, WRONG, "s2-gzip", ("unknown", "digest-mismatch")),
        (WALLED, "s2-gzip", LOST, ("pulls", "")),
        (WALLED, LOST, "s2-gzip", ("breaks", "not-mirrored")),
        (WALLED, DOWN, "s2-gzip", ("unknown", "not-checked")),
        (NOWHERE, "s2-gzip", "s2-gzip", ("breaks", "registry-blocked")),
        (UNKNOWN, LOST, LOST, ("unknown", "not-checked")),
        (UNKNOWN, LOST, "s2-gzip", ("pulls", "")),
    ],
)
def test_by_digest_whoever_has_it_serves_it(
    route: Route | None, mirror: Answer, up: Answer, expected: tuple[str, str]
) -> None:
    assert met(findings(route, mirror, up)) == expected


@pytest.mark.parametrize(
    ("route", "mirror", "up", "expected"),
    [
        (BOTH, "s2-gzip", LOST, ("pulls", "")),
        (BOTH, LOST, "s2-gzip", ("pulls", "")),
        (BOTH, LOST, LOST, ("breaks", "tag-missing")),
        (WALLED, LOST, "s2-gzip", ("breaks", "not-mirrored")),
        # The mirror may have another image under the tag.
        (BOTH, DOWN, "s2-gzip", ("unknown", "not-checked")),
        (UNKNOWN, LOST, "s2-gzip", ("unknown", "not-checked")),
        (BOTH, "s2-gzip", DOWN, ("pulls", "")),
        (BOTH, "helm", "s2-gzip", ("breaks", "artifact")),
        (BOTH, "s2-gzip", "helm", ("pulls", "")),
    ],
)
def test_by_tag_the_first_that_has_it_decides(
    route: Route, mirror: Answer, up: Answer, expected: tuple[str, str]
) -> None:
    assert met(findings(route, mirror, up, ref="tag")) == expected


OLD, NEW = (parse_software(f"distribution {version}") for version in ("2.8.3", "3.0.0"))


def test_a_registry_that_refuses_leads_on_to_the_next() -> None:
    refusing = (Registry("mirror.example", NEW),)
    assert met(findings(BOTH, "s1-signed", LOST)) == ("pulls", "")
    assert met(findings(BOTH, "s1-signed", "s1-signed", registries=refusing)) == ("pulls", "")
    assert met(findings(BOTH, "s1-signed", LOST, registries=refusing)) == ("breaks", "digest-missing")
    assert met(findings(BOTH, "s1-signed", DOWN, registries=refusing)) == ("unknown", "not-checked")
    assert met(findings(WALLED, "s1-signed", "s1-signed", registries=refusing)) == ("breaks", "registry-cannot-serve")
    everywhere = (*refusing, Registry("up.example", NEW))
    assert met(findings(BOTH, "s1-signed", "s1-signed", registries=everywhere)) == ("breaks", "registry-cannot-serve")


def test_the_rules_are_those_of_the_registry_that_is_asked() -> None:
    """By tag the mirror converts for a client too old to ask for schema 2; what the reference names is not asked."""
    converts, sends = (Registry("mirror.example", OLD),), (Registry("up.example", OLD),)
    old = "docker 1.9.1"
    assert met(findings(WALLED, "s2-gzip", LOST, ref="tag", engine=old, registries=converts)) == ("pulls", "")
    assert met(findings(WALLED, "s2-gzip", LOST, ref="tag", engine=old, registries=sends))[0] == "breaks"


def test_an_upgrade_of_the_mirror_is_judged_like_one_of_the_registry() -> None:
    upgrade = (Registry("mirror.example", OLD, NEW),)
    (after,) = findings(WALLED, "s1-signed", LOST, registries=upgrade)
    assert (after.moment, after.outcome.cause) == ("after", "registry-cannot-serve")
    assert findings(BOTH, "s1-signed", "s1-signed", registries=upgrade) == []


def test_parts_that_only_the_next_registry_has() -> None:
    """Some engines stay with the registry that had the index, some ask the next one for its image."""
    whole = IMAGES["oci-index-attest"].by_digest
    lost = tuple(replace(child, state=LOST, manifest=None, children=()) for child in whole.children)
    reference = parse_reference(f"up.example/lab/app@{whole.reference.digest}")
    at_mirror = parse_reference(f"mirror.example/hub/lab/app@{whole.reference.digest}")
    occurrence = Occurrence("compose.yml", 3, 12, "compose", "service", "app", str(reference), reference)
    host = Host("h", parse_software("podman 5.2.0"), route=BOTH)
    for up, expected in ((whole.children, "unknown"), (lost, "breaks")):
        answers = {
            asked(at_mirror): replace(whole, reference=at_mirror, children=lost),
            asked(reference): replace(whole, reference=reference, children=up),
        }
        (finding,) = assess([occurrence], answers, [host], (), KNOWLEDGE).findings
        assert (finding.verdict, finding.outcome.cause) == (expected, "child-missing")


def test_evidence_is_the_way_that_the_engine_goes() -> None:
    (finding,) = findings(BOTH, LOST, LOST)
    first, second, third, *_ = finding.outcome.evidence
    assert first.startswith("mirror.example/hub/lab/app@sha256:")
    assert second.startswith("up.example/lab/app@sha256:")
    assert third == "asked in this order, as the host is told by a.conf, up"


def test_a_retired_registry_is_no_matter_for_a_host_that_asks_a_mirror() -> None:
    reference = parse_reference(f"registry.centos.org/app@{IMAGES['s2-gzip'].by_digest.reference.digest}")
    at_mirror = replace(reference, registry="mirror.example", repository="app")
    occurrence = Occurrence("compose.yml", 3, 12, "compose", "service", "app", str(reference), reference)
    route = Route(("a.conf",), (Rule("registry.centos.org/", (Place("mirror.example/"),), "a.conf"),))
    engine = parse_software("podman 5.2.0")
    hosts = [Host("mirrored", engine, route=route), Host("plain", engine)]
    answers = {asked(at_mirror): resolution(at_mirror, "s2-gzip", "digest"), reference: Resolution(reference, DOWN)}
    found = assess([occurrence], answers, hosts, (), KNOWLEDGE).findings
    assert {(finding.hosts, finding.outcome.cause) for finding in found if finding.verdict == "breaks"} == {
        (("plain",), "retired-registry")
    }


def test_groups_differ_by_route() -> None:
    routes = {"a": BOTH, "b": None, "c": BOTH}
    hosts = [Host(name, parse_software("podman 5.2.0"), route=route) for name, route in routes.items()]
    groups = assess([], {}, hosts, (), KNOWLEDGE).groups
    assert [group.hosts for group in groups] == [("a", "c"), ("b",)]
    assert [group.route for group in groups] == [BOTH, None]


def test_what_is_asked_is_what_a_host_that_runs_the_file_asks() -> None:
    reference = parse_reference("up.example/app:1")
    here, there = (Occurrence(f"{n}/compose.yml", 3, 12, "compose", "service", n, "", reference) for n in "ab")
    engine = parse_software("podman 5.2.0")
    walled, plain = Host("w", engine, runs=("a/**",), route=WALLED), Host("p", engine, runs=("b/**",))

    def names(occurrences: list[Occurrence], hosts: list[Host]) -> list[str]:
        found = courses(occurrences, hosts)
        return [each.name for some in found.values() for course in some for each in course.questions()]

    assert names([here], [walled, plain]) == ["mirror.example/hub/app"]
    assert names([there], [walled, plain]) == ["up.example/app"]
    assert names([here, there], [walled, plain]) == ["mirror.example/hub/app", "up.example/app"]
    assert names([there], [walled]) == ["up.example/app"]  # nobody runs it
    assert names([here], []) == ["up.example/app"]


def test_which_answers_verdicts_hang_on() -> None:
    def of(tail: str, mirror: State, up: State) -> list[str]:
        reference = parse_reference(f"up.example/app{tail}")
        at_mirror = replace(reference, registry="mirror.example", repository="hub/app")
        occurrence = Occurrence("compose.yml", 3, 12, "compose", "service", "a", "", reference)
        found = courses([occurrence], [Host("h", parse_software("podman 5.2.0"), route=BOTH)])
        answers = {each: Resolution(each, state) for each, state in ((at_mirror, mirror), (reference, up))}
        return sorted(each.registry for each in decisive(found, answers))

    by_digest = f"@sha256:{1:064x}"
    assert of(by_digest, DOWN, State.RESOLVED) == ["up.example"]
    assert of(by_digest, State.RESOLVED, DOWN) == ["mirror.example"]
    assert of(by_digest, DOWN, LOST) == ["mirror.example", "up.example"]
    assert of(":1", DOWN, State.RESOLVED) == ["mirror.example", "up.example"]
    assert of(":1", State.RESOLVED, DOWN) == ["mirror.example"]
