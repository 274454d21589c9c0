"""Undos of the small office's batch: the register looked at, what the ledger tells, another letter written later."""

import polars as pl
import pytest

from office_kit.residents import resident
from office_kit.small import Opened, resident_id
from office_kit.writing import ask_undo, sign_undo
from tasks.approvals.case import Case
from tasks.errors import UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.propose import digest
from tasks.write.apply import apply

FIRST, NEXT = "2026-0001", "2026-0002"
LONE = resident_id(resident(21, STAT_HBKEL="9"))  # the batch writes stat_hbkel of this resident


def register(opened: Opened) -> pl.DataFrame:
    """Every resident of the register."""
    return opened.con.sql("from penduduk order by resident_id").pl()


def told(opened: Opened, kind: Kind, agenda: str | None = None) -> list[dict[str, object]]:
    """What the ledger's entries of a kind hold."""
    with open_ledger(opened.batch.office) as ledger:
        return [entry.payload for entry in entries(ledger, agenda, kind)]


def refused(opened: Opened, agenda: str, kind: type[UserError] = UserError) -> UserError:
    """The refusal to undo; nothing is proposed."""
    before = opened.con.execute("select count(*) from changes").fetchall()
    with pytest.raises(kind) as caught:
        ask_undo(opened, agenda)
    assert opened.con.execute("select count(*) from changes").fetchall() == before
    return caught.value


def write_next(opened: Opened, *changes: tuple[int, int, str, str | None], agenda: str = NEXT) -> None:
    """Another letter's batch with these changes (row_id, resident, element, after), signed and written."""
    con = opened.con
    rows = sorted({row_id for row_id, *_ in changes})
    con.execute("insert into files by name select ? as agenda, 1 as file_no, ? as received, 0 as rejected",
                [agenda, len(rows)])  # fmt: skip
    for row_id in rows:
        con.execute("insert into outcomes values (?, 1, ?, null, 'diperbaiki', '', '', false)", [agenda, row_id])
    for row_id, who, element, after in changes:
        con.execute(f"insert into changes select ?, 1, ?, ?, ?, null, {element}, ?, 'surat lain', '' from penduduk "
                    "where resident_id = ?", [agenda, row_id, who, element, after, who])  # fmt: skip
    case = Case(agenda, 1, digest(con, agenda, 1))
    sign_undo(opened, case)
    with open_ledger(opened.batch.office) as ledger:
        assert apply(con, ledger, case, (opened.batch.desk.clock, opened.batch.office.separation()))[1]
