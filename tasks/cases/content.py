"""The open cases: as people see them in a list without personal data, and with their rows for the workbook."""

import hashlib

import duckdb
import polars as pl

from expectations.cases import CaseKind
from expectations.codes import CITY
from expectations.columns import DATES, STORED
from expectations.referral import regency_names
from expectations.rules import BY_CODE
from expectations.thresholds import filled
from tasks.cases.layout import BETWEEN, GIVEN, LOCKED, RELATED
from tasks.errors import Exit, Problem, UserError
from tasks.office import Office
from tasks.privacy import scrub
from tasks.workbooks import as_cells

MARK_LETTERS = 16
BLANKS = " \u00a0"

_OPEN = """select * from {} where closed_on is null and ($kind = '' or kind = $kind)
  and ($region = '' or list_contains(string_split(region, ' '), $region)) order by opened_on, agenda, row_id"""


def _text(name: str) -> str:
    if name == "tgl_lhr":
        return "r.tgl_lhr_raw"  # as it came: read again, it is the same day or none
    return f"strftime(r.{name}, '%Y-%m-%d')" if name in DATES else f"r.{name}"


# A region's letter has one line per person (tasks.lists.referral): the halves of a pair are told together there.
_RELATED = f"""
open_now as materialized (select * from cases where closed_on is null),
far as (
  select case_no, agenda, row_id, subject, string_split(region, ' ') as regions from open_now
  where kind = '{CaseKind.OTHER_REGION}' and region <> ''),
persons as (
  select distinct f.case_no, f.agenda, f.row_id, f.regions, coalesce(k.cluster_id, i.record_id) as person
  from far f join subjects s on s.agenda = f.agenda and s.subject = f.subject
  join identities i on i.agenda = s.agenda and i.row_id = s.row_id
  left join clusters k on k.agenda = i.agenda and k.record_id = i.record_id),
couples as (
  select distinct one.case_no, other.case_no as other, other.row_id from persons one
  join persons other using (agenda, person)
  where one.case_no <> other.case_no and list_has_any(one.regions, other.regions)),
related as (select case_no, string_agg(other, '{BETWEEN}' order by row_id) as others from couples group by case_no)"""

# A reason is a finding of the row, or what it was postponed for: the model's doubt about a pair is no finding.
_ROWS = f"""
with {_RELATED},
reasons as (
  select agenda, row_id, code from findings union select o.agenda, o.row_id, unnest(string_split(o.cause, ' '))
  from outcomes o join applied a on a.agenda = o.agenda and a.round = o.round)
select c.case_no as "KASUS", c.kind as "JENIS", c.region as "DAERAH",
  coalesce(n.others, '') as "{RELATED}", c.opened_on::varchar as "DIBUKA",
  c.due_on::varchar as "TENGGAT", c.centre_due_on::varchar as "BATAS PUSAT", c.agenda as case_agenda,
  c.row_id as case_row,
  array_to_string(list_filter({list(STORED)}, lambda c: f.columns is null or list_contains(f.columns, c)), ' ')
    as "{GIVEN}", coalesce(r.no_prop || r.no_kab <> '{CITY}', true) as outside,
  (select list(x.code order by x.code) from reasons x where x.agenda = c.agenda and x.row_id = c.row_id
    and x.code in {tuple(BY_CODE)}) as codes,
  {", ".join(f'{_text(name)} as "{name.upper()}"' for name in STORED)}
from ({_OPEN.format("open_now")}) c join extract_rows r on r.agenda = c.agenda and r.row_id = c.row_id
join files f on f.agenda = r.agenda and f.file_no = r.file_no left join related n on n.case_no = c.case_no
order by c.opened_on, c.agenda, c.row_id
"""


def listed(con: duckdb.DuckDBPyConnection, kind: str = "", region: str = "") -> pl.DataFrame:
    """The open cases, oldest first: the columns of view ``cases`` (``kind``, ``region``: only these; "" is all)."""
    return con.execute(_OPEN.format("cases"), {"kind": kind, "region": region}).pl()


def open_rows(con: duckdb.DuckDBPyConnection, kind: str = "", region: str = "") -> pl.DataFrame:
    """One line per open case: LOCKED as the workbook's texts, case_agenda String, case_row Int64, outside Boolean.

    The row is the one that opened the case, as received; KOLOM: the contract columns that its file told, all of them
    for a file without record of its columns. KASUS TERKAIT: the other open cases of the same person (by the linking of
    the batch that opened them) that the same region is asked about, whatever ``kind`` and ``region`` choose.
    """
    rows = con.execute(_ROWS, {"kind": kind, "region": region}).pl()
    titles = {code: f"{filled(rule.title)} ({code})" for code, rule in BY_CODE.items()}
    words = pl.element().replace_strict(titles, default=pl.element(), return_dtype=pl.String)
    made = rows.with_columns(pl.col("codes").list.eval(words).list.join("\n").alias("ALASAN"))
    return plain(as_cells(made.select(*LOCKED, "case_agenda", "case_row", "outside")))


def known_region(con: duckdb.DuckDBPyConnection, told: str) -> str:
    """The four digits of a regency as the cases name it, "" for all: ``35.15`` is ``3515``. Raises UserError (USAGE).

    A code that no list of regencies has is taken where an open case has it: extracts tell such codes.
    """
    code = told.strip().replace(".", "")
    if code in ("", *regency_names()) or not listed(con, region=code).is_empty():
        return code
    received = f"{scrub(told)} bukan kode kabupaten/kota"
    allowed = "empat angka kode kabupaten/kota, misalnya 3515"
    raise UserError(Exit.USAGE, Problem("--daerah", received, allowed, "lihat kolom DAERAH pada: sinkron cases"))


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Received texts on one line and without blanks at their ends, as a cell gives them back."""
    lines = pl.col(*(name for name in LOCKED if name in frame.columns and name != "ALASAN"))
    return frame.with_columns(
        lines.str.replace_all(r"[\r\n\t]+", " ").str.strip_chars(BLANKS), pl.col("ALASAN").str.strip_chars(BLANKS)
    )


def mark_of(office: Office) -> str:
    """By which an office knows its own workbooks; from the office key, and tells nothing of it."""
    return hashlib.sha256(office.key("kasus")).hexdigest()[:MARK_LETTERS]
