"""Which entry of an index is chosen, rule by rule and for real engines at the versions where the choice changed."""

import pytest

from planner.assess.builds import Undecided
from planner.assess.engine_view import EngineView, view
from planner.assess.select import choose
from planner.assess.shape import Entry, Shape
from planner.model import media_type as mt
from planner.model.engine import parse_version
from planner.model.platform import Platform, parse_platform
from planner.model.resolution import State
from tests.support.knowledge import KNOWLEDGE

AMD64 = parse_platform("linux/amd64")


def rules(**values: str) -> EngineView:
    """An engine that chooses by these rules."""
    engine = next(iter(KNOWLEDGE.engines.values()))
    named = {rule.replace("_", "-"): value for rule, value in values.items()}
    return EngineView(engine, engine.newest, "", "", frozenset(), frozenset(), {}, named)


def real(engine: str, version: str, where: str = "", *switches: str) -> EngineView:
    known = KNOWLEDGE.engines[engine]
    store, client = (where, "") if known.stores else ("", where)
    return view(known, parse_version(version), store, client, frozenset(switches))


def index(*platforms: str | None, kind: str = mt.OCI_INDEX) -> Shape:
    entries = tuple(Entry(_platform(text), mt.OCI_MANIFEST) for text in platforms)
    return Shape(kind, kind, kind, entries=entries)


def _platform(text: str | None) -> Platform | None:
    if text is None or not text.startswith("linux"):
        return Platform(*text.split("/")) if text else None
    return parse_platform(text)


def chosen(found: Shape, engine: EngineView, host: str = "linux/amd64") -> int | None:
    """The position of the entry that is chosen."""
    entry = choose(found, engine, parse_platform(host))
    return None if entry is None else next(i for i, each in enumerate(found.entries) if each is entry)


def test_os_and_architecture_must_match() -> None:
    found = index("windows/amd64", "linux/arm64", "unknown/unknown", "linux/amd64", "linux/amd64")
    assert chosen(found, rules()) == 3
    assert chosen(found, rules(), "linux/s390x") is None
    assert chosen(found, rules(), "windows/amd64") == 0


def test_nothing_is_chosen_from_an_empty_index() -> None:
    assert chosen(index(), rules()) is None


@pytest.mark.parametrize(
    ("rule", "host", "expected"),
    [
        ("ignored", "linux/amd64", 0),
        ("exact", "linux/amd64", 2),
        ("baseline", "linux/amd64", 1),
        ("host-level", "linux/amd64", 1),
        ("host-level", "linux/amd64/v2", 1),
        ("host-level", "linux/amd64/v3", 0),
        ("host-level", "linux/amd64/v4", 0),
    ],
)
def test_levels_of_amd64(rule: str, host: str, expected: int) -> None:
    found = index("linux/amd64/v3", "linux/amd64/v1", "linux/amd64")
    assert chosen(found, rules(amd64_variant=rule), host) == expected


@pytest.mark.parametrize("rule", ["exact", "baseline"])
def test_a_level_alone_is_no_match_where_levels_are_compared(rule: str) -> None:
    assert chosen(index("linux/amd64/v3"), rules(amd64_variant=rule), "linux/amd64/v3") is None


def test_the_level_of_the_host_decides_only_where_it_is_declared() -> None:
    found = index("linux/arm64", "linux/amd64/v3")
    engine = rules(amd64_variant="host-level")
    with pytest.raises(Undecided):
        choose(found, engine, AMD64)
    assert chosen(found, engine, "linux/amd64/v2") is None
    assert chosen(found, engine, "linux/amd64/v3") == 1
    assert chosen(found, engine, "linux/amd64/v1") is None


def test_an_unknown_level_does_not_matter_where_a_plain_entry_is() -> None:
    assert chosen(index("linux/amd64/v3", "linux/amd64"), rules(amd64_variant="host-level")) == 1


@pytest.mark.parametrize(
    ("rule", "host", "expected"),
    [
        ("ignored", "linux/arm/v6", 0),
        ("exact", "linux/arm/v7", 0),
        ("exact", "linux/arm/v6", 2),
        ("exact", "linux/arm/v5", 3),
        ("exact", "linux/arm/v8", None),
        ("exact-else-any", "linux/arm/v6", 2),
        ("exact-else-any", "linux/arm/v8", 0),
        ("downwards", "linux/arm/v8", 0),
        ("downwards", "linux/arm/v6", 2),
        ("downwards", "linux/arm/v4", None),
        ("downwards", "linux/arm", 0),
    ],
)
def test_variants_of_arm(rule: str, host: str, expected: int | None) -> None:
    found = index("linux/arm/v7", "linux/arm64", "linux/arm/v6", "linux/arm/v5")
    assert chosen(found, rules(arm_variant=rule), host) == expected


