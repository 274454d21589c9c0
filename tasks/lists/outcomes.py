"""Our own columns beside the centre's: where a row came from, what it ended in, semula - menjadi - dasar (F-1.06)."""

import duckdb
import polars as pl

from expectations.codes import CITY
from expectations.outcomes import Outcome
from expectations.referral import regency_names
from tasks.cases.view import ROWS
from tasks.documents.followed import ORIGINS
from tasks.lists.batch import Batch
from tasks.lists.received import FILE, ROW, Originals, Table
from tasks.lists.referral import ASKED_ON, UNKNOWN, answers, counterparts
from tasks.lists.signed import SIGNED

SOURCE, SOURCE_LINE, FOUND, BASIS = "SUMBER_BERKAS", "SUMBER_BARIS", "TEMUAN", "DASAR"
SOURCE_AGENDA = "SUMBER_AGENDA"  # of a row that answers a case: the receipt it came with
WRITTEN, RIGHT = "diperbaiki pada data kantor", "data kantor sudah benar"
UNREGISTERED = "tidak ada pada data kantor"
CHANGE = ("ELEMEN", "SEMULA", "MENJADI", "DASAR", "DATA_KANTOR")

# A row that answers a case is told by the centre's own file and line, and by what was found about it from the first.
_OUTCOMES = f"""
with recursive {ORIGINS},
coded as (
  select row_id, code from findings where agenda = $agenda
  union all
  (select o.row_id, f.code from origins o join findings f on f.agenda = o.case_agenda and f.row_id = o.case_row
   except select row_id, code from findings where agenda = $agenda))
select o.row_id, r.file_no::bigint as file_no, o.outcome, coalesce(o.basis, '') as basis,
  coalesce(f.codes, '') as codes, s.case_agenda as source_agenda, t.name as source,
  coalesce(s.case_row % {ROWS}, r.line_no)::varchar as source_line
from outcomes o join extract_rows r using (agenda, row_id)
left join (select row_id, string_agg(code, ' ' order by code) as codes from coded group by row_id) f using (row_id)
left join sources s using (row_id)
left join files t on t.agenda = s.case_agenda and t.file_no = s.case_row // {ROWS}
where o.agenda = $agenda and o.round = $round order by o.row_id
"""
# tgl_lhr that no reading was sure of is told as it came.
_CHANGES = f"""
select h.row_id, h.element, coalesce(h.before, if(h.element = 'tgl_lhr', r.tgl_lhr_raw, null), '') as before,
  coalesce(h.after, '') as after, coalesce(h.basis, '') as basis,
  case when h.written then '{WRITTEN}' when h.resident_id is null then '{UNREGISTERED}' else '{RIGHT}' end as held,
  row_number() over (partition by h.row_id order by h.element) as n
from history h join extract_rows r using (agenda, row_id)
join outcomes o on o.agenda = h.agenda and o.row_id = h.row_id and o.round = $round
where h.agenda = $agenda and o.outcome = '{Outcome.CORRECTED}' order by h.row_id, h.element
"""
# The record that is proposed inactive is the received one, or a record of the office that lost against it. NIKs never
# change, so the list stays the same whenever it is made again.
_INACTIVE = f"""
with proposed as (
  select o.row_id, r.nik, o.resident_id, coalesce('P' || o.resident_id, i.record_id) as record_id
  from outcomes o join extract_rows r using (agenda, row_id) join identities i using (agenda, row_id)
  where o.agenda = $agenda and o.round = $round and o.outcome = '{Outcome.DEACTIVATION}'),
stays as (
  select c.cluster_id, coalesce(p.nik, r.nik) as nik from clusters c
  left join penduduk p on c.record_id = 'P' || p.resident_id
  left join extract_rows r on r.agenda = c.agenda and c.record_id = 'B' || r.row_id
  where c.agenda = $agenda and c.survives)
select w.row_id, coalesce(p.nik, w.nik, '') as inactive, coalesce(any_value(s.nik), '') as stays
from proposed w left join penduduk p using (resident_id)
left join clusters c on c.agenda = $agenda and c.record_id = w.record_id
left join stays s on s.cluster_id = c.cluster_id
group by all order by w.row_id
"""

_UNTIL = f"""select row_id, until as "DITUNDA_SAMPAI" from ({SIGNED}) order by row_id"""
_ANSWERS = f"""
select row_id, event || ', surat nomor ' || coalesce(number, '-') || ' tanggal ' || coalesce(dated, '-')
  as "JAWABAN_DAERAH" from ({SIGNED}) where list_contains($answers, event) order by row_id
"""


