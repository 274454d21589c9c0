"""What is true of one round, for whoever shows it: the Prefect page and the papers read the same facts here. Masked.

``about`` is (agenda, round) everywhere.
"""

import sqlite3
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from expectations.codes import CODED, labels
from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF, VERDICTS, Outcome
from tasks.approvals.people import people
from tasks.documents.followed import clock_starts
from tasks.documents.words import one_line, wib_time
from tasks.errors import DigestMismatchError
from tasks.ledger import Kind, entries
from tasks.office import WIB, Office
from tasks.privacy import label, mask, mask_basis, mask_nik
from tasks.propose.changeset import digest

RISKIEST = 5
REPLY_DAYS = 60  # the centre's deadline (Ditjen SOP 7.4.3.3, 2011)
# What can hurt a person most comes first.
RISK = """case element when 'usulan' then 0 when 'tgl_lhr' then 1 when 'jenis_klmin' then 2 when 'nama_lgkp' then 3
  when 'no_kk' then 4 else 5 end"""
WRITES = "(c.resident_id is not null and c.register_value is distinct from c.after)"
CATEGORIES = {
    "ANM-NIK": "NIK", "ANM-KK": "Nomor KK", "ANM-NAM": "Nama", "ANM-TGL": "Tanggal lahir", "ANM-KEL": "Keluarga",
    "ANM-HUB": "Hubungan", "ANM-KWN": "Perkawinan", "ANM-KOD": "Kode", "ANM-WIL": "Wilayah", "ANM-ALM": "Alamat",
    "ANM-HDP": "Rekam KTP-el", "GND": "Ganda biometrik", "-": "Tanpa temuan",
}  # fmt: skip
About = tuple[str, int]


@dataclass(frozen=True)
class Clock:
    """The centre's deadline. ``received``: on the office's clock; ``left``: days from the asked day to ``deadline``."""

    received: datetime
    deadline: date
    left: int


@dataclass(frozen=True)
class Risks:
    """Duplicates and items to look at twice: rows or NIKs, whole numbers.

    ``matches``, ``possible``, ``twins``: pairs by band; ``clusters``: groups of records taken for one person;
    ``shared``: NIKs on two KK; ``aged``: rows over 100 years; ``by_hand``: rows Staff decided; ``open_rows``: rows a
    person should still look at; ``answers``: Staff's answer about a pair -> how many pairs; ``remembered``,
    ``reopened``: rows whose earlier decision is proposed again, or is not because its facts changed.
    """

    matches: int
    possible: int
    twins: int
    clusters: int
    shared: int
    aged: int
    by_hand: int
    open_rows: int
    answers: dict[str, int]
    remembered: int = 0
    reopened: int = 0

    @property
    def earlier(self) -> dict[str, int]:
        """What became of earlier decisions, in words -> rows; empty when there are none about this batch's people."""
        counts = {"keputusan terdahulu diusulkan lagi": self.remembered, "dibuka lagi karena berubah": self.reopened}
        return counts if any(counts.values()) else {}


@dataclass(frozen=True)
class Change:
    """One element of one person. ``sent``: by the centre, ``held``: in the register, ``after``: approved value.

    ``writes``: false when the register was right already and only the centre's copy is wrong.
    """

    nik: str
    element: str
    sent: str
    held: str
    after: str
    basis: str
    writes: bool


def check_same(con: duckdb.DuckDBPyConnection, about: About, signed: str) -> None:
    """Raises DigestMismatchError when the stored change-set is not the one that is signed: no paper tells of it."""
    if digest(con, *about) != signed:
        raise DigestMismatchError(f"isi usulan {about[0]} bukan yang diajukan; tidak ada lembar yang dibuat")


def clock(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, agenda: str, now: datetime) -> Clock:
    """Days left to answer the centre: calendar days of the office from the day of receipt.

    Answers to cases give no new days: theirs run from the earliest receipt that they follow up.
    """
    received = wib_time(entries(ledger, agenda, Kind.RECEIVED)[0].at)
    deadline = clock_starts(con, ledger, agenda).date() + timedelta(days=REPLY_DAYS)
    return Clock(received, deadline, (deadline - now.astimezone(WIB).date()).days)


def categories(con: duckdb.DuckDBPyConnection, about: About) -> list[tuple[str, dict[str, int]]]:
    """Category of finding -> rows per outcome, categories without rows left out. A row can be in several."""
    rows = con.execute(
        """
        select coalesce(regexp_extract(f.code, '^(ANM-[A-Z]+|GND)'), '-') as category, o.outcome,
          count(distinct o.row_id)::int as n
        from outcomes o left join findings f using (agenda, row_id)
        where o.agenda = ? and o.round = ? group by 1, 2""",
        [*about],
    ).fetchall()
    counts = {(category, outcome): n for category, outcome, n in rows}
    told = [(name, {o.value: counts.get((key, o.value), 0) for o in Outcome}) for key, name in CATEGORIES.items()]
    return [(name, per_outcome) for name, per_outcome in told if any(per_outcome.values())]


