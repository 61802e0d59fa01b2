"""Pasted messages and logs: who prints them in which versions, tried on what real engines printed."""

import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from planner.explain.answers import Catalogue, Hit, is_generic
from planner.explain.lines import MAX_BYTES, cleaned, read_lines
from planner.explain.match import match, pattern_of, words_of
from planner.explain.messages import explain_message
from planner.explain.phrases import phrases
from planner.model.engine import Version, parse_version
from tests.oracle.predict import Oracle, load_rows
from tests.support.command import Done, run
from tests.support.knowledge import KNOWLEDGE

DAEMON = "Error response from daemon: "
GONE = "schema 1 image manifests are no longer supported: invalid argument"
DIGEST = f"sha256:{'5e' * 32}"


@cache
def catalogue() -> Catalogue:
    return Catalogue(phrases(KNOWLEDGE))


def named(hits: Sequence[Hit], engine: str, version: Version) -> set[str]:
    """The causes for which an engine is said to print the message in a version."""
    return {h.phrase.cause for h in hits if h.phrase.sayer.name == engine and version in h.phrase.sayer.versions}


def explain(home: Path, *arguments: str | Path) -> Done:
    return run("explain", *arguments, home=home)


def test_what_real_engines_printed_is_explained() -> None:
    """Of the failures recorded with a message: the engine in that version is named, and the cause that is predicted."""
    oracle = Oracle()
    rows = [row for row in load_rows() if row.outcome == "fail" and row.message]
    by_engine, by_cause, generic = Counter[bool](), Counter[bool](), 0
    missed = []
    for row in rows:
        hits = catalogue().hits(cleaned(row.message))
        causes = named(hits, row.engine, parse_version(row.version))
        predicted = oracle.predict(row)
        fits = predicted is not None and predicted.cause in causes
        by_engine[bool(causes)] += 1
        by_cause[fits] += 1
        generic += is_generic(hits)
        if not fits:
            missed.append(f"{row}: {row.message[:120]}")
    count = len(rows)
    print(
        f"{count} messages: engine and version named {by_engine[True] / count:.1%}, with the cause predicted ", end=""
    )
    print(f"{by_cause[True] / count:.1%}; called generic {generic / count:.1%}")
    assert count > 600
    assert by_engine[True] / count >= 0.97, missed
    assert by_cause[True] / count >= 0.95, missed


# Typed from the facts about engines, not read from the knowledge: message, engine, versions at both sides of the edges.
SCHEMA2_TAG = f'unsupported schema version 2 for tag "{DIGEST}"'
NO_DEFAULT = "unsupported manifest media type and no default available: application/json"
NO_MATCH = "no matching manifest for unknown in the manifest list entries"
V2_FAILED = "pulling with digest reference failed from v2 registry"
EDGES = [
    ("missing signature key", "docker", ["1.8.0", "1.8.2"], ["1.7.1"], "schema2-manifest"),
    (SCHEMA2_TAG, "docker", ["1.8.3", "1.9.1"], ["1.8.2", "1.10.0"], "schema2-manifest"),
    (V2_FAILED, "docker", ["1.7.0", "1.7.1"], ["1.6.2", "1.8.0"], "schema2-manifest"),
    (NO_DEFAULT, "docker", ["29.0.0", "29.7.2"], ["28.5.2"], "schema1-manifest"),
    (GONE, "containerd", ["2.1.0"], ["1.7.27"], "schema1-manifest"),
    (NO_MATCH, "docker", ["17.04.0"], ["1.13.1"], "no-matching-platform"),
]


@pytest.mark.parametrize(("message", "engine", "prints", "not_yet", "cause"), EDGES, ids=lambda value: str(value)[:40])
def test_ranges_are_right_at_both_ends(
    message: str, engine: str, prints: list[str], not_yet: list[str], cause: str
) -> None:
    hits = catalogue().hits(DAEMON + message)
    for version in prints:
        assert cause in named(hits, engine, parse_version(version)), version
    for version in not_yet:
        assert cause not in named(hits, engine, parse_version(version)), version


@pytest.mark.parametrize(
    "line",
    [
        GONE,
        f"Error response from daemon: {GONE}",
        f'level=error msg="PullImage \\"a:1\\" failed" error="failed to pull and unpack image \\"a:1\\": {GONE}"',
        f'Failed to pull image "reg.example/a:1": rpc error: code = InvalidArgument desc = failed to pull: {GONE}',
        f"\x1b[31m{GONE.upper()}\x1b[0m",
        f"Nov 23 host kubelet[812]: E1123 kuberuntime_image.go:55] Failed: {GONE}\\n",
        "schema 1 image manifests are no longer supp…",
        "image manifests are no longer supported: invalid argument",
    ],
    ids=range(8),
)  # fmt: skip
def test_prefixes_quotes_colours_and_cuts_do_not_hide_a_message(line: str) -> None:
    hits = catalogue().hits(cleaned(line))
    assert "schema1-manifest" in named(hits, "containerd", parse_version("2.1.0"))


