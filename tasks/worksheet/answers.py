"""What Staff answered on sheet "Pasangan", and whether it agrees with how the rows of the pair end."""

import duckdb
import polars as pl

from expectations.outcomes import DIFFERENT_PEOPLE, VERDICTS, Outcome
from tasks.worksheet.content import EARLIER_
from tasks.worksheet.faults import Faults, Where
from tasks.worksheet.layout import DECISIONS, MAX_NOTE, PAIRS

# The pairs that a proposed "usul nonaktif" rests on: the loser with its group's survivor, or all that joins it to the
# group; of a received survivor, the pair with the register's record that loses (outcomes.resident_id).
_RESTS_ON = f"""
with ending as (
  select o.row_id, i.record_id, o.resident_id from outcomes o join identities i using (agenda, row_id)
  where o.agenda = $agenda and o.round = $round and o.outcome = '{Outcome.DEACTIVATION}'),
members as (select record_id, cluster_id, survives from clusters where agenda = $agenda),
sides as (select left_id, right_id, left_id as mine, right_id as other from pairs where agenda = $agenda
          union all select left_id, right_id, right_id, left_id from pairs where agenda = $agenda),
inside as (
  select s.*, a.survives as mine_survives, b.survives as other_survives, count(*) over (partition by s.mine) as partners
  from sides s join members a on a.record_id = s.mine
  join members b on b.record_id = s.other and b.cluster_id = a.cluster_id)
select e.row_id, s.left_id, s.right_id from ending e join inside s on s.mine = e.record_id
where if(s.mine_survives, s.other = 'P' || e.resident_id, s.other_survives or s.partners = 1)
"""


def check_answers(cells: pl.DataFrame, faults: Faults) -> None:
    """Notes answers that are not in the list, and notes without an answer."""
    answer = pl.col("PUTUSAN").str.to_lowercase()
    allowed = ", ".join(VERDICTS)
    unknown = cells.filter((answer != "") & ~answer.is_in(list(VERDICTS)))["at"]
    faults.note(Where(PAIRS, "PUTUSAN"), unknown, ("di luar daftar", f"{allowed}, atau kosong"))
    alone = cells.filter((answer == "") & (pl.col("CATATAN") != ""))["at"]
    faults.note(Where(PAIRS, "PUTUSAN"), alone, ("kosong, padahal CATATAN diisi", allowed))
    long = cells.filter(pl.col("CATATAN").str.len_chars() > MAX_NOTE)["at"]
    faults.note(Where(PAIRS, "CATATAN"), long, ("terlalu panjang", f"paling banyak {MAX_NOTE} huruf"))


def check_against_outcomes(
    con: duckdb.DuckDBPyConnection, about: tuple[str, int], sheets: tuple[pl.DataFrame, pl.DataFrame], faults: Faults
) -> None:
    """Two people are not deactivated as one: "bukan" or "kembar" contradicts "usul nonaktif" for that very pair.

    ``about``: (agenda, round); ``sheets``: rows of "Keputusan" (as ``decided`` takes them) and cells of "Pasangan" with
    left_id and right_id. A row whose end Staff bases on a document of its own does not rest on the pair.
    """
    rows, pairs = sheets
    rests = con.execute(_RESTS_ON, {"agenda": about[0], "round": about[1]}).pl()
    apart = pairs.filter(pl.col("PUTUSAN").str.to_lowercase().is_in(DIFFERENT_PEOPLE))
    alone = ~pl.col("decides") & ~pl.col("rebased") & (pl.col(f"{EARLIER_}basis").fill_null("") == "")
    off = rows.filter((pl.col("HASIL") == Outcome.DEACTIVATION.value) & alone)
    found = rests.join(apart.select("left_id", "right_id", pl.col("at").alias("pair_at")), on=["left_id", "right_id"])
    found = found.join(off.select("row_id", "at"), on="row_id").sort("pair_at", "at")
    for at, row in found.select("pair_at", "at").iter_rows():
        told = (f"dua orang, padahal {DECISIONS}!A{row} diusulkan nonaktif karena pasangan ini",
                "orang sama, atau HASIL baris itu bukan usul nonaktif")  # fmt: skip
        faults.note(Where(PAIRS, "PUTUSAN"), pl.Series([at]), told, "perbaiki salah satu sel")


def answered(cells: pl.DataFrame) -> pl.DataFrame:
    """left_id, right_id, verdict, note of every pair with an answer; checked before."""
    return (
        cells.filter(pl.col("PUTUSAN") != "")
        .select("left_id", "right_id", pl.col("PUTUSAN").str.to_lowercase().alias("verdict"),
                pl.when(pl.col("CATATAN") != "").then("CATATAN").alias("note"))
        .sort("left_id", "right_id")
    )  # fmt: skip
