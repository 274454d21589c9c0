"""How peers' input is prepared: nothing but nulls and upper case, or as an expert of Indonesian names would.

Written for the peers alone (their engines have no cleaning of their own) and inside their measured time.
"""

from pathlib import Path

import polars as pl

MISSING = ["", "0", "-", "--", ".", "NULL", "NIHIL", "TIDAK TAHU", "TIDAK DIKETAHUI", "TDK TAHU", "0000000000000000"]
# as in letters and family cards; a title says nothing about who it is
TITLES = [
    *("H", "HJ", "KH", "HAJI", "HAJJAH", "DRS", "DRA", "DR", "IR", "PROF", "DRG", "NY", "NYONYA", "TN", "SDR", "UST"),
    *("USTADZ", "RADEN", "RR", "ALM", "ALMH", "BIN", "BINTI", "SH", "SE", "SPD", "ST", "SAG", "SKOM", "SSOS", "SIP"),
    *("SP", "SKM", "SKEP", "MPD", "MSI", "MM", "MH", "AMD", "AMK"),
]
MUHAMMAD = r"^(M|MD|MHD|MUH|MOH|MOCH|MOHD|MUCH|MUHD|MU?O?[HC]+A?M+[AE][DT])$"
SPELLING = {"OE": "U", "TJ": "C", "DJ": "J", "SJ": "SY", "NJ": "NY", "CH": "H", "PH": "F", "V": "F", "Y": "I"}
NAMES = ("nama", "ibu", "ayah")
COLUMNS = {
    "nik": "nik", "no_kk": "kk", "nama_lgkp": "nama", "jenis_klmin": "jk", "tmpt_lhr": "tmpt", "tgl_lhr": "tgl",
    "nama_lgkp_ibu": "ibu", "nama_lgkp_ayah": "ayah", "alamat": "alamat", "no_rt": "rt", "no_rw": "rw",
}  # fmt: skip


def read(path: Path, model: str) -> pl.DataFrame:
    """The file as text columns with the 0-based row as unique_id; what stands for "missing" is null."""
    people = pl.read_parquet(path)
    if model == "penduduk":
        people = people.select(pl.col(there).alias(name) for there, name in COLUMNS.items() if there in people.columns)
    text = pl.all().cast(pl.String).str.strip_chars()
    upper = people.select(text.str.to_uppercase() if model == "penduduk" else text)
    upper = upper.select(pl.when(~pl.all().is_in(MISSING)).then(pl.all()))
    return upper.with_row_index("unique_id").with_columns(pl.col("unique_id").cast(pl.Int64))


def expert(people: pl.DataFrame) -> pl.DataFrame:
    """Cleaned names, their tokens and keys, the parts of date and NIK, address words: what 18 blocking rules need."""
    cleaned = _names_cleaned(people)
    tokens = pl.col("nama").str.split(" ")
    derived = cleaned.with_columns(
        awal=tokens.list.first(),
        akhir=tokens.list.last(),
        urut=tokens.list.sort().list.join(" "),
        kerangka=tokens.list.sort().list.join("").str.replace_all("[AEIOU]", ""),
        tahun=pl.col("tgl").str.slice(0, 4),
        hari=pl.col("tgl").str.slice(5),
        tukar=pl.col("tgl").str.slice(0, 4) + "-" + pl.col("tgl").str.slice(8, 2) + "-" + pl.col("tgl").str.slice(5, 2),
        nik12=pl.col("nik").str.slice(0, 12),
        nik10=pl.col("nik").str.slice(6, 10),
        ibu1=pl.col("ibu").str.split(" ").list.first(),
    )
    empty = [
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in ("awal", "akhir", "urut", "kerangka")
    ]
    return derived.with_columns(empty)


def _names_cleaned(people: pl.DataFrame) -> pl.DataFrame:
    """Each distinct name is cleaned once: titles off, MUHAMMAD in one form, new spelling, single letters for double."""
    every = pl.concat([people[name].rename("raw") for name in NAMES if name in people.columns]).drop_nulls().unique()
    words = pl.element().str.replace_all(MUHAMMAD, "MUHAMAD")
    plain = pl.col("raw").str.replace_all(r"[.,'`]", " ").str.replace_all(r"[^A-Z ]", "").str.replace_all(" +", " ")
    listed = plain.str.strip_chars().str.split(" ").list.eval(words.filter(~pl.element().is_in(TITLES)))
    spelt = listed.list.join(" ").str.replace_many(list(SPELLING), list(SPELLING.values()))
    for letter in "ABDEFGHIKLMNOPRSTU":
        spelt = spelt.str.replace_all(letter * 2, letter, literal=True)
    table = every.to_frame().with_columns(clean=pl.when(spelt != "").then(spelt))
    for name in NAMES:
        if name in people.columns:
            joined = people.select("unique_id", name).join(
                table, left_on=name, right_on="raw", how="left", maintain_order="left"
            )
            people = people.with_columns(joined["clean"].alias(name))
    return people
