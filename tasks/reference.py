"""Lists beside the register: NIKs of the dead (akta kematian) and of those who moved away (SKPWNI keluar)."""

from pathlib import Path

import duckdb
import polars as pl

from expectations.columns import canonical_name
from tasks.errors import Exit, Problem, UserError
from tasks.normalise import INVISIBLE
from tasks.private import sha256_of
from tasks.steps import mark
from tasks.store import transaction

DEATHS, MOVES = "kematian", "pindah"
NIK = r"^\d{16}$"
SHOWN = 10


def load_list(con: duckdb.DuckDBPyConnection, kind: str, path: Path) -> int:
    """Replaces the office's list of one ``kind`` (DEATHS, MOVES) by a file; returns how many NIKs it holds.

    CSV or XLSX with a column NIK; other columns are not read. Raises UserError: FILE for what is no such list,
    COLUMNS without a NIK column, naming the lines whose NIK is not 16 digits.
    """
    frame = _as_text(path)
    names = [name for name in frame.columns if canonical_name(name) == "nik"]
    if len(names) != 1:
        problem = Problem(path.name, f"{len(names)} kolom NIK", "tepat satu kolom NIK", "perbaiki judul kolom")
        raise UserError(Exit.COLUMNS, problem)
    niks = frame[names[0]].str.strip_chars(INVISIBLE)
    wrong = (pl.arange(2, len(niks) + 2, eager=True)).filter(~niks.fill_null("").str.contains(NIK))
    if len(wrong):
        lines = ", ".join(str(line) for line in wrong.head(SHOWN))
        received = f"{len(wrong)} NIK bukan 16 angka"
        raise UserError(Exit.FILE, Problem(f"{path.name}, baris {lines}", received, "16 angka, sel teks", "perbaiki"))
    listed = pl.DataFrame({"nik": niks.unique().sort()}).with_columns(kind=pl.lit(kind), sha256=pl.lit(sha256_of(path)))
    con.register("incoming", listed.to_arrow())
    with transaction(con):
        con.execute("delete from reference_lists where kind = ?", [kind])
        con.execute("insert into reference_lists by name select * from incoming")
        mark(con, f"reference {kind} {sha256_of(path)}")
    con.unregister("incoming")
    return listed.height


def _as_text(path: Path) -> pl.DataFrame:
    try:
        if path.suffix.lower() == ".xlsx":
            return pl.read_excel(path, infer_schema_length=0)
        return pl.read_csv(path, infer_schema=False, separator=_separator(path))
    except Exception:  # noqa: BLE001 (readers raise many kinds, and quote the file)
        received, allowed = "tidak terbaca sebagai daftar", "CSV (UTF-8) atau XLSX dengan kolom NIK"
        raise UserError(Exit.FILE, Problem(path.name, received, allowed, "simpan ulang")) from None


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline()
    return max(";,|\t", key=first.count)