def test_arm_without_a_variant_is_v7() -> None:
    assert chosen(index("linux/arm/v6", "linux/arm"), rules(arm_variant="exact"), "linux/arm/v7") == 1


def test_other_architectures_that_a_host_runs_come_last() -> None:
    engine = rules(compatible_architectures="386-and-arm", amd64_variant="baseline")
    assert chosen(index("linux/386", "linux/amd64"), engine) == 1
    assert chosen(index("linux/386"), engine) == 0
    assert chosen(index("linux/arm/v6", "linux/arm/v7"), engine, "linux/arm64") == 1
    assert chosen(index("linux/amd64"), engine, "linux/386") is None
    assert chosen(index("windows/386"), engine) is None
    assert chosen(index("linux/386"), rules(compatible_architectures="none")) is None


def test_an_entry_without_platform_may_count_as_one_for_linux_amd64_wherever_it_stands() -> None:
    engine = rules(index_entry_without_platform="linux-amd64")
    assert chosen(index("linux/arm64", None), engine) == 1
    assert chosen(index(None, "linux/amd64"), engine) == 0
    assert chosen(index("linux/amd64", None), engine) == 0
    assert chosen(index(None, None), engine, "linux/arm64") is None
    assert chosen(index(None, "linux/arm64"), engine, "linux/arm64") == 1
    assert chosen(index(None, kind=mt.MANIFEST_LIST), engine) is None, "a rule for indexes is none for lists"


@pytest.mark.parametrize("version", ["0.10.0", "1.24.0"])
@pytest.mark.parametrize("kind", [mt.OCI_INDEX, mt.MANIFEST_LIST])
def test_kaniko_takes_an_entry_without_platform_for_linux_amd64(version: str, kind: str) -> None:
    held = _holding(Platform("linux", "arm64"), kind)
    assert chosen(held, real("kaniko", version), "linux/arm64") is None
    assert chosen(held, real("kaniko", version)) == 0


def _holding(platform: Platform | None, kind: str) -> Shape:
    shape = Shape(mt.OCI_MANIFEST, mt.OCI_MANIFEST, platform=platform)
    return Shape(kind, kind, entries=(Entry(None, mt.OCI_MANIFEST, shape, State.RESOLVED),))


@pytest.mark.parametrize(
    ("rule", "held", "expected"),
    [
        ("never", AMD64, None),
        ("any", Platform("windows", "arm64"), 0),
        ("same-os", AMD64, 0),
        ("same-os", Platform("linux", "s390x"), 0),
        ("same-os", Platform("windows", "amd64"), None),
        ("same-os", None, 0),
        ("same-platform", AMD64, 0),
        ("same-platform", Platform("linux", "s390x"), None),
        ("same-platform", None, 0),
        ("", AMD64, None),
    ],
)
def test_an_entry_without_a_platform(rule: str, held: Platform | None, expected: int | None) -> None:
    only_index, only_list = rules(index_entry_without_platform=rule), rules(list_entry_without_platform=rule)
    assert chosen(_holding(held, mt.OCI_INDEX), only_index) == expected
    assert chosen(_holding(held, mt.MANIFEST_LIST), only_list) == expected
    assert chosen(_holding(held, mt.OCI_INDEX), only_list) is None
    assert chosen(_holding(held, mt.MANIFEST_LIST), only_index) is None


def test_a_matching_entry_comes_before_one_without_a_platform() -> None:
    assert chosen(index(None, "linux/amd64"), rules(index_entry_without_platform="any")) == 1


def test_an_entry_without_a_platform_comes_before_the_question_of_the_level() -> None:
    engine = rules(index_entry_without_platform="any", amd64_variant="host-level")
    assert chosen(index("linux/amd64/v3", None), engine) == 1


def test_a_strange_variant_is_no_error() -> None:
    found = index("linux/amd64/vv", "linux/amd64/v-1", "linux/amd64/\u0664", "linux/arm/seven")
    for rule in ("ignored", "exact", "baseline", "host-level"):
        chosen(found, rules(amd64_variant=rule))
    assert chosen(found, rules(arm_variant="downwards"), "linux/arm/v7") == 3


