"""Change tickets: what each row says, that its id lasts, and that each importer can read its file."""

import csv
import io
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from planner.errors import UsageError
from planner.knowledge.tickets import ColumnTable, ticket_profiles
from planner.model.finding import Verdict
from planner.model.host import Host
from planner.model.moment import Moment
from planner.model.plan import Blocked, Plan, Step
from planner.model.report import Report
from planner.model.ticket import HOLDS, Kind, Level, Ticket
from planner.report import PLAN_FORMATS, Options
from planner.report.plan.words import PLAN_AGAIN
from planner.report.ticket.text import tickets
from planner.report.tickets import delimiter, known_profile, neutralised
from tests.support.plan_example import (
    BILL,
    BILLING,
    BLOCKED,
    BRIDGE,
    CANARY,
    CONVERT,
    LEDGER,
    OLD,
    PLAN,
    PLANNED,
    REGISTRY_STEP,
    REPIN,
    REST,
    SHOP_NEW,
    SHOP_REPIN,
    SWITCH,
    WEB,
    WORKER,
    pull,
    upgrade,
)
from tests.support.report_example import CLEAN, FORMULA, REGISTRY

GOLDEN = Path(__file__).parent / "golden"
SERVICENOW = re.findall(
    r"\w+",
    "short_description description type category priority impact risk cmdb_ci business_service assignment_group "
    "assigned_to requested_by start_date end_date justification implementation_plan risk_impact_analysis backout_plan "
    "test_plan correlation_id",
)
PROFILES = sorted(ticket_profiles())


def planned(*steps: Step, blocked: tuple[Blocked, ...] = ()) -> Report:
    return replace(PLANNED, plan=Plan(feasible=not blocked, steps=steps, blocked=blocked))


def text(report: Report = PLANNED, profile: str = "generic", separator: str = ",", *, bom: bool = False) -> str:
    return PLAN_FORMATS["tickets"].render(report, Options(profile=profile, delimiter=separator, bom=bom))


def rows(report: Report = PLANNED, profile: str = "generic") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(report, profile), newline="")))


def ticket(*steps: Step) -> Ticket:
    (made,) = tickets(planned(*steps))
    return made


def ids(report: Report) -> dict[str, str]:
    """The correlation id of each ticket by its title."""
    return {made.title: made.correlation_id for made in tickets(report)}


def test_there_is_a_ticket_for_each_change_in_the_order_of_the_plan_and_then_for_each_decision() -> None:
    assert [(row["kind"], row["wave"]) for row in rows()] == [
        ("conversion", "1"),
        ("registry-upgrade", "1"),
        ("engine-upgrade", "1"),
        ("switch", "2"),
        ("re-pin", "2"),
        ("re-pin", "2"),
        ("engine-upgrade", "3"),
        ("engine-upgrade", "3"),
        ("engine-upgrade", "3"),
        ("decision-needed", ""),
    ]


@pytest.mark.parametrize("profile", PROFILES)
def test_without_a_plan_or_steps_there_is_a_header(profile: str) -> None:
    columns = [column.header for column in ticket_profiles()[profile].columns]
    for report in (CLEAN, planned()):
        assert text(report, profile) == ",".join(columns) + "\r\n"


def test_a_repin_says_what_stands_where_and_what_shall() -> None:
    made = ticket(SHOP_REPIN)
    assert made.title.startswith("Re-pin registry.acme.example:5000/shop/web@sha256:a71e04a71e04… to ")
    old, new = SHOP_REPIN.occurrences[0].raw, str(SHOP_NEW)
    assert made.implementation == (
        "1. Edit deploy/shop/compose.yml:6 (service web):",
        f"   old: {old}",
        f"   new: {new}",
    )
    assert made.items == ("web",)
    assert made.hosts == WEB


def test_the_digest_of_a_copy_is_not_invented() -> None:
    made = ticket(REPIN)
    assert sum(line.endswith(" with the digest that the conversion gives") for line in made.implementation) == 2
    assert "   digest: not known beforehand" in made.test


def test_back_out_that_is_impossible_says_so_and_is_a_high_risk() -> None:
    made = ticket(SHOP_REPIN)
    assert made.backout == (f"1. Back-out is IMPOSSIBLE: the registry no longer has {SHOP_REPIN.before}",)
    assert made.risk is Level.HIGH
    assert any("cannot be backed out" in line for line in made.analysis)
    silent = ticket(replace(SHOP_REPIN, no_backout=""))
    assert silent.backout == ("1. Back-out is IMPOSSIBLE: the plan names no way back",)


