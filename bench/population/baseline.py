"""Cuts a population into an extract that arrives and the baseline it is compared with."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from bench.population.generator import Population

FROM_BASELINE = 0.40  # of the extract's rows repeat a resident of the baseline
WITHIN_EXTRACT = 0.04  # of its rows repeat another row of the extract


@dataclass(frozen=True)
class Split:
    """``extract`` and ``baseline``: rows of the population; ``links``: left_row in extract, right_row in baseline.

    ``extract_truth`` and ``baseline_truth``: row, person, kind, twin as in ``Population.truth``, rows counted anew.
    """

    extract: pl.DataFrame
    baseline: pl.DataFrame
    links: pl.DataFrame
    extract_truth: pl.DataFrame
    baseline_truth: pl.DataFrame


def split(population: Population, rows: int, seed: int) -> Split:
    """An extract of ``rows`` records; fewer than 40 % repeat the baseline when the population has too few duplicates."""
    rng = np.random.default_rng([seed, 4])
    truth = population.truth
    records = truth.group_by("person", maintain_order=True).agg(pl.col("row"), n=pl.len()).sort("person")
    several = shuffle(rng, records.filter(pl.col("n") > 1))
    alone = shuffle(rng, records.filter(pl.col("n") == 1))
    inside = several.head(round(rows * WITHIN_EXTRACT / 2)).explode("row")["row"]
    crossing = several.slice(round(rows * WITHIN_EXTRACT / 2), round(rows * FROM_BASELINE))
    arriving = latest(truth, crossing.explode("row")["row"])
    others = alone.head(rows - len(inside) - len(arriving)).explode("row")["row"]
    extract = rng.permutation(np.concatenate([inside.to_numpy(), arriving.to_numpy(), others.to_numpy()]))[:rows]
    baseline = np.setdiff1d(np.arange(truth.height), extract)
    parts = [truth[part].with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64)) for part in (extract, baseline)]
    links = parts[0].select("person", left_row="row").join(parts[1].select("person", right_row="row"), on="person")
    links = links.select("left_row", "right_row").sort("left_row", "right_row")
    return Split(population.people[extract], population.people[baseline], links, *parts)


def shuffle(rng: np.random.Generator, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in random order."""
    return frame[rng.permutation(frame.height)]


def latest(truth: pl.DataFrame, rows: pl.Series) -> pl.Series:
    """One duplicate record of each person among the rows."""
    chosen = truth[rows].filter(pl.col("kind") != "original").sort("row")
    return chosen.unique("person", keep="first", maintain_order=True)["row"]
