"""Plans of the sample fleet, by the real command: every form of them tells all that the JSON has."""

import json
from pathlib import Path

import pytest

from tests.support.browser import visit
from tests.support.command import run
from tests.support.html_page import elements

SAMPLE = Path(__file__).parents[2] / "sample_inventories" / "acme"
PLACE = "mirror.acme.example/kept"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    files = [word for name in ("plan.json", "plan.html", "plan.md") for word in ("-o", folder / name)]
    done = run("plan", SAMPLE, "--offline", SAMPLE / "registry.jsonl", "--to", PLACE, *files, home=folder)
    assert "wrote" in done.said
    return folder


def _squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_page_and_the_runbook_tell_every_step(written: Path) -> None:
    seen = visit(written / "plan.html")
    assert seen.console == []
    page = _squeezed(elements(seen.dom, "body")[0].text)
    # Backslashes keep names from being marks.
    runbook = _squeezed((written / "plan.md").read_text("utf-8").replace("\\", ""))
    plan = json.loads((written / "plan.json").read_text("utf-8"))["plan"]
    assert plan["steps"]
    assert plan["blocked"]
    for step in plan["steps"]:
        told = [step["id"], *step["commands"], *step["costs"], *(pull["command"] for pull in step["pulls"])]
        told += [step["why"][1:], (step["backout"] or step["no_backout"])[1:], step["check"]]
        for words in map(_squeezed, told):
            assert words.replace("`", "") in page
            assert words in runbook
    for blocked in plan["blocked"]:
        for words in map(_squeezed, (blocked["why"][1:], *(lift[1:] for lift in blocked["lifts"]))):
            assert words.replace("`", "") in page
            assert words in runbook


def test_the_terminal_names_each_step_and_what_to_type(written: Path) -> None:
    plan = json.loads((written / "plan.json").read_text("utf-8"))["plan"]
    done = run("plan", SAMPLE, "--offline", SAMPLE / "registry.jsonl", "--to", PLACE, home=written, COLUMNS="300")
    for number, step in enumerate(plan["steps"]):
        place = number - sum(other["wave"] < step["wave"] for other in plan["steps"]) + 1
        assert f"\n  {step['wave']}.{place} " in done.out
    assert f"planner convert {SAMPLE} --to {PLACE} --execute\n" in done.out
    assert f"planner plan {SAMPLE} --to {PLACE} --offline {SAMPLE / 'registry.jsonl'} -o plan.html\n" in done.out
