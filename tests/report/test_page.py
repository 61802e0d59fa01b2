"""The page as text: its structure, its words, and what no hostile name may do to it."""

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from planner.model.finding import Finding, Outcome, Verdict
from planner.model.moment import Moment
from planner.model.report import Report
from planner.report import FORMATS, Options
from planner.report.words import plural
from tests.support.html_page import Element, elements, having
from tests.support.report_example import (
    CLEAN,
    EMPTY,
    FINDINGS,
    GROUPS,
    OCCURRENCES,
    PROBLEMS,
    REPORT,
    SCRIPT,
    WITHOUT_HOSTS,
    large,
)

REPORTS = pytest.mark.parametrize(
    "report_", [REPORT, WITHOUT_HOSTS, CLEAN, EMPTY], ids=["full", "no hosts", "clean", "empty"]
)
CSS = "".join(path.read_text() for path in (Path(__file__).parents[2] / "templates" / "style").glob("*.css"))


def _page(report: Report = REPORT) -> str:
    return FORMATS["html"].render(report, Options())


def _texts(page: str, name: str) -> list[str]:
    return [" ".join(element.text.split()) for element in elements(page, name)]


@REPORTS
def test_nothing_is_loaded_from_anywhere(report_: Report) -> None:
    for element in elements(_page(report_)):
        for name in ("src", "href", "action", "srcset", "data", "poster"):
            value = element.attributes.get(name)
            assert value is None or value.startswith("#") or value == "data:,", element
    assert "url(" not in CSS
    assert "@import" not in CSS


