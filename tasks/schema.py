"""The store's tables as a new office gets them, made from the column contract, and its views.

An office that is there gets its tables by migrations (tasks.migrations): whoever changes one here adds one there.
"""

import hashlib

import duckdb

from expectations.columns import DATES, STORED
from expectations.outcomes import PROPOSAL_COLUMN
from tasks.atomic import all_or_nothing
from tasks.cases.view import CASES
from tasks.migrations.store import version_of
from tasks.migrations.versions import CURRENT


def _typed(name: str) -> str:
    return f"{name} date" if name in DATES else f"{name} varchar"


_PERSON = ", ".join(_typed(name) for name in STORED)

# What is undone now, and by which undo that still holds. An undo can be undone itself: whatever hangs below a batch
# turned it over once, so it is undone when their number is odd.
_UNDONE = """with recursive below as (
  select undoes as agenda, agenda as by from applied where undoes is not null
  union all
  select a.undoes, b.by from below b join applied a on a.agenda = b.agenda where a.undoes is not null),
turned as (select agenda from below group by agenda having count(*) % 2 = 1)
select t.agenda, a.agenda as undone_by from turned t join applied a on a.undoes = t.agenda
where a.agenda not in (select agenda from turned)"""

MARKS = "create table if not exists marks (n bigint primary key, what varchar, hash varchar)"
SCHEMA: tuple[str, ...] = (
    # The register. resident_id is ours; a NIK may be missing or shared, so it is never the key.
    f"create table if not exists penduduk (resident_id bigint primary key, {_PERSON}, {PROPOSAL_COLUMN} varchar)",
    "create table if not exists baselines (sha256 varchar primary key, name varchar, residents bigint)",
    # letter_rows: what its letter says a file has of rows; null where none does. Held against the file at receipt.
    """create table if not exists files (agenda varchar, file_no integer, name varchar, sha256 varchar,
       layout varchar, received bigint, loaded bigint, rejected bigint, whole_families boolean, columns varchar[],
       letter_rows bigint, primary key (agenda, file_no))""",
    # row_id = file_no * 10,000,000 + line as seen in an editor or Excel.
    f"""create table if not exists extract_rows (agenda varchar, row_id bigint, file_no integer, line_no bigint,
       {_PERSON}, tgl_lhr_raw varchar, primary key (agenda, row_id))""",
    """create table if not exists rejects (agenda varchar, file_no integer, line_no bigint, reason varchar,
       text varchar)""",
    "create table if not exists findings (agenda varchar, row_id bigint, code varchar)",
    # Lists the office loaded beside the register: deaths (akta kematian) and departures (SKPWNI).
    "create table if not exists reference_lists (kind varchar, nik varchar, sha256 varchar, primary key (kind, nik))",
    # What one correction of a row would make disappear and appear; rank 1 is the probable root cause.
    """create table if not exists root_causes (agenda varchar, row_id bigint, rank integer, element varchar,
       source varchar, value varchar, resolves varchar[], raises varchar[], primary key (agenda, row_id, rank))""",
    # Which record a received row stands for: a resident of the register (P...), or a record unknown to it (B...).
    """create table if not exists identities (agenda varchar, row_id bigint, record_id varchar, resident_id bigint,
       basis varchar, primary key (agenda, row_id))""",
    """create table if not exists pairs (agenda varchar, left_id varchar, right_id varchar, weight double,
       probability double, band varchar, kind varchar, kind_probability double, guard varchar, reason varchar)""",
    """create table if not exists clusters (agenda varchar, record_id varchar, cluster_id varchar,
       survives boolean, basis varchar)""",
    # One line per pair and compared field (n: its place in the matching model): what it says, in words and in bits.
    """create table if not exists pair_reasons (agenda varchar, left_id varchar, right_id varchar, n integer,
       words varchar, bits double, agreement tinyint)""",
    # What Staff decided per row; kept over rounds, the newest worksheet wins. kept: proposed elements that stand;
    # basis: null when the proposal's stands, else document, number and day in words.
    """create table if not exists decisions (agenda varchar, row_id bigint, round integer, outcome varchar,
       element varchar, after varchar, element_2 varchar, after_2 varchar, kept varchar[], basis varchar,
       document varchar, number varchar, dated date, event varchar, until date, note varchar,
       primary key (agenda, row_id, round))""",
    # What Staff answered about pairs, as it stands in a round; part of what is signed.
    """create table if not exists pair_answers (agenda varchar, round integer, left_id varchar, right_id varchar,
       verdict varchar, note varchar, primary key (agenda, round, left_id, right_id))""",
    # What a round's worksheet showed of the register when it was written: locked cells of a pair, another region's row.
    """create table if not exists shown_pairs (agenda varchar, round integer, pair varchar, cells varchar[],
       primary key (agenda, round, pair))""",
    """create table if not exists shown_rows (agenda varchar, round integer, row_id bigint, outside boolean,
       primary key (agenda, round, row_id))""",
    """create table if not exists outcomes (agenda varchar, round integer, row_id bigint, resident_id bigint,
       outcome varchar, basis varchar, cause varchar, needs_person boolean,
       primary key (agenda, round, row_id))""",
    """create table if not exists changes (agenda varchar, round integer, row_id bigint, resident_id bigint,
       element varchar, before varchar, register_value varchar, after varchar, basis varchar, cause varchar,
       primary key (agenda, round, row_id, element))""",
    # One line per approved change. before: as the centre sent it; register_before: what the register held;
    # written: false when the register was right already and only the centre's copy was wrong.
    """create table if not exists history (agenda varchar, row_id bigint, resident_id bigint, element varchar,
       before varchar, register_before varchar, after varchar, basis varchar, cause varchar, written boolean,
       written_on date)""",
    # One line per written batch or undo. undoes: the agenda an undo undid; n: the order of writing.
    """create table if not exists applied (agenda varchar primary key, round integer, digest varchar,
       written bigint, unchanged bigint, received bigint, written_on date, undoes varchar, n bigint)""",
    # What stood in the way of writing a round, which is void since then.
    """create table if not exists conflicts (agenda varchar, round integer, row_id bigint, element varchar,
       primary key (agenda, round, row_id, element))""",
    # What people decided about pairs, over all batches; append-only. A side is a resident, or NIK and birth date of a
    # record unknown to the register. verdict: sama, bukan, tidak tahu. facts: SHA-256 of what both records say once the
    # decision is written. role: who decided, never a person. said: who both sides are then (JSON: left and
    # right, column -> value); null in decisions of stores from before there was that column.
    """create table if not exists pair_decisions (agenda varchar, round integer, left_resident bigint,
       left_nik varchar, left_born date, right_resident bigint, right_nik varchar, right_born date, verdict varchar,
       by_hand boolean, kind varchar, facts varchar, role varchar, written_on date, said varchar)""",
    # Who each received row is about, over all extracts (tasks.reconcile.subjects).
    """create table if not exists subjects (agenda varchar, row_id bigint, subject varchar,
       primary key (agenda, row_id))""",
    # What each extract says about a finding of a subject (expectations.memory.Label); nothing where it is silent.
    # row_id: the first such row, null when absent; since_on: first day of the open streak; series: where last seen.
    """create table if not exists finding_states (agenda varchar, subject varchar, code varchar, row_id bigint,
       label varchar, first_on date, since_on date, handled_by varchar, series varchar, no_kec varchar, no_kel varchar,
       primary key (agenda, subject, code))""",
    # Groups of records that are one person, under a number that stays, and what became of each number.
    """create table if not exists duplicate_members (agenda varchar, case_no varchar, subject varchar,
       primary key (agenda, case_no, subject))""",
    """create table if not exists duplicate_events (agenda varchar, case_no varchar, event varchar, other varchar)""",
    # What Staff decided about a row, once written, and what it rested on (JSON: column -> value); append-only.
    """create table if not exists row_memory (agenda varchar, row_id bigint, subject varchar, outcome varchar,
       basis varchar, until date, elements varchar, codes varchar[], facts varchar, written_on date,
       primary key (agenda, row_id))""",
    # Earlier decisions that a round's draft proposes again: row_memory's key is (earlier, earlier_row).
    """create table if not exists recalled (agenda varchar, round integer, row_id bigint, earlier varchar,
       earlier_row bigint, primary key (agenda, round, row_id))""",
    # Earlier decisions about pairs that its duplicates were found with; dropped: from which round on they are not taken
    # over any more, because the batch that decided was undone.
    """create table if not exists steered (agenda varchar, left_id varchar, right_id varchar, earlier varchar,
       same boolean, dropped integer, primary key (agenda, left_id, right_id))""",
    # What kept the newest proposal of a batch from ending a row by the office's own data (tasks.remember.facts).
    """create table if not exists obstacles (agenda varchar, row_id bigint, obstacle varchar,
       primary key (agenda, row_id))""",
    # Earlier decisions that are not taken over because what they rested on changed. verdict: what was decided then;
    # difference: with values, for Staff alone.
    """create table if not exists reopened (agenda varchar, row_id bigint, earlier varchar, verdict varchar,
       columns varchar[], difference varchar, primary key (agenda, row_id))""",
    # What Staff answered on a case workbook: row of this batch -> the case it answers. outcome: null where the answer
    # itself and the register tell it (tasks.propose.answered).
    """create table if not exists case_answers (agenda varchar, row_id bigint, case_agenda varchar, case_row bigint,
       answer varchar, outcome varchar, element varchar, after varchar, basis varchar, document varchar,
       number varchar, dated date, until date, note varchar, element_2 varchar, after_2 varchar,
       primary key (agenda, row_id))""",
    # What is finished, committed together with what it made: a step is never run twice.
    """create table if not exists steps (agenda varchar, step varchar, round integer, summary varchar,
       primary key (agenda, step, round))""",
    # One per writing transaction, hash-chained (tasks.steps); the newest is noted outside the store.
    MARKS,
    # The versions this store has come through (tasks.migrations); the highest is its own.
    "create table if not exists schema_versions (version integer primary key)",
)

_VIEWS = {"undone": _UNDONE, "cases": CASES}  # in this order: cases reads undone
DEFINITION = "\n".join((*SCHEMA, *_VIEWS.values()))


def make_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Makes all tables of a store that has none, at once, and views anew that were made from another definition.

    A view's comment is the hash of its definition: an office that was opened by an older Sinkron must not count its
    cases by older rules. Opening a store that has everything changes nothing in it.
    """
    if version_of(con) is None:
        with all_or_nothing(con, "begin transaction"):
            for statement in SCHEMA:
                con.execute(statement)
            con.execute(f"insert into schema_versions values ({CURRENT})")
    made = dict(con.execute("select view_name, comment from duckdb_views() where not internal").fetchall())
    for name, query in _VIEWS.items():
        mark = hashlib.sha256(query.encode()).hexdigest()
        if made.get(name) != mark:
            con.execute(f"create or replace view {name} as {query}")
            con.execute(f"comment on view {name} is '{mark}'")
