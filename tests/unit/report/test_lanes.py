"""Where hosts stand in version windows: all of them, on the axis of their engine, no more said than is known."""

from dataclasses import replace

import pytest

from planner.model.engine import parse_software, parse_version
from planner.model.finding import HostGroup, Verdict
from planner.model.moment import Moment
from planner.model.report import Report, Window
from planner.report.page.heat import rows
from planner.report.page.lanes import Lane, Lanes, Picture, pictures
from planner.report.page.windows import window_classes
from tests.support.report_example import GROUPS, OCCURRENCES, REPORT, WINDOWS, WITHOUT_HOSTS, large

BILLS, WEBS, _, NODES, _ = GROUPS
# With the ends of what is known, as assess writes them.
KNOWN = tuple(
    replace(w, pulls=tuple(p if "<" in p else p.replace("*", ">=1.0.0") + ",<=29.7.2" for p in w.pulls))
    for w in WINDOWS
)
BOTH_STORES = (
    *KNOWN,
    *(replace(w, store="containerd", pulls=(">=24.0.0,<=29.7.2",)) for w in KNOWN if w.store == "graphdriver"),
)


def _pictures(report: Report, most: int = 12) -> dict[str, Picture]:
    found = pictures(report, window_classes(report), rows(report), most)
    return {picture.images.title or "not known": picture for picture in found}


def _axis(report: Report, title: str, engine: str = "docker (graphdriver)") -> Lanes:
    return next(each for each in _pictures(report)[title].used if each.bar.engine == engine)


def _told(lanes: Lanes) -> list[tuple[int, str, tuple[str, ...]]]:
    return [(len(lane.hosts), " → ".join(lane.words), lane.notes) for lane in lanes.lanes]


def _with(group: HostGroup, **changes: object) -> Report:
    """The report with one group of hosts otherwise; what is found for it stays."""
    new = replace(group, **changes)  # type: ignore[arg-type]
    return replace(
        REPORT,
        windows=KNOWN,
        groups=tuple(new if each is group else each for each in GROUPS),
        findings=tuple(replace(f, group=new) if f.group is group else f for f in REPORT.findings),
    )


def test_hosts_stand_where_they_are_and_go_where_the_upgrade_takes_them() -> None:
    lanes = _axis(replace(REPORT, windows=KNOWN), "schema 2 manifest")
    assert _told(lanes)[0] == (3, "1.9.1 does not pull → 20.10.24 pulls", ())
    (bills, webs) = lanes.lanes
    assert bills.now
    assert bills.then
    assert webs.now
    assert bills.now.at < bills.then.at == webs.now.at
    assert (bills.now.verdict, bills.then.verdict) == (Verdict.BREAKS, Verdict.PULLS)
    assert bills.worst
    assert bills.worst.group is BILLS


def test_who_leaves_for_another_store_is_on_both_axes() -> None:
    report = replace(REPORT, windows=BOTH_STORES)
    left, reached = (_axis(report, "schema 1 manifest", f"docker ({s})") for s in ("graphdriver", "containerd"))
    assert _told(left)[1] == (12, "20.10.24 pulls → docker 29.0.0 (containerd) breaks", ("at risk today",))
    assert _told(reached) == [
        (12, "docker 20.10.24 (graphdriver) at risk → 29.0.0 pulls", ("breaks for another reason after the upgrade",))
    ]
    (lane,) = reached.lanes
    assert lane.now is None
    assert lane.then


@pytest.mark.parametrize(
    ("target", "verdict", "words", "notes"),
    [
        ("docker 27.0.0", Verdict.PULLS, "27.0.0 pulls", ("at risk today",)),
        ("docker 27.0.0", Verdict.AT_RISK, "27.0.0 pulls", ("at risk",)),
        ("docker 27.0.0", Verdict.UNKNOWN, "27.0.0 pulls", ("at risk today", "not checked after the upgrade")),
        ("docker 29.0.0", Verdict.BREAKS, "29.0.0 does not pull", ("at risk today",)),
        (
            "docker 29.0.0",
            Verdict.PULLS,
            "29.0.0 does not pull",
            ("at risk today", "pulls all the same after the upgrade"),
        ),
        ("docker 31.0.0", Verdict.UNKNOWN, "31.0.0 is not known", ("at risk today",)),
        ("docker 31.0.0", Verdict.BREAKS, "31.0.0 is not known", ("at risk today", "breaks after the upgrade")),
    ],
)
def test_what_is_not_the_versions_doing_is_said(
    target: str, verdict: Verdict, words: str, notes: tuple[str, ...]
) -> None:
    report = _with(WEBS, target=parse_software(target), target_store="graphdriver")
    findings = tuple(
        replace(f, outcome=replace(f.outcome, verdict=verdict)) if f.moment == "after" and f.hosts == WEBS.hosts else f
        for f in report.findings
    )
    if verdict is Verdict.PULLS:
        findings = tuple(f for f in findings if f.verdict is not Verdict.PULLS)
    webs = _told(_axis(replace(report, findings=findings), "schema 1 manifest"))[-1]
    assert webs == (12, f"20.10.24 pulls → {words}", notes)


