import json
import threading
import time

import pytest

from planner.model.media_type import OCI_INDEX
from planner.model.platform import Platform, parse_platform
from planner.model.reference import Reference, parse_reference
from planner.model.resolution import ImageConfig, Resolution, State
from planner.resolve import resolve
from planner.resolve.answer import Answer
from planner.resolve.snapshot import Key, manifest_key
from tests.support.images import Image, build_artifact, build_image, build_index, descriptor, from_parts
from tests.unit.resolve.answers import NAME, Counting, recorded, reference

AMD64 = frozenset({Platform("linux", "amd64")})


def _image(number: int, platform: str = "linux/amd64") -> Image:
    return build_image({"file": b"%d" % number}, platform)


def _resolve(image: Image, *platforms: str) -> tuple[Resolution, Counting]:
    resolver = Counting(recorded(image))
    asked = frozenset(parse_platform(platform) for platform in platforms) or AMD64
    return resolve([reference(image.digest)], resolver, asked)[reference(image.digest)], resolver


def test_a_single_image_has_its_manifest_and_its_config() -> None:
    image = build_image({"a": b""}, "linux/arm/v7", layers=3)
    resolution, _ = _resolve(image)
    assert resolution.state is State.RESOLVED
    assert resolution.manifest
    assert len(resolution.manifest.layers) == 3
    assert resolution.config == ImageConfig(Platform("linux", "arm", "v7"), 3)
    assert resolution.digest == image.digest
    assert resolution.source == "snapshot"


def test_each_question_is_asked_once() -> None:
    shared = _image(1)
    first, second = build_index([(shared, "linux/amd64")]), build_index([(shared, "linux/amd64"), (_image(2), None)])
    resolver = Counting(recorded(first, second))
    texts = [f"{NAME}{tag}@{image.digest}" for image in (first, second) for tag in ("", ":v1", ":v2")]
    resolutions = resolve([parse_reference(text) for text in texts], resolver, AMD64)
    assert set(resolutions) == {reference(first.digest), reference(second.digest)}
    assert len(resolver.questions) == len(set(resolver.questions)) == 5


def test_another_repository_is_another_question() -> None:
    image = _image(1)
    resolver = Counting(recorded(image))
    other = reference(image.digest, "registry.example/other")
    resolutions = resolve([reference(image.digest), other], resolver, AMD64)
    assert resolutions[reference(image.digest)].state is State.RESOLVED
    assert resolutions[other].state is State.NOT_RECORDED


@pytest.mark.parametrize(
    ("platforms", "expected"),
    [
        (["linux/amd64"], {"linux/amd64", "linux/amd64/v3", "linux/386"}),
        (["linux/arm64"], {"linux/arm64", "linux/arm/v7", "linux/arm/v6"}),
        (["windows/amd64"], {"windows/amd64"}),
        (["linux/s390x", "linux/arm/v6"], {"linux/arm/v7", "linux/arm/v6"}),
    ],
)
def test_an_index_is_followed_to_the_platforms_of_the_hosts(platforms: list[str], expected: set[str]) -> None:
    names = "linux/amd64 linux/amd64/v3 linux/386 linux/arm64 linux/arm/v7 linux/arm/v6 windows/amd64 unknown/unknown"
    entries = [(_image(number, name), name) for number, name in enumerate(names.split())]
    resolution, _ = _resolve(build_index([*entries]), *platforms)
    by_digest = {image.digest: name for image, name in entries}
    assert {by_digest[child.reference.digest or ""] for child in resolution.children} == expected
    assert all(child.state is State.RESOLVED for child in resolution.children)
    # The index has told the platform: no need to read the config.
    assert all(child.config is None for child in resolution.children)


def test_an_entry_without_a_platform_is_followed_and_its_config_read() -> None:
    resolution, _ = _resolve(build_index([(_image(1, "linux/s390x"), None)], "v2s2"))
    assert [child.config for child in resolution.children] == [ImageConfig(Platform("linux", "s390x"), 1)]


