"""What Staff decided on sheet "Keputusan": every changed row is checked, all at once, without a loop over rows."""

from dataclasses import dataclass

import polars as pl

from expectations.codes import CODED, REGION_WIDTHS, labels
from expectations.columns import BY_NAME, DATES, IDENTIFIERS
from expectations.outcomes import BY_DOCUMENT, DOCUMENTS, EVENTS, REGION_LETTER, Outcome
from tasks.worksheet.content import CARRIED, EARLIER_
from tasks.worksheet.faults import Faults, Where
from tasks.worksheet.layout import DECISIONS, EDITABLE, LOCKED, MAX_NOTE, MAX_NUMBER, MAX_VALUE, OPEN

FIRST_DAY = "1900-01-01"
NAMES = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
PAIRS_OF_CELLS = (("ELEMEN", "MENJADI"), ("ELEMEN 2", "MENJADI 2"))
LOWER, UPPER, DAYS = ("HASIL", "DASAR", "KEJADIAN"), ("ELEMEN", "ELEMEN 2"), ("TANGGAL", "TUNDA SAMPAI")
BEFORE = " semula"  # suffix: the cell as we wrote it
OUTCOMES = tuple(outcome.value for outcome in Outcome)
DOCUMENT_NAMES = {document.name.lower(): document.name for document in DOCUMENTS}
EVENT_NAMES = {event.name.lower(): event.name for event in EVENTS}
LETTERS = tuple(event.name.lower() for event in EVENTS if event.letter)
NUMBERED = tuple(document.name.lower() for document in DOCUMENTS if document.numbered)
DATED = tuple(document.name.lower() for document in DOCUMENTS if document.dated)
CHANGED, DECIDES = pl.col("changed"), pl.col("decides")


@dataclass(frozen=True)
class Checks:
    """Conditions are polars expressions over the joined cells; a row for which one holds has a fault there."""

    rows: pl.DataFrame
    faults: Faults

    def fault(self, column: str, wrong: pl.Expr, received: str, allowed: str) -> None:
        """Notes the changed rows where ``wrong`` holds."""
        at = self.rows.filter(CHANGED & wrong)["at"]
        self.faults.note(Where(DECISIONS, column), at, (received, allowed))


def joined(cells: pl.DataFrame, written: pl.DataFrame) -> pl.DataFrame:
    """Each row of the sheet beside what we wrote (``BEFORE``): changed and decides Boolean, cells in one spelling.

    ``changed``: any open cell differs; ``decides``: outcome, element or value do, so that a basis is needed.
    """
    both = _spelt(cells).join(_spelt(written.select("row_id", *LOCKED, *OPEN, "outside", "referred", "further")),
                              on="KUNCI", how="inner", suffix=BEFORE)  # fmt: skip
    differs = {name: pl.col(name) != pl.col(f"{name}{BEFORE}") for name in OPEN}
    said = ("HASIL", *(name for pair in PAIRS_OF_CELLS for name in pair))
    return both.with_columns(
        pl.any_horizontal(differs.values()).alias("changed"),
        pl.any_horizontal(differs[name] for name in said).alias("decides"),
        pl.any_horizontal(differs[name] for name in ("DASAR", "NOMOR", "TANGGAL")).alias("rebased"),
    )


def _spelt(cells: pl.DataFrame) -> pl.DataFrame:
    """Case of words from a list, and days as ISO where they are days, do not make a row a changed one."""
    return cells.with_columns(
        pl.col(*OPEN).str.strip_chars(" \u00a0"),
    ).with_columns(
        pl.col(*LOWER).str.to_lowercase(), pl.col(*UPPER).str.to_uppercase(),
        *(pl.coalesce(day(name).dt.strftime("%Y-%m-%d"), name).alias(name) for name in DAYS),
    )  # fmt: skip


def day(name: str) -> pl.Expr:
    """The day that a cell tells: 2026-10-05, 05-10-2026, 05/10/2026, or a date cell of Excel; else null."""
    text = pl.col(name).str.strip_suffix(" 00:00:00")
    forms = {r"^\d{4}-\d{2}-\d{2}$": "%Y-%m-%d", r"^\d{2}-\d{2}-\d{4}$": "%d-%m-%Y", r"^\d{2}/\d{2}/\d{4}$": "%d/%m/%Y"}
    return pl.coalesce(
        pl.when(text.str.contains(shape)).then(text).str.to_date(form, strict=False) for shape, form in forms.items()
    )


