"""Image references: registry, repository, tag, digest, as engines read them.

The grammar is that of the distribution project's `reference` package (v3, `reference/regexp.go`,
`normalize.go`), which Docker, containerd and containers/image all use: short names go to docker.io,
a first component is a registry only if it has a dot, a colon, an upper-case letter or is `localhost`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

HUB = "docker.io"  # the registry of names without one
OFFICIAL = "library/"  # what repositories there without a slash stand below
DIGEST_HEX_LENGTH = {"sha256": 64, "sha384": 96, "sha512": 128}

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_DOMAIN_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*", re.ASCII)
_REGISTRY = re.compile(_DOMAIN, re.ASCII)
_TAG = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)
_MAX_NAME_LENGTH = 255


class InvalidReferenceError(ValueError):
    """The text is not an image reference that an engine would accept; the message says why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A normalised image reference.

    `registry` is a host, with a port where one is named (`docker.io` for short names), `repository` the
    path below it (`library/nginx`), `digest` is `algorithm:hex`. At least one of tag and digest is set
    only if the text had it: a bare name has neither (engines then mean the tag `latest`).
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}"

    @property
    def pinned(self) -> str:
        """`registry/repository@digest` (or `:tag` where there is no digest): what is asked for."""
        return f"{self.name}@{self.digest}" if self.digest else f"{self.name}:{self.tag or 'latest'}"

    def fill(self, text: str) -> str:
        """`text` with {reference}, {image} (with its tag), {registry}, {name} and {digest} (else the tag) filled in."""
        if "{" not in text:
            return text
        words = {
            "reference": self.pinned,
            "image": str(self),
            "registry": self.registry,
            "name": self.name,
            "digest": self.digest or self.tag or "latest",
        }
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value)
        return text

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.name}{tag}@{self.digest}" if self.digest else f"{self.name}{tag}"


def parse_digest(text: str) -> str:
    """Return `text` if it is a digest of a registered algorithm (OCI image spec, descriptor.md: Digests).

    Refuses upper-case hex, a wrong length and unknown algorithms with InvalidReferenceError.
    """
    algorithm, colon, digits = text.partition(":")
    if not colon:
        raise InvalidReferenceError(f"{text!r} is no digest: it has no algorithm, such as sha256:")
    length = DIGEST_HEX_LENGTH.get(algorithm)
    if length is None:
        known = ", ".join(DIGEST_HEX_LENGTH)
        raise InvalidReferenceError(f"unknown digest algorithm {algorithm!r}; engines know {known}")
    if len(digits) != length:
        raise InvalidReferenceError(f"a {algorithm} digest has {length} hex digits, this one has {len(digits)}")
    if not re.fullmatch(r"[0-9a-f]+", digits, re.ASCII):
        raise InvalidReferenceError(f"a {algorithm} digest has lower-case hex digits only")
    return text


@lru_cache(maxsize=65_536)  # the same image stands in many files
def parse_reference(text: str) -> Reference:
    """Parse an image reference as an engine would; raise InvalidReferenceError with the reason otherwise."""
    rest, at, digest = text.partition("@")
    if at:
        parse_digest(digest)
    registry, repository = _split_registry(rest)
    # The tag is what follows the last colon of the path; a registry's port is already split off.
    repository, colon, tag = repository.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise InvalidReferenceError(f"{tag!r} is no tag: letters, digits, '_', '.', '-', at most 128")
    if registry == HUB and "/" not in repository:
        repository = f"{OFFICIAL}{repository}"
    if not _REPOSITORY.fullmatch(repository):
        if _REPOSITORY.fullmatch(repository.lower()):
            raise InvalidReferenceError(f"the repository {repository!r} must be lower-case")
        raise InvalidReferenceError(f"{repository!r} is no repository name")
    if len(registry) + 1 + len(repository) > _MAX_NAME_LENGTH:
        raise InvalidReferenceError(f"the name has more than {_MAX_NAME_LENGTH} characters")
    return Reference(registry, repository, tag if colon else None, digest if at else None)


def written_registry(text: str) -> str:
    """The registry at the beginning of a reference, as it is written; empty for a short name."""
    first, slash, _ = text.partition("/")
    return first if slash and (first == "localhost" or re.search(r"[.:A-Z\[]", first)) else ""


def _split_registry(text: str) -> tuple[str, str]:
    first = written_registry(text)
    if not first:
        return HUB, text
    rest = text[len(first) + 1 :]
    if not _REGISTRY.fullmatch(first):
        raise InvalidReferenceError(f"{first!r} is no registry host")
    return (HUB if first in ("index.docker.io", "registry-1.docker.io") else first), rest
