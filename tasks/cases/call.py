"""Surat panggilan: whoever's document a batch waits for is called, one page per person, with what to bring."""

import sqlite3
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl

from expectations.cases import ALWAYS_BRING, BRING, CALL_DAYS, CaseKind
from expectations.codes import CITY, regions
from expectations.outcomes import EVENTS, Outcome
from expectations.rules import BY_CODE, Resolution, Severity
from tasks.cases.view import ROWS
from tasks.documents.issue import Document
from tasks.documents.render import render
from tasks.documents.words import long_date
from tasks.lists.batch import Batch, written_batch
from tasks.lists.correspondence import common_facts
from tasks.office import Office
from tasks.privacy import label

ADULT = 17  # years: below, the letter goes to the parents (KTP-el age, UU 24/2013 art. 63)
BY_DOCUMENT = [rule.code for rule in BY_CODE.values() if rule.severity is not Severity.INFO
               and rule.resolution in (Resolution.DOC, Resolution.AUTO_PROPOSE)]  # fmt: skip
BY_BIOMETRIC = [rule.code for rule in BY_CODE.values() if rule.resolution is Resolution.BIOMETRIC]

# The address is the received one: the register's own may change at the counter, and the letter could not be made again
# byte for byte. An answered row is called for what its case was opened for.
_CALLED = f"""
with said as (select * from decisions where agenda = $agenda and round <= $round
  qualify row_number() over (partition by row_id order by round desc) = 1),
known as (
  select row_id, code from findings where agenda = $agenda
  union select c.row_id, f.code from case_answers c join findings f on f.agenda = c.case_agenda
    and f.row_id = c.case_row where c.agenda = $agenda),
found as (select row_id, list(code order by code) as codes from known group by row_id),
open as (  -- the case this batch left open, by the number it was opened under
  select c.subject, c.case_no from cases c join applied b on b.agenda = c.agenda
  left join applied z on z.agenda = c.closed_by join applied mine on mine.agenda = $agenda
  where c.kind = '{CaseKind.RESIDENT}' and b.n <= mine.n and coalesce(z.n > mine.n, true)),
waiting as (
  select o.row_id, coalesce(s.subject, o.row_id::varchar) as subject, d.until, f.codes
  from outcomes o join found f using (row_id) left join said d on d.row_id = o.row_id
  left join subjects s on s.agenda = o.agenda and s.row_id = o.row_id
  where o.agenda = $agenda and o.round = $round and o.outcome = '{Outcome.POSTPONED}'
    and list_has_any(f.codes, {BY_DOCUMENT}) and not list_has_any(f.codes, {BY_BIOMETRIC})
    and not list_has_any({BY_BIOMETRIC}, string_split(o.cause, ' '))
    and not list_contains($events, coalesce(d.event, ''))),
people as (
  select subject, min(row_id) as row_id, max(until) as until,
    list_sort(list_distinct(flatten(list(codes)))) as codes from waiting group by subject)
select p.row_id, p.until, list_filter(p.codes, lambda c: list_contains({BY_DOCUMENT}, c)) as codes,
  coalesce(x.case_no, $agenda || ' ' || p.row_id // {ROWS} || '/' || p.row_id % {ROWS}) as case_no,
  coalesce(r.nama_lgkp, '') as name, r.tgl_lhr as born, coalesce(r.alamat, '') as address,
  coalesce(r.no_rt, '') as rt, coalesce(r.no_rw, '') as rw, r.no_prop || r.no_kab || r.no_kec as district,
  r.no_prop || r.no_kab || r.no_kec || r.no_kel as village
from people p join extract_rows r on r.agenda = $agenda and r.row_id = p.row_id
left join open x on x.subject = p.subject
where r.no_prop || r.no_kab = '{CITY}' order by p.row_id
"""


def call_letters(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> list[Document]:
    """``surat-panggilan-<agenda>.pdf`` of a written batch, unmasked; none when nobody's document is waited for.

    One page per person: name, received address, the data to be matched, the documents these are usually shown by, and
    the last day: Staff's TUNDA SAMPAI, else CALL_DAYS after the writing. Raises as ``written_batch`` does.
    """
    batch = written_batch(ledger, agenda)
    if batch is None:
        return []
    key = {"agenda": agenda, "round": batch.round, "events": [event.name for event in EVENTS if event.letter]}
    called = con.execute(_CALLED, key).pl()
    if called.is_empty():
        return []
    facts = common_facts(ledger, office, batch) | {"people": _people(batch, called)}
    facts["foot"] = f"Agenda {agenda}. Surat ini memuat data pribadi: serahkan hanya kepada yang dituju."
    return [Document(f"surat-panggilan-{agenda}.pdf", render("surat-panggilan", facts, batch.written_at), masked=False)]


def _people(batch: Batch, called: pl.DataFrame) -> list[dict[str, Any]]:
    """What each page says."""
    day = batch.written_at.date()
    villages, districts = regions("kelurahan"), regions("kecamatan")
    return [
        {
            "case": row["case_no"], "name": row["name"], "parents": _is_child(row["born"], day),
            "address": row["address"], "rt": row["rt"], "rw": row["rw"],
            "village": villages.get(row["village"], "").title(), "district": districts.get(row["district"], "").title(),
            "due": long_date(row["until"] or day + timedelta(days=CALL_DAYS)),
            **_asked(row["codes"]),
        }
        for row in called.iter_rows(named=True)
    ]  # fmt: skip


def _is_child(born: date | None, day: date) -> bool:
    return born is not None and (day.year - born.year, day.month, day.day) < (ADULT, born.month, born.day)


def _asked(codes: list[str]) -> dict[str, list[str]]:
    """Which data are to be matched, and what to bring for them."""
    elements = list(dict.fromkeys(element for code in codes for element in BY_CODE[code].corrects))
    brought = dict.fromkeys(document for element in elements for document in BRING.get(element, ()))
    return {
        "data": [label(element) for element in elements] or ["biodata dan susunan keluarga"],
        "bring": [*ALWAYS_BRING, *(brought or {"dokumen lain yang mendukung": None})],
    }
