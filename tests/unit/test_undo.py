"""What was written can be taken back: by the same chain, byte for byte, and is never erased."""

from datetime import date

import pytest
from office_kit.residents import resident
from office_kit.sheets import work_round
from office_kit.signers import OTHER_DIGEST
from office_kit.small import Opened, resident_id, row_ids
from office_kit.undoing import FIRST, NEXT, refused, register, told, write_next
from office_kit.writing import ask_undo, sign_undo, take_back, write, write_undo

from tasks.approvals.case import Case
from tasks.errors import DigestMismatchError, Exit, NotApprovedError, UserError
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.propose import digest
from tasks.write.apply import apply


@pytest.fixture
def written(opened: Opened) -> Opened:
    """The small office after its batch was written."""
    opened.batch.sign()
    write(opened)
    return opened


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
