"""The way out: one sheet to fill in, and three to look things up (register's values, pairs, what the codes mean)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from expectations.codes import labels
from expectations.outcomes import BY_STAFF, MEANINGS, Outcome
from expectations.rules import RULES, WHO_RESOLVES
from expectations.thresholds import filled
from tasks.approvals.case import file_code
from tasks.office import PRIVATE_FILE, Office
from tasks.privacy import label
from tasks.propose.corrections import as_text
from tasks.steps import finished
from tasks.worksheet.layout import (
    HEAD,
    LOCKED,
    OPEN,
    ROWS,
    STAFF_OUTCOMES,
    TITLE_ROW,
    banner,
    cell_text,
    printable,
    worksheet_name,
)
from tasks.worksheet.pairs import PAIRS, pairs_sheet

if TYPE_CHECKING:
    import xlsxwriter

WIDTHS = (12, 14, 19, 38, 12, 34, 16, 62, 16, 18, 30, 40)
COMPARED = ("nama_lgkp", "tgl_lhr", "jenis_klmin", "no_kk", "nama_lgkp_ibu", "nama_lgkp_ayah", "stat_hbkel",
            "stat_kwn", "alamat", "no_kec", "no_kel")  # fmt: skip
# Nothing from data becomes live: no formulas, no links, no numbers out of NIKs.
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

_DIFFERENCES = " union all ".join(
    f"""select o.row_id, '{name.upper()}' as element, {as_text("r", name)} as received, {as_text("p", name)} as held
    from shown o join extract_rows r using (agenda, row_id) join identities i using (agenda, row_id)
    join penduduk p on p.resident_id = i.resident_id where {as_text("r", name)} is distinct from {as_text("p", name)}"""
    for name in COMPARED
)

_CAUSES = """
select c.row_id, f.file_no || ' / ' || r.line_no, r.nama_lgkp, c.rank::varchar, c.element, c.value, c.source,
  len(c.resolves)::varchar, array_to_string(c.resolves, ' '), array_to_string(c.raises, ' ')
from shown o join root_causes c using (agenda, row_id) join extract_rows r using (agenda, row_id)
join files f using (agenda, file_no) order by c.row_id, c.rank
"""


def write_worksheet(con: duckdb.DuckDBPyConnection, office: Office, agenda: str, round_no: int) -> Path:
    """Writes the worksheet of a drafted round to the desk; an existing one (perhaps half filled) is kept."""
    import xlsxwriter

    path = office.desk / worksheet_name(agenda, round_no)
    if path.exists():
        return path
    key = [agenda, round_no]
    rows = con.execute(ROWS, key).fetchall()
    wanted = f"agenda = ? and round = ? and (needs_person or cause = '{BY_STAFF}')"
    shown = f"with shown as (select * from outcomes where {wanted}) "
    differences = con.execute(f"{shown} select * from ({_DIFFERENCES}) order by row_id, element", key).fetchall()
    causes = [
        (*row[:4], f"{label(row[4])} ({row[4].upper()})", *row[5:])
        for row in con.execute(shown + _CAUSES, key).fetchall()
    ]
    beside = path.with_suffix(".baru")
    with xlsxwriter.Workbook(beside, SAFE) as book:
        _main_sheet(book, banner(agenda, round_no), rows)
        _look_up(book, "Data Kantor", ("KUNCI", "ELEMEN", "NILAI BERKAS", "NILAI KANTOR"), differences)
        heads = ("KUNCI", "BARIS", "NAMA", "URUTAN", "BILA INI", "MENJADI", "MENURUT", "TEMUAN HILANG", "YAITU",
                 "TEMUAN BARU")  # fmt: skip
        _look_up(book, "Akar Masalah", heads, causes)
        pairs_sheet(book, con, shown + PAIRS, key)
        guide = [_code(con, agenda, round_no), *_guide()]
        _look_up(book, "Petunjuk", ("KODE", "ARTI", "PENJELASAN", "YANG DILAKUKAN"), guide)
    beside.chmod(PRIVATE_FILE)
    beside.rename(path)
    return path


def _main_sheet(book: "xlsxwriter.Workbook", title: str, rows: list[Any]) -> None:
    sheet = book.add_worksheet("Lembar Kerja")
    text, ours = (
        book.add_format({"num_format": "@", "locked": False}),
        book.add_format({"bg_color": "#EEEEEE"}),
    )
    bold = book.add_format(HEAD)
    sheet.write_string(0, 0, title)
    sheet.write_row(TITLE_ROW, 0, (*LOCKED, *OPEN), bold)
    for at, row in enumerate(rows, start=TITLE_ROW + 1):
        for column, value in enumerate(row):
            sheet.write_string(at, column, cell_text(value), ours)
    last = TITLE_ROW + max(len(rows), 1)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width, text if column >= len(LOCKED) else None)
    choices = {"validate": "list", "source": list(STAFF_OUTCOMES)}
    sheet.data_validation(TITLE_ROW + 1, len(LOCKED), last, len(LOCKED), choices)
    sheet.freeze_panes(TITLE_ROW + 1, 1)
    sheet.autofilter(TITLE_ROW, 0, last, len(WIDTHS) - 1)
    printable(sheet, TITLE_ROW)
    sheet.protect(options={"autofilter": True, "sort": True, "format_columns": True})


def _look_up(book: "xlsxwriter.Workbook", name: str, titles: tuple[str, ...], rows: list[Any]) -> None:
    """A sheet to read, filter and print; it is not read back."""
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, titles, book.add_format(HEAD))
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write_string(at, column, cell_text("" if value is None else str(value)))
    sheet.set_column(0, len(titles) - 1, 28)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(titles) - 1)
    printable(sheet, 0)


def _code(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> tuple[str, str, str, str]:
    """The kode berkas that Staff retypes when submitting: of the draft this sheet was made from."""
    done = finished(con, agenda)
    plan = done.get(("draft", round_no)) or done["propose", round_no]
    return ("KODE BERKAS", file_code(plan["digest"]), f"agenda {agenda}, ronde {round_no}", "ketik saat mengajukan")


def _guide() -> list[tuple[str, str, str, str]]:
    """Outcomes, rules, and the codes Staff may have to write."""
    outcomes = [(outcome.value, "hasil", MEANINGS[outcome], "") for outcome in Outcome]
    rules = [
        (
            rule.code,
            filled(rule.title),
            filled(rule.explanation),
            f"{filled(rule.what_to_do)} ({WHO_RESOLVES[rule.resolution]})",
        )
        for rule in RULES
    ]
    columns = ("jenis_klmin", "stat_kwn", "stat_hbkel")
    coded = [(f"{c.upper()} = {code}", name, "kode SIAK", "") for c in columns for code, name in labels(c).items()]
    return [*outcomes, *rules, *coded]
