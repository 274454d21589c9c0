"""What Staff decided about a row is proposed again in later extracts, or opened again with what has changed."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from office_kit.residents import again, resident
from office_kit.sheets import LATER, line_of
from office_kit.small import AS_OF, SCENARIOS, resident_id
from office_kit.successive import Years, row, years

from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF
from tasks.documents.facts import risks
from tasks.pack.reading import masked_copy
from tasks.privacy import STAFF_BASIS, mask_basis
from tasks.propose import propose
from tasks.worksheet import write_worksheet

DOCUMENT = SCENARIOS["document"][0]  # born 1967 by the register and the NIK, 1990 by the centre's list
BORN, OTHER = "1990-02-14", "1990-03-15"
UNFOUNDED = ("tidak terbukti", None, None, "12/2026")
BASIS = "surat keterangan lain nomor 12/2026 tanggal 05-01-2026"
FIRST = f"agenda 2026-0001, 06-10-2026: {BASIS}"
CORRECTED = ("diperbaiki", "TGL_LHR", BORN, "12/2026")
WAIT = {"HASIL": "ditunda", "DASAR": "KTP-el", "TUNDA SAMPAI": LATER}
INACTIVE = ("usul nonaktif", None, None, "12/2026")
HERE = row(0)


@pytest.fixture
def office_years(tmp_path: Path) -> Iterator[Years]:
    """A new office, store open."""
    with years(tmp_path / "kantor") as made:
        yield made


def proposed(sheet: Path, row_id: int) -> str:
    """Cell USUL of a row."""
    page = openpyxl.load_workbook(sheet)["Keputusan"]
    heads = {cell.value: cell.column for cell in page[2]}
    return str(page.cell(line_of(page, row_id), heads["USUL"]).value)


def sheet_of(made: Years, round_no: int = 1) -> Path:
    """The worksheet of the newest batch."""
    return write_worksheet(made.con, made.office, made.batches[-1].agenda, round_no)


def test_a_decision_is_proposed_again_and_asks_nobody(office_years: Years) -> None:
    """If this fails, Staff looks up the same certificate for the same person with every letter of the Ditjen."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: UNFOUNDED})
    draft = made.draft(DOCUMENT).done["draft"]
    wanted = ("tidak terbukti", FIRST, REMEMBERED, False)
    assert made.end(HERE) == wanted
    assert draft["needs_person"] == 0
    assert proposed(sheet_of(made), HERE) == f"tidak terbukti\ndasar: {FIRST}"  # Staff can still decide otherwise
    done = made.work()
    assert made.end(HERE) == wanted
    assert done["outcomes"] == draft["outcomes"]
    made.write()
    made.draft(DOCUMENT)
    assert made.end(HERE) == wanted  # still the batch in which a person decided
    counted = risks(made.con, (made.batches[-1].agenda, 1), {"cocok": 0, "mungkin": 0, "kembar": 0, "clusters": 0})
    assert (counted.by_hand, counted.remembered, counted.reopened) == (0, 1, 0)


def test_a_correction_is_proposed_again_with_its_elements(office_years: Years) -> None:
    """If this fails, the office tells the Ditjen of a correction once and withdraws it silently with the next list."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: CORRECTED})
    made.draft(DOCUMENT)
    made.work()
    assert made.end(HERE) == ("diperbaiki", FIRST, REMEMBERED, False)
    assert made.changes(HERE) == [("tgl_lhr", BORN, FIRST, REMEMBERED)]
    assert made.write() == "2026-0002"
    written = made.con.execute("select written from history where agenda = '2026-0002'").fetchall()
    assert written == [(False,)]  # the register has it already


def test_staff_of_this_batch_wins_and_the_newest_decision_counts(office_years: Years) -> None:
    """If this fails, a decision of long ago overrules what Staff has just decided, or comes back after it."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: UNFOUNDED})
    made.batch((DOCUMENT,), {HERE: ("usul nonaktif", None, None, "13/2026")})
    assert made.end(HERE)[0::2] == ("usul nonaktif", BY_STAFF)
    made.draft(DOCUMENT)
    told = FIRST.replace("2026-0001", "2026-0002").replace("12/2026", "13/2026")
    assert made.end(HERE) == ("usul nonaktif", told, REMEMBERED, False)
    assert [(element, after) for element, after, *_ in made.changes(HERE)] == []  # marked inactive already


