"""What was written can be taken back: by the same chain, byte for byte, newest first, and is never erased."""

from datetime import date

import duckdb
import polars as pl
import pytest
from office_kit.residents import resident
from office_kit.sheets import work_round
from office_kit.signers import OTHER_DIGEST
from office_kit.small import Opened, resident_id, row_ids
from office_kit.writing import REASON, ask_undo, sign_undo, take_back, write, write_undo

from tasks.approvals.case import Case
from tasks.errors import ConflictError, DigestMismatchError, Exit, NotApprovedError, UserError
from tasks.ledger import Kind, append, entries, open_ledger, writing
from tasks.propose import digest
from tasks.publish import PUBLISHED, publish
from tasks.report import history, report
from tasks.write.apply import apply

FIRST, NEXT = "2026-0001", "2026-0002"
LONE = resident_id(resident(21, STAT_HBKEL="9"))  # the batch writes stat_hbkel of this resident


def register(opened: Opened) -> pl.DataFrame:
    return opened.con.sql("from penduduk order by resident_id").pl()


def told(opened: Opened, kind: Kind, agenda: str | None = None) -> list[dict[str, object]]:
    with open_ledger(opened.batch.office) as ledger:
        return [entry.payload for entry in entries(ledger, agenda, kind)]


def refused(opened: Opened, agenda: str, kind: type[UserError] = UserError) -> UserError:
    before = opened.con.execute("select count(*) from changes").fetchall()
    with pytest.raises(kind) as caught:
        ask_undo(opened, agenda)
    assert opened.con.execute("select count(*) from changes").fetchall() == before
    return caught.value


@pytest.fixture
def written(opened: Opened) -> Opened:
    """The small office after its batch was written."""
    opened.batch.sign()
    write(opened)
    return opened


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


def test_every_row_is_as_before(opened: Opened) -> None:
    """If this fails, a batch that was wrong leaves traces in residents' data for ever."""
    before = register(opened)
    opened.batch.sign()
    summary, _ = write(opened)
    assert not register(opened).equals(before)
    case = take_back(opened, FIRST)
    assert case.agenda == "2026-0001-U1"
    assert register(opened).equals(before)
    (undone,) = told(opened, Kind.UNDONE)
    facts = {"undoes": FIRST, "digest": case.digest, "restored": summary["written"]}
    assert undone == facts | {name: undone[name] for name in ("tree", "rests")}


def test_an_undo_can_be_undone(written: Opened) -> None:
    """If this fails, an undo in error means asking the centre for the letter again."""
    after = register(written)
    first = take_back(written, FIRST)
    before = register(written)
    again = take_back(written, first.agenda)
    assert again.agenda == "2026-0001-U2"
    assert register(written).equals(after)
    third = take_back(written, FIRST)  # the batch holds again, so it can be undone again
    assert third.agenda == "2026-0001-U3"
    assert register(written).equals(before)
    assert "2026-0001-U3" in str(refused(written, FIRST))
    assert "2026-0001-U2" in str(refused(written, first.agenda))


def test_the_undo_that_holds_is_named(written: Opened) -> None:
    """If this fails, the office is told to undo an undo that does not hold any more."""
    first = take_back(written, FIRST)
    second = take_back(written, first.agenda)
    third = take_back(written, second.agenda)  # so the first one holds again
    assert f"sudah dibatalkan oleh {first.agenda}" in str(refused(written, FIRST))
    assert f"sudah dibatalkan oleh {third.agenda}" in str(refused(written, second.agenda))
    found = written.con.execute("from undone order by agenda").fetchall()
    assert found == [(FIRST, first.agenda), (second.agenda, third.agenda)]


def test_dates_empty_values_and_the_mark_come_back(opened: Opened) -> None:
    """If this fails, a birth date comes back as another day, nothing as an empty text, or a NIK stays marked."""
    con, batch = opened.con, opened.batch
    who = resident_id(resident(19))
    con.execute("update penduduk set tgl_lhr = '0900-01-31', nik_ibu = null, alamat = '' where resident_id = ?", [who])
    row = row_ids("document")[0]
    work_round(con, batch.office, (FIRST, 2), {row: ("diperbaiki", "TGL_LHR", "1991-02-14", "Akta 1/2026")})
    for element, value in (("nik_ibu", "X"), ("alamat", None), ("usulan", "NONAKTIF")):
        con.execute(f"insert into changes select ?, 2, ?, ?, ?, null, {element}, ?, '', '' from penduduk "
                    "where resident_id = ?", [FIRST, row, who, element, value, who])  # fmt: skip
    signed = digest(con, FIRST, 2)
    batch.desk.case = (FIRST, 2, signed)
    batch.desk.sign()
    write(opened, 2, signed)
    look = "select tgl_lhr, nik_ibu, alamat, usulan from penduduk where resident_id = ?"
    assert con.execute(look, [who]).fetchall() == [(date(1991, 2, 14), "X", None, "NONAKTIF")]
    take_back(opened, FIRST)
    assert con.execute(look, [who]).fetchall() == [(date(900, 1, 31), None, "", None)]


