"""What lies of a batch, to be destroyed: found on the disk and in the store, listed with hashes, and signed."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb

from expectations.retention import EMPTIED, REMOVED
from tasks.office import Office
from tasks.private import sha256_of
from tasks.retention.keys import SUFFIX, folders

FORMAT = "sinkron-pemusnahan/1"


def inventory(con: duckdb.DuckDBPyConnection, office: Office, about: tuple[str, str]) -> dict[str, Any]:
    """What people sign: {format, agenda, destroys, files: [[name in the archive, SHA-256 as it lies]], rows}.

    ``about``: (agenda of the destruction, batch); ``rows``: table -> the batch's rows in it. What people work with
    (worksheets on the desk, lists) is not in it, for it may come and go until then, and goes as well.
    """
    case, agenda = about
    archived = sorted(path for path in (office.archive / agenda).glob("*") if path.is_file())
    count = "select count(*) from {} where agenda = ?"
    rows = {name: con.execute(count.format(name), [agenda]).fetchall()[0][0] for name in (*EMPTIED, *REMOVED)}
    files = [[path.name, sha256_of(path)] for path in archived]
    return {"format": FORMAT, "agenda": case, "destroys": agenda, "files": files, "rows": rows}


def digest_of(found: dict[str, Any]) -> str:
    """Hex SHA-256 of an inventory's canonical bytes (JSON, sorted keys)."""
    return hashlib.sha256(json.dumps(found, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def keys_of(office: Office, agenda: str) -> list[Path]:
    """Every file with a key of that number, also those set aside, in the office's folder and in the copy's."""
    names = (f"{agenda}{SUFFIX}", f".tertinggal-{agenda}-*{SUFFIX}")
    return sorted(path for folder in folders(office) for name in names for path in folder.glob(name))


def readable(office: Office, agenda: str) -> list[Path]:
    """Every file or folder with residents' data of a batch outside the store, keys aside."""
    named = re.compile(rf"(?<![0-9]){agenda}(?![0-9])")
    lying = [office.archive / agenda, *office.outbox.glob(f"{agenda}*"), *office.packs.glob(f"bukti-{agenda}-terbuka*")]
    on_desk = [path for path in office.desk.iterdir() if named.search(path.name)] if office.desk.is_dir() else []
    return sorted(path for path in (*lying, *on_desk) if path.exists() and named.search(path.name))
