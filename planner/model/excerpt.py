"""The line of a file that a report shows beside a finding: short, and without what is nobody's business."""

import re

# In characters: of an excerpt, of what it has before the place, and of what is looked at around the place.
LENGTH = 200
_BEFORE = 120
_AROUND = 500
# Too much is hidden rather than too little; but a digest is no secret, and is what the reader looks for.
_NO_DIGEST = r"(?!\S*@sha\d+:)"
_SECRETS = (
    re.compile(r"(?P<key>\w://)[^/\s\"'@]+:[^/\s\"'@]*(?=@)"),  # user and password in a URL
    re.compile(rf"(?i)(?P<key>\b(?:basic|bearer)\s+){_NO_DIGEST}[^\s\"',;]{{8,}}"),
    re.compile(
        r"(?i)(?P<key>(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|credential)"
        rf"[\w.-]{{0,60}}[\"']?(?:\s*[:=]\s*|\s+)[\"']?){_NO_DIGEST}[^\s\"',;}}]+"
    ),
)
# What every secret has before it, in small letters: most lines have none of these, and are done.
_WORDS = ("://", "basic", "bearer", "passw", "passphrase", "secret", "token", "key", "credential")
_PART = re.compile(r"^\S*\s")


def excerpt(line: str, column: int) -> str:
    """The line without its indentation, at most LENGTH characters around the 1-based `column`, secrets hidden.

    What looks like a password, token or key by the name before it becomes `***`.
    """
    at = column - 1
    # A line may be a whole minified file. What it is cut from may end in half a secret, so that goes as well.
    is_cut, goes_on = at > _AROUND, len(line) > at + _AROUND
    before = _PART.sub("", line[at - _AROUND : at]) if is_cut else line[:at].lstrip()
    after = line[at : at + _AROUND] if goes_on else line[at:].rstrip()
    shown = _hidden(before + after)
    place = len(shown) - len(_hidden(after))
    start = max(0, min(place - _BEFORE, len(shown) - LENGTH))
    end = start + LENGTH
    return ("…" if start or is_cut else "") + shown[start:end] + ("…" if end < len(shown) or goes_on else "")


def _hidden(text: str) -> str:
    lower = text.lower()
    if not any(word in lower for word in _WORDS):
        return text
    for pattern in _SECRETS:
        text = pattern.sub(r"\g<key>***", text)
    return text
