"""What a command pulls: the arguments of container engines, clusters and registry tools that name an image."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from planner.extract.split_reference import joined
from planner.extract.tools import GLOBAL_VALUES, MAY_START, NAMES_ONLY, NO_PULLS, NOTES, PULLS, SAYS, SWITCHES, Verb
from planner.extract.written import NOTHING, Written
from planner.model.platform import Platform, parse_platform

_MAX_WORDS = 1000
_Words = Sequence[Written]

# Of any tool: `--image`, `--docker-image`, `--pod-infra-container-image`.
_TAKES_IMAGE = re.compile(r"--(?:[a-z]+-)*image(?:-name)?")
_SAYS = re.compile(
    r"(?:.*[_:-])?(?:log|echo|msg|die|usage|info|warn|warning|error|fatal|debug)(?:[_:-].*)?", re.IGNORECASE
)
_TOOL_VARIABLE = re.compile(
    r"\$[{(]?\w*(?:docker|podman|nerdctl|container|engine|runtime|oci)\w*[})]?", re.IGNORECASE | re.ASCII
)
_BEFORE = re.compile(r"-|\w+=|\d|(?:\S*/)?(?:sudo|env|time|exec|command|nohup|nice|timeout|retry\w*|doas|xargs|k3s)$")
_FILLED_IN = re.compile(r"\$(?:\w+|\{[^}]*\}|\(\?\)|@|\*)")
_TRANSPORT = re.compile(r"docker://|docker-image://")
_NO_REGISTRY = re.compile(r"(?:oci|oci-archive|docker-archive|docker-daemon|dir|containers-storage|tarball|ocidir):")
_KEY = re.compile(r"(?:^|,)image=|^[^@,=]+=")  # `container=image`, `image=...,network=host`
_IN_SANDBOX = "docker://"
_SANDBOXES = frozenset({"singularity", "apptainer"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a command does with images.

    `images` are those that it pulls; `name` says by which command. `others` are the words beside in which a reference
    may be one that something else pulls: none of `docker tag` or `echo`, and no labels.
    """

    name: str = ""
    images: tuple[Written, ...] = ()
    others: tuple[Written, ...] = ()
    platform: Platform | None = None


@dataclass(frozen=True, slots=True)
class _Arguments:
    options: list[tuple[str, Written]]
    positional: list[Written]


def meaning(words: _Words) -> Meaning:
    """What a command pulls, from its words: without quotes, and with variables filled in."""
    words = words[:_MAX_WORDS]
    texts = [word.text for word in words]
    if not texts or _base(texts[0]) in SAYS or _SAYS.fullmatch(_base(texts[0])):
        return Meaning()
    is_start = True
    for start, text in enumerate(texts):
        tool = _tool(text) if is_start or not text.startswith("$") else ""
        found = _of_tool(tool, words[start + 1 :], is_start) if tool else None
        if found:
            return found
        is_start = is_start and _BEFORE.match(text) is not None
    arguments = _arguments(words[1:], Verb("none"))
    return _told(
        _base(texts[0]), arguments, [value for name, value in arguments.options if _TAKES_IMAGE.fullmatch(name)]
    )


def _base(text: str) -> str:
    return text.rpartition("/")[2].removesuffix(".exe")


def _tool(text: str) -> str:
    base = _base(text)
    if base in PULLS or base in _SANDBOXES or base == "helm":
        return base
    return "docker" if _TOOL_VARIABLE.fullmatch(text) else ""


def _of_tool(tool: str, words: _Words, is_start: bool) -> Meaning | None:
    """What a tool does with its arguments; None where the tool's name seems to stand for something else."""
    words = _past_globals(words)
    texts = [word.text for word in words[:2]]
    if tool in _SANDBOXES:
        images = [word[len(_IN_SANDBOX) :] for word in words if word.text.startswith(_IN_SANDBOX)]
        return Meaning(f"{tool} {texts[0]}", tuple(images)) if images else None
    if tool == "helm":
        return Meaning(f"helm {texts[0]}", tuple(_of_helm(words)), tuple(words[1:])) if texts and is_start else None
    verbs = PULLS[tool]
    for length in (2, 1, 0):
        name = " ".join(texts[:length])
        if len(texts) >= length and name in verbs:
            return _of_verb(f"{tool} {name}".strip(), verbs[name], words[length:])
    if is_start and texts and (tool in NAMES_ONLY or texts[0] in NOTES):
        return Meaning(f"{tool} {texts[0]}", others=tuple(words[1:]) if texts[0] in MAY_START else ())
    return None