def risks(con: duckdb.DuckDBPyConnection, about: About, found: dict[str, int]) -> Risks:
    """Duplicates, risky items, and what Staff decided by hand. ``found``: the summary of the step ``resolve``."""
    shared, aged, by_hand, open_rows, remembered, reopened = con.execute(
        """select
          (select count(*) from (select nik from extract_rows where agenda = ?1 and nik_shape(nik)
             group by nik having count(distinct no_kk) > 1)),
          (select count(distinct row_id) from findings where agenda = ?1 and code in ('ANM-TGL-04', 'ANM-TGL-05')),
          count(*) filter (cause = ?3), count(*) filter (needs_person), count(*) filter (cause = ?4),
          count(*) filter (row_id in (select row_id from reopened where agenda = ?1))
        from outcomes where agenda = ?1 and round = ?2""",
        [*about, BY_STAFF, REMEMBERED],
    ).fetchall()[0]
    counted = "select verdict, count(*) from pair_answers where agenda = ? and round = ? group by 1"
    answered = dict(con.execute(counted, [*about]).fetchall())
    pairs = (found["cocok"], found["mungkin"], found["kembar"], found["clusters"])
    answers = {verdict: answered.get(verdict, 0) for verdict in VERDICTS}
    return Risks(*pairs, shared, aged, by_hand, open_rows, answers, remembered, reopened)


def deactivations(con: duckdb.DuckDBPyConnection, about: About) -> tuple[int, list[tuple[str, str]]]:
    """How many NIKs are proposed to be switched off, and the first RISKIEST of them: (masked NIK, basis)."""
    rows = con.execute(
        """select coalesce(p.nik, r.nik), o.basis, o.cause from outcomes o
        join extract_rows r using (agenda, row_id) left join penduduk p on p.resident_id = o.resident_id
        where o.agenda = ? and o.round = ? and o.outcome = ? order by o.row_id limit ?""",
        [*about, Outcome.DEACTIVATION.value, RISKIEST],
    ).fetchall()
    # Counted apart: DuckDB 1.5.5 failed once on a window with a limit ("vector of size 0").
    counted = "select count(*) from outcomes where agenda = ? and round = ? and outcome = ?"
    total = con.execute(counted, [*about, Outcome.DEACTIVATION.value]).fetchall()[0][0]
    return total, [(mask_nik(nik), one_line(mask_basis(basis, cause))) for nik, basis, cause in rows]


def elements(con: duckdb.DuckDBPyConnection, about: About) -> list[tuple[str, int, int]]:
    """(element as people read it, values written to the register, values the register had right), most first."""
    rows = con.execute(
        f"""select element, count(*) filter ({WRITES}), count(*) filter (not {WRITES}) from changes c
        where agenda = ? and round = ? group by element order by 2 desc, {RISK}, element""",
        [*about],
    ).fetchall()
    return [(label(element), writes, right) for element, writes, right in rows]


def changes(con: duckdb.DuckDBPyConnection, about: About, limit: int) -> list[Change]:
    """The first changes of the change-set, riskiest first, masked."""
    return [
        Change(
            mask_nik(nik), label(element), _told_value(element, sent), _told_value(element, held),
            _told_value(element, after), one_line(mask_basis(basis, cause)), bool(writes),
        )
        for nik, _, _, element, sent, held, after, basis, cause, writes in change_rows(con, about, limit)
    ]  # fmt: skip


def change_rows(con: duckdb.DuckDBPyConnection, about: About, limit: int) -> list[tuple[Any, ...]]:
    """Unmasked (nik, name, row_id, element, sent, held, after, basis, cause, writes), in the order of ``changes``.

    The name is the centre's: it stays what it was whatever is written later. Of an undo the rows and people are those
    of the batch it takes back: its row numbers are that batch's.
    """
    return con.execute(
        f"""
        select coalesce(p.nik, r.nik), r.nama_lgkp, c.row_id, c.element, c.before,
          c.register_value, c.after, c.basis, c.cause, {WRITES}
        from changes c left join penduduk p on p.resident_id = c.resident_id
          left join extract_rows r on r.agenda = split_part(c.agenda, '-U', 1) and r.row_id = c.row_id
        where c.agenda = ? and c.round = ?
        order by not {WRITES}, {RISK}, c.row_id, c.element limit ?""",
        [*about, limit],
    ).fetchall()


def _told_value(element: str, value: str | None) -> str:
    """Masked, on one line; a code as its word."""
    word = labels(element).get(value or "") if element in CODED else None
    return word or one_line(mask(element, value))


def office_facts(office: Office, ledger: sqlite3.Connection) -> dict[str, Any]:
    """What every paper bears: the letterhead, and whether this is a demo office."""
    return {"kop": asdict(office.settings.kop), "demo": is_demo(ledger)}


def is_demo(ledger: sqlite3.Connection) -> bool:
    """Whether any registered person is a fictional one of the demo."""
    return any(person.demo for person in people(ledger).values())
