"""What one edit changes is one pin, whoever runs it: otherwise a plan would judge less than a re-pin changes."""

from planner.assess.groups import group, runners
from planner.knowledge import load_knowledge
from planner.model.engine import parse_software
from planner.model.host import Host
from planner.model.occurrence import Occurrence
from planner.model.platform import Platform
from planner.model.reference import parse_reference
from planner.plan.fleet import Pin, fleet

KNOWLEDGE = load_knowledge()
DIGEST = f"sha256:{1:064x}"
ARM = Platform("linux", "arm64")
HOSTS = [
    Host("old", parse_software("docker 1.9.1"), runs=("old/**",)),
    Host("new", parse_software("docker 24.0.9"), runs=("new/**",)),
]


def occurrence(
    file: str, line: int, image: str, used_in: str | None = None, platform: Platform | None = None
) -> Occurrence:
    text = f"{image}@{DIGEST}"
    name = f"{used_in} {image} {line}"
    return Occurrence(file, line, 9, "compose", "service", name, text, parse_reference(text), platform, used_in)


def pins(*occurrences: Occurrence, real: dict[str, str] | None = None) -> tuple[Pin, ...]:
    groups = group(HOSTS, KNOWLEDGE)
    return fleet(occurrences, groups, runners(occurrences, HOSTS, groups), {}, real).pins


def test_one_reference_in_a_file_is_one_pin_whatever_its_tag_and_platform() -> None:
    found = [occurrence("new/a.yml", 1, "r.example/app:1", platform=ARM), occurrence("new/a.yml", 2, "r.example/app")]
    (pin,) = pins(*found)
    assert len(pin.occurrences) == 2
    assert pin.reference.tag is None
    ((_, ways),) = pin.users
    assert {(way.platform, way.is_tagged) for way in ways} == {(ARM, True), (None, False)}


def test_files_of_other_hosts_have_pins_of_their_own() -> None:
    old, new = pins(occurrence("old/a.yml", 1, "r.example/app"), occurrence("new/a.yml", 1, "r.example/app"))
    assert old.users != new.users


def test_a_link_is_the_file_that_it_leads_to() -> None:
    found = occurrence("old/a.yml", 1, "r.example/app"), occurrence("new/a.yml", 1, "r.example/app")
    (pin,) = pins(*found, real={"old/a.yml": "new/a.yml"})
    assert len(pin.users) == 2


def test_a_text_for_two_references_cannot_be_changed_alone() -> None:
    found = [occurrence(".env", 1, name, used_in="new/a.yml") for name in ("r.example/app", "other.example/app")]
    assert [pin.is_fixed for pin in pins(*found)] == [True, True]


def test_what_nobody_runs_is_changed_with_the_text_that_it_shares() -> None:
    found = [occurrence(".env", 1, "r.example/app", used_in=file) for file in ("new/a.yml", "dev/a.yml")]
    (pin,) = pins(*found)
    assert {each.used_in for each in pin.occurrences} == {"new/a.yml", "dev/a.yml"}
    assert len(pin.users) == 1


def test_what_nobody_runs_at_all_is_no_pin() -> None:
    assert not pins(occurrence("dev/a.yml", 1, "r.example/app"))
