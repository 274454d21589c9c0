"""What people decided about pairs, remembered beyond its batch: decisions survive, scores are made anew.

What Staff answered about a pair on the worksheet counts (orang sama; kembar and bukan: two people; tidak tahu). Where
there is no answer, a row's end tells about its pairs (handbook 2.1):
- "usul nonaktif": the two records are one person, when the record has no other partner or its group has a survivor;
- "ditunda" of either: people can not tell yet;
- "tidak terbukti" written by Staff over a pair it was shown: two people (or twins), unless the other record was
  deactivated or referred to another region; an automatic "tidak terbukti" is nobody's judgement.
A record is known again by its resident; one unknown to the register by NIK and birth date, which the encrypted store
holds anyway; without a real NIK it can not be known again and nothing is remembered.

A decision steers later linking as long as both records say the same of who they are (``IDENTITY``; address and KK may
change). When they do not, people are asked again, and see what has changed.
A decision that steered a batch stays that of the batch in which people took it, unless they answer the pair anew.
"""

from typing import TYPE_CHECKING

import duckdb

from expectations.matching import BAND_WORDS, MATCH, POSSIBLE
from expectations.outcomes import BY_STAFF, VERDICTS, Outcome

if TYPE_CHECKING:
    import polars as pl  # the auditor's check runs without it

SHOWN = (BAND_WORDS[MATCH], BAND_WORDS[POSSIBLE])
FACTS = ("nik", "no_kk", "nama_lgkp", "jenis_klmin", "tmpt_lhr", "tgl_lhr", "nama_lgkp_ibu", "nama_lgkp_ayah", "alamat")

# What makes a record this person: column -> SQL of the value as it is compared.
_WORDS = "upper(regexp_replace(coalesce(nz({}), ''), '\\s+', ' ', 'g'))"
IDENTITY = {
    "nik": _WORDS, "nama_lgkp": "name_key({})", "jenis_klmin": _WORDS, "tmpt_lhr": _WORDS, "tgl_lhr": _WORDS,
    "nama_lgkp_ibu": "name_key({})", "nama_lgkp_ayah": "name_key({})",
}  # fmt: skip
_WHO = "{" + ", ".join(f"'{name}': {name}::varchar" for name in IDENTITY) + "}"


def _compared() -> str:
    """SQL: list of {element, told}: what either record says otherwise than when the pair was decided."""
    parts = []
    for side, place in (("left", "atas"), ("right", "bawah")):
        for name, words in IDENTITY.items():
            then, now = f"({side}_said ->> '$.{name}')", f"{side}_who.{name}"
            told = f"'{place} {name.upper()}: ' || coalesce(nz({then}), '-') || ' → ' || coalesce(nz({now}), '-')"
            differs = f"{side}_said is not null and {words.format(then)} <> {words.format(now)}"
            parts.append(f"if({differs}, {{'element': '{name.upper()}', 'told': {told}}}, null)")
    return f"list_filter([{', '.join(parts)}], lambda c: c is not null)"


_SAID = "concat_ws(chr(31), {})".format(", ".join(f"coalesce({name}::varchar, '')" for name in FACTS))

# Records of the batch and of the register, as run.py names them.
_RECORDS = f"""
select 'P' || resident_id as record_id, resident_id as resident, null::varchar as nik, null::date as born,
  {_SAID} as said, {_WHO} as who from penduduk
union all
select 'B' || r.row_id, null, if(nik_real(r.nik), r.nik, null), if(nik_real(r.nik), r.tgl_lhr, null), {_SAID}, {_WHO}
from extract_rows r where r.agenda = $agenda
"""

_ANSWER = " ".join(f"when '{answer}' then '{verdict}'" for answer, verdict in VERDICTS.items())

