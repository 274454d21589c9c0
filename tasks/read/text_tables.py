"""Lines of a text file that tell of another table than the header does: read on, every row below would be wrong."""

import numpy as np
import polars as pl

from expectations.columns import NORMALISED, canonical_name, normalise_header
from tasks.errors import Exit, Problem, UserError
from tasks.read.extract import HEADER_MIN_KNOWN, HEADER_SEARCH_LINES, LINE, NO_HEADER
from tasks.read.lines import Lines

NOT_ALNUM = "[^A-Z0-9]"
# What a family's line of a BIP print begins with. KEPALA KELUARGA alone is a family position.
FAMILY_LABELS = tuple(
    text for text, name in NORMALISED.items() if name in {"no_kk", "nama_kep"} and text != "KEPALAKELUARGA"
)

FAMILY_LINE = r'(?i)^[\s"]*No(?:\.|mor)? *K(?:K|artu Keluarga) *:'


def headers_below(odd: pl.DataFrame, headers: tuple[str, ...]) -> tuple[pl.Series, pl.Series]:
    """(lines that repeat the header, lines with the header of a table of other columns), of ``odd`` rows in capitals.

    Repeated: every filled cell names the column it stands in, by whatever alias. Of another table: enough cells are
    names of columns, or the NIK's is, one names another column, and no cell holds a number or a date of a person.
    """
    columns = [column for column in odd.columns if column != LINE]
    meant = [canonical_name(header) for header in headers]
    # No name of a column has a digit: most rows are told apart by three cells.
    odd = odd.filter(~pl.col(columns[meant.index(name)]).str.contains("[0-9]") for name in ("nik", "no_kk", "tgl_lhr"))
    plain = [pl.col(column).str.replace_all(NOT_ALNUM, "") for column in columns]
    named = [text.replace_strict(NORMALISED, default=None, return_dtype=pl.String) for text in plain]
    own = [
        (text == normalise_header(header)) | (name == meaning).fill_null(value=False)
        for text, name, header, meaning in zip(plain, named, headers, meant, strict=True)
    ]
    known = pl.sum_horizontal(name.is_not_null() for name in named) >= HEADER_MIN_KNOWN
    some = known & pl.all_horizontal(mine | (pl.col(c) == "") for c, mine in zip(columns, own, strict=True))
    elsewhere = [name.is_not_null() & ~mine for name, mine in zip(named, own, strict=True)]
    person = pl.any_horizontal(pl.col(column).str.contains(NO_HEADER) for column in columns)
    other = ((known & pl.any_horizontal(elsewhere)) | elsewhere[meant.index("nik")]) & ~person
    found = odd.select(LINE, (pl.all_horizontal(own) | some).alias("again"), other.alias("other"))
    return found.filter("again")[LINE], found.filter("other")[LINE]


def refuse_other_header(name: str, lines: pl.Series) -> None:
    """Raises UserError (FILE) when there are headers of other tables on these lines."""
    if len(lines):
        received = "judul berulang berbeda kolom dari judul pertama"
        raise _refusal(f"{name}, baris {lines[0]}", received, "satu tabel dengan satu susunan kolom",
                       "minta pengirim mengirim setiap tabel sebagai berkas sendiri")  # fmt: skip


def refuse_bip(name: str, rows: pl.DataFrame, nik: str) -> None:
    """Raises UserError (FILE) when lines of families ("No. KK :") stand between the residents.

    Looked for in the first column and in that of the NIK.
    """
    for column in dict.fromkeys((rows.columns[0] if rows.columns[0] != LINE else rows.columns[1], nik)):
        words = rows.select(LINE, column).filter(~pl.col(column).is_between(pl.lit("0"), pl.lit(":")))
        label = pl.col(column).str.extract(r"^([^:]{1,40})", 1).str.to_uppercase().str.replace_all(NOT_ALNUM, "")
        found = words.filter(label.is_in(FAMILY_LABELS))
        if found.height:
            told = f"{found.height} baris kepala keluarga (No. KK) di antara penduduk"
            raise _bip(f"{name}, baris {found[LINE][0]}", told)


def refuse_bip_print(lines: Lines) -> None:
    """Raises UserError (FILE) when a file that has no header of residents begins like a BIP print."""
    indexes = np.flatnonzero(lines.filled[:HEADER_SEARCH_LINES])
    found = indexes[lines.texts(indexes).str.contains(FAMILY_LINE).to_numpy()]
    if len(found):
        raise _bip(f"{lines.name}, baris {found[0] + 1}", "baris kepala keluarga (No. KK)")


def _bip(place: str, received: str) -> UserError:
    allowed = "tata letak BIP hanya dibaca dari XLSX atau XLS"
    return _refusal(place, f"{received}: tata letak BIP", allowed, "minta buku kerja aslinya")


def _refusal(place: str, received: str, allowed: str, step: str) -> UserError:
    return UserError(Exit.FILE, Problem(place, received, allowed, step))
