"""The platform files: every entry has a source and names an engine and a version that planner knows."""

from pathlib import Path

import pytest

from planner.errors import KnowledgeError
from planner.knowledge.platforms import load_platforms, platform_lines, platform_text
from planner.model.shipment import PlatformKnowledge
from tests.support.knowledge import KNOWLEDGE

PLATFORMS = load_platforms()
ENTRY = (
    '[[ships]]\nreleases = ["1"]\nengine = "docker"\nversion = "26.1.5"\nchecked = "2026-11-23"\nsource = ["notes"]\n'
)
HEAD = 'name = "acme-os"\ntitle = "Acme OS"\nask = "ask the host"\nsource = ["notes"]\n'


@pytest.fixture(params=list(PLATFORMS.values()), ids=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> PlatformKnowledge:
    assert isinstance(request.param, PlatformKnowledge)
    return request.param


def test_every_version_is_one_that_planner_knows(platform: PlatformKnowledge) -> None:
    for shipment in platform.shipments:
        engine = KNOWLEDGE.engine(shipment.engine)
        assert engine, shipment
        for version in filter(None, (shipment.low, shipment.high)):
            assert engine.first <= version <= engine.newest, shipment
            assert not any(version in gap.versions for gap in engine.gaps), shipment
        assert set(shipment.stores) <= set(engine.stores)


def test_no_release_has_two_engines_of_one_package(platform: PlatformKnowledge) -> None:
    found = [(release, shipment.package) for shipment in platform.shipments for release in shipment.releases]
    assert len(found) == len(set(found))


def test_names_are_told_apart_from_engines_and_each_other() -> None:
    names = [name for platform in PLATFORMS.values() for name in (platform.name, *platform.aliases)]
    assert len(names) == len(set(names))
    assert not [name for name in names if KNOWLEDGE.engine(name) or KNOWLEDGE.registry(name) or " " in name]
    for name, platform in PLATFORMS.items():
        assert name == platform.name


def test_the_text_has_every_release_and_source(platform: PlatformKnowledge) -> None:
    text = platform_text(platform.name.upper())
    assert text
    assert platform.ask in text
    for shipment in platform.shipments:
        for told in (*shipment.releases, *shipment.source, shipment.checked, shipment.note):
            assert told in text
    assert any(line.startswith(platform.name) for line in platform_lines())


@pytest.mark.parametrize("alias", ["Docker Desktop", "docker-desktop", "dockerdesktop"])
def test_a_platform_is_asked_for_by_any_of_its_names(alias: str) -> None:
    assert platform_text(alias) == platform_text("docker-desktop")
    assert platform_text("fedora") is None


def test_a_file_of_the_user_adds_a_platform_or_replaces_one(tmp_path: Path) -> None:
    own, other = tmp_path / "own.toml", tmp_path / "k3s.toml"
    own.write_text(HEAD + ENTRY)
    other.write_text(HEAD.replace("acme-os", "k3s") + ENTRY)
    found = load_platforms([own, other])
    assert set(found) == {*PLATFORMS, "acme-os"}
    assert found["acme-os"].releases == found["k3s"].releases == ("1",)


def test_files_of_other_knowledge_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "engine.toml").write_text('name = "docker"\n')
    assert load_platforms([tmp_path / "engine.toml"]) == PLATFORMS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD, "without `ships`, `note` must say why nothing is known"),
        (HEAD + ENTRY.replace('source = ["notes"]', "source = []"), "`source` is empty"),
        (HEAD + ENTRY.replace('source = ["notes"]\n', ""), ":5: ships: `source` is missing"),
        (HEAD + ENTRY.replace('"26.1.5"', "26.1"), ":8: ships: `version` is text and stands in quotes"),
        (HEAD + ENTRY.replace('"26.1.5"', '"26.1"'), "names no patch release"),
        (HEAD + ENTRY.replace('version = "26.1.5"\n', ""), "without a version, `note` must say why"),
        (HEAD + ENTRY + 'first = "26.0.0"\nlast = "26.1.5"\n', "write either `version`, or `first` and `last`"),
        (HEAD + ENTRY.replace("version", "first"), "write either `version`, or `first` and `last`"),
        (HEAD + ENTRY.replace("version", "first") + 'last = "26.0.0"\n', "`first` is later than `last`"),
        (HEAD + ENTRY.replace('["1"]', "[]"), "`releases` is empty"),
        (HEAD + ENTRY + 'pakage = "docker.io"\n', "unknown member `pakage`"),
        (HEAD + ENTRY.replace("2026-11-23", "today"), "`checked`: 'today' is no date"),
    ],
)
def test_a_mistake_in_a_file_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(KnowledgeError) as refused:
        load_platforms([path])
    assert f"{path}:" in str(refused.value)
    assert words in str(refused.value)
