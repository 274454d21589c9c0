"""SOP step 2: every received row ends in exactly one outcome, by the handbook's order."""

from typing import Any

import duckdb
import pytest
from office_kit.files import Row
from office_kit.memory import AGENDA, memory_store, receive_more
from office_kit.residents import again, born, nik_of, resident
from office_kit.sheets import POSTPONE, fill, work_round
from office_kit.small import CHILD, HEAD, RESIDENTS, ROWS, SCENARIOS, WIFE, Opened, resident_id, row_ids

from expectations.outcomes import Outcome
from tasks.propose import digest, propose
from tasks.resolve.run import resolve
from tasks.worksheet import write_worksheet

FIXED, OFF, AWAY, FINE, WAITS = (Outcome.CORRECTED, Outcome.DEACTIVATION, Outcome.OTHER_REGION, Outcome.UNFOUNDED,
                                 Outcome.POSTPONED)  # fmt: skip
# Scenario -> (outcome, cause, needs a person) of each of its rows.
EXPECTED: dict[str, list[tuple[Outcome, str, bool]]] = {
    "clean": [(FINE, "", False)],
    "abroad": [(AWAY, "ANM-WIL-01", False)],
    "spelling": [(FIXED, "ANM-NAM-11", False)],
    "symbol": [(FIXED, "ANM-NAM-02", True)],
    "parents": [(FIXED, "ANM-HUB-13", True)],
    "loser": [(OFF, "GND-03", True)],
    "winner": [(OFF, "GND-03", True)],
    "biometric": [(WAITS, "GND-03", True)],
    "partner abroad": [(AWAY, "GND-04", False), (AWAY, "ANM-WIL-01", False)],
    "twins": [(FINE, "", False), (FINE, "", False)],
    "two families": [(WAITS, "ANM-KEL-08", True), (WAITS, "ANM-KEL-08", True)],
    "copy": [(FINE, "GND-02", False), (FINE, "GND-02", False)],
    "document": [(WAITS, "ANM-NIK-09", True)],
    "broken nik": [(FINE, "ANM-NIK-02", False)],
    "possible": [(WAITS, "GND-03", True)],
}


def outcomes(con: duckdb.DuckDBPyConnection, round_no: int = 1) -> dict[int, tuple[str, str, bool]]:
    rows = con.execute(
        "select row_id, outcome, cause, needs_person from outcomes where round = ?", [round_no]
    ).fetchall()
    return {row_id: tuple(rest) for row_id, *rest in rows}


def changes(con: duckdb.DuckDBPyConnection, scenario: str, round_no: int = 1) -> list[tuple[Any, ...]]:
    return con.execute(
        "select resident_id, element, before, register_value, after from changes where round = ? "
        "and list_contains(?, row_id) order by row_id, element", [round_no, row_ids(scenario)]).fetchall()  # fmt: skip


@pytest.mark.parametrize("scenario", EXPECTED)
def test_each_kind_of_row_ends_as_the_handbook_says(reading: Opened, scenario: str) -> None:
    """If this fails, a resident's case is closed, written, referred or left open against the handbook."""
    found = outcomes(reading.con)
    assert [found[row_id] for row_id in row_ids(scenario)] == EXPECTED[scenario]


def test_every_row_has_one_outcome(reading: Opened) -> None:
    """If this fails, a received row is lost, or decided twice (promise 1)."""
    found = reading.con.execute("select row_id from outcomes where round = 1 order by row_id").fetchall()
    assert [row_id for (row_id,) in found] == [row_id for name in SCENARIOS for row_id in row_ids(name)]
    summary = reading.batch.done["propose"]
    assert sum(summary["outcomes"].values()) == summary["rows"] == len(ROWS)


def test_what_would_be_written(reading: Opened) -> None:
    """If this fails, a change is proposed to the wrong person, the wrong element, or with the wrong value."""
    con, nik = reading.con, HEAD["NIK"]
    right = str(resident(2)["NAMA_LGKP"])
    assert changes(con, "spelling") == [(2, "nama_lgkp", right.replace(" ", "  "), right, right)]
    right = str(resident(3)["NAMA_LGKP"])
    assert changes(con, "symbol") == [(3, "nama_lgkp", right.replace("I", "1"), right, right)]
    child = resident_id(CHILD)
    assert changes(con, "parents") == [
        (child, "nik_ayah", None, None, nik),
        (child, "nik_ibu", None, None, WIFE["NIK"]),
    ]
    loser = resident_id(RESIDENTS[7])
    assert changes(con, "loser") == [(loser, "usulan", None, None, "NONAKTIF")]
    assert changes(con, "winner") == [(loser + 2, "usulan", None, None, "NONAKTIF")]


