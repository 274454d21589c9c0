"""recordlinkage 0.16 as its documentation shows it: Index with block passes, Compare, ECM on 0.8 agreement."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import recordlinkage as rl

from bench.linkage import clean

AGREES = 0.8  # as in the documentation: fit_predict((features > 0.8).astype(int))
FEW = {
    "penduduk": [("nik",), ("nama",), ("tgl",)],
    "febrl": [("given_name",), ("surname",), ("date_of_birth",)],
}
MANY = {
    "penduduk": [
        ("nik",), ("nama", "tgl"), ("nama", "ibu"), ("nama", "kk"), ("tgl", "ibu"), ("tgl", "kk"), ("tgl", "awal"),
        ("tgl", "akhir"), ("kerangka", "tahun"), ("nama", "ayah"), ("nama", "tmpt", "tahun"),
        ("awal", "ibu", "tahun"), ("nik10", "awal"), ("awal", "kk"), ("kerangka", "hari"),
    ],
    "febrl": [
        ("soc_sec_id",), ("given_name", "surname"), ("date_of_birth",), ("postcode", "given_name"), ("postcode", "surname"),
        ("address_1",), ("given_name", "suburb"), ("surname", "suburb"), ("street_number", "postcode"),
        ("surname", "street_number"), ("given_name", "street_number"), ("suburb", "street_number"),
    ],
}  # fmt: skip
# column -> how it is compared
COMPARED = {
    "penduduk": {"nama": "jarowinkler", "ibu": "jarowinkler", "ayah": "jarowinkler", "alamat": "jarowinkler",
                 "nik": "levenshtein", "kk": "levenshtein", "tgl": "exact", "tmpt": "exact", "jk": "exact"},
    "febrl": {"given_name": "jarowinkler", "surname": "jarowinkler", "address_1": "jarowinkler", "suburb": "jarowinkler",
              "soc_sec_id": "levenshtein", "postcode": "exact", "date_of_birth": "exact", "state": "exact"},
}  # fmt: skip


def run(config: str, model: str, people: Path, baseline: Path | None, out: Path) -> None:
    """Blocks, compares, classifies; writes pairs.parquet and note.json. It has no clusters of its own that scale."""
    frames = [_frame(path, model, cleaned=config == "many") for path in (people, baseline) if path]
    indexer = rl.Index()
    for columns in (MANY if config == "many" else FEW)[model]:
        indexer.block(list(columns))
    candidates = indexer.index(*frames)
    features = _comparison(model).compute(candidates, *frames)
    agreed = (features > AGREES).astype(int)
    classifier = rl.ECMClassifier()
    classifier.fit(agreed)
    probability = classifier.prob(agreed)
    told = pl.DataFrame({
        "left_row": candidates.get_level_values(0).to_numpy(), "right_row": candidates.get_level_values(1).to_numpy(),
        "probability": probability.to_numpy(),
    })  # fmt: skip
    told.write_parquet(out / "pairs.parquet")
    (out / "note.json").write_text(json.dumps({"candidates": len(candidates)}))


def _frame(path: Path, model: str, *, cleaned: bool) -> Any:
    people = clean.read(path, model)
    people = clean.expert(people) if cleaned and model == "penduduk" else people
    return people.to_pandas().set_index("unique_id")


def _comparison(model: str) -> Any:
    compare = rl.Compare()
    for column, how in COMPARED[model].items():
        if how == "exact":
            compare.exact(column, column, label=column)
        else:
            compare.string(column, column, method=how, label=column)
    return compare
