"""References as engines read them: what is normalised, what is refused, and why."""

import pytest

from planner.model.reference import InvalidReferenceError, Reference, parse_digest, parse_reference

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag"),
    [
        ("nginx", "docker.io", "library/nginx", None),
        ("nginx:1.27", "docker.io", "library/nginx", "1.27"),
        ("grafana/grafana", "docker.io", "grafana/grafana", None),
        ("docker.io/nginx", "docker.io", "library/nginx", None),
        ("index.docker.io/library/nginx", "docker.io", "library/nginx", None),
        ("registry-1.docker.io/a/b", "docker.io", "a/b", None),
        ("registry.corp.example/shop/web:2", "registry.corp.example", "shop/web", "2"),
        ("registry.corp.example:5000/web:v1.2_3-x", "registry.corp.example:5000", "web", "v1.2_3-x"),
        ("localhost/web", "localhost", "web", None),
        ("localhost:5000/web", "localhost:5000", "web", None),
        ("127.0.0.1:5000/a", "127.0.0.1:5000", "a", None),
        ("[::1]:5000/a/b:t", "[::1]:5000", "a/b", "t"),
        ("[2001:db8::1]/a", "[2001:db8::1]", "a", None),
        ("REGISTRY/a", "REGISTRY", "a", None),
        ("team/a__b/c--d.e", "docker.io", "team/a__b/c--d.e", None),
    ],
)
def test_names_are_normalised(text: str, registry: str, repository: str, tag: str | None) -> None:
    assert parse_reference(text) == Reference(registry, repository, tag, None)
    assert parse_reference(f"{text}@{DIGEST}") == Reference(registry, repository, tag, DIGEST)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no repository name"),
        ("Nginx", "must be lower-case"),
        ("shop/Web", "must be lower-case"),
        ("a//b", "no repository name"),
        ("/a", "no repository name"),
        ("a/", "no repository name"),
        ("a:", "no tag"),
        ("a:-x", "no tag"),
        (f"a:{'t' * 129}", "no tag"),
        ("a b", "no repository name"),
        ("a\n", "no repository name"),
        ("é", "no repository name"),
        ("--help", "no repository name"),
        ("a..b/c", "no registry host"),
        ("-bad.example/c", "no registry host"),
        ("host.example:port/c", "no registry host"),
        ("a" * 256, "255"),
        ("a@", "no algorithm"),
        ("a@sha256", "no algorithm"),
        ("a@sha256:abc", "64 hex digits, this one has 3"),
        (f"a@sha256:{HEX.upper()}", "lower-case hex"),
        (f"a@sha256:{HEX[:-1]}g", "lower-case hex"),
        (f"a@md5:{HEX[:32]}", "unknown digest algorithm"),
        (f"a@{DIGEST}@{DIGEST}", "hex digits"),
        (f"a@{DIGEST}\n", "hex digits"),
    ],
)
def test_what_engines_refuse_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidReferenceError, match=reason):
        parse_reference(text)


@pytest.mark.parametrize(("algorithm", "length"), [("sha256", 64), ("sha384", 96), ("sha512", 128)])
def test_every_registered_algorithm(algorithm: str, length: int) -> None:
    assert parse_digest(f"{algorithm}:{'a' * length}")
    for wrong in (length - 1, length + 1):
        with pytest.raises(InvalidReferenceError, match=f"{length} hex digits"):
            parse_digest(f"{algorithm}:{'a' * wrong}")


def test_other_digits_than_ascii_are_no_hex() -> None:
    with pytest.raises(InvalidReferenceError):
        parse_digest("sha256:" + "\u0661" * 64)


def test_the_longest_name() -> None:
    assert parse_reference("r.example/" + "a" * 245)
    with pytest.raises(InvalidReferenceError):
        parse_reference("r.example/" + "a" * 246)


@pytest.mark.parametrize(
    ("text", "pinned", "shown"),
    [
        (f"web:1@{DIGEST}", f"docker.io/library/web@{DIGEST}", f"docker.io/library/web:1@{DIGEST}"),
        (f"r.example/web@{DIGEST}", f"r.example/web@{DIGEST}", f"r.example/web@{DIGEST}"),
        ("r.example/web:1", "r.example/web:1", "r.example/web:1"),
        ("r.example/web", "r.example/web:latest", "r.example/web"),
    ],
)
def test_what_is_asked_for_and_what_is_shown(text: str, pinned: str, shown: str) -> None:
    reference = parse_reference(text)
    assert (reference.pinned, str(reference)) == (pinned, shown)
    assert parse_reference(reference.pinned).pinned == reference.pinned