@REPORTS
def test_the_policy_forbids_all_but_our_own_style_and_script(report_: Report) -> None:
    policy = next(
        e.attributes["content"]
        for e in elements(_page(report_), "meta")
        if e.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert re.search(r"script-src 'sha256-[\w+/]{43}=';", policy)


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
    for control in (e for e in elements(page) if e.name in ("input", "select")):
        assert "label" in control.within
    for table in elements(page, "table"):
        assert table.text.strip()
    assert len(elements(page, "caption")) == len(elements(page, "table"))
    assert {e.attributes.get("scope") for e in elements(page, "th")} <= {"col", "row", "rowgroup"}


def test_a_long_name_can_break_where_its_parts_meet() -> None:
    page = _page()
    assert "billing/<wbr>ledger" in page
    assert "deploy/<wbr>billing/<wbr>compose.yml" in page
    assert "docker:<wbr>" not in page
    raw = next(having(page, "raw"))
    assert raw.text in {o.raw for o in OCCURRENCES}


def test_the_first_screen_answers() -> None:
    page = _page()
    assert _texts(page, "h1") == ["4 of 10 references break today; the upgrade mends 2 and breaks 2 more"]
    first = page[: page.index('id="filters"')]
    words = " ".join(re.sub("<[^>]+>", " ", first[first.index("<main") :]).split())
    for answer in ("Today 4 break", "After the upgrade 4 break", "1 reference and 3 problems", "What to do first"):
        assert answer in words
    assert (
        "Push the image again from a host that still has it. ✕ breaks node-[01:06] (containerd 1.7.22 → 2.1.4)" in words
    )
    assert ": The registry has no such manifest , tools/migrate in k8s/shop/migrate-job.yaml" in words
    # What the planned upgrade mends is nothing to do.
    assert "Upgrade the engine to 1.10.0" not in words
    assert "2 places that break today need nothing but the planned upgrade" in words


def test_the_first_steps_lead_to_their_findings_and_leave_the_commands_there() -> None:
    (first,) = having(_page(), "first")
    text = " ".join(first.text.split())
    assert "Convert and pin the new digest first. ✕ breaks web-[01:12] (docker 20.10.24 → 29.0.0)" in text
    assert "skopeo" not in first.text
    links = {e.attributes["href"] for e in elements(_page(), "a") if "ol" in e.within and "li" in e.within}
    assert len(links) == 5
    assert all(str(link).startswith("#cause-") for link in links)


def test_a_command_is_code_that_can_be_copied_whole() -> None:
    (command,) = (e for e in having(_page(), "command") if "article" not in e.within)
    assert (command.name, command.text) == ("code", "skopeo copy --format v2s2 docker://a docker://b")
    odd = replace(CLEAN, problems=(replace(PROBLEMS[0], text=f"a `b` and `c d` {SCRIPT}"),))
    page = _page(odd)
    assert [e.text for e in elements(page, "code") if e.text in ("b", "c d")] == ["b", "c d"]
    assert len(elements(page, "script")) == 4
    alone = _page(replace(CLEAN, problems=(replace(PROBLEMS[0], text="one ` alone"),)))
    assert "one ` alone" in elements(alone, "html")[0].text


def test_the_upgrade_is_said_to_mend_only_what_pulls_then() -> None:
    web = Finding(OCCURRENCES[5], Moment.AFTER, FINDINGS[0].outcome, GROUPS[0], GROUPS[0].hosts)
    lines = [" ".join(e.text.split()) for e in having(_page(), "line") if "bill-" in e.text]
    assert len(lines) == 2
    assert all("Today; the planned upgrade mends it" in line for line in lines)
    page = _page(replace(REPORT, findings=(*FINDINGS, web)))
    lines = [" ".join(e.text.split()) for e in having(page, "line") if "bill-" in e.text and "Today" in e.text]
    assert sorted("mends it" in line for line in lines) == [False, True]
    assert any("Today; after the upgrade at risk: Layers compressed with zstd" in line for line in lines)
    count = next(e for e in having(page, "count") if "2 images in 2 places, 3 hosts" in " ".join(e.text.split()))
    assert "mends" not in count.text
    assert "after the upgrade at risk: Layers compressed with zstd" in " ".join(count.text.split())


def test_what_is_unknown_says_why() -> None:
    newer = Outcome(Verdict.UNKNOWN, "not-checked", "", ("stored", "31.0.0 is newer than known", "29.7.2: pulls"))
    page = _page(replace(CLEAN, findings=(Finding(OCCURRENCES[2], Moment.NOW, newer, GROUPS[1], GROUPS[1].hosts),)))
    (line,) = having(page, "message")
    assert "31.0.0 is newer than known; 29.7.2: pulls" in line.text


@pytest.mark.parametrize(
    ("report_", "said"),
    [
        (WITHOUT_HOSTS, "No host is declared: these are the versions that pull each image"),
        (CLEAN, "Every image that a declared host runs pulls"),
        (EMPTY, "No image reference was found"),
        (replace(CLEAN, problems=PROBLEMS), "Nothing breaks, as far as could be checked"),
        (
            replace(CLEAN, findings=tuple(f for f in FINDINGS if f.verdict == "at-risk")),
            "Nothing breaks, but 3 references are at risk",
        ),
        (
            replace(REPORT, findings=tuple(f for f in FINDINGS if f.outcome.cause == "schema1-removed")),
            "Nothing is known to break today, 2 of 10 references will after the upgrade",
        ),
        (
            replace(REPORT, findings=tuple(f for f in FINDINGS if f.outcome.cause == "schema2-by-digest")),
            "2 of 10 references break today, none is known to after the upgrade",
        ),
    ],
)
def test_the_headline_claims_no_more_than_was_checked(report_: Report, said: str) -> None:
    assert _texts(_page(report_), "h1") == [said]


def test_without_hosts_no_reference_is_said_to_pull() -> None:
    tile = next(having(_page(WITHOUT_HOSTS), "tile"))
    assert "✓" not in tile.text
    assert "9 up to the engine's version" in " ".join(tile.text.split())


def test_what_nobody_runs_is_not_checked() -> None:
    page = _page(replace(CLEAN, runners={o.id: CLEAN.runners[o.id] for o in OCCURRENCES[:7]}))
    card = " ".join(next(e for e in having(page, "tile") if "Could not" in e.text).text.split())
    assert "3 references 3 run by no declared host" in card
    assert "every registry answered" not in card
    (section,) = (e for e in having(page, "card") if "Run by no declared host" in e.text)
    assert all(f"{o.file}:{o.line}:{o.column}" in section.text for o in OCCURRENCES[7:])
    (lead,) = having(page, "lead")
    assert "engine and settings. 3 references are run by no" in " ".join(lead.text.split())


def test_every_finding_problem_and_place_is_there() -> None:
    page = _page()
    ids = {e.attributes.get("id") for e in elements(page)}
    assert {finding.id for finding in FINDINGS} <= ids
    text = elements(page, "html")[0].text
    for finding in FINDINGS:
        o = finding.occurrence
        assert f"{o.file}:{o.line}:{o.column}" in text
        assert o.raw in text
        assert finding.outcome.message in text
        pieces = [piece.strip(". ") for remedy in finding.remedies for piece in remedy.split("`")]
        assert all(line in text for line in (*finding.outcome.evidence, *pieces))
    assert all(problem.text in text for problem in PROBLEMS)


def test_hostile_names_stay_text() -> None:
    occurrences = tuple(replace(o, name=f"{SCRIPT}\"'><img src=x onerror=alert(1)>{{{{7*7}}}}") for o in OCCURRENCES)
    named = {o.id: new for o, new in zip(OCCURRENCES, occurrences, strict=True)}
    hostile = replace(
        REPORT,
        root=f"</title>{SCRIPT}",
        occurrences=occurrences,
        findings=tuple(
            replace(f, occurrence=named[f.occurrence.id], hosts=("</script><script>alert(2)</script>",))
            for f in FINDINGS
        ),
        hosts=tuple(replace(h, name=f"</script>{SCRIPT}") for h in REPORT.hosts[:1]),
    )
    page = _page(hostile)
    assert len(elements(page, "script")) == len(elements(_page(), "script")) == 4
    assert not elements(page, "img")
    assert "{{7*7}}" in elements(page, "html")[0].text
    data = next(e for e in elements(page, "script") if e.attributes.get("type") == "application/json")
    assert json.loads(data.text)["hosts"] == [f"</script>{SCRIPT}"]


def test_a_large_page_stays_small_and_says_what_it_leaves_out() -> None:
    report = large(occurrences=2000, hosts=400, groups=30, images=200)
    page = _page(report)
    assert len(page) < 2_000_000
    assert "60,000 findings are too many for one page." in elements(page, "footer")[0].text
    assert not any(e.attributes.get("type") == "application/gzip" for e in elements(page, "script"))
    said = [" ".join(e.text.split()) for e in having(page, "left-out")]
    assert f"100 of 200 images are shown, the worst first. The JSON and CSV reports list every one." in said  # noqa: F541
    assert any(text.startswith("24 of 30 groups of hosts") for text in said)
    assert any(text.startswith("40 of 200 groups of findings") for text in said)
    assert any(text.startswith(f"and {plural(22, 'group')} of hosts more") for text in said)
    ids = {f"#{e.attributes['id']}" for e in elements(page) if "id" in e.attributes}
    assert {e.attributes["href"] for e in elements(page, "a")} <= ids


def _colours(mode: str) -> dict[str, str]:
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\);", CSS)
    return {name: light if mode == "light" else dark for name, light, dark in pairs}


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_wants(mode: str) -> None:
    colours = _colours(mode)
    verdicts = [(v, f"{v}-bg") for v in ("breaks", "at-risk", "unknown", "pulls")]
    plain = [(ink, back) for ink in ("ink", "soft", "accent") for back in ("ground", "paper")]
    marked = [("ink", "mark"), ("breaks", "paper"), ("unknown", "paper"), ("at-risk", "paper"), ("pulls", "paper")]
    for ink, back in verdicts + plain + marked:
        high, low = sorted((_luminance(colours[ink]), _luminance(colours[back])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{ink} on {back}, {mode}"


def test_the_parser_that_these_tests_rest_on_sees_a_stray_element() -> None:
    found: list[Element] = elements("<main><p>a<img src=x></p></main>", "img")
    assert found[0].within == ("main", "p")


def _turned(now: Verdict, after: Verdict) -> Report:
    """One reference that one group runs, whose upgrade turns the first verdict into the second."""
    place, group = OCCURRENCES[5], GROUPS[1]
    found = [
        Finding(place, moment, Outcome(verdict, "not-checked"), group, group.hosts)
        for moment, verdict in ((Moment.NOW, now), (Moment.AFTER, after))
        if verdict is not Verdict.PULLS
    ]
    runners = {place.id: {1: group.hosts}}
    return replace(CLEAN, occurrences=(place,), findings=tuple(found), problems=(), runners=runners)


@pytest.mark.parametrize(
    ("now", "after", "said"),
    [
        (Verdict.BREAKS, Verdict.PULLS, "1 of 1 reference breaks today, none after the upgrade"),
        (Verdict.BREAKS, Verdict.UNKNOWN, "1 of 1 reference breaks today, none is known to after the upgrade"),
        (Verdict.UNKNOWN, Verdict.BREAKS, "Nothing is known to break today, 1 of 1 reference will after the upgrade"),
        (Verdict.PULLS, Verdict.BREAKS, "Nothing breaks today, 1 of 1 reference will after the upgrade"),
        (Verdict.BREAKS, Verdict.BREAKS, "1 of 1 reference breaks today, 1 after the upgrade"),
        (Verdict.UNKNOWN, Verdict.PULLS, "Nothing breaks, as far as could be checked"),
    ],
)
def test_the_headline_takes_unknown_for_neither(now: Verdict, after: Verdict, said: str) -> None:
    assert _texts(_page(_turned(now, after)), "h1") == [said]


def test_what_no_engine_accepts_is_known_to_break() -> None:
    problem = replace(PROBLEMS[0], kind="invalid-reference", text="no reference")
    page = _page(replace(CLEAN, problems=(problem,)))
    assert _texts(page, "h1") == [
        "1 pinned image is no reference that an engine accepts; nothing else is known to break"
    ]
    (card,) = (e for e in having(page, "card") if "No engine accepts these" in e.text)
    assert problem.subject in card.text


def test_every_finding_of_a_place_that_is_shown_has_an_anchor() -> None:
    report = large(occurrences=400, hosts=80, groups=20, images=10)
    page = _page(report)
    ids = {e.attributes.get("id") for e in elements(page)}
    places = {e.text for e in having(page, "place") if "article" in e.within}
    shown = [f for f in report.findings if f"{f.occurrence.file}:{f.occurrence.line}:{f.occurrence.column}" in places]
    lines = {(f.outcome.cause, f.verdict, f.group) for f in shown if f.id in ids}
    assert shown
    assert all(f.id in ids for f in shown if (f.outcome.cause, f.verdict, f.group) in lines)
