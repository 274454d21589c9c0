"""What an analyst can read in the published copy, and which secrets are among it."""

import re
from pathlib import Path

import duckdb

from expectations.codes import regions
from office_kit.small import Opened
from tasks.ledger import open_ledger
from tasks.publish import PUBLISHED, publish


def published_texts(path: Path) -> dict[str, set[str]]:
    """Every text of the analysts' copy, read as an analyst does: plain DuckDB, read-only, no key."""
    with duckdb.connect(str(path), read_only=True) as con:
        columns = con.execute("select table_name, column_name, data_type from information_schema.columns").fetchall()
        query = 'select distinct "{1}" from {0}'
        return {
            f"{table}.{column}": {str(v) for (v,) in con.execute(query.format(table, column)).fetchall() if v}
            for table, column, kind in columns
            if kind in {"VARCHAR", "DATE", "TIMESTAMP"}
        }


def leaks(texts: dict[str, set[str]], secrets: set[str]) -> dict[str, list[str]]:
    """Column -> secrets found inside its values, and runs of 16 digits; the city's own places are no secret."""
    found = {}
    places = {*regions("kecamatan").values(), *regions("kelurahan").values()}
    for column, values in texts.items():
        public = places if column.endswith((".kecamatan", ".kelurahan")) else set()
        text = "\n".join(v for v in values - public if not re.fullmatch(r"[0-9a-f]{16}", v))
        hits = [s for s in secrets if s in text] + re.findall(r"(?<![0-9])[0-9]{16}(?![0-9])", text)
        if hits:
            found[column] = hits[:3]
    return found


def copy_published(opened: Opened) -> dict[str, set[str]]:
    """The texts of the copy that the office publishes now."""
    office = opened.batch.office
    with open_ledger(office) as ledger:
        publish(opened.con, office, ledger, (opened.batch.agenda, opened.batch.desk.clock))
    return published_texts(office.published / PUBLISHED)
