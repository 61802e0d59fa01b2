"""planner.toml: what it means, and that each mistake is named with its place before anything is scanned."""

from pathlib import Path

import pytest

from planner.errors import UsageError
from planner.model.engine import Software, parse_software
from planner.model.host import Host, Registry
from planner.model.platform import Platform
from planner.settings import Settings, load_settings
from tests.support.command import run

HOST = '[[hosts]]\nname = "a"\nengine = "docker 20.10.24"\n'


def load(folder: Path, text: str) -> Settings:
    (folder / "planner.toml").write_text(text)
    return load_settings(folder)


def test_every_word_of_a_host(tmp_path: Path) -> None:
    text = """
        [[hosts]]
        name = "web-[09:10]"
        engine = "docker 20.10.24"
        target = "docker 29.0.0"
        store = "graphdriver"
        client = "cri"
        switches = ["DOCKER_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE"]
        platform = "linux/aarch64"
        runs = ["web/**", "shared/compose.yml"]
    """
    expected = [
        Host(
            name=name,
            engine=parse_software("docker 20.10.24"),
            target=parse_software("docker 29.0.0"),
            store="graphdriver",
            client="cri",
            switches=frozenset({"DOCKER_ENABLE_DEPRECATED_PULL_SCHEMA_1_IMAGE"}),
            platform=Platform("linux", "arm64"),
            runs=("web/**", "shared/compose.yml"),
            source="planner.toml",
        )
        for name in ("web-09", "web-10")
    ]
    assert list(load(tmp_path, text).hosts) == expected


def test_what_is_not_stated_is_linux_amd64_and_everything(tmp_path: Path) -> None:
    (host,) = load(tmp_path, HOST).hosts
    assert (host.platform, host.runs, host.target, host.store) == (Platform("linux", "amd64"), (), None, "")


def test_registries(tmp_path: Path) -> None:
    text = """
        [[registries]]
        host = "registry.corp.example:5000"
        software = "distribution 2.8.3"
        target = "distribution 3.0.0"
        [[registries]]
        host = "plain.example"
        insecure = true
    """
    assert load(tmp_path, text).registries == (
        Registry(
            "registry.corp.example:5000", parse_software("distribution 2.8.3"), parse_software("distribution 3.0.0")
        ),
        Registry("plain.example", None, None, insecure=True),
    )


def test_an_engine_that_is_not_understood_is_a_matter_for_the_verdict(tmp_path: Path) -> None:
    (host,) = load(tmp_path, HOST.replace("20.10.24", "latest")).hosts
    assert isinstance(host.engine, Software)
    assert host.engine.version is None
    assert "MAJOR.MINOR.PATCH" in host.engine.why


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('hosts = "web"', "hosts: should be a valid list"),
        ("host = []", "host: is not a word that planner knows (did you mean `hosts`?); here it knows hosts"),
        (HOST + 'engin = "x"', "engin: is not a word that planner knows (did you mean `engine`?); here it knows name,"),
        ('[[hosts]]\nname = "a"\nengin = "docker 1.9.1"', "hosts, number 1, engin: is not a word"),
        (HOST + '[[hosts]]\nname = "b"', "hosts, number 2, engine: is missing"),
        ('[[hosts]]\nname = "a"\nengine = 20.10', "hosts, number 1, engine: should be a valid string"),
        ('[[hosts]]\nname = " "\nengine = "docker 20.10.24"', "hosts, number 1, name: must not be empty"),
        (HOST + 'platform = "amd64"', "hosts, number 1, platform: 'amd64' is no platform; write os/architecture"),
        (HOST + "runs = [1]", "hosts, number 1, runs, number 1: should be a valid string"),
        (HOST + 'runs = ["a/**", "!"]', "hosts, number 1, runs: '!' is no glob as .gitignore has them"),
        (HOST + 'runs = ["[z-a]"]', "hosts, number 1, runs: '[z-a]' is no glob"),
        (HOST + HOST, "the host 'a' is declared twice"),
        (HOST.replace('"a"', '"a[1:2]"') + HOST.replace('"a"', '"a2"'), "the host 'a2' is declared twice"),
        (HOST.replace('"a"', '"a[9:1]"'), "'a[9:1]' names no hosts"),
        (HOST.replace('"a"', '"a[1:x]"'), "'[1:x]' in 'a[1:x]' is no range"),
        (HOST.replace('"a"', '"a[1:99999][1:99999]"'), "names more than 100,000 hosts"),
        ('[[registries]]\nsoftware = "distribution 2.8.3"', "registries, number 1, host: is missing"),
        ('[[registries]]\nhost = "x"\ntls = true', "registries, number 1, tls: is not a word that planner knows"),
        ('[[registries]]\nhost = "x"\ninsecure = "perhaps"', "number 1, insecure: should be a valid boolean"),
        ("hosts = = 3", "is no TOML"),
        ("\n\n\f", "is no TOML"),
        ("a = " + "[" * 100_000, "nested too deep"),
        ("#" * 11_000_000, "is larger than 10 MiB"),
    ],
    ids=str,
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, text)
    assert words in str(caught.value)
    assert str(tmp_path / "planner.toml") in str(caught.value)


def test_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "planner.toml").write_bytes(HOST.encode("utf-16"))
    with pytest.raises(UsageError, match="is not in UTF-8; save it as UTF-8"):
        load_settings(tmp_path)
    (tmp_path / "planner.toml").write_bytes(b"\xef\xbb\xbf" + HOST.encode())
    assert len(load_settings(tmp_path).hosts) == 1


def test_pyproject_where_there_is_no_planner_toml(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "x"\n[[tool.planner.hosts]]\nname = "a"\nengine = "docker 1.9.1"\n')
    assert [host.name for host in load_settings(tmp_path).hosts] == ["a"]
    assert load_settings(tmp_path).path == project
    assert [host.name for host in load(tmp_path, HOST.replace('"a"', '"b"')).hosts] == ["b"]


@pytest.mark.parametrize("content", [b"[tool.other]\n", b"\xff\xfe no TOML at all", b""])
def test_the_pyproject_of_others_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    assert load_settings(tmp_path) == Settings()


def test_of_a_single_file_the_settings_beside_it_count(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("services: {}")
    (tmp_path / "planner.toml").write_text(HOST)
    assert len(load_settings(tmp_path / "compose.yml").hosts) == 1


def test_the_users_own_knowledge_stands_beside_the_settings(tmp_path: Path) -> None:
    assert load(tmp_path, 'knowledge = ["mine.toml"]').knowledge == (tmp_path / "mine.toml",)


def test_references_by_tag_are_asked_for_in_plain_words(tmp_path: Path) -> None:
    assert load(tmp_path, "include_tags = true").include_tags
    assert not load(tmp_path, HOST).include_tags


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hosts = 3", "hosts: should be a valid list"),
        ("include_tags = 1", "include_tags: should be a valid boolean"),
        ('knowledge = ["nowhere.toml"]', "nowhere.toml"),
    ],
)
def test_the_command_ends_with_2_and_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "planner.toml").write_text(text)
    done = run("scan", ".", home=tmp_path)
    assert (done.code, done.out, len(done.said.splitlines())) == (2, "", 1)
    assert done.said.startswith("planner: ")
    assert words in done.said


def test_config_that_is_not_there(tmp_path: Path) -> None:
    done = run("scan", ".", "--config", "nowhere.toml", home=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "nowhere.toml" in done.said
