"""What is offered for a finding holds for every host that it is about, and for all that these pull."""

from pathlib import Path

from planner.model.finding import Finding
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
