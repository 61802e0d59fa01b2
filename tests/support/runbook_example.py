"""A believable plan, made by hand: every kind of step, a bridge, rings, what is blocked, hostile names; a large one."""

from dataclasses import replace

from planner.model.occurrence import Occurrence
from planner.model.plan import Blocked, Ceiling, Conversion, Plan, Pull, Step, StepKind
from planner.model.platform import Platform
from planner.model.reference import Reference, parse_reference
from planner.model.report import Report
from tests.support.report_example import CLEAN, EMPTY, ESCAPE, FORMULA, REGISTRY, REPORT, SCRIPT

HOSTILE = f"a|b`c``d<b>e</b>\n# f {SCRIPT} [g](javascript:h) {ESCAPE}"


def _digest(seed: str) -> str:
    return "sha256:" + (seed * 64)[:64]


def _place(place: str, format_: str, role: str, name: str, image: Reference) -> Occurrence:
    file, line, column = place.rsplit(":", 2)
    return Occurrence(file, int(line), int(column), format_, role, name, str(image), image)


def _names(pattern: str, *numbers: int) -> tuple[str, ...]:
    return tuple(pattern.format(number) for number in numbers)


BILL, WEB = _names("bill-{:02}", 1, 2, 3), _names("web-{:02}", *range(1, 13))
NODES, CI = _names("node-{:02}", *range(1, 7)), ("ci-runner-a", "ci-runner-b")

LEDGER = parse_reference(f"{REGISTRY}/billing/ledger:3.2@{_digest('3f9c1a')}")
LEDGER_COPY = Reference(REGISTRY, "billing/ledger", "3.2-v2s2-3f9c1a3f9c1a")
SCORING = parse_reference(f"{REGISTRY}/ml/scoring@{_digest('5e6d21')}")
SCORING_COPY = Reference("mirror.acme.example", "planner/ml/scoring", "v2s2-5e6d215e6d21")
MIGRATE = parse_reference(f"{REGISTRY}/tools/migrate:8@{_digest('b0b0c3')}")
MIGRATE_NOW = replace(MIGRATE, digest=_digest("41ce07"))
SHOP = parse_reference(f"{REGISTRY}/shop/web:2.4.1@{_digest('a71e04')}")
FEED = parse_reference(f"quay.example/partner/feed@{_digest('77ab19')}")
ARM = parse_reference(f"{REGISTRY}/edge/collector@{_digest('e1f2d3')}")

LEDGER_PLACES = (
    _place("deploy/billing/compose.yml:8:52", "compose", "service", "ledger", LEDGER),
    _place("deploy/billing/compose.yml:21:52", "compose", "service", "ledger-worker", LEDGER),
    _place("deploy/billing/nightly/compose.yml:11:52", "compose", "service", "ledger-export", LEDGER),
)
SCORING_PLACES = (_place("ci/.gitlab-ci.yml:14:22", "gitlab-ci", "job", FORMULA, SCORING),)
MIGRATE_PLACES = (_place("k8s/shop/migrate-job.yaml:18:52", "kubernetes", "init container", "migrate", MIGRATE),)
SHOP_PLACES = (_place("deploy/shop/compose.yml:6:54", "compose", "service", SCRIPT, SHOP),)
FEED_PLACES = (_place("k8s/partner/feed.yaml:27:41", "kubernetes", "container", "feed", FEED),)
ARM_PLACES = (_place("deploy/edge/compose.yml:5:55", "compose", "service", "collector", ARM),)


def _pull(hosts: tuple[str, ...], image: Reference, unproven: str = "", tool: str = "docker pull") -> Pull:
    return Pull(hosts, image, f"{tool} {image.pinned}", unproven)


def _upgrade(wave: int, hosts: tuple[str, ...], before: str, after: str, why: str, *pulls: Pull) -> Step:
    return Step(
        wave,
        StepKind.UPGRADE,
        hosts,
        before,
        after,
        why,
        check="`docker version` says the new version on every host, and each of these pulls succeeds.",
        pulls=pulls,
        backout=f"Install {before} again; the pins need no change, since every step before this one pulls with both.",
    )


def _copy(image: Reference, copy: Reference, places: tuple[Occurrence, ...], why: str, *, gzip: bool = False) -> Step:
    platform = Platform("linux", "amd64") if gzip else None
    options = "--all --preserve-digests" if not gzip else "--override-arch amd64 --dest-compress-format gzip"
    return Step(
        1,
        StepKind.CONVERT,
        (),
        image.pinned,
        str(copy),
        why,
        places,
        image,
        copy,
        Conversion(image, copy, "v2s2", platform, gzip),
        (f"skopeo copy {options} --format v2s2 docker://{image.pinned} docker://{copy}",),
        f"`skopeo inspect --raw docker://{copy}` shows a schema 2 manifest; mapping.csv has its digest.",
        backout="Nothing is to be undone: what exists is not touched. The copy may be deleted.",
        costs=("the copy has another digest", "signatures of the original do not hold for it"),
    )


