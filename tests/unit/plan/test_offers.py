"""What is offered for a finding holds for every host that it is about, and for all that these pull."""

from pathlib import Path

from planner.model.finding import Finding, Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from tests.cases.record import lab
from tests.support.lab_fleet import compose, pinned, reported

_HOST = '[[hosts]]\nname = "{}"\nengine = "docker 1.9.1"\ntarget = "docker 29.0.0"\nruns = {}\n'


def finding_of(report: Report, file: str, moment: Moment) -> Finding:
    (found,) = (f for f in report.findings if f.occurrence.file == file and f.moment is moment)
    return found


def test_a_version_is_offered_only_if_it_is_good_for_all_that_any_of_the_hosts_pulls(tmp_path: Path) -> None:
    """docker 1.12.3 pulls the list, and no more the unsigned image that only one of the two hosts runs."""
    files = {"list.yml": compose(pinned("mlist-s1s2")), "unsigned.yml": compose(pinned("s1-unsigned"))}
    recorded = lab("mlist-s1s2", "s1-unsigned")
    both = _HOST.format("a", ["list.yml"]) + _HOST.format("b", ["list.yml", "unsigned.yml"])
    found = finding_of(reported(tmp_path / "both", {**files, "planner.toml": both}, recorded), "list.yml", Moment.NOW)
    assert found.hosts == ("a", "b")
    assert not any("these hosts" in text for text in found.remedies)
    alone = _HOST.format("a", ["list.yml"])
    found = finding_of(reported(tmp_path / "alone", {**files, "planner.toml": alone}, recorded), "list.yml", Moment.NOW)
    assert found.remedies[0].startswith("Upgrade these hosts to docker 1.12.3, on the way to docker 29.0.0")


def test_a_copy_that_another_host_cannot_pull_is_not_offered_for_what_is_at_risk(tmp_path: Path) -> None:
    """docker 20.10 warns of schema 1, and docker 1.9.1 pulls nothing else."""
    host = '[[hosts]]\nname = "{}"\nengine = "docker {}"\n'
    files = {"compose.yml": compose(pinned("s1-signed"))}
    recorded = lab("s1-signed")
    both = host.format("new", "20.10.24") + host.format("old", "1.9.1")
    found = finding_of(
        reported(tmp_path / "both", {**files, "planner.toml": both}, recorded), "compose.yml", Moment.NOW
    )
    assert (found.hosts, found.verdict) == (("new",), Verdict.AT_RISK)
    assert not any("copy" in text for text in found.remedies)
    alone = host.format("new", "20.10.24")
    found = finding_of(
        reported(tmp_path / "alone", {**files, "planner.toml": alone}, recorded), "compose.yml", Moment.NOW
    )
    assert found.remedies[0].startswith("Make a copy as schema 2 and pin its digest: `skopeo copy")
