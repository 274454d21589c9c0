"""What the cells of a workbook's rows look like, of those rows that are no plain residents."""

import polars as pl

from expectations.columns import canonical_name
from tasks.read.banner import AT, LABELS, ROW, TEXT
from tasks.read.extract import HEADER_MIN_KNOWN

WHOLE_NIK = 16
NIK_DIGITS = 5  # a NIK, whole or cut; column numbers are shorter
HEADER_PAIR = 2  # so many names of columns make a line a header when they stand where they should not
LABEL_ALONE = (
    r"(?i)^\W*(?:(?:nama\W*)?kep(?:ala)?\W*(?:kel(?:uarga)?|kk)|alamat|(?:no\W*)?rt(?:\W*rw)?|rw|dusun|kode\W*pos|desa"
    r"|kelurahan|kecamatan|kabupaten|provinsi)\W*$"
)
SMALL_NUMBER = r"^\s*[(\-]?\s*\d{1,2}\s*\)?\s*$"
TOTAL = r"(?i)^\W*(?:sub\s*)?(?:jumlah|total)\b"
PAGE_NUMBER = r"(?i)^\W*(?:hal(?:aman)?|page)\b\W*\d"
NOTE = r"(?i)^\W*(?:ket(?:erangan)?|catatan)\b\s*[.:]"
BOOK = r"(?i)^\W*(?:buku induk|daftar (?:keluarga|penduduk)|lampiran)\b"
MONTHS = "januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|nopember|desember"
SIGNATURE = (
    rf"(?i)^\W*(?:[\p{{L}} .]+,\s*\d{{1,2}}\s+(?:{MONTHS})\s+\d{{4}}|mengetahui\b|a\.?\s*n\.?\s+kepala"
    r"|kepala\s+(?:dinas|bidang|seksi|desa|kelurahan|upt|suku|keluarga\s*,)|(?:lurah|camat|plt|nip|ttd|pejabat)\b"
    r"|petugas\s|penanggung\s*jawab|tanda tangan)"
)
SEX = r"(?i)^\W*(?:l|p|lk|pr|laki\W*laki|perempuan|pria|wanita|1|2)\W*$"
DAY = r"^\W*(?:\d{1,4}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,4}(?:\s.*)?|\d{1,2}-\p{L}{3,9}-\d{2,4})\W*$"
DAY_NUMBER = r"^\W*(?:\d{5}|\d{8})\W*$"
# A name of such words only is none: "JUMLAH PENDUDUK" with a 1 in the column of sexes counts one resident.
NO_NAME = (
    r"(?i)^\W*(?:(?:(?:sub|jumlah|total|penduduk|warga|jiwa|orang|kk|kepala|keluarga|anggota|data|baris|umum|semua"
    r"|seluruh(?:nya)?|keseluruhan|laki|perempuan|pria|wanita|l|p|lk|pr|halaman|ini)\b\W*)+\d*"
    r"|ket(?:erangan)?|catatan|mengetahui)\W*$"
)


