"""Finds secrets in foreign words, however they are spelt there: a registry may repeat what it was sent."""

import re
from collections.abc import Iterable
from functools import lru_cache

_SHORTEST = 4  # characters; what is shorter stands in every text
_HEAD = 200  # characters of a longer secret that are looked for: what follows them goes too
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", " ": "[+]"}


def without(text: str, secrets: Iterable[str]) -> str:
    """`text` with an ellipsis for each secret: as it is, in any case, or escaped for JSON, URLs, HTML and logs."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = _spellings(secret).sub("…", text)
    return text


@lru_cache(maxsize=1000)
def _spellings(secret: str) -> re.Pattern[str]:
    # Nobody escapes letters and digits. For all else each layer of quotes adds backslashes, which are taken
    # possessively: else a long row of them would be tried in every division.
    found = re.findall(r"([A-Za-z0-9]+)|(\\+|[^A-Za-z0-9])", secret[:_HEAD])
    parts = [run or _ways(character) for run, character in found]
    start = "" if found[0][0] else r"(?<!\\)"
    rest = r"[^\s\"]*" if len(secret) > _HEAD else ""
    return re.compile(start + "".join(parts) + rest, re.IGNORECASE)


def _ways(character: str) -> str:
    """All ways to write a character that is no letter of ASCII and no digit, or a row of backslashes."""
    if character.startswith("\\"):
        return r"(?:\\++(?:u005c|x5c)?|%5c)+"
    code, octets = ord(character), character.encode("utf-8", "replace")
    ways = [re.escape(character), f"u0*{code:x}", f"&#0*{code};", f"&#x0*{code:x};"]
    ways += ["".join(f"%{octet:02x}" for octet in octets), r"\\*+".join(f"x{octet:02x}" for octet in octets)]
    ways += [_NAMED[character]] if character in _NAMED else []
    return rf"\\*+(?:{'|'.join(ways)})"
