"""dedupe 3 as its documentation shows it, with the truth answering its questions in place of a person (febrl only)."""

import json
import os
from pathlib import Path
from typing import Any

import dedupe
import numpy as np
import polars as pl
from dedupe import variables

from bench.linkage import clean

QUESTIONS = 50
CLUSTER_AT = 0.5
CORES = 2
FIELDS = ("given_name", "surname", "address_1", "suburb", "postcode", "date_of_birth", "soc_sec_id", "street_number")
Records = dict[int, dict[str, Any]]


def run(_config: str, model: str, people: Path, baseline: Path | None, out: Path) -> None:
    """Trains on 50 answered questions, then scores and clusters; writes pairs.parquet, clusters.parquet, note.json."""
    np.random.seed(42)  # noqa: NPY002 (dedupe draws from the global generator)
    files = [_records(path, model) for path in (people, baseline) if path]
    person = {id(record): who for file, path in zip(files, _truths(people, baseline), strict=True)
              for record, who in zip(file.values(), pl.read_parquet(path)["person"], strict=True)}  # fmt: skip
    fields = [variables.String(name, has_missing=True) for name in FIELDS]
    cores = min(CORES, os.cpu_count() or 1)
    engine = (dedupe.RecordLink if baseline else dedupe.Dedupe)(fields, num_cores=cores, in_memory=True)
    engine.prepare_training(*files)
    for _ in range(QUESTIONS):
        asked = engine.uncertain_pairs()
        said = {"match": [], "distinct": []}
        for first, second in asked:
            said["match" if person[id(first)] == person[id(second)] else "distinct"].append((first, second))
        engine.mark_pairs(said)
    engine.train(index_predicates=True)
    engine.cleanup_training()
    scores = engine.score(engine.pairs(*files))
    pl.DataFrame({
        "left_row": scores["pairs"][:, 0].astype("int64"), "right_row": scores["pairs"][:, 1].astype("int64"),
        "probability": scores["score"].astype("float64"),
    }).write_parquet(out / "pairs.parquet")  # fmt: skip
    (out / "note.json").write_text(json.dumps({"candidates": len(scores), "labels": QUESTIONS}))
    if baseline is None:
        _clusters(engine, scores, out)


def _records(path: Path, model: str) -> Records:
    rows = clean.read(path, model).drop("unique_id").iter_rows(named=True)
    return {row: {name: record[name] for name in FIELDS} for row, record in enumerate(rows)}


def _truths(people: Path, baseline: Path | None) -> list[Path]:
    names = ["truth.parquet", *(["baseline_truth.parquet"] if baseline else [])]
    return [people.parent / name for name in names]


def _clusters(engine: Any, scores: Any, out: Path) -> None:
    members = [(row, number) for number, (rows, _) in enumerate(engine.cluster(scores, CLUSTER_AT)) for row in rows]
    told = pl.DataFrame(members, schema={"row": pl.Int64, "cluster": pl.Int64}, orient="row")
    told.write_parquet(out / "clusters.parquet")