def row_facts(filled: pl.DataFrame, meant: dict[int, str], titles: pl.DataFrame) -> pl.DataFrame:
    """One row per line: how many cells it has, and what they look like.

    ``filled``, ``titles``: row, at, text of the cells of the lines and of the header; ``meant``: column -> the
    contract's column that the header gives it, "" for an unknown one. Flags: moved (a second header in other columns),
    again (the header once more), numbers, nik, named, person (a name with a sex or a birth date), member (a sex or a
    birth date), free (the first cell's column means nothing), headed (the first cell is a label), long, total, page,
    note, book, signature.
    """
    filled = _with_meaning(filled, meant, titles)
    text = pl.col(TEXT).str.strip_chars()
    number = text.str.extract(r"(\d+)").cast(pl.Int64, strict=False)
    digits = text.str.count_matches(r"\d")
    in_nik, in_name = pl.col("meant") == "nik", pl.col("meant") == "nama_lgkp"
    in_born = pl.col("meant") == "tgl_lhr"
    sex = ((pl.col("meant") == "jenis_klmin") & text.str.contains(SEX)).any()
    day = (in_born & text.str.contains(DAY)).any()
    born = (in_born & (text.str.contains(DAY) | text.str.contains(DAY_NUMBER))).any()
    letters = in_name & text.str.contains(r"\p{L}")
    name, any_name = (letters & ~text.str.contains(NO_NAME)).any(), letters.any()
    facts = filled.group_by(ROW).agg(
        pl.len().alias("cells"),
        (text.str.contains(SMALL_NUMBER).all() & (number.max() - number.min() == pl.len() - 1)
         & (number.n_unique() == pl.len()) & (pl.len() >= HEADER_MIN_KNOWN)).alias("numbers"),
        (in_nik & (digits >= NIK_DIGITS)).any().alias("nik"),
        (in_nik | in_name).any().alias("named"),
        ((name & (sex | born)) | (any_name & day)).alias("person"),
        (sex | born).alias("member"),
        pl.col("meant").first().is_in(["", "no_urut"]).alias("free"),
        text.first().str.contains(LABEL_ALONE).alias("headed"),
        (digits >= WHOLE_NIK).any().alias("long"),
        text.str.contains(TOTAL).any().alias("total"),
        text.str.contains(PAGE_NUMBER).all().alias("page"),
        text.first().str.contains(NOTE).alias("note"),
        text.str.contains(BOOK).any().alias("book"),
        text.str.contains(SIGNATURE).any().alias("signature"),
    )  # fmt: skip
    return facts.join(_second_headers(filled), on=ROW, how="left").with_columns(
        pl.col("moved", "again") & ~pl.col("nik")
    )


def _second_headers(filled: pl.DataFrame) -> pl.DataFrame:
    """(row, moved, again). A header whose columns cannot all be vouched for has moved: what stands below may, too."""
    means, meant = pl.col("means"), pl.col("meant")
    known = means.is_not_null()
    resident = known & ~means.is_in([*LABELS, "no_urut"])  # lines of labels hold names of columns as well
    right = pl.col("printed") | (means == meant).fill_null(value=False)
    strange = (~right & (pl.col("titled") | known)).any()
    at_nik = ((meant == "nik") & (resident | (means == "no_urut"))).any() & (known.sum() >= HEADER_PAIR)
    misplaced = (known & ~right).sum() >= HEADER_PAIR + pl.col(TEXT).str.contains(":", literal=True).any()
    header = at_nik | (resident.any() & misplaced) | (resident.sum() >= HEADER_MIN_KNOWN)
    return filled.group_by(ROW).agg(
        (header & strange).alias("moved"),
        (~strange & (right.sum() >= pl.min_horizontal(HEADER_MIN_KNOWN, pl.len()))).alias("again"),
    )


def _with_meaning(filled: pl.DataFrame, meant: dict[int, str], titles: pl.DataFrame) -> pl.DataFrame:
    """Adds what a cell and its column mean.

    ``means``: the contract's column that the cell's text names, null for none; ``meant``: the one its column has;
    ``titled``: its column has a header; ``printed``: the cell says what the header says there.
    """
    texts = filled[TEXT].unique()
    names = {text: name for text in texts if ":" not in text and (name := canonical_name(text))}
    same = pl.col(TEXT).str.strip_chars().str.to_uppercase().alias("same")
    top = titles.select(AT, same, pl.lit(value=True).alias("printed")).unique()
    return (
        filled.with_columns(
            same,
            pl.col(TEXT).replace_strict(names, default=None, return_dtype=pl.String).alias("means"),
            pl.col(AT).replace_strict(meant, default="", return_dtype=pl.String).alias("meant"),
            pl.col(AT).is_in(titles[AT].implode()).alias("titled"),
        )
        .join(top, on=[AT, "same"], how="left", maintain_order="left")
        .with_columns(pl.col("printed").fill_null(value=False))
    )
