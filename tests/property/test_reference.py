"""The reference grammar, against an expression written from the distribution specification alone."""

import re
import string

from hypothesis import assume, example, given
from hypothesis import strategies as st

from planner.model.reference import InvalidReferenceError, parse_digest, parse_reference

# OCI distribution specification 1.1, "Pulling manifests": what <name> and a tag must match.
NAME = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*")
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
HEX = "0123456789abcdef"
HOSTS = [
    "registry.example",
    "r.io:5000",
    "localhost",
    "localhost:1",
    "127.0.0.1:5000",
    "[::1]:5000",
    "UPPER",
    "docker.io",
]

words = st.text("abz019", min_size=1, max_size=6)
separators = st.sampled_from([".", "_", "__", "-", "---", "/"])
names = st.builds(
    lambda first, rest: first + "".join(map("".join, rest)), words, st.lists(st.tuples(separators, words), max_size=6)
)
tags = st.builds("".join, st.tuples(st.sampled_from("aZ0_"), st.text("aZ0_.-", max_size=127)))
digests = st.one_of(
    st.text(HEX, min_size=64, max_size=64).map("sha256:{}".format),
    st.text(HEX, min_size=128, max_size=128).map("sha512:{}".format),
)
# What looks like a reference, and what only nearly does.
nearly = st.text(string.ascii_letters + string.digits + "._-/:@[]+ \n\0é", max_size=60)


@given(st.sampled_from(HOSTS), names, st.none() | tags, st.none() | digests)
def test_what_the_specification_allows_is_read_as_written(
    host: str, name: str, tag: str | None, digest: str | None
) -> None:
    text = f"{host}/{name}" + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    reference = parse_reference(text)
    official = host == "docker.io" and "/" not in name
    assert (reference.registry, reference.repository) == (host, f"library/{name}" if official else name)
    assert (reference.tag, reference.digest) == (tag, digest)


@given(st.sampled_from(HOSTS), names, st.none() | tags, st.none() | digests)
def test_a_reference_survives_being_written_and_read(host: str, name: str, tag: str | None, digest: str | None) -> None:
    reference = parse_reference(f"{host}/{name}" + (f":{tag}" if tag else "") + (f"@{digest}" if digest else ""))
    assert parse_reference(str(reference)) == reference
    pinned = parse_reference(reference.pinned)
    assert (pinned.name, pinned.digest) == (reference.name, reference.digest)


@given(names, digests)
def test_short_names_are_those_of_docker_hub(name: str, digest: str) -> None:
    first, slash, rest = name.partition("/")
    # A name of two parts whose first has a dot is a host, and hosts have no underscores.
    assume(not (slash and "." in first and ("_" in first or "-." in first or ".-" in first)))
    reference = parse_reference(f"{name}@{digest}")
    if slash and ("." in first or first == "localhost"):
        assert (reference.registry, reference.repository) == (first, rest)
    else:
        assert (reference.registry, reference.repository) == ("docker.io", name if slash else f"library/{name}")


@given(nearly | st.text())
@example("a@")
@example("@sha256:" + "0" * 64)
@example("a:b:c")
@example("registry.example/")
@example("registry.example:/a")
@example("a" * 300)
@example("a\n")
@example("a:b\n")
@example("a@sha256:" + "0" * 64 + "\n")
@example("٣/٣:٣")
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    try:
        reference = parse_reference(text)
    except InvalidReferenceError:
        return
    # What is accepted becomes an argument of a subprocess: nothing but the grammar may pass.
    assert NAME.fullmatch(reference.repository)
    assert re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", reference.registry)
    assert not reference.registry.startswith("-")
    assert reference.tag is None or TAG.fullmatch(reference.tag)
    assert reference.digest is None or parse_digest(reference.digest) == reference.digest
    assert len(reference.name) <= 255
    assert parse_reference(str(reference)) == reference


@given(st.text(max_size=30) | st.text("ab0._-/", max_size=8))
@example("a___b")
@example("a..b")
@example("a-.b")
@example("a--b__c")
@example("a//b")
@example("a-")
def test_names_are_accepted_as_the_specification_says(text: str) -> None:
    try:
        accepted = parse_reference(f"registry.example/{text}").tag is None
    except InvalidReferenceError:
        accepted = False
    fits = len(f"registry.example/{text}") <= 255
    plain = "@" not in text and ":" not in text
    assert accepted == (bool(NAME.fullmatch(text)) and fits and plain)


@given(
    st.sampled_from(["sha256", "sha384", "sha512", "sha1", "md5", "SHA256", ""]), st.text(HEX + "ABCg", max_size=130)
)
def test_digests(algorithm: str, digits: str) -> None:
    lengths = {"sha256": 64, "sha384": 96, "sha512": 128}
    right = len(digits) == lengths.get(algorithm) and set(digits) <= set(HEX)
    try:
        assert parse_digest(f"{algorithm}:{digits}") == f"{algorithm}:{digits}"
        accepted = True
    except InvalidReferenceError:
        accepted = False
    assert accepted == right
