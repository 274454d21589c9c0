"""What stands on sheet "Keputusan": rows that a person decides, told in words, with the proposal filled in."""

import duckdb
import polars as pl

from expectations.cases import ANSWERED
from expectations.codes import CITY, regions
from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF, PROPOSAL_COLUMN, Outcome
from expectations.rules import BY_CODE
from expectations.thresholds import filled
from tasks.privacy import OF_STAFF, label
from tasks.workbooks import as_cells
from tasks.worksheet.layout import LOCKED, OPEN

# What needs a person; what Staff decided in an earlier round or batch and may decide otherwise now; what was referred
# to another region, so that its answer can be recorded; and what else is proposed about the same people: whoever
# decides one row must see the other, and be able to change it.
SHOWN = f"""
with shown as (
  with picked as (
    select row_id from outcomes where agenda = $agenda and round = $round
      and (needs_person or cause in {(BY_STAFF, REMEMBERED)} or outcome = '{Outcome.OTHER_REGION}')),
  people as (
    select record_id from identities where agenda = $agenda and row_id in (from picked))
  select o.* from outcomes o where o.agenda = $agenda and o.round = $round
    and (o.row_id in (from picked) or o.outcome in ('{Outcome.CORRECTED}', '{Outcome.DEACTIVATION}') and o.row_id in (
      select row_id from identities where agenda = $agenda and record_id in (from people))))
"""

EARLIER = """select * from decisions where agenda = $agenda and round < $round
  qualify row_number() over (partition by row_id order by round desc) = 1"""

_ROWS = f"""
{SHOWN}, decided as ({EARLIER})
select o.row_id, f.file_no || ' / ' || r.line_no as line, r.no_prop || r.no_kab || r.no_kec as district,
  r.no_prop || r.no_kab || r.no_kec || r.no_kel as village, r.kec_name, r.kel_name, r.nik, r.nama_lgkp, r.tgl_lhr_raw,
  r.alamat, r.no_rt, r.no_rw, o.outcome, o.basis, o.cause, d.document, d.number, strftime(d.dated, '%Y-%m-%d') as dated,
  d.event, strftime(coalesce(d.until, if(o.needs_person, null, m.until)), '%Y-%m-%d') as until, d.note,
  'keputusan agenda ' || a.earlier || ' dibuka lagi: ' || a.verdict || chr(10) || a.difference as again,
  coalesce(r.no_prop || r.no_kab <> '{CITY}', false) or coalesce(p.no_prop || p.no_kab <> '{CITY}', false) as outside,
  o.outcome = '{Outcome.OTHER_REGION}' or coalesce(d.event like 'jawaban daerah%', false) as referred
from shown o join extract_rows r using (agenda, row_id) join files f using (agenda, file_no)
left join identities i using (agenda, row_id) left join penduduk p on p.resident_id = i.resident_id
left join decided d on d.row_id = o.row_id and o.cause in {(BY_STAFF, ANSWERED)}
left join recalled c on c.agenda = o.agenda and c.round = o.round and c.row_id = o.row_id and o.cause = '{REMEMBERED}'
left join row_memory m on m.agenda = c.earlier and m.row_id = c.earlier_row
left join reopened a on a.agenda = o.agenda and a.row_id = o.row_id
order by o.row_id
"""

_CODES = f"""
{SHOWN}, root as (select row_id, resolves from root_causes where agenda = $agenda and rank = 1),
named as (
  select f.row_id, f.code, if(list_contains(c.resolves, f.code), 0, 2) as rank
  from findings f left join root c using (row_id) where f.agenda = $agenda
  union all select row_id, unnest(string_split(cause, ' ')), 1 from shown where cause not in {(*OF_STAFF, "")})
select row_id, code, min(rank) as rank from named where row_id in (select row_id from shown)
group by all order by row_id, rank, code
"""

_CAUSES = f"""{SHOWN}
select row_id, element, value, source, len(resolves)::bigint as resolved from root_causes
where agenda = $agenda and rank = 1 and row_id in (select row_id from shown)
"""

_CHANGES = f"""{SHOWN}
select row_id, element, before, after,
  row_number() over (partition by row_id order by cause not in {OF_STAFF}, element) as n
from changes where agenda = $agenda and round = $round and element <> '{PROPOSAL_COLUMN}'
  and row_id in (select row_id from shown)
order by row_id, n
"""
CARRIED = ("outcome", "element", "after", "element_2", "after_2", "kept", "basis")
EARLIER_ = "earlier_"
PREFILLED = 2  # changes of a row that have cells of their own, Staff's first; further ones stand as proposed


