"""What earlier batches decided about the people of a batch: proposed again, or opened again with what has changed.

Taken over is the newest decision about the same subject, findings and facts, unless a newer batch decided otherwise
about that subject; two rows alike that one batch decided differently are asked again. Not opened again is a row with
nothing to judge that ends by itself as people decided, or that the centre has corrected as they did. An undone batch
decided nothing. Staff's decision in the batch itself comes after this one and wins.
"""

import duckdb

from expectations.columns import STORED
from expectations.matching import BAND_WORDS, MATCH, POSSIBLE, SIMILAR
from expectations.outcomes import FORBIDDEN_ELEMENTS, Outcome
from tasks.remember.facts import HELD, OBSTACLES, RECEIVED, SHAPE, collect, forget
from tasks.resolve.decisions import reopened_pairs

EMPTY = "(kosong)"
SAYS = {RECEIVED: "menurut berkas", HELD: "data kantor"}
ELEMENTS = '[{"element": "VARCHAR", "after": "VARCHAR"}]'
WRITABLE = tuple(name for name in STORED if name not in FORBIDDEN_ELEMENTS)

# Every row with every decision about its subject that is in force; n: the order of writing; word: what was decided, for
# comparing. A resident may have been unknown to the register then: the same NIK, birth date and name.
_LIVE = f"""
create or replace temp table live as
with here as (
  select s.row_id, s.subject, r.nik, coalesce(r.tgl_lhr::varchar, r.tgl_lhr_raw) as born, r.nama_lgkp
  from subjects s join extract_rows r using (agenda, row_id) where s.agenda = getvariable('agenda')),
theirs as (
  select row_id, subject from here
  union
  select h.row_id, m.subject from here h join row_memory m on split_part(m.subject, '/', 1) = 'N' || h.nik
  where h.subject[1] = 'P' and (m.facts ->> '$.{RECEIVED}.tgl_lhr') = h.born
    and alike(h.nama_lgkp, m.facts ->> '$.{RECEIVED}.nama_lgkp') >= {100 * SIMILAR})
select t.row_id, m.agenda as earlier, m.row_id as earlier_row, a.n, m.outcome, m.elements, m.codes, m.facts,
  m.outcome || coalesce(list_transform(from_json(m.elements, '{ELEMENTS}'),
    lambda e: [e.element, e.after])::varchar, '') as word
from theirs t join row_memory m using (subject) join applied a on a.agenda = m.agenda
where m.agenda <> getvariable('agenda') and m.agenda not in (select agenda from undone)
"""

_PAIR_ROWS = f"""
create or replace temp table pair_rows as
select distinct i.row_id, r.* from pairs_reopened r
join identities i on i.agenda = getvariable('agenda') and i.record_id in (r.left_id, r.right_id)
where r.same or (r.left_id, r.right_id) in (select (left_id, right_id) from pairs
  where agenda = getvariable('agenda') and band in {(BAND_WORDS[MATCH], BAND_WORDS[POSSIBLE])})
"""


def plain(value: str) -> str:
    """SQL: a value as it is compared: blanks and case say nothing, "-" is nothing."""
    return rf"upper(regexp_replace(coalesce(nz({value}), ''), '\s+', ' ', 'g'))"


def _told(value: str) -> str:
    return f"coalesce(nz({value}), '{EMPTY}')"


_SAME_KEY = "row_id, earlier, earlier_row"
_SIDE = " ".join(f"when '{side}' then '{word}'" for side, word in SAYS.items())
_OBSTACLE = " ".join(f"when '{way}' then '{words}'" for way, words in OBSTACLES.items())
_CHANGED = f"""
create or replace temp table changed as
with parsed as (select *, from_json(facts, '{SHAPE}') as f from live),
told as (
  {
    " union all ".join(
        f"select {_SAME_KEY}, '{side}' as side, map_entries(f.{side}) as facts from parsed" for side in SAYS
    )
}),
differing as (
  select {_SAME_KEY}, side, unnest(list_filter(list_transform(t.facts,
      lambda e: {{'element': upper(e.key), 'old': e.value, 'new': n.said[e.key]}}),
    lambda c: {plain("c.old")} <> {plain("c.new")})) as c
  from told t join facts_said n using (row_id, side))
select {_SAME_KEY}, c.element, c.element || ' ' || case side {_SIDE} end || ': ' || {_told("c.old")} || ' → '
  || {_told("c.new")} as words, 0 as place
from differing
union all
select {_SAME_KEY}, 'PENDUDUK', 'PENDUDUK: kini tercatat dalam data kantor', 1
from parsed l where l.f.{HELD} is null and row_id in (select row_id from facts_said where side = '{HELD}')
union all
select {_SAME_KEY}, 'TEMUAN', 'TEMUAN: ' || concat_ws('; ',
    'tidak ada lagi ' || nullif(list_aggregate(list_filter(l.codes, lambda c: not list_contains(n.codes, c)),
      'string_agg', ' '), ''),
    'baru ' || nullif(list_aggregate(list_filter(n.codes, lambda c: not list_contains(l.codes, c)),
      'string_agg', ' '), '')), 1
from live l join facts_codes n using (row_id) where l.codes <> n.codes
union all
select {_SAME_KEY}, 'PASANGAN', 'PASANGAN: catatan lain yang mungkin orang yang sama, lihat lembar Pasangan', 2
from parsed l left join facts_partners n using (row_id)
where row_id in (select row_id from pair_rows)
  or len(list_filter(coalesce(n.partners, []), lambda p: not list_contains(l.f.pasangan, p))) > 0
union all
select {_SAME_KEY}, 'USULAN', 'USULAN: bukan lagi catatan yang sama yang diusulkan nonaktif', 3
from parsed l join proposed p using (row_id)
where l.outcome = '{Outcome.DEACTIVATION}' and l.f.sasaran is distinct from p.resident_id
union all
select {_SAME_KEY}, 'USULAN', 'USULAN: kini ' || case o.obstacle {_OBSTACLE} end, 3
from parsed l join facts_obstacles o using (row_id) where l.f.hambatan is distinct from o.obstacle
union all
select {_SAME_KEY}, 'CATATAN', 'CATATAN orang ini pada berkas: ' || list_aggregate(l.f.catatan, 'string_agg', ', ')
  || ' → ' || list_aggregate(n.records, 'string_agg', ', '), 3
from parsed l join facts_records n using (row_id) where l.f.catatan <> n.records
union all
select {_SAME_KEY}, 'ELEMEN', 'ELEMEN: tidak dapat ditulis lagi: ' || upper(e.element), 4
from (select {_SAME_KEY}, unnest(from_json(elements, '{ELEMENTS}')) as e from live)
where e.element not in {WRITABLE}
"""

