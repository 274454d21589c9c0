"""One office over several extracts: each is received, worked on by Staff, signed and written by the real code."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from office_kit.files import Row, write_csv
from office_kit.residents import resident
from office_kit.sheets import Decision, work_round
from office_kit.signers import Desk
from office_kit.small import RESIDENTS, Batch, Opened, found_office, run_steps
from office_kit.writing import take_back, write
from tasks.load import ROWS_PER_FILE
from tasks.office import Office
from tasks.receive import receive
from tasks.steps import Summary
from tasks.store import open_store

Decided = Mapping[int, Decision]
Answers = Mapping[str, tuple[str, str | None]]


def row(place: int) -> int:
    """The row_id of the line at a place (from 0) of an extract."""
    return ROWS_PER_FILE + 2 + place


@dataclass
class Years:
    """``batches``: those received, oldest first."""

    office: Office
    desk: Desk
    con: duckdb.DuckDBPyConnection
    batches: list[Batch] = field(default_factory=list)

    def draft(self, *rows: Row) -> Batch:
        """The next extract, drafted. A clean resident at its end, another one each time, makes it another file."""
        number = len(self.batches) + 1
        path = write_csv(self.office.inbox / f"ganda-{number}.csv", (*rows, resident(30 + number)))
        receipt = receive(self.office, [path], None, (self.desk.clock, "inbox"))
        self.batches.append(Batch(self.office, self.desk, receipt, run_steps(self.con, self.office, receipt)))
        return self.batches[-1]

    def work(self, decided: Decided | None = None, answers: Answers | None = None, round_no: int = 1) -> Summary:
        """Staff fills the newest batch's worksheet in; its proposal."""
        batch = self.batches[-1]
        done = work_round(self.con, self.office, (batch.agenda, round_no), decided or {}, answers)
        batch.done["propose"] = done
        return done

    def write(self) -> str:
        """The newest batch is signed and written; its agenda number."""
        self.batches[-1].sign()
        return self.write_signed()

    def write_signed(self) -> str:
        """The newest batch is written as it is signed."""
        batch = self.batches[-1]
        assert write(Opened(batch, self.con))[1]
        return batch.agenda

    def batch(self, rows: tuple[Row, ...], decided: Decided | None = None, answers: Answers | None = None) -> str:
        """The next extract from its receipt to the end."""
        self.draft(*rows)
        self.work(decided, answers)
        return self.write()

    def undo(self, agenda: str) -> str:
        """A written batch is undone; the agenda number of its undo."""
        return take_back(Opened(self.batches[-1], self.con), agenda).agenda

    def end(self, row_id: int) -> tuple[Any, ...]:
        """(outcome, basis, cause, needs_person) of a row in round 1 of the newest batch as it stands now."""
        query = """select outcome, basis, cause, needs_person from outcomes where agenda = ? and row_id = ?
            order by round desc limit 1"""
        return tuple(self.con.execute(query, [self.batches[-1].agenda, row_id]).fetchall()[0])

    def changes(self, row_id: int) -> list[tuple[Any, ...]]:
        """(element, after, basis, cause) of a row of the newest batch."""
        query = """select element, after, basis, cause from changes where agenda = ? and row_id = ? and round = (
            select max(round) from outcomes where agenda = ?) order by element"""
        agenda = self.batches[-1].agenda
        return self.con.execute(query, [agenda, row_id, agenda]).fetchall()

    def reopened(self, row_id: int) -> tuple[Any, ...] | None:
        """(earlier, verdict, columns, difference) of a row of the newest batch."""
        query = "select earlier, verdict, columns, difference from reopened where agenda = ? and row_id = ?"
        return self.con.execute(query, [self.batches[-1].agenda, row_id]).fetchone()


@contextmanager
def years(home: Path, residents: tuple[Row, ...] = RESIDENTS) -> Iterator[Years]:
    """A new office with its store open."""
    office, desk = found_office(home, residents)
    with open_store(office) as con:
        yield Years(office, desk, con)