def own_columns(
    con: duckdb.DuckDBPyConnection, batch: Batch, originals: Originals
) -> dict[Outcome, list[pl.DataFrame]]:
    """Per outcome one frame per table of ``originals``: row_id Int64, and our columns as String, ordered by row_id.

    Asserts that each outcome has the rows the ledger counted.
    """
    key = {"agenda": batch.agenda, "round": batch.round}
    rows = con.execute(_OUTCOMES, key).pl()
    received_as = pl.col(FILE).replace_strict(originals.names, return_dtype=pl.String)
    rows = rows.with_columns(
        pl.coalesce("source", received_as).alias(SOURCE), pl.col("source_line").alias(SOURCE_LINE),
        pl.col("codes").alias(FOUND), pl.col("source_agenda").alias(SOURCE_AGENDA),
    )  # fmt: skip
    more = {
        Outcome.CORRECTED: _corrections(con.execute(_CHANGES, key).pl(), originals.tables),
        Outcome.DEACTIVATION: con.execute(_INACTIVE, key).pl().rename(
            {"inactive": "NIK_USUL_NONAKTIF", "stays": "NIK_DIPERTAHANKAN"}),
        Outcome.OTHER_REGION: _regions(con, batch),
        Outcome.POSTPONED: con.execute(_UNTIL, key).pl(),
    }  # fmt: skip
    return {outcome: _of(rows, outcome, (batch, more), originals.tables) for outcome in Outcome}


def _of(
    rows: pl.DataFrame, outcome: Outcome, known: tuple[Batch, dict[Outcome, pl.DataFrame]], tables: tuple[Table, ...]
) -> list[pl.DataFrame]:
    batch, more = known
    ended = rows.filter(pl.col("outcome") == outcome.value)
    if ended.height != batch.rows(outcome):
        raise AssertionError(f"daftar {outcome} tidak memuat semua barisnya")
    answers_cases = rows[SOURCE_AGENDA].is_not_null().any()
    told = ended.select(ROW, FILE, *([SOURCE_AGENDA] if answers_cases else []), SOURCE, SOURCE_LINE, FOUND)
    if outcome in more:
        told = told.join(more[outcome], on=ROW, how="left", maintain_order="left")
    if outcome is not Outcome.CORRECTED:
        told = told.join(ended.select(ROW, pl.col("basis").alias(BASIS)), on=ROW, how="left", maintain_order="left")
    return [told.filter(pl.col(FILE).is_in(table.files)).drop(FILE) for table in tables]


def _corrections(changes: pl.DataFrame, tables: tuple[Table, ...]) -> pl.DataFrame:
    """One line per row: its changed elements side by side, as many groups of columns as the longest row has."""
    from tasks.load import ROWS_PER_FILE

    called = pl.DataFrame(
        [(number, name, table.header_of(name)) for table in tables for number in table.files
         for name in changes["element"].unique().sort()],
        schema={FILE: pl.Int64, "element": pl.String, "called": pl.String}, orient="row",
    )  # fmt: skip
    named = changes.with_columns((pl.col(ROW) // ROWS_PER_FILE).alias(FILE)).join(
        called, on=[FILE, "element"], how="left", maintain_order="left"
    )
    found = named.select(pl.col(ROW).unique(maintain_order=True))
    for n in range(1, max([1, *changes["n"].to_list()]) + 1):
        part = named.filter(pl.col("n") == n)
        columns = zip(CHANGE, ("called", "before", "after", "basis", "held"), strict=True)
        part = part.select(ROW, *(pl.col(name).alias(f"{header}_{n}") for header, name in columns))
        found = found.join(part, on=ROW, how="left", maintain_order="left")
    return found


def _regions(con: duckdb.DuckDBPyConnection, batch: Batch) -> pl.DataFrame:
    """row_id, KODE_DAERAH and NAMA_DAERAH (every region the row concerns, by code), and what a region answered.

    Of a region that an earlier batch asked about the same open case, and that has not answered: when.
    """
    halves = counterparts(con, batch)
    pending = halves.filter(pl.col(ASKED_ON).is_not_null()).group_by(ROW).agg(
        (pl.lit("sudah diminta ") + pl.col(ASKED_ON).min().dt.strftime("%d-%m-%Y")).alias("pending")
    )  # fmt: skip
    asked = halves.select(ROW, "region").unique().sort(ROW, "region")
    names = {code: name for code, name in regency_names().items() if code != CITY} | {UNKNOWN: "belum diketahui"}
    called = pl.col("region").replace_strict(names, default=pl.lit("kode ") + pl.col("region"), return_dtype=pl.String)
    told = asked.with_columns(called.alias("name")).group_by(ROW, maintain_order=True).agg(
        pl.col("region").str.join(" ").alias("KODE_DAERAH"), pl.col("name").str.join("; ").alias("NAMA_DAERAH")
    )  # fmt: skip
    key = {"agenda": batch.agenda, "round": batch.round, "answers": answers()}
    told = told.join(con.execute(_ANSWERS, key).pl(), on=ROW, how="left", maintain_order="left")
    told = told.join(pending, on=ROW, how="left", maintain_order="left")
    return told.with_columns(pl.coalesce("JAWABAN_DAERAH", "pending").alias("JAWABAN_DAERAH")).drop("pending")
