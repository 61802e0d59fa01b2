"""What a mirror had is not taken for what the registry has: skopeo obeys registries.conf, HTTP does not."""

from pathlib import Path

from tests.support.command import run, write_compose
from tests.support.images import build_image
from tests.support.raw_server import healthy, serving, shelf
from tests.support.tools import require_tool

IMAGE = build_image({"a": b"a"})
CONF = """
[[registry]]
location = "{registry}"
insecure = true
[[registry.mirror]]
location = "{mirror}"
insecure = true
"""


def states(home: Path, *flags: str) -> list[tuple[str, str]]:
    done = run("scan", "infra", *flags, "--format", "json", home=home)
    return [(each["state"], each["source"]) for each in done.json["resolutions"]]


def test_a_mirrors_answer_is_its_own(tmp_path: Path) -> None:
    require_tool("skopeo")
    conf = tmp_path / ".config" / "containers" / "registries.conf"
    conf.parent.mkdir(parents=True)
    with serving(healthy({})) as registry, serving(healthy(shelf("x", IMAGE))) as mirror:
        write_compose(tmp_path / "infra", f"{registry.host}/x@{IMAGE.digest}")
        conf.write_text(CONF.format(registry=registry.host, mirror=mirror.host))
        assert states(tmp_path) == [("resolved", "skopeo")]
        assert states(tmp_path) == [("resolved", "cache")]
        assert states(tmp_path, "--resolver", "http") == [("missing", "http")]
        done = run("cache", "export", "-o", "all.jsonl", home=tmp_path)
        assert (done.code, (tmp_path / "all.jsonl").read_text()) == (0, "")
        assert "left out 2 answers" in done.said
        conf.unlink()
        # By name nobody has it: the five minutes of the question by HTTP hold for skopeo too.
        assert states(tmp_path) == [("missing", "cache")]
