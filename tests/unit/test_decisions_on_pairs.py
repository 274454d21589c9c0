"""What Staff's worksheet tells about pairs, and what the next batch hears of it; on a real store."""

import duckdb
import pytest
from office_kit.residents import again, born, nik_of, resident
from office_kit.sheets import POSTPONE, work_round
from office_kit.small import RESIDENTS, SCENARIOS, Opened, prepare, resident_id, row_ids
from office_kit.writing import take_back, write

from expectations.outcomes import Outcome
from tasks.resolve.decisions import decided, remember
from tasks.resolve.records import identify
from tasks.store import open_store

NEXT = "2026-0002"
NOT_PROVEN = (Outcome.UNFOUNDED.value, None, None, "akta kelahiran diperiksa")
SAME_PERSON = (Outcome.DEACTIVATION.value, None, None, "biometrik 12/2026")
STRANGER = SCENARIOS["possible"][0]


def settle(opened: Opened, decisions: dict[int, tuple[str | None, ...]]) -> int:
    """Round 1 with these cells filled is signed and written; returns how many decisions are remembered."""
    batch, con = opened.batch, opened.con
    for table, steps in (("decisions", "('worksheet')"), ("outcomes", "('propose', 'draft')")):
        con.execute(f"delete from {table}")
        con.execute(f"delete from steps where step in {steps}")
    batch.done["propose"] = work_round(con, batch.office, (batch.agenda, 1), decisions)
    batch.sign()
    write(opened)
    return int(con.execute("select count(*) from pair_decisions").fetchall()[0][0])


def receive_again(opened: Opened, agenda: str = NEXT) -> None:
    """The rows of the first batch come again under another agenda, in another file order."""
    opened.con.execute(
        "insert into extract_rows select * replace (? as agenda, 90_000_000 - row_id as row_id) from extract_rows",
        [agenda],
    )
    identify(opened.con, agenda)


def heard(opened: Opened, agenda: str = NEXT) -> dict[tuple[str, str], bool]:
    return {(left, right): same for left, right, same in decided(opened.con, agenda).rows()}


def record(con: duckdb.DuckDBPyConnection, agenda: str, nik: str | None) -> str:
    found = con.execute(
        "select record_id from identities join extract_rows using (agenda, row_id) where agenda = ? and nik = ?",
        [agenda, nik],
    ).fetchall()
    return str(found[0][0])


def pair(first: str, other: str) -> tuple[str, str]:
    return (first, other) if first < other else (other, first)


def register_pair(scenario: int, serial: int) -> tuple[str, str]:
    """The two register records of one resident: as received, and the one under another NIK."""
    person = resident(scenario)
    twice = again(person, NIK=nik_of(born(person), str(person["JENIS_KLMIN"]), 9000 + serial))
    ids = [at for at, each in enumerate(RESIDENTS, 1) if each["NIK"] in (person["NIK"], twice["NIK"])]
    return pair(*(f"P{each}" for each in ids))


def test_an_agreed_proposal_is_one_person(opened: Opened) -> None:
    """If this fails, what four people signed as one person is asked again with the next letter."""
    assert settle(opened, {}) > 0
    receive_again(opened)
    found = heard(opened)
    assert found[register_pair(7, 8)] is True  # the losing record was received
    assert found[register_pair(9, 10)] is True  # the winning one was
    assert set(found.values()) == {True}  # nobody said no


def test_a_duplicate_that_staff_refused_stays_two_people(opened: Opened) -> None:
    """If this fails, two people are proposed as one again and again, although Staff held both certificates."""
    settle(opened, {row_ids("possible")[0]: NOT_PROVEN, row_ids("biometric")[0]: NOT_PROVEN})
    receive_again(opened)
    found = heard(opened)
    unknown = record(opened.con, NEXT, STRANGER["NIK"])
    assert unknown.startswith("B")
    assert found[pair(unknown, f"P{resident_id(resident(22))}")] is False
    assert found[register_pair(11, 12)] is False


def test_an_undone_batch_decided_nothing(opened: Opened) -> None:
    """If this fails, two people stay one person for every later letter, although the batch that said so was undone."""
    settle(opened, {})
    receive_again(opened)
    before = heard(opened)
    assert before
    first = take_back(opened, opened.batch.agenda)
    assert heard(opened) == {}
    take_back(opened, first.agenda)
    assert heard(opened) == before