def test_where_not_every_image_meets_it_their_number_is_said() -> None:
    gone = replace(REPORT.findings[-1], occurrence=OCCURRENCES[9], moment=Moment.NOW)
    twice = replace(gone, occurrence=OCCURRENCES[6])
    running = {**REPORT.runners, OCCURRENCES[6].id: {3: NODES.hosts}}
    for findings, said in (
        ((gone,), "1 of 2 images breaks for another reason today"),
        ((gone, twice), "breaks for another reason today"),
    ):
        report = replace(REPORT, runners=running, findings=findings)
        (lane,) = _axis(report, "schema 2 manifest", "containerd").lanes
        assert lane.notes == (said,)


def test_versions_that_hosts_may_have_are_marked_too() -> None:
    may = ((parse_version("1.12.6"), "graphdriver"), (parse_version("25.0.0"), "containerd"))
    report = _with(BILLS, engine_may=may)
    lanes = _axis(report, "schema 2 manifest")
    assert lanes.lanes[0].words[0] == "1.9.1 (or 1.12.6) does not pull"
    assert lanes.lanes[0].now
    assert lanes.lanes[0].now.may == (lanes.axis.places[parse_version("1.12.6")],)


def test_only_hosts_that_run_one_of_the_images_are_there() -> None:
    fewer = {**REPORT.runners, OCCURRENCES[7].id: {3: NODES.hosts[:2]}}
    lane = _axis(replace(REPORT, runners=fewer), "OCI index", "containerd").lanes[0]
    assert lane.hosts == NODES.hosts[:2]


@pytest.mark.parametrize("engine", ["docker latest", "rkt 1.30.0"])
def test_hosts_that_are_on_no_axis_are_named(engine: str) -> None:
    report = _with(BILLS, engine=parse_software(engine), target=None)
    picture = _pictures(report)["schema 2 manifest"]
    assert picture.undrawn == BILLS.hosts
    assert all(lane.hosts != BILLS.hosts for each in picture.used for lane in each.lanes)


def test_groups_that_go_the_same_way_share_a_lane() -> None:
    twin = replace(BILLS, hosts=("twin-1",), switches=frozenset({"X"}))
    runners = {id_: {**groups, 5: twin.hosts} if 0 in groups else groups for id_, groups in REPORT.runners.items()}
    findings = tuple(replace(f, group=twin, hosts=twin.hosts) for f in REPORT.findings if f.group is BILLS)
    report = replace(
        REPORT, groups=(*GROUPS, twin), runners=runners, findings=(*REPORT.findings, *findings), windows=KNOWN
    )
    assert _axis(report, "schema 2 manifest").lanes[0].hosts == (*BILLS.hosts, "twin-1")


def test_engines_of_no_declared_host_come_apart_unless_none_is_declared() -> None:
    picture = _pictures(REPORT)["schema 2 manifest"]
    assert [each.bar.engine for each in picture.used] == ["docker (graphdriver)", "containerd"]
    assert [each.bar.engine for each in picture.others] == ["podman"]
    alone = _pictures(WITHOUT_HOSTS)["schema 2 manifest"]
    assert len(alone.used) == 3
    assert not alone.others


def test_beyond_so_many_lanes_the_worst_are_kept_in_the_order_of_versions() -> None:
    report = large(occurrences=20, hosts=40, groups=20, images=2)
    digest = report.occurrences[0].reference.digest or ""
    report = replace(report, windows=(Window(digest, "docker", "graphdriver", (">=1.6.0,<28.2.0",)),))
    (picture,) = pictures(report, window_classes(report), rows(report), 6)
    (lanes,) = picture.used
    assert (len(lanes.lanes), lanes.left, picture.undrawn) == (6, 14, ())
    assert len(lanes.axis.places) == 6
    places = [lane.now.at for lane in lanes.lanes if lane.now]
    assert places == sorted(places)
    mended = _axis(replace(REPORT, windows=KNOWN), "schema 2 manifest")
    kept = pictures(REPORT, window_classes(REPORT), rows(REPORT), 1)[0].used[0].lanes
    assert [lane.hosts for lane in kept] == [mended.lanes[0].hosts]


def test_a_lane_has_a_mark() -> None:
    found: list[Lane] = [lane for p in _pictures(REPORT).values() for each in p.used for lane in each.lanes]
    assert all(lane.now or lane.then for lane in found)
    assert {lane.levels for lane in found} <= {0, 1, 2}
