"""Candidate pairs: blocking by several keys, as joins in DuckDB behind recordlinkage's own index class."""

import duckdb
import pandas as pd
import polars as pl
from recordlinkage.base import BaseIndexAlgorithm

from expectations.matching import BLOCKING, MAX_BLOCK


class BlockingKeys(BaseIndexAlgorithm):  # type: ignore[misc]  # recordlinkage ships no types
    """Pairs that share at least one blocking key, at least one of them received in this batch.

    Blocks of more than ``MAX_BLOCK`` records are left out: they say "common value", not "same person".
    """

    def _dedup_index(self, frame: pd.DataFrame) -> pd.MultiIndex:
        table = pl.from_pandas(frame, include_index=False).with_row_index("pos")
        queries = [
            f"""select l.pos as a, r.pos as b from
                (select * from keyed where {" and ".join(f"{k} is not null" for k in keys)}
                 qualify count(*) over (partition by {", ".join(keys)}) <= {MAX_BLOCK}) l
                join (select * from keyed) r using ({", ".join(keys)})
                where l.pos <> r.pos and l.received"""
            for keys in BLOCKING
        ]
        con = duckdb.connect(config={"threads": 2})
        try:
            con.register("keyed", table.to_arrow())
            union = " union ".join(queries)
            pairs = con.sql(f"select distinct least(a, b) as a, greatest(a, b) as b from ({union}) order by a, b").pl()
        finally:
            con.close()
        return pd.MultiIndex.from_arrays([frame.index[pairs["a"].to_numpy()], frame.index[pairs["b"].to_numpy()]])