def test_the_config_is_read_too_if_the_entry_turns_out_to_be_pinned_itself() -> None:
    image = _image(1)
    index = build_index([(image, "linux/amd64")])
    resolver = Counting(recorded(index))
    resolutions = resolve([reference(index.digest), reference(image.digest)], resolver, AMD64)
    assert resolutions[reference(image.digest)].config
    assert len(resolver.questions) == 3


def test_an_index_in_an_index_is_followed_to_a_bounded_depth() -> None:
    image = _image(1)
    depths = []
    for _ in range(6):
        image = build_index([(image, None)])
        resolution, _ = _resolve(image)
        *_, last = resolution.tree()
        depths.append((sum(1 for _ in resolution.tree()), last.state))
    assert depths[:4] == [(number, State.RESOLVED) for number in (2, 3, 4, 5)]
    assert depths[4:] == [(6, State.TOO_LARGE)] * 2


def test_a_giant_index_does_not_cost_a_giant_number_of_requests() -> None:
    index = build_index([(_image(number), "linux/amd64") for number in range(40)])
    resolution, resolver = _resolve(index)
    assert len(resolver.questions) == 1 + 16
    states = [child.state for child in resolution.children]
    assert states == [State.RESOLVED] * 16 + [State.TOO_LARGE] * 24


def test_a_missing_child_is_told_apart_from_a_missing_index() -> None:
    index = build_index([(_image(1), "linux/amd64")])
    answers = recorded(index)
    key = manifest_key(reference(index.children[0].digest))
    answers[key] = Answer(State.MISSING, detail="gone")
    resolution = resolve([reference(index.digest)], Counting(answers), AMD64)[reference(index.digest)]
    assert resolution.state is State.RESOLVED
    assert [(child.state, child.detail) for child in resolution.children] == [(State.MISSING, "gone")]


@pytest.mark.parametrize("digest", ["", "sha256:12", "--help", "sha256:" + "A" * 64, "../../etc/passwd"])
def test_an_entry_without_a_valid_digest_is_never_asked_for(digest: str) -> None:
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [{"digest": digest}, {"digest": digest}]}
    resolution, resolver = _resolve(Image(OCI_INDEX, json.dumps(document).encode()))
    assert [child.state for child in resolution.children] == [State.FAILED]
    assert len(resolver.questions) == 1


def test_artifacts_have_no_config_to_read() -> None:
    resolution, resolver = _resolve(build_artifact())
    assert resolution.state is State.RESOLVED
    assert resolution.config is None
    assert len(resolver.questions) == 1


@pytest.mark.parametrize("config", [b"not json", b"[]", b"\xff", b'{"a":' * 100_000])
def test_a_config_that_cannot_be_read_leaves_the_image_resolved(config: bytes) -> None:
    resolution, _ = _resolve(from_parts(config, []))
    assert resolution.state is State.RESOLVED
    assert resolution.config is None
    assert "config" in resolution.detail


def test_a_config_of_other_bytes_is_not_believed() -> None:
    image = _image(1)
    answers = {
        key: Answer(State.RESOLVED, b"{}") if key.kind == "config" else answer
        for key, answer in recorded(image).items()
    }
    resolution = resolve([reference(image.digest)], Counting(answers), AMD64)[reference(image.digest)]
    assert resolution.config is None
    assert "other bytes" in resolution.detail


