"""Received files and the baseline go into the store: text cleaned of invisible marks, labels coded, dates parsed.

The text of names, NIK and addresses is kept as received, so that rules judge what really came; only invisible
marks around identifiers are removed (BRK-05) and labels of coded columns become SIAK codes.
"""

from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations.codes import CITY, CODED, REGION_WIDTHS, UNKNOWN_REGION, code_of_label, regions, squeeze
from expectations.columns import DATES, IDENTIFIERS, STORED
from expectations.outcomes import PROPOSAL_COLUMN
from tasks.errors import Exit, Problem, UserError
from tasks.office import Office
from tasks.read import Extract, read_extract
from tasks.receive import Receipt, sha256_of
from tasks.steps import Summary, find, finish
from tasks.store import transaction

ROWS_PER_FILE = 10_000_000  # row_id = file_no * ROWS_PER_FILE + line_no
INVISIBLE = "\u00a0\u200b\u200c\u200d\ufeff\t '"
DATE_FORMATS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S")


def load(con: duckdb.DuckDBPyConnection, office: Office, receipt: Receipt) -> Summary:
    """Loads all files of a receipt in one transaction. Returns counts {received, loaded, rejected}.

    Asserts that every received line is loaded or rejected (promise 1) against what the receipt recorded.
    """
    if done := find(con, receipt.agenda, "load"):
        return done
    with transaction(con):
        for number, facts in enumerate(receipt.files, start=1):
            extract = _read_archived(office, receipt.agenda, facts)
            _insert(con, receipt.agenda, number, extract)
            columns = ("name", "sha256", "layout", "received", "loaded", "rejected")
            con.execute(
                "insert into files values (?, ?, ?, ?, ?, ?, ?, ?)",
                [receipt.agenda, number, *(facts[column] for column in columns)],
            )
        return finish(con, receipt.agenda, ("load", 0), _counts(con, receipt.agenda))


def _read_archived(office: Office, agenda: str, facts: dict[str, Any]) -> Extract:
    """The archived original, when its bytes and its counts are still those of the receipt."""
    path = office.archive / agenda / facts["archived"]
    if not path.is_file() or sha256_of(path) != facts["sha256"]:
        place = f"archive/{agenda}/{path.name}"
        problem = Problem(
            place, "arsip hilang atau isinya berubah", "sha256 seperti saat diterima", "pulihkan arsip dari cadangan"
        )
        raise UserError(Exit.FILE, problem)
    extract = read_extract(path, office.scratch)
    if (extract.received, extract.frame.height) != (facts["received"], facts["loaded"]):
        raise AssertionError("pembacaan ulang memberi jumlah lain")
    return extract


def _counts(con: duckdb.DuckDBPyConnection, agenda: str) -> Summary:
    received, loaded, rejected, stored = con.execute(
        """select sum(received)::int, sum(loaded)::int, sum(rejected)::int,
             (select count(*) from extract_rows where agenda = ?1) from files where agenda = ?1""",
        [agenda],
    ).fetchall()[0]
    if received != loaded + rejected or stored != loaded:
        raise AssertionError("jumlah baris tidak kekal")
    return {"received": received, "loaded": loaded, "rejected": rejected}


def _insert(con: duckdb.DuckDBPyConnection, agenda: str, file_no: int, extract: Extract) -> None:
    rows = normalise(extract.frame).with_columns(
        pl.lit(agenda).alias("agenda"),
        pl.lit(file_no).alias("file_no"),
        (pl.lit(file_no * ROWS_PER_FILE) + pl.col("line_no")).alias("row_id"),
    )
    con.register("incoming", rows.to_arrow())
    con.execute("insert into extract_rows by name select * from incoming")
    con.unregister("incoming")
    rejects = extract.rejects.select(
        pl.lit(agenda).alias("agenda"), pl.lit(file_no).alias("file_no"), "line_no", "reason", "text"
    )
    con.register("incoming", rejects.to_arrow())
    con.execute("insert into rejects by name select * from incoming")
    con.unregister("incoming")


