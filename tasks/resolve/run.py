"""Duplicate resolution of one batch: records -> link -> survive, stored for the people who decide."""

from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from expectations.matching import BAND_WORDS, MATCH, NONE, POSSIBLE, shipped
from tasks.reconcile.subjects import name_subjects
from tasks.resolve.decisions import steer
from tasks.resolve.explain import explain, reasons
from tasks.resolve.field_reasons import field_reasons
from tasks.resolve.link import Linked, Steering, link, reporting_from
from tasks.resolve.records import identify, records
from tasks.resolve.survive import survive
from tasks.resolve.workers import Fan
from tasks.steps import Summary, find, finish
from tasks.store import transaction

SHOWN = 300  # pairs on the page; the worksheet has them all
TOLD_FROM = 1e-6  # twins and siblings are told although they are hardly likely to be one person


def resolve(con: duckdb.DuckDBPyConnection, agenda: str, page: Path | None = None, fan: Fan | None = None) -> Summary:
    """Finds duplicates within the batch and against the register. Returns counts; pairs and clusters are stored.

    ``page``: where the pairs that people must decide are shown side by side, with the reasons as a chart (HTML).
    ``fan``: where parts are worked on, None = here; the result is the same.

    Summary: {records, identified, candidates, cocok, mungkin, kembar, clusters}.
    """
    if done := find(con, agenda, "resolve"):
        return done
    with transaction(con):
        identified = identify(con, agenda)
        name_subjects(con, agenda)
        known = records(con, agenda)
        linked = link_records(known, steer(con, agenda), fan)
        pairs, members = pairs_of(known, linked), members_of(known, linked)
        told = reasons_of(known, linked)
        if page:
            show_pairs(page, agenda, (known, linked))
        for table, frame in (("pairs", pairs), ("pair_reasons", told), ("clusters", survive(members, known))):
            con.register("found", frame.select(pl.lit(agenda).alias("agenda"), pl.all()).to_arrow())
            con.execute(f"insert into {table} by name select * from found")
            con.unregister("found")
        bands = pairs["band"].to_list()
        summary = {
            "records": int(known["received"].sum()),
            "identified": identified,
            "candidates": linked.candidates,
            **{BAND_WORDS[band]: bands.count(BAND_WORDS[band]) for band in (MATCH, POSSIBLE)},
            "kembar": int((pairs["kind"] == "kembar").sum()),
            "clusters": members["cluster_id"].n_unique(),
        }
        return finish(con, agenda, ("resolve", 0), summary)


def link_records(known: pl.DataFrame, decisions: pl.DataFrame, fan: Fan | None = None) -> Linked:
    """Links ``known`` (frame of ``records``, ordered by record_id); pairs without a received record are not told.

    ``decisions``: left_id, right_id, same: what people decided before (``steer``).
    """
    row = pl.DataFrame({"id": known["record_id"], "row": np.arange(known.height)})
    labels = (
        decisions.join(row.rename({"id": "left_id", "row": "left_row"}), on="left_id")
        .join(row.rename({"id": "right_id", "row": "right_row"}), on="right_id")
        .select("left_row", "right_row", "same")
    )
    steering = Steering(
        labels=labels if labels.height else None,
        touching=known["received"].fill_null(value=False).to_numpy(),
        sure=True,
        fan=fan,
    )
    return link(known, model=reporting_from(shipped(), TOLD_FROM), steering=steering)


def pairs_of(known: pl.DataFrame, linked: Linked) -> pl.DataFrame:
    """Pairs worth a look: match and possible ones, and those that are no duplicates but twins or siblings.

    left_id, right_id, weight (bits), probability, band, kind (words), kind_probability, guard, reason (Indonesian).
    """
    words = {kind.name: kind.words for kind in linked.classifier.model.kinds}
    pairs = _told(linked)
    reason = reasons(linked.classifier, linked.vectors[pairs["at"].to_numpy()], pairs["band"], pairs["guard"])
    ids = known["record_id"]
    return pairs.select(
        ids.gather(pairs["left_row"]).alias("left_id"),
        ids.gather(pairs["right_row"]).alias("right_id"),
        "weight", "probability", pl.col("band").replace_strict(BAND_WORDS, return_dtype=pl.String),
        pl.col("kind").replace_strict(words, return_dtype=pl.String), "kind_probability", "guard",
        reason.alias("reason"),
    )  # fmt: skip


def _told(linked: Linked) -> pl.DataFrame:
    """The pairs worth a look, with their position ``at`` in ``linked.vectors``."""
    told = [kind.name for kind in linked.classifier.model.kinds if kind.told]
    return linked.pairs.with_row_index("at").filter((pl.col("band") != NONE) | pl.col("kind").is_in(told))


def reasons_of(known: pl.DataFrame, linked: Linked) -> pl.DataFrame:
    """left_id, right_id, n, words, bits, agreement: what each field n says about each pair of ``pairs_of``."""
    pairs, ids = _told(linked), known["record_id"]
    said = field_reasons(linked.classifier, linked.vectors[pairs["at"].to_numpy()])
    sides = [ids.gather(pairs[f"{side}_row"].gather(said["pair"])).alias(f"{side}_id") for side in ("left", "right")]
    return said.drop("pair").with_columns(sides)


def show_pairs(page: Path, agenda: str, found: tuple[pl.DataFrame, Linked]) -> None:
    """Writes the possible pairs, the most doubtful first, as the page people look at; NIK and KK masked."""
    from tasks.pairs_page import Pairs, write_page

    known, linked = found
    shown = linked.doubtful(SHOWN, POSSIBLE)
    place = known.select(
        pl.when(pl.col("record_id").str.starts_with("P")).then(pl.lit("data kantor"))
        .otherwise(pl.format("kunci {}", pl.col("record_id").str.slice(1)))
    ).to_series()  # fmt: skip
    facts = shown.select("band", "guard").with_columns(
        place.gather(shown["left_row"]).alias("left_place"), place.gather(shown["right_row"]).alias("right_place")
    )
    model = linked.classifier.model
    sides = known.select(*model.columns)
    explanations = explain(linked.classifier, linked.vectors[shown["at"].to_numpy()])
    title = f"Pasangan agenda {agenda}"
    left, right = sides[shown["left_row"]], sides[shown["right_row"]]
    write_page(
        page, Pairs(title, model, explanations, facts, left, right, total=int((linked.pairs["band"] == POSSIBLE).sum()))
    )


def members_of(known: pl.DataFrame, linked: Linked) -> pl.DataFrame:
    """record_id, cluster_id of every record that is one person with another; a cluster is named by its first record."""
    ids = known["record_id"]
    held = linked.clusters.filter(pl.len().over("cluster") > 1)
    return held.select(ids.gather(held["row"]).alias("record_id"), ids.gather(held["cluster"]).alias("cluster_id"))