@pytest.mark.parametrize(
    ("config", "diff_ids"),
    [({}, None), ({"rootfs": {}}, 0), ({"rootfs": {"diff_ids": [1, 2]}}, 2), ({"rootfs": 1}, None)],
)
def test_diff_ids_are_counted(config: dict[str, object], diff_ids: int | None) -> None:
    resolution, _ = _resolve(from_parts(json.dumps(config).encode(), []))
    assert resolution.config == ImageConfig(Platform("", ""), diff_ids)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (b"", State.NOT_A_MANIFEST),
        (b"<html>", State.NOT_A_MANIFEST),
        (b"{}", State.NOT_A_MANIFEST),
        (b"[" * 100_000, State.NOT_A_MANIFEST),
        (_image(7).body, State.MISMATCH),
        (b'{"schemaVersion": 1, "signatures": [{"protected": "eyJmb3JtYXRMZW5ndGgiOiAxZTk5OX0"}]}', State.MISMATCH),
    ],
)
def test_bytes_are_believed_only_if_the_digest_names_them(body: bytes, state: State) -> None:
    wanted = reference("sha256:" + "1" * 64)
    resolution = resolve([wanted], Counting({manifest_key(wanted): Answer(State.RESOLVED, body)}), AMD64)[wanted]
    assert resolution.state is state
    assert resolution.manifest is None
    assert resolution.detail


def test_by_tag_the_digest_is_that_of_what_came() -> None:
    image = _image(1)
    tag = parse_reference(f"{NAME}:v1")
    answers = {**recorded(image), manifest_key(tag): Answer(State.RESOLVED, image.body)}
    resolution = resolve([tag], Counting(answers), AMD64)[tag]
    assert resolution.digest == image.digest
    assert resolution.config


def test_one_failing_registry_stops_no_other() -> None:
    images = [_image(number) for number in range(5)]
    answers = recorded(*images)
    down = [reference(image.digest, "down.example/x") for image in images]
    answers |= {manifest_key(one): Answer(State.UNREACHABLE, detail="refused") for one in down}
    up = [reference(image.digest) for image in images]
    resolutions = resolve([*down, *up], Counting(answers), AMD64, jobs=2)
    assert {resolutions[one].state for one in down} == {State.UNREACHABLE}
    assert {resolutions[one].state for one in up} == {State.RESOLVED}


def test_progress_is_told_in_this_thread_and_ends_at_the_total() -> None:
    index = build_index([(_image(1), "linux/amd64"), (_image(2), None)])
    calls: list[tuple[int, int, int]] = []
    resolve(
        [reference(index.digest)],
        Counting(recorded(index)),
        AMD64,
        on_done=lambda done, total: calls.append((done, total, threading.get_ident())),
    )
    assert [done for done, _, _ in calls] == [1, 2, 3, 4]
    assert calls[-1][1] == 4
    assert {thread for _, _, thread in calls} == {threading.get_ident()}


def test_nothing_to_ask() -> None:
    assert resolve([], Counting({}), AMD64) == {}


def test_no_more_questions_at_a_time_than_jobs() -> None:
    images = [_image(number) for number in range(12)]
    open_now, most = 0, 0
    lock = threading.Lock()

    def note(_: Reference) -> None:
        nonlocal open_now, most
        with lock:
            open_now += 1
            most = max(most, open_now)
        time.sleep(0.01)
        with lock:
            open_now -= 1

    resolve([reference(image.digest) for image in images], Counting(recorded(*images), note), AMD64, jobs=3)
    assert 2 <= most <= 3


def test_an_interrupt_closes_the_resolver_and_asks_nothing_more() -> None:
    images = [_image(number) for number in range(50)]
    resolver = Counting(recorded(*images), lambda _: time.sleep(0.01))

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        resolve([reference(image.digest) for image in images], resolver, AMD64, jobs=2, on_done=interrupt)
    assert resolver.closed
    assert len(resolver.questions) < 20


def test_a_hostile_graph_of_shared_indexes_ends() -> None:
    level = [_image(number) for number in range(3)]
    for depth in range(6):
        level = [
            build_index([*((image, None) for image in level), (_image(100 + depth * 10 + number), None)])
            for number in range(3)
        ]
    resolution, resolver = _resolve(level[0])
    assert len(resolver.questions) < 200
    assert State.TOO_LARGE in {part.state for part in resolution.tree()}


def test_the_descriptors_of_the_builder_are_what_is_asked_for() -> None:
    image = _image(1)
    assert Key(f"{NAME}@{descriptor('', image.body)['digest']}") in recorded(image)
