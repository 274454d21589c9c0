"""What Staff may answer on a case workbook: every filled line is checked, all at once, without a loop over rows."""

from dataclasses import dataclass

import polars as pl

from expectations.cases import CaseKind
from expectations.codes import CITY
from expectations.outcomes import REGION_LETTER, Outcome
from tasks.cases.layout import ANSWERS, BOTH_WRONG, CASES, OPEN, REGION_ANSWERS, STAYED_AWAY, STAYS_HERE
from tasks.worksheet.decisions import DATED, DOCUMENT_NAMES, FIRST_DAY, NUMBERED, PAIRS_OF_CELLS, day, possible
from tasks.worksheet.faults import Faults, Where
from tasks.worksheet.layout import EDITABLE, MAX_NOTE, MAX_NUMBER

ANSWERED = pl.col("JAWABAN") != ""
LETTER = pl.col("JAWABAN").is_in(REGION_ANSWERS)
ISO = "%Y-%m-%d"


@dataclass(frozen=True)
class Checks:
    """Conditions are polars expressions over the cells; an answered line for which one holds has a fault there."""

    rows: pl.DataFrame
    faults: Faults

    def fault(self, column: str, wrong: pl.Expr, received: str, allowed: str) -> None:
        """Notes the answered lines where ``wrong`` holds."""
        self.faults.note(Where(CASES, column), self.rows.filter(ANSWERED & wrong)["at"], (received, allowed))


