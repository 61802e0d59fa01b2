import pytest

from planner.resolve.answer import plain


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('Get "https://bob:hunter2@registry.example/v2/": EOF', "hunter2"),
        ("https://registry.example/token?account=bob&X-Amz-Signature=abcdef0123", "abcdef0123"),
        ("sent Authorization: Basic Ym9iOmh1bnRlcjI= and failed", "Ym9iOmh1bnRlcjI"),
        ("header authorization=Bearer eyJhbGciOi.eyJzdWIi.c2ln", "c2ln"),
        ("used Bearer 0123456789abcdef", "0123456789abcdef"),
        ('{"token": "s3cr3t-value", "expires_in": 300}', "s3cr3t"),
        ("refused identitytoken=correct-horse", "correct-horse"),
        ("password=hunter for bob", "hunter"),
        ("bad jwt eyJhbGciOi.eyJzdWIi.c2ln", "eyJzdWIi"),
    ],
)
def test_credentials_never_pass(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "unable to retrieve auth token: invalid username/password: unauthorized: authentication required",
        "Requesting bearer token: invalid status code from registry 403 (Forbidden)",
        "no basic auth credentials",
        "reading manifest sha256:0123 in registry.example:5000/a/b: manifest unknown",
    ],
)
def test_what_explains_a_failure_stays(text: str) -> None:
    assert plain(text) == text


def test_one_bounded_line_without_control_characters() -> None:
    result = plain("a\x1b[31mb\r\n\u202ec\ud800d\u2028e" + "x" * 10_000, 100)
    assert len(result) == 100
    assert result.startswith("a [31mb c?d e")
    assert result.endswith("…")


def test_a_secret_is_cut_before_the_text_is() -> None:
    assert "hunter" not in plain("x" * 90 + " password=hunter2hunter2hunter2", 110)