def test_niks_are_never_changed(reading: Opened) -> None:
    """If this fails, a resident's NIK is edited locally, which the law forbids (Permendagri 74/2015)."""
    assert reading.con.execute("select count(*) from changes where element = 'nik'").fetchall() == [(0,)]


def test_only_corrections_and_proposals_have_changes(reading: Opened) -> None:
    """If this fails, a row that waits, is closed or belongs to another regency is written all the same."""
    ways = reading.con.execute(
        "select distinct outcome from changes join outcomes using (agenda, round, row_id)"
    ).fetchall()
    assert {way for (way,) in ways} == {FIXED.value, OFF.value}
    assert changes(reading.con, "abroad") == changes(reading.con, "partner abroad") == []


def test_the_lone_member_of_a_family_becomes_its_head(reading: Opened) -> None:
    """If this fails, ANM-KEL-07 proposes nothing ever: ANM-KEL-01 fires on the same family and keeps it waiting."""
    (row,) = row_ids("lone member")
    assert outcomes(reading.con)[row] == (FIXED, "ANM-KEL-07", True)
    assert changes(reading.con, "lone member") == [
        (resident_id(resident(21, STAT_HBKEL="9")), "stat_hbkel", "9", "9", "1")
    ]


def test_proposing_again_is_the_same(opened: Opened) -> None:
    """If this fails, a resumed flow shows approvers another proposal than before."""
    con, agenda = opened.con, opened.batch.agenda
    before = con.sql("from changes order by all").pl(), con.sql("from outcomes order by all").pl()
    con.execute("delete from steps where step in ('draft', 'propose')")
    con.execute("set threads = 1")
    assert propose(con, agenda, 1)["digest"] == opened.batch.digest == digest(con, agenda, 1)
    assert con.sql("from changes order by all").pl().equals(before[0])
    assert con.sql("from outcomes order by all").pl().equals(before[1])
    assert propose(con, agenda, 2)["digest"] != opened.batch.digest


def proposed(residents: list[Row], received: list[Row], *findings: tuple[int, str]) -> dict[int, tuple[str, str, bool]]:
    """Outcomes of a few rows in memory; ``findings``: (position, code) as the rules would have found."""
    con = memory_store(residents, [*received, *(resident(n) for n in range(70, 75))])
    for position, code in findings:
        con.execute("insert into findings values (?, ?, ?)", [AGENDA, 10_000_002 + position, code])
    resolve(con, AGENDA)
    propose(con, AGENDA, 1)
    return outcomes(con)


def test_twins_with_one_nik_are_not_copies() -> None:
    """If this fails, the second of two twins who were given one NIK is closed as a copy of the first."""
    first = resident(1)
    found = proposed([first], [first, again(first, NAMA_LGKP="HUSEN WIJAYA")])
    assert found[10_000_003][0] == WAITS, found


def test_strangers_with_a_placeholder_nik_are_not_copies() -> None:
    """If this fails, two people born on one day, both with NIK 0000000000000000, are one record."""
    one = resident(2, NIK="0" * 16)
    found = proposed([], [one, resident(4, NIK="0" * 16, TGL_LHR=one["TGL_LHR"], NO_KK=one["NO_KK"])])
    assert found[10_000_003][1] != "GND-02", found


@pytest.mark.parametrize("nik", ["3576023213629002", "0576020301629002"])
def test_nobody_is_a_duplicate_of_himself(nik: str) -> None:
    """If this fails, a resident whose NIK carries an impossible date is reported as two people, one to switch off."""
    known = resident(2, NIK=nik, EKTP_STATUS="BELUM REKAM")
    for received in (known, again(known, EKTP_STATUS="CARD PRINTED")):
        found = proposed([known], [received], (0, "ANM-NIK-08"))[10_000_002]
        assert found[:2] == (WAITS, "ANM-NIK-08")


def test_a_nik_under_another_name_is_not_right_already() -> None:
    """If this fails, the centre's row about a shared NIK (GND-01) is answered with 'data kantor sudah benar'."""
    known = resident(1, NAMA_LGKP="HASAN WIJAYA")
    assert proposed([known], [again(known, NAMA_LGKP="MENUR KUSUMAYUDHA")])[10_000_002][0] == WAITS


def test_twins_with_one_nik_in_two_files() -> None:
    """If this fails, twins who share a NIK are only seen when the centre puts them into one file."""
    first = resident(1)
    con = memory_store([first], [first])
    receive_more(con, 2, [again(first, NAMA_LGKP="HUSEN WIJAYA")])
    resolve(con, AGENDA)
    propose(con, AGENDA, 1)
    assert {outcome for outcome, *_ in outcomes(con).values()} == {WAITS}


