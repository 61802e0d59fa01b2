"""What a registry hands to a client: a digest gets the stored bytes or nothing, a tag may get a conversion."""

from dataclasses import dataclass, replace

from planner.assess.engine_view import ANYTHING
from planner.assess.shape import Shape
from planner.model import media_type as mt
from planner.model.engine import Version
from planner.model.knowledge import Delivery, DeliveryRule, RegistryKnowledge


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A declared registry at one version; `knowledge` is None where nobody declared what it runs."""

    host: str
    knowledge: RegistryKnowledge | None = None
    version: Version | None = None


def released_registry(view: RegistryView) -> RegistryView:
    """The registry at the release that its version precedes; itself where it is a release."""
    released = view.version and view.version.released
    return view if released is view.version else RegistryView(view.host, view.knowledge, released)


@dataclass(frozen=True, slots=True)
class Refused:
    """The registry answers an error. Without a cause, the client's lack of the type is the reason."""

    status: int
    message: str
    cause: str
    source: tuple[str, ...]


def deliver(shape: Shape, registry: RegistryView, ref: str, accept: frozenset[str]) -> Shape | Refused:
    """What arrives at a client that asks for `shape` by `ref` ("tag" or "digest") with these Accept types.

    A registry of unknown software is taken to send what it stores: every registry that was looked at does so by digest.
    """
    if registry.knowledge is None or registry.version is None:
        return shape
    rules = registry.knowledge.rules
    rule = next((r for r in rules if _holds(r, registry.version, shape, ref, accept)), None)
    match rule and rule.action:
        case Delivery.REFUSED if rule:
            return Refused(rule.status, rule.message, rule.cause, rule.source)
        case Delivery.TO_SCHEMA1:
            return _as_schema1(shape)
        case Delivery.TO_CHILD if rule:
            return _first_linux_amd64(shape, rule, registry, accept)
        case _:
            return shape


def _holds(rule: DeliveryRule, version: Version, shape: Shape, ref: str, accept: frozenset[str]) -> bool:
    return (
        version in rule.versions
        and (not rule.stored or shape.served in rule.stored)
        and rule.ref in ("", ref)
        and (not rule.unless_accepted or not accept & {rule.unless_accepted, ANYTHING})
        and (not rule.declared or shape.declared is not None)
    )


def _as_schema1(shape: Shape) -> Shape:
    """The image rewritten: config and media types are gone, the layers are the same blobs."""
    platform = replace(shape.platform, os="linux", variant="") if shape.platform else None
    return Shape(mt.SCHEMA1_SIGNED, mt.SCHEMA1_SIGNED, layers=shape.layers, has_urls=shape.has_urls, platform=platform)


def _first_linux_amd64(
    shape: Shape, rule: DeliveryRule, registry: RegistryView, accept: frozenset[str]
) -> Shape | Refused:
    for entry in shape.entries:
        if entry.platform and (entry.platform.os, entry.platform.architecture) == ("linux", "amd64"):
            if entry.shape is None:
                break
            if rule.child_status and not accept & {entry.shape.served, ANYTHING}:
                return Refused(rule.child_status, rule.child_message, "", rule.source)
            if entry.shape.served == mt.OCI_MANIFEST:
                return entry.shape  # handed out as it is, without the check of the Accept list
            return deliver(entry.shape, registry, "tag", accept)
    return Refused(rule.status, rule.message, "", rule.source)
