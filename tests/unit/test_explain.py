"""`planner explain` and `planner engines`: the same knowledge as `scan`, as text for people."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from planner.knowledge import load_knowledge
from tests.support.command import DIGEST, Done, run
from tests.support.images import Image, build_image, build_index, from_parts
from tests.unit.cli.recorded import ARM, HELLO, NAME, RECORDED, SCHEMA2, write_recorded

LINE = re.compile(r"  (?P<low>>=\S+?),(?P<high><\S+) +(?P<verdict>\S+)")


def explain(folder: Path, image: Image, *flags: str) -> Done:
    write_recorded(folder / RECORDED, [image])
    return run("explain", f"{NAME}@{image.digest}", "--offline", RECORDED, *flags, home=folder)


def section(done: Done, title: str) -> list[tuple[str, str, str]]:
    """The (low, high, verdict) lines under the heading of an engine."""
    text = done.out.split(f"\n{title}\n")[1].split("\n\n")[0]
    found = [match for line in text.splitlines() if (match := LINE.match(line))]
    return [(match["low"], match["high"], match["verdict"]) for match in found]


def test_the_founding_case(tmp_path: Path) -> None:
    done = explain(tmp_path, SCHEMA2)
    assert (done.code, done.said) == (0, "")
    assert done.out.splitlines()[1] == (
        "  stored as schema 2 manifest, application/vnd.docker.distribution.manifest.v2+json"
    )
    assert "    config: linux/amd64" in done.out.splitlines()
    lines = section(done, "Docker Engine, graphdriver")
    assert lines[-2:] == [(">=1.8.3", "<1.10.0", "breaks"), (">=1.10.0", lines[-1][1], "pulls")]
    assert {verdict for _, _, verdict in section(done, "containerd, cri")} == {"pulls"}


@pytest.mark.parametrize(
    "image",
    [SCHEMA2, ARM, build_index([(build_image(HELLO), "linux/amd64"), (ARM, "linux/arm64")])],
    ids=["schema2", "arm", "index"],
)
def test_ranges_leave_no_gap_and_end_at_the_newest_known(tmp_path: Path, image: Image) -> None:
    done = explain(tmp_path, image)
    for engine in load_knowledge().engines.values():
        for where in engine.stores or engine.clients or ("",):
            lines = section(done, f"{engine.title}{f', {where}' if where else ''}")
            assert lines[-1][1] == f"<={engine.newest}"
            for (_, high, before), (low, _, _) in pairwise(lines):
                assert high.removeprefix("<") == low.removeprefix(">=")
                assert before in ("pulls", "at-risk", "breaks", "unknown")


def test_the_platform_of_the_host_decides(tmp_path: Path) -> None:
    index = build_index([(ARM, "linux/arm64")])
    ours, theirs = (
        section(explain(tmp_path, index, "--platform", p), "containerd, cri") for p in ("linux/amd64", "linux/arm64")
    )
    assert ({verdict for *_, verdict in ours}, {verdict for *_, verdict in theirs}) == ({"breaks"}, {"pulls"})


def test_hostile_media_types_reach_no_terminal(tmp_path: Path) -> None:
    done = explain(tmp_path, from_parts(SCHEMA2.config, [("application/\x1b]0;gotcha\x07", b"x")]))
    assert "\x1b" not in done.out
    assert "\\x1b]0;gotcha" in done.out


def test_not_recorded_is_unknown(tmp_path: Path) -> None:
    write_recorded(tmp_path / RECORDED, [])
    done = run("explain", f"{NAME}@{DIGEST}", "--offline", RECORDED, home=tmp_path)
    assert (done.code, done.said) == (3, "")
    assert "unknown: the registry could not be asked" in done.out


def test_missing_breaks_whatever_the_engine(tmp_path: Path) -> None:
    (tmp_path / RECORDED).write_text(f'{{"reference": "{NAME}@{DIGEST}", "status": 404}}\n')
    done = run("explain", f"{NAME}@{DIGEST}", "--offline", RECORDED, home=tmp_path)
    assert done.code == 1
    assert "breaks: " in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "app@sha256:12"), "64 hex digits"),
        (("explain", "-x"), "No such option"),
        (("explain", f"Registry/App@{DIGEST}"), "must be lower-case"),
        (("explain", f"app@{DIGEST}", "--platform", "amd64"), "'amd64' is no platform; write os/architecture"),
        (("explain", f"app@{DIGEST}", "--offline", "nowhere"), "cannot read the recorded registry nowhere"),
        (("engines", "dokker"), "knows nothing of 'dokker'; it knows"),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments, home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert words in done.said


def test_engines_lists_all_that_is_known(tmp_path: Path) -> None:
    done = run("engines", home=tmp_path)
    knowledge = load_knowledge()
    rows = [(known.name, known.first, known.newest) for known in knowledge.engines.values()]
    rows += [(known.name, known.first, known.newest) for known in knowledge.registries.values()]
    for name, first, newest in rows:
        assert re.search(rf"^{name} +{first} to {newest} ", done.out, re.MULTILINE)


@pytest.mark.parametrize("name", [*load_knowledge().engines, *load_knowledge().registries])
def test_every_boundary_of_an_engine_has_its_source(tmp_path: Path, name: str) -> None:
    done = run("engines", name.upper(), home=tmp_path)
    assert done.code == 0
    knowledge = load_knowledge()
    if engine := knowledge.engine(name):
        entries = [entry for entries in engine.capabilities.values() for entry in entries]
        sources = {source for entry in entries for source in entry.source}
        assert set(engine.capabilities) <= set(done.out.splitlines())
    else:
        sources = {source for rule in knowledge.registries[name].rules for source in rule.source}
    missing = [source for source in sources if source not in done.out]
    assert not missing
