"""What a round's sheets showed when they were written: the register goes on living while Staff works.

Sheet "Pasangan" shows values of the register, and whether a row is another region's depends on it. Both are kept with
the round, so that a change at the counter neither refuses an untouched sheet nor one that was accepted.
"""

import hashlib

import duckdb
import polars as pl

from tasks.steps import mark
from tasks.store import transaction
from tasks.worksheet.content import decision_rows
from tasks.worksheet.layout import PAIR_LOCKED, SCORE
from tasks.worksheet.pair_rows import pair_rows

TEXTS = tuple(name for name in PAIR_LOCKED[1:] if name != SCORE)  # the score is the batch's own and stays
_ROWS = "select row_id, outside as outside_kept from shown_rows where agenda = ? and round = ?"
_PAIRS = 'select pair as "KUNCI", cells from shown_pairs where agenda = ? and round = ?'


def shown(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(``decision_rows``, ``pair_rows``) as the round's sheet shows them; as they are now before it is written."""
    key = [agenda, round_no]
    rows = decision_rows(con, agenda, round_no).join(
        con.execute(_ROWS, key).pl(), on="row_id", how="left", maintain_order="left"
    )
    pairs = pair_rows(con, agenda, round_no).join(
        con.execute(_PAIRS, key).pl(), on="KUNCI", how="left", maintain_order="left"
    )
    return (
        rows.with_columns(pl.coalesce("outside_kept", "outside").alias("outside")).drop("outside_kept"),
        pairs.with_columns(
            pl.coalesce(pl.col("cells").list.get(at, null_on_oob=True), name).alias(name)
            for at, name in enumerate(TEXTS)
        ).drop("cells"),
    )


def keep_shown(con: duckdb.DuckDBPyConnection, about: tuple[str, int], rows: pl.DataFrame, pairs: pl.DataFrame) -> None:
    """Keeps what ``shown`` found for the sheet that is about to be written. Once: a sheet written again is the same.

    ``about``: (agenda, round).
    """
    agenda, round_no = about
    kept = """select 1 from shown_rows where agenda = ?1 and round = ?2
      union all select 1 from shown_pairs where agenda = ?1 and round = ?2 limit 1"""
    if (rows.is_empty() and pairs.is_empty()) or con.execute(kept, [*about]).fetchone():
        return
    own = (pl.lit(agenda).alias("agenda"), pl.lit(round_no).alias("round"))
    cells = pl.concat_list(TEXTS).alias("cells")
    found = {
        "shown_rows": rows.select(*own, "row_id", "outside"),
        "shown_pairs": pairs.select(*own, pl.col("KUNCI").alias("pair"), cells),
    }
    digest = hashlib.sha256("\n".join(frame.write_ndjson() for frame in found.values()).encode()).hexdigest()
    with transaction(con):
        for table, frame in found.items():
            con.register("seen", frame.to_arrow())
            con.execute(f"insert into {table} by name select * from seen")
            con.unregister("seen")
        mark(con, f"{agenda} shown {round_no} {digest}")
