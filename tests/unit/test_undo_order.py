"""Undos beside what else is written: newest first, one at a time, and both ways stay to be seen."""

import duckdb
import pytest
from office_kit.small import Opened, row_ids
from office_kit.undoing import FIRST, LONE, NEXT, refused, register, told, write_next
from office_kit.writing import REASON, ask_undo, sign_undo, take_back, write, write_undo

from tasks.errors import ConflictError
from tasks.ledger import Kind, open_ledger
from tasks.publish import PUBLISHED, publish
from tasks.report import history, report


@pytest.fixture
def written(opened: Opened) -> Opened:
    """The small office after its batch was written."""
    opened.batch.sign()
    write(opened)
    return opened


def test_the_undo_that_holds_is_named(written: Opened) -> None:
    """If this fails, the office is told to undo an undo that does not hold any more."""
    first = take_back(written, FIRST)
    second = take_back(written, first.agenda)
    third = take_back(written, second.agenda)  # so the first one holds again
    assert f"sudah dibatalkan oleh {first.agenda}" in str(refused(written, FIRST))
    assert f"sudah dibatalkan oleh {third.agenda}" in str(refused(written, second.agenda))
    found = written.con.execute("from undone order by agenda").fetchall()
    assert found == [(FIRST, first.agenda), (second.agenda, third.agenda)]


def test_one_undo_is_open_at_a_time(written: Opened) -> None:
    """If this fails, two requests for one undo are signed by different people, and nobody knows which counts."""
    first = ask_undo(written, FIRST)
    assert ask_undo(written, FIRST, "alasan lain") == first
    assert [entry["reason"] for entry in told(written, Kind.UNDO)] == [REASON]
    written.batch.desk.case = (first.agenda, 1, first.digest)
    written.batch.desk.sign("staff", "kasi")
    assert written.batch.desk.say("kabid", "Tidak", note="tidak perlu").accepted
    second = ask_undo(written, FIRST)
    assert (first.agenda, second.agenda) == ("2026-0001-U1", "2026-0001-U2")
    assert first.digest != second.digest


def test_later_batches_on_the_same_people_come_first(written: Opened) -> None:
    """If this fails, an undo takes back half of what a resident's row became, or wipes out a later correction."""
    untouched = register(written)
    write_next(written, (1, LONE, "alamat", "JL BARU NO 1"), (2, 30, "alamat", "JL LAIN NO 2"))
    error = refused(written, FIRST, ConflictError)
    row = row_ids("lone member")[0]
    assert error.rows == [(row, "stat_hbkel")]  # the same resident, though another element
    assert error.later == [NEXT]
    assert f"sinkron undo {NEXT}" in str(error)
    assert str(row) in str(error)
    take_back(written, NEXT)
    assert register(written).equals(untouched)
    take_back(written, FIRST)  # a later batch that was itself undone is no obstacle


def test_later_batches_on_other_people_are_no_obstacle(written: Opened) -> None:
    """If this fails, after a month no batch can be undone."""
    write_next(written, (2, 30, "alamat", "JL LAIN NO 2"))
    take_back(written, FIRST)
    assert written.con.execute("select alamat from penduduk where resident_id = 30").fetchall() == [("JL LAIN NO 2",)]


def test_undoing_out_of_order_is_refused_both_ways(written: Opened) -> None:
    """If this fails, a later batch comes back on top of rows that are no longer those it was written on."""
    write_next(written, (1, LONE, "alamat", "JL BARU NO 1"))
    later = take_back(written, NEXT)
    earlier = take_back(written, FIRST)
    error = refused(written, later.agenda, ConflictError)  # would bring back the later batch without the earlier one
    assert error.later == [earlier.agenda]
    take_back(written, earlier.agenda)
    take_back(written, later.agenda)


@pytest.mark.parametrize("change", [
    f"update penduduk set stat_hbkel = '3' where resident_id = {LONE}",
    f"delete from penduduk where resident_id = {LONE}",
])  # fmt: skip
def test_a_register_changed_past_us(written: Opened, change: str) -> None:
    """If this fails, an undo overwrites what somebody corrected with another program, or invents a resident."""
    case = sign_undo(written, ask_undo(written, FIRST))
    written.con.execute(change)
    before = register(written)
    with pytest.raises(ConflictError) as caught:
        write_undo(written, case)
    assert (caught.value.rows, caught.value.later) == ([(row_ids("lone member")[0], "stat_hbkel")], [])
    assert register(written).equals(before)


def test_history_shows_both_ways(written: Opened) -> None:
    """If this fails, an auditor sees the undo or the batch, and never the whole."""
    lines = history(written.con, FIRST)
    case = take_back(written, FIRST)
    both = history(written.con, FIRST)
    assert both[: len(lines)] == lines
    back = both[len(lines) :]
    assert len(back) == sum("[ditulis]" in line for line in lines)
    assert all(
        f"{case.agenda} | " in line and "[dikembalikan]" in line and "pembatalan 2026-0001" in line for line in back
    )
    assert history(written.con, case.agenda) == back


def test_the_report_shows_the_undo(written: Opened) -> None:
    """If this fails, the office answers the centre with changes that it took back."""
    take_back(written, FIRST)
    with open_ledger(written.batch.office) as ledger:
        text = report(written.con, ledger, written.batch.office)
    assert "  DIBATALKAN oleh 2026-0001-U1, 06-10-2026" in text
    assert "Agenda 2026-0001-U1: pembatalan 2026-0001, " in text


def test_analysts_see_what_is_undone(written: Opened) -> None:
    """If this fails, analysts count corrections that do not hold."""
    first = take_back(written, FIRST)
    second = take_back(written, first.agenda)
    take_back(written, FIRST)
    office = written.batch.office
    with open_ledger(office) as ledger:
        publish(written.con, office, ledger, (FIRST, written.batch.desk.clock))
    with duckdb.connect(str(office.published / PUBLISHED), read_only=True) as con:
        found = con.execute("select agenda, membatalkan, dibatalkan_oleh from batch order by agenda").fetchall()
        rows = con.execute("select count(distinct agenda), count(distinct row_pseudonym) from riwayat "
                           "where element = 'usulan'").fetchall()  # fmt: skip
    assert found == [(FIRST, None, "2026-0001-U3"), (first.agenda, FIRST, second.agenda),
                     (second.agenda, first.agenda, None), ("2026-0001-U3", FIRST, None)]  # fmt: skip
    assert rows == [(4, 2)]  # the same two people in the batch and its three undos
