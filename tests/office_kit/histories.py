"""Random histories of batches and undos over a small register, told twice: by the store, and by a model beside it."""

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from random import Random
from typing import Any

import duckdb

from expectations.approvals import CHAIN, STAFF, Separation
from expectations.columns import DATES, STORED
from office_kit.histories_model import Change, Model, Place, Row
from office_kit.signers import NIP, NOW
from tasks.approvals.case import Case
from tasks.approvals.docket import FINAL, record_proposal
from tasks.errors import ConflictError, DigestMismatchError, NotApprovedError, UserError
from tasks.ledger import Kind, LedgerConnection, append, utc, writing
from tasks.propose.changeset import digest
from tasks.write.apply import apply
from tasks.write.conflicts import CONFLICT, conflicts, void
from tasks.write.undo import propose_undo, undo

ABOUT = (NOW, Separation.STRICT)
COLUMNS = ("resident_id", *STORED, "usulan")
TEXTS = (None, "", "A", "a", "A ", "\u00c9LAN", "E\u0301LAN", "null", "'; --", "x" * 300)
BIRTHS = (None, date(1, 1, 1), date(1899, 12, 31), date(1990, 2, 14), date(2024, 2, 29), date(9999, 12, 31))
VALUES: dict[str, tuple[Any, ...]] = {
    "nama_lgkp": TEXTS, "alamat": TEXTS, "tgl_lhr": BIRTHS, "usulan": (None, "NONAKTIF"),
    "no_kab": ("76", "76", "76", "76", "76", None, "15"),
}  # fmt: skip
APPROVERS = tuple(level.role for level in CHAIN)


def propose_changes(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, agenda: str, changes: list[Change]
) -> Case:
    """Stores the change-set of a batch without a letter: one outcome per row, and lays it before the chain."""
    rows = sorted({change.row_id for change in changes})
    con.execute("insert into files by name select ? as agenda, 1 as file_no, ? as received, 0 as rejected",
                [agenda, len(rows)])  # fmt: skip
    con.executemany(
        "insert into outcomes values (?, 1, ?, null, 'diperbaiki', '', '', false)", [[agenda, row] for row in rows]
    )
    con.executemany(
        "insert into changes values (?, 1, ?, ?, ?, 'pusat', ?, ?, 'dasar', 'sebab')",
        [[agenda, c.row_id, c.resident, c.element, _text(c.held), _text(c.after)] for c in changes],
    )
    case = Case(agenda, 1, digest(con, agenda, 1))
    record_proposal(ledger, case, (FINAL, {"staff": False, "rows": len(rows), "changes": len(changes)}), NOW)
    return case


def sign(ledger: LedgerConnection, case: Case, *roles: str) -> None:
    """Entries as the enforcement writes them, each in a transaction of its own."""
    for role in roles:
        payload = {
            "key": role, "role": role, "round": case.round, "digest": case.digest, "note": "", "reason": "",
            "channel": "c", "noted": False, "decision": "Ajukan" if role == STAFF.role else "Ya",
            "submitted_at": utc(NOW),
        }  # fmt: skip
        with writing(ledger):
            append(ledger, NOW, (Kind.DECISION, case.agenda, NIP[role]), payload)


def add_residents(con: duckdb.DuckDBPyConnection, rows: dict[int, Row]) -> None:
    """Puts residents into the register as they are given."""
    marks = ", ".join("?" * len(COLUMNS))
    con.executemany(
        f"insert into penduduk values ({marks})", [[row[name] for name in COLUMNS] for row in rows.values()]
    )


