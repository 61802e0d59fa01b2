"""A believable plan for tests/support/report_example.py, by hand: all kinds of steps, rings, a bridge, a decision."""

from dataclasses import replace

from planner.model.engine import Software
from planner.model.host import Registry
from planner.model.plan import Blocked, Conversion, Plan, Pull, Step, StepKind
from planner.model.reference import Reference, parse_reference
from planner.model.report import Report
from tests.support.report_example import ARM, CAUSES, GROUPS, LEGACY, OCCURRENCES, PRIVATE, REGISTRY, REPORT, SHOP

BILL, WEB, RUNNERS, NODES, EDGE = (group.hosts for group in GROUPS)
OLD = parse_reference(LEGACY)
COPY = Reference(OLD.registry, OLD.repository, "v2s2-3f9c1a")
LEDGER, WORKER = OCCURRENCES[2:4]
SHOP_OLD = replace(parse_reference(SHOP), tag=None)
SHOP_NEW = replace(SHOP_OLD, digest="sha256:" + "d4" * 32)


def pull(hosts: tuple[str, ...], reference: Reference, unproven: str = "") -> Pull:
    return Pull(hosts, reference, f"docker pull {reference.pinned}", unproven)


CONVERT = Step(
    wave=1,
    kind=StepKind.CONVERT,
    hosts=(*BILL, *WEB),
    before=OLD.pinned,
    after=COPY.pinned,
    why="Docker 29 no longer reads schema 1, and schema 2 is read by every version from 1.10 on.",
    occurrences=(LEDGER, WORKER),
    old_reference=OLD,
    new_reference=COPY,
    conversion=Conversion(OLD, COPY, "v2s2"),
    commands=(f"skopeo copy --format v2s2 docker://{OLD.pinned} docker://{COPY.pinned}",),
    check=f"skopeo inspect --raw docker://{COPY.pinned} shows schema 2",
    backout=f"Nothing uses the copy yet; delete {COPY.pinned} where the registry allows it.",
    costs=("signatures of the old image do not hold for the copy",),
)
REGISTRY_STEP = Step(
    wave=1,
    kind=StepKind.REGISTRY_UPGRADE,
    hosts=(REGISTRY,),
    before="distribution 2.8.3",
    after="distribution 3.0.0",
    why="It is the declared target of the registry.",
    check="the pulls below",
    pulls=(pull(NODES, SHOP_OLD),),
    backout="Start distribution 2.8.3 on the same storage again.",
)
BRIDGE = Step(
    wave=1,
    kind=StepKind.UPGRADE,
    hosts=BILL,
    before="docker 1.9.1",
    after="docker 1.10.3",
    why="docker 1.10.3 is the first version that pulls schema 1 and schema 2.",
    occurrences=(LEDGER,),
    commands=("apt-get install docker-engine=1.10.3-0~jessie",),
    check="docker version prints 1.10.3",
    pulls=(pull(BILL, OLD),),
    backout="apt-get install docker-engine=1.9.1-0~jessie",
    is_bridge=True,
)
REPIN = Step(
    wave=2,
    kind=StepKind.REPIN,
    hosts=(*BILL, *WEB),
    before=OLD.pinned,
    after=COPY.pinned,
    why="Every host that runs it pulls the copy, and will after its upgrade.",
    occurrences=(LEDGER, WORKER),
    old_reference=OLD,
    new_reference=COPY,
    commands=("planner repin --map mapping.csv --write deploy",),
    check="planner scan deploy",
    pulls=(pull((*BILL, *WEB), COPY),),
    backout="git revert the commit of the re-pin",
    costs=("3 layers are downloaded again",),
)
SHOP_REPIN = Step(
    wave=2,
    kind=StepKind.REPIN,
    hosts=WEB,
    before=SHOP_OLD.pinned,
    after=SHOP_NEW.pinned,
    why="The old digest is gone from the registry, the tag holds another one.",
    occurrences=(OCCURRENCES[5],),
    old_reference=SHOP_OLD,
    new_reference=SHOP_NEW,
    pulls=(pull(WEB, SHOP_NEW),),
    no_backout=f"the registry no longer has {SHOP_OLD.pinned}",
)
SWITCH = Step(
    wave=2,
    kind=StepKind.SWITCH,
    hosts=RUNNERS,
    before="",
    after="DOCKER_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE=1",
    why="A stop-gap until the image is built again.",
    commands=("systemctl edit docker", "systemctl restart docker"),
    check="docker info",
    pulls=(pull(RUNNERS, parse_reference(PRIVATE), "quay.example answered 401: nobody knows what it stores"),),
    backout="systemctl revert docker && systemctl restart docker",
    unproven=("the pull of quay.example/partner/feed, whose registry answered 401",),
)


def upgrade(hosts: tuple[str, ...], before: str, after: str, wave: int = 3, ring: int | None = None) -> Step:
    return Step(
        wave=wave,
        kind=StepKind.UPGRADE,
        hosts=hosts,
        before=before,
        after=after,
        why=f"{after} is the declared target.",
        occurrences=(LEDGER, WORKER),
        commands=(f"install {after}",),
        check="the pulls below",
        pulls=(pull(hosts, COPY),),
        backout=f"install {before}",
        ring=ring,
    )


CANARY = upgrade(WEB[:2], "docker 20.10.24", "docker 29.0.0", ring=1)
REST = upgrade(WEB[2:], "docker 20.10.24", "docker 29.0.0", ring=2)
BILLING = upgrade(BILL, "docker 1.10.3", "docker 20.10.24")
BLOCKED = Blocked(
    hosts=EDGE,
    occurrences=(OCCURRENCES[4],),
    cause="platform-mismatch",
    why="The index of the collector has linux/arm64 alone, and the hosts are linux/amd64.",
    lifts=(
        "Build the collector for linux/amd64.",
        "Declare edge-1 and edge-2 as linux/arm64, if that is what they are.",
    ),
)
PLAN = Plan(
    feasible=False,
    steps=(CONVERT, REGISTRY_STEP, BRIDGE, REPIN, SHOP_REPIN, SWITCH, CANARY, REST, BILLING),
    blocked=(BLOCKED,),
)
PLANNED: Report = replace(
    REPORT,
    registries=(
        Registry(
            REGISTRY, Software("distribution", None, "distribution 2.8.3"), Software("distribution", None, "3.0.0")
        ),
    ),
    causes=CAUSES
    | {
        "schema1-removed": replace(
            CAUSES["schema1-removed"], source=("moby/moby@docker-v29.0.0:distribution/pull_v2.go:331",)
        )
    },
    plan=PLAN,
)
assert parse_reference(ARM) == OCCURRENCES[4].reference
