"""A resident who changed between proposal and writing: nothing is written, the round is void, the next starts anew."""

import pytest
from office_kit.sheets import work_round
from office_kit.signers import OTHER_DIGEST
from office_kit.small import Opened, row_ids
from office_kit.writing import write

from tasks.approvals.case import Case
from tasks.approvals.docket import docket, fully_approved
from tasks.errors import ConflictError, DigestMismatchError, LedgerBrokenError, UserError
from tasks.ledger import Kind, append, entries, open_ledger, writing
from tasks.propose import digest, propose
from tasks.steps import Summary, find
from tasks.write.apply import apply
from tasks.write.conflicts import CHANGED, CONFLICT, conflicts, void
from tasks.write.repair import repair

SYMBOL, LONE = row_ids("symbol")[0], row_ids("lone member")[0]
LOSER = row_ids("loser")[0]
AGENDA = "2026-0001"
TOUCHED = "update penduduk set stat_hbkel = '3' where resident_id = 20"
BACK = "update penduduk set stat_hbkel = '9' where resident_id = 20"


def case_of(opened: Opened, round_no: int = 1) -> Case:
    return Case(AGENDA, round_no, digest(opened.con, AGENDA, round_no))


def declare(opened: Opened, why: str = CONFLICT, case: Case | None = None) -> Summary:
    with open_ledger(opened.batch.office) as ledger:
        return void(opened.con, ledger, case or case_of(opened), (why, opened.batch.desk.clock))


def voided(opened: Opened) -> list[dict[str, object]]:
    with open_ledger(opened.batch.office) as ledger:
        return [entry.payload for entry in entries(ledger, AGENDA, Kind.VOIDED)]


def approved(opened: Opened, case: Case) -> bool:
    with open_ledger(opened.batch.office) as ledger:
        return fully_approved(ledger, case, opened.batch.office.separation())


@pytest.fixture
def touched(opened: Opened) -> Opened:
    """Signed by all; then another letter's correction reaches one of the residents."""
    opened.batch.sign()
    opened.con.execute(TOUCHED)
    return opened


def test_all_rows_in_the_way_are_named(touched: Opened) -> None:
    """If this fails, Staff mends one row, four people sign again, and the next row is in the way."""
    touched.con.execute("update penduduk set usulan = 'LAIN' where resident_id in (8, 10)")
    touched.con.execute("delete from penduduk where resident_id = 3")
    with pytest.raises(ConflictError) as caught:
        write(touched)
    wanted = [(SYMBOL, "nama_lgkp"), (LOSER, "usulan"), (row_ids("winner")[0], "usulan"), (LONE, "stat_hbkel")]
    assert caught.value.rows == wanted
    assert all(str(row) in str(caught.value) for row, _ in wanted)
    declare(touched)
    assert conflicts(touched.con, AGENDA, 1) == wanted


def test_a_void_round_is_void_for_ever(touched: Opened) -> None:
    """If this fails, signatures given to something else count once the conflict has gone by chance."""
    case = case_of(touched)
    assert approved(touched, case)
    assert declare(touched) == {"digest": case.digest, "why": CONFLICT, "rows": 1}
    assert voided(touched) == [{"round": 1, "digest": case.digest, "why": CONFLICT, "rows": 1}]
    assert not approved(touched, case)
    touched.con.execute(BACK)
    before = touched.con.execute("from penduduk order by resident_id").fetchall()
    with pytest.raises(DigestMismatchError, match="sudah gugur"):
        write(touched)
    assert touched.con.execute("from penduduk order by resident_id").fetchall() == before


def test_void_in_the_store_alone_is_void(touched: Opened) -> None:
    """If this fails, a power cut between store and ledger makes a void round writable."""
    declare(touched)
    touched.con.execute(BACK)
    with open_ledger(touched.batch.office) as ledger:
        ledger.execute("drop trigger entries_no_delete")  # as if the entry had never been written
        ledger.execute("delete from entries where kind = ?", (Kind.VOIDED,))
        case = case_of(touched)
        with pytest.raises(LedgerBrokenError), open_ledger(touched.batch.office):
            pass  # the second file knows it
        noted = touched.batch.office.anchors.read_text().splitlines(keepends=True)
        last = max(at for at, line in enumerate(noted) if line.startswith("ledger"))
        touched.batch.office.anchors.write_text("".join(noted[:last] + noted[last + 1 :]))  # nor noted
        assert fully_approved(ledger, case, touched.batch.office.separation())
        with pytest.raises(DigestMismatchError, match="sudah gugur"):
            apply(touched.con, ledger, case, (touched.batch.desk.clock, touched.batch.office.separation()))