_WEIGHED = f"""
create or replace temp table weighed as
with counted as (
  select l.*, count(c.element) as differs, count(c.element) filter (c.element = 'TEMUAN') as other_codes
  from live l left join changed c using ({_SAME_KEY}) group by all),
newest as (select row_id, max(n) as newest_n, max(n) filter (differs = 0) as same_n,
  list(distinct word) filter (n = most) as newest_words
  from (select *, max(n) over (partition by row_id) as most from counted) group by row_id)
select * from counted join newest using (row_id)
"""

_TAKEN = """
insert into recalled
select getvariable('agenda'), $round, row_id, any_value(earlier), min(earlier_row) from weighed
where differs = 0 and n = same_n group by row_id
having count(distinct word) = 1 and bool_and(list_contains(newest_words, word))
"""

# Of several decisions the newest is told, of one batch's the one that is most like the row now.
_REOPENED = f"""
insert into reopened
with told as (
  select w.* from weighed w
  where row_id not in (select row_id from recalled where agenda = getvariable('agenda') and round = $round)
  qualify row_number() over (partition by row_id order by n desc, other_codes, differs, earlier_row) = 1),
fulfilled as (  -- the centre has corrected its list as the office decided
  select row_id from (select row_id, unnest(from_json(elements, '{ELEMENTS}')) as e
    from told where outcome = '{Outcome.CORRECTED}') t
  join facts_said s using (row_id) where s.side = '{RECEIVED}'
  group by row_id having bool_and({plain("t.e.after")} = {plain("s.said[t.e.element]")})),
asked as (
  select t.* from told t join proposed p using (row_id) join facts_codes c using (row_id)
  where len(c.codes) > 0 or p.needs_person or row_id in (select row_id from pair_rows)
    or p.outcome <> t.outcome and row_id not in (from fulfilled)),
reasons as (
  select {_SAME_KEY}, element, words, place from changed
  union all
  select {_SAME_KEY}, 'KEPUTUSAN', 'KEPUTUSAN: baris yang sama diputuskan berbeda', 4 from asked where differs = 0
  union all
  select a.row_id, a.earlier, a.earlier_row, unnest(p.columns), null, 5 from asked a join pair_rows p using (row_id)
  union all
  select a.row_id, a.earlier, a.earlier_row, null, p.difference, 5 from asked a join pair_rows p using (row_id)),
rows_asked as (
  select a.row_id, a.earlier, a.outcome as verdict,
    list(distinct r.element order by r.element) filter (r.element is not null) as columns,
    string_agg(r.words, chr(10) order by r.place, r.words) as difference
  from asked a join reasons r using ({_SAME_KEY}) group by all),
pairs_asked as (
  select row_id, max(earlier) as earlier, string_agg(distinct verdict, ', ' order by verdict) as verdict,
    list_sort(list_distinct(flatten(list(columns)))) as columns,
    string_agg(difference, chr(10) order by difference) as difference
  from pair_rows where row_id not in (select row_id from rows_asked) group by row_id)
select getvariable('agenda'), * from rows_asked union all select getvariable('agenda'), * from pairs_asked order by 2
"""


def compare(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> None:
    """Fills ``recalled`` of a round and ``reopened`` of its batch; the draft of the round calls it, once.

    Needs temp table ``proposed`` and the session variable ``agenda``; inside the caller's transaction.
    """
    con.execute("delete from recalled where agenda = ? and round = ?", [agenda, round_no])
    con.execute("delete from reopened where agenda = ?", [agenda])
    found = reopened_pairs(con, agenda)
    con.execute(_LIVE)
    known = con.execute("select count(*) from live").fetchall()[0][0]
    if known or found.height:
        con.register("pairs_reopened", found.to_arrow())
        con.execute(_PAIR_ROWS)
        con.unregister("pairs_reopened")
        collect(con, agenda, "select row_id from live")
        con.execute(_CHANGED)
        con.execute(_WEIGHED)
        con.execute(_TAKEN, {"round": round_no})
        con.execute(_REOPENED, {"round": round_no})
        forget(con)
        con.execute("drop table changed; drop table weighed; drop table pair_rows")
    con.execute("drop table live")