def _repin(old: Reference, new: Reference, hosts: tuple[str, ...], places: tuple[Occurrence, ...], why: str) -> Step:
    return Step(
        2,
        StepKind.REPIN,
        hosts,
        old.pinned,
        str(new),
        why,
        places,
        old,
        new,
        commands=("planner repin infra --map mapping.csv --wave 2 > wave-2.diff", "git apply wave-2.diff"),
        check="The diff changes these places alone, and each host pulls what is pinned there now.",
        pulls=(_pull(hosts, new),),
        backout="git revert the commit; the old digest is still served.",
        costs=("every host downloads the layers again, 214 MB each",),
    )


_BRIDGE = replace(
    _upgrade(
        1,
        BILL,
        "docker 1.9.1",
        "docker 1.10.3",
        "1.10.3 is the oldest version that pulls schema 1 and schema 2, so that the pins can change in between.",
        _pull(BILL, LEDGER),
    ),
    is_bridge=True,
    commands=("apt-get install --yes docker-engine=1.10.3-0~trusty", "service docker restart"),
    costs=("running containers stop while the daemon restarts",),
)
_REGISTRY = Step(
    1,
    StepKind.REGISTRY_UPGRADE,
    (REGISTRY,),
    "distribution 2.2.1",
    "distribution 2.8.3",
    "2.2.1 stores schema 1 alone, and has to take schema 2 before the copies are made.",
    commands=("docker compose -f registry/compose.yml up --detach registry",),
    check="`curl -fsS https://registry.acme.example:5000/v2/` answers 200, and each of these pulls succeeds.",
    pulls=(_pull(BILL, LEDGER), _pull(WEB, SHOP)),
    backout="Start 2.2.1 on the same storage, as long as no schema 2 image was pushed.",
)
_DEAD = replace(
    _repin(MIGRATE, MIGRATE_NOW, NODES, MIGRATE_PLACES, "The digest is gone; the tag 8 now holds another image."),
    backout="",
    no_backout="The registry has no image of the old digest any more, so there is nothing to go back to.",
    pulls=(_pull(NODES, MIGRATE_NOW, tool="crictl pull"),),
    costs=("the content is another one: compare before you merge", "every host downloads 96 MB"),
)
_SWITCH = Step(
    3,
    StepKind.SWITCH,
    CI,
    "docker 28.2.0",
    "docker 28.2.0 with DOCKER_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE",
    "the partner's image stays schema 1; the switch works up to 28.5 and is a stop-gap",
    FEED_PLACES,
    commands=("systemctl edit docker", "systemctl restart docker"),
    check="`systemctl show docker -p Environment` has the switch.",
    pulls=(_pull(CI, FEED, "quay.example did not let us look (401), so whether it is schema 1 is not known"),),
    backout="Take the line out again with `systemctl edit docker`.",
    unproven=("The pull of partner/feed could not be checked: quay.example asks for a login (401).",),
)
_TO_29 = "With every image in schema 2, 29.0.0 pulls all that these hosts run."

STEPS = (
    _REGISTRY,
    _BRIDGE,
    _copy(LEDGER, LEDGER_COPY, LEDGER_PLACES, "Docker 29 has removed schema 1, and this image is stored as schema 1."),
    _copy(
        SCORING,
        SCORING_COPY,
        SCORING_PLACES,
        "Docker 20.10 cannot decompress the zstd layers of this image.",
        gzip=True,
    ),
    _repin(LEDGER, LEDGER_COPY, BILL + WEB, LEDGER_PLACES, "Every host that runs it pulls schema 2 from wave 1 on."),
    _repin(SCORING, SCORING_COPY, CI, SCORING_PLACES, "The copy has gzip layers, which every host decompresses."),
    _DEAD,
    replace(_upgrade(3, WEB[:1], "docker 20.10.24", "docker 29.0.0", _TO_29, _pull(WEB[:1], LEDGER_COPY)), ring=0),
    replace(
        _upgrade(3, WEB[1:], "docker 20.10.24", "docker 29.0.0", _TO_29, _pull(WEB[1:], LEDGER_COPY)),
        ring=1,
        occurrences=LEDGER_PLACES + SHOP_PLACES,
    ),
    _upgrade(3, BILL, "docker 1.10.3", "docker 20.10.24", "The declared target.", _pull(BILL, LEDGER_COPY)),
    _SWITCH,
)

