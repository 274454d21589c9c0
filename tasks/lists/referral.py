"""Which regency must be asked about a referred row, and the list it gets: a line per person, with minimum data."""

import duckdb
import polars as pl

from expectations.codes import CITY, UNKNOWN_REGION
from expectations.outcomes import EVENTS, Outcome
from expectations.referral import REFERENCE_COLUMN, TOLD, regency_names
from tasks.cases.asked import asked_before
from tasks.lists.batch import Batch
from tasks.lists.received import ROW
from tasks.lists.signed import SIGNED

UNKNOWN = UNKNOWN_REGION
SMALL = {"Dan": "dan"}  # words that titles write small

HERE = "menurut data pusat tercatat di daerah Saudara dan pada kami"
THERE = "menurut data pusat berdomisili di daerah Saudara"


def _region(side: str) -> str:
    """SQL: NO_PROP || NO_KAB. A code that is no code (it would become a file's name) is an unknown region."""
    code = f"{side}.no_prop || {side}.no_kab"
    return f"if(regexp_full_match(coalesce({code}, ''), '[0-9]{{4}}'), {code}, '{UNKNOWN}')"


_HALVES = f"""
with mine as (
  select r.row_id, i.record_id, i.resident_id, r.nik, r.nama_lgkp, coalesce(r.tgl_lhr::varchar, r.tgl_lhr_raw) as born,
    {_region("r")} as region
  from extract_rows r join identities i using (agenda, row_id) where r.agenda = $agenda),
referred as (
  select m.* from mine m join outcomes o on o.agenda = $agenda and o.round = $round and o.row_id = m.row_id
  where o.outcome = '{Outcome.OTHER_REGION}'),
known as (  -- every record of a person: as received, and as the register holds it
  select record_id, nik, nama_lgkp, born, region, region = '{CITY}' as ours from mine
  union all
  select 'P' || p.resident_id, p.nik, p.nama_lgkp, p.tgl_lhr::varchar, {_region("p")},
    p.no_prop || p.no_kab = '{CITY}' from penduduk p),
answered as (  -- the region said already whose resident it is: it is not asked again
  select row_id from ({SIGNED}) where list_contains($answers, event)),
same as (  -- records of the same person, by the batch's own linking
  select distinct a.record_id, b.record_id as other from clusters a join clusters b using (agenda, cluster_id)
  where agenda = $agenda
  union select distinct record_id, record_id from mine),
elsewhere as (
  select distinct w.row_id, k.nik, k.nama_lgkp, k.born, k.region from referred w join same s using (record_id)
  join known k on k.record_id = s.other where w.region = '{CITY}' and not k.ours and k.region <> '{CITY}'
  union
  select row_id, nik, nama_lgkp, born, region from referred where region <> '{CITY}'),
here as (
  select w.row_id, string_agg(distinct k.nik, '; ' order by k.nik) as nik from referred w join same s using (record_id)
  join known k on k.record_id = s.other where k.ours and w.region <> '{CITY}' group by w.row_id
  union all select row_id, nik from referred where region = '{CITY}')
select w.row_id, coalesce(e.region, '{UNKNOWN}') as region, coalesce(if(e.row_id is null, w.nik, e.nik), '') as nik,
  coalesce(if(e.row_id is null, w.nama_lgkp, e.nama_lgkp), '') as nama_lgkp,
  coalesce(if(e.row_id is null, w.born, e.born), '') as born, coalesce(h.nik, '') as held,
  w.row_id in (from answered) as answered
from referred w left join elsewhere e using (row_id) left join here h using (row_id)
order by all
"""
ASKED_ON = "asked_on"


def answers() -> list[str]:
    """The events that are another region's answer."""
    return [event.name for event in EVENTS if event.letter]


def counterparts(con: duckdb.DuckDBPyConnection, batch: Batch) -> pl.DataFrame:
    """A line per referred row and region that must be asked: the region's half of the person and ours.

    row_id Int64; String: region (NO_PROP || NO_KAB, UNKNOWN for none), nik, nama_lgkp and born of the half that lives
    there, held (NIKs of our half, "" for none); answered Boolean: the region told already; asked_on Date: when an
    earlier batch asked that region about the case, which is still open, else null. A row of the city is referred
    because of its other half, so that half's region is asked; every referred row is there at least once.
    """
    found = con.execute(_HALVES, {"agenda": batch.agenda, "round": batch.round, "answers": answers()}).pl()
    return found.join(asked_before(con, batch.agenda), on=[ROW, "region"], how="left", maintain_order="left")


def to_ask(halves: pl.DataFrame) -> pl.DataFrame:
    """Those of ``counterparts`` that a letter goes out for: the region is known, and neither asked nor answered yet."""
    return halves.filter((pl.col("region") != UNKNOWN) & ~pl.col("answered") & pl.col(ASKED_ON).is_null())


def waiting_for(halves: pl.DataFrame) -> int:
    """Rows of ``counterparts`` that nobody is asked about now because an earlier letter still waits for its answer."""
    pending = halves.filter(~pl.col("answered") & pl.col(ASKED_ON).is_not_null())
    return int(pending.join(to_ask(halves), on=ROW, how="anti")[ROW].n_unique())


def lists_by_region(asked: pl.DataFrame, references: pl.DataFrame, agenda: str) -> dict[str, pl.DataFrame]:
    """Region -> its list: one line per person, columns as declared (TOLD), all String.

    ``asked``: see ``to_ask``; ``references``: row_id, REFERENSI (file/line).
    """
    person = ("region", "nik", "nama_lgkp", "born")
    held = pl.col("held").str.split("; ").explode().unique().sort()
    lines = asked.join(references, on=ROW, how="left").sort(ROW).group_by(person, maintain_order=True).agg(
        (pl.lit(f"{agenda} ") + pl.col(REFERENCE_COLUMN).str.join("; ")).alias(REFERENCE_COLUMN), pl.col(ROW).min(),
        held.filter(held != "").str.join("; ").alias("held"),
    )  # fmt: skip
    why = pl.when(pl.col("held") == "").then(pl.lit(THERE)).otherwise(pl.lit(HERE)).alias("why")
    values = (REFERENCE_COLUMN, "nik", "nama_lgkp", "born", "held", "why")
    empty = [pl.lit("").alias(one.header) for one in TOLD if not one.why]
    named = [pl.col(name).alias(one.header) for name, one in zip(values, TOLD, strict=False)]
    return {
        str(region[0]): lines.sort(ROW).with_columns(why).select(*named, *empty)
        for region, lines in sorted(lines.partition_by("region", as_dict=True).items())
    }


def regency(code: str) -> str:
    """``3517`` -> "Kabupaten Jombang"; a code no list names is told as it is."""
    name = regency_names().get(code)
    if name is None:
        return f"Kabupaten/Kota dengan kode wilayah {code}"
    return " ".join(SMALL.get(word, word) for word in name.title().split())
