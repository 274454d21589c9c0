"""What a case workbook answered, kept with the batch that its rows became."""

import duckdb
import polars as pl

from tasks.read.extract import LINE


def keep_answers(con: duckdb.DuckDBPyConnection, place: tuple[str, int], answers: pl.DataFrame) -> None:
    """What Staff answered goes into ``case_answers``, inside the caller's transaction. ``place``: (agenda, file)."""
    from tasks.load import ROWS_PER_FILE

    agenda, file_no = place
    rows = answers.with_columns(
        pl.lit(agenda).alias("agenda"), (pl.lit(file_no * ROWS_PER_FILE) + pl.col(LINE)).alias("row_id")
    ).drop(LINE)
    con.register("answered", rows.to_arrow())
    con.execute("insert into case_answers by name select * from answered")
    con.unregister("answered")
