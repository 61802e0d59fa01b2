"""The plan's page as text: its structure, its words, and what no hostile name may do to it."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest

from planner.model.report import Report
from planner.report import PLAN_FORMATS, Options
from planner.report.plan.words import headline, numbered
from tests.support.html_page import elements, having
from tests.support.runbook_example import (
    BLOCKED,
    BLOCKED_ONLY,
    CEILINGS_ONLY,
    FEASIBLE,
    NOTES,
    NOTHING,
    PLAN,
    PLANNED,
    STEPS,
    hostile,
    large,
)

REPORTS = pytest.mark.parametrize(
    "report_",
    [PLANNED, FEASIBLE, CEILINGS_ONLY, BLOCKED_ONLY, NOTHING, hostile()],
    ids=["full", "feasible", "ceilings", "blocked", "nothing", "hostile"],
)
CSS = (Path(__file__).parents[2] / "templates" / "style" / "plan.css").read_text()


def _page(report: Report = PLANNED) -> str:
    return PLAN_FORMATS["html"].render(report, Options())


def _said(text: str) -> str:
    return " ".join(text.split())


def _text(page: str) -> str:
    return _said(elements(page, "html")[0].text)


@REPORTS
def test_nothing_is_loaded_from_anywhere_and_nothing_runs(report_: Report) -> None:
    page = _page(report_)
    for element in elements(page):
        for name in ("src", "href", "action", "srcset", "data", "poster", "xlink:href"):
            value = element.attributes.get(name)
            assert value is None or value.startswith("#") or value == "data:,", element
        assert not [name for name in element.attributes if name.startswith("on")]
    assert {e.name for e in elements(page)}.isdisjoint({"script", "img", "b>e<", "iframe", "object"})
    policies = [e for e in elements(page, "meta") if e.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert [(e.attributes["content"] or "").startswith("default-src 'none'; ") for e in policies] == [True]
    assert "script-src" not in str(policies[0].attributes["content"])
    assert "url(" not in CSS
    assert "@import" not in CSS


@REPORTS
def test_links_lead_somewhere_and_ids_are_unique(report_: Report) -> None:
    found = elements(_page(report_))
    ids = [e.attributes["id"] for e in found if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    assert {e.attributes["href"] for e in found if e.name == "a"} <= {f"#{known}" for known in ids}


@REPORTS
def test_it_can_be_read_with_the_ears_and_the_keyboard(report_: Report) -> None:
    page = _page(report_)
    assert elements(page, "html")[0].attributes["lang"] == "en"
    assert len(elements(page, "h1")) == len(elements(page, "main")) == len(elements(page, "footer")) == 1
    assert elements(page, "a")[0].attributes["href"] == "#main"
    levels = [int(e.name[1]) for e in elements(page) if re.fullmatch("h[1-6]", e.name)]
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    assert all("label" in control.within for control in elements(page, "input"))
    pictures = [e for e in elements(page, "svg") if "svg" not in e.within]
    assert {e.attributes.get("role", "hidden" if e.attributes.get("aria-hidden") else "") for e in pictures} <= {
        "img",
        "hidden",
    }


def test_the_picture_has_its_words_and_the_list_says_the_same() -> None:
    page = _page()
    (words,) = elements(page, "desc")
    assert "bill-[01:03] 3 hosts, docker 1.9.1: wave 1 1.10.3 bridge, wave 3 20.10.24." in words.text
    assert "node-[01:06] 6 hosts: not reached 2.1.4." in words.text
    (listed,) = having(page, "contents")
    for wave in numbered(PLAN):
        for each in wave:
            assert f"{each.number}{each.title}" in listed.text.replace("\n", "")


def test_the_first_screen_answers() -> None:
    page = _page()
    (answer,) = (e for e in elements(page, "section") if e.attributes["id"] == "answer")
    said = _said(answer.text)
    assert said.startswith(f"{headline(PLANNED)} 3 waves, 11 steps, 1 bridge, ")
    for words in (
        "3 images",
        "15 hosts",
        "2 things",
        "1 step and 3 problems while reading",
        "Step 2.3: there is no way",
    ):
        assert words in said
    assert all(note.replace("`", "") in said for note in NOTES)


def test_every_step_has_all_that_who_carries_it_out_needs() -> None:
    page = _page()
    articles = list(having(page, "step"))
    assert len(articles) == len(STEPS)
    for article, step in zip(articles, STEPS, strict=True):
        said = _said(article.text)
        needed = [step.id, step.why, step.check, step.backout or step.no_backout]
        needed += [*step.commands, *step.costs, *step.unproven]
        needed += [f"{o.file}:{o.line}:{o.column}" for o in step.occurrences]
        needed += [str(reference) for reference in (step.old_reference, step.new_reference) if reference]
        for pull in step.pulls:
            needed += [pull.command, pull.reference.digest or "mapping.csv", pull.unproven]
        assert [words for words in needed if words.replace("`", "").casefold() not in said.casefold()] == []


def test_what_is_blocked_and_how_far_others_can_go() -> None:
    text = _text(_page())
    for blocked in BLOCKED:
        assert all(said.replace("`", "").casefold() in text.casefold() for said in (blocked.why, *blocked.lifts))
    assert "node-[01:06] cannot reach containerd 2.1.4" in text
    assert "A pull stays broken on edge-1" in text
    assert "docker 28.1.1 stays where it is; at 28.2.0 1 pull breaks: k8s/partner/feed.yaml:27:41" in text
    assert "containerd 2.1.4 can go up to 2.3.4" in text
    assert "containerd latest: how far this can go is not known" in text


@pytest.mark.parametrize(
    ("report_", "said"),
    [
        (FEASIBLE, "3 waves reach every target and break no working pull"),
        (replace(PLANNED, plan=FEASIBLE.plan), "and break no working pull, as far as could be checked"),
        (CEILINGS_ONLY, "No upgrade is declared: this is how far each host can go"),
        (PLANNED, "3 waves break no working pull, but 1 target is out of reach and 1 pull stays broken"),
        (
            replace(PLANNED, plan=replace(PLAN, blocked=BLOCKED[1:])),
            "3 waves reach every target, but 1 pull stays broken",
        ),
        (
            replace(FEASIBLE, groups=(), registries=()),
            "3 waves mend every broken pull and break no working one",
        ),
        (
            replace(PLANNED, groups=(), registries=(), plan=replace(PLAN, blocked=BLOCKED[1:])),
            "3 waves break no working pull, but 1 pull stays broken",
        ),
        (BLOCKED_ONLY, "No step is possible: 1 target is out of reach and 1 pull stays broken"),
        (NOTHING, "there is nothing to plan"),
        (replace(NOTHING, occurrences=FEASIBLE.occurrences, hosts=FEASIBLE.hosts), "Nothing is to be done"),
    ],
)
def test_the_headline_claims_no_more_than_is_so(report_: Report, said: str) -> None:
    assert elements(_page(report_), "h1")[0].text.endswith(said)


def test_what_could_not_be_read_is_told() -> None:
    text = _text(_page())
    assert all(problem.text in text for problem in PLANNED.problems)


def test_hostile_names_stay_text() -> None:
    page = _page(hostile())
    assert {e.name for e in elements(page)} == {e.name for e in elements(_page())} - {"time"} | {"time"}
    assert r"\n# f <script>alert(1)</script>" in elements(page, "html")[0].text
    assert not {c for c in page if not c.isprintable()} - {"\n"}


def test_many_hosts_and_steps_make_no_endless_page() -> None:
    page = _page(large(images=20))
    # The hosts are named once, whatever the number of steps that are about them.
    assert page.count("srv-07919.dc1.acme.example, srv-15838.dc2.acme.example, srv-23757") == 2
    assert "app-[001:500]" in page
    assert "94 more pulls to try" in page
    assert "34 more files" in page
    steps = list(having(page, "step"))
    assert len(steps) == 42
    assert len([e for e in steps if "details" not in e.within]) == 12 + 12 + 2
    # The page grows with the steps alone.
    more = _page(large(images=60))
    assert len(more) - len(page) < 80 * 9_000


def test_the_style_has_no_colours_of_its_own() -> None:
    screen = CSS.split("@media print")[0]
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb|hsl", screen) == []
