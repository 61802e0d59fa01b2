"""`planner merge`: reports of several trees as one, by the real command."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from planner.report import FORMATS, Options
from planner.resolve.opening import Opening
from planner.scan import Request, scan
from tests.support.command import Done, run, write_compose
from tests.unit.cli.recorded import ARM, BREAKS, NAME, PULLS, RECORDED, SCHEMA2, write_inventory, write_recorded

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "sample_inventories"
SCHEMA = json.loads((ROOT / "tests" / "report" / "report.schema.json").read_text())
HOST = '[[hosts]]\nname = "{name}"\nengine = "{engine}"\n'


def scanned(folder: Path, report: Path) -> Any:
    """What a scan says of a folder with its registry recorded in it, written to `report`.

    The stages run in this process: to start one takes longer than the scan.
    """
    how = Opening(offline=folder / RECORDED)
    found = scan(Request(folder, how=how), datetime.now(UTC).astimezone())
    report.write_text(FORMATS["json"].render(found, Options()))
    return json.loads(report.read_text())


def merged(*arguments: str | Path, home: Path) -> tuple[Done, Any]:
    done = run("merge", *arguments, "--format", "json", home=home)
    assert done.code in (0, 1, 3), done.said
    jsonschema.Draft202012Validator(SCHEMA).validate(done.json)
    return done, done.json


def without(document: Any, *names: str) -> Any:
    return {name: value for name, value in document.items() if name not in names}


@pytest.mark.parametrize("sample", ["acme", "founding-case"])
def test_one_report_merged_is_the_report(sample: str, tmp_path: Path) -> None:
    outputs = ("report.json", "report.html", "report.csv")
    names = [word for output in outputs for word in ("-o", output)]
    terminal = ["--format", "json", "--format", "html", "--format", "csv", "--format", "terminal", "-o", "-"]
    scan = ("scan", SAMPLES / sample, "--offline", SAMPLES / sample / RECORDED, "--per-host", "--all")
    one, again = tmp_path / "one", tmp_path / "again"
    one.mkdir()
    again.mkdir()
    first = run(*scan, *names, *terminal, home=tmp_path, cwd=one, COLUMNS="")
    flags = (*names, *terminal, "--per-host", "--all")
    second = run("merge", one / "report.json", *flags, home=tmp_path, cwd=again, COLUMNS="")
    assert first.code == second.code == 1
    # What was merged is in no folder, and cannot be planned by a path.
    told = first.out.replace(f"{SAMPLES / sample}/", "").partition("\n\nNext, ")[0]
    assert told == second.out.partition("\n\nNext, ")[0].rstrip("\n") != ""
    assert (one / "report.csv").read_bytes() == (again / "report.csv").read_bytes()
    texts = [json.loads((folder / "report.json").read_text()) for folder in (one, again)]
    assert without(texts[0], "provenance") == without(texts[1], "provenance")
    assert texts[1]["provenance"]["reports"][0]["name"] == "report"
    pages = [(folder / "report.html").read_text() for folder in (one, again)]
    own = re.compile(r' *<div id="reports">.*?</div>\n', re.DOTALL)
    assert own.search(pages[1])
    # The JSON that the page carries says of what it was merged.
    carried = re.compile(r'(<[^>]*id="data-json"[^>]*>)[^<]*')
    assert carried.sub(r"\1", own.sub("", pages[1])) == carried.sub(r"\1", pages[0])


def test_scans_side_by_side_are_as_one_scan_of_both(tmp_path: Path) -> None:
    both = tmp_path / "both"
    write_inventory(both / "shop", PULLS, BREAKS)
    write_inventory(both / "billing", PULLS, ("docker 19.03.15", ARM))
    (both / "shop" / "h0" / "bad.yml").write_text(f"a: [\nimage: {NAME}@{SCHEMA2.digest}\n")
    for name in ("shop", "billing"):
        scanned(both / name, tmp_path / f"{name}.json")
    _, document = merged(tmp_path / "billing.json", tmp_path / "shop.json", home=tmp_path)
    toml = ""
    for host in document["hosts"]:
        runs = json.dumps(host["runs"])
        toml += HOST.format(name=host["name"], engine=host["declared"]) + f"runs = {runs}\n"
    (both / "planner.toml").write_text(toml)
    shutil.copy(both / "shop" / RECORDED, both / RECORDED)
    with (both / RECORDED).open("a") as file:
        file.write((both / "billing" / RECORDED).read_text())
    whole = scanned(both, tmp_path / "both.json")
    assert {host["name"] for host in document["hosts"]} == {"h0", "h1 (billing)", "h1 (shop)"}
    for part in ("occurrences", "findings", "windows", "resolutions", "causes"):
        assert document[part] == whole[part], part
    assert whole["findings"]
    assert [p for p in document["problems"] if p["kind"] != "host-differs"] == whole["problems"] != []


def test_a_host_declared_in_two_ways_is_two(tmp_path: Path) -> None:
    for name, case in (("shop", PULLS), ("billing", BREAKS)):
        write_inventory(tmp_path / name, case)
        scanned(tmp_path / name, tmp_path / f"{name}.json")
    done, document = merged(tmp_path / "shop.json", tmp_path / "billing.json", home=tmp_path)
    assert done.code == 1
    assert [(host["name"], host["runs"]) for host in document["hosts"]] == [
        ("h0 (shop)", ["shop/h0/**"]),
        ("h0 (billing)", ["billing/h0/**"]),
    ]
    assert {name for finding in document["findings"] for name in finding["hosts"]} == {"h0 (billing)"}
    (problem,) = document["problems"]
    assert (problem["host"], problem["kind"]) == ("h0", "host-differs")
    assert "docker 20.10.24" in problem["text"]
    assert "docker 1.9.1" in problem["text"]


def test_names_and_merging_what_was_merged(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_inventory(tmp_path / name, PULLS)
        scanned(tmp_path / name, tmp_path / name / "report.json")
    paths = [tmp_path / name / "report.json" for name in ("a", "b", "c")]
    twins = run("merge", *paths, home=tmp_path)
    assert twins.code == 2
    assert "two reports are named report" in twins.said
    first = tmp_path / "first.json"
    assert run("merge", f"a={paths[0]}", f"b={paths[1]}", "-o", first, home=tmp_path).code == 0
    done, document = merged(first, f"c={paths[2]}", home=tmp_path)
    assert done.code == 0
    assert {o["file"] for o in document["occurrences"]} == {
        "first/a/h0/compose.yml",
        "first/b/h0/compose.yml",
        "c/h0/compose.yml",
    }
    assert [part["name"] for part in document["provenance"]["reports"]] == ["first/a", "first/b", "c"]
    assert document["summary"]["now"]["pulls"] == 3
    alone, document = merged(f"x={paths[0]}", home=tmp_path)
    assert document["occurrences"][0]["file"] == "x/h0/compose.yml"
    assert alone.code == 0


def test_a_report_without_hosts_is_not_taken_for_one_that_nobody_runs(tmp_path: Path) -> None:
    write_inventory(tmp_path / "shop", PULLS)
    write_compose(tmp_path / "lab", f"{NAME}@{SCHEMA2.digest}")
    write_recorded(tmp_path / "lab" / RECORDED, [SCHEMA2])
    for name in ("shop", "lab"):
        scanned(tmp_path / name, tmp_path / f"{name}.json")
    done, document = merged(tmp_path / "shop.json", tmp_path / "lab.json", home=tmp_path)
    assert done.code == 3
    assert [(p["file"], p["kind"]) for p in document["problems"]] == [("lab", "no-host")]


def test_an_upgrade_that_one_report_declares_mends_nothing_in_the_other(tmp_path: Path) -> None:
    registry = '[[registries]]\nhost = "registry.example"\nsoftware = "distribution 2.8.3"\n'
    for name, case, target in (("shop", PULLS, 'target = "distribution 3.0.0"\n'), ("billing", BREAKS, "")):
        write_inventory(tmp_path / name, case)
        with (tmp_path / name / "planner.toml").open("a") as file:
            file.write((registry + target) if target else "")
        alone = scanned(tmp_path / name, tmp_path / f"{name}.json")
    assert alone["summary"]["after"]["breaks"] == 1
    done, document = merged(tmp_path / "shop.json", tmp_path / "billing.json", home=tmp_path)
    assert done.code == 1
    assert document["registries"][0]["target"] == "distribution 3.0.0"
    assert document["summary"]["after"]["breaks"] == 1
    assert [(p["registry"], p["kind"]) for p in document["problems"] if "registry" in p] == [
        ("registry.example", "registry-differs")
    ]


def test_lists_of_references_merge_among_themselves_only(tmp_path: Path) -> None:
    for name in ("shop", "billing"):
        write_inventory(tmp_path / name, PULLS)
        run("scan", tmp_path / name, "--no-resolve", "-o", tmp_path / f"{name}.json", home=tmp_path)
    both = [tmp_path / "shop.json", tmp_path / "billing.json"]
    done, document = merged(*both, home=tmp_path)
    assert done.code == 0
    assert document["summary"]["now"]["pulls"] is None
    refused = run("merge", *both, "-o", tmp_path / "all.html", home=tmp_path)
    assert refused.code == 2
    assert "no such form" in refused.said
    scanned(tmp_path / "billing", tmp_path / "billing.json")
    mixed = run("merge", *both, home=tmp_path)
    assert mixed.code == 2
    assert "shop only lists references" in mixed.said


def test_the_exit_code_is_that_of_all(tmp_path: Path) -> None:
    write_inventory(tmp_path / "good", PULLS)
    write_inventory(tmp_path / "bad", BREAKS)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / RECORDED).write_text("")
    for name in ("good", "bad", "empty"):
        scanned(tmp_path / name, tmp_path / f"{name}.json")
    good, bad, empty = (tmp_path / f"{name}.json" for name in ("good", "bad", "empty"))
    assert run("merge", good, empty, home=tmp_path).code == 0
    assert run("merge", good, bad, home=tmp_path).code == 1
    assert run("merge", good, bad, "--fail-on", "never", home=tmp_path).code == 3  # h0 is declared in two ways
    nothing = run("merge", empty, home=tmp_path)
    assert nothing.code == 4
    assert "empty has no image reference" in nothing.said


def test_older_reports_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    write_inventory(folder, BREAKS, PULLS)
    document = scanned(folder, tmp_path / "old.json")
    for host in document["hosts"]:
        for name in ("group", "declared_target", "version_origin", "target_version_origin"):
            del host[name]
    del document["registries"], document["provenance"]["reports"]
    (tmp_path / "old.json").write_text(json.dumps(document))
    done, again = merged(tmp_path / "old.json", home=tmp_path)
    assert done.code == 1
    assert again["findings"] == document["findings"]
    assert again["summary"] == document["summary"]
    assert [host["group"] for host in again["hosts"]] == [0, 1]
