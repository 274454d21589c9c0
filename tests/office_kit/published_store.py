"""A store of any people and any findings, filled by SQL from one seed: what the analysts' copy is made of.

Nobody of it can be looked up anywhere; texts a person would type are absent. Deterministic.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from expectations.codes import CITY, regions
from expectations.rules import RULES
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office
from tasks.publish import PUBLISHED, publish
from tasks.store import open_store

NOW = datetime(2026, 10, 6, 2, 0, tzinfo=UTC)
AGENDAS = ("2026-0001", "2026-0002", "2026-0003")


@dataclass(frozen=True)
class Town:
    """``residents`` of the register in so many ``villages``; ``rows`` received each time, of so many ``rules``."""

    seed: int
    residents: int = 600
    rows: int = 120
    villages: int = 4
    rules: int = 12


# u(k, x): a number in [0, 1) of the seed, of what it is for and of whom.
_U = "create or replace temp macro u(k, x) as (hash($seed || '/' || k || '/' || x) % 1000003) / 1000003.0"
_PERSON = """1 + (u('sex', n) * 2)::int % 2 as jenis_klmin,
  date '2025-12-31' - (30000 * pow(u('age', n), 1.3))::int as tgl_lhr, 1 + (u('kwn', n) * 4)::int % 4 as stat_kwn,
  1 + (9 * pow(u('hbk', n), 3))::int as stat_hbkel, 1 + (9 * pow(u('pdk', n), 2))::int as pddk_akh,
  1 + (87 * pow(u('pkj', n), 4))::int as jenis_pkrjn, $province as no_prop"""
_PLACE = "$codes[1 + (u('kel', n) * $villages)::int % $villages] as place"
_STORE = (
    f"""insert into penduduk by name select n as resident_id, {_PERSON}, $regency as no_kab,
       substr(place, 5, 2) as no_kec, substr(place, 7) as no_kel,
       if(u('ktp', n) < 0.05, 'BELUM REKAM', 'CARD PRINTED') as ektp_status,
       if(u('usul', n) < 0.02, 'NONAKTIF', null) as usulan
       from (select n, {_PLACE} from range(1, $residents + 1) r(n))""",
    # Received rows: residents, people nobody knows, some of another regency. The same come back in later extracts.
    """create temp table got as select $agendas[1 + a] as agenda, 10000000 + i as row_id, i as line_no, a,
       1 + (u('who', i || '-' || if(u('again', i || a) < 0.5, '', a::varchar)) * $residents * 1.3)::int as n
       from range(3) x(a), range(1, $rows + 1) y(i)""",
    f"""insert into extract_rows by name select agenda, row_id, 1 as file_no, line_no, {_PERSON},
       if(far, ['15', '16', '78'][1 + (u('far', n) * 3)::int % 3], $regency) as no_kab,
       if(far, '01', substr(place, 5, 2)) as no_kec, if(far, '2001', substr(place, 7)) as no_kel
       from (select *, u('abroad', n) < 0.3 as far, {_PLACE} from got)""",
    """insert into files by name select agenda, 1 as file_no, 'uji.csv' as name, count(*) as received,
       count(*) as loaded, 0 as rejected from got group by agenda""",
    """insert into subjects select agenda, row_id, if(n <= $residents, 'P', 'N') || n from got
       where u('link', n) < 0.98""",
    """insert into identities by name select agenda, row_id, if(n <= $residents, 'P' || n, 'B' || row_id) as record_id,
       if(n <= $residents, n, null) as resident_id from got""",
    """insert into clusters by name select distinct agenda, record_id, 'C' || row_id // 3 as cluster_id
       from identities where u('cluster', row_id // 3) < 0.3""",
    """insert into findings select distinct agenda, row_id,
       $rules[1 + (pow(u('rule', n || i), 2) * len($rules))::int % len($rules)]
       from got, range(2) r(i) where u('clean', n || i) < 0.8""",
    """insert into outcomes by name select agenda, 1 as round, row_id, if(n <= $residents, n, null) as resident_id,
       ['ditunda', 'rujuk luar kota', 'tidak terbukti', 'usul nonaktif', 'diperbaiki', 'ditunda', 'rujuk luar kota'][
         1 + (u('end', n || a) * 7)::int % 7] as outcome, 'dasar ' || (u('basis', n) * 9)::int as basis,
       coalesce((select min(code) from findings f where f.agenda = g.agenda and f.row_id = g.row_id), '') as cause,
       false as needs_person from got g""",
    """insert into applied by name select agenda, 1 as round, 'x' as digest, 1 as written, 0 as unchanged,
       count(*) as received, date '2026-10-07' + 30 * min(a)::int as written_on, 1 + min(a) as n from got
       where a < 2 group by agenda""",
    """insert into steps select distinct agenda, 'validate', 0, '{"as_of": "2026-10-06"}' from got""",
    """insert into history by name select agenda, row_id, n as resident_id,
       ['nama_lgkp', 'alamat', 'nik_ibu'][1 + (u('el', n) * 3)::int % 3] as element, 'dasar' as basis, '' as cause,
       true as written, date '2026-10-07' as written_on from got
       where n <= $residents and a = 0 and u('hist', n) < 0.3""",
    """insert into finding_states by name select agenda, subject, code, min(row_id) as row_id,
       ['baru', 'masih terbuka', 'selesai'][1 + (u('state', subject || code || agenda) * 3)::int % 3] as label,
       date '2026-09-01' + (u('since', subject) * 3)::int as first_on, date '2026-10-06' as since_on
       from findings join subjects using (agenda, row_id) group by agenda, subject, code""",
    """insert into pairs by name select agenda, 'B' || row_id as left_id,
       'P' || (1 + (u('pair', n) * $residents)::int % $residents) as right_id, 12.3456 as weight,
       0.98765 as probability, 'cocok' as band,
       ['orang sama', 'kembar', 'saudara'][1 + (u('kind', n) * 3)::int % 3] as kind, 'alasan' as reason from got
       where u('paired', n) < 0.3""",
    """insert into duplicate_members select distinct agenda, 'G-2026-0001-' || (u('g', subject) * 20)::int, subject
       from subjects where u('in', subject) < 0.3""",
    """insert into duplicate_events select distinct agenda, case_no, 'tetap', null from duplicate_members""",
)


def found_town(home: Path, town: Town) -> Office:
    """An office with such a store, three letters received and two of them written."""
    office = Office(home)
    office.create()
    codes = sorted(code for code in regions("kelurahan") if code.startswith(CITY))[: town.villages]
    values = {"seed": str(town.seed), "residents": town.residents, "rows": town.rows, "villages": town.villages,
              "codes": codes, "agendas": list(AGENDAS), "rules": [rule.code for rule in RULES][: town.rules],
              "province": CITY[:2], "regency": CITY[2:]}  # fmt: skip
    with open_ledger(office) as ledger, writing(ledger):
        for agenda in AGENDAS:
            append(ledger, NOW, (Kind.RECEIVED, agenda, "sinkron"), {"letter": None, "files": [], "origin": "cli"})
    with open_store(office) as con:
        con.execute(_U.replace("$seed", f"'{town.seed}'"))
        for statement in _STORE:
            con.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})
    return office


def publish_town(office: Office, now: datetime = NOW) -> Path:
    """The copy of it."""
    with open_store(office) as con, open_ledger(office) as ledger:
        publish(con, office, ledger, (AGENDAS[1], now))
    return office.published / PUBLISHED


def change(office: Office, statement: str) -> None:
    """Something else happened meanwhile."""
    with open_store(office) as con:
        con.execute(statement)


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    """Asked as analysts do."""
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()
