"""What a report shows of the line that a reference stands in: the reference and its key, and nothing else.

Not the line without its secrets: what a secret looks like is not known, what an image looks like is. So what is shown
stands in an allow-list, and `…` is in place of all else.
"""

import re

LENGTH = 200  # in characters, of what is shown without the mark where it is cut
_LOOKED_AT = 160  # characters before a reference that may hold its key: more than any key has
_DIGITS = 4  # a key with more of them may be a token

# Words that stand for themselves.
_WORDS = (
    "FROM|from|RUN|COPY|ADD|CMD|ENTRYPOINT|sudo|docker|podman|nerdctl|crictl|ctr|buildah|skopeo|crane|oras|regctl|cosign|"
    "kubectl|helm|buildx|images?|container|service|pull|push|run|create|copy|tag|inspect|verify|import|set"
)
_QUOTE = r"(?:\\?[\"'])?"
# The key of a mapping or a variable, a flag without its value, or words of a command; then what of the same value
# stands before the reference, such as `${REGISTRY}` or an anchor, and is not shown. Lines may be long: repetitions are
# bounded.
_KEY = re.compile(
    rf"(?<![^\s{{\[(,])(?P<key>(?:-\s{{1,9}}){{0,3}}{_QUOTE}(?P<name>[A-Za-z][\w.-]{{0,39}}){_QUOTE}"
    rf"\s{{0,9}}[:=]\s{{0,9}}{_QUOTE}"
    rf"|--[a-z][a-z-]{{0,29}}(?:=|\s{{1,9}}){_QUOTE}"
    rf"|(?:\b(?:{_WORDS})\s{{1,9}}){{1,4}}(?!-){_QUOTE}"
    r")(?P<hidden>(?:[&!]\S{0,40}\s{1,9}){0,2}[\"']?[^\s\"']{0,80}?)"
    r"(?P<scheme>(?:docker|oci)://)?$",
    re.ASCII,
)
_BARE = re.compile(rf"\s*+(?:-\s+)?{_QUOTE}$")  # an entry of a list, or a line that is nothing but a reference
_LEAD = re.compile(rf"\s*+((?:(?:{_WORDS})\s{{1,9}}){{1,4}})")
_END = re.compile(r"(?:\\?[\"'])?(?:[\s,;}\])]{0,20}$)?")


def excerpt(line: str, column: int, raw: str, digest: str | None) -> str:
    """The reference `raw` as far as it stands in the line, the key before it, `…` for all else; at most LENGTH + 1.

    The 1-based `column` is that of the digest, of the reference where there is none. Empty where no reference is there.
    """
    found = _place(line, column - 1, raw, digest or "")
    if found is None:
        return ""
    start, end = found
    rest = line[end : line.find("\r", end) if "\r" in line else None].rstrip()
    closed = _END.match(rest)
    shown = _before(line, start) + line[start:end] + (closed[0] if closed else "")
    if closed and (left := rest[closed.end() :]):
        shown += " …" if left[0].isspace() else "…"
    return f"…{shown[-LENGTH:]}" if len(shown) > LENGTH else shown


def _place(line: str, at: int, raw: str, digest: str) -> tuple[int, int] | None:
    """Where characters of `raw` stand in the line, as many as there are around `at`."""
    # Algorithm and digits may be fields of their own.
    for known in (digest, digest.partition(":")[2]) if digest else (raw,):
        if known and line.startswith(known, at) and known in raw:
            there = raw.rindex(known)
            if at >= there and line.startswith(raw[:there], at - there):
                return at - there, at + len(known)
            same = 0
            while same < min(there, at) and line[at - same - 1] == raw[there - same - 1]:
                same += 1
            return at - same, at + len(known)
    return None


def _before(line: str, start: int) -> str:
    """What is shown before the reference that begins at `start`."""
    first = line.rfind("\r", 0, start) + 1  # which ends a line of YAML, though lines are not counted by it
    looked_at = max(first, start - _LOOKED_AT)
    if looked_at == 0 and _BARE.fullmatch(line, 0, start):
        return line[:start].lstrip()
    found = _KEY.search(line, looked_at, start)
    lead = _LEAD.match(line, first, start)
    key, begin = "", start
    if found and sum(map(str.isdigit, found["name"] or "")) <= _DIGITS:
        begin = found.start()
        hidden = found["hidden"]
        key = found["key"] + ("… " if hidden[-1:].isspace() else "…" if hidden else "") + (found["scheme"] or "")
    if lead and lead.end() <= begin and first == 0:
        return lead[1] + ("… " if lead.end() < begin else "") + key
    if key and not line[:begin].strip():
        return key
    return f"… {key}" if key or line[start - 1].isspace() else "…"