def check_decisions(rows: pl.DataFrame, today: str, faults: Faults) -> None:
    """Notes impossible outcomes, corrections without element or value, missing documents, days that are none.

    ``rows``: ``joined``; ``today``: ISO, the day the sheet was handed in.
    """
    checks = Checks(rows, faults)
    _check_outcome(checks)
    _check_event(checks)
    for at, pair in enumerate(PAIRS_OF_CELLS):
        _check_pair(checks, pair, today)
        if at:
            same = (pl.col(pair[0]) != "") & (pl.col(pair[0]) == pl.col(PAIRS_OF_CELLS[0][0])) & _is(Outcome.CORRECTED)
            checks.fault(pair[0], same, "elemen yang sama dua kali", "satu elemen satu kali")
    _check_basis(checks, today)
    _check_days(checks, today)
    for name, most in (("NOMOR", MAX_NUMBER), ("CATATAN", MAX_NOTE)):
        checks.fault(name, pl.col(name).str.len_chars() > most, "terlalu panjang", f"paling banyak {most} huruf")
    checks.fault("NOMOR", pl.col("NOMOR").str.contains("[0-9]{16}"), "memuat 16 angka", "nomor dokumen, bukan NIK")


def _is(*outcomes: Outcome) -> pl.Expr:
    return pl.col("HASIL").is_in([outcome.value for outcome in outcomes])


def _was(outcome: Outcome) -> pl.Expr:
    return pl.col(f"HASIL{BEFORE}") == outcome.value


def _differs(name: str) -> pl.Expr:
    return pl.col(name) != pl.col(f"{name}{BEFORE}")


def _filled(name: str) -> pl.Expr:
    return pl.col(name) != ""


def _check_outcome(checks: Checks) -> None:
    own = [outcome.value for outcome in Outcome if outcome not in (Outcome.CORRECTED, Outcome.DEACTIVATION)]
    checks.fault("HASIL", ~_filled("HASIL"), "kosong", ", ".join(OUTCOMES))
    checks.fault("HASIL", ~pl.col("HASIL").is_in(OUTCOMES), "di luar daftar", ", ".join(OUTCOMES))
    checks.fault("HASIL", pl.col("outside") & _is(Outcome.CORRECTED, Outcome.DEACTIVATION) & _differs("HASIL"),
                 "data daerah lain tidak pernah ditulis", ", ".join(own))  # fmt: skip
    checks.fault("HASIL", _is(Outcome.OTHER_REGION) & ~pl.col("referred") & ~pl.col("outside"),
                 "domisili di dalam kota, rujuk luar kota hanya bila diusulkan",
                 ", ".join(one for one in OUTCOMES if one != Outcome.OTHER_REGION.value))  # fmt: skip


def _check_event(checks: Checks) -> None:
    names = ", ".join(EVENT_NAMES.values())
    others = ", ".join(event.name for event in EVENTS if not event.letter)
    known = pl.col("KEJADIAN").is_in(list(EVENT_NAMES))
    checks.fault("KEJADIAN", _filled("KEJADIAN") & ~known, "di luar daftar", names)
    asked = pl.col("referred") | pl.col("outside")
    checks.fault("KEJADIAN", pl.col("KEJADIAN").is_in(LETTERS) & ~asked,
                 "baris ini tidak dirujuk ke daerah lain", f"{others}, atau kosong")  # fmt: skip
    left = _was(Outcome.OTHER_REGION) & ~_is(Outcome.OTHER_REGION) & pl.col("HASIL").is_in(OUTCOMES)
    checks.fault("KEJADIAN", left & ~_filled("KEJADIAN"), "kosong, padahal rujukan ditutup", names)
    for event in EVENTS:
        allowed = [outcome.value for outcome in Outcome if outcome in event.outcomes]
        wrong = pl.col("HASIL").is_in(OUTCOMES) & ~pl.col("HASIL").is_in(allowed)
        checks.fault("KEJADIAN", (pl.col("KEJADIAN") == event.name.lower()) & wrong,
                     "tidak cocok dengan HASIL", f"HASIL {' atau '.join(allowed)}")  # fmt: skip


