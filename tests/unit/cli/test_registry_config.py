"""`registry_config` of a host, from declaration to report: where the files are looked for and what bad ones do."""

import json
from pathlib import Path

import pytest

from tests.support.command import DIGEST, run, write_compose

REFERENCE = f"app.example/web@{DIGEST}"
BLOCK = '[[registry]]\nlocation = "app.example"\nblocked = true\n'
DOUBT = '[[registry]]\nprefix = "app.example"\nlocation = "mirror"\n'


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A compose file, a recorded registry that has nothing, and a file that blocks the registry."""
    folder = write_compose(tmp_path / "fleet", REFERENCE)
    (folder / "etc").mkdir()
    (folder / "etc" / "registries.conf").write_text(BLOCK)
    line = {"reference": REFERENCE, "kind": "manifest", "status": 404}
    (folder / "registry.jsonl").write_text(json.dumps(line) + "\n")
    return folder


def declare(folder: Path, *files: str, engine: str = "podman 5.2.0") -> None:
    text = f'[[hosts]]\nname = "h-[1:2]"\nengine = "{engine}"\nregistry_config = {json.dumps(files)}\n'
    (folder / "planner.toml").write_text(text)


def scan(folder: Path, tmp_path: Path, *more: str | Path) -> tuple[int, str, dict[str, list[dict[str, object]]]]:
    asked = ("scan", folder, "--offline", folder / "registry.jsonl", "--format", "json", *more)
    done = run(*asked, home=tmp_path)
    return done.code, done.said, done.json if done.out else {}


def test_relative_to_the_settings_wherever_planner_is_started(fleet: Path, tmp_path: Path) -> None:
    declare(fleet, "etc/registries.conf")
    code, _, report = scan(fleet, tmp_path)
    (found,) = report["findings"]
    assert (code, found["cause"], found["hosts"]) == (1, "registry-blocked", ["h-1", "h-2"])
    assert str(found["message"]).startswith("registry app.example is blocked in ")
    assert [host["registry_config"] for host in report["hosts"]] == [["etc/registries.conf"]] * 2


def test_relative_to_the_csv_and_several_in_a_cell(fleet: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "a.conf").write_text(BLOCK)
    (other / "b.conf").write_text("")
    (other / "hosts.csv").write_text("name,engine,registry_config\na,podman 5.2.0,a.conf;b.conf\nb,podman 5.2.0,\n")
    _, _, report = scan(fleet, tmp_path, "--hosts", other / "hosts.csv")
    assert {tuple(f["hosts"]): f["cause"] for f in report["findings"]} == {  # type: ignore[arg-type]
        ("a",): "registry-blocked",
        ("b",): "digest-missing",
    }


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("etc/none.conf", None, "cannot read"),
        ("etc/bad.conf", "[[registry]", "is no TOML"),
        ("etc/bad.json", "{", "is no JSON"),
        ("etc/hosts.toml", "", "which is no registry"),
        ("etc/registries.yaml", "mirrors: {}", "it reads registries.conf, daemon.json, hosts.toml"),
        ("empty", None, "no folders of registries"),
    ],
)
def test_a_bad_file_ends_the_run_and_is_named(
    fleet: Path, tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    (fleet / "empty").mkdir()
    if text is not None:
        (fleet / name).write_text(text)
    declare(fleet, name)
    code, said, _ = scan(fleet, tmp_path)
    assert code == 2
    assert name in said
    assert words in said


def test_a_bad_file_of_a_csv_row_spares_the_other_rows(fleet: Path, tmp_path: Path) -> None:
    rows = "name,engine,registry_config\na-[1:3],podman 5.2.0,none.conf\nb,podman 5.2.0,etc/registries.conf\n"
    (fleet / "hosts.csv").write_text(rows)
    _, _, report = scan(fleet, tmp_path, "--hosts", fleet / "hosts.csv")
    assert [host["name"] for host in report["hosts"]] == ["b"]
    (problem,) = report["problems"]
    assert (problem["file"], problem["line"], problem["kind"]) == ("hosts.csv", 2, "registry-config")
    assert "none.conf" in str(problem["text"])


def test_what_cannot_be_applied_is_a_problem_of_the_hosts_and_its_pulls_are_unknown(
    fleet: Path, tmp_path: Path
) -> None:
    (fleet / "etc" / "registries.conf").write_text(DOUBT)
    declare(fleet, "etc/registries.conf")
    code, _, report = scan(fleet, tmp_path)
    assert code == 3
    assert [finding["verdict"] for finding in report["findings"]] == ["unknown"]
    (problem,) = report["problems"]
    assert (problem["host"], problem["kind"]) == ("h-1, h-2", "registry-config")
    assert "'mirror' is no host" in str(problem["text"])


def test_a_folder_of_one_file_for_each_registry(fleet: Path, tmp_path: Path) -> None:
    """The folder of a registry without hosts.toml keeps `_default` from it, as certificates do."""
    for name, text in (("_default", 'server = "https://a.example"\n[host]\n'), ("app.example", None)):
        (fleet / "certs.d" / name).mkdir(parents=True)
        if text:
            (fleet / "certs.d" / name / "hosts.toml").write_text(text)
    declare(fleet, "certs.d", engine="containerd 1.7.27")
    assert [finding["cause"] for finding in scan(fleet, tmp_path)[2]["findings"]] == ["digest-missing"]
    (fleet / "certs.d" / "app.example").rmdir()
    _, _, report = scan(fleet, tmp_path)
    assert [(finding["verdict"], finding["cause"]) for finding in report["findings"]] == [("unknown", "not-checked")]
    assert [each["reference"] for each in report["resolutions"]] == [f"a.example/web@{DIGEST}"]


def test_the_page_tells_hosts_apart_by_their_files(fleet: Path, tmp_path: Path) -> None:
    declare(fleet, "etc/registries.conf")
    with (fleet / "planner.toml").open("a") as settings:
        settings.write('[[hosts]]\nname = "other"\nengine = "podman 5.2.0"\n')
    run("scan", fleet, "--offline", fleet / "registry.jsonl", "-o", tmp_path / "report.html", home=tmp_path)
    assert "asks where etc/registries.conf says" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("search", "name", "runs", "is_said"),
    [
        ('["quay.io", "docker.io"]', "web", "**", True),
        ('["docker.io", "quay.io"]', "web", "**", False),
        ("[]", "web", "**", False),
        ('["quay.io"]', "docker.io/web", "**", False),
        ('["quay.io"]', "web", "other/**", False),
    ],
)
def test_names_without_a_registry_that_the_host_looks_for_elsewhere(
    fleet: Path, search: str, name: str, runs: str, is_said: bool
) -> None:
    write_compose(fleet, f"{name}@{DIGEST}")
    write_compose(fleet / "other", REFERENCE)
    (fleet / "etc" / "registries.conf").write_text(f"unqualified-search-registries = {search}\n")
    declare(fleet, "etc/registries.conf")
    with (fleet / "planner.toml").open("a") as settings:
        settings.write(f'runs = ["{runs}"]\n')
    _, _, report = scan(fleet, fleet.parent)
    assert ("short-name" in {problem["kind"] for problem in report["problems"]}) is is_said


@pytest.mark.parametrize(
    ("engine", "name", "reads"),
    [
        ("docker 24.0.0", "etc/registries.conf", "daemon.json"),
        ("containerd 1.7.27", "etc/daemon.json", "hosts.toml"),
        ("podman 5.0.0", "certs.d", "registries.conf"),
        ("kaniko 1.24.0", "etc/registries.conf", "none that planner knows"),
    ],
)
def test_a_file_that_the_engine_does_not_read_is_not_applied(
    engine: str, name: str, reads: str, fleet: Path, tmp_path: Path
) -> None:
    (fleet / "etc" / "daemon.json").write_text('{"registry-mirrors": ["https://mirror.example"]}')
    (fleet / "certs.d" / "app.example").mkdir(parents=True)
    (fleet / "certs.d" / "app.example" / "hosts.toml").write_text('server = "https://mirror.example"\n[host]\n')
    declare(fleet, name, engine=engine)
    code, _, report = scan(fleet, tmp_path)
    assert code == 1
    assert [finding["cause"] for finding in report["findings"]] == ["digest-missing"]
    (problem,) = report["problems"]
    assert (problem["host"], problem["kind"]) == ("h-1, h-2", "registry-config-unread")
    text = f"{name}, so it was not applied; the registry configuration that it reads is {reads}:"
    assert text in str(problem["text"])


def test_an_engine_that_does_not_read_the_file_asks_nobody_knows_where_after_the_upgrade(
    fleet: Path, tmp_path: Path
) -> None:
    declare(fleet, "etc/registries.conf", engine="podman 5.2.0")
    with (fleet / "planner.toml").open("a") as file:
        file.write('target = "docker 24.0.0"\n')
    code, _, report = scan(fleet, tmp_path)
    assert code == 1
    assert [(finding["moment"], finding["verdict"], finding["cause"]) for finding in report["findings"]] == [
        ("now", "breaks", "registry-blocked"),
        ("after", "unknown", "not-checked"),
    ]
    assert "Docker Engine reads daemon.json, not etc/registries.conf" in str(report["findings"][1]["evidence"])
    assert not report["problems"]
