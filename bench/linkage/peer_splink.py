"""Splink 5: a model as its documentation writes it, and expert set-ups; see docs/linkage.md for those tried."""

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator

from bench.linkage import clean
from bench.linkage.splink_models import Model
from bench.linkage.splink_models import model as modelled

SEED = 42
# Rows from which EM's pairs are sampled; below it Splink's probe of 1 % of the rows finds too few to plan by.
LARGE = 500_000
# Pairs below it are not written: nobody looks at them, and writing tens of millions would be charged to Splink.
KEPT_FROM = 0.001


def run(config: str, model: str, people: Path, baseline: Path | None, out: Path) -> None:
    """Reads, trains, predicts, clusters; writes pairs.parquet, clusters.parquet (one file) and note.json."""
    chosen = modelled(model, config)
    api = DuckDBAPI(connection=duckdb.connect())
    tables, rows = [], 0
    for name, path in (("a_people", people), ("b_baseline", baseline)):
        if path:
            frame = clean.read(path, model)
            frame = clean.expert(frame) if chosen.cleaned and model == "penduduk" else frame
            rows += frame.height
            tables.append(api.register(frame.to_arrow(), dataset_display_name=name))
    linker = Linker(tables, settings(chosen, linked=baseline is not None), log_level=None, validate_settings=False)
    failed = train(linker, chosen, rows)
    blocked = linker.inference.compute_blocked_pairs_for_predict()
    candidates = linker.misc.query_sql(f"select count(*) as n from {blocked.physical_name}").as_record_list()[0]["n"]
    predicted = linker.inference.predict(threshold_match_probability=KEPT_FROM, warning_mode="never")
    if baseline is None:
        grouped = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, chosen.cluster_at)
        told = grouped.as_duckdbpyrelation().pl()
        told.select(pl.col("unique_id").alias("row"), pl.col("cluster_id").alias("cluster")).write_parquet(
            out / "clusters.parquet"
        )
    pairs = predicted.as_duckdbpyrelation().pl()
    if baseline is not None and pairs.height and pairs["source_dataset_l"][0] == "b_baseline":
        pairs = pairs.rename({"unique_id_l": "unique_id_r", "unique_id_r": "unique_id_l"})
    pairs.select(
        pl.col("unique_id_l").alias("left_row"), pl.col("unique_id_r").alias("right_row"),
        pl.col("match_probability").alias("probability"),
    ).write_parquet(out / "pairs.parquet")  # fmt: skip
    (out / "note.json").write_text(json.dumps({"candidates": candidates, "em_blocks_failed": failed}))


def settings(chosen: Model, *, linked: bool) -> SettingsCreator:
    """Splink's settings of a set-up; only what the result needs is carried along."""
    return SettingsCreator(
        link_type="link_only" if linked else "dedupe_only",
        comparisons=chosen.comparisons,
        blocking_rules_to_generate_predictions=chosen.blocking,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def train(linker: Any, chosen: Model, rows: int) -> int:
    """The documentation's three steps: prior from deterministic rules, u from random pairs, m by EM on several blocks.

    Returns how many blocks EM gave up on: Splink refuses an m below 1e-300, and an expert then leaves that block out.
    """
    failed = 0
    training = linker.training
    training.estimate_probability_two_random_records_match(chosen.deterministic, recall=chosen.recall)
    training.estimate_u_using_random_sampling(max_pairs=chosen.u_pairs, seed=SEED)
    if chosen.label:
        training.estimate_m_from_label_column(chosen.label)
    options = chosen.em_options | ({"max_pairs": chosen.em_pairs} if chosen.em_pairs and rows > LARGE else {})
    for block in chosen.em:
        try:
            training.estimate_parameters_using_expectation_maximisation(block, **options)
        except ValueError:
            failed += 1
    return failed