def _check_pair(checks: Checks, pair: tuple[str, str], today: str) -> None:
    """One element and its value. What was filled in by us and does not belong to another outcome is nobody's word."""
    element, value = pair
    corrected, first = _is(Outcome.CORRECTED), element == PAIRS_OF_CELLS[0][0]
    if first:
        none = pl.all_horizontal(~_filled(name) for cells in PAIRS_OF_CELLS for name in cells)
        checks.fault(element, corrected & none, "kosong", "nama kolom SIAK selain NIK, misalnya TGL_LHR")
    for name in pair:
        stray = pl.col("HASIL").is_in(OUTCOMES) & ~corrected & _filled(name) & _differs(name)
        checks.fault(name, stray, "diisi", f"kosong bila hasil bukan {Outcome.CORRECTED.value}")
    mine = corrected & (_differs(element) | _differs(value))
    checks.fault(element, mine & ~_filled(element) & _filled(value), "kosong", "elemen dari nilai di sebelahnya")
    unknown = mine & _filled(element) & ~pl.col(element).is_in(EDITABLE)
    checks.fault(element, unknown, "tidak dikenal", "nama kolom SIAK selain NIK, misalnya TGL_LHR")
    for name in checks.rows.filter(CHANGED)[element].unique().sort().to_list():
        if name in EDITABLE:
            fits, told = possible(name.lower(), pl.col(value), today)
            here = mine & (pl.col(element) == name)
            checks.fault(value, here & ~_filled(value), "kosong", told)
            checks.fault(value, here & ~fits, "nilai tidak sah", told)


def possible(element: str, value: pl.Expr, today: str) -> tuple[pl.Expr, str]:
    """Whether a value can be written to that element, and what can, in words."""
    label = BY_NAME[element].label
    if element in DATES:
        real = value.str.contains(r"^\d{4}-\d{2}-\d{2}$") & value.str.to_date("%Y-%m-%d", strict=False).is_not_null()
        bounds = (value >= FIRST_DAY) & (value <= today)
        return real & bounds, f"{label}, tanggal YYYY-MM-DD antara {FIRST_DAY} dan {today}"
    if element in NAMES:
        return value.str.contains(f"^[A-Z .,'`-]{{1,{MAX_VALUE}}}$"), (
            f"{label}, huruf besar tanpa angka, paling banyak {MAX_VALUE} huruf"
        )
    if element in IDENTIFIERS:
        return value.str.contains("^[0-9]{16}$"), f"{label}, 16 angka"
    if element in CODED:
        codes = list(labels(element))
        return value.is_in(codes), f"{label}, kode SIAK (lembar Petunjuk): {', '.join(codes[:13])}"
    if width := REGION_WIDTHS.get(element):
        return value.str.contains(f"^[0-9]{{{width}}}$"), f"{label}, {width} angka"
    return value.str.contains(rf"^[\p{{L}}0-9 .,'`/()&:+-]{{1,{MAX_VALUE}}}$"), (
        f"{label}, huruf, angka dan . , ' / ( ) & : + -, paling banyak {MAX_VALUE} huruf"
    )


def _check_basis(checks: Checks, today: str) -> None:
    """The document behind a decision, with number and day where it has them; an answering region's letter is one."""
    letter, document = pl.col("KEJADIAN").is_in(LETTERS), pl.col("DASAR")
    listed = ", ".join(DOCUMENT_NAMES.values())
    needed = DECIDES & _is(*BY_DOCUMENT) & ~letter
    details = (_filled("NOMOR") | _filled("TANGGAL")) & ~letter
    checks.fault("DASAR", needed & ~_filled("DASAR"), "dasar kosong", listed)
    checks.fault("DASAR", details & ~_filled("DASAR"), "kosong, padahal NOMOR atau TANGGAL diisi", listed)
    checks.fault("DASAR", _filled("DASAR") & ~document.is_in(list(DOCUMENT_NAMES)), "di luar daftar", listed)
    other = letter & _filled("DASAR") & (document != REGION_LETTER.name.lower())
    checks.fault("DASAR", other, "bukan surat jawaban daerah", f"{REGION_LETTER.name}, atau kosong")
    for name, having in (("NOMOR", NUMBERED), ("TANGGAL", DATED)):
        asked = (letter | document.is_in(having)) & ~_filled(name)
        checks.fault(name, asked, "kosong", f"{name.lower()} surat atau dokumen pada DASAR atau KEJADIAN")
    day_ = day("TANGGAL").dt.strftime("%Y-%m-%d")
    wrong = day_.is_null() | (day_ < FIRST_DAY) | (day_ > today)
    checks.fault("TANGGAL", _filled("TANGGAL") & wrong, "bukan tanggal, atau sesudah hari ini",
                 f"tanggal, misalnya 2026-10-05, paling akhir {today}")  # fmt: skip


def _check_days(checks: Checks, today: str) -> None:
    until, allowed = pl.col("TUNDA SAMPAI"), f"tanggal sesudah {today}, misalnya 2026-12-01"
    postponed = _is(Outcome.POSTPONED)
    by_hand = postponed & ~_was(Outcome.POSTPONED)
    checks.fault("TUNDA SAMPAI", by_hand & ~_filled("TUNDA SAMPAI"), "kosong", allowed)
    late = day("TUNDA SAMPAI").is_null() | (until <= today)
    checks.fault("TUNDA SAMPAI", postponed & _filled("TUNDA SAMPAI") & late, "bukan tanggal sesudah hari ini", allowed)
    stray = ~postponed & _filled("TUNDA SAMPAI") & _differs("TUNDA SAMPAI") & pl.col("HASIL").is_in(OUTCOMES)
    checks.fault("TUNDA SAMPAI", stray, "diisi", f"kosong bila hasil bukan {Outcome.POSTPONED.value}")


