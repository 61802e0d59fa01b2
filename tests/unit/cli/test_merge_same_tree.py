"""`planner merge --same-tree`: one tree, scanned where one registry answers and where the other does."""

import json
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.images import Image, build_image, build_index
from tests.unit.cli.recorded import NAME, RECORDED, SCHEMA2, write_inventory, write_recorded
from tests.unit.cli.test_merge import merged, scanned

OLD, NEW = "docker 1.9.1", "docker 20.10.24"
OTHER = build_image({"other": b"1"}, kind="v2s2")
CHILD = build_image({"child": b"1"})
INDEX = build_index([(CHILD, "linux/amd64")])


def _tree(home: Path, *images: Image) -> Path:
    """A tree in which one host runs each image; `home` has nothing recorded yet."""
    write_inventory(home / "tree", *((NEW, image) for image in images))
    return home / "tree"


def _seen(tree: Path, name: str, *known: Image, hour: int = 1, lines: tuple[dict[str, object], ...] = ()) -> Path:
    """The report of a scan at that hour, from where the registry knows these images and no others."""
    write_recorded(tree / RECORDED, known)
    with (tree / RECORDED).open("a") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in lines)
    path = tree.parent / f"{name}.json"
    document = scanned(tree, path)
    document["provenance"]["started"] = f"2026-01-01T{hour:02}:00:00+00:00"
    path.write_text(json.dumps(document))
    return path


def _failing(image: Image, state: str, detail: str = "") -> dict[str, object]:
    return {"reference": f"{NAME}@{image.digest}", "state": state, "detail": detail}


def test_what_either_could_ask_is_known(tmp_path: Path) -> None:
    tree = _tree(tmp_path, SCHEMA2, OTHER, INDEX)
    office = _seen(tree, "office", SCHEMA2, hour=1)
    centre = _seen(tree, "centre", OTHER, INDEX, hour=2)
    for order in ((office, centre), (centre, office)):
        for each in order:
            assert run("merge", each, home=tmp_path).code == 3
        done, document = merged("--same-tree", *order, home=tmp_path)
        assert (done.code, document["problems"], document["findings"]) == (0, [], [])
        assert document["summary"]["now"]["pulls"] == 3
        assert {o["file"] for o in document["occurrences"]} == {f"h{n}/compose.yml" for n in range(3)}
        assert {r["state"] for r in document["resolutions"]} == {"resolved"}
        assert {w["digest"] for w in document["windows"]} == {SCHEMA2.digest, OTHER.digest, INDEX.digest}
        assert [host["runs"] for host in document["hosts"]] == [[f"h{n}/**"] for n in range(3)]
        assert document["summary"]["root"] == str(tree)


def test_what_neither_could_ask_stays_unknown(tmp_path: Path) -> None:
    tree = _tree(tmp_path, SCHEMA2, OTHER)
    office = _seen(tree, "office", SCHEMA2, lines=(_failing(OTHER, "denied", "who are you"),))
    centre = _seen(tree, "centre", hour=2, lines=(_failing(OTHER, "timeout", "too slow"),))
    done, document = merged("--same-tree", office, centre, home=tmp_path)
    assert done.code == 3
    assert [f["verdict"] for f in document["findings"]] == ["unknown"]
    assert sorted(p["kind"] for p in document["problems"]) == ["denied", "timeout"]
    assert {p["reference"] for p in document["problems"]} == {f"{NAME}@{OTHER.digest}"}


@pytest.mark.parametrize(("first", "second", "code"), [(1, 2, 1), (2, 1, 0)])
def test_of_two_answers_the_later_counts(first: int, second: int, code: int, tmp_path: Path) -> None:
    tree = _tree(tmp_path, SCHEMA2)
    there = _seen(tree, "there", SCHEMA2, hour=first)
    gone = _seen(tree, "gone", hour=second, lines=(_failing(SCHEMA2, "missing"),))
    done, document = merged("--same-tree", there, gone, home=tmp_path)
    assert done.code == code
    assert [r["state"] for r in document["resolutions"]] == ["missing" if code else "resolved"]
    assert [f["cause"] for f in document["findings"]] == (["digest-missing"] if code else [])
    assert bool(document["windows"]) is not bool(code)


def test_an_index_of_which_an_entry_could_not_be_read_is_known_in_part(tmp_path: Path) -> None:
    tree = _tree(tmp_path, INDEX)
    whole = _seen(tree, "whole", INDEX, hour=1)
    part = _seen(tree, "part", INDEX, hour=2, lines=(_failing(CHILD, "rate-limited", "later"),))
    assert run("merge", part, home=tmp_path).code == 3
    done, document = merged("--same-tree", whole, part, home=tmp_path)
    assert (done.code, document["problems"], document["findings"]) == (0, [], [])