_REMEMBER = f"""
insert into pair_decisions by name
with ended as (  -- how each record ended; a person's word on any of its rows counts for the record
  select i.record_id, bool_or(o.outcome = '{Outcome.DEACTIVATION}') as inactive,
    bool_or(o.outcome = '{Outcome.OTHER_REGION}') as referred, bool_or(o.outcome = '{Outcome.POSTPONED}') as waits,
    bool_or(o.cause = '{BY_STAFF}' and o.outcome = '{Outcome.UNFOUNDED}') as unfounded,
    bool_or(o.cause = '{BY_STAFF}') as by_hand
  from outcomes o join identities i using (agenda, row_id) where o.agenda = $agenda and o.round = $round group by all),
shown as (select left_id, right_id, kind from pairs where agenda = $agenda and band in {SHOWN}),
answered as (  -- also about pairs that are no duplicates by themselves: twins
  select a.left_id, a.right_id, any_value(p.kind) as kind, any_value(case a.verdict {_ANSWER} end) as answer
  from pair_answers a left join pairs p using (agenda, left_id, right_id)
  where a.agenda = $agenda and a.round = $round group by all),
asked as (select * from shown union select left_id, right_id, kind from answered),
sides as (select left_id as record_id, right_id as other from shown
          union all select right_id, left_id from shown),
members as (select record_id, cluster_id, survives from clusters where agenda = $agenda),
partners as (select record_id, count(*) as partners from sides group by all),
judged as (
  select s.*, a.answer is not null or coalesce(l.by_hand, false) or coalesce(r.by_hand, false) as by_hand,
    a.answer is not null as answered,
    case when a.answer is not null then a.answer
      when (l.inactive and lp.partners = 1) or (r.inactive and rp.partners = 1) then 'sama'
      when (lc.survives or l.inactive) and (rc.survives or r.inactive) then 'sama'
      when l.inactive or r.inactive or l.referred or r.referred then null
      when l.waits or r.waits then 'tidak tahu'
      when l.unfounded or r.unfounded then 'bukan' end as verdict
  from asked s left join answered a using (left_id, right_id)
  left join ended l on l.record_id = s.left_id left join ended r on r.record_id = s.right_id
  left join partners lp on lp.record_id = s.left_id left join partners rp on rp.record_id = s.right_id
  left join members lc on lc.record_id = s.left_id
  left join members rc on rc.record_id = s.right_id and rc.cluster_id = lc.cluster_id),
records as ({_RECORDS})
select $agenda as agenda, $round as round, a.resident as left_resident, a.nik as left_nik, a.born as left_born,
  b.resident as right_resident, b.nik as right_nik, b.born as right_born, j.verdict, j.by_hand, j.kind,
  sha256(a.said || chr(30) || b.said) as facts, 'staff' as role,
  (select written_on from applied where agenda = $agenda) as written_on,
  to_json({{'left': a.who, 'right': b.who}})::varchar as said
from judged j join records a on a.record_id = j.left_id join records b on b.record_id = j.right_id
where j.verdict is not null
  and not exists (select 1 from steered s where s.agenda = $agenda and s.left_id = j.left_id
    and s.right_id = j.right_id and s.dropped is null and not j.answered and j.verdict = if(s.same, 'sama', 'bukan'))
  and (a.resident is not null or (a.nik is not null and a.born is not null))
  and (b.resident is not null or (b.nik is not null and b.born is not null))
order by j.left_id, j.right_id
"""

# A record unknown then may be a resident now; a NIK that two records share tells neither. The newest decision counts.
_NEWEST = f"""
with records as (
  select 'P' || resident_id as record_id, resident_id as resident, nik, tgl_lhr as born, {_WHO} as who from penduduk
  union all
  select i.record_id, null, r.nik, r.tgl_lhr, {_WHO} from identities i join extract_rows r using (agenda, row_id)
  where i.agenda = $agenda and i.record_id = 'B' || i.row_id),
known as (select min(record_id) as record_id, nik, born from records
          where nik_real(nik) and born is not null group by nik, born having count(*) = 1),
found as (
  select coalesce('P' || d.left_resident, l.record_id) as one, coalesce('P' || d.right_resident, r.record_id) as other,
    d.verdict, d.written_on, d.agenda, d.said
  from pair_decisions d left join known l on l.nik = d.left_nik and l.born = d.left_born
  left join known r on r.nik = d.right_nik and r.born = d.right_born
  where d.verdict <> 'tidak tahu' and d.agenda <> $agenda and d.agenda not in (select agenda from undone)),
pairs_now as (
  select least(one, other) as left_id, greatest(one, other) as right_id, verdict = 'sama' as same, agenda as earlier,
    if(one < other, said -> '$.left', said -> '$.right') as left_said, a.who as left_who,
    if(one < other, said -> '$.right', said -> '$.left') as right_said, b.who as right_who
  from found join records a on a.record_id = least(one, other) join records b on b.record_id = greatest(one, other)
  where one <> other
  qualify row_number() over (partition by least(one, other), greatest(one, other)
    order by written_on desc, found.agenda desc, verdict desc, said) = 1),
compared as (select *, {_compared()} as changed from pairs_now)
"""