def test_blanks_stand_for_what_differs() -> None:
    pattern = pattern_of('no image found in image index for architecture "{architecture}", variant {variant}, OS {os}')
    found = match(pattern, words_of('no image found in manifest list for architecture amd64, variant "", OS linux'))
    assert found is not None
    assert found.is_whole
    assert match(pattern, words_of("no image found for architecture at all in this very long and other text")) is None


def test_the_registry_side_is_named_with_versions(tmp_path: Path) -> None:
    done = explain(tmp_path, "manifest unknown: OCI index found, but accept header does not support OCI indexes")
    assert done.code == 0
    assert "CNCF Distribution 2.7.0 to 2.8.3" in done.out
    assert "Docker Engine, graphdriver 1.8.0 to 1.12.6" in done.out


def test_generic_words_say_that_they_are(tmp_path: Path) -> None:
    done = explain(tmp_path, "--message", "Error response from daemon: unknown blob")
    assert done.code == 0
    assert done.out.startswith("These words are generic: ")
    assert "planner explain REFERENCE" in done.out
    told = explain(tmp_path, "no matching manifest for linux/arm64 in the manifest list entries")
    assert "generic" not in told.out


def test_remedies_name_the_image_of_the_message(tmp_path: Path) -> None:
    for named in (f"reg.example/shop/web@{DIGEST}", "reg.example:5000/shop/web:1.4"):
        done = explain(tmp_path, f'failed to pull and unpack image "{named}": {GONE}')
        assert f"`skopeo copy --format v2s2 docker://{named} docker://{named.split('/')[0]}/shop/web:v2s2`" in done.out
    assert "docker://REFERENCE" in explain(tmp_path, GONE).out


def test_words_without_quotes_are_one_message(tmp_path: Path) -> None:
    assert explain(tmp_path, *GONE.split()).out == explain(tmp_path, GONE).out


def test_one_engine_only(tmp_path: Path) -> None:
    done = explain(tmp_path, "missing signature key in this manifest", "--engine", "containerd")
    assert done.code == 3
    assert "Docker Engine" not in done.out


def test_what_nobody_prints_is_said_to_be_unknown(tmp_path: Path) -> None:
    done = explain(tmp_path, "the flux capacitor has run out of jigowatts")
    assert (done.code, done.said) == (3, "")
    assert "planner knows no engine and no registry that prints this" in done.out
    assert "What to do: " in done.out


def test_what_is_said_on_the_way_to_the_registry(tmp_path: Path) -> None:
    done = explain(tmp_path, "tls: failed to verify certificate: x509: certificate signed by unknown authority")
    assert done.code == 0
    assert "no engine version decides this" in done.out


def test_a_log_is_sorted_into_kinds(tmp_path: Path) -> None:
    noise = 'level=info msg="starting" id=1\nGET /favicon.ico: not found\n\n'
    lines = [f'level=error msg="pull of a:{n} failed: {GONE}"\n' for n in range(3)]
    (tmp_path / "log").write_text(noise * 50 + "".join(lines) + noise)
    done = explain(tmp_path, "--log", "log")
    assert done.code == 0
    assert done.out.startswith("3 of 105 lines say why a pull failed or may fail, in 1 way:")
    assert "line 151, and 2 more like it: level=error" in done.out
    assert "schema1-manifest: " in done.out


@pytest.mark.parametrize(
    ("content", "code"), [(b"", 4), (b"\n\n", 4), (b"nothing of note here\n", 3), (b"\xff\x00\n", 3)]
)
def test_logs_that_say_nothing(tmp_path: Path, content: bytes, code: int) -> None:
    (tmp_path / "log").write_bytes(content)
    assert explain(tmp_path, "--log", "log").code == code


def test_stdin_is_a_log(tmp_path: Path) -> None:
    assert explain(tmp_path, "--log", "-").code == 4  # the tests give no input


def test_hostile_input_is_bounded_in_time_and_reaches_no_terminal(tmp_path: Path) -> None:
    words = ["no", "matching", "manifest", "not", "found", "\x1b]0;gotcha\x07", "{", "[]string{", "\\\\", "sha256:…"]
    start = time.monotonic()
    for word in words:
        text, _ = explain_message(f"{word} " * 400_000)
        assert "\x1b" not in text
    (tmp_path / "log").write_bytes(b"no matching manifest for " * 400_000 + b"\n" + b"manifest \n" * 50_000)
    with (tmp_path / "log").open("rb") as file:
        assert sum(1 for _ in read_lines(file)) == 50_001
    done = explain(tmp_path, "--log", "log")
    assert done.code == 3
    assert time.monotonic() - start < 30


def test_a_long_log_is_cut_and_said_so(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        file.write(GONE.encode() + b"\n")
        file.truncate(MAX_BYTES + 10)
    done = explain(tmp_path, "--log", "log")
    assert done.code == 3
    assert "Only the first 32 MiB were read" in done.out
    assert "schema1-manifest" in done.out
