"""Our public command with 200 answered questions: it asks (--ask), the truth answers, it links again (--labels)."""

import subprocess
from pathlib import Path

import polars as pl

from bench.linkage.engines import sinkron
from bench.linkage.metrics import PAIR

QUESTIONS = 200


def run(_config: str, model: str, people: Path, baseline: Path | None, out: Path) -> None:
    """Both passes; writes pairs.parquet and, for one file, clusters.parquet."""
    against = ["--against", str(baseline)] if baseline else []
    clusters = [] if baseline else ["--clusters", str(out / "clusters.parquet")]
    common = [sinkron(), "link", str(people), *against, "--model", model, "--pairs", str(out / "pairs.parquet")]
    asked, answered = out / "asked.csv", out / "answered.csv"
    subprocess.run([*common, "--ask", str(QUESTIONS), str(asked)], check=True)
    answer(asked, people, baseline).write_csv(answered)
    subprocess.run([*common, *clusters, "--labels", str(answered)], check=True)


def answer(asked: Path, people: Path, baseline: Path | None) -> pl.DataFrame:
    """left_row, right_row, same: what a person who knows everybody would say."""
    here = "extract_truth" if people.stem == "extract" else "truth"
    left = _persons(people.with_name(f"{here}.parquet"))
    right = _persons(baseline.with_name("baseline_truth.parquet")) if baseline else left
    pairs = pl.read_csv(asked).select(pl.col(PAIR).cast(pl.Int64))
    known = pairs.join(left, left_on="left_row", right_on="row").join(
        right, left_on="right_row", right_on="row", suffix="_right"
    )
    return known.select(*PAIR, same=(pl.col("person") == pl.col("person_right")).cast(pl.Int8))


def _persons(truth: Path) -> pl.DataFrame:
    return pl.read_parquet(truth, columns=["row", "person"])
