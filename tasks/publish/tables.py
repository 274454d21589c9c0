"""What goes from the store into the copy, table by table. Rows lie in the order of pseudonyms, never of people."""

import duckdb

from expectations.cases import ANSWERED
from expectations.codes import CITY
from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF, Outcome
from expectations.published import BY_NAME, HIDDEN, K
from expectations.rules import RULES
from tasks.publish.persons import PSEUDONYM, drop_persons, make_persons

# What Staff typed may name people: the copy says only where it is from.
_BY_PEOPLE = {BY_STAFF: "lembar kerja Staff", REMEMBERED: REMEMBERED, ANSWERED: ANSWERED}
_WHENS = " ".join(f"when '{cause}' then '{told}'" for cause, told in _BY_PEOPLE.items())
_BASIS = f"case cause {_WHENS} else if(cause in (select code from rare), null, basis) end as basis"

# Received rows as the copy shows them. A row that is not linked yet has no subject: it is a person of its own (lone).
_ROWS = f"""
create temp table shown_rows as
select r.agenda, r.row_id, p.id as orang_id, {PSEUDONYM.format(value="r.agenda || '/' || r.row_id")} as row_pseudonym,
  if(p.id is null, {PSEUDONYM.format(value="'R' || r.agenda || '/' || r.row_id")}, null) as orang_lone,
  coalesce(r.no_prop || r.no_kab <> '{CITY}', false) as luar_kota
from extract_rows r left join subjects s using (agenda, row_id) left join people p using (subject)"""

_RECORDS = """
create temp table shown_records as
select agenda, 'B' || row_id as record_id, orang_id, orang_lone from shown_rows
union all select null, subject, id, null from people where resident"""

# A rule that finds fewer than K people says of itself who they are: the only one of more than 120 years.
_RARE = f"""
create temp table rare as
select code from (
  select code, orang_id, orang_lone from findings join shown_rows using (agenda, row_id)
  union all select code, id, null from finding_states join people using (subject))
group by code having count(distinct coalesce(orang_id::varchar, orang_lone)) < {K}"""
_CODE = "if(code in (select code from rare), null, code) as code"


def _number(value: str) -> str:
    return PSEUDONYM.format(value=f"'K' || {value}")


# What is told of people, with <column>_id (and _lone) for each column that is a person.
_TOLD: dict[str, str] = {
    "hasil": f"""select r.* exclude (row_id), o.round,
      (o.agenda, o.round) in (select (agenda, round) from applied) as disetujui, o.outcome, {_BASIS},
      if(cause in (select code from rare), null, cause) as cause, o.needs_person
      from outcomes o join shown_rows r using (agenda, row_id)""",
    "temuan": f"select r.* exclude (row_id), {_CODE} from findings f join shown_rows r using (agenda, row_id)",
    "pasangan": """select p.agenda, round(p.weight) as weight, round(p.probability, 2) as probability, p.band, p.kind,
      p.reason, l.orang_id as orang_kiri_id, l.orang_lone as orang_kiri_lone,
      r.orang_id as orang_kanan_id, r.orang_lone as orang_kanan_lone from pairs p
      join shown_records l on l.record_id = p.left_id and coalesce(l.agenda, p.agenda) = p.agenda
      join shown_records r on r.record_id = p.right_id and coalesce(r.agenda, p.agenda) = p.agenda""",
    # An undo's row is its batch's.
    "riwayat": f"""select h.agenda, r.row_pseudonym, p.id as orang_id, h.element, {_BASIS}, h.written, h.written_on
      from history h join people p on p.subject = 'P' || h.resident_id
      left join shown_rows r on r.agenda = regexp_replace(h.agenda, '-U[0-9]+$', '') and r.row_id = h.row_id""",
    "kasus": f"""select {_number("c.case_no || ' ' || c.kind")} as no_kasus, c.kind as jenis, p.id as orang_id,
      c.agenda, c.region, c.region = '' as unasked, c.opened_on as dibuka_pada, c.due_on as tenggat,
      c.centre_due_on as batas_pusat, c.closed_on as ditutup_pada, c.closed_by as ditutup_agenda
      from shown_cases c join people p using (subject)""",
    "rekonsiliasi": f"""select s.agenda, d.day as diterima_pada, p.id as orang_id, {_CODE},
      {PSEUDONYM.format(value="'T' || s.subject || '/' || s.code")} as temuan_pseudonym, s.label as keadaan,
      s.first_on as pertama_pada, s.since_on as sejak_pada, date_diff('day', s.since_on, d.day) as umur_hari,
      s.handled_by as ditangani_agenda
      from finding_states s join people p using (subject) left join receipts d using (agenda)""",
    "kasus_ganda": f"""select m.agenda, {_number("m.case_no")} as no_kasus, p.id as orang_id
      from duplicate_members m join people p using (subject)""",
}
_UNASKED = "unasked"  # nothing is hidden of a case in which nobody is asked
_BY_ROW = ("hasil", "temuan")  # where a row says itself that it is from elsewhere
_LONE = (*_BY_ROW, "pasangan")  # where rows can be of nobody known