def test_the_test_plan_has_each_pull_once_with_its_digest_and_all_who_try_it() -> None:
    made = ticket(CANARY, replace(CANARY, hosts=BILL, pulls=(pull(BILL, SHOP_NEW),)), replace(CANARY, hosts=WEB[2:4]))
    assert made.test == (
        "1. On bill-[01:03] (3 hosts) pull registry.acme.example:5000/shop/web:",
        f"   $ docker pull {SHOP_NEW.pinned}",
        f"   digest: {SHOP_NEW.digest}",
        "2. On web-[01:02] (2 hosts) pull registry.acme.example:5000/billing/ledger:",
        f"   $ docker pull {CANARY.pulls[0].reference.pinned}",
        "   digest: not known beforehand",
    )


def test_what_is_not_proven_is_marked_and_is_a_high_risk() -> None:
    made = ticket(SWITCH)
    assert any(line.startswith("NOT PROVEN: the pull of quay.example/partner/feed") for line in made.description)
    assert "   NOT PROVEN: quay.example answered 401: nobody knows what it stores" in made.test
    assert made.risk is Level.HIGH
    assert "1 pull that it rests on could not be checked" in made.analysis[0]


def test_an_upgrade_of_one_wave_and_ring_is_one_ticket_whatever_the_groups() -> None:
    halves = [replace(REST, hosts=WEB[2:7], ring=None), replace(REST, hosts=WEB[7:], ring=None)]
    assert ticket(*halves).hosts == WEB[2:]
    assert len(tickets(planned(CANARY, REST))) == 2
    assert len(tickets(planned(*halves[:1], replace(halves[1], wave=4)))) == 2


def test_one_image_with_and_without_its_tag_is_one_repin() -> None:
    tagged = replace(OLD, tag="latest")
    twin = replace(REPIN, old_reference=tagged, occurrences=(WORKER,))
    made = ticket(replace(REPIN, occurrences=(LEDGER,)), twin)
    assert made.title.endswith("at 2 places")


def test_a_registry_is_its_own_configuration_item_and_its_hosts_are_those_that_pull_from_it() -> None:
    made = ticket(REGISTRY_STEP)
    assert made.items == (REGISTRY,)
    assert set(BILL) | set(WEB) < set(made.hosts)
    assert REGISTRY not in made.hosts
    unnamed = ticket(replace(REGISTRY_STEP, hosts=WEB, occurrences=(LEDGER,)))
    assert (unnamed.items, unnamed.hosts) == ((REGISTRY,), WEB)


def test_impact_is_hosts_by_verdict_today_and_after() -> None:
    made = ticket(REPIN)
    assert made.impact is Level.HIGH
    assert made.analysis[2:] == (
        "Pulls today: at risk: 12 hosts; pulls: 3 hosts.",
        "Pulls after the planned upgrade, with the pins as they are: breaks: 12 hosts; pulls: 3 hosts.",
    )


def test_priority_is_high_where_a_pull_breaks_today() -> None:
    assert [ticket(step).priority for step in (BRIDGE, REPIN, SHOP_REPIN)] == [Level.HIGH, Level.MODERATE, Level.LOW]


def test_risk_is_low_for_a_proven_copy_and_moderate_for_software() -> None:
    assert [ticket(step).risk for step in (CONVERT, BILLING, REPIN)] == [Level.LOW, Level.MODERATE, Level.MODERATE]
    calm = replace(planned(REPIN), findings=tuple(f for f in PLANNED.findings if f.moment is Moment.AFTER))
    assert tickets(calm)[0].risk is Level.LOW
    unknown = replace(PLANNED.findings[0], outcome=replace(PLANNED.findings[0].outcome, verdict=Verdict.UNKNOWN))
    unsure = replace(planned(replace(SWITCH, pulls=(), unproven=())), findings=(unknown,))
    assert tickets(unsure)[0].risk is Level.HIGH


def test_the_justification_has_the_evidence_and_its_source() -> None:
    told = "\n".join(ticket(REPIN).justification)
    assert "Breaks after the upgrade, schema1-removed: Schema 1 manifest" in told
    assert "Evidence: docker 29.0.0 and newer do not read it (moby docker-v29.0.0, distribution/pull_v2.go)" in told
    assert "Source: moby/moby@docker-v29.0.0:distribution/pull_v2.go:331" in told


