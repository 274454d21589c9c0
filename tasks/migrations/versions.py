"""The versions of the office's two databases, as data: what leads from each to the next.

One number for both. The store bears it in ``schema_versions``, the ledger as SQLite's ``user_version``. A released
migration is never changed: whoever changes a table of tasks.schema or tasks.ledger_tables adds one here.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Migration:
    """One step. ``to``: the version after it; ``what``: what changes, in Indonesian, for the ledger and for people.

    ``ledger``: SQL statements for the ledger; those for the store stand in ``to_<version>.sql`` beside this module.
    """

    to: int
    what: str
    ledger: tuple[str, ...] = ()

    @cached_property
    def store(self) -> str:
        """SQL statements for the store, run in one transaction."""
        return Path(__file__).with_name(f"to_{self.to}.sql").read_text(encoding="utf-8")


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "nomor versi pada store dan Buku Agenda; jumlah baris menurut surat, siapa kedua sisi pasangan, dan "
              "unsur kedua jawaban kasus"),
)  # fmt: skip
CURRENT = MIGRATIONS[-1].to


def since(version: int) -> tuple[Migration, ...]:
    """What leads from a version to the present one, in order."""
    return tuple(step for step in MIGRATIONS if step.to > version)
