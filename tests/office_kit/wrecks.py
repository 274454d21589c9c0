"""A store whose process was killed with a log of commits: laid back whole or changed, and what is read of it."""

from dataclasses import dataclass
from pathlib import Path

from tasks.errors import Exit, UserError
from tasks.office import Office
from tasks.store import open_store

COMMITS = 6
KILLED = """
import os, signal, sys
from pathlib import Path
from tasks.office import Office
from tasks.steps import mark
from tasks.store import open_store, transaction
office = Office(Path(sys.argv[1]))
log = office.store.with_name("store.duckdb.wal")
with open_store(office) as con:
    con.execute("checkpoint office")
    for n in range(int(sys.argv[2])):
        with transaction(con):
            con.execute("update penduduk set alamat = ? where resident_id % 5 = ?", [f"JL UJI {n}", n % 5])
            mark(con, f"uji {n}")
        print(log.stat().st_size, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@dataclass
class Wreck:
    """An office whose process was killed after its last commit: ``sizes`` of the log after each commit."""

    office: Office
    store: bytes
    log: bytes
    lines: list[bytes]
    sizes: list[int]
    whole: dict[str, object]

    @property
    def log_path(self) -> Path:
        return self.office.store.with_name("store.duckdb.wal")

    def lay(self, store: bytes | None = None, log: bytes | None = None, unnoted: int = 0) -> None:
        """Puts the files back, some of them changed; the last ``unnoted`` commits are not in the second file."""
        self.office.store.write_bytes(self.store if store is None else store)
        self.log_path.write_bytes(self.log if log is None else log)
        self.office.anchors.write_bytes(b"".join(self.lines[: len(self.lines) - unnoted]))


def facts(office: Office) -> dict[str, object]:
    """Number and hash of the rows of every table, all of them read."""
    with open_store(office) as con:
        names = con.execute(
            "select table_name from duckdb_tables() where database_name = 'office' order by 1"
        ).fetchall()
        return {
            name: con.execute(f"select count(*), sum(hash(t)) from office.main.{name} t").fetchall()
            for (name,) in names
        }


def outcome(wreck: Wreck) -> str:
    """What became of it: "utuh" (all that was committed is there) or the file a clear refusal names, or this fails."""
    try:
        found = facts(wreck.office)
    except UserError as error:
        refusal = error
    else:
        refusal = None
    if refusal is not None:
        assert refusal.exit_code is Exit.OFFICE
        assert "cadangan" in str(refusal).lower()
        assert wreck.office.key("store").hex() not in str(refusal)
        return refusal.problems[0].place
    assert found == wreck.whole, "data lain tanpa satu kata pun"
    return "utuh"