def test_what_changed_is_shown_to_staff_alone(office_years: Years) -> None:
    """If this fails, a decision outlives the facts it rested on, or personal values stand on pages and papers."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: UNFOUNDED})
    draft = made.draft(again(DOCUMENT, TGL_LHR=OTHER)).done["draft"]
    outcome, basis, cause, needs_person = made.end(HERE)
    assert (outcome, cause, needs_person) == ("ditunda", "ANM-NIK-09", True)
    assert basis.endswith("; dibuka lagi, agenda 2026-0001 memutuskan tidak terbukti; berubah: TGL_LHR")
    difference = f"TGL_LHR menurut berkas: {BORN} → {OTHER}"
    assert made.reopened(HERE) == ("2026-0001", "tidak terbukti", ["TGL_LHR"], difference)
    shown = proposed(sheet_of(made), HERE)
    assert shown.endswith(f"keputusan agenda 2026-0001 dibuka lagi: tidak terbukti\n{difference}")
    assert draft["needs_person"] == 1
    made.work()
    assert made.end(HERE) == (outcome, basis, cause, needs_person)
    agenda = made.write()
    assert OTHER.encode() not in masked_copy(made.con, agenda, 1)


def test_the_registers_own_change_opens_a_decision_again(office_years: Years) -> None:
    """If this fails, a person who has moved or was corrected at the counter is still judged by what was before."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: UNFOUNDED})
    moved = "update penduduk set nama_lgkp_ibu = 'WARSINI', tgl_ubah = '2026-10-06'::date where resident_id = ?"
    made.con.execute(moved, [resident_id(resident(19))])
    made.draft(again(DOCUMENT, TGL_UBAH="2026-10-01", ALAMAT="JL  UJI NO 19 "))  # typing and blanks say nothing
    found = made.reopened(HERE)
    assert found is not None
    assert found[2] == ["NAMA_LGKP_IBU"]
    assert "data kantor" in found[3]


def test_staff_who_leaves_an_opened_row_as_proposed_is_not_asked_a_third_time(office_years: Years) -> None:
    """If this fails, every list from now on opens a decision again that Staff has already looked at and let go."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: UNFOUNDED})
    changed = again(DOCUMENT, TGL_LHR=OTHER)
    made.batch((changed,))
    made.draft(changed)
    assert made.reopened(HERE) is None
    waits = "agenda 2026-0002, 06-10-2026: menunggu dokumen atau verifikasi"
    assert made.end(HERE) == ("ditunda", waits, REMEMBERED, True)  # no day was named: somebody looks


def test_waiting_ends_with_its_day(office_years: Years) -> None:
    """If this fails, a postponed row is asked about too early, or waits for ever."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: WAIT})
    made.draft(DOCUMENT)
    told = "agenda 2026-0001, 06-10-2026: KTP-el; ditunda sampai 31-12-2099"
    assert made.end(HERE) == ("ditunda", told, REMEMBERED, False)
    made.work({HERE: {"CATATAN": "sudah ditelepon"}})
    assert made.end(HERE) == ("ditunda", told, BY_STAFF, False)  # the day is not told twice
    made.con.execute("update row_memory set until = ?", [AS_OF])
    propose(made.con, made.batches[-1].agenda, 2, step="draft")
    made.con.execute("delete from decisions")
    propose(made.con, made.batches[-1].agenda, 3, step="draft")
    assert made.end(HERE)[2:] == (REMEMBERED, True)


def test_an_undone_batch_is_forgotten(office_years: Years) -> None:
    """If this fails, a decision lives on that officials took back, or is lost although they took that back too."""
    made = office_years
    first = made.batch((DOCUMENT,), {HERE: CORRECTED})
    taken_back = made.undo(first)
    made.draft(DOCUMENT)
    assert made.end(HERE)[2] == "ANM-NIK-09"
    assert made.reopened(HERE) is None
    made.undo(taken_back)
    made.draft(DOCUMENT)
    assert made.end(HERE)[2] == REMEMBERED


def test_one_person_twice_in_an_extract(office_years: Years) -> None:
    """If this fails, one of two rows of a person gets the other's decision."""
    made = office_years
    first, second = resident(17), resident(17, NO_KK="3576021406129990")
    made.batch((first, second), {row(0): UNFOUNDED, row(1): INACTIVE})
    made.draft(second, first)  # in another order
    assert [made.end(row(place))[0::2] for place in (0, 1)] == [
        ("usul nonaktif", REMEMBERED),
        ("tidak terbukti", REMEMBERED),
    ]


def test_rows_alike_that_were_decided_differently_are_asked_again(office_years: Years) -> None:
    """If this fails, one of two contradicting decisions is taken over by chance."""
    made = office_years
    made.batch((DOCUMENT, DOCUMENT), {row(0): UNFOUNDED, row(1): CORRECTED})
    made.draft(DOCUMENT)
    found = made.reopened(HERE)
    assert found is not None
    assert (found[2], made.end(HERE)[3]) == (["KEPUTUSAN"], True)