def test_void_in_the_ledger_alone_is_void(opened: Opened) -> None:
    """If this fails, an older store in place of the right one makes a void round writable."""
    opened.batch.sign()
    case = case_of(opened)
    with open_ledger(opened.batch.office) as ledger, writing(ledger):
        append(ledger, opened.batch.desk.clock, (Kind.VOIDED, AGENDA, "sinkron"),
               {"round": 1, "digest": case.digest, "why": CONFLICT, "rows": 1})  # fmt: skip
    with pytest.raises(DigestMismatchError, match="sudah gugur"):
        write(opened)
    with open_ledger(opened.batch.office) as ledger, pytest.raises(UserError, match="usulan gugur yang tidak ada"):
        repair(opened.con, ledger, opened.batch.desk.clock)


def test_declaring_again_changes_nothing(touched: Opened) -> None:
    """If this fails, a resumed run fills ledger and desk with the same conflict."""
    first, case = declare(touched), case_of(touched)
    touched.con.execute(BACK)
    assert declare(touched) == first
    assert declare(touched, CHANGED) == first
    assert declare(touched, case=Case(AGENDA, 1, OTHER_DIGEST)) == first
    assert len(voided(touched)) == 1
    assert conflicts(touched.con, AGENDA, 1) == [(LONE, "stat_hbkel")]
    assert find(touched.con, AGENDA, "void", 1) == first == {"digest": case.digest, "why": CONFLICT, "rows": 1}


def test_a_changed_change_set_is_void_too(opened: Opened) -> None:
    """If this fails, somebody puts the signed rows back after trying others, and the signatures still count."""
    opened.batch.sign()
    case = case_of(opened)
    opened.con.execute("update changes set after = '4' where element = 'stat_hbkel'")
    with pytest.raises(DigestMismatchError, match="berubah"):
        write(opened, signed=case.digest)
    assert declare(opened, CHANGED, case)["rows"] == 0
    opened.con.execute("update changes set after = '1' where element = 'stat_hbkel'")
    assert case_of(opened) == case
    with pytest.raises(DigestMismatchError, match="sudah gugur"):
        write(opened, signed=case.digest)


def test_what_is_written_can_not_be_void(opened: Opened) -> None:
    """If this fails, the ledger calls void what stands in the register."""
    opened.batch.sign()
    write(opened)
    with pytest.raises(UserError, match="sudah ditulis"):
        declare(opened)
    assert voided(opened) == []


@pytest.mark.parametrize("change", [
    TOUCHED, "update penduduk set nama_lgkp = 'NAMA BARU' where resident_id = 3",
    "update penduduk set usulan = 'NONAKTIF' where resident_id = 8",
    "delete from penduduk where resident_id = 3", "delete from penduduk where resident_id = 20",
    "update penduduk set no_kab = '15' where resident_id = 3", "delete from penduduk where resident_id = 2",
    "update penduduk set no_kab = '15' where resident_id = 2", "delete from penduduk where resident_id = 8",
    "update penduduk set no_kab = '15' where resident_id = 20",
])  # fmt: skip
def test_the_next_round_is_built_from_what_is_there_now(opened: Opened, change: str) -> None:
    """If this fails, the same conflict comes back after four people signed again, for ever."""
    opened.batch.sign()
    opened.con.execute(change)
    with pytest.raises(ConflictError):
        write(opened)
    declare(opened)
    propose(opened.con, AGENDA, 2, step="draft")
    plan = propose(opened.con, AGENDA, 2)
    opened.batch.desk.case = (AGENDA, 2, plan["digest"])
    opened.batch.desk.sign()
    summary, newly = write(opened, 2, plan["digest"])
    assert newly
    assert summary["round"] == 2


def test_staffs_word_survives_the_void_round(touched: Opened) -> None:
    """If this fails, Staff fills in the whole worksheet again because one row was in the way."""
    batch, con = touched.batch, touched.con
    row = row_ids("document")[0]
    work_round(con, batch.office, (AGENDA, 2), {row: ("diperbaiki", "TGL_LHR", "1991-02-14", "Akta 1/2026")})
    con.execute("update penduduk set tgl_lhr = '1990-03-03' where resident_id = 18")
    declare(touched, case=case_of(touched, 2))
    propose(con, AGENDA, 3, step="draft")
    propose(con, AGENDA, 3)
    found = con.execute("select register_value, after from changes where row_id = ? and round = 3", [row]).fetchall()
    assert found == [("1990-03-03", "1991-02-14")]


def test_the_docket_knows_whose_turn_it_is(touched: Opened) -> None:
    """If this fails, a void round waits for nobody."""
    declare(touched)
    with open_ledger(touched.batch.office) as ledger:
        found = docket(ledger, AGENDA)
    assert found.current.closed is not None
    assert found.current.leads_to == "staff"
