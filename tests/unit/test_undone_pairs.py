"""What people decided about a pair in an earlier batch: whoever decided it does not approve by it, nor once undone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from office_kit.residents import again, born, nik_of, resident
from office_kit.sheets import Decision
from office_kit.signers import NIP
from office_kit.small import RESIDENTS, UNRECORDED
from office_kit.successive import Years, row, years

from tasks.approvals.people import Mandate, Person, grant, register
from tasks.errors import BasisUndoneError
from tasks.ledger import open_ledger
from tasks.propose import propose
from tasks.remember.basis import taken_from, undone_since

ALIKE = again(
    resident(60),
    NAMA_LGKP=resident(22)["NAMA_LGKP"],
    TGL_LHR=resident(22)["TGL_LHR"],
    NIK=nik_of(born(resident(22)), "1", 9060),
    JENIS_KLMIN=resident(22)["JENIS_KLMIN"],
    TMPT_LHR=resident(22)["TMPT_LHR"],
    NAMA_LGKP_AYAH=None,
    EKTP_STATUS=UNRECORDED,
)
HERE, SECOND_STAFF = row(0), "199604042021032903"
INACTIVE: Decision = ("usul nonaktif", None, None, "12/2026")


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Years]:
    """The first batch said that two records are one person; by that the second proposes one of them inactive."""
    with years(tmp_path / "kantor", (*RESIDENTS, ALIKE)) as made:
        made.draft(ALIKE)
        pair = made.con.execute("select left_id || ' ' || right_id from pairs where band = 'mungkin'").fetchall()[0][0]
        made.work({}, {pair: ("orang sama", None)})
        made.write()
        batch = made.draft(again(ALIKE, ALAMAT="JL BARU 9"))
        batch.done["propose"] = propose(made.con, batch.agenda, 1)
        assert [change[:2] for change in made.changes(HERE)] == [("usulan", "NONAKTIF")]
        yield made


def test_a_person_is_not_proposed_inactive_by_a_judgement_that_was_undone(judged: Years) -> None:
    """If this fails, a NIK is reported inactive by what officials took back, or the batch is voided for ever."""
    made = judged
    assert made.batches[-1].done["propose"]["rests_on"] == ["2026-0001"]
    made.batches[-1].sign()
    made.undo("2026-0001")
    with pytest.raises(BasisUndoneError, match="2026-0001"):
        made.write_signed()
    drafted = propose(made.con, "2026-0002", 2, step="draft")
    assert made.end(HERE) == ("ditunda", "keputusan pasangan agenda 2026-0001 dibatalkan", "GND-03", True)
    assert (made.changes(HERE), drafted["rests_on"]) == ([], [])
    made.work({HERE: INACTIVE}, round_no=2)  # by a document of today
    assert [change[:2] for change in made.changes(HERE)] == [("usulan", "NONAKTIF")]
    assert undone_since(made.con, "2026-0002", 2) == []
    propose(made.con, "2026-0002", 3, step="draft")
    assert made.end(HERE)[0] == "usul nonaktif"
    assert taken_from(made.con, "2026-0002", 3) == []
    assert taken_from(made.con, "2026-0002", 1) == ["2026-0001"]  # as it was put before people


def test_who_judged_the_pair_does_not_approve_by_it(judged: Years) -> None:
    """If this fails, one person says that two records are one, and approves as Kasi what follows from it."""
    made = judged
    batch = made.batches[-1]
    made.desk.case, made.desk.rests_on = (batch.agenda, 1, batch.digest), batch.done["propose"]["rests_on"]
    with open_ledger(made.office) as ledger:
        second = (Person(SECOND_STAFF, "UJI DUA"), Mandate("staff"))
        made.desk.secrets["second"] = register(ledger, made.office.key("totp"), second, made.desk.clock)
        grant(ledger, NIP["staff"], Mandate("kasi", valid_from="2026-01-01"), made.desk.clock)
    code = made.desk.code("second", made.desk.clock + timedelta(seconds=31))
    assert made.desk.say("staff", "Ajukan", nip=SECOND_STAFF, code=code).accepted
    refused = made.desk.say("kasi", "Ya", who="staff")
    assert (refused.accepted, "agenda 2026-0001" in refused.reason) == (False, True)
    made.desk.sign("kasi", "kabid", "kadis")
    assert made.write_signed() == "2026-0002"
    told = made.con.execute("select distinct agenda from pair_decisions where verdict = 'sama'").fetchall()
    assert told == [("2026-0001",)]  # what only followed from it is nobody's new judgement
