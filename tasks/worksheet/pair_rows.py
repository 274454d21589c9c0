"""What stands on sheet "Pasangan": pairs of records of the rows on the sheet, both values and the reason per field.

A pair that Staff answered stays on the sheet of every later round, also when its rows need nobody any more: the answer
is signed with the batch, so whoever gave it must see it and be able to take it back.
"""

import duckdb
import polars as pl

from expectations.codes import labels
from expectations.matching import BAND_WORDS, MATCH, NONE, POSSIBLE, shipped
from tasks.resolve.decisions import reopened_pairs
from tasks.resolve.explain import UNTOLD
from tasks.resolve.field_reasons import weighed
from tasks.workbooks import as_cells
from tasks.worksheet.content import SHOWN
from tasks.worksheet.layout import FIELDS, PAIR_LOCKED, PAIR_OPEN

BANDS_SHOWN = (POSSIBLE, MATCH, NONE)  # what people must decide comes first
NOT_FILLED = "-"

_VALUES = ", ".join(
    f"coalesce({side}p.{column}::varchar, {side}r.{column}::varchar) as {side}_{column}"
    for side in ("l", "r")
    for _, column in FIELDS
)
_PAIRS = f"""
{SHOWN}, mine as (
  select i.record_id, i.row_id from identities i where i.agenda = $agenda),
places as (
  select m.record_id, string_agg(r.file_no || ' / ' || r.line_no, ', ' order by m.row_id) as lines
  from mine m join extract_rows r on r.agenda = $agenda and r.row_id = m.row_id group by all),
wanted as (select record_id from mine where row_id in (select row_id from shown))
select p.left_id, p.right_id, p.band, p.kind, p.kind_probability, p.probability, p.guard, {_VALUES},
  lp.resident_id is not null as l_held, rp.resident_id is not null as r_held, lm.lines as l_lines, rm.lines as r_lines,
  lk.survives as l_survives, rk.survives as r_survives, lk.cluster_id = rk.cluster_id as together,
  lk.basis as l_basis, rk.basis as r_basis, a.verdict, a.note
from pairs p
left join penduduk lp on p.left_id = 'P' || lp.resident_id left join penduduk rp on p.right_id = 'P' || rp.resident_id
left join extract_rows lr on lr.agenda = $agenda and p.left_id = 'B' || lr.row_id
left join extract_rows rr on rr.agenda = $agenda and p.right_id = 'B' || rr.row_id
left join places lm on lm.record_id = p.left_id left join places rm on rm.record_id = p.right_id
left join clusters lk on lk.agenda = $agenda and lk.record_id = p.left_id
left join clusters rk on rk.agenda = $agenda and rk.record_id = p.right_id
left join pair_answers a on a.agenda = $agenda and a.round = $round and a.left_id = p.left_id
  and a.right_id = p.right_id
where p.agenda = $agenda and (p.left_id in (from wanted) or p.right_id in (from wanted) or a.verdict is not null
  or p.left_id || ' ' || p.right_id in (select pair from shown_pairs where agenda = $agenda and round = $round))
"""
_REASONS = "select left_id, right_id, n, words, bits, agreement from pair_reasons where agenda = $agenda"


