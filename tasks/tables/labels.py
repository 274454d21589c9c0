"""What people decided about pairs, as a file: the pair's two rows and whether they are one person."""

from pathlib import Path

import numpy as np
import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.read.extract import MAX_SHOWN
from tasks.tables.headers import Wanted
from tasks.tables.read import Table, read_table

COLUMNS = ("left_row", "right_row", "same")
YES, NO, UNKNOWN = ("ya", "y", "1", "true", "benar"), ("tidak", "t", "0", "false", "salah"), ("tidak tahu", "?", "")
WORDS = dict.fromkeys(YES, True) | dict.fromkeys(NO, False)
DIGITS = r"^[0-9]{1,18}$"
LINE = "line"
CHAINED = ("dijawab tidak, padahal jawaban ya di baris lain menghubungkan kedua catatannya",
           "jawaban yang tidak bertentangan")  # fmt: skip
ONE_PAIR = ("satu pasangan dijawab ya dan tidak", "satu jawaban per pasangan")


def read_labels(path: Path, left_rows: int, right_rows: int | None = None) -> pl.DataFrame:
    """left_row, right_row (Int64), same (Boolean), each pair once, ordered; "tidak tahu" and blank answers left out.

    ``same``: ya/tidak, 1/0 or true/false in any case. Within one file (``right_rows`` None) the smaller row is the
    left one. Raises UserError (FILE, COLUMNS) with all problems and their line numbers: no row number, a row that the
    file does not have, a record paired with itself, an unknown answer, a pair answered both ways.
    """
    table = read_table(path, Wanted(COLUMNS))
    if missing := [name for name in COLUMNS if name not in table.found]:
        place, received = f"{path.name}, baris judul", f"kolom tidak ada: {', '.join(missing)}"
        raise UserError(Exit.COLUMNS, Problem(place, received, ", ".join(COLUMNS), "perbaiki baris judul"))
    rows = _parsed(table)
    last_right = left_rows if right_rows is None else right_rows
    bounds = f"0 sampai {left_rows - 1} dan 0 sampai {last_right - 1}"
    left, right = pl.col("left_row"), pl.col("right_row")
    unread = left.is_null() | right.is_null()
    outside = (left >= left_rows) | (right >= last_right)
    conflict = pl.col("same").n_unique().over("left_row", "right_row") > 1
    if right_rows is None:
        swapped = left > right
        rows = rows.with_columns(pl.when(swapped).then(right).otherwise(left).alias("left_row"),
                                 pl.when(swapped).then(left).otherwise(right).alias("right_row"))  # fmt: skip
    faults = [
        (unread, "left_row atau right_row bukan nomor baris", "bilangan bulat mulai 0"),
        (~unread & outside, "baris itu tidak ada dalam berkas", bounds),
        (~unread & (left == right) & pl.lit(right_rows is None), "baris dipasangkan dengan dirinya", "dua baris"),
        (pl.col("wrong"), "isi kolom same tidak dikenal", "ya, tidak, atau tidak tahu"),
    ]
    answered = rows.drop_nulls("same")
    problems = [_told(table, rows.filter(fault)[LINE], received, allowed) for fault, received, allowed in faults]
    problems.append(_told(table, answered.filter(~unread & conflict)[LINE], *ONE_PAIR))
    if not any(problems):
        problems.append(_told(table, _contradicted(answered, 0 if right_rows is None else left_rows), *CHAINED))
    if found := [problem for problem in problems if problem]:
        raise UserError(Exit.FILE, *found)
    return answered.select(*COLUMNS).unique().sort("left_row", "right_row")


def _contradicted(answered: pl.DataFrame, offset: int) -> pl.Series:
    """Lines of pairs told apart that others join, perhaps through a chain. ``offset``: where the right rows begin."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, right = answered["left_row"].to_numpy(), answered["right_row"].to_numpy() + offset
    same = answered["same"].to_numpy().astype(bool)
    if same.all() or not same.any():
        return answered[LINE].clear()
    rows, code = np.unique(np.concatenate([left, right]), return_inverse=True)
    one, other = code[: len(left)], code[len(left) :]
    graph = coo_array((np.ones(same.sum()), (one[same], other[same])), shape=(len(rows), len(rows)))
    _, group = connected_components(graph, directed=False)
    return answered[LINE].filter(pl.Series(~same & (group[one] == group[other])))


def _parsed(table: Table) -> pl.DataFrame:
    """LINE, the two rows as Int64 (null: no number), same (null: not answered), wrong: an answer nobody knows."""
    first = table.header_line + 1 if table.header_line else 0
    text = table.frame.with_columns(pl.all().str.strip_chars().fill_null("")).with_columns(
        pl.col("same").str.to_lowercase().str.replace_all(r"\s+", " ")
    )
    number = {
        name: pl.when(pl.col(name).str.contains(DIGITS)).then(pl.col(name)).cast(pl.Int64)
        for name in ("left_row", "right_row")
    }
    answer = pl.col("same").replace_strict(WORDS, default=None, return_dtype=pl.Boolean)
    known = pl.col("same").is_in([*WORDS, *UNKNOWN])
    return text.select(pl.int_range(first, pl.len() + first).alias(LINE), **number, same=answer, wrong=~known)


def _told(table: Table, lines: pl.Series, received: str, allowed: str) -> Problem | None:
    if not lines.len():
        return None
    places = ", ".join(map(str, lines.head(MAX_SHOWN))) + (" ..." if lines.len() > MAX_SHOWN else "")
    return Problem(f"{table.name}, baris {places}", received, allowed, "perbaiki baris itu")
