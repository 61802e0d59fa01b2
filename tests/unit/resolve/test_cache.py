import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from planner.model.manifest import digest_of
from planner.model.reference import parse_reference
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.cache import Cache, cache_path
from planner.resolve.caching import CachingResolver
from planner.resolve.snapshot import manifest_key
from tests.support.images import build_image
from tests.unit.resolve.answers import NAME, Counting, recorded, reference

IMAGE = build_image({"a": b"a"})
REFERENCE = reference(IMAGE.digest)
FOUND = Answer(State.RESOLVED, IMAGE.body)
CONFIG_DIGEST = digest_of(IMAGE.config)


def _ask(path: Path, counting: Counting) -> list[Answer]:
    cache = Cache(path)
    resolver = CachingResolver(counting, cache)
    answers = [resolver.manifest(REFERENCE), resolver.config(REFERENCE, CONFIG_DIGEST)]
    cache.close()
    assert cache.notices == []
    return answers


def test_what_was_verified_is_never_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "cache.sqlite3"
    counting = Counting(recorded(IMAGE))
    assert [answer.source for answer in _ask(path, counting)] == ["snapshot", "snapshot"]
    again = _ask(path, counting)
    assert [(answer.source, answer.body) for answer in again] == [("cache", IMAGE.body), ("cache", IMAGE.config)]
    assert len(counting.questions) == 2


def test_the_headers_are_kept_beside_the_bytes(tmp_path: Path) -> None:
    found = replace(FOUND, content_type=IMAGE.media_type, header_digest=IMAGE.digest)
    _ask(tmp_path / "c", Counting({manifest_key(REFERENCE): found}))
    kept = _ask(tmp_path / "c", Counting({}))[0]
    assert kept == replace(found, source="cache")


@pytest.mark.parametrize("header", [{"content_type": "text/x"}, {"content_type": ""}, {"header_digest": "sha256:1"}])
def test_wrong_headers_are_looked_at_again_for_they_will_be_mended(tmp_path: Path, header: dict[str, str]) -> None:
    wrong = Counting({manifest_key(REFERENCE): replace(FOUND, **header)})  # type: ignore[arg-type]
    assert [_ask(tmp_path / "c", wrong)[0].source for _ in range(2)] == ["snapshot", "snapshot"]
    mended = Counting({manifest_key(REFERENCE): replace(FOUND, content_type=IMAGE.media_type)})
    assert [_ask(tmp_path / "c", mended)[0].source for _ in range(2)] == ["snapshot", "cache"]


def test_another_repository_may_lack_it(tmp_path: Path) -> None:
    _ask(tmp_path / "c", Counting(recorded(IMAGE)))
    resolver = CachingResolver(Counting({}), Cache(tmp_path / "c"))
    for name in ("registry.example/team/other", "other.example/team/app"):
        assert resolver.manifest(reference(IMAGE.digest, name)).state is State.NOT_RECORDED


@pytest.mark.parametrize(
    "answer",
    [
        Answer(State.UNREACHABLE, detail="refused"),
        Answer(State.RESOLVED, b"<html>"),
        Answer(State.RESOLVED, build_image({"b": b"b"}).body),
    ],
)
def test_failures_and_wrong_bytes_are_never_kept(tmp_path: Path, answer: Answer) -> None:
    counting = Counting({manifest_key(REFERENCE): answer})
    for _ in range(2):
        assert _ask(tmp_path / "c", counting)[0].body == answer.body
    assert [key.kind for key in counting.questions].count("manifest") == 2


def test_that_a_digest_is_missing_is_kept_for_a_while(tmp_path: Path) -> None:
    counting = Counting({manifest_key(REFERENCE): Answer(State.MISSING, detail="no such manifest")})
    cache = Cache(tmp_path / "c")
    resolver = CachingResolver(counting, cache)
    first, second = resolver.manifest(REFERENCE), resolver.manifest(REFERENCE)
    assert [(each.state, each.source) for each in (first, second)] == [
        (State.MISSING, "snapshot"),
        (State.MISSING, "cache"),
    ]
    assert "5 minutes ago" in second.detail
    assert "--no-cache" in second.detail
    age = "UPDATE missing SET seen_at = seen_at - 300"
    with sqlite3.connect(tmp_path / "c") as database:
        database.execute(age)
    database.close()
    assert resolver.manifest(REFERENCE).source == "snapshot"
    assert len(counting.questions) == 2


def test_what_one_login_lacks_another_may_have(tmp_path: Path) -> None:
    counting = Counting({manifest_key(REFERENCE): Answer(State.MISSING, detail="no such manifest")})
    cache = Cache(tmp_path / "c")
    for who in ("alice", "bob", "bob"):
        CachingResolver(counting, cache, lambda _, who=who: who).manifest(REFERENCE)  # type: ignore[misc]
    assert len(counting.questions) == 2


