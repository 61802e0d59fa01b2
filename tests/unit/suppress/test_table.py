"""`[[ignore]]` and `[policy]` of planner.toml, and that each mistake is named with its place."""

from datetime import date
from pathlib import Path

import pytest

from planner.errors import UsageError
from planner.model.suppression import Rule, Suppression
from planner.settings import Settings, load_settings


def load(folder: Path, text: str, name: str = "planner.toml") -> Settings:
    (folder / name).write_text(text)
    return load_settings(folder)


def test_every_word(tmp_path: Path) -> None:
    text = """
        [policy]
        ignore_must_expire = true

        [[ignore]]
        cause = ["oci-index", "artifact"]
        image = "registry.example/lab/*"
        path = "./web/**"
        host = "web-*"
        reason = " replaced in spring "
        owner = "ops"
        expires = 2026-12-31

        [[ ignore ]]
        cause = "*"
        reason = "quoted"
        expires = "2027-01-01"
    """
    settings = load(tmp_path, text)
    assert settings.ignore_must_expire
    assert settings.ignores == (
        Rule(
            Suppression("planner.toml", 5, "replaced in spring", "ops", date(2026, 12, 31)),
            ("oci-index", "artifact"),
            "registry.example/lab/*",
            "web/**",
            "web-*",
        ),
        Rule(Suppression("planner.toml", 14, "quoted", expires=date(2027, 1, 1)), ("*",)),
    )


def test_in_pyproject_and_where_the_line_cannot_be_told(tmp_path: Path) -> None:
    settings = load(tmp_path, '\n[[tool.planner.ignore]]\npath = "a"\nreason = "b"\n', "pyproject.toml")
    (rule,) = settings.ignores
    assert (rule.told.file, rule.told.line, rule.causes) == ("pyproject.toml", 2, ("*",))
    (rule,) = load(tmp_path, 'ignore = [{host = "a", reason = "b"}]\n').ignores
    assert (rule.told.line, rule.host) == (0, "a")
    assert not load(tmp_path, "").ignore_must_expire


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('cause = "a"', "reason: is missing"),
        ('cause = "a"\nreason = " "', "say why"),
        ('reason = "b"', "set cause, image, path or host"),
        ('image = ""\nreason = "b"', "set cause, image, path or host"),
        ('cause = ""\nreason = "b"', "cause: is empty"),
        ('cause = []\nreason = "b"', "cause: is empty"),
        ('cause = 3\nreason = "b"', "cause: should be a valid list"),
        ('cause = "a"\nreason = "b"\nexpires = "soon"', "'soon' is no date such as 2026-12-31"),
        ('cause = "a"\nreason = "b"\nexpires = "20261231"', "is no date"),
        ('cause = "a"\nreason = "b"\nexpires = "2026-02-30"', "is no date"),
        ('cause = "a"\nreason = "b"\nexpires = 2026', "is no date"),
        ('cause = "a"\nreason = "b"\nexpires = 2026-12-31T00:00:00Z', "is no date"),
        ('path = "!"\nreason = "b"', "is no glob"),
        (
            'cause = "a"\nreasons = "b"',
            "reasons: is not a word that planner knows (did you mean `reason`?); here it knows cause, image",
        ),
    ],
)
def test_a_mistake_ends_the_run(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match="ignore, number 1") as error:
        load(tmp_path, f"[[ignore]]\n{text}\n")
    assert words in str(error.value)


@pytest.mark.parametrize("day", ["YYYY-MM-DD", "2026-02-30", "31.12.2026", "next week", ""], ids=str)
def test_a_day_that_is_no_toml_is_shown_how(tmp_path: Path, day: str) -> None:
    with pytest.raises(UsageError, match="write a date such as expires = 2026-12-31"):
        load(tmp_path, f'[[ignore]]\ncause = "a"\nexpires = {day}\r\n')
    with pytest.raises(UsageError) as error:
        load(tmp_path, f'expires = "2026-12-31"\nreason = {day}\n')
    assert "write a date" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [('ignore_must_expire = "yes"', "should be a valid boolean"), ("must_expire = true", "knows ignore_must_expire")],
)
def test_a_mistake_in_the_policy(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match="policy") as error:
        load(tmp_path, f"[policy]\n{text}\n")
    assert words in str(error.value)