def spelt(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells in one spelling: words of lists in small letters, elements in capitals, days as ISO where they are days."""
    days = (pl.coalesce(day(name).dt.strftime(ISO), name).alias(name) for name in ("TANGGAL", "TUNDA SAMPAI"))
    return cells.with_columns(
        pl.col("JAWABAN", "HASIL", "DASAR").str.to_lowercase(), pl.col("ELEMEN", "ELEMEN 2").str.to_uppercase(), *days
    )


def check_answers(cells: pl.DataFrame, today: str, faults: Faults) -> None:
    """Notes what can not be an answer. ``cells``: ``spelt``; ``today``: ISO, the day the workbook was handed in."""
    filled = pl.any_horizontal(pl.col(name) != "" for name in OPEN[1:])
    alone = cells.filter(~ANSWERED & filled)["at"]
    faults.note(Where(CASES, "JAWABAN"), alone, ("kosong, padahal kolom lain diisi", ", ".join(ANSWERS)))
    checks = Checks(cells, faults)
    checks.fault("KASUS", pl.len().over("KASUS", ANSWERED) > 1, "kasus dijawab dua kali",
                 "satu baris untuk satu kasus; elemen kedua pada ELEMEN 2")  # fmt: skip
    _check_kind(checks)
    _check_outcome(checks, today)
    _check_basis(checks, today)
    for name, most in (("NOMOR", MAX_NUMBER), ("CATATAN", MAX_NOTE)):
        checks.fault(name, pl.col(name).str.len_chars() > most, "terlalu panjang", f"paling banyak {most} huruf")
    checks.fault("NOMOR", pl.col("NOMOR").str.contains("[0-9]{16}"), "memuat 16 angka", "nomor dokumen, bukan NIK")


def _check_kind(checks: Checks) -> None:
    checks.fault("JAWABAN", ~pl.col("JAWABAN").is_in(list(ANSWERS)), "di luar daftar", ", ".join(ANSWERS))
    for kind in CaseKind:
        allowed = [answer for answer, (kinds, _) in ANSWERS.items() if kind in kinds]
        wrong = (pl.col("JENIS") == kind.value) & pl.col("JAWABAN").is_in(list(ANSWERS))
        checks.fault("JAWABAN", wrong & ~pl.col("JAWABAN").is_in(allowed), f"bukan jawaban kasus {kind.value}",
                     ", ".join(allowed))  # fmt: skip


def _check_outcome(checks: Checks, today: str) -> None:
    """HASIL by answer, ELEMEN and MENJADI of a correction, the day of what goes on waiting."""
    outcome = pl.col("HASIL")
    for answer, (_, outcomes) in ANSWERS.items():
        told = " atau ".join(one or "kosong" for one in outcomes)
        checks.fault("HASIL", (pl.col("JAWABAN") == answer) & ~outcome.is_in(outcomes), "tidak cocok dengan JAWABAN",
                     told)  # fmt: skip
    corrected, elsewhere = outcome == Outcome.CORRECTED.value, pl.concat_str("NO_PROP", "NO_KAB") != CITY
    asked = (pl.col("JENIS") == CaseKind.OTHER_REGION.value) | elsewhere
    checks.fault("HASIL", corrected & asked, "data daerah lain tidak pernah ditulis", Outcome.UNFOUNDED.value)
    _check_correction(checks, corrected, today)
    waits = (outcome == Outcome.POSTPONED.value) | (pl.col("JAWABAN") == STAYED_AWAY)
    may_wait = waits | pl.col("JAWABAN").is_in([STAYS_HERE, BOTH_WRONG])
    until, later = pl.col("TUNDA SAMPAI"), f"tanggal sesudah {today}, misalnya 2026-12-01"
    checks.fault("TUNDA SAMPAI", waits & (until == ""), "kosong", later)
    checks.fault("TUNDA SAMPAI", ~may_wait & (until != ""), "diisi", "kosong bila kasus selesai")
    late = day("TUNDA SAMPAI").is_null() | (until <= today)
    checks.fault("TUNDA SAMPAI", (until != "") & late, "bukan tanggal sesudah hari ini", later)


def _check_correction(checks: Checks, corrected: pl.Expr, today: str) -> None:
    listed = "nama kolom SIAK selain NIK, misalnya TGL_LHR"
    for at, (name, value) in enumerate(PAIRS_OF_CELLS):
        element = pl.col(name)
        asked = corrected & ((element != "") | (pl.col(value) != "")) if at else corrected
        checks.fault(name, asked & (element == ""), "kosong", listed)
        checks.fault(value, asked & (pl.col(value) == ""), "kosong", "nilai baru")
        for cell in (name, value):
            checks.fault(cell, ~corrected & (pl.col(cell) != ""), "diisi",
                         f"kosong bila HASIL bukan {Outcome.CORRECTED.value}")  # fmt: skip
        known = element.is_in(EDITABLE)
        checks.fault(name, asked & ~known, "tidak dikenal", listed)
        for one in checks.rows.filter(ANSWERED & asked & known)[name].unique().sort().to_list():
            fits, told = possible(one.lower(), pl.col(value), today)
            checks.fault(value, asked & (element == one) & ~fits, "nilai tidak sah", told)
    twice = corrected & (pl.col("ELEMEN") != "") & (pl.col("ELEMEN") == pl.col("ELEMEN 2"))
    checks.fault("ELEMEN 2", twice, "elemen yang sama dua kali", "satu elemen satu kali")


def _check_basis(checks: Checks, today: str) -> None:
    """The document behind a closed case, with number and day where it has them; a region's letter is one."""
    document, listed = pl.col("DASAR"), ", ".join(DOCUMENT_NAMES.values())
    closes = pl.col("HASIL").is_in([Outcome.CORRECTED.value, Outcome.UNFOUNDED.value])
    details = (pl.col("NOMOR") != "") | (pl.col("TANGGAL") != "")
    checks.fault("DASAR", closes & ~LETTER & (document == ""), "dasar kosong", listed)
    checks.fault("DASAR", details & ~LETTER & (document == ""), "kosong, padahal NOMOR atau TANGGAL diisi", listed)
    checks.fault("DASAR", (document != "") & ~document.is_in(list(DOCUMENT_NAMES)), "di luar daftar", listed)
    other = LETTER & (document != "") & (document != REGION_LETTER.name.lower())
    checks.fault("DASAR", other, "bukan surat jawaban daerah", f"{REGION_LETTER.name}, atau kosong")
    for name, having in (("NOMOR", NUMBERED), ("TANGGAL", DATED)):
        asked = (LETTER | document.is_in(having)) & (pl.col(name) == "")
        checks.fault(name, asked, "kosong", f"{name.lower()} surat atau dokumen")
    told = day("TANGGAL").dt.strftime(ISO)
    wrong = told.is_null() | (told < FIRST_DAY) | (told > today)
    checks.fault("TANGGAL", (pl.col("TANGGAL") != "") & wrong, "bukan tanggal, atau sesudah hari ini",
                 f"tanggal, misalnya 2026-10-05, paling akhir {today}")  # fmt: skip


def answered(cells: pl.DataFrame) -> pl.DataFrame:
    """One line per answered case: line_no Int64 and the columns of table ``case_answers``, texts null when empty.

    ``cells``: ``spelt``, checked when it was received. case_agenda and case_row are as the case's number tells them.
    """
    from tasks.load import ROWS_PER_FILE

    number = pl.col("KASUS").str.extract_groups(r"^(\S+) ([0-9]{1,4})/([0-9]{1,9})$").struct
    told = pl.when(LETTER).then(pl.lit(REGION_LETTER.name)).otherwise(
        pl.col("DASAR").replace_strict(DOCUMENT_NAMES, default=None, return_dtype=pl.String)
    )  # fmt: skip
    basis = pl.concat_str(
        "document", pl.format(" nomor {}", "number"), pl.format(" tanggal {}", pl.col("dated").dt.strftime("%d-%m-%Y")),
        ignore_nulls=True,
    )  # fmt: skip
    return cells.filter(ANSWERED).select(
        pl.col("at").alias("line_no"), number.field("1").alias("case_agenda"),
        (number.field("2").cast(pl.Int64) * ROWS_PER_FILE + number.field("3").cast(pl.Int64)).alias("case_row"),
        pl.col("JAWABAN").alias("answer"), _text("HASIL").alias("outcome"),
        _text("ELEMEN").str.to_lowercase().alias("element"), _text("MENJADI").alias("after"),
        _text("ELEMEN 2").str.to_lowercase().alias("element_2"), _text("MENJADI 2").alias("after_2"),
        told.alias("document"), _text("NOMOR").alias("number"), day("TANGGAL").alias("dated"),
        day("TUNDA SAMPAI").alias("until"), _text("CATATAN").alias("note"),
    ).with_columns(
        pl.when(pl.col("answer") == STAYED_AWAY).then(pl.lit(Outcome.POSTPONED.value)).otherwise("outcome")
        .alias("outcome"),
        pl.when(pl.col("document").is_not_null()).then(basis).alias("basis"),
    )  # fmt: skip


def _text(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name))