def test_a_row_is_not_half_corrected() -> None:
    """If this fails, one error of a person is written while another waits for a document."""
    row = resident(3, NAMA_LGKP="JATM1KA ADIWANGSA", ALAMAT="-")
    found = proposed([resident(3)], [row], (0, "ANM-NAM-02"), (0, "ANM-ALM-01"))
    assert found[10_000_002] == (WAITS, "ANM-ALM-01", True)
    assert proposed([resident(3)], [row], (0, "ANM-NAM-02"))[10_000_002] == (FIXED, "ANM-NAM-02", True)


def test_a_correction_needs_the_rest_of_the_person_to_agree() -> None:
    """If this fails, the register's name is written over somebody else who has that NIK."""
    row = resident(3, NAMA_LGKP="L41N", NAMA_LGKP_IBU="IBU LAIN")
    assert proposed([resident(3)], [row], (0, "ANM-NAM-02"))[10_000_002][0] == WAITS


def test_who_moved_away_in_the_register_is_not_corrected_here() -> None:
    """If this fails, a batch is proposed and signed that ``apply`` must refuse for ever: he lives elsewhere."""
    here = resident(3, NAMA_LGKP="JATM1KA ADIWANGSA")
    found = proposed([resident(3, NO_KAB="15", NO_KEL="2001")], [here], (0, "ANM-NAM-02"))
    assert found[10_000_002][0] != FIXED, found


def test_information_alone_needs_nobody() -> None:
    """If this fails, people spend their day on birthdays on 1 July."""
    assert proposed([resident(5)], [resident(5)], (0, "ANM-TGL-06"))[10_000_002] == (FINE, "ANM-TGL-06", False)


def test_decisions_of_staff_stand(opened: Opened) -> None:
    """If this fails, what Staff found out about a resident is not what approvers sign."""
    con, batch = opened.con, opened.batch
    (document,), (symbol,), (loser,) = row_ids("document"), row_ids("symbol"), row_ids("loser")
    work_round(con, batch.office, (batch.agenda, 2), {
        document: (FIXED.value, "TGL_LHR", "1991-02-14", "Akta 1/2026"), symbol: POSTPONE,
        loser: (FINE.value, None, None, "orang lain, diperiksa"),
    })  # fmt: skip
    found = outcomes(con, 2)
    assert found[document] == (FIXED, "keputusan Staff", False)
    assert found[symbol][:2] == (WAITS, "keputusan Staff")
    assert found[loser][0] == FINE
    held = str(resident(19)["TGL_LHR"])
    assert changes(con, "document", 2) == [(resident_id(resident(19)), "tgl_lhr", "1990-02-14", held, "1991-02-14")]
    assert changes(con, "symbol", 2) == changes(con, "loser", 2) == []
    assert changes(con, "winner", 2) == changes(con, "winner", 1)


def test_staff_can_change_a_decision_after_tidak(opened: Opened) -> None:
    """If this fails, a Kasi's Tidak about a row leads nowhere: the next worksheet does not show that row any more."""
    con, batch = opened.con, opened.batch
    (document,) = row_ids("document")
    work_round(con, batch.office, (batch.agenda, 2), {document: (FIXED.value, "TGL_LHR", "1991-02-14", "Akta 1/2026")})
    propose(con, batch.agenda, 3, step="draft")
    sheet = write_worksheet(con, batch.office, batch.agenda, 3)
    try:
        fill(sheet, {document: POSTPONE})
    except StopIteration:
        pytest.fail("baris yang diputuskan pada ronde 2 tidak ada lagi pada lembar kerja ronde 3")


def test_a_domicile_that_nobody_told_is_not_another_regency() -> None:
    """If this fails, a letter without region columns is closed whole as 'rujuk luar kota': referred to nobody."""
    nowhere = dict.fromkeys(("NO_PROP", "NO_KAB", "NO_KEC", "NO_KEL"))
    assert proposed([resident(5)], [resident(5, **nowhere)])[10_000_002][0] != AWAY


def test_two_niks_of_one_person_unknown_to_the_register() -> None:
    """If this fails, without a baseline duplicates within a letter are not proposed."""
    one = resident(5)
    two = again(one, NIK=nik_of(born(one), "2", 9555), EKTP_STATUS="BELUM REKAM")
    found = proposed([], [one, two])
    assert found[10_000_002][0] == FINE
    assert found[10_000_003][:2] == (OFF, "GND-03")


def test_the_session_office_is_untouched(reading: Opened) -> None:
    """If this fails, one of the tests wrote to the office that all tests share."""
    assert digest(reading.con, reading.batch.agenda, 1) == reading.batch.digest
    assert reading.con.execute("select count(*) from steps").fetchall() == [(6,)]