def _past_globals(words: _Words) -> _Words:
    at = 0
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text in GLOBAL_VALUES else 1
    return words[at:]


def _of_verb(name: str, verb: Verb, words: _Words) -> Meaning:
    arguments = _arguments(words, verb)
    images = [value for flag, value in arguments.options if flag in verb.flags or _TAKES_IMAGE.fullmatch(flag)]
    match verb.images:
        case "first":
            images += _first(arguments.positional)
        case "second":
            images += arguments.positional[1:2]
        case "all":
            images += arguments.positional
        case "set":
            images += [word[word.text.index("=") + 1 :] for word in arguments.positional if "=" in word.text]
    return _told(name, arguments, images)


def _first(positional: list[Written]) -> list[Written]:
    """The first argument, but for options that a variable or another command puts before a digest."""
    at = 0
    while at + 1 < len(positional) and _FILLED_IN.fullmatch(positional[at].text):
        at += 1
    return positional[at : at + 1] if "@" in "".join(each.text for each in positional[at : at + 1]) else positional[:1]


def _told(name: str, arguments: _Arguments, images: Iterable[Written]) -> Meaning:
    options = [value for flag, value in arguments.options if flag not in NO_PULLS]
    platform = next((_platform(value.text) for flag, value in arguments.options if flag == "--platform"), None)
    found = tuple(bare for image in images if (bare := _bare(image)).text)
    others = (word for word in (*options, *arguments.positional) if not _NO_REGISTRY.match(word.text))
    return Meaning(name, found, tuple(others), platform)


def _platform(word: str) -> Platform | None:
    try:
        return parse_platform(word)
    except ValueError:
        return None


def _bare(image: Written) -> Written:
    """The reference in a word: after a transport, or in `name=docker-image://...` and `image=...`; else nothing."""
    text = image.text
    if found := _TRANSPORT.search(text):
        return image[found.end() :]
    if _NO_REGISTRY.match(text):
        return NOTHING
    if found := _KEY.search(text):
        return image[found.end() : text.find(",", found.end()) if "," in text else None]
    return image


def _arguments(words: _Words, verb: Verb) -> _Arguments:
    """Options with their values, and the other arguments. What follows an engine's image belongs to the container."""
    found = _Arguments([], [])
    at = 0
    while at < len(words):
        word, text = words[at], words[at].text
        at += 1
        if text == "--":
            found.positional.extend(words[at:])
            break
        if not text.startswith("-") or text == "-":
            found.positional.append(word)
            if verb.images == "first":
                found.positional.extend(words[at:])
                break
            continue
        after = words[at] if at < len(words) and not words[at].text.startswith("--") else None
        flag, value = _long(word, after) if text.startswith("--") else _short(word, after, verb)
        if flag and value:
            found.options.append((flag, value))
            at += value is after
    return found


def _long(word: Written, after: Written | None) -> tuple[str, Written | None]:
    flag, equals, _ = word.text.partition("=")
    if equals:
        return flag, word[len(flag) + 1 :]
    return flag, None if flag in SWITCHES else after


def _short(word: Written, after: Written | None, verb: Verb) -> tuple[str, Written | None]:
    """The last of `-it`, `-e X=y`, `-eX=y`, `-ite X=y`, if it has a value."""
    letters = word.text
    for at in range(1, len(letters)):
        flag = f"-{letters[at]}"
        if letters[at] in verb.values or flag in verb.flags:
            start = at + 1 + (letters[at + 1 : at + 2] == "=")
            return flag, word[start:] if len(letters) > start else after
    return "", None


def _of_helm(words: _Words) -> Iterator[Written]:
    """The images that `--set x.repository=...,x.digest=...` puts together."""
    values: dict[str, Written] = {}
    for flag, value in _arguments(words, Verb("none", values="fn")).options:
        if flag in ("--set", "--set-string"):
            at = 0
            for pair in value.text.split(","):
                key, equals, _ = pair.partition("=")
                if equals:
                    values[key] = value[at + len(key) + 1 : at + len(pair)]
                at += len(pair) + 1
    for key, name in values.items():
        prefix, dot, last = key.rpartition(".")
        beside = {part: values.get(f"{prefix}{dot}{part}", NOTHING) for part in ("registry", "tag", "digest")}
        if last in ("repository", "image") and beside["digest"].text + beside["tag"].text:
            yield joined(name, registry=beside["registry"], tag=beside["tag"], digest=beside["digest"])