def test_a_place_that_only_one_has_keeps_its_verdict(tmp_path: Path) -> None:
    tree = _tree(tmp_path, SCHEMA2, OTHER)
    office = _seen(tree, "office")
    (tree / "h0" / "compose.yml").unlink()
    centre = _seen(tree, "centre", SCHEMA2, OTHER, hour=2)
    done, document = merged("--same-tree", office, centre, home=tmp_path)
    assert done.code == 3
    assert [o["file"] for o in document["occurrences"]] == ["h0/compose.yml", "h1/compose.yml"]
    assert [(f["verdict"], f["occurrence"]) for f in document["findings"]] == [
        ("unknown", document["occurrences"][0]["id"])
    ]
    assert f"{NAME}@{SCHEMA2.digest}" in {p.get("reference") for p in document["problems"]}


def test_other_hosts_are_another_tree(tmp_path: Path) -> None:
    tree = _tree(tmp_path, SCHEMA2)
    office = _seen(tree, "office", SCHEMA2)
    toml = (tree / "planner.toml").read_text()
    for changed, said in (
        (toml.replace(NEW, OLD), "the host h0 is not the same in office and centre"),
        (toml.replace("h0/**", "h0/*"), "the host h0 is not the same in office and centre"),
        (toml.replace('"h0"', '"h9"'), "the host h0 is declared in office only"),
    ):
        (tree / "planner.toml").write_text(changed)
        centre = _seen(tree, "centre", SCHEMA2)
        done = run("merge", "--same-tree", office, centre, "-o", tmp_path / "x.json", home=tmp_path)
        assert done.code == 2
        assert said in done.said
        assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("fetched_at", "code"),
    [("2026-01-01T01:00:00+00:00", 1), ("2026-01-01T02:30:00Z", 0), (None, 1)],
    ids=["older", "newer", "nobody-knows"],
)
def test_an_answer_from_the_cache_is_as_old_as_it_was_told(fetched_at: str | None, code: int, tmp_path: Path) -> None:
    tree = _tree(tmp_path, SCHEMA2)
    kept = _seen(tree, "kept", SCHEMA2, hour=3)
    document = json.loads(kept.read_text())
    document["resolutions"][0] |= {"source": "cache", "fetched_at": fetched_at}
    kept.write_text(json.dumps(document))
    gone = _seen(tree, "gone", hour=2, lines=(_failing(SCHEMA2, "missing"),))
    for order in ((kept, gone), (gone, kept)):
        done, document = merged("--same-tree", *order, home=tmp_path)
        assert done.code == code
        assert [f["cause"] for f in document["findings"]] == (["digest-missing"] if code else [])


def test_an_answer_of_no_time_is_no_report(tmp_path: Path) -> None:
    path = _seen(_tree(tmp_path, SCHEMA2), "office", SCHEMA2)
    document = json.loads(path.read_text())
    document["resolutions"][0]["fetched_at"] = "yesterday"
    path.write_text(json.dumps(document))
    done = run("merge", path, home=tmp_path)
    assert done.code == 2
    assert f"was told of '{NAME}@{SCHEMA2.digest}' at 'yesterday', which is no time" in done.said


@pytest.mark.parametrize("direct", [False, True], ids=["mirror-alone", "another-host-asks-the-registry"])
def test_hosts_that_ask_a_mirror_are_heard_where_it_answered(direct: bool, tmp_path: Path) -> None:
    tree = _tree(tmp_path, SCHEMA2)
    route = tree / "certs.d" / NAME.partition("/")[0]
    route.mkdir(parents=True)
    (route / "hosts.toml").write_text('server = "https://mirror.example"\n[host]\n')
    led = '[[hosts]]\nname = "led"\nengine = "containerd 2.0.0"\nregistry_config = ["certs.d"]\n'
    (tree / "planner.toml").write_text(led + (f'[[hosts]]\nname = "other"\nengine = "{NEW}"\n' if direct else ""))
    there: dict[str, object] = {"reference": f"mirror.example/app@{SCHEMA2.digest}"}
    unreachable = there | {"state": "unreachable"}
    gone = _seen(tree, "gone", hour=1, lines=(there | {"state": "missing"},))
    later = _seen(tree, "later", hour=2, lines=(unreachable,))
    for order in ((gone, later), (later, gone)):
        done, document = merged("--same-tree", *order, home=tmp_path)
        assert done.code == 1
        assert ("breaks", "not-mirrored") in [(f["verdict"], f["cause"]) for f in document["findings"]]
        assert not [p for p in document["problems"] if p["reference"] == there["reference"]]
    write_recorded(tree / RECORDED, [SCHEMA2])
    recorded = (tree / RECORDED).read_text().replace(NAME, "mirror.example/app") + (
        (tree / RECORDED).read_text() if direct else ""
    )
    good = _seen(tree, "good", hour=1, lines=tuple(map(json.loads, recorded.splitlines())))
    for order in ((good, later), (later, good)):
        done, document = merged("--same-tree", *order, home=tmp_path)
        assert (done.code, document["findings"]) == (0, [])