def test_a_decision_names_each_way_out() -> None:
    (made,) = tickets(planned(blocked=(BLOCKED,)))
    assert made.title == "Decide: 1 pull cannot be mended on edge-[1:2] (2 hosts) (platform-mismatch)"
    assert made.implementation[1:] == tuple(f"{n}. {text}" for n, text in enumerate(BLOCKED.lifts, 1))
    assert (made.kind, made.wave, made.risk) == (Kind.DECISION, None, Level.HIGH)
    assert made.implementation[0].startswith("What may help; none of this was tried.")
    (tried,) = tickets(planned(blocked=(replace(BLOCKED, held="docker 29.0.0"),)))
    assert tried.implementation[0] == f"Choose one. {PLAN_AGAIN}"
    (held,) = tickets(planned(blocked=(replace(BLOCKED, held="docker 29.0.0", lifts=()),)))
    assert held.title.startswith("Decide: docker 29.0.0 cannot be reached on edge-[1:2]")
    assert held.implementation == ("planner knows nothing that would lift this.",)


def test_a_change_waits_for_what_touches_its_hosts_or_images_and_for_the_ring_before() -> None:
    known = {made.title: made for made in tickets(PLANNED)}
    convert, bridge, canary, rest, repin, shop = (
        next(made for title, made in known.items() if title.startswith(start))
        for start in (
            "Convert",
            "Upgrade docker 1.9.1",
            "Upgrade docker 20.10.24 to docker 29.0.0 on web-[01:02]",
            "Upgrade docker 20.10.24 to docker 29.0.0 on web-[03:12]",
            "Re-pin registry.acme.example:5000/billing",
            "Re-pin registry.acme.example:5000/shop",
        )
    )
    assert {convert.correlation_id, bridge.correlation_id} <= set(repin.depends_on)
    assert convert.correlation_id not in shop.depends_on, "a copy touches no host"
    assert repin.correlation_id in canary.depends_on
    assert canary.correlation_id in rest.depends_on
    assert rest.correlation_id not in canary.depends_on
    assert convert.depends_on == bridge.depends_on == ()


def test_an_id_stays_whatever_happens_elsewhere() -> None:
    before = ids(PLANNED)
    assert len(set(before.values())) == len(before)
    more = Host("other-1", PLANNED.hosts[0].engine, PLANNED.hosts[0].target)
    elsewhere = upgrade(("other-1",), "docker 20.10.24", "docker 29.0.0", wave=1)
    later = [replace(step, wave=step.wave + 1) for step in PLAN.steps[::-1]]
    grown = replace(planned(elsewhere, *later, blocked=PLAN.blocked), hosts=(more, *PLANNED.hosts))
    assert before.items() <= ids(grown).items()


def test_an_id_stays_when_hosts_and_places_are_added_to_the_change() -> None:
    place = replace(LEDGER, file="later/compose.yml")
    for step, grown in (
        (REST, replace(REST, hosts=(*REST.hosts, "web-13"))),
        (REPIN, replace(REPIN, hosts=(*REPIN.hosts, "web-13"), occurrences=(*REPIN.occurrences, place))),
        (CONVERT, replace(CONVERT, occurrences=(place, *CONVERT.occurrences))),
    ):
        assert ticket(step).correlation_id == ticket(grown).correlation_id


def test_an_id_stays_when_earlier_waves_are_done() -> None:
    elsewhere = replace(REPIN, wave=3, occurrences=(replace(WORKER, file="later/compose.yml"),))
    done = planned(replace(elsewhere, wave=1), replace(CANARY, wave=2, occurrences=()))
    assert set(ids(done).values()) < set(ids(planned(REPIN, elsewhere, CANARY)).values())


def test_other_changes_have_other_ids() -> None:
    others = [
        ticket(REPIN),
        ticket(replace(REPIN, new_reference=SHOP_NEW)),
        ticket(replace(REPIN, occurrences=(replace(LEDGER, file="other.yml"),))),
        ticket(CANARY),
        ticket(replace(CANARY, after="docker 28.0.0")),
        ticket(REST),
    ]
    assert len({made.correlation_id for made in others}) == len(others)


def test_ids_are_apart_even_where_nothing_but_the_wave_is() -> None:
    first, second = (made.correlation_id for made in tickets(planned(REPIN, replace(REPIN, wave=5))))
    assert second == f"{first}-2"


@pytest.mark.parametrize("profile", PROFILES)
def test_the_order_of_steps_hosts_and_findings_changes_nothing(profile: str) -> None:
    turned = replace(
        PLANNED,
        findings=PLANNED.findings[::-1],
        plan=replace(PLAN, steps=tuple(replace(step, hosts=step.hosts[::-1]) for step in PLAN.steps[::-1])),
    )
    assert text(turned, profile) == text(PLANNED, profile)


