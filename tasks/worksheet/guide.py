"""What Staff looks things up in: the register's values beside the received ones, and what words and codes mean."""

from typing import TYPE_CHECKING

import duckdb
import polars as pl

from expectations.codes import CODED, labels
from expectations.outcomes import DOCUMENTS, EVENTS, MEANINGS, Outcome
from expectations.rules import RULES, WHO_RESOLVES
from expectations.thresholds import filled
from tasks.approvals.case import file_code
from tasks.propose.corrections import as_text
from tasks.workbooks import as_cells
from tasks.worksheet.cells import calm, write_row
from tasks.worksheet.content import SHOWN
from tasks.worksheet.layout import HEAD, printable

if TYPE_CHECKING:
    import xlsxwriter

REGISTER, GUIDE = "Data Kantor", "Petunjuk"
COMPARED = ("nama_lgkp", "tgl_lhr", "jenis_klmin", "no_kk", "nama_lgkp_ibu", "nama_lgkp_ayah", "stat_hbkel",
            "stat_kwn", "alamat", "no_kec", "no_kel")  # fmt: skip
_DIFFERENCES = " union all ".join(
    f"""select o.row_id, '{name.upper()}' as element, {as_text("r", name)} as received, {as_text("p", name)} as held
    from shown o join extract_rows r using (agenda, row_id) join identities i using (agenda, row_id)
    join penduduk p on p.resident_id = i.resident_id where {as_text("r", name)} is distinct from {as_text("p", name)}"""
    for name in COMPARED
)
OF_STAFF = "ketik saat mengajukan; pejabat mengetik kode lain, yang tertulis pada lembar verifikasi"
COLUMNS = {"KODE": 30.0, "ARTI": 36, "PENJELASAN": 62, "YANG DILAKUKAN": 62}


def register_sheet(book: "xlsxwriter.Workbook", con: duckdb.DuckDBPyConnection, about: tuple[str, int]) -> None:
    """Where file and register differ, for the rows on the sheet."""
    found = con.execute(
        f"{SHOWN} select row_id::varchar, element, received, held from ({_DIFFERENCES}) order by row_id, element",
        {"agenda": about[0], "round": about[1]},
    ).pl()
    heads = {"KUNCI": 12.0, "ELEMEN": 18, "NILAI BERKAS": 40, "NILAI KANTOR": 40}
    _look_up(book, REGISTER, heads, as_cells(found))


def guide_sheet(book: "xlsxwriter.Workbook", digest: str, about: tuple[str, int]) -> None:
    """The kode berkas that Staff retypes when submitting, outcomes, documents, rules, and the codes they may write."""
    agenda, round_no = about
    code = ("KODE BERKAS STAFF", file_code(digest), f"agenda {agenda}, ronde {round_no}", OF_STAFF)
    lines = [code, *_outcomes(), *_events(), *_documents(), *_rules(), *_codes()]
    _look_up(book, GUIDE, COLUMNS, pl.DataFrame(lines, schema=dict.fromkeys(COLUMNS, pl.String), orient="row"))


def _look_up(book: "xlsxwriter.Workbook", name: str, heads: dict[str, float], rows: pl.DataFrame) -> None:
    """A sheet to read, filter and print; it is not read back."""
    sheet = book.add_worksheet(name)
    head = book.add_format(HEAD)
    look = book.add_format({"font_size": 10, "valign": "top", "text_wrap": True})
    write_row(sheet, 0, ((title, head) for title in heads))
    for at, row in enumerate(rows.iter_rows(), start=1):
        write_row(sheet, at, ((value, look) for value in row))
    for column, width in enumerate(heads.values()):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(rows.height, 1), len(heads) - 1)
    calm(sheet, rows.height, len(heads) - 1)
    printable(sheet, 0)


def _outcomes() -> list[tuple[str, str, str, str]]:
    return [(outcome.value, "hasil", MEANINGS[outcome], "") for outcome in Outcome]


def _events() -> list[tuple[str, str, str, str]]:
    letter = "; isi NOMOR dan TANGGAL surat daerah itu"
    return [
        (event.name, "kejadian", event.meaning,
         f"HASIL: {', '.join(o.value for o in Outcome if o in event.outcomes)}{letter if event.letter else ''}")
        for event in EVENTS
    ]  # fmt: skip


def _documents() -> list[tuple[str, str, str, str]]:
    told = {(True, True): "isi NOMOR dan TANGGAL", (False, True): "isi TANGGAL", (False, False): "tanpa nomor"}
    return [(each.name, "dasar", "dokumen", told[each.numbered, each.dated]) for each in DOCUMENTS]


def _rules() -> list[tuple[str, str, str, str]]:
    return [
        (rule.code, filled(rule.title), filled(rule.explanation),
         f"{filled(rule.what_to_do)} ({WHO_RESOLVES[rule.resolution]})")
        for rule in RULES
    ]  # fmt: skip


def _codes() -> list[tuple[str, str, str, str]]:
    return [(f"{c.upper()} = {code}", name, "kode SIAK", "") for c in CODED for code, name in labels(c).items()]