def load_baseline(con: duckdb.DuckDBPyConnection, office: Office, path: Path) -> int:
    """Loads the office's residents once. Returns how many; the same file again changes nothing.

    Raises UserError (ALREADY_RECEIVED) when the register already holds residents of another file.
    """
    digest = sha256_of(path)
    if con.execute("select 1 from baselines where sha256 = ?", [digest]).fetchone():
        return 0
    if con.execute("select 1 from penduduk limit 1").fetchone():
        raise UserError(
            Exit.ALREADY_RECEIVED,
            Problem(
                path.name,
                "data penduduk sudah pernah dimuat",
                "satu data awal untuk satu kantor",
                "perubahan data hanya lewat berkas Ditjen yang disetujui",
            ),
        )
    extract = read_extract(path, office.scratch)
    rows = normalise(extract.frame).drop("tgl_lhr_raw")
    if extract.rejects.height:
        lines = ", ".join(str(line) for line in extract.rejects["line_no"].head(10))
        raise UserError(
            Exit.FILE,
            Problem(
                f"{path.name}, baris {lines}",
                f"{extract.rejects.height} baris rusak",
                "data awal tanpa baris rusak",
                "perbaiki baris itu",
            ),
        )
    with transaction(con):
        con.register("incoming", rows.to_arrow())
        con.execute(f"""insert into penduduk by name
            select line_no - 1 as resident_id, * exclude (line_no), null::varchar as {PROPOSAL_COLUMN}
            from incoming""")
        con.unregister("incoming")
        con.execute("insert into baselines values (?, ?, ?)", [digest, path.name, rows.height])
    return rows.height


def normalise(frame: pl.DataFrame) -> pl.DataFrame:
    """Contract columns as text -> the store's types: DATE columns parsed, ``tgl_lhr_raw`` kept, codes for labels."""
    typed = frame.with_columns(
        pl.col("tgl_lhr").alias("tgl_lhr_raw"),
        *(pl.col(name).str.strip_chars(INVISIBLE) for name in IDENTIFIERS),
        *(_parse_date(name) for name in DATES),
        *(_code(frame, name) for name in CODED),
        *(pl.col(name).str.strip_chars(INVISIBLE).str.zfill(width) for name, width in REGION_WIDTHS.items()),
        pl.col("ektp_status").str.strip_chars(INVISIBLE).str.to_uppercase(),
    )
    alive = pl.col("status_dasar").str.to_uppercase()
    typed = typed.with_columns(
        pl.coalesce(
            "stat_hidup",
            pl.when(alive.is_in(["MATI", "MENINGGAL"])).then(pl.lit("2")).when(alive == "HIDUP").then(pl.lit("1")),
        ),
        pl.coalesce("flag_status", pl.when(alive == "HIDUP").then(pl.lit("0"))),
    )
    return _with_region_codes(typed).select("line_no", *STORED, "tgl_lhr_raw")


def _parse_date(name: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars(INVISIBLE)
    return pl.coalesce(text.str.to_date(fmt, strict=False) for fmt in DATE_FORMATS).alias(name)


def _code(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Labels to codes by the distinct values of the column; an unknown value stays as it came, for the rules."""
    values = frame[name].drop_nulls().unique().to_list()
    known = code_of_label(name)
    codes = {value: known.get(squeeze(value), value.strip(INVISIBLE).lstrip("0") or value) for value in values}
    return pl.col(name).replace_strict(codes, default=None, return_dtype=pl.String)


def _with_region_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Fills NO_PROP..NO_KEL from the names of kecamatan and kelurahan when the extract has no codes.

    Names outside the city give the regency of the only district of that name, or UNKNOWN_REGION.
    """
    squeezed = {c: pl.col(c).str.to_uppercase().str.replace_all(r"[^A-Z]", "") for c in ("kec_name", "kel_name")}
    home = {
        (_letters(regions("kecamatan")[code[:6]]), _letters(name)): code for code, name in regions("kelurahan").items()
    }
    districts: dict[str, list[str]] = {}
    for code, name in regions("kecamatan").items():
        districts.setdefault(_letters(name), []).append(code)
    elsewhere = {name: codes[0] for name, codes in districts.items() if len(codes) == 1}
    pairs = frame.select(squeezed["kec_name"], squeezed["kel_name"]).unique().drop_nulls("kec_name")
    city_districts = {district for district, _ in home}

    def code_for(district: str, village: str | None) -> str:
        if district in city_districts:
            return home.get((district, village or ""), f"{CITY}{_district_code(district)}")
        return elsewhere.get(district, UNKNOWN_REGION)

    table = pairs.with_columns(pl.Series("code", [code_for(*pair) for pair in pairs.iter_rows()], pl.String))
    joined = frame.with_columns(squeezed["kec_name"].alias("k1"), squeezed["kel_name"].alias("k2")).join(
        table, left_on=["k1", "k2"], right_on=["kec_name", "kel_name"], how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip
    start = {"no_prop": (0, 2), "no_kab": (2, 2), "no_kec": (4, 2), "no_kel": (6, 4)}
    return joined.with_columns(
        pl.coalesce(name, pl.col("code").str.slice(*place).replace("", None)) for name, place in start.items()
    )


def _letters(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalpha())


def _district_code(district: str) -> str:
    return next(
        code[4:6] for code, name in regions("kecamatan").items() if code.startswith(CITY) and _letters(name) == district
    )
