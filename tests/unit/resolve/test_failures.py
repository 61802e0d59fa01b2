"""The classes of failure; tests/registry runs skopeo into most of them, this is for the texts of other versions."""

import pytest

from planner.model.resolution import State
from planner.resolve.failures import failed, failures, last_words

NAME = "registry.example/team/app@sha256:" + "1" * 64


def _fatal(cause: str, prefix: str = "Error parsing image name") -> str:
    return f'time="2026-01-01T00:00:00Z" level=fatal msg="{prefix} \\"docker://{NAME}\\": {cause}"\n'


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        # skopeo 1.9.3
        (f"reading manifest sha256:11 in {NAME}: manifest unknown: manifest unknown", State.MISSING),
        ("name unknown: repository name not known to registry", State.MISSING),
        (r"errors:\ndenied: requested access to the resource is denied\nunauthorized: no", State.DENIED),
        ("denied: denied", State.DENIED),
        ("unable to retrieve auth token: invalid username/password: unauthorized", State.DENIED),
        ("Requesting bearer token: invalid status code from registry 403 (Forbidden)", State.DENIED),
        ("too many requests to registry", State.RATE_LIMITED),
        ("x509: certificate signed by unknown authority", State.TLS),
        ("http: server gave HTTP response to HTTPS client", State.TLS),
        ("context deadline exceeded", State.TIMEOUT),
        ("dial tcp: lookup registry.example: no such host", State.UNREACHABLE),
        (r"Get \"https://registry.example/v2/\": EOF", State.UNREACHABLE),
        ("manifest unknown: OCI manifest found, but accept header does not support OCI manifests", State.FAILED),
        ("pinging container registry registry.example: invalid status code from registry 404", State.FAILED),
        # 1.11.0 and later: once, and only the first of several
        (f"reading manifest sha256:11 in {NAME}: manifest unknown", State.MISSING),
        ("name unknown", State.MISSING),
        ("unauthorized", State.DENIED),
        (f"reading manifest sha256:11 in {NAME}: denied", State.DENIED),
        ("open auth.json: permission denied", State.FAILED),
        (f"reading manifest sha256:11 in {NAME}: unauthorized: access denied", State.DENIED),
        ("toomanyrequests: you have reached your limit", State.RATE_LIMITED),
        # 1.19.0 and later check the digest themselves
        (f"Manifest does not match provided manifest digest sha256:{'1' * 64}", State.MISMATCH),
        ("something that nobody has seen", State.FAILED),
    ],
)
def test_texts(cause: str, state: State) -> None:
    assert failed(_fatal(cause)).state is state


def test_another_prefix() -> None:
    text = (
        'time="x" level=fatal msg="Error retrieving manifest for image: reading manifest v1 in a/b: manifest unknown"'
    )
    assert last_words(text) == "manifest unknown"
    assert failed(text).state is State.MISSING


def test_the_last_fatal_line_counts() -> None:
    text = 'time="x" level=warning msg="x509: odd"\n' + _fatal("manifest unknown")
    assert failed(text).state is State.MISSING


def test_the_primary_location_counts_not_the_mirrors() -> None:
    mirrors = f"(Mirrors also failed: [mirror.example/app: denied: denied] [b.example/app: EOF]): {NAME}: "
    assert failed(_fatal(mirrors + "manifest unknown: manifest unknown")).state is State.MISSING
    assert last_words(_fatal(mirrors + "manifest unknown")) == "manifest unknown"


@pytest.mark.parametrize("name", ["denied", "x509", "toomanyrequests", "manifest-unknown", "eof"])
def test_a_repository_may_be_called_anything(name: str) -> None:
    cause = f"reading manifest sha256:{'1' * 64} in registry.example/{name}: some new text"
    text = f'level=fatal msg="Error parsing image name \\"docker://registry.example/{name}:{name}\\": {cause}"'
    assert failed(text).state is State.FAILED


def test_details_are_bounded_and_free_of_credentials() -> None:
    answer = failed(_fatal(r"Get \"https://bob:hunter2@registry.example/\": \x1b[31m no such host" + " long" * 20_000))
    assert answer.state is State.UNREACHABLE
    assert len(answer.detail) <= 300
    assert "hunter2" not in answer.detail
    assert "\x1b" not in answer.detail


@pytest.mark.parametrize("stderr", ["", "panic: runtime error", 'level=fatal msg="', "\\" * 5000, 'level=fatal msg=x"'])
def test_odd_output_is_an_answer_too(stderr: str) -> None:
    assert failed(stderr).state is State.FAILED


def test_every_entry_explains_what_it_means_and_where_it_is_from() -> None:
    table = failures()
    assert len({entry.id for entry in table}) == len(table)
    for entry in table:
        assert entry.source, entry.id
        assert 40 < len(entry.explanation) < 155, entry.id
        assert entry.match == tuple(text.lower() for text in entry.match)


def test_no_entry_is_hidden_by_an_earlier_one() -> None:
    table = failures()
    for position, entry in enumerate(table):
        for text in entry.match:
            hiding = [other.id for other in table[:position] if any(part in text for part in other.match)]
            assert not hiding, (entry.id, text, hiding)