def pair_rows(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> pl.DataFrame:
    """One line per pair, what people must decide first: PAIR_LOCKED and PAIR_OPEN, text but for SKOR (Float64).

    Besides left_id, right_id String, and ``agreement <FIELD>`` Int8 (1, 0, -1; null: a value is not filled in).
    """
    key = {"agenda": agenda, "round": round_no}
    pairs = con.execute(_PAIRS, key).pl()
    again = reopened_pairs(con, agenda).select("left_id", "right_id", pl.col("difference").alias("again"))
    pairs = pairs.join(again, on=["left_id", "right_id"], how="left")
    reasons = con.execute(_REASONS, {"agenda": agenda}).pl()
    for n, (head, column) in enumerate(FIELDS):
        said = weighed(pl.col("words"), pl.col("bits"), pl.col("agreement"))
        filled_in = pl.col("words") != UNTOLD
        mine = reasons.filter(pl.col("n") == n).select(
            "left_id", "right_id", said.alias("said"),
            pl.when(filled_in).then("agreement").cast(pl.Int8).alias(f"agreement {head}"),
        )  # fmt: skip
        pairs = pairs.join(mine, on=["left_id", "right_id"], how="left")
        lines = pl.format("atas: {}\nbawah: {}\n{}", _shown("l", column), _shown("r", column),
                          pl.col("said").fill_null(NOT_FILLED))  # fmt: skip
        pairs = pairs.with_columns(lines.alias(head)).drop("said")
    bands = [BAND_WORDS[band] for band in BANDS_SHOWN]
    order = pl.col("band").replace_strict(dict(zip(bands, range(3), strict=True)), default=3, return_dtype=pl.Int8)
    ordered = pairs.sort(order, (pl.col("probability") - 0.5).abs(), "left_id", "right_id")
    agreements = [f"agreement {head}" for head, _ in FIELDS]
    return as_cells(ordered.select("left_id", "right_id", *_locked(), *_open(), *agreements))


def _locked() -> list[pl.Expr]:
    key = pl.format("{} {}", "left_id", "right_id")
    places = pl.format("atas: {}\nbawah: {}", _place("l"), _place("r"))
    score = (pl.col("probability") * 100).round(1).clip(0.1, 99.9)  # nothing is certain
    guards = {name: guard.words for name, guard in shipped().guard_named.items()}
    guard = pl.col("guard").replace_strict(guards, default=None, return_dtype=pl.String)
    kind = pl.format("{} ({} dari 100)", "kind", (pl.col("kind_probability") * 100).round(0).cast(pl.Int64))
    likely = pl.concat_str(kind, pl.format("Penjaga: {}", guard), separator="\n", ignore_nulls=True)
    made = (key, places, pl.col("band"), score, likely, *(pl.col(head) for head, _ in FIELDS), _proposed())
    return [expression.alias(name) for name, expression in zip(PAIR_LOCKED, made, strict=True)]


def _open() -> list[pl.Expr]:
    return [pl.col(name).alias(head) for head, name in zip(PAIR_OPEN, ("verdict", "note"), strict=True)]


def _place(side: str) -> pl.Expr:
    """``baris 1 / 18, data kantor``: where the record stands."""
    held = pl.when(pl.col(f"{side}_held")).then(pl.lit("data kantor"))
    return pl.concat_str(pl.format("baris {}", f"{side}_lines"), held, separator=", ", ignore_nulls=True)


def _shown(side: str, column: str) -> pl.Expr:
    """A value with the meaning of its code."""
    value = pl.col(f"{side}_{column}")
    meaning = value.replace_strict(labels(column), default=None, return_dtype=pl.String)
    told = pl.concat_str(value, meaning, separator=" ", ignore_nulls=True)
    return pl.when(value.fill_null("") == "").then(pl.lit(NOT_FILLED)).otherwise(told)


def _proposed() -> pl.Expr:
    """Which record stays, when the two belong to one group; else what to do. And what changed since it was decided."""
    told = [
        pl.when(pl.col("together") & pl.col(f"{side}_survives")).then(
            pl.format("NIK pada catatan {} bertahan: {}", pl.lit(place), f"{side}_basis"))
        for side, place in (("l", "atas"), ("r", "bawah"))
    ]  # fmt: skip
    waits = pl.when("together").then(pl.col("l_basis"))
    doubtful = pl.when(pl.col("band") == BAND_WORDS[POSSIBLE]).then(pl.lit("periksa kedua catatan, lalu putuskan"))
    none = pl.when(pl.col("band") == BAND_WORDS[NONE]).then(pl.lit("bukan ganda"))
    proposed = pl.coalesce(*told, waits, doubtful, none, pl.lit(""))
    return pl.concat_str(proposed, "again", separator="\n", ignore_nulls=True)