BLOCKED = (
    Blocked(
        NODES,
        FEED_PLACES,
        "schema1-removed",
        "containerd 2.1.4 has removed schema 1, the image is schema 1, and its registry takes no copy from us.",
        "containerd 2.1.4",
        ("A schema 2 build by the partner.", "A place that planner may copy it to: `--to REGISTRY/PREFIX`."),
    ),
    Blocked(
        ("edge-1", f"edge-9{ESCAPE}"),
        ARM_PLACES,
        "platform-mismatch",
        "The index lists linux/arm64 only, and these hosts are linux/amd64: the pull breaks today and stays broken.",
        lifts=("A linux/amd64 image in the index.",),
    ),
)
CEILINGS = (
    Ceiling(CI, "docker 28.1.1", "docker 28.1.1", "docker 28.2.0", ((FEED_PLACES[0], "schema1-removed"),)),
    Ceiling(("edge-1", "edge-2"), "containerd 2.1.4", "containerd 2.3.4"),
    Ceiling((f"edge-9{ESCAPE}",), "containerd latest", ""),
)
NOTES = (
    "The rings of node-[01:06] cannot be kept in wave 3: ring 1 has nothing to upgrade.",
    "2 references are run by no declared host, so no step is about them: `deploy/old/compose.yml`.",
)

PLAN = Plan(False, STEPS, BLOCKED, CEILINGS, NOTES)
PLANNED = replace(REPORT, plan=PLAN)
# Everything is reached and proven.
FEASIBLE = replace(CLEAN, plan=Plan(True, tuple(s for s in STEPS if not s.unproven)))
CEILINGS_ONLY = replace(CLEAN, plan=Plan(True, ceilings=CEILINGS))
BLOCKED_ONLY = replace(CLEAN, plan=Plan(False, blocked=BLOCKED))
NOTHING = replace(EMPTY, plan=Plan(True))


def hostile() -> Report:
    """A plan in which every text that comes from outside tries to be something else."""
    where = replace(
        LEDGER_PLACES[0], file=f"deploy/{HOSTILE}.yml", role=HOSTILE, name=HOSTILE, raw=HOSTILE, used_in=HOSTILE
    )
    step = replace(
        _SWITCH,
        hosts=(HOSTILE, "web"),
        before=HOSTILE,
        after=HOSTILE,
        why=HOSTILE,
        occurrences=(where,),
        commands=(HOSTILE, "echo ````"),
        check=HOSTILE,
        pulls=(Pull((HOSTILE,), LEDGER, HOSTILE, HOSTILE),),
        backout=HOSTILE,
        no_backout=HOSTILE,
        costs=(HOSTILE,),
        unproven=(HOSTILE,),
    )
    blocked = Blocked((HOSTILE,), (where,), HOSTILE, HOSTILE, HOSTILE, (HOSTILE,))
    ceiling = Ceiling((HOSTILE,), HOSTILE, HOSTILE, HOSTILE, ((where, HOSTILE),))
    steps = (step, replace(step, kind=StepKind.UPGRADE, backout=""), replace(step, kind=StepKind.CONVERT, wave=4))
    return replace(PLANNED, root=HOSTILE, plan=Plan(False, steps, (blocked,), (ceiling,), (HOSTILE,)))


def large(hosts: int = 500, images: int = 300) -> Report:
    """Many hosts whose names do not fold in one step, and many images that are copied and re-pinned."""
    names = tuple(f"srv-{n * 7919 % 100_003:05}.dc{n % 3}.acme.example" for n in range(hosts))
    plain = tuple(f"app-{n:03}" for n in range(1, hosts + 1))
    steps = [
        replace(_upgrade(3, names, "docker 20.10.24", "docker 29.0.0", _TO_29, _pull(names, LEDGER)), ring=0),
        _upgrade(3, plain, "docker 20.10.24", "docker 29.0.0", _TO_29, *(_pull(plain, LEDGER) for _ in range(100))),
    ]
    for n in range(images):
        image = Reference(REGISTRY, f"app/service-{n}", digest=_digest(f"{n:04x}"))
        copy = Reference(REGISTRY, f"app/service-{n}", f"v2s2-{n:04x}")
        places = tuple(
            _place(f"svc/{n}/{k}/compose.yml:{k + 4}:40", "compose", "service", "s", image) for k in range(40)
        )
        steps += [_copy(image, copy, places, "Schema 1."), _repin(image, copy, names + plain, places, "Schema 2.")]
    ordered = tuple(sorted(steps, key=lambda step: step.wave))
    blocked = tuple(replace(BLOCKED[0], hosts=names, occurrences=FEED_PLACES * 50) for _ in range(3))
    return replace(CLEAN, plan=Plan(False, ordered, blocked, (Ceiling(names, "docker 20.10.24", "docker 28.1.1"),)))
