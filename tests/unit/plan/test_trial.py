"""Trials say of a closed registry what a scan says."""

from planner.assess.groups import group
from planner.knowledge import load_knowledge
from planner.model.engine import parse_software
from planner.model.finding import Verdict
from planner.model.host import Host
from planner.model.occurrence import Occurrence
from planner.model.reference import parse_reference
from planner.model.resolution import Resolution, State
from planner.plan.fleet import Way
from planner.plan.trial import Trials

KNOWLEDGE = load_knowledge()
(GROUP,) = group([Host("web", parse_software("docker 24.0.9"))], KNOWLEDGE)
DIGEST = f"sha256:{1:064x}"


def verdict(image: str, state: State) -> tuple[Verdict, str]:
    reference = parse_reference(f"{image}@{DIGEST}")
    occurrence = Occurrence("compose.yml", 3, 12, "compose", "service", "web", str(reference), reference)
    trials = Trials(KNOWLEDGE, [GROUP], {}, {reference: Resolution(reference, state)})
    outcome = trials.outcome(GROUP, occurrence, reference, Way(None, is_tagged=False), ())
    return outcome.verdict, outcome.cause


def test_a_closed_registry_that_says_nothing_breaks() -> None:
    assert verdict("registry.centos.org/app", State.UNREACHABLE) == (Verdict.BREAKS, "retired-registry")


def test_an_open_registry_that_says_nothing_is_unknown() -> None:
    assert verdict("registry.example/app", State.UNREACHABLE) == (Verdict.UNKNOWN, "not-checked")


def test_the_same_image_at_both_is_not_the_same_to_pull() -> None:
    references = [parse_reference(f"{host}/app@{DIGEST}") for host in ("registry.centos.org", "registry.example")]
    trials = Trials(KNOWLEDGE, [GROUP], {}, {each: Resolution(each, State.UNREACHABLE) for each in references})
    closed, opened = (trials.key(each, routed=False) for each in references)
    assert closed != opened
