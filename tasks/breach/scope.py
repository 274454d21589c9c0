"""What got out: whole batches, one file, or the store; named by the operator, found in the ledger."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from expectations.columns import BY_NAME, STORED, Privacy
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, entries
from tasks.letter import names_of
from tasks.letter_names import bears
from tasks.office import AGENDA
from tasks.privacy import scrub
from tasks.receipts import Receipt, find_receipt
from tasks.retention.due import check_there, destroyed
from tasks.write.conflicts import base_of

STORE = "store.duckdb"  # with it goes everybody the office knows
WHOLE = 0  # file number: every file of the batch, and what the office made of it


@dataclass(frozen=True)
class Scope:
    """``parts``: (agenda, file number from 1, or WHOLE), sorted; ``register``: the office's residents as well.

    ``file``: the name that was asked for, "" for agenda numbers.
    """

    parts: tuple[tuple[str, int], ...]
    register: bool = False
    file: str = ""

    @property
    def agendas(self) -> list[str]:
        """Agenda numbers, sorted."""
        return sorted({agenda for agenda, _ in self.parts})


def first_received(ledger: sqlite3.Connection, scope: Scope) -> datetime | None:
    """When the first of the batches concerned came in (UTC); None where only the register is."""
    came = [entry.at for agenda in scope.agendas for entry in entries(ledger, agenda, Kind.RECEIVED)]
    return datetime.fromisoformat(min(came)) if came else None


def of_agendas(ledger: sqlite3.Connection, agendas: list[str]) -> Scope:
    """Whole batches; the number of an undo stands for its batch. Raises UserError (USAGE) with all unknown ones."""
    wrong = list[Problem]()
    for agenda in agendas:
        try:
            find_receipt(ledger, base_of(agenda) if AGENDA.fullmatch(agenda) else scrub(agenda))
        except UserError as error:
            wrong += error.problems
    if wrong:
        raise UserError(Exit.USAGE, *wrong)
    return Scope(_there(ledger, {(base_of(agenda), WHOLE) for agenda in agendas}))


def _there(ledger: sqlite3.Connection, parts: set[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """In order, without what is destroyed: nobody knows who was in it. Raises UserError (USAGE) when none is left."""
    gone = destroyed(ledger)
    left = sorted(part for part in parts if part[0] not in gone)
    if not left:
        check_there(ledger, min(parts)[0])
    return tuple(left)


def of_file(ledger: sqlite3.Connection, name: str) -> Scope:
    """A received file, a list or worksheet that the office put out, or the store. Raises UserError (USAGE)."""
    base = scrub(Path(name).name)
    if base == STORE:
        gone = destroyed(ledger)
        received = [entry.batch for entry in entries(ledger, kind=Kind.RECEIVED) if entry.batch not in gone]
        return Scope(tuple(sorted((agenda, WHOLE) for agenda in received)), register=True, file=base)
    came = {
        (entry.batch, number): kept
        for entry in entries(ledger, kind=Kind.RECEIVED)
        for number, facts in enumerate(entry.payload["files"], start=1)
        for kept in (*names_of(facts["name"]), facts["name"].partition("/")[0], facts["archived"])
        if bears(kept, base) and (kept != facts["archived"] or entry.batch in Path(name).parts)
    }
    parts, base = set(came), next(iter(came.values()), base)  # as it is kept: a person's name in it is not told again
    put_out = [entry for entry in entries(ledger, kind=Kind.EXPORTED) if entry.payload.get("file") == base]
    parts |= {(base_of(e.batch), WHOLE) for e in put_out if AGENDA.fullmatch(e.batch) and not _masked(e.payload)}
    if not parts:
        told = "tersamar: tidak memuat NIK dan nama" if put_out else "tidak pernah diterima atau dikeluarkan kantor"
        if not all(_masked(entry.payload) for entry in put_out):
            told = "memuat data orang dari beberapa penerimaan: sebut nomor agendanya"
        allowed = f"nama berkas yang diterima, daftar di outbox/, lembar kerja, atau {STORE}"
        step = "lihat: sinkron status, sinkron documents AGENDA; atau sebut nomor agendanya"
        raise UserError(Exit.USAGE, Problem(f"--file {base}", told, allowed, step))
    return Scope(_there(ledger, parts), file=base)


def _masked(facts: dict[str, object]) -> bool:
    return facts.get("masked") is True


def kinds_of(ledger: sqlite3.Connection, scope: Scope) -> dict[Privacy, list[str]]:
    """Class of the column contract -> the labels of the data that lay in what got out, in the contract's order.

    Of a received file all its known columns, also those that the office does not load: they lie in the original.
    """
    names = set(STORED) if scope.register else set[str]()
    for agenda in scope.agendas:
        names |= _columns(find_receipt(ledger, agenda), {number for one, number in scope.parts if one == agenda})
    found: dict[Privacy, list[str]] = {}
    for column in BY_NAME.values():
        if column.name in names and column.privacy is not Privacy.NONE:
            found.setdefault(column.privacy, []).append(column.label)
    return found


def _columns(receipt: Receipt, wanted: set[int]) -> set[str]:
    return {
        str(name)
        for number, facts in enumerate(receipt.files, start=1)
        if wanted & {WHOLE, number}
        for name in facts["columns"].values()
    }
