"""Rows of one person must agree: what Staff decides is held against all that the sheet says about that person.

Two received rows may be about one person: one record of the register or, of whom the register does not have, one
subject. Two values for one element, or a record that one row proposes inactive and
another corrects, could be signed but never written; so they are refused while Staff still has the sheet in hand.
"""

import duckdb
import polars as pl

from expectations.outcomes import PROPOSAL_COLUMN, PROPOSED_INACTIVE, Outcome
from tasks.worksheet.decisions import CHANGED, PAIRS_OF_CELLS
from tasks.worksheet.faults import Faults, Where
from tasks.worksheet.layout import DECISIONS, LOCKED, OPEN, address

TOLD = 3  # rows of the same person that a fault names
APART = "satu isi untuk satu elemen dari satu orang"
EITHER = "satu orang diperbaiki atau diusulkan nonaktif, tidak keduanya"
CHOOSE = "samakan, atau ubah HASIL salah satu baris (misalnya ditunda)"

# loses: the record that goes when the row ends as "usul nonaktif", which may be the other one of a pair.
_PEOPLE = """
select o.row_id, if(i.resident_id is null, coalesce(s.subject, i.record_id), i.record_id) as person,
  coalesce('P' || o.resident_id, person) as loses, o.outcome
from outcomes o join identities i using (agenda, row_id) left join subjects s using (agenda, row_id)
where o.agenda = $agenda and o.round = $round
"""
_CHANGES = f"""select row_id, element, after from changes
where agenda = $agenda and round = $round and element <> '{PROPOSAL_COLUMN}'"""
_CLAIM = ("row_id", "element", "after")


def check_agreement(
    con: duckdb.DuckDBPyConnection, about: tuple[str, int], read: tuple[pl.DataFrame, pl.DataFrame], faults: Faults
) -> None:
    """Notes changed rows that contradict another row of their person, with the addresses of both.

    ``about``: (agenda, round); ``read``: (``joined`` with ``earlier_decisions``, ``decided``). Rows that have a fault
    already are left out: what they say is not known yet.
    """
    rows, word = read
    key = {"agenda": about[0], "round": about[1]}
    people, changes = con.execute(_PEOPLE, key).pl(), con.execute(_CHANGES, key).pl()
    right = rows.filter(~pl.col("at").is_in(faults.rows(DECISIONS)))
    claims = _claims(people, changes, word).join(right, on="row_id").with_columns(_column()).select(
        "person", "element", "after", "at", "column", "changed"
    )  # fmt: skip
    some = claims.sort("at").unique(["person", "element", "after"], keep="first", maintain_order=True)
    some = some.group_by("person", "element", maintain_order=True).head(TOLD + 1)
    both = claims.filter(CHANGED).join(some, on="person", suffix=" other")
    same = pl.col("element") == pl.col("element other")
    ends = pl.col("element") == PROPOSAL_COLUMN
    apart, either = same & pl.col("after").ne_missing(pl.col("after other")), ends != (
        pl.col("element other") == PROPOSAL_COLUMN
    )  # fmt: skip
    _note(both.filter(apart), ("orang yang sama, isi lain pada", APART), faults)
    _note(both.filter(either & ends), ("usul nonaktif, padahal orang yang sama diperbaiki pada", EITHER), faults)
    _note(both.filter(either & ~ends), ("diperbaiki, padahal orang yang sama usul nonaktif pada", EITHER), faults)


def _claims(people: pl.DataFrame, changes: pl.DataFrame, word: pl.DataFrame) -> pl.DataFrame:
    """person, row_id, element, after: what each row would do to a record once Staff's word is over the proposals."""
    said = word.select("row_id", pl.col("outcome").alias("said"), "kept")
    ended = people.join(said, on="row_id", how="left").with_columns(pl.coalesce("said", "outcome").alias("outcome"))
    mends = ended.filter(pl.col("outcome") == Outcome.CORRECTED.value)
    proposed = changes.join(mends.select("row_id", "said", "kept"), on="row_id").filter(
        pl.col("said").is_null() | pl.col("element").is_in(pl.col("kept"))
    )
    own = [
        word.filter((pl.col("outcome") == Outcome.CORRECTED.value) & pl.col(f"element{suffix}").is_not_null()).select(
            "row_id", pl.col(f"element{suffix}").alias("element"), pl.col(f"after{suffix}").alias("after")
        )
        for suffix in ("", "_2")
    ]
    corrected = pl.concat([proposed.select(_CLAIM), *own]).join(mends.select("row_id", "person"), on="row_id")
    inactive = ended.filter(pl.col("outcome") == Outcome.DEACTIVATION.value).select(
        "row_id", pl.lit(PROPOSAL_COLUMN).alias("element"), pl.lit(PROPOSED_INACTIVE).alias("after"),
        pl.col("loses").alias("person"),
    )  # fmt: skip
    return pl.concat([corrected, inactive])


def _column() -> pl.Expr:
    """The heading of the cell that says it: a value's own, else the row's end."""
    found = pl.lit("HASIL")
    for element, value in PAIRS_OF_CELLS:
        found = pl.when(pl.col("element").str.to_uppercase() == pl.col(element)).then(pl.lit(value)).otherwise(found)
    return found.alias("column")


def _note(found: pl.DataFrame, told: tuple[str, str], faults: Faults) -> None:
    """One fault per cell, with the first few cells that say otherwise."""
    others = found.unique(["at", "column", "at other", "column other"]).sort("at", "column", "at other", "column other")
    cells = others.group_by("at", "column", maintain_order=True).agg(pl.struct("at other", "column other").head(TOLD))
    for at, column, beside in cells.iter_rows():
        places = ", ".join(
            address(DECISIONS, (*LOCKED, *OPEN), each["column other"], each["at other"]) for each in beside
        )
        faults.note(Where(DECISIONS, column), pl.Series([at]), (f"{told[0]} {places}", told[1]), CHOOSE)
