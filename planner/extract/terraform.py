"""Texts that are a reference, in resources, data sources, modules, locals, variables and `.tfvars`.

Templates, locals, variables with a value, `for_each`, `format` and `join` are followed, in the file and in the usual
files beside it. Heredocs and `jsonencode` are read as the documents that they are. Not read: outputs, labels, tags.
"""

import re
from collections.abc import Iterator

from planner.extract.fields import Owner, Path, is_note
from planner.extract.format import Example, Format, Found, Lookup, register
from planner.extract.hcl_files import Block, beside, body, images
from planner.extract.syntax.hcl_nodes import Body, Expression, Pair
from planner.extract.syntax.hcl_values import Values, member
from planner.model.source import Indirect, Problem, SourceFile

_PATH = re.compile(r"\.(?:tf|tofu|tfvars)(?:\.json)?$|(?:^|/)terragrunt[\w.-]*\.hcl$", re.IGNORECASE)
_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "variable": 1, "output": 1, "provider": 1}
_BESIDE = (
    "variables.tf", "vars.tf", "locals.tf", "images.tf", "versions.tf", "main.tf", "terraform.tfvars",
    "terraform.tfvars.json", "images.auto.tfvars", "terragrunt.hcl",
)  # fmt: skip
_NO_BLOCKS = frozenset({"output", "terraform", "import", "moved", "removed", "check", "remote_state", "generate"})
_NO_PULLS = frozenset(
    {
        "tags",
        "tags_all",
        "triggers",
        "triggers_replace",
        "keepers",
        "lifecycle",
        "for_each",
        "validation",
        "error_message",
    }
)
# Resources that name an image without pulling it.
_NO_RESOURCES = frozenset({"docker_tag"})


def _no_pull(path: Path) -> bool:
    return is_note(path) or path[-1] in _NO_PULLS


def _is_image(name: str, path: Path) -> bool:
    """Whether a text is an image's name by tag, though its key does not say so."""
    return (
        path == ("name",) and name.removeprefix("data.").startswith(("docker_image.", "docker_registry_image."))
    ) or (path[-1] in ("image_uri", "image_identifier"))


def _extract(source: SourceFile, lookup: Lookup, tags: bool) -> Iterator[Found]:
    root = body(source, _LABELS, tags)
    if isinstance(root, Problem):
        yield root
    if not isinstance(root, Body):
        return
    values = Values(_names(source, root, lookup))
    # What sets a value is asked after what uses it: the use says what for.
    ordered = sorted(root.pairs, key=lambda pair: pair.key in ("locals", "variable"))
    blocks = (each for pair in ordered for each in _blocks(source, pair, values))
    yield from images(source, blocks, values, _no_pull, tags=tags, is_image=_is_image)


def _blocks(source: SourceFile, pair: Pair, values: Values) -> Iterator[Block]:
    if pair.key in _NO_BLOCKS or pair.labels[:1] in [(each,) for each in _NO_RESOURCES]:
        return
    owner = _owner(source, pair)
    over = member(pair.value, "for_each") if pair.is_block else None
    for local in values.each("each", over, {}):
        yield Block(owner, pair.value, local)


def _owner(source: SourceFile, pair: Pair) -> Owner:
    match pair.key:
        case "resource" | "data" | "ephemeral" | "provider":
            prefix = [] if pair.key == "resource" else [pair.key]
            return Owner("terraform", "resource", ".".join([*prefix, *pair.labels]))
        case "module":
            return Owner("terraform", "module input", ".".join(["module", *pair.labels]))
        case "variable":
            return Owner("terraform", "variable", ".".join(["var", *pair.labels]))
        case "locals":
            return Owner("terraform", "variable", "local")
    if not pair.is_block and ".tfvars" in source.path.lower():
        return Owner("terraform", "variable", f"var.{pair.key}")
    return Owner("terraform", "module input", ".".join([pair.key, *pair.labels]))


def _names(source: SourceFile, root: Body, lookup: Lookup) -> dict[tuple[str, ...], Expression]:
    """What the file's names stand for; its own values win, but for variables that `.tfvars` set."""
    mine = _values(root)
    if not any(word in source.text for word in ("var.", "local.")):
        return mine
    for other in beside(source, lookup, _BESIDE):
        read = body(other, _LABELS, tags=False)
        theirs = _values(read) if isinstance(read, Body) else {}
        mine = mine | theirs if ".tfvars" in other.path else theirs | mine
    return mine


def _values(root: Body) -> dict[tuple[str, ...], Expression]:
    found: dict[tuple[str, ...], Expression] = {}
    data: dict[str, list[Pair]] = {}
    for pair in root.pairs:
        match pair:
            case Pair(key="locals", value=Body(pairs)):
                found |= {("local", each.key): each.value for each in pairs}
            case Pair(key="variable", labels=(name,)):
                if (default := member(pair.value, "default")) is not None:
                    found.setdefault(("var", name), default)
            case Pair(key="resource", labels=(kind, name)):
                found[kind, name] = pair.value
            case Pair(key="data", labels=(kind, name)):
                data.setdefault(kind, []).append(Pair(pair.written, pair.value, (name,)))
            case Pair(is_block=False):
                found["var", pair.key] = pair.value
    return found


register(
    Format(
        name="terraform",
        title="Terraform and OpenTofu",
        claims=lambda source: _PATH.search(source.path) is not None,
        extract=_extract,
        indirect=Indirect(r"[^/]*\.(?:tf|tofu)", frozenset(_BESIDE), r"(?!)"),
        files="*.tf, *.tofu, *.tf.json, *.tfvars, *.tfvars.json, terragrunt.hcl",
        example=Example(
            "main.tf",
            'locals {\n  digest = "sha256:…"\n}\n\nresource "docker_image" "web" {\n'
            '  name = "registry.example/web@${local.digest}"\n}\n',
        ),
    )
)
