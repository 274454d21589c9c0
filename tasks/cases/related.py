"""Cases of one person that one region is asked about: its letter has one line for them, so one answer counts for all.

Whose record is whose is what the batch's linking said; a region never answers "theirs" about one half of a person and
"stays here" about the other (handbook 8). A case that several regions are asked about stands on several letters: no
single answer fills it, and it must agree with one of them.
"""

import polars as pl

from tasks.cases.answers import ANSWERED, LETTER
from tasks.cases.layout import BETWEEN, CASES, HEADS, NEW, OPEN, RELATED
from tasks.worksheet.faults import Faults, Where
from tasks.worksheet.layout import address

OTHER = " lain"
ALONE, OTHER_ALONE = (~pl.col(name).str.contains(" ") for name in ("DAERAH", f"DAERAH{OTHER}"))
ONE_ANSWER = "satu jawaban satu daerah untuk satu orang (KASUS TERKAIT)"
MATCH = "samakan menurut surat daerah itu; bukan orang yang sama: jawab salah satunya dengan dokumen diterima"


def all_answered(cells: pl.DataFrame) -> pl.DataFrame:
    """The answered lines of ``spelt`` cells, by ``at``, and those that a region's answer to a related case counts for.

    Such a line has no answer of its own and is asked about at one region alone; it gets the yellow cells of the related
    case that comes first by its number.
    """
    fits = ALONE & OTHER_ALONE & (pl.col("JAWABAN") == "")
    found = _pairs(cells, cells.filter(LETTER)).filter(fits).sort("at", RELATED).unique("KASUS", keep="first")
    alike = found.select(
        pl.col("of").alias(RELATED) if name == RELATED else pl.col(f"{name}{OTHER}").alias(name)
        if name in OPEN else pl.col(name) for name in cells.columns
    )  # fmt: skip
    return pl.concat([cells.filter(ANSWERED), alike]).sort("at")


def check_related(cells: pl.DataFrame, rows: pl.DataFrame, faults: Faults) -> None:
    """Notes contradicting answers about one person at both cells, and related cases whose line is gone.

    ``cells``: ``spelt``; ``rows``: ``open_rows``.
    """
    letters = cells.filter(LETTER)
    pairs = _pairs(letters, letters).with_columns((pl.col("JAWABAN") != pl.col(f"JAWABAN{OTHER}")).alias("differs"))
    torn = pairs.filter(~ALONE).group_by("at").agg(pl.col("differs").all()).filter("differs")["at"].implode()
    told = (ALONE & OTHER_ALONE) | pl.col("at").is_in(torn) | pl.col(f"at{OTHER}").is_in(torn)
    wrong = pairs.filter(pl.col("differs") & told).group_by("at").agg(pl.col(f"at{OTHER}").unique().sort().alias("to"))
    for (others,), lines in wrong.group_by("to"):
        places = ", ".join(address(CASES, HEADS[CASES], "JAWABAN", at) for at in others)
        faults.note(Where(CASES, "JAWABAN"), lines["at"], (f"jawaban lain daripada {places}", ONE_ANSWER), MATCH)
    gone = rows.filter(~pl.col("KASUS").is_in(cells["KASUS"].implode()))
    alone = _pairs(letters, gone).filter(ALONE & OTHER_ALONE)["at"].unique()
    faults.note(Where(CASES, RELATED), alone, ("baris kasus terkait tidak ada", "baris semua KASUS TERKAIT"), NEW)


def _pairs(cells: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """A line per case and related case that is among ``others``: its columns with OTHER, RELATED the other's number.

    of: the case's own RELATED.
    """
    each = cells.with_columns(pl.col(RELATED).alias("of"), pl.col(RELATED).str.split(BETWEEN)).explode(RELATED)
    return each.join(others, left_on=RELATED, right_on="KASUS", how="inner", suffix=OTHER)
