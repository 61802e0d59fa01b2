"""Routes: where an engine asks for an image by its own configuration: mirrors, other locations, blocks."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from planner.model.reference import InvalidReferenceError, Reference, parse_reference


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places that a rule names, to be asked in turn.

    `location` stands there for what the rule has matched; None: the name stays as it is. `digests` and `tags`: which
    pulls are sent there. `unknown` is why planner cannot say what is asked there, empty where it can.
    """

    location: str | None = None
    digests: bool = True
    tags: bool = True
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one entry of a file says of the names that begin with `prefix`: ask at `places`, the first first.

    A prefix is a host or a path below one; `*.example.com` stands for the hosts below it, an empty one for every host.
    One that ends with `/` has no port after it. `blocks`: no engine may ask for such a name, whatever rule led to it.
    `where` names file and entry.
    """

    prefix: str
    places: tuple[Place, ...]
    where: str
    blocks: bool = False

    def matched(self, name: str) -> int:
        """How many characters of a name this rule is about, 0 if it is not about that name."""
        if not self.prefix:
            return name.index("/") + 1
        if self.prefix.startswith("*."):
            before, found, _ = name.partition(self.prefix[1:])
            end = len(before + found) if found and "/" not in before else 0
        else:
            end = len(self.prefix) if name.startswith(self.prefix) else 0
        return end if end and (self.prefix.endswith("/") or name[end : end + 1] in ("", ":", "/")) else 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One stop of a course: `reference` as it is asked for there. `blocked` is the prefix of the rule that forbids it.

    `reference` is None where planner cannot say what is asked for; `unknown` says why.
    """

    reference: Reference | None
    blocked: str = ""
    unknown: str = ""

    @property
    def asked(self) -> Reference | None:
        """What the engine, and so planner, asks a registry for; None if nothing."""
        return None if self.blocked else self.reference


@dataclass(frozen=True, slots=True)
class Course:
    """Where one reference is asked for, in this order, until somebody has it. `where`: the entry that says so."""

    endpoints: tuple[Endpoint, ...]
    where: str

    def questions(self) -> Iterator[Reference]:
        """What is asked for, in order."""
        yield from filter(None, (endpoint.asked for endpoint in self.endpoints))


@dataclass(frozen=True, slots=True)
class Route:
    """The configuration of an engine as far as it decides where images are asked for.

    `files` are its files as declared. `insecure` are the registries that it allows plain HTTP or an unknown
    certificate, `search` those in which it looks for names without a registry, where that is not Docker Hub first.
    `doubts` are sentences on entries that planner cannot apply. `kind` is that of the files, empty where there is none.
    """

    files: tuple[str, ...]
    # Hashed for every host, so by the files alone.
    rules: tuple[Rule, ...] = field(default=(), hash=False)
    insecure: frozenset[str] = field(default=frozenset(), hash=False)
    search: tuple[str, ...] = field(default=(), hash=False)
    doubts: tuple[str, ...] = field(default=(), hash=False)
    kind: str = ""

    def course(self, reference: Reference) -> Course | None:
        """Where the engine asks for a reference; None where no rule is about it: it asks the registry that it names."""
        rule = self._rule(reference.name)
        if rule is None:
            return None
        wanted = (place for place in rule.places if (place.digests if reference.digest else place.tags))
        return Course(tuple(self._endpoint(rule, place, reference) for place in wanted), rule.where)

    def _rule(self, name: str) -> Rule | None:
        """The rule with the longest prefix, the first of several."""
        about = [rule for rule in self.rules if rule.matched(name)]
        return max(about, key=lambda rule: len(rule.prefix), default=None)

    def _endpoint(self, rule: Rule, place: Place, reference: Reference) -> Endpoint:
        if place.unknown:
            return Endpoint(None, unknown=place.unknown)
        there = reference
        if place.location is not None:
            name = place.location + reference.name[rule.matched(reference.name) :]
            found = at(name, reference)
            if found is None:
                return Endpoint(None, unknown=f"{name} is no name of an image")
            there = found
        block = self._rule(there.name)
        return Endpoint(there, blocked=block.prefix if block and block.blocks else "")


def at(name: str, reference: Reference) -> Reference | None:
    """The reference under another name, None where that name cannot stand in a reference."""
    try:
        found = parse_reference(name)
    except InvalidReferenceError:
        return None
    # Without dot or port the first part would be taken for a path at the default registry.
    is_host = name.startswith(f"{found.registry}/") or name.partition("/")[0].endswith("docker.io")
    return replace(reference, registry=found.registry, repository=found.repository) if is_host else None