_CONFIRMED = f"outcome in ('{Outcome.CORRECTED}', '{Outcome.DEACTIVATION}')"
_UNFOUNDED = f"outcome = '{Outcome.UNFOUNDED}'"
# Name -> what is selected. Nothing of these is about people but the register, whose people are persons themselves.
_PLAIN: dict[str, str] = {
    "berkas": "select * from files",
    "batch": """select *, undoes as membatalkan, undone_by as dibatalkan_oleh from applied
      left join undone using (agenda)""",
    "penduduk": "select * from persons where resident",
    "peristiwa_ganda": f"""select agenda, {_number("case_no")} as no_kasus, event as peristiwa,
      {_number("other")} as lain from duplicate_events""",
    "temuan_aturan": """select agenda, code, luar_kota, count(*) as temuan,
      count(distinct coalesce(orang_id::varchar, orang_lone)) as jumlah_orang
      from findings join shown_rows using (agenda, row_id) group by all""",
    # A row's outcome counts for each of its findings: who corrected what is told by riwayat, not by rule.
    "ketepatan_aturan": f"""select a.code, a.title, count(h.outcome) as ditandai,
      count(*) filter ({_CONFIRMED}) as dikonfirmasi, count(*) filter ({_UNFOUNDED}) as tidak_terbukti,
      count(*) filter (outcome = '{Outcome.POSTPONED}') as ditunda,
      count(*) filter (outcome = '{Outcome.OTHER_REGION}') as rujuk,
      count(*) filter ({_CONFIRMED}) / nullif(count(*) filter ({_CONFIRMED} or {_UNFOUNDED}), 0) as ketepatan
      from titles a left join findings t using (code)
      left join (select o.* from outcomes o join applied using (agenda, round)
                 where agenda not in (select agenda from undone)) h using (agenda, row_id)
      group by a.code, a.title""",
}
# What its rows lie in the order of, and nothing else tells their order.
_ORDER = {
    "berkas": "agenda, file_no", "batch": "agenda", "hasil": "agenda, round, row_pseudonym",
    "temuan": "agenda, row_pseudonym, code", "pasangan": "agenda, orang_kiri, orang_kanan",
    "riwayat": "agenda, row_pseudonym, element", "penduduk": "orang", "kasus": "agenda, no_kasus",
    "rekonsiliasi": "agenda, temuan_pseudonym", "kasus_ganda": "agenda, no_kasus, orang",
    "peristiwa_ganda": "agenda, no_kasus, peristiwa, lain", "temuan_aturan": "agenda, code, luar_kota",
    "ketepatan_aturan": "code",
}  # fmt: skip
_TEMPORARY = (
    "titles",
    "shown_rows",
    "shown_records",
    "rare",
    "facts",
    "found_persons",
    *(f"told_{name}" for name in _TOLD),
)


def copy_tables(con: duckdb.DuckDBPyConnection, catalog: str, key: str) -> dict[str, int]:
    """Fills the store's part of the copy in the attached ``catalog``; returns {table: rows}.

    Needs temp tables ``people``, ``shown_cases`` (tasks.publish.people) and ``receipts`` (agenda, day); ``key``: of the
    copy's pseudonyms.
    """
    drop_rows(con)
    con.execute("create temp table titles as select unnest($1) as code, unnest($2) as title",
                [[rule.code for rule in RULES], [rule.told(rule.title) for rule in RULES]])  # fmt: skip
    for statement in (_ROWS, _RECORDS, _RARE):
        _execute(con, statement, key)
    for name, query in _TOLD.items():
        _execute(con, f"create temp table told_{name} as {query}", key)
    _gather_facts(con)
    make_persons(con, key)
    con.execute(f"""create temp table found_persons as
      select *, if(coalesce({", ".join(f"{trait}::varchar" for trait in HIDDEN)}) is null, null,
        hash({", ".join(HIDDEN)})) as traits from persons where id in (select id from facts)""")
    for name in _TOLD:
        _yield(con, name)
    counts = {}
    for name, order in _ORDER.items():
        make_table(con, name, f"{catalog}.main.")
        place = f"{catalog}.main.{name}"
        _execute(con, f"insert into {place} {_filled(name) if name in _TOLD else _plain(name)} order by {order}", key)
        counts[name] = int(con.execute(f"select count(*) from {place}").fetchall()[0][0])
    return counts