def test_servicenow_has_fields_of_change_request_alone() -> None:
    made = rows(profile="servicenow")
    assert set(made[0]) <= set(SERVICENOW)
    assert not {"assignment_group", "assigned_to", "requested_by", "start_date", "end_date"} & set(made[0])
    assert all(len(row["short_description"]) <= 160 for row in made)
    assert {row["type"] for row in made} == {"normal"}
    assert {row["risk"] for row in made} <= {"High", "Moderate", "Low"}
    assert {row["impact"] for row in made} <= {"1 - High", "2 - Medium", "3 - Low"}
    assert {row["priority"] for row in made} <= {"2 - High", "3 - Moderate", "4 - Low"}
    items = [row["cmdb_ci"] for row in made]
    assert REGISTRY in items
    assert "web" in items
    assert not [item for item in items if ";" in item], "the field takes one item"


def test_a_short_description_is_cut_at_a_word_and_the_description_has_it_all() -> None:
    hosts = tuple(f"{name}-host-of-a-long-name.in.a.long.domain.example" for name in ("alpha", "beta", "gamma"))
    (row,) = rows(planned(replace(BRIDGE, hosts=hosts)), "servicenow")
    assert row["short_description"].endswith("…")
    assert len(row["short_description"]) <= 160
    full = row["description"].partition("\n")[0]
    assert full.startswith(row["short_description"][:-1] + " ")
    assert full.endswith("(3 hosts), as a bridge")


def test_jira_has_a_summary_and_no_punctuation_in_its_headers() -> None:
    (header, *found) = csv.reader(io.StringIO(text(profile="jira"), newline=""))
    assert {"Summary", "Issue Type", "Description", "Priority", "Labels"} <= set(header)
    assert all(re.fullmatch(r"[A-Za-z ]+", name) for name in header)
    labels = [[cell for name, cell in zip(header, row, strict=True) if name == "Labels"] for row in found]
    assert not [label for row in labels for label in row if " " in label]
    assert {"planner", "re-pin", "wave-2"} < set(labels[4])
    for row in found:
        body = row[header.index("Description")]
        assert body.startswith("h3. Description\n\n{noformat}\n")
        assert body.count("{noformat}") == 12


def test_foreign_text_cannot_end_a_block_of_jira() -> None:
    step = replace(BRIDGE, why="a {noformat} !https://evil.example/x.png! {noformat}")
    assert rows(planned(step), "jira")[0]["Description"].count("{noformat") == 12


def test_generic_begins_with_title_and_description() -> None:
    header = text().partition("\r\n")[0].split(",")
    assert header[:2] == ["title", "description"]
    for row in rows():
        assert row["description"].startswith("## Description\n\n    ")
        assert not [line for line in row["description"].split("\n") if line.startswith("/")]


def test_the_byte_order_mark_is_for_files_that_people_open() -> None:
    for profile in PROFILES:
        assert text(profile=profile, bom=True).startswith("\ufeff") == (profile == "generic")
        assert not text(profile=profile).startswith("\ufeff")


def test_it_is_rfc_4180_with_every_delimiter() -> None:
    for separator in ",;|\t":
        written = text(separator=separator)
        read = list(csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True))
        assert {len(row) for row in read} == {len(ticket_profiles()["generic"].columns)}
        assert read == list(csv.reader(io.StringIO(text(), newline="")))
        assert written.endswith("\r\n")
        assert "\n" not in written.partition("\r\n")[0]


def test_cells_that_would_run_are_guarded_and_counted() -> None:
    hosts = (FORMULA, "web-01", "@SUM(1)")
    report = planned(replace(BRIDGE, hosts=hosts, pulls=()), replace(BRIDGE, hosts=("web-02",), after="docker 1.11.2"))
    guarded = next(row for row in rows(report) if row["affected_host_count"] == "3")
    assert guarded["affected_hosts"].split("; ") == ["web-01", f"'{FORMULA}", "'@SUM(1)"]
    assert guarded["configuration_item"] == guarded["affected_hosts"]
    assert neutralised(report, Options(profile="generic")) == 2
    assert neutralised(report, Options(profile="servicenow")) == 0, "more than one item: the field is empty"
    assert neutralised(PLANNED, Options(profile="generic")) == 0


