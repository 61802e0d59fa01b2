"""The HTML page of 10,000 references and 200 hosts, in Chromium, against that of the sample fleet.

Aims: at most 5 MB with the JSON and CSV in it, first paint under 2 s. `--everywhere`: every host runs every reference.
"""

import statistics
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks._measure import in_turns, summary
from planner.model.report import Report
from planner.report import FORMATS, Options
from planner.resolve.opening import Opening
from planner.scan import Request, scan
from tests.support import large_fleet
from tests.support.browser import close, opened

ACME = Path(__file__).resolve().parents[1] / "sample_inventories" / "acme"
RUNS = 5
# Milliseconds from the start of the visit to the first text, to the parsed document, and to the end of loading.
_PAINTED = """async () => {
  const seen = (list) => list.getEntries().find((each) => each.name === 'first-contentful-paint');
  const paint = await new Promise((done) => {
    new PerformanceObserver((list) => seen(list) && done(seen(list))).observe({type: 'paint', buffered: true});
  });
  const visit = performance.getEntriesByType('navigation')[0];
  return [paint.startTime, visit.domContentLoadedEventEnd, visit.loadEventEnd];
}"""
# Milliseconds from the choice of a host to the picture of what is left.
_FILTERED = """async (host) => {
  const field = document.querySelector('#filters [name=host]'), started = performance.now();
  field.value = host;
  field.dispatchEvent(new Event('input', {bubbles: true}));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - started;
}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        everywhere = {"shared": large_fleet.TEAMS} if "--everywhere" in sys.argv else {}
        recorded = large_fleet.write(folder, **everywhere)
        ours, theirs = scanned(folder / "fleet", recorded), scanned(ACME, ACME / "registry.jsonl")
        told = f"{len(ours.occurrences):,} references, {len(ours.hosts)} hosts in {len(ours.groups)} groups"
        print(f"{told}, {len(ours.findings):,} findings, {len(ours.suppressed):,} suppressed")
        render = FORMATS["html"].render
        times = in_turns(partial(render, ours, Options()), partial(render, theirs, Options()), 3)
        for kind, each in zip(("large", "sample"), times, strict=True):
            print(summary(f"render, {kind}", each))
        pages = [folder / "large.html", folder / "sample.html"]
        for page, report in zip(pages, (ours, theirs), strict=True):
            page.write_text(render(report, Options()), "utf-8")
            print(f"{page.stem + ', size':<34} {page.stat().st_size / 1e6:.2f} MB")
        shown(pages, [ours.hosts[0].name, theirs.hosts[0].name])


def scanned(root: Path, recorded: Path) -> Report:
    return scan(Request(root, how=Opening(offline=recorded)), datetime.now(UTC))


def shown(pages: list[Path], hosts: list[str]) -> None:
    """Print what a reader waits for, each page a few times, in turns; a first pair is not counted."""
    visits = [[visited(page, host) for page, host in zip(pages, hosts, strict=True)] for _ in range(RUNS + 1)][1:]
    for number, what in enumerate(("first paint", "document parsed", "loaded", "filtered by a host")):
        large, sample = ([visit[page][number] / 1000 for visit in visits] for page in (0, 1))
        print(summary(f"{what}, large", large))
        print(summary(f"{what}, sample", sample))
        print(f"ratio {statistics.median(large) / statistics.median(sample):.2f}")
    close()


def visited(page: Path, host: str) -> list[float]:
    with opened(page) as seen:
        return [*seen.page.evaluate(_PAINTED), seen.page.evaluate(_FILTERED, host)]


if __name__ == "__main__":
    main()