def decided(rows: pl.DataFrame) -> pl.DataFrame:
    """One line per changed row, checked before: the columns of table ``decisions`` without agenda and round.

    A value that we filled in and Staff left stands as proposed (``kept``), unless Staff named another basis. What
    Staff decided in an earlier round stays in force with its values and basis when only an event, a day or a note is
    added. ``rows``: ``joined`` with ``earlier_decisions``.
    """
    corrected, letter = _is(Outcome.CORRECTED), pl.col("KEJADIAN").is_in(LETTERS)
    own = DECIDES | pl.col("rebased") | (letter & _differs("KEJADIAN"))  # Staff's basis
    mine = rows.filter(CHANGED).with_columns(
        pl.when(letter).then(pl.lit(REGION_LETTER.name.lower())).otherwise("DASAR").alias("DASAR"),
        own.alias("own"), _stands(own).alias("stands"),
    )  # fmt: skip
    fresh = mine.select(
        "stands", pl.col(f"^{EARLIER_}.*$"),
        "row_id", pl.col("HASIL").alias("outcome"),
        *_elements(corrected), _kept(corrected).alias("kept"), _basis().alias("basis"),
        pl.col("DASAR").replace_strict(DOCUMENT_NAMES, default=None, return_dtype=pl.String).alias("document"),
        _text("NOMOR").alias("number"), day("TANGGAL").alias("dated"),
        pl.col("KEJADIAN").replace_strict(EVENT_NAMES, default=None, return_dtype=pl.String).alias("event"),
        pl.when(_is(Outcome.POSTPONED)).then(day("TUNDA SAMPAI")).alias("until"), _text("CATATAN").alias("note"),
    )  # fmt: skip
    carried = (pl.when("stands").then(f"{EARLIER_}{name}").otherwise(name).alias(name) for name in CARRIED)
    return fresh.with_columns(carried).select(pl.exclude("stands", f"^{EARLIER_}.*$")).sort("row_id")


def _stands(own: pl.Expr) -> pl.Expr:
    """Staff's earlier decision, unless Staff decides anew; also when the round before could not be written as decided.

    Then the sheet shows another outcome than Staff's, and only a new day to wait for takes it up.
    """
    before = pl.col(f"{EARLIER_}outcome")
    taken_up = _differs("TUNDA SAMPAI") & (pl.col("HASIL") != before)
    return before.is_not_null() & ~own & ~taken_up


def _elements(corrected: pl.Expr) -> list[pl.Expr]:
    """element, after, element_2, after_2: what Staff's basis is for."""
    return [
        pl.when(corrected & pl.col("own") & _filled(cells[0])).then(name).alias(f"{title}{suffix}")
        for cells, suffix in zip(PAIRS_OF_CELLS, ("", "_2"), strict=True)
        for title, name in (("element", pl.col(cells[0]).str.to_lowercase()), ("after", pl.col(cells[1])))
    ]


def _kept(corrected: pl.Expr) -> pl.Expr:
    """Proposed elements that stand: those without cells, and all of them when Staff only added a word."""
    shown = pl.concat_list(pl.col(cells[0]).str.to_lowercase() for cells in PAIRS_OF_CELLS)
    noted = pl.col("further").list.concat(shown.list.filter(pl.element() != ""))
    own = pl.col("further").list.set_difference(shown).list.sort()  # written into a cell, it is Staff's
    every = pl.when(pl.col("own")).then(own).otherwise(noted)
    return pl.when(corrected).then(every).otherwise(pl.lit([], pl.List(pl.String)))


def _basis() -> pl.Expr:
    """Document, number and day in words; "" for none, null where the proposal's own basis stands."""
    number, day_ = _text("NOMOR"), day("TANGGAL").dt.strftime("%d-%m-%Y")
    told = pl.concat_str(
        pl.col("DASAR").replace_strict(DOCUMENT_NAMES, default="", return_dtype=pl.String),
        pl.format(" nomor {}", number), pl.format(" tanggal {}", day_), ignore_nulls=True,
    )  # fmt: skip
    return pl.when(pl.col("own")).then(told)


def _text(name: str) -> pl.Expr:
    return pl.when(_filled(name)).then(pl.col(name))
