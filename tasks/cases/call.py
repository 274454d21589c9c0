"""Surat panggilan: whoever the office waits for is called, one page per person, with what to bring and by when."""

import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import Any

import duckdb
import polars as pl

from expectations.cases import (
    ALWAYS_BRING,
    ASKED,
    BRING,
    OTHERWISE,
    RECORDING,
    RECORDING_BRINGS,
    CaseKind,
)
from expectations.codes import CITY, regions
from expectations.rules import BY_CODE
from tasks.cases.view import case_number
from tasks.cases.waits import JUDGED, OF_BATCH, THEN, in_city, waits
from tasks.documents.issue import Document
from tasks.documents.render import render
from tasks.documents.words import long_date
from tasks.lists.batch import Batch, written_batch
from tasks.lists.correspondence import common_facts
from tasks.office import Office
from tasks.privacy import label

IF = ", bila "  # how a document is asked for under a condition
ADULT = 17  # years: below, the letter goes to the parents (KTP-el age, UU 24/2013 art. 63)
# What a resident can show; what the centre, a region or the biometrics decide is not asked of them.
SHOWN = [code for code in JUDGED if code in ASKED or BY_CODE[code].corrects]

# Who waits is what the cases say (tasks.cases.waits), as it stood when this batch was written. The address is the
# received one: the register's own may change at the counter, and the letter could not be made again byte for byte. An
# answered row is called for what its case was opened for.
_CALLED = f"""
with recursive {waits(THEN, OF_BATCH)},
people as (
  select x.subject, x.row_id, d.due_on, f.agenda as first_agenda, f.row_id as first_row
  from due d join steps_of x using (subject, kind, stretch, place)
  join steps_of f on f.subject = x.subject and f.kind = x.kind and f.stretch = x.stretch and f.place = 1
  where x.agenda = $agenda and x.kind = '{CaseKind.RESIDENT}' and d.called),
bearing as (  -- the rows that wait, and those of the cases they answer
  select subject, agenda, row_id from ended where agenda = $agenda and kind = '{CaseKind.RESIDENT}'
  union select e.subject, c.case_agenda, c.case_row from ended e join case_answers c using (agenda, row_id)
    where e.agenda = $agenda and e.kind = '{CaseKind.RESIDENT}'),
found as (
  select subject, list(distinct code order by code) as codes from bearing join findings using (agenda, row_id)
  where code in {tuple(SHOWN)} group by subject)
select p.due_on, coalesce(f.codes, []) as codes, {case_number("p.first_agenda", "p.first_row")} as case_no,
  coalesce(r.nama_lgkp, '') as name, r.tgl_lhr as born, coalesce(r.alamat, '') as address,
  coalesce(r.no_rt, '') as rt, coalesce(r.no_rw, '') as rw, '{CITY}' || r.no_kec as district,
  '{CITY}' || r.no_kec || r.no_kel as village, coalesce(r.kec_name, '') as district_told,
  coalesce(r.kel_name, '') as village_told
from people p join extract_rows r on r.agenda = $agenda and r.row_id = p.row_id left join found f using (subject)
where {in_city("r")} order by p.row_id
"""


def call_letters(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> list[Document]:
    """``surat-panggilan-<agenda>.pdf`` of a written batch, unmasked; none when it calls nobody.

    One page per resident of the city whose case of kind pemohon this batch opened, whose announced day had passed, or
    of whom Staff wrote that they stayed away: name, received address, what is matched, what to bring, and the case's
    day. Nobody gets a second letter while the announced day lies ahead. Raises as ``written_batch`` does.
    """
    batch = written_batch(ledger, agenda)
    if batch is None:
        return []
    called = con.execute(_CALLED, {"agenda": agenda}).pl()
    if called.is_empty():
        return []
    facts = common_facts(ledger, office, batch) | {"people": _people(batch, called)}
    facts["foot"] = f"Agenda {agenda}. Surat ini memuat data pribadi: serahkan hanya kepada yang dituju."
    return [Document(f"surat-panggilan-{agenda}.pdf", render("surat-panggilan", facts, batch.written_at), masked=False)]


def _people(batch: Batch, called: pl.DataFrame) -> list[dict[str, Any]]:
    """What each page says. A place without a known code is told as the file wrote it: the letter must arrive."""
    day = batch.written_at.date()
    villages, districts = regions("kelurahan"), regions("kecamatan")
    return [
        {
            "case": row["case_no"], "name": row["name"], "parents": _is_child(row["born"], day),
            "address": row["address"], "rt": row["rt"], "rw": row["rw"],
            "village": villages.get(row["village"], row["village_told"]).title(),
            "district": districts.get(row["district"], row["district_told"]).title(),
            "due": long_date(row["due_on"]), **_asked(row["codes"]),
        }
        for row in called.iter_rows(named=True)
    ]  # fmt: skip


def _is_child(born: date | None, day: date) -> bool:
    return born is not None and (day.year - born.year, day.month, day.day) < (ADULT, born.month, born.day)


def _asked(codes: list[str]) -> dict[str, Any]:
    """What is matched and what to bring. ``recorded``: False for whoever must come to be recorded in person."""
    elements = list(dict.fromkeys(element for code in codes for element in BY_CODE[code].corrects))
    matched = [(label(element), BRING[element]) for element in elements]
    matched += [ASKED[code] for code in codes if code in ASKED]
    recorded = RECORDING not in codes
    always = ALWAYS_BRING if recorded else RECORDING_BRINGS
    matched = matched or [OTHERWISE]
    bring = dict.fromkeys((*always, *(document for _, documents in matched for document in documents)))
    return {
        "data": list(dict.fromkeys(data for data, _ in matched)),
        "bring": [one for one in bring if not _asked_plainly(one, bring)],
        "recorded": recorded,
    }


def _asked_plainly(document: str, documents: Iterable[str]) -> bool:
    """Whether a document that is asked for under a condition (``..., bila ada``) is asked for without one as well."""
    name, under, _ = document.partition(IF)
    return bool(under) and name in documents
