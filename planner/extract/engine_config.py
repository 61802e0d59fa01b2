"""The image of pods themselves, which engines pull unasked, and what k3s and rke2 start with.

Read are `sandbox_image` and `pinned_images.sandbox` of containerd, `pause_image` of CRI-O, `pause-image` and the like
of k3s and rke2, and the option `--pod-infra-container-image` of the kubelet and of cri-dockerd.
"""

import re
from collections.abc import Iterator

from planner.extract import systemd
from planner.extract.format import Example, Format, Found, Lookup, occurrence, register
from planner.extract.shell_script import occurrences
from planner.extract.syntax import toml_nodes, yaml_nodes
from planner.extract.syntax.unit_lines import settings
from planner.extract.syntax.yaml_nodes import Node, ScalarNode, elements, items, walk
from planner.extract.uses import Use, extractor, of_documents
from planner.extract.written import Written
from planner.model.source import SourceFile

_TOML = re.compile(r"(?:\.toml|(?:^|/)[^/]*(?:crio|cri-o)[^/]*\.conf|/crio\.conf\.d/[^/]*)$")
_TEMPLATE = re.compile(r"(?:\.toml|\.conf)(?:\.(?:j2|jinja2?|tmpl|tpl|in|erb|template))$")
_SANDBOX = re.compile(
    r"^[ \t]*(?:(?:sandbox|pause)_image|sandbox|[\w.\"'-]*pinned_images[\w.\"']*)[ \t]*=", re.MULTILINE
)
_SECTION = re.compile(r"^[ \t]*\[(?:plugins\b|crio\b)", re.MULTILINE)
_YAML = re.compile(r"\.ya?ml$")
_CLUSTER = re.compile(
    r"^(?:(?:pause|runtime|etcd|cloud-controller-manager|kube-[a-z-]+)-image|kubelet-arg)[ \t]*:", re.MULTILINE
)
_OTHER_YAML = re.compile(r"^(?:apiVersion|services|jobs|on)[ \t]*:", re.MULTILINE)
_CLUSTER_KEY = re.compile(r"(pause|runtime|etcd|cloud-controller-manager|kube-[a-z-]+)-image\+?")
_FLAGS = re.compile(r"(?:^|/)(?:kubeadm-flags\.env|(?:default|sysconfig)/(?:kubelet|cri-dockerd?))$")
_OPTION = re.compile(r"(?:--)?pod-infra-container-image=")


def _claims(source: SourceFile) -> bool:
    if _TOML.search(source.path) or _TEMPLATE.search(source.path):
        return _SANDBOX.search(source.text) is not None and _SECTION.search(source.text) is not None
    if _YAML.search(source.path):
        return _CLUSTER.search(source.text) is not None and not _OTHER_YAML.search(source.text)
    return _FLAGS.search(source.path) is not None and "--pod-infra-container-image" in source.text


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    if _YAML.search(source.path):
        yield from extractor("engine-config", _of_cluster)(source, lookup, tags)
    elif _TEMPLATE.search(source.path):
        yield from _of_template(source, tags)
    elif _FLAGS.search(source.path):
        pulls = (pull for each in settings(source) for pull in systemd.sandboxes(each.value))
        yield from occurrences(source, pulls, "engine-config", tags)
    else:
        roots = toml_nodes.documents(source, tags)
        yield from of_documents(source, roots, "engine-config", _of_engine, lambda _path: True, tags=tags)


def _of_engine(_source: SourceFile, root: Node) -> Iterator[Use]:
    for path, node in walk(root):
        if isinstance(node, ScalarNode) and _is_sandbox(path):
            yield Use("sandbox", path[-1], node)


def _is_sandbox(path: tuple[str, ...]) -> bool:
    match path:
        case ("plugins", *_, "sandbox_image") | ("plugins", *_, "pinned_images", "sandbox"):
            return True
        case ("crio", "image", "pause_image"):
            return True
    return False


def _of_cluster(_source: SourceFile, root: Node) -> Iterator[Use]:
    for key, node in items(root):
        if (found := _CLUSTER_KEY.fullmatch(key.value)) and isinstance(node, ScalarNode):
            yield Use("sandbox" if found[1] == "pause" else "component", key.value.rstrip("+"), node)
        if key.value.rstrip("+") == "kubelet-arg":
            for each in elements(node) or [node]:
                if _OPTION.match(yaml_nodes.text(each)):
                    yield Use("sandbox", "kubelet-arg", each, fill=_after_option)


def _after_option(argument: Written) -> list[Written]:
    return [argument[argument.text.index("=") + 1 :]]


def _of_template(source: SourceFile, tags: bool) -> Iterator[Found]:
    """Of a template, which is no TOML, the lines that say it all."""
    for each in settings(source):
        is_sandbox = each.key in ("sandbox_image", "pause_image") or (
            each.key == "sandbox" and "pinned_images" in each.section
        )
        quoted = re.match(r"""(["'])(.*?)\1""", each.value.text)
        if is_sandbox and quoted:
            image = each.value[quoted.start(2) : quoted.end(2)]
            found = occurrence(source, image, format="engine-config", role="sandbox", name=each.key, tags=tags)
            if found:
                yield found


register(
    Format(
        name="engine-config",
        title="Configuration of container engines",
        files="config.toml of containerd, crio.conf, config.yaml of k3s and rke2, kubeadm-flags.env, default/kubelet",
        example=Example(
            "containerd/config.toml",
            'version = 2\n\n[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "registry.example/pause@sha256:…"\n',
        ),
        claims=_claims,
        extract=_extract,
    )
)