_DECIDED = f"{_NEWEST} select left_id, right_id, same from compared where len(changed) = 0 order by 1, 2"

_STEER = f"""
insert into steered {_NEWEST}
select $agenda, left_id, right_id, earlier, same, null from compared where len(changed) = 0 order by 2, 3
"""

_REOPENED = f"""{_NEWEST}
select left_id, right_id, same, earlier, if(same, 'orang sama', 'bukan ganda') as verdict,
  list_sort(list_distinct(list_transform(changed, lambda c: c.element))) as columns,
  'pasangan ini diputuskan ' || verdict || ' pada agenda ' || earlier || '; berubah:' || chr(10)
    || list_aggregate(list_transform(changed, lambda c: c.told), 'string_agg', chr(10)) as difference
from compared where len(changed) > 0 order by 1, 2
"""


def remember(con: duckdb.DuckDBPyConnection, agenda: str) -> int:
    """Appends what the applied round of a batch decided about its pairs; returns how many.

    Call inside ``apply``'s transaction, after ``applied`` is written: with that batch it is written once.
    """
    rounds = con.execute("select round from applied where agenda = ?", [agenda]).fetchall()
    done = con.execute("select count(*) from pair_decisions where agenda = ?", [agenda]).fetchall()[0][0]
    if not rounds or done:
        return 0
    counted = con.execute(_REMEMBER, {"agenda": agenda, "round": rounds[0][0]}).fetchall()
    return int(counted[0][0])


def decided(con: duckdb.DuckDBPyConnection, agenda: str) -> "pl.DataFrame":
    """What earlier batches decided about records of a batch: left_id < right_id String (P..., B...), same Boolean.

    Needs ``identities`` of the batch. An undone batch decided nothing; the newest decision of a pair counts, while both
    records are who they were; "tidak tahu" never does, nor overrules. Ordered by both ids.
    """
    import polars as pl

    found = _asked(con, agenda, _DECIDED)
    return found.cast({"left_id": pl.String, "right_id": pl.String, "same": pl.Boolean})


def steer(con: duckdb.DuckDBPyConnection, agenda: str) -> "pl.DataFrame":
    """What ``decided`` tells, once, kept in ``steered`` with the batches that decided (see tasks.remember.basis)."""
    import polars as pl

    con.execute("set variable linked = ?", [agenda])
    con.execute(_STEER.replace("$agenda", "getvariable('linked')"))
    kept = con.execute("select left_id, right_id, same from steered where agenda = ? order by 1, 2", [agenda]).pl()
    return kept.cast({"left_id": pl.String, "right_id": pl.String, "same": pl.Boolean})


def reopened_pairs(con: duckdb.DuckDBPyConnection, agenda: str) -> "pl.DataFrame":
    """Pairs whose newest decision no longer steers, because a record is not who it was; ordered by both ids.

    left_id, right_id, earlier (the agenda that decided), verdict (words), difference (with values: Staff's alone):
    String; same Boolean; columns List(String), in capitals.
    """
    return _asked(con, agenda, _REOPENED)


def _asked(con: duckdb.DuckDBPyConnection, agenda: str, query: str) -> "pl.DataFrame":
    con.execute("set variable linked = ?", [agenda])
    return con.sql(query.replace("$agenda", "getvariable('linked')")).pl()