def test_a_decision_that_can_not_be_written_any_more(office_years: Years) -> None:
    """If this fails, another region's resident is corrected, or the whole batch fails on it in every round."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: CORRECTED})
    made.con.execute("update penduduk set no_kab = '15' where resident_id = ?", [resident_id(resident(19))])
    made.draft(DOCUMENT)
    found = made.reopened(HERE)
    assert found is not None
    assert found[2] == ["NO_KAB"]
    assert made.end(HERE)[0] != "diperbaiki"
    made.con.execute("update penduduk set no_kab = '76' where resident_id = ?", [resident_id(resident(19))])
    made.draft(DOCUMENT)
    assert made.end(HERE)[0::2] == ("diperbaiki", REMEMBERED)
    made.con.execute("update penduduk set no_kab = '15' where resident_id = ?", [resident_id(resident(19))])
    made.work()  # moves away between draft and proposal
    assert made.end(HERE)[0::3] == ("ditunda", True)
    assert made.changes(HERE) == []
    kept = made.con.execute("select count(*) from row_memory").fetchall()
    made.write()
    assert made.con.execute("select count(*) from row_memory").fetchall() == kept  # nobody decided to wait


def test_a_nik_that_two_people_share(office_years: Years) -> None:
    """If this fails, what was decided about one person is done to another who bears the same NIK."""
    made = office_years
    one = resident(60)
    other = again(one, NAMA_LGKP="ZULFA QORI", NAMA_LGKP_IBU="SITI", NO_KK="3576021406129991")
    third = again(one, NAMA_LGKP="BRAMANTYO", NAMA_LGKP_IBU="KARTINEM", NO_KK="3576021406129992")
    made.batch((one, other), {row(0): UNFOUNDED, row(1): INACTIVE})
    subjects = made.con.execute("select count(*), count(distinct subject) from row_memory").fetchall()
    assert subjects == [(2, 2)]
    made.draft(other, third, one)
    ends = [made.end(row(place)) for place in range(3)]
    assert [(end[0], end[2]) for end in ends[::2]] == [("usul nonaktif", REMEMBERED), ("tidak terbukti", REMEMBERED)]
    assert ends[1][2] == "GND-01"
    assert made.reopened(row(1)) is None


def test_what_the_centre_has_corrected_is_not_asked_again(office_years: Years) -> None:
    """If this fails, Staff is asked about every person whose list the centre has put right."""
    made = office_years
    right = str(resident(19)["TGL_LHR"])
    made.batch((DOCUMENT,), {HERE: ("diperbaiki", "TGL_LHR", right, "12/2026")})
    draft = made.draft(resident(19)).done["draft"]
    assert made.reopened(HERE) is None
    assert draft["needs_person"] == 0
    assert made.end(HERE)[0::2] == ("tidak terbukti", "")


def test_what_was_decided_otherwise_is_asked_although_nothing_is_found_now(office_years: Years) -> None:
    """If this fails, a NIK proposed inactive is called unfounded by nobody's decision when the list changes."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: INACTIVE})
    made.draft(resident(19))
    found = made.reopened(HERE)
    assert found is not None
    assert found[1:3] == ("usul nonaktif", ["TEMUAN", "TGL_LHR"])
    assert made.end(HERE)[3]


def test_a_basis_from_an_earlier_batch_is_masked_like_staffs() -> None:
    """If this fails, numbers of certificates stand on pages, or nobody sees which batch decided."""
    told = "agenda 2026-0001, 06-10-2026"
    assert mask_basis(f"{told}: ijazah nomor 12 SITI tanggal 05-01-2026; warga datang", REMEMBERED) == (
        f"{told}: ijazah, warga datang (lembar kerja Staff)"
    )
    assert mask_basis(f"{told}: ijazah nomor 7", BY_STAFF) == f"{told}: ijazah (lembar kerja Staff)"
    assert mask_basis(f"{told}: menunggu SITI", REMEMBERED) == f"{told}: {STAFF_BASIS}"
    assert mask_basis(told, REMEMBERED) == f"{told}: {STAFF_BASIS}"


def test_the_copy_that_leaves_the_office_hides_what_staff_wrote_then(office_years: Years) -> None:
    """If this fails, a certificate's number lies with the auditors although the decision's own copy hides it."""
    made = office_years
    made.batch((DOCUMENT,), {HERE: CORRECTED})
    agenda = made.batch((DOCUMENT,))
    (made.office.scratch / "salinan.xlsx").write_bytes(masked_copy(made.con, agenda, 1))
    book = openpyxl.load_workbook(made.office.scratch / "salinan.xlsx")
    told = [str(cell.value) for page in book for line in page.iter_rows() for cell in line]
    assert "lembar kerja Staff" in told
    assert REMEMBERED in told
    assert not [text for text in told if "12/2026" in text]
