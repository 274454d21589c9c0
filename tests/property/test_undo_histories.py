"""Random histories of batches, undos and undos of undos: every undo gives back the very bytes, or is refused rightly.

``SINKRON_TORTURE=1`` plays 10,000 long histories instead of 150 short ones.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from office_kit.histories import World

from tasks.ledger import open_ledger, verify
from tasks.office import Office
from tasks.store import memory_store

TORTURE = bool(os.environ.get("SINKRON_TORTURE"))
HISTORIES, ACTS = (10_000, 16) if TORTURE else (150, 9)
PARTS = 4
LEDGER_FOR = 50  # histories that share one ledger: its whole chain is read at the end


@pytest.mark.parametrize("part", range(PARTS))
def test_every_undo_gives_back_the_very_bytes(part: int, record_property: Callable[[str, object], None]) -> None:
    """If this fails, an undo leaves a resident otherwise than before, or is refused where it could be done."""
    numbers = range(part, HISTORIES, PARTS)
    undone, redone = 0, 0
    with memory_store() as con:
        con.execute("set threads = 1")
        for start in range(0, len(numbers), LEDGER_FOR):
            for world in _played(con, numbers[start : start + LEDGER_FOR]):
                undos = [entry.undoes for entry in world.model.written.values() if entry.undoes]
                undone, redone = undone + len(undos), redone + sum("-U" in agenda for agenda in undos)
    record_property("facts", {"histories": len(numbers), "undos": undone, "undos_of_undos": redone})
    assert undone > len(numbers) / 2  # the histories do undo things, and undos
    assert redone


def _played(con: object, numbers: range) -> list[World]:
    """Histories with one ledger, in memory where there is a disk in memory: every entry is flushed."""
    quick = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
    worlds = []
    with tempfile.TemporaryDirectory(dir=quick) as folder:
        office = Office(Path(folder) / "kantor")
        office.create()
        with open_ledger(office) as ledger:
            for number in numbers:
                dice = Random(number)  # noqa: S311 (a history, not a secret)
                world = World(con, ledger, dice, 1000 + number % 9000, edited=number % 5 == 0)
                world.receive()
                for _ in range(ACTS):
                    world.act()
                worlds.append(world)
            verify(ledger)
    return worlds
