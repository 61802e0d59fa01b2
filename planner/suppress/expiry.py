"""The last day of a suppression beside a reference. What reads like one and is not written as one is refused."""

import re
from datetime import date

_UNTIL = re.compile(r"until[ \t]+(?P<day>[^\s:,]+)[:,]?(?P<reason>.*)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_WORD = r"(?<![^\W_])(?:until|till?|expires?|expiry)(?![^\W\d_])"
_TIMES = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|days?|weeks?|weekend"
    "|months?|quarters?|years?|spring|summer|autumn|winter|yyyy|eoy"
)
_BETWEEN = "the|a|an|end|start|begin(?:ning)?|middle|of|in|on|at|early|mid|late|next|this|q"
# An end that somebody meant: such a word or a day at the beginning; a time right behind such a word, or a day near it.
_MEANT = re.compile(
    rf"\A[\W_]*(?:{_WORD}|\d{{4}}-\d)"
    rf"|{_WORD}(?:[\W_]*(?:(?:{_BETWEEN})[\W_]+){{0,5}}(?:q?\d|(?:{_TIMES})(?![^\W\d_]))|.{{0,60}}?\d{{4}}-\d)",
    re.IGNORECASE,
)


def divided(words: str) -> tuple[date | None, str]:
    """The last day that `until YYYY-MM-DD:` before a reason names, if there is one, and the reason. Raises ValueError.

    Whoever means an end never gets a suppression without one: a reason that begins with `until` or a day, or has a
    time behind that word, is refused.
    """
    if dated := _UNTIL.match(words):
        return day(dated["day"]), dated["reason"].strip()
    refuse_end(words)
    return None, words


def refuse_end(words: str) -> None:
    """Raise ValueError for words with the end of a suppression among them."""
    if meant := _MEANT.search(words):
        said = words[meant.start() :].strip()[:40]
        raise ValueError(f"{said!r} reads like its last day, which is written right behind the brackets")


def day(text: str) -> date:
    """The day that YYYY-MM-DD names. Raises ValueError."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # there is no such day
    raise ValueError(f"{text[:40]!r} is no date such as 2026-12-31")
