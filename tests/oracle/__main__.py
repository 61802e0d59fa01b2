"""`python -m tests.oracle [--live]`: agreement with recorded engines, or with the engines of this machine."""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.oracle.agreement import Compared, agreements
from tests.oracle.predict import Oracle, load_rows


def main() -> int:
    """0 where every prediction agrees, else 1."""
    parser = argparse.ArgumentParser(prog="scripts/oracle", description="Compares planner with what real engines do.")
    parser.add_argument("--live", action="store_true", help="let the engines of this machine pull, too")
    arguments = parser.parse_args()
    oracle = Oracle()
    print("recorded:")
    agree = _print((row, oracle.predict(row)) for row in load_rows())
    if arguments.live:
        print("live:")
        agree = _live() and agree
    return 0 if agree else 1


def _live() -> bool:
    from tests.engines.live import look, predictions, pull_all
    from tests.engines.shelf import full_shelf
    from tests.support.engines import ENGINES

    agree, compared = True, False
    with tempfile.TemporaryDirectory(prefix="planner-") as folder, full_shelf(Path(folder)) as shelf:
        sight = look(shelf)
        for name in ENGINES:
            try:
                rows = pull_all(name, shelf)
            except pytest.skip.Exception as why:
                print(f"  {name}: left out, for {why.msg}")
                continue
            agree, compared = _print(predictions(rows, sight.full)) and agree, True
            for seen in agreements(predictions(rows, sight.seen)):
                print(f"    from what skopeo shows alone, no layers, header digests and large manifests: {seen}")
    return agree and compared


def _print(pairs: Iterable[Compared]) -> bool:
    found = agreements(pairs)
    for agreement in found:
        print(f"  {agreement}", *agreement.misses, sep="\n    ")
    return bool(found) and not any(agreement.misses for agreement in found)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (pytest.skip.Exception, pytest.fail.Exception) as why:
        # Nothing was compared live, and nobody must take that for agreement.
        sys.exit(f"planner: {why.msg}")