@dataclass
class World:
    """One history: every act is done to the store and to the model, and both must agree."""

    con: duckdb.DuckDBPyConnection
    ledger: LedgerConnection
    random: Random
    year: int
    residents: int = 4
    edited: bool = False  # somebody changed the register past us
    pending: dict[str, tuple[Case, list[Change]]] = field(default_factory=dict)
    undos: dict[str, Case] = field(default_factory=dict)  # what is to be undone -> its open undo
    acts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for table in ("penduduk", "files", "outcomes", "changes", "history", "applied", "steps", "conflicts"):
            self.con.execute(f"delete from {table}")
        self.numbers = count(1)
        rows = {}
        for who in range(1, self.residents + 1):
            row = dict.fromkeys(COLUMNS) | {"resident_id": who, "no_prop": "35", "nik": f"X{who}"}
            rows[who] = row | {name: self.random.choice(values) for name, values in VALUES.items()} | {"no_kab": "76"}
        add_residents(self.con, rows)
        self.model = Model(rows)

    def held(self) -> dict[int, Row]:
        """The register as the store has it, with the types it has."""
        found = self.con.execute(f"select {', '.join(COLUMNS)} from penduduk order by resident_id").fetchall()
        return {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in found}

    def agree(self) -> None:
        """The store holds what the model holds, byte for byte."""
        assert repr(self.held()) == repr(dict(sorted(self.model.rows.items()))), self.acts

    def act(self) -> None:
        """One random act, then the comparison."""
        weights = {
            self.receive: 3, self.settle: 4 if self.pending else 0, self.ask_undo: 4 if self.model.written else 1,
            self.settle_undo: 4 if self.undos else 0, self.insist: 1, self.edit: 1 if self.edited else 0,
        }  # fmt: skip
        chosen = self.random.choices([*weights], [*weights.values()])[0]
        chosen()
        if chosen not in (self.receive, self.ask_undo):
            self.agree()

    def receive(self) -> None:
        """A batch is proposed; it may be written much later."""
        agenda = f"{self.year}-{next(self.numbers):04d}"
        changes: dict[Place, Change] = {}
        for _ in range(self.random.randint(1, 4)):
            who = self.random.choice([*self.model.rows, None])
            element, row_id = self.random.choice([*VALUES]), self.random.randint(1, 40)
            held = self.model.rows[who][element] if who else None
            if who and self.random.random() < 0.03:
                held = self.random.choice(VALUES[element])  # seen otherwise than it is
            changes[row_id, element] = Change(row_id, who, element, held, self.random.choice(VALUES[element]))
        self.acts.append(f"usul {agenda} {[*changes.values()]}")
        self.pending[agenda] = (
            propose_changes(self.con, self.ledger, agenda, [*changes.values()]),
            [*changes.values()],
        )

    def settle(self) -> None:
        """A proposed batch is signed and written, or void for ever."""
        if not self.pending:
            return
        agenda = self.random.choice([*self.pending])
        case, changes = self.pending[agenda]
        self.acts.append(f"tulis {agenda}")
        if self.random.random() < 0.05:
            refused(lambda: apply(self.con, self.ledger, case, ABOUT), NotApprovedError)
            return
        sign(self.ledger, case, *APPROVERS)
        del self.pending[agenda]
        clashes = self.model.clashes(changes)
        if clashes:
            error = refused(lambda: apply(self.con, self.ledger, case, ABOUT), ConflictError)
            assert set(error.rows) == clashes, self.acts
            self.drop(case, clashes)
            return
        assert apply(self.con, self.ledger, case, ABOUT)[1]
        self.model.write(agenda, changes)
        self.twice(apply, case)

    def drop(self, case: Case, clashes: set[Place]) -> None:
        """A conflict voids the round; it is never written, whatever happens later."""
        void(self.con, self.ledger, case, (CONFLICT, NOW))
        assert set(conflicts(self.con, case.agenda, case.round)) == clashes
        write = undo if "-U" in case.agenda else apply
        assert "gugur" in str(refused(lambda: write(self.con, self.ledger, case, ABOUT), DigestMismatchError))

    def ask_undo(self, agenda: str | None = None) -> ConflictError | None:
        """Somebody wants a batch or an undo undone."""
        known = [*self.model.written, f"{self.year}-9999"]
        agenda = agenda or self.random.choice(
            [self.random.choice(known), known[max(len(known) - 2, 0)]]
        )  # or the newest
        self.acts.append(f"minta batal {agenda}")
        entry = self.model.written.get(agenda)
        if entry is None or not entry.live:
            refused(lambda: propose_undo(self.con, self.ledger, agenda, ("keliru", NOW)), UserError)
            return None
        if agenda in self.undos:
            assert propose_undo(self.con, self.ledger, agenda, ("keliru", NOW)) == self.undos[agenda]
            return None
        blocked = self.model.blocked(agenda)
        clashes = blocked | self.model.clashes(self.model.inverse(agenda), undoing=True)
        if clashes or self.model.moved(agenda):
            error = refused(lambda: propose_undo(self.con, self.ledger, agenda, ("keliru", NOW)), ConflictError)
            assert (set(error.rows), bool(error.later)) == (clashes, bool(blocked) or self.model.moved(agenda)), (
                self.acts
            )
            return error
        self.undos[agenda] = propose_undo(self.con, self.ledger, agenda, ("keliru", NOW))
        return None

    def settle_undo(self, agenda: str | None = None) -> None:
        """An open undo is signed and written, or void."""
        if not self.undos:
            return
        agenda = agenda or self.random.choice([*self.undos])
        case = self.undos[agenda]
        self.acts.append(f"batalkan {agenda} dengan {case.agenda}")
        if self.random.random() < 0.05:
            refused(lambda: undo(self.con, self.ledger, case, ABOUT), NotApprovedError)
            return
        sign(self.ledger, case, STAFF.role, *APPROVERS)
        del self.undos[agenda]
        inverse = self.model.inverse(agenda)
        clashes = self.model.blocked(agenda) | self.model.clashes(inverse, undoing=True)
        if clashes or self.model.moved(agenda):
            error = refused(lambda: undo(self.con, self.ledger, case, ABOUT), ConflictError)
            assert set(error.rows) == clashes, self.acts
            self.drop(case, clashes)
            return
        assert undo(self.con, self.ledger, case, ABOUT)[1]
        self.model.write(case.agenda, inverse, agenda)
        undone = {name for (name,) in self.con.execute("select agenda from undone").fetchall()}
        assert undone == {entry.agenda for entry in self.model.written.values() if not entry.live}, self.acts
        if not self.edited:
            was, held = self.model.written[agenda].rows, self.held()
            assert repr({who: held[who] for who in sorted(was)}) == repr(dict(sorted(was.items()))), self.acts
        self.twice(undo, case)

    def twice(self, write: Any, case: Case) -> None:
        """Sometimes the same is written again, which changes nothing."""
        if self.random.random() < 0.15:
            assert not write(self.con, self.ledger, case, ABOUT)[1]

    def insist(self) -> None:
        """Whoever follows the advice "undo that one first" gets there, newest first."""
        live = [entry.agenda for entry in self.model.written.values() if entry.live]
        if self.edited or not live:
            return
        goal, steps = self.random.choice(live), 0
        while self.model.written[goal].live:
            wanted, error = goal, self.ask_undo(goal)
            while error:
                wanted, error = error.later[0], self.ask_undo(error.later[0])
            self.settle_undo(wanted)
            steps += 1
            assert steps < 60, self.acts

    def edit(self) -> None:
        """The register is changed past the office's system: another program, or a resident taken out."""
        who = self.random.choice([*self.model.rows])
        self.acts.append(f"ubah {who} dari luar")
        if self.random.random() < 0.2 and len(self.model.rows) > 1:
            self.con.execute("delete from penduduk where resident_id = ?", [who])
            del self.model.rows[who]
            return
        element = self.random.choice([*VALUES])
        value = self.random.choice(VALUES[element])
        self.con.execute(f"update penduduk set {element} = ? where resident_id = ?", [value, who])
        self.model.rows[who][element] = value


def refused(action: Any, kind: type[Exception]) -> Any:
    """The error of exactly this kind that an act must raise."""
    try:
        action()
    except kind as error:
        if type(error) is kind:
            return error
        raise
    raise AssertionError(f"tidak ditolak dengan {kind.__name__}")


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


assert set(VALUES) & set(DATES) == {"tgl_lhr"}
