"""What a registry hands to a client: a digest gets the stored bytes or nothing, a tag may get a conversion."""

from dataclasses import dataclass, replace

from planner.assess.engine_view import ANYTHING
from planner.assess.shape import FOREIGN, Shape
from planner.model import media_type as mt
from planner.model.engine import Version
from planner.model.knowledge import Delivery, DeliveryRule, RegistryKnowledge
from planner.model.media_type import ConfigKind, LayerKind
from planner.model.resolution import State

_IMAGE_CONFIGS = (None, ConfigKind.DOCKER, ConfigKind.OCI)
_AS_SCHEMA2 = {LayerKind.OCI: LayerKind.DOCKER, LayerKind.DOCKER: LayerKind.DOCKER}


@dataclass(frozen=True, slots=True)
class RegistryView:
    """A registry at one version; `knowledge` is None where nobody declared what it runs and its name does not tell.

    `before` is the version of the same software that it ran until the change that is judged.
    """

    host: str
    knowledge: RegistryKnowledge | None = None
    version: Version | None = None
    before: Version | None = None

    @property
    def accept_known(self) -> bool:
        """Whether it is known if the registry looks at the Accept header."""
        return self.knowledge is not None and self.knowledge.accept_known


def released_registry(view: RegistryView) -> RegistryView:
    """The registry at the release that its version precedes; itself where it is a release."""
    released = view.version and view.version.released
    return view if released is view.version else replace(view, version=released)


@dataclass(frozen=True, slots=True)
class Refused:
    """The registry answers an error. Without a cause, the client's lack of the type is the reason.

    `status` is 0 and `message` empty where no source names them.
    """

    status: int
    message: str
    cause: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsure:
    """No source says what the registry hands out; `why` says what is not known."""

    why: str
    source: tuple[str, ...]


Delivered = Shape | Refused | Unsure


def deliver(shape: Shape, registry: RegistryView, ref: str, accept: frozenset[str], joined: bool = False) -> Delivered:
    """What arrives at a client that asks for `shape` by `ref` ("tag" or "digest") with these Accept types.

    `joined`: the client puts them into one header line.
    A registry of unknown software is taken to send what it stores: every registry that was looked at does so by digest.
    """
    rules = registry.knowledge.rules if registry.knowledge else ()
    rule = next(
        (r for r in rules if (joined or not r.joined) and _holds(r, registry, shape, ref, accept)),
        None,
    )
    if rule is None or rule.action is Delivery.AS_STORED:
        return shape
    match rule.action:
        case Delivery.REFUSED:
            return _refused(rule, shape, accept)
        case Delivery.UNKNOWN:
            return Unsure(rule.message, rule.source)
        case Delivery.TO_SCHEMA1:
            return _as_schema1(shape, rule)
        case Delivery.TO_SCHEMA2:
            return _as_schema2(shape, rule)
        case Delivery.TO_CHILD:
            return _first_linux_amd64(shape, rule, registry, accept)


def _holds(rule: DeliveryRule, registry: RegistryView, shape: Shape, ref: str, accept: frozenset[str]) -> bool:
    return (
        registry.version is not None
        and registry.version in rule.versions
        and (not rule.stored or shape.served in rule.stored)
        and rule.ref in ("", ref)
        and (not rule.unless_accepted or not accept & {rule.unless_accepted, ANYTHING})
        and (not rule.unaccepted or not accept & {shape.served, ANYTHING})
        and (not rule.if_accepted or bool(accept & {rule.if_accepted, ANYTHING}))
        and (not rule.declared or shape.declared is not None)
        and (rule.written_by is None or (registry.before is not None and registry.before in rule.written_by))
    )


def _refused(rule: DeliveryRule, shape: Shape, accept: frozenset[str]) -> Refused:
    message = rule.message.replace("{media_type}", shape.served).replace("{accepts}", ", ".join(sorted(accept)))
    return Refused(rule.status, message, rule.cause, rule.source)


def _as_schema1(shape: Shape, rule: DeliveryRule) -> Delivered:
    """The image rewritten: media types are gone, the layers are the same blobs, and what is no image stays none."""
    image = _linux_amd64(shape, rule) if shape.entries or shape.body in mt.INDEXES else shape
    if not isinstance(image, Shape):
        return image
    # A rule with a status refuses what cannot be said in schema 1.
    if rule.status and (image.layers & FOREIGN or image.config not in _IMAGE_CONFIGS):
        return Refused(rule.status, rule.message, "", rule.source)
    platform = replace(image.platform, variant="") if image.platform else None
    is_image = image.config in _IMAGE_CONFIGS
    return Shape(
        mt.SCHEMA1_SIGNED,
        mt.SCHEMA1_SIGNED,
        config=None if is_image else image.config,
        config_type="" if is_image else image.config_type,
        layers=image.layers,
        has_urls=image.has_urls,
        seen=image.seen,
        platform=platform,
        wrong_header=rule.wrong_header,
    )


def _as_schema2(shape: Shape, rule: DeliveryRule) -> Delivered:
    """The OCI image rewritten as schema 2; what layers and configs without a media type there become is not known."""
    if shape.config is not ConfigKind.OCI or not shape.layers <= set(_AS_SCHEMA2):
        return Unsure(
            "it is not documented what becomes of layers and configs that schema 2 has no type for", rule.source
        )
    layers = frozenset(_AS_SCHEMA2[kind] for kind in shape.layers)
    return replace(
        shape, served=mt.SCHEMA2, body=mt.SCHEMA2, declared=mt.SCHEMA2, content_type="", config_type="",
        config=ConfigKind.DOCKER, layers=layers, layer_types=frozenset(),
    )  # fmt: skip


def _linux_amd64(index: Shape, rule: DeliveryRule) -> Delivered:
    """The first entry for linux/amd64, whatever its variant. Which hosts there are decides whether it was read."""
    for entry in index.entries:
        if entry.platform and (entry.platform.os, entry.platform.architecture) == ("linux", "amd64"):
            if entry.shape is None and entry.state is not State.MISSING:
                return Unsure("it hands out the entry for linux/amd64, and that was not read", rule.source)
            return entry.shape or Refused(rule.status, rule.message, "", rule.source)
    return Refused(rule.status, rule.message, "", rule.source)


def _first_linux_amd64(shape: Shape, rule: DeliveryRule, registry: RegistryView, accept: frozenset[str]) -> Delivered:
    child = _linux_amd64(shape, rule)
    if not isinstance(child, Shape):
        return child
    if rule.child_status and not accept & {child.served, ANYTHING}:
        return Refused(rule.child_status, rule.child_message, "", rule.source)
    if child.served == mt.OCI_MANIFEST:
        return child  # handed out as it is, without the check of the Accept list
    sent = deliver(child, registry, "tag", accept)
    return replace(sent, wrong_header=True) if rule.wrong_header and isinstance(sent, Shape) else sent
