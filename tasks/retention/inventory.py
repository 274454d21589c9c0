"""What lies of a batch, to be destroyed: found on the disk and in the store, listed with hashes, and signed."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

from expectations.retention import EMPTIED, REMOVED
from tasks.ledger import Kind, entries
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
    """Every file with a key of that number, also copies and those set aside, wherever the office has keys."""
    places = [*folders(office), *_set_aside(office, office.batch_keys)]
    return sorted(path for folder in places for path in folder.glob(f"*{SUFFIX}") if _names(path, agenda))


def readable(office: Office, agenda: str, hashes: Collection[str] = ()) -> list[Path]:
    """Every file or folder with residents' data of a batch outside the store, keys aside.

    Also what a restore or a refused delivery set aside. ``hashes``: SHA-256 of what was received; a file with one of
    them in ``rejected/`` is the same delivery once more.
    """
    found = [path for place in _places(office, office.archive) for path in place.glob("*") if _names(path, agenda)]
    found += [path for place in _places(office, office.archive) for path in place.glob(f".tertinggal-{agenda}-*")]
    found += [path for place in _places(office, office.outbox) for path in place.glob("*") if _names(path, agenda)]
    found += [path for place in _places(office, office.packs) for path in place.glob(f"bukti-{agenda}-terbuka*")]
    found += [path for place in _places(office, office.desk) for path in place.rglob("*") if _names(path, agenda)]
    if hashes:
        refused = (path for place in _places(office, office.rejected) for path in place.rglob("*"))
        found += [path for path in refused if _is_plain(path) and sha256_of(path) in hashes]
    return sorted(set(found))


def linked(office: Office, agenda: str) -> list[Path]:
    """What leads elsewhere: the link would go, and what it leads to would stay."""
    return [path for path in (*keys_of(office, agenda), *readable(office, agenda)) if path.is_symlink()]


def hashes_of(con: sqlite3.Connection, agenda: str) -> set[str]:
    """SHA-256 of every file of a receipt, and of what lay in its ZIP files."""
    return {
        str(facts[name])
        for entry in entries(con, agenda, Kind.RECEIVED)
        for facts in entry.payload["files"] for name in ("sha256", "content_sha256") if name in facts
    }  # fmt: skip


def _places(office: Office, folder: Path) -> list[Path]:
    return [folder, *_set_aside(office, folder)]


def _set_aside(office: Office, folder: Path) -> list[Path]:
    """The same folder from before a restore."""
    return sorted(office.home.glob(f"{folder.name}.sebelum-*"))


def _names(path: Path, agenda: str) -> bool:
    return re.search(rf"(?<![0-9]){agenda}(?![0-9]|-P)", path.name) is not None


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