def test_a_resident_who_was_moved_out_of_the_city_comes_back(opened: Opened) -> None:
    """If this fails, the one batch that most needs an undo has none: the undo refuses residents of other regencies."""
    before = register(opened)
    write_next(opened, (1, 3, "no_kab", "15"))
    assert not register(opened).equals(before)
    take_back(opened, NEXT)
    assert register(opened).equals(before)


@pytest.mark.parametrize("signers", [(), ("staff",), ("staff", "kasi"), ("staff", "kasi", "kabid")])
def test_nothing_is_undone_without_the_chain(written: Opened, signers: tuple[str, ...]) -> None:
    """If this fails, one person takes back what three had approved."""
    case, before = ask_undo(written, FIRST), register(written)
    written.batch.desk.case = (case.agenda, case.round, case.digest)
    if signers:
        written.batch.desk.sign(*signers)
    with pytest.raises(NotApprovedError, match="belum disetujui"):
        write_undo(written, case)
    assert register(written).equals(before)
    assert told(written, Kind.UNDONE) == []


@pytest.mark.parametrize("change", [
    "update changes set after = '4' where agenda like '%-U1' and element = 'stat_hbkel'",
    "delete from changes where agenda like '%-U1' and element = 'usulan'",
])  # fmt: skip
def test_an_undo_altered_after_signing(written: Opened, change: str) -> None:
    """If this fails, "undo" is a way to write anything."""
    case = sign_undo(written, ask_undo(written, FIRST))
    written.con.execute(change)
    before = register(written)
    with pytest.raises(DigestMismatchError, match="berubah sesudah disetujui"):
        write_undo(written, case)
    assert register(written).equals(before)


def test_a_forged_undo_even_when_signed(written: Opened) -> None:
    """If this fails, a change-set that calls itself an undo writes other values than history tells."""
    asked = ask_undo(written, FIRST)
    con = written.con
    con.execute("update changes set after = '4' where agenda = ? and element = 'stat_hbkel'", [asked.agenda])
    forged = Case(asked.agenda, 1, digest(con, asked.agenda, 1))
    sign_undo(written, forged)
    before = register(written)
    with pytest.raises(DigestMismatchError, match="tidak tercatat di Buku Agenda"):
        write_undo(written, forged)
    with open_ledger(written.batch.office) as ledger, writing(ledger):
        append(ledger, written.batch.desk.clock, (Kind.UNDO, forged.agenda, "sinkron"),
               {"undoes": FIRST, "digest": forged.digest, "reason": "x"})  # fmt: skip
    with pytest.raises(DigestMismatchError, match="bukan kebalikan"):
        write_undo(written, forged)
    assert register(written).equals(before)


def test_undo_and_apply_do_not_take_each_others_cases(written: Opened) -> None:
    """If this fails, a batch is written without its counts, or an undo without history's word."""
    case = sign_undo(written, ask_undo(written, FIRST))
    about = (written.batch.desk.clock, written.batch.office.separation())
    with open_ledger(written.batch.office) as ledger, pytest.raises(DigestMismatchError, match="adalah pembatalan"):
        apply(written.con, ledger, case, about)


def test_writing_an_undo_again_says_already_written(written: Opened) -> None:
    """If this fails, a resumed run undoes twice."""
    case = sign_undo(written, ask_undo(written, FIRST))
    first, newly = write_undo(written, case)
    before = register(written)
    assert newly
    assert write_undo(written, case) == (first, False)
    assert register(written).equals(before)
    assert len(told(written, Kind.UNDONE)) == 1
    with pytest.raises(DigestMismatchError, match="sidik lain"):
        write_undo(written, Case(case.agenda, 1, OTHER_DIGEST))


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


@pytest.mark.parametrize("agenda", ["2026-0009", "2026-0001", "2026-0001-U1", "", "3576026112859001"])
def test_what_was_never_written_can_not_be_undone(opened: Opened, agenda: str) -> None:
    """If this fails, an undo of nothing goes through the hands of four people."""
    error = refused(opened, agenda)
    assert error.exit_code is Exit.USAGE
    assert "belum pernah ditulis" in str(error)
    assert "3576026112859001" not in str(error)


def test_a_reason_is_required_and_masked(written: Opened) -> None:
    """If this fails, nobody knows next year why data were taken back, or a NIK lies in the ledger for ever."""
    with pytest.raises(UserError) as caught:
        ask_undo(written, FIRST, "  ")
    assert caught.value.exit_code is Exit.USAGE
    ask_undo(written, FIRST, "akta milik 3576026112859001")
    (asked,) = told(written, Kind.UNDO)
    assert "6112859" not in str(asked)
    assert (asked["undoes"], "akta milik" in str(asked["reason"])) == (FIRST, True)


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