def test_only_spreadsheets_need_a_guard_against_numbers() -> None:
    report = planned(replace(BRIDGE, hosts=("10.0.0.7",)))
    assert rows(report)[0]["configuration_item"] == "'10.0.0.7"
    assert rows(report, "servicenow")[0]["cmdb_ci"] == "10.0.0.7"
    assert [neutralised(report, Options(profile=profile)) for profile in ("generic", "servicenow")] == [2, 0]


def test_more_than_a_cell_holds_is_cut_and_counted() -> None:
    hosts = tuple(f"a-rather-long-name-of-a-host-{n:05}-{n % 7}x{n % 3}.example" for n in range(3000))
    places = tuple(replace(LEDGER, file=f"deploy/{n}/compose.yml") for n in range(2000))
    report = planned(replace(REPIN, hosts=hosts, occurrences=places))
    for profile in PROFILES:
        (row,) = csv.reader(io.StringIO(text(report, profile).partition("\r\n")[2], newline=""))
        assert max(map(len, row)) <= 32_767
    (cells,) = rows(report)
    kept = cells["affected_hosts"].split("; ")
    assert kept[-1] == f"and {3000 - len(kept) + 1:,} more"
    assert cells["affected_host_count"] == "3000"
    lines = cells["implementation_plan"].split("\n")
    left = 3 * 2000 + 3 - (len(lines) - 1)
    assert lines[-1] == f"… and {left:,} more lines; the plan as JSON has them all"
    body = cells["description"]
    assert all(f"## {title}" in body for title in ("Description", "Test plan", "Back-out plan", "Risk and impact"))
    assert "git revert the commit of the re-pin" in body, "short parts stay whole"


def test_versions_and_digests_never_become_numbers() -> None:
    import pandas as pd

    table = pd.read_csv(io.StringIO(text(), newline=""))
    numbers = {name for name in table.columns if pd.api.types.is_numeric_dtype(table[name])}
    assert numbers == {"wave", "affected_host_count"}


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_in_a_row_is_a_time(profile: str) -> None:
    assert PLANNED.provenance.started[:4] not in text(profile=profile)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_golden_file(profile: str) -> None:
    path = GOLDEN / f"tickets-{profile}.csv"
    made = text(planned(BRIDGE, SHOP_REPIN, blocked=(BLOCKED,)), profile)
    if os.environ.get("PLANNER_ACCEPT"):
        path.write_text(made, "utf-8", newline="")
    assert path.read_bytes().decode() == made


@pytest.mark.parametrize(
    ("given", "found"), [(",", ","), (";", ";"), ("|", "|"), ("TAB", "\t"), ("tab", "\t"), ("\t", "\t")]
)
def test_a_delimiter_is_one_of_four(given: str, found: str) -> None:
    assert delimiter(given) == found


@pytest.mark.parametrize("given", ["", ":", "; ", '"', "\n", "x"])
def test_another_delimiter_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="TAB"):
        delimiter(given)


def test_an_unknown_profile_is_refused_with_those_that_there_are() -> None:
    assert known_profile("jira") == "jira"
    with pytest.raises(UsageError, match="no ticket profile 'remedy'; there are generic, jira, servicenow"):
        known_profile("remedy")


def test_every_profile_has_a_source_and_holds_what_there_is() -> None:
    for profile in ticket_profiles().values():
        assert profile.source
        assert {column.holds for column in profile.columns if column.holds} <= set(HOLDS)
        assert "correlation_id" in {column.holds for column in profile.columns}
    for held in HOLDS:
        assert any(column.holds == held for profile in ticket_profiles().values() for column in profile.columns), held


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"header": "a"}, "either holds or text"),
        ({"header": "a", "holds": "title", "text": "b"}, "either holds or text"),
        ({"header": "a", "holds": "titel"}, "there are title"),
        ({"header": "a", "holds": "risk", "choices": {"high": "1"}}, "for each of high, low, moderate"),
        ({"header": "a", "holds": "title", "choices": {"high": "1"}}, "choices"),
    ],
)
def test_a_column_that_contradicts_itself_is_refused(members: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        ColumnTable.model_validate(members)


def test_libreoffice_reads_the_same_rows(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not on this machine")
    (tmp_path / "tickets.csv").write_text(text(bom=True), "utf-8", newline="")
    out = tmp_path / "out"
    command = (office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless")
    filters = ("--infilter=CSV:44,34,76", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76")
    subprocess.run((*command, *filters, "--outdir", out, tmp_path / "tickets.csv"), check=True, timeout=120)
    read = list(csv.reader(io.StringIO((out / "tickets.csv").read_text("utf-8-sig"), newline="")))
    assert read == list(csv.reader(io.StringIO(text(), newline="")))
