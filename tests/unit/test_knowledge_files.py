"""A knowledge file of the user's: what it may hold, and that each mistake in it is told with file, line and remedy."""

import re
from pathlib import Path

import pytest

from planner.errors import KnowledgeError
from planner.knowledge import load_knowledge
from planner.model.engine import parse_version
from planner.model.knowledge import CHOICES, ENGINE_BLANKS, REGISTRY_BLANKS, Support
from planner.model.media_type import SCHEMA2
from planner.model.reference import parse_reference
from tests.support.knowledge import KNOWLEDGE

ASSESS = Path(__file__).resolve().parents[2] / "planner" / "assess"

ENGINE = """\
name = "boat"
title = "Boat"
first = "1.0.0"
newest = "2.0.0"
checked = "2026-11-23"
source = ["boat/boat, release tags"]
stores = ["hold"]

[[need.schema1]]
versions = ">=1.0.0,<2.0.0"
state = "supported"
source = ["boat/boat@v1.0.0:pull.go:1"]

[[need.schema1]]
versions = ">=2.0.0"
state = "removed"
message = "no {media_type} in {reference}"
source = ["boat/boat@v2.0.0:pull.go:1"]

[[behaviour.amd64-variant]]
versions = "*"
value = "exact"
source = ["boat/boat@v1.0.0:pull.go:9"]
"""
REGISTRY = """\
name = "quay-side"
title = "Quay-side"
first = "1.0.0"
newest = "2.0.0"
checked = "2026-11-23"
source = ["quay/side"]

[[rule]]
versions = "*"
action = "as-stored"
source = ["quay/side@v1"]
"""
LIFETIME = """\
[[lifetime]]
versions = "*"
explains = "moved"
text = "it goes"
source = ["quay/side"]
"""
EXTENSION = """\
extends = "docker"
checked = "2027-01-31"
newest = "30.0.0"
source = ["our own tests"]

[[need.schema1]]
versions = ">=30.0.0"
state = "deprecated-on"
store = "containerd"
source = ["our own tests of 30.0.0"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, "utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge([write(folder, text)])
    return str(caught.value)


def test_a_users_engine_joins_the_shipped_ones(tmp_path: Path) -> None:
    knowledge = load_knowledge([write(tmp_path, ENGINE)])
    boat = knowledge.engine("boat")
    assert boat
    assert set(knowledge.engines) == {*KNOWLEDGE.engines, "boat"}
    assert boat.capabilities["schema1"][0].source == ("boat/boat@v1.0.0:pull.go:1",)
    assert boat.checked == "2026-11-23"


def test_a_users_registry_joins_the_shipped_ones(tmp_path: Path) -> None:
    assert load_knowledge([write(tmp_path, REGISTRY)]).registry("quay-side")


def test_a_users_file_replaces_what_has_its_name(tmp_path: Path) -> None:
    knowledge = load_knowledge([write(tmp_path, ENGINE.replace("boat", "podman"))])
    assert set(knowledge.engines["podman"].capabilities) == {"schema1"}


def test_a_file_that_extends_an_engine_stands_in_front_of_what_is_known(tmp_path: Path) -> None:
    shipped, own = KNOWLEDGE.engines["docker"], load_knowledge([write(tmp_path, EXTENSION)]).engines["docker"]
    assert str(own.newest) == "30.0.0"
    assert own.checked == "2027-01-31"
    first, *rest = own.capabilities["schema1"]
    assert first.state is Support.DEPRECATED
    assert tuple(rest) == shipped.capabilities["schema1"]
    others = {need: entries for need, entries in own.capabilities.items() if need != "schema1"}
    assert others == {need: entries for need, entries in shipped.capabilities.items() if need != "schema1"}
    assert own.behaviours == shipped.behaviours
    assert own.releases == shipped.releases


STORES = """
[[stores]]
versions = "*"
types = ["application/vnd.docker.distribution.manifest.v2+json"]
source = ["quay/side"]
"""


def test_what_a_registry_stores_is_read(tmp_path: Path) -> None:
    registry = load_knowledge([write(tmp_path, REGISTRY + STORES)]).registries["quay-side"]
    assert [(stores.takes, stores.types) for stores in registry.stores] == [(True, frozenset({SCHEMA2}))]


def test_mistakes_in_what_a_registry_stores_are_told(tmp_path: Path) -> None:
    assert "is no media type of a manifest" in refusal(tmp_path, REGISTRY + STORES.replace("v2+json", "v9+json"))
    assert "holds no version" in refusal(tmp_path, REGISTRY + STORES.replace('"*"', '">=2.0.0,<1.0.0"'))
    assert "write takes = false" in refusal(tmp_path, REGISTRY + STORES + "status = 400\n")


def test_two_files_may_extend_one_engine(tmp_path: Path) -> None:
    first = write(tmp_path, EXTENSION)
    second = tmp_path / "second.toml"
    second.write_text(EXTENSION.replace("30.0.0", "31.0.0").replace("deprecated-on", "removed"), "utf-8")
    found = load_knowledge([first, second]).engines["docker"].capabilities["schema1"]
    assert [entry.state for entry in found[:2]] == ["removed", "deprecated-on"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('source = ["boat/boat@v1.0.0:pull.go:1"]\n', "", 9, r"need\.schema1: `source` is missing; name what it rests"),
        ('["boat/boat@v1.0.0:pull.go:1"]', "[]", 12, r"need\.schema1: `source` is empty; name what it rests on"),
        ('["boat/boat@v1.0.0:pull.go:1"]', '["  "]', 12, r"need\.schema1: `source` is empty"),
        ('checked = "2026-11-23"\n', "", 1, r'`checked` is missing; .* checked = "2026-11-23"'),
        ('checked = "2026-11-23"', 'checked = "last week"', 5, r"`checked` is not as it must be: 'last week'"),
        ('checked = "2026-11-23"', "checked = 2026-11-23", 5, r'in quotes; write checked = "2026-11-23"'),
        ('state = "supported"', 'sate = "supported"', 11, r"unknown member `sate` \(did you mean `state`\?\)"),
        ('"supported"', '"maybe"', 11, r"'maybe' is no state; write 'supported', .* or 'removed'"),
        ('title = "Boat"', 'title = "Boat"\ncolour = "red"', 3, r"unknown member `colour`; known are .*title"),
        ('newest = "2.0.0"', "newest = 2.0.0", 4, r'a version or range stands in quotes; write newest = "2\.0\.0"'),
        ('newest = "2.0.0"', "newest = 2.10", 4, r'`newest` is text and stands in quotes; write newest = "2\.10"'),
        ('newest = "2.0.0"', "newest = 2 # two", 4, r'write newest = "2"$'),
        ('newest = "2.0.0"', "newest = v2.0.0", 4, r'write newest = "v2\.0\.0"'),
        ('newest = "2.0.0"', 'newest = "2.0"', 4, r"`newest`: '2\.0' names no patch release"),
        ('newest = "2.0.0"', 'newest = "0.9.0"', 4, r"`newest` 0\.9\.0 is older than `first` 1\.0\.0"),
        ('">=1.0.0,<2.0.0"', ">=1.0.0,<2.0.0", 10, r'in quotes; write versions = ">=1\.0\.0,<2\.0\.0"'),
        ('">=1.0.0,<2.0.0"', '">1.0.0"', 10, r"need\.schema1: `versions`: '>1\.0\.0' is no bound; write >=VERSION"),
        ('">=1.0.0,<2.0.0"', '">=1.0.0,<=2.0.0"', 10, r"`versions`: a range ends with < "),
        ('">=1.0.0,<2.0.0"', '">=2.0.0,<1.0.0"', 10, r"'>=2\.0\.0,<1\.0\.0' holds no version"),
        ('">=1.0.0,<2.0.0"', '">=1.0.0,<2.0.1"', 15, r"'>=2\.0\.0' overlaps '>=1\.0\.0,<2\.0\.1' above"),
        ('">=1.0.0,<2.0.0"', '"*"', 15, r"'>=2\.0\.0' overlaps '\*' above"),
        ("[[need.schema1]]", "[[need.shcema1]]", 9, r"the need 'shcema1' \(did you mean `schema1`\?\)"),
        ('"removed"', '"deprecated-off-by-default"', 16, r"says that a switch helps; name it in `switches`"),
        ("{media_type}", "{mediatype}", 17, r"nothing fills in \{mediatype\}; a message may have .*\{media_type\}"),
        ('"removed"', '"removed"\nstore = "deck"', 17, r"'deck' is no store of this engine: it has hold"),
        ('"removed"', '"removed"\nclient = "cri"', 17, r"'cri' is no client of this engine: it has no clients"),
        ("amd64-variant", "amd64-varaint", 20, r"the rule 'amd64-varaint' \(did you mean `amd64-variant`\?\)"),
        ('"exact"', '"exactly"', 22, r"'exactly' is no value of amd64-variant; write one of baseline, exact"),
        ("[[need.schema1]]", "[need.schema1]", 14, r"Cannot "),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_line_and_remedy(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert ENGINE.count(old) >= 1
    told = refusal(tmp_path, ENGINE.replace(old, new, 1))
    assert re.search(rf"own\.toml:{line}: .*(?:{words})", told, re.MULTILINE), told


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"as-stored"', '"as-strored"', 10, r"rule: 'as-strored' is no action; write 'as-stored'"),
        ('versions = "*"\n', "", 8, r'rule: `versions` is missing; .* versions = ">=1\.10\.0,<18\.06\.0"'),
        ('action = "as-stored"', 'action = "refused"\nmessage = "{nobody}"', 11, r"nothing fills in \{nobody\}"),
        ('newest = "2.0.0"\n', "", 1, r"write both `first` and `newest`"),
        ('"as-stored"', '"refused"\ncause = "registry-canot-serve"', 11, "no cause .*mean `registry-cannot-serve`"),
        (
            '"as-stored"',
            f'"refused"\nstored = ["{SCHEMA2}x"]',
            11,
            f"no media type of a manifest .*mean `{re.escape(SCHEMA2)}`",
        ),
        ('"as-stored"', '"refused"\nunless_accepted = "schema2"', 11, "'schema2' is no media type of a manifest"),
        ('"as-stored"', '"refused"\nif_accepted = "schema2"', 11, "'schema2' is no media type of a manifest"),
        ('source = ["quay/side@v1"]\n', 'source = ["quay/side@v1"]\n' + LIFETIME, 14, "there is no cause 'moved'"),
    ],
)
def test_mistakes_in_a_registry_file_too(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in REGISTRY
    told = refusal(tmp_path, REGISTRY.replace(old, new, 1))
    assert re.search(rf"own\.toml:{line}: .*{words}", told), told


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"docker"', '"dokcer"', 1, r"planner knows no engine 'dokcer' \(did you mean `docker`\?\); it knows .*docker"),
        ('newest = "30.0.0"', 'newest = "28.0.0"', 3, r"`newest` 28\.0\.0 is older"),
        ('store = "containerd"', 'store = "deck"', 9, "'deck' is no store of this engine: it has graphdriver"),
        ('checked = "2027-01-31"\n', "", 1, "`checked` is missing"),
    ],
)
def test_mistakes_in_an_extension_too(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    told = refusal(tmp_path, EXTENSION.replace(old, new, 1))
    assert re.search(rf"own\.toml:{line}: .*{words}", told), told


def test_every_mistake_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    told = refusal(tmp_path, ENGINE.replace('"supported"', '"maybe"').replace('"2.0.0"', '"2.0"')).splitlines()
    assert [re.sub(r".*own\.toml:(\d+): .*", r"\1", line) for line in told] == ["4", "11"]


def test_a_file_full_of_mistakes_is_told_of_a_few(tmp_path: Path) -> None:
    told = refusal(tmp_path, ENGINE + "".join(f"x{number} = 1\n" for number in range(500))).splitlines()
    assert len(told) == 21
    assert "and 480 more mistakes" in told[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", r"own\.toml:1: Invalid value"),
        ("\0", r"own\.toml:1: "),
        ("[need]\nschema1 = 3", r"own\.toml:2: .*`schema1` is no table; write \[\[need\.schema1\]\]"),
        ('name = "boat"', r"own\.toml:1: this is no knowledge file: .*\[\[need\.NAME\]\]"),
        ("", r"own\.toml:1: this is no knowledge file"),
        ("a = " + "[" * 100_000, r"own\.toml"),
        ("#" * 4_000_001, r"own\.toml has more than 4 MB"),
    ],
)
def test_what_is_no_knowledge_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    assert re.search(words, refusal(tmp_path, text))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(KnowledgeError, match=r"cannot read the knowledge file .*own\.toml"):
        load_knowledge([path])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"absent\.toml"):
        load_knowledge([tmp_path / "absent.toml"])


def test_entries_for_other_circumstances_do_not_overlap(tmp_path: Path) -> None:
    for member in ('store = "hold"', 'ref = "tag"', 'scope = "child"', 'when = ["x"]', "limit = 5"):
        load_knowledge([write(tmp_path, ENGINE.replace(">=2.0.0", "*").replace('state = "r', f'{member}\nstate = "r'))])


def test_what_the_loader_takes_for_read_is_read() -> None:
    code = (ASSESS / "select.py").read_text("utf-8")
    values = frozenset[str]().union(*CHOICES.values())
    assert set(re.findall(r'case "([a-z0-9-]+)"', code)) - {"amd64", "arm"} <= values
    everywhere = "".join(path.read_text("utf-8") for path in ASSESS.glob("*.py"))
    asked = re.findall(r'"([a-z0-9-]+)"', everywhere)
    assert {rule for rule in CHOICES if not rule.endswith("-entry-without-platform")} <= set(asked)


def test_what_the_loader_takes_for_filled_in_is_filled_in() -> None:
    filled = set(re.findall(r'"\{(\w+)\}"', (ASSESS / "compare.py").read_text("utf-8")))
    text = " ".join(f"{{{blank}}}" for blank in ENGINE_BLANKS - filled)
    assert text
    assert "{" not in parse_reference("web@sha256:" + "a" * 64).fill(text)
    delivery = set(re.findall(r'"\{(\w+)\}"', (ASSESS / "delivery.py").read_text("utf-8")))
    assert delivery >= REGISTRY_BLANKS - ENGINE_BLANKS


def test_the_shipped_lists_end_with_the_newest_release_known() -> None:
    for engine in KNOWLEDGE.engines.values():
        versions = [release.version for release in engine.releases]
        assert versions == sorted(set(versions)), engine.name
        assert versions[-1] == engine.newest, engine.name
        assert versions[0] == engine.first, engine.name


def test_every_bound_is_a_release_or_in_a_gap() -> None:
    for engine in KNOWLEDGE.engines.values():
        listed = {release.version for release in engine.releases}
        gaps = {bound for gap in engine.gaps for bound in (gap.versions.low, gap.versions.high)}
        for need, entries in engine.capabilities.items():
            for entry in entries:
                assert {entry.versions.low, entry.versions.high} <= {*listed, *gaps, None}, f"{engine.name}: {need}"


@pytest.mark.parametrize(
    ("engine", "bound", "last", "date"),
    [
        ("docker", "28.2.0", "28.1.1", "2025-04-18"),
        ("docker", "23.0.0", "20.10.27", "2023-12-01"),
        ("docker", "17.03.0", "1.13.1", "2017-02-07"),
        ("docker", "19.03.5", "19.03.4", "2019-10-18"),
        ("docker", "27.0.1", "26.1.5", "2024-07-23"),
        ("containerd", "2.1.0", "2.0.11", ""),
        ("containerd", "1.6.25", "1.6.24", "2023-09-13"),
        ("podman", "4.2.0", "4.1.1", "2022-06-14"),
    ],
)
def test_the_last_release_before_a_bound(engine: str, bound: str, last: str, date: str) -> None:
    found = KNOWLEDGE.engines[engine].before(parse_version(bound))
    assert found
    assert (str(found.version), found.date) == (last, date)


def test_nothing_comes_before_the_first_release() -> None:
    engine = KNOWLEDGE.engines["docker"]
    assert engine.before(engine.first) is None


@pytest.mark.parametrize("text", ["20.10.24+dfsg1", "19.3.13", "17.06.2-ee-5", "28.2.0-rc.1", "29.7.2", "20.10.27"])
def test_what_was_released_is_listed(text: str) -> None:
    assert KNOWLEDGE.engines["docker"].unlisted(parse_version(text)) == ""


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("20.10.99", "20.10.27 and 23.0.0"), ("27.0.0", "26.1.5 and 27.0.1"), ("1.2.1", "1.2.0 and 1.3.0")],
)
def test_what_was_not_is_said_with_its_neighbours(text: str, nearest: str) -> None:
    said = KNOWLEDGE.engines["docker"].unlisted(parse_version(text))
    assert text in said
    assert nearest in said


def test_a_list_with_holes_says_of_nothing_that_it_was_not_released() -> None:
    assert KNOWLEDGE.engines["cri-o"].complete is None
    assert KNOWLEDGE.engines["cri-o"].unlisted(parse_version("1.29.7")) == ""