def test_what_was_pushed_since_replaces_what_was_missing(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    cache.put_missing(REFERENCE, IMAGE.digest, "", "no such manifest")
    cache.put(REFERENCE, IMAGE.digest, FOUND)
    assert CachingResolver(Counting({}), cache).manifest(REFERENCE).body == IMAGE.body


def test_a_blob_that_is_no_manifest_is_not_kept_as_one(tmp_path: Path) -> None:
    wanted = reference(digest_of(b"<html>"))
    cache = Cache(tmp_path / "c")
    CachingResolver(Counting({manifest_key(wanted): Answer(State.RESOLVED, b"<html>")}), cache).manifest(wanted)
    assert cache.info().entries == 0


def test_tags_are_never_kept(tmp_path: Path) -> None:
    tag = parse_reference(f"{NAME}:v1")
    counting = Counting({manifest_key(tag): Answer(State.RESOLVED, IMAGE.body)})
    resolver = CachingResolver(counting, Cache(tmp_path / "c"))
    resolver.manifest(tag)
    resolver.manifest(tag)
    assert len(counting.questions) == 2


@pytest.mark.parametrize("change", ["body = x'00'", "body = 'text'", "body = 7", "registry = 'other'"])
def test_a_corrupt_row_is_dropped_and_asked_again(tmp_path: Path, change: str) -> None:
    path = tmp_path / "c"
    counting = Counting(recorded(IMAGE))
    _ask(path, counting)
    with sqlite3.connect(path) as database:
        database.execute(f"UPDATE content SET {change}")
    database.close()
    assert [answer.source for answer in _ask(path, counting)] == ["snapshot", "snapshot"]
    assert [answer.source for answer in _ask(path, counting)] == ["cache", "cache"]


@pytest.mark.parametrize(
    "content", [b"this is no database, but it is long enough to be looked at" * 100, b"SQLite format 3\0"]
)
def test_a_corrupt_file_is_moved_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "registry.sqlite3"
    path.write_bytes(content)
    cache = Cache(path)
    cache.put(REFERENCE, IMAGE.digest, FOUND)
    assert cache.get(REFERENCE, IMAGE.digest)
    assert len(cache.notices) == 1
    assert "registry.corrupt" in cache.notices[0]
    assert (tmp_path / "registry.corrupt").read_bytes() == content


def test_a_layout_of_another_version_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    cache = Cache(path)
    assert "version 99" in cache.notices[0]
    cache.put(REFERENCE, IMAGE.digest, FOUND)
    assert cache.info().entries == 1


@pytest.mark.parametrize("version", [1, 2])
def test_an_older_layout_begins_anew_in_its_place(tmp_path: Path, version: int) -> None:
    path = tmp_path / "registry.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE content (registry TEXT)")
        if version == 2:  # as it was before answers that came another way were kept apart
            database.execute("CREATE TABLE missing (registry TEXT)")
        database.execute(f"PRAGMA user_version = {version}")
    database.close()
    cache = Cache(path)
    cache.put(REFERENCE, IMAGE.digest, FOUND)
    cache.put_missing(REFERENCE, digest_of(b"x"), "me", "no such manifest")
    assert cache.info().entries == 1
    assert cache.missing(REFERENCE, digest_of(b"x"))
    assert cache.notices == []
    assert not path.with_suffix(".corrupt").exists()


def test_answers_that_came_another_way_are_not_found(tmp_path: Path) -> None:
    straight, mirrored = Cache(tmp_path / "c"), Cache(tmp_path / "c", via="mirror")
    mirrored.put(REFERENCE, IMAGE.digest, FOUND)
    mirrored.put_missing(REFERENCE, digest_of(b"x"), "me", "no such manifest")
    assert straight.get(REFERENCE, IMAGE.digest) is None
    assert straight.missing(REFERENCE, digest_of(b"x")) is None
    assert list(straight.everything()) == []
    assert (straight.info().entries, straight.other_ways(), mirrored.other_ways()) == (1, 1, 0)
    straight.put(REFERENCE, IMAGE.digest, FOUND)
    assert (straight.info().entries, straight.other_ways(), mirrored.other_ways()) == (2, 1, 1)
    assert mirrored.get(REFERENCE, IMAGE.digest)


def test_a_place_that_cannot_be_used_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "cache", tmp_path):
        cache = Cache(path)
        resolver = CachingResolver(Counting(recorded(IMAGE)), cache)
        assert resolver.manifest(REFERENCE).state is State.RESOLVED
        assert cache.info().entries == cache.prune() == 0
        assert len(cache.notices) == 1
        assert "cannot be used" in cache.notices[0]


def test_a_file_that_breaks_while_in_use_is_done_without(tmp_path: Path) -> None:
    path = tmp_path / "c"
    cache = Cache(path)
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE content")
    database.close()
    assert CachingResolver(Counting(recorded(IMAGE)), cache).manifest(REFERENCE).state is State.RESOLVED
    assert len(cache.notices) == 1


def test_info_and_prune(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    assert (cache.info().entries, cache.info().oldest) == (0, 0)
    images = [build_image({"a": b"%d" % number}) for number in range(3)]
    for image in images:
        cache.put(reference(image.digest), image.digest, Answer(State.RESOLVED, image.body))
    assert cache.info().entries == 3
    assert cache.info().size > 0
    assert time.time() - 60 < cache.info().oldest <= cache.info().newest <= time.time()
    with sqlite3.connect(tmp_path / "c") as database:
        database.execute("UPDATE content SET stored_at = stored_at - 10 * 86400 WHERE digest = ?", (images[0].digest,))
    database.close()
    assert cache.prune(older_than_days=11) == 0
    assert cache.prune(older_than_days=9) == 1
    assert cache.prune() == 2
    assert cache.info().entries == 0


_WRITER = """
import sys
from pathlib import Path
from planner.model.resolution import State
from planner.resolve.answer import Answer
from planner.resolve.cache import Cache
from tests.support.images import build_image
from tests.unit.resolve.answers import reference
cache = Cache(Path(sys.argv[1]))
for number in range(100):
    image = build_image({"a": b"%d" % number})
    cache.put(reference(image.digest), image.digest, Answer(State.RESOLVED, image.body))
    assert cache.get(reference(image.digest), image.digest)
assert cache.notices == [], cache.notices
"""


def test_two_runs_at_once(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    runs = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path / "c")], cwd=root, stdin=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert Cache(tmp_path / "c").info().entries == 100


def test_the_place_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLANNER_CACHE_DIR", str(tmp_path))
    assert cache_path().parent == tmp_path
    monkeypatch.delenv("PLANNER_CACHE_DIR")
    assert "planner" in str(cache_path())