def _execute(con: duckdb.DuckDBPyConnection, statement: str, key: str) -> None:
    con.execute(statement, {"key": key} if "$key" in statement else {})


def _gather_facts(con: duckdb.DuckDBPyConnection) -> None:
    """Temp table ``facts``: id, fact; what the copy tells of somebody that others hear of, one line per value.

    A column with one value says no more than that somebody is in the table; a fact about the same people as another
    says no more than that.
    """
    con.execute("create temp table facts (id bigint, fact ubigint)")
    for name in _TOLD:
        _note(con, (name, f"told_{name}"), tuple(f"{person}_id" for person in BY_NAME[name].people))
    con.execute("create or replace temp table found as select distinct id from facts")
    con.execute("create or replace temp view found_people as select p.* from people p semi join found using (id)")
    _note(con, ("penduduk", "found_people"), ("id",))
    con.execute("drop view temp.found_people")
    con.execute("drop table temp.found")
    con.execute("""delete from facts where fact not in (select min(fact) from (
      select fact, count(*) as n, sum(hash(id)::hugeint) as who from facts group by fact) group by n, who)""")


def _note(con: duckdb.DuckDBPyConnection, about: tuple[str, str], people: tuple[str, ...]) -> None:
    """``about``: table of the copy, where its rows are gathered; ``people``: columns of the ids of its people."""
    name, source = about
    held = {row[0] for row in con.execute(f"describe {source}").fetchall()}
    columns = [column for column in (*BY_NAME[name].facts, _UNASKED) if column in held]
    spans = ", ".join(f"min({c}) is distinct from max({c}) or count({c}) not in (0, count(*))" for c in columns)
    varied = con.execute(f"select {spans} from {source}").fetchall()[0]
    for column in (None, *(column for column, varies in zip(columns, varied, strict=True) if varies)):
        value = f", '{column}', {column}" if column else ""
        fact = f"hash('{name}'{value})"
        # Somebody on both sides of pairs is one person still.
        sides = " union all ".join(
            f"select {person} as id, {fact} as fact from {source} where {person} is not null" for person in people
        )
        con.execute(f"insert into facts select distinct * from ({sides})")


def _yield(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Leaves out what would tell of fewer than K people with the same traits, or of fewer than K at all.

    A pair that is left out for the sake of one side can leave too few on the other, so it is repeated.
    """
    for column in BY_NAME[name].yielding:
        sides = " union all ".join(
            f"""select t.rowid as line, {column} as value, {_who(name, person)} as who, traits
              from told_{name} t left join found_persons on id = {person}_id where {column} is not null"""
            for person in BY_NAME[name].people
        )
        few = f"""with known as ({sides})
          select line from known where value in (select value from known group by 1 having count(distinct who) < {K})
          union all
          select line from known join (select value, traits from known where traits is not null
            group by all having count(distinct who) < {K}) using (value, traits)"""
        while con.execute(f"update told_{name} set {column} = null where rowid in ({few})").fetchall()[0][0]:
            pass


def _who(name: str, person: str) -> str:
    known = f"t.{person}_id::varchar"
    return f"coalesce({known}, t.{person}_lone)" if name in _LONE else known


def _filled(name: str) -> str:
    """A table about people: what is told, of whom, with the traits that are shown of the first of them."""
    table, first = BY_NAME[name], BY_NAME[name].people[0]
    joins = " ".join(f"left join found_persons {person} on {person}.id = t.{person}_id" for person in table.people)
    shown = {trait: f"{first}.{trait}" for trait in HIDDEN}
    shown |= {"daerah": f"if(t.{_UNASKED} or {first}.daerah is not null, t.region, null)"}
    shown |= {"reason": "if(t.kind is null, null, t.reason)"}
    shown |= {} if name in _BY_ROW else {"luar_kota": f"{first}.luar_kota"}
    for person in table.people:
        shown[person] = f"coalesce({person}.orang, t.{person}_lone)" if name in _LONE else f"{person}.orang"
    columns = ", ".join(f"{shown.get(c.name, f't.{c.name}')} as {c.name}" for c in table.columns)
    return f"select {columns} from told_{name} t {joins}"


def _plain(name: str) -> str:
    return f"select {', '.join(column.name for column in BY_NAME[name].columns)} from ({_PLAIN[name]})"


def make_table(con: duckdb.DuckDBPyConnection, name: str, place: str = "") -> None:
    """An empty table of the contract. ``place``: prefix of its name."""
    columns = ", ".join(f"{column.name} {column.kind}" for column in BY_NAME[name].columns)
    con.execute(f"create table {place}{name} ({columns})")


def drop_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Leaves nothing of it in the connection."""
    drop_persons(con)
    for name in _TEMPORARY:
        con.execute(f"drop table if exists temp.{name}")