def test_a_duplicate_that_staff_confirmed_is_one_person(opened: Opened) -> None:
    """If this fails, a biometric check in the office teaches nothing."""
    settle(opened, {row_ids("biometric")[0]: SAME_PERSON})
    receive_again(opened)
    assert heard(opened)[register_pair(11, 12)] is True
    by_hand = opened.con.execute("select verdict, by_hand from pair_decisions where by_hand").fetchall()
    assert by_hand == [("sama", True)]


def test_who_can_not_tell_is_counted_and_not_believed(opened: Opened) -> None:
    """If this fails, "tidak tahu" becomes a yes or a no, or nobody sees how often people could not tell."""
    settle(opened, {row_ids("biometric")[0]: POSTPONE})
    receive_again(opened)
    assert register_pair(11, 12) not in heard(opened)
    told = dict(opened.con.execute("select verdict, count(*) from pair_decisions group by all").fetchall())
    assert told["tidak tahu"] >= 2  # this one, and the possible pair that waits


def test_a_person_who_has_come_into_the_register_is_known_again(opened: Opened) -> None:
    """If this fails, a decision about an unknown record is lost as soon as the register has it."""
    settle(opened, {row_ids("possible")[0]: NOT_PROVEN})
    opened.con.execute(
        """insert into penduduk by name
        select * exclude (agenda, row_id, file_no, line_no, tgl_lhr_raw) replace ('JL PINDAH' as alamat),
          900 as resident_id from extract_rows where nik = ? and agenda = '2026-0001'""",
        [STRANGER["NIK"]],
    )
    assert heard(opened)[pair("P900", f"P{resident_id(resident(22))}")] is False


def test_the_newest_decision_counts(opened: Opened) -> None:
    """If this fails, an error of Staff can not be put right by a later decision, or "tidak tahu" erases what is known.

    The later rows are written as ``remember`` writes them, with other verdicts.
    """
    settle(opened, {row_ids("biometric")[0]: NOT_PROVEN})
    for agenda, verdict, day in (("2026-0003", "sama", "2026-11-01"), ("2026-0004", "tidak tahu", "2026-12-01")):
        opened.con.execute(
            """insert into pair_decisions select * replace (? as agenda, ? as verdict, ?::date as written_on)
            from pair_decisions where verdict = 'bukan' and agenda = '2026-0001'""",
            [agenda, verdict, day],
        )
    assert heard(opened, "2026-0005")[register_pair(11, 12)] is True


def test_nothing_is_remembered_twice_or_before_it_is_written(opened: Opened) -> None:
    """If this fails, a run that starts again doubles the log, or an unsigned opinion binds the next batch."""
    assert remember(opened.con, opened.batch.agenda) == 0
    once = settle(opened, {})
    assert remember(opened.con, opened.batch.agenda) == 0
    assert opened.con.execute("select count(*) from pair_decisions").fetchall() == [(once,)]


def test_the_log_names_no_one(opened: Opened) -> None:
    """If this fails, the log holds a resident's NIK although the register's own number is enough, or who decided."""
    settle(opened, {row_ids("possible")[0]: NOT_PROVEN})
    rows = opened.con.execute("select left_resident, left_nik, right_resident, right_nik, role from pair_decisions")
    for left, left_nik, right, right_nik, role in rows.fetchall():
        assert (left is None) == (left_nik is not None)
        assert (right is None) == (right_nik is not None)
        assert role == "staff"


@pytest.mark.parametrize("nik", ["0", None])
def test_a_record_without_a_nik_is_never_known_again(tmp_path_factory: pytest.TempPathFactory, nik: str | None) -> None:
    """If this fails, a decision about one person without a NIK is applied to everybody without one."""
    batch = prepare(
        tmp_path_factory.mktemp("tanpa-nik") / "kantor", (again(resident(22), NIK=nik, NAMA_LGKP_IBU=None),)
    )
    with open_store(batch.office) as con:
        opened = Opened(batch, con)
        settle(opened, {row: NOT_PROVEN for (row,) in con.execute("select row_id from outcomes").fetchall()})
        receive_again(opened)
        assert con.execute("select count(*) > 0 from pairs where band <> 'bukan'").fetchall() == [(True,)]
        assert heard(opened) == {}