def decision_rows(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> pl.DataFrame:
    """One line per row of the sheet, ordered: LOCKED and OPEN as text, and what the reader and other sheets need.

    row_id Int64; outside Boolean: another region's; referred Boolean: may stay or become "rujuk luar kota"; further
    List(String): proposed elements beyond the cells; village, rt, rw, address, kel_name String.
    """
    key = {"agenda": agenda, "round": round_no}
    rows, changes = con.execute(_ROWS, key).pl(), con.execute(_CHANGES, key).pl()
    told = (
        rows.join(_findings(con.execute(_CODES, key).pl()), on="row_id", how="left")
        .join(_root(con.execute(_CAUSES, key).pl()), on="row_id", how="left")
        .join(_proposed(changes), on="row_id", how="left")
        .sort("row_id")
    )
    for n in range(1, PREFILLED + 1):
        mine = changes.filter(pl.col("n") == n).select(
            "row_id", pl.col("element").str.to_uppercase().alias(f"element_{n}"), pl.col("after").alias(f"after_{n}")
        )
        told = told.join(mine, on="row_id", how="left", maintain_order="left")
    return as_cells(told.select(
        "row_id", *_locked(), *_open(), "outside", "referred", pl.col("further").fill_null([]),
        "village", "kel_name", pl.col("alamat").alias("address"), pl.col("no_rt").alias("rt"),
        pl.col("no_rw").alias("rw"),
    ))  # fmt: skip


def earlier_decisions(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> pl.DataFrame:
    """row_id, and Staff's newest word about it from the rounds before: the columns ``CARRIED`` with ``EARLIER_``."""
    columns = ", ".join(f"{name} as {EARLIER_}{name}" for name in CARRIED)
    return con.execute(f"select row_id, {columns} from ({EARLIER})", {"agenda": agenda, "round": round_no}).pl()


def _locked() -> list[pl.Expr]:
    district = pl.col("district").replace_strict(regions("kecamatan"), default=None, return_dtype=pl.String)
    basis = pl.format("{}\ndasar: {}", "outcome", pl.col("basis").fill_null(""))
    proposed = pl.format("{}\n{}\ndasar: {}", "outcome", "lines", pl.col("basis").fill_null(""))
    made = (
        pl.col("row_id").cast(pl.String), pl.col("line"), pl.coalesce(district, "kec_name"), village_name(),
        pl.col("nik"), pl.col("nama_lgkp"), pl.col("tgl_lhr_raw"), pl.col("root"), pl.col("findings"),
        pl.concat_str(pl.when(pl.col("lines").is_null()).then(basis).otherwise(proposed), "again", separator="\n",
                      ignore_nulls=True),
    )  # fmt: skip
    return [expression.alias(name) for name, expression in zip(LOCKED, made, strict=True)]


def village_name() -> pl.Expr:
    """The kelurahan by its code, else as received."""
    return pl.coalesce(village_by_code(), "kel_name")


def village_by_code() -> pl.Expr:
    """The city's own kelurahan of a row; null for a code that is none of them."""
    return pl.col("village").replace_strict(regions("kelurahan"), default=None, return_dtype=pl.String)


def _open() -> list[pl.Expr]:
    names = ("outcome", "element_1", "after_1", "element_2", "after_2", "document", "number", "dated", "event", "until",
             "note")  # fmt: skip
    return [pl.col(name).alias(head) for head, name in zip(OPEN, names, strict=True)]


def _findings(codes: pl.DataFrame) -> pl.DataFrame:
    """row_id, findings: one line of words per finding, those first that the root cause explains."""
    titles = {code: f"{filled(rule.title)} ({code})" for code, rule in BY_CODE.items()}
    words = pl.col("code").replace_strict(titles, default=pl.col("code"), return_dtype=pl.String)
    return codes.group_by("row_id", maintain_order=True).agg(words.str.join("\n").alias("findings"))


def _root(causes: pl.DataFrame) -> pl.DataFrame:
    """row_id, root: which single correction explains most findings."""
    words = pl.format("{} menjadi {} (menurut {}): {} temuan hilang", _label(), "value", "source", "resolved")
    return causes.select("row_id", words.alias("root"))


def _proposed(changes: pl.DataFrame) -> pl.DataFrame:
    """row_id, lines: semula → menjadi per element; further: elements that have no cell of their own."""
    line = pl.format("{}: {} → {}", _label(), _value("before"), _value("after"))
    return changes.group_by("row_id", maintain_order=True).agg(
        line.str.join("\n").alias("lines"), pl.col("element").filter(pl.col("n") > PREFILLED).alias("further")
    )


def _value(column: str) -> pl.Expr:
    return pl.when(pl.col(column).fill_null("") == "").then(pl.lit("(kosong)")).otherwise(column)


def _label() -> pl.Expr:
    return pl.col("element").map_elements(label, return_dtype=pl.String)
