"""Tables of anybody for the matcher: files become text columns of a model, results become files.

Nothing of the office is needed here: any CSV, Parquet or XLSX is read, every data row keeps its place (``left_row`` and
``right_row`` count data rows from 0), and only the columns the model names are read.
"""

from tasks.tables.headers import Wanted, check_usable
from tasks.tables.labels import read_labels
from tasks.tables.read import ACCEPTED, Table, read_table
from tasks.tables.write import Target, check_targets, write_tables

__all__ = ["ACCEPTED", "Table", "Target", "Wanted", "check_targets", "check_usable", "read_labels", "read_table",
           "write_tables"]  # fmt: skip
