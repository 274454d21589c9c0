"""What goes from the store into the copy, table by table. Rows lie in the order of pseudonyms, never of people."""

import duckdb

from expectations.cases import ANSWERED
from expectations.codes import CITY
from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF
from expectations.published import BY_NAME
from tasks.publish.persons import PSEUDONYM

# What Staff typed may name people: the copy says only where it is from.
_BY_PEOPLE = {BY_STAFF: "lembar kerja Staff", REMEMBERED: REMEMBERED, ANSWERED: ANSWERED}
_WHENS = " ".join(f"when '{cause}' then '{told}'" for cause, told in _BY_PEOPLE.items())
_BASIS = f"case cause {_WHENS} else basis end as basis"

# Received rows as the copy shows them. A row that is not linked yet has no subject: it is a person of its own.
_ROWS = f"""
create temp table shown_rows as
select r.agenda, r.row_id, {PSEUDONYM.format(value="r.agenda || '/' || r.row_id")} as row_pseudonym,
  coalesce(p.orang, {PSEUDONYM.format(value="'R' || r.agenda || '/' || r.row_id")}) as orang,
  coalesce(r.no_prop || r.no_kab <> '{CITY}', false) as luar_kota,
  p.no_kec, p.no_kel, p.birth_year, p.birth_decade, p.jenis_klmin
from extract_rows r left join subjects s using (agenda, row_id) left join persons p using (subject)"""

_RECORDS = """
create temp table shown_records as
select agenda, 'B' || row_id as record_id, orang from shown_rows
union all select null, subject, orang from persons where resident"""

# Name -> (what is selected, in which order it lies).
_QUERIES: dict[str, tuple[str, str]] = {
    "berkas": ("select * from files", "agenda, file_no"),
    "batch": (
        "select *, undoes as membatalkan, undone_by as dibatalkan_oleh from applied left join undone using (agenda)",
        "agenda",
    ),
    "hasil": (
        f"""select r.*, o.round, (o.agenda, o.round) in (select (agenda, round) from applied) as disetujui, o.outcome,
          {_BASIS}, o.cause, o.needs_person from outcomes o join shown_rows r using (agenda, row_id)""",
        "agenda, round, row_pseudonym",
    ),
    "temuan": ("select r.*, f.code from findings f join shown_rows r using (agenda, row_id)", "agenda, code, orang"),
    "pasangan": (
        """select p.*, l.orang as orang_kiri, r.orang as orang_kanan from pairs p
          join shown_records l on l.record_id = p.left_id and coalesce(l.agenda, p.agenda) = p.agenda
          join shown_records r on r.record_id = p.right_id and coalesce(r.agenda, p.agenda) = p.agenda""",
        "agenda, orang_kiri, orang_kanan",
    ),
    # An undo's row is its batch's.
    "riwayat": (
        f"""select h.agenda, r.row_pseudonym, p.orang, h.element, {_BASIS}, h.written, h.written_on from history h
          join persons p on p.subject = 'P' || h.resident_id
          left join shown_rows r on r.agenda = regexp_replace(h.agenda, '-U[0-9]+$', '') and r.row_id = h.row_id""",
        "agenda, row_pseudonym, element",
    ),
    "penduduk": ("select * from persons where resident", "orang"),
    "kasus": (
        """select c.case_no as no_kasus, c.kind as jenis, p.orang, c.agenda, c.region as daerah, p.no_kec, p.no_kel,
          c.opened_on as dibuka_pada, c.due_on as tenggat, c.centre_due_on as batas_pusat, c.closed_on as ditutup_pada,
          c.closed_by as ditutup_agenda from cases c join persons p using (subject)""",
        "agenda, no_kasus",
    ),
    "rekonsiliasi": (
        """select s.agenda, d.day as diterima_pada, p.orang, s.code, s.label as keadaan, s.first_on as pertama_pada,
          s.since_on as sejak_pada, date_diff('day', s.since_on, d.day) as umur_hari, s.handled_by as ditangani_agenda,
          p.no_kec, p.no_kel
          from finding_states s join persons p using (subject) left join receipts d using (agenda)""",
        "agenda, code, orang",
    ),
    "kasus_ganda": (
        "select m.agenda, m.case_no as no_kasus, p.orang from duplicate_members m join persons p using (subject)",
        "agenda, no_kasus, orang",
    ),
    "peristiwa_ganda": (
        "select agenda, case_no as no_kasus, event as peristiwa, other as lain from duplicate_events",
        "agenda, no_kasus, peristiwa, lain",
    ),
}
_TEMPORARY = ("shown_rows", "shown_records")


def copy_tables(con: duckdb.DuckDBPyConnection, catalog: str, key: bytes) -> dict[str, int]:
    """Fills the store's part of the copy in the attached ``catalog``; returns {table: rows}.

    Needs temp tables ``persons`` (tasks.publish.persons) and ``receipts`` (agenda, day); ``key``: of the pseudonyms.
    """
    drop_rows(con)
    con.execute(_ROWS, {"key": key.hex()})
    con.execute(_RECORDS)
    counts = {}
    for name, (query, order) in _QUERIES.items():
        make_table(con, name, f"{catalog}.main.")
        columns = ", ".join(column.name for column in BY_NAME[name].columns)
        con.execute(f"insert into {catalog}.main.{name} select {columns} from ({query}) order by {order}")
        counts[name] = int(con.execute(f"select count(*) from {catalog}.main.{name}").fetchall()[0][0])
    return counts


def make_table(con: duckdb.DuckDBPyConnection, name: str, place: str = "") -> None:
    """An empty table of the contract. ``place``: prefix of its name."""
    columns = ", ".join(f"{column.name} {column.kind}" for column in BY_NAME[name].columns)
    con.execute(f"create table {place}{name} ({columns})")


def drop_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Leaves nothing of it in the connection."""
    for name in _TEMPORARY:
        con.execute(f"drop table if exists temp.{name}")