# The facts: one index, other children, as engines went on. Both ends of each range in which a rule holds.
REAL = """
docker       linux/amd64    linux/amd64/v3             17.12.1 0  18.05.0 0  18.06.0 -  20.10.27 -
docker       linux/amd64/v3 linux/amd64,linux/amd64/v3 18.05.0 0  18.06.0 0  20.10.27 0  23.0.0 1  29.7.2 1
docker       linux/amd64    linux/386                  20.10.27 -  23.0.0 0  29.7.2 0
docker       linux/arm64    linux/arm/v7               20.10.27 -  23.0.0 0
docker       linux/arm/v6   linux/arm/v7,linux/arm/v6  17.12.1 0  18.05.0 0  18.06.0 1  20.10.27 1  23.0.0 1
docker       linux/arm/v6   linux/arm/v7               18.06.0 0  20.10.27 0  23.0.0 -
docker       linux/arm/v7   linux/arm/v5               18.05.0 0  20.10.27 0  23.0.0 0
docker       linux/amd64    -                          20.10.27 -  23.0.0 0  29.7.2 0
docker/containerd linux/amd64/v3 linux/amd64/v3        24.0.0 -  28.5.2 -  29.5.3 -  29.6.0 0  29.7.2 0
docker/containerd linux/amd64    linux/386             24.0.0 0  29.7.2 0
docker/containerd linux/amd64    -                     24.0.0 0  29.7.2 0
containerd/cri linux/amd64/v3 linux/amd64/v3           1.0.0 -  1.7.34 -  2.3.4 -
containerd/cri linux/amd64  linux/amd64/v1             1.4.13 -  1.6.20 0
containerd/cri linux/amd64  linux/386                  1.4.13 -  1.5.0 0  2.0.11 0  2.1.0 -  2.3.4 -
containerd/cri linux/arm64  linux/arm/v7               1.4.13 -  1.5.0 0  2.0.11 0  2.1.0 -
containerd/cri linux/arm/v7 linux/arm/v6               1.1.8 -  1.2.0 0  2.0.11 0  2.1.0 -
containerd/cri linux/amd64  -                          1.0.0 0  2.3.4 0
containerd/ctr linux/amd64  linux/386                  1.4.13 -  1.5.0 -  1.7.34 -  2.0.0 -  2.3.4 -
containerd/ctr linux/arm/v7 linux/arm/v6               1.1.8 -  1.2.0 -  1.7.34 -  2.0.0 -
podman       linux/amd64    linux/amd64/v3             1.8.2 0  1.9.0 -  5.8.2 -
podman       linux/arm/v6   linux/arm/v7,linux/arm/v6  1.8.2 0  1.9.0 1
podman       linux/arm/v7   linux/arm/v5,linux/arm/v6  1.8.2 0  1.9.0 1
podman       linux/amd64    linux/386                  0.2.0 -  5.8.2 -
podman       linux/arm64    linux/arm/v7               1.9.0 -  5.8.2 -
podman       linux/amd64    -                          1.6.3 0  5.8.2 0
cri-o        linux/amd64    linux/amd64/v3             1.16.3 0  1.16.4 -  1.17.0 0  1.17.2 0  1.17.3 -  1.36.3 -
cri-o        linux/arm/v6   linux/arm/v7,linux/arm/v6  1.16.3 0  1.16.4 1  1.17.0 0  1.17.2 0  1.17.3 1
cri-o        linux/amd64    -                          1.15.3 0  1.36.3 0
buildah      linux/amd64    linux/amd64/v3             1.14.5 0  1.14.6 -  1.44.0 -
skopeo       linux/amd64    linux/amd64/v3             0.1.41 0  0.2.0 -  1.22.2 -
skopeo       linux/amd64    unknown/unknown,linux/amd64 0.1.40 1  1.22.2 1
"""
REAL_ROWS = [
    (engine, host, "" if platforms == "-" else platforms, version, expected)
    for line in REAL.strip().splitlines()
    for engine, host, platforms, *pairs in [line.split()]
    for version, expected in zip(pairs[::2], pairs[1::2], strict=True)
]


@pytest.mark.parametrize(("engine", "host", "platforms", "version", "expected"), REAL_ROWS)
def test_real_engines(engine: str, host: str, platforms: str, version: str, expected: str) -> None:
    """`expected` is the position of the entry that is taken, `-` where none is; no platforms: an entry without one."""
    name, _, where = engine.partition("/")
    store = where or ("graphdriver" if name == "docker" else "")
    found = index(*(platforms.split(",") if platforms else [None]))
    assert chosen(found, real(name, version, store), host) == (None if expected == "-" else int(expected))


@pytest.mark.parametrize("version", ["2.1.0", "2.3.4"])
def test_a_setting_brings_the_old_choice_back(version: str) -> None:
    engine = real("containerd", version, "cri", "use_local_image_pull")
    assert chosen(index("linux/386"), engine) == 0
    assert chosen(index("linux/arm/v6"), engine, "linux/arm/v7") == 0


def test_containers_image_takes_an_entry_without_platform_from_an_index_only() -> None:
    assert chosen(_holding(AMD64, mt.OCI_INDEX), real("podman", "5.8.2")) == 0
    assert chosen(_holding(AMD64, mt.MANIFEST_LIST), real("podman", "5.8.2")) is None
