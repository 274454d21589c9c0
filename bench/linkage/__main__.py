"""Command line: `python -m bench.linkage` compares everything and writes docs/linkage.md (make bench-link)."""

import argparse
from pathlib import Path

from bench.linkage import data
from bench.linkage.compare import RESULTS, chosen, compare, stored, tune
from bench.linkage.engines import RECORDLINKAGE, SINKRON, SPLINK, SPLINK_EXPERT

SMALL = (*data.FEBRL, "200", "2000", "10k")
SMALL_ENGINES = (SINKRON, SPLINK, SPLINK_EXPERT, RECORDLINKAGE)
SMALL_RESULTS = data.BUILD / "small.json"


def main() -> None:
    """Measures, then reports; with --report-only the report is made again from the stored results."""
    parser = argparse.ArgumentParser(prog="python -m bench.linkage", description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="febrl, 200, 2,000 and 10,000 rows; prints, leaves docs alone"
    )
    parser.add_argument("--sets", default="", help=f"comma-separated, of: {', '.join(data.NAMES)}")
    parser.add_argument("--engines", default="", help="beginnings of engines' names, comma-separated")
    parser.add_argument(
        "--report-only", action="store_true", help="docs/linkage.md again from bench/linkage/results.json"
    )
    parser.add_argument("--times", type=int, help="runs of each engine (default 2, with --small 1; the best counts)")
    parser.add_argument("--tune", metavar="SET", help="try every expert set-up of Splink on this set")
    parser.add_argument("--results", type=Path, help="where the results lie (default: bench/linkage/results.json)")
    wanted = parser.parse_args()
    into = wanted.results or (SMALL_RESULTS if wanted.small else RESULTS)
    if wanted.tune:
        from bench.linkage.splink_models import EXPERTS

        tune(EXPERTS, wanted.tune, into)
    elif not wanted.report_only:
        names = wanted.sets.split(",") if wanted.sets else SMALL if wanted.small else data.NAMES
        engines = chosen(wanted.engines)
        if wanted.small and not wanted.engines:
            engines = [one for one in engines if one.name in SMALL_ENGINES]
        compare(names, engines, into, times=wanted.times or (1 if wanted.small else 2))
    if not wanted.small:
        from bench.linkage.report import write

        write(stored(into))


if __name__ == "__main__":
    main()
