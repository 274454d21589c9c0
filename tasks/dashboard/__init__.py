"""The dashboard of an office: one page made of sums over the analysts' copy. No row ever leaves DuckDB."""
