"""What the sheet looks like: columns, their owners, and the rows that go into it. Writer and reader share it."""

import re
from typing import Any

from expectations.columns import STORED
from expectations.outcomes import BY_STAFF, FORBIDDEN_ELEMENTS, Outcome

LOCKED = ("KUNCI", "BARIS", "NIK", "NAMA", "TGL LAHIR", "TEMUAN", "USUL HASIL", "USUL DASAR")
OPEN = ("HASIL", "ELEMEN", "MENJADI", "DASAR")
EDITABLE = tuple(name.upper() for name in STORED if name not in FORBIDDEN_ELEMENTS)
STAFF_OUTCOMES = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.OTHER_REGION)
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_CELL = 32_767
HEAD = {"bold": True, "bg_color": "#D9E2F3"}
A4 = 9  # Excel's number of the paper
TITLE_ROW = 1  # zero-based row of the headings; row 0 tells batch and round

# What needs a person, and what Staff decided in an earlier round and may decide otherwise now.
ROWS = f"""
select o.row_id::varchar as "KUNCI", f.file_no || ' / ' || r.line_no as "BARIS", coalesce(r.nik, '') as "NIK",
  coalesce(r.nama_lgkp, '') as "NAMA", coalesce(r.tgl_lhr_raw, '') as "TGL LAHIR", o.cause || coalesce((
    select ' (juga ' || string_agg(v.code, ' ' order by v.code) || ')' from findings v
    where v.agenda = o.agenda and v.row_id = o.row_id and not contains(o.cause, v.code)), '') as "TEMUAN",
  o.outcome as "USUL HASIL", o.basis as "USUL DASAR"
from outcomes o join extract_rows r using (agenda, row_id) join files f using (agenda, file_no)
where o.agenda = ? and o.round = ? and (o.needs_person or o.cause = '{BY_STAFF}') order by o.row_id
"""


def worksheet_name(agenda: str, round_no: int) -> str:
    """File name of one round's worksheet on the desk (``meja/``)."""
    return f"lembar-kerja-{agenda}-r{round_no}.xlsx"


def banner(agenda: str, round_no: int) -> str:
    """Cell A1: which batch and round the sheet belongs to."""
    return f"Lembar kerja agenda {agenda} ronde {round_no}. Isi HASIL bila usulan tidak tepat; kosong = setuju usulan."


def cell_text(value: str) -> str:
    """A value as a cell can hold it: what XML 1.0 forbids becomes U+FFFD, and Excel's limit of 32,767 characters."""
    return NO_XML.sub("\ufffd", value)[:MAX_CELL]


def printable(sheet: Any, title_row: int) -> None:
    """A4 across, all columns on one page, headings repeated: a sheet that is checked on paper stays one sheet."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, title_row)
    sheet.set_footer("&L&A&R&P / &N")
