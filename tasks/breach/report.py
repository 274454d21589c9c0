"""The incident in the ledger, the sealed list of persons, and the draft of the notice.

The entry comes first and gives number and time; both files bear its time, so the same incident gives the same bytes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from expectations.approvals import CHAIN, MandateKind
from expectations.columns import Privacy
from tasks.approvals.people import people
from tasks.breach.clock import due_at
from tasks.breach.persons import affected, by_village, unread_lines
from tasks.breach.scope import Scope, kinds_of
from tasks.documents.annex import PURPOSE, annex_password
from tasks.documents.facts import office_facts
from tasks.documents.issue import Document, issue
from tasks.documents.render import render
from tasks.documents.sealed_workbook import seal
from tasks.documents.words import long_date, number
from tasks.ledger import Entry, Kind, LedgerConnection, append, entries, utc, writing
from tasks.lists.files import Sheet, as_xlsx
from tasks.office import WIB, Office

ROWS_PER_SHEET = 500_000  # a sheet of Excel holds 1,048,576, and what is beyond is dropped without a word
KINDS = {
    Privacy.DIRECT: "langsung menunjuk orangnya",
    Privacy.SPECIFIC: "bersifat spesifik (UU 27/2022 ps. 4(2))",
    Privacy.INDIRECT: "lainnya tentang orang itu",
}


@dataclass(frozen=True)
class Incident:
    """What the operator tells. ``found``: aware; ``how``, ``handling``: for the notice, "" = dots to be filled in."""

    scope: Scope
    found: datetime
    how: str = ""
    handling: str = ""


@dataclass(frozen=True)
class Report:
    """``number``: INS-2026-0001; ``facts``: of its entry; ``files``: names in ``outbox/<number>/``."""

    number: str
    facts: dict[str, Any]
    files: tuple[str, ...]
    villages: pl.DataFrame


@dataclass(frozen=True)
class Found:
    """What the store says: ``persons`` as of ``affected``, ``unread`` lines."""

    persons: pl.DataFrame
    unread: int


def gather(con: duckdb.DuckDBPyConnection, incident: Incident) -> Found:
    """Reads the store, which others wait for, and lets go of it. Raises UserError (USAGE) as ``affected`` does."""
    day = incident.found.date().isoformat()
    return Found(affected(con, incident.scope, day), unread_lines(con, incident.scope))


def report(ledger: LedgerConnection, office: Office, incident: Incident, about: tuple[Found, datetime]) -> Report:
    """Records the incident (again: nothing new) and puts out both files. ``about``: (what the store says, now).

    Raises UserError (OFFICE) when the disk is full.
    """
    (found, now), persons = about, about[0].persons
    kinds = kinds_of(ledger, incident.scope)
    facts = _facts(incident) | {
        "persons": persons.height, "children": int(persons["child"].sum()), "unread": found.unread,
        "kinds": {kind.value: labels for kind, labels in kinds.items()},
    }  # fmt: skip
    entry = _entered(ledger, facts, now)
    made = [_list(office, entry, persons), _notice(ledger, office, entry, (incident, persons))]
    for document in made:
        issue(office, ledger, (entry.batch, now), document)
    return Report(entry.batch, entry.payload, tuple(document.name for document in made), by_village(persons))


def _facts(incident: Incident) -> dict[str, Any]:
    """What tells one incident from another."""
    scope = incident.scope
    return {"parts": [list(part) for part in scope.parts], "register": scope.register, "file": scope.file,
            "found_at": utc(incident.found), "due_at": utc(due_at(incident.found))}  # fmt: skip


def _entered(ledger: LedgerConnection, facts: dict[str, Any], now: datetime) -> Entry:
    """The newest entry of this incident when it says the same, else a new one: of a known incident under its number."""
    with writing(ledger):
        known = entries(ledger, kind=Kind.BREACH)
        same = [one for one in known if all(one.payload[name] == facts[name] for name in ("parts", "register", "file",
                                                                                       "found_at"))]  # fmt: skip
        if not same or same[-1].payload != facts:
            year = now.astimezone(WIB).year
            taken = {one.batch for one in known if one.batch.startswith(f"INS-{year}-")}
            batch = same[-1].batch if same else f"INS-{year}-{len(taken) + 1:04d}"
            append(ledger, now, (Kind.BREACH, batch, "sinkron"), facts)
            return entries(ledger, batch, Kind.BREACH)[-1]
        return same[-1]


def _made_at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.at).astimezone(WIB)


def _list(office: Office, entry: Entry, persons: pl.DataFrame) -> Document:
    """The persons, how many in each kelurahan, and what of them: XLSX that opens with ``annex_password`` alone."""
    numbered = persons.select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("NO"), pl.col("nik").alias("NIK"),
        pl.col("name").alias("NAMA"), pl.col("village").alias("KELURAHAN"),
        pl.when("child").then(pl.lit("anak")).otherwise(pl.lit("")).alias("ANAK"), pl.col("source").alias("ASAL"),
        pl.col("agenda").alias("AGENDA"),
    )  # fmt: skip
    villages = by_village(persons).select(
        pl.col("village").alias("KELURAHAN"), pl.col("len").cast(pl.String).alias("ORANG")
    )
    data = [(KINDS[Privacy(kind)], label) for kind, labels in entry.payload["kinds"].items() for label in labels]
    kinds = pl.DataFrame(data, schema={"SIFAT": pl.String, "DATA": pl.String}, orient="row")
    parts = list(numbered.iter_slices(ROWS_PER_SHEET)) or [numbered]
    titles = ["Orang", *(f"Orang {at}" for at in range(2, len(parts) + 1))]
    people = [Sheet(title, part, key=3) for title, part in zip(titles, parts, strict=True)]
    sheets = (*people, Sheet("Kelurahan", villages), Sheet("Jenis data", kinds))
    content = as_xlsx(f"Orang terdampak {entry.batch}", sheets, _made_at(entry))
    sealed = seal(content, annex_password(office, entry.batch), (office.key(PURPOSE), _made_at(entry)))
    return Document(f"orang-terdampak-{entry.batch}.xlsx", sealed, masked=False)


def _notice(
    ledger: LedgerConnection, office: Office, entry: Entry, about: tuple[Incident, pl.DataFrame]
) -> Document:  # fmt: skip
    """The draft: to the authority, and to a person; counts, no names, but what the office typed may bear some."""
    (incident, persons), facts, kop = about, entry.payload, office.settings.kop
    told = office_facts(office, ledger) | {
        "number": entry.batch, "agenda": entry.batch, "date": f"{kop.kota}, {long_date(_made_at(entry).date())}",
        "found": _moment(incident.found), "due": _moment(due_at(incident.found)), "how": incident.how,
        "handling": incident.handling, "persons": number(facts["persons"]), "children": number(facts["children"]),
        "has_children": facts["children"] > 0, "unread": number(facts["unread"]), "has_unread": facts["unread"] > 0,
        "kinds": [[KINDS[Privacy(kind)], ", ".join(labels)] for kind, labels in facts["kinds"].items()],
        "villages": [[name, number(count)] for name, count in by_village(persons).iter_rows()],
        "signer": _signer(ledger, kop.kepala, _made_at(entry)),
        "foot": f"Insiden {entry.batch} - entri {entry.seq} Buku Agenda - KONSEP, belum ditandatangani.",
    }  # fmt: skip
    content = render("pemberitahuan-insiden", told, _made_at(entry))
    return Document(f"pemberitahuan-{entry.batch}.pdf", content, masked=False)


def _moment(at: datetime) -> str:
    return f"{long_date(at.astimezone(WIB).date())} pukul {at.astimezone(WIB):%H.%M} WIB"


def _signer(ledger: LedgerConnection, post: str, at: datetime) -> dict[str, str]:
    """Whoever holds the head's post that day; nobody: the name is left open."""
    role, day = CHAIN[-1].role, at.date().isoformat()
    for person in people(ledger).values():
        mandate = None if person.disabled else person.mandate(role, day)
        if mandate is not None:
            acting = "" if mandate.kind is MandateKind.DEFINITIVE else f"{mandate.kind.value.capitalize()}. "
            return {
                "post": acting + post,
                "name": person.name,
                "nip": person.nip,
                "letter": mandate.letter,
                "noted": "",
            }
    return {"post": post, "name": "." * 40, "nip": "." * 18, "letter": "", "noted": ""}
