"""Open cases over several lists: what ends them, whom they call again, and whom they ask only once."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from office_kit.files import Row, write_csv
from office_kit.pdf_text import pages_of, text_of
from office_kit.residents import COLUMNS, again, resident
from office_kit.sheets import LATER
from office_kit.small import ABROAD, SCENARIOS, UNRECORDED, Batch, run_steps
from office_kit.successive import Decided, Years, row, years

from expectations.cases import ALWAYS_BRING, OTHERWISE
from expectations.outcomes import BY_STAFF
from expectations.rules import BY_CODE, Resolution
from flows.commands.cases import told
from tasks.cases.call import SHOWN, _asked, call_letters
from tasks.cases.content import known_region, listed
from tasks.cases.waits import JUDGED
from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.receive import receive

DOCUMENT = SCENARIOS["document"][0]
SAME_NOW_RIGHT = resident(19)
OURS, FAR = SCENARIOS["partner abroad"]
STRANGER_FAR = SCENARIOS["abroad"][0]
FIRST_DAY = datetime(2026, 10, 6, 2, 0, tzinfo=UTC)
CASE, UNTIL_LATER = "2026-0001 1/2", {"HASIL": "ditunda", "DASAR": "KTP-el", "TUNDA SAMPAI": LATER}
REGION_WRONG = {"HASIL": "ditunda", "KEJADIAN": "jawaban daerah: keduanya keliru", "NOMOR": "470/1",
                "TANGGAL": "2026-01-05", "TUNDA SAMPAI": LATER}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Years]:
    """An office that has received nothing."""
    with years(tmp_path / "kantor") as made:
        yield made


def come(office: Years, *rows: Row, name: str = "ganda", after: int = 0, decided: Decided | None = None) -> str:
    """The next list is received some days after the first one, worked on, signed and written."""
    office.desk.clock = max(office.desk.clock, FIRST_DAY + timedelta(days=after))
    number = len(office.batches) + 1
    columns = [*COLUMNS, *(name for name in ("KEC_NAME", "KEL_NAME") if any(name in row for row in rows))]
    path = write_csv(office.office.inbox / f"{name}-{number}.csv", (*rows, resident(30 + number)), columns=columns)
    receipt = receive(office.office, [path], None, (office.desk.clock, "inbox"))
    office.batches.append(Batch(office.office, office.desk, receipt, run_steps(office.con, office.office, receipt)))
    office.work(decided)
    return office.write()


def cases(office: Years) -> dict[str, tuple[str, str | None]]:
    """Number -> (kind, agenda that closed it)."""
    rows = office.con.execute("select case_no, kind, closed_by from cases").fetchall()
    return {number: (kind, closed) for number, kind, closed in rows}


def calls(office: Years, agenda: str) -> list[str]:
    """The pages of a batch's call letters."""
    with open_ledger(office.office) as ledger:
        return [
            page for one in call_letters(office.con, ledger, office.office, agenda) for page in pages_of(one.content)
        ]


def letters(office: Years, agenda: str) -> list[str]:
    """The names of the letters that a batch sends to regions."""
    return [name for name in _papers(office, agenda) if name.startswith("surat-luar-kota")]


def _papers(office: Years, agenda: str) -> dict[str, bytes]:
    from tasks.lists import lists_and_letters

    with open_ledger(office.office) as ledger:
        made = lists_and_letters(office.con, ledger, office.office, agenda)
    return {document.name: document.content for document in made}


def test_only_its_own_list_ends_a_case_by_silence(office: Years) -> None:
    """If this fails, a matter the office waits for is forgotten because the person stands in another list too."""
    come(office, DOCUMENT)
    come(office, SAME_NOW_RIGHT, name="wilayah")
    assert office.end(row(0))[0] == "tidak terbukti"
    assert cases(office) == {CASE: ("pemohon", None)}
    come(office, SAME_NOW_RIGHT)
    assert cases(office) == {CASE: ("pemohon", "2026-0003")}


def test_half_of_a_pair_ends_no_question_to_a_region(office: Years) -> None:
    """If this fails, a region's answer is awaited no more because only our half of the pair came again."""
    come(office, OURS, FAR)
    assert {kind for kind, _ in cases(office).values()} == {"luar kota"}
    come(office, OURS)
    assert [closed for _, closed in cases(office).values()] == [None, None]


def test_a_document_is_waited_for_beside_a_region(office: Years) -> None:
    """If this fails, a new finding on our half silently withdraws the question to the other regency."""
    come(office, OURS, FAR)
    come(office, again(OURS, TGL_LHR="1990-02-14"), name="wilayah")
    assert sorted(cases(office).values()) == [("luar kota", None), ("luar kota", None), ("pemohon", None)]


def region_cases(office: Years) -> list[str | None]:
    """What closed the questions to other regencies."""
    return [closed for kind, closed in cases(office).values() if kind == "luar kota"]


@pytest.mark.parametrize("said", [
    UNTIL_LATER, {"HASIL": "tidak terbukti", "DASAR": "KTP-el"},
    {"HASIL": "diperbaiki", "ELEMEN": "ALAMAT", "MENJADI": "JL BARU NO 1", "DASAR": "KTP-el"},
], ids=["waits", "unfounded", "corrected"])  # fmt: skip
def test_staff_s_word_in_another_list_ends_no_question_to_a_region(office: Years, said: Mapping[str, str]) -> None:
    """If this fails, a region's answer is awaited no more because the resident's address was corrected meanwhile."""
    come(office, OURS, FAR)
    come(office, again(OURS, TGL_LHR="1990-02-14"), name="wilayah", decided={row(0): said})
    assert office.end(row(0))[2] == BY_STAFF
    assert region_cases(office) == [None, None]
    assert sorted(letters(office, "2026-0001")) == ["surat-luar-kota-2026-0001-3515.pdf"]


def test_staff_s_word_about_the_pair_ends_the_question(office: Years) -> None:
    """If this fails, a matter that Staff decided at the desk is asked for until somebody answers it once more."""
    came = {"HASIL": "tidak terbukti", "KEJADIAN": "warga datang", "DASAR": "KTP-el"}
    come(office, OURS, FAR)
    come(office, OURS, again(FAR, ALAMAT="JL LAIN NO 9"), decided={row(0): came})
    assert cases(office)[CASE] == ("luar kota", "2026-0002")


def test_a_region_is_asked_once(office: Years) -> None:
    """If this fails, a regency gets a second letter about a case that is open, or the case gets a second number."""
    first = come(office, STRANGER_FAR)
    assert letters(office, first) == ["surat-luar-kota-2026-0001-3515.pdf"]
    second = come(office, STRANGER_FAR, after=9)
    assert cases(office) == {CASE: ("luar kota", None)}
    assert letters(office, second) == []
    listed_rows = _papers(office, second)
    assert b"sudah diminta 06-10-2026" in listed_rows["3-rujuk-luar-kota.csv"]
    assert "konfirmasi atas 1 (satu) baris telah kami mintakan sebelumnya" in text_of(
        listed_rows["surat-balasan-2026-0002.pdf"]
    )
    moved = come(office, again(STRANGER_FAR, NO_KAB="16"), after=12)
    assert letters(office, moved) == ["surat-luar-kota-2026-0003-3516.pdf"]
    assert len(cases(office)) == 1


def test_nobody_is_called_twice_before_the_announced_day(office: Years) -> None:
    """If this fails, residents get letter after letter with ever other days, or none once their day has passed."""
    (page,) = calls(office, come(office, DOCUMENT))
    assert "20 Oktober 2026" in page
    assert calls(office, come(office, DOCUMENT, after=5)) == []
    assert office.con.execute("select due_on from cases").fetchall() == [(date(2026, 10, 20),)]
    (page,) = calls(office, come(office, DOCUMENT, after=20))
    assert "9 November 2026" in page
    assert CASE[-3:] in page


def test_an_earlier_decision_calls_nobody_anew(office: Years) -> None:
    """If this fails, Staff's day of an earlier batch is overruled by a letter that names another day."""
    (page,) = calls(office, come(office, DOCUMENT, decided={row(0): UNTIL_LATER}))
    assert "31 Desember 2099" in page
    assert calls(office, come(office, DOCUMENT, after=30)) == []
    assert office.con.execute("select case_no, due_on from cases").fetchall() == [(CASE, date(2099, 12, 31))]


def test_who_waits_for_the_biometrics_is_not_called(office: Years) -> None:
    """If this fails, a resident is called for a document although the regions left it to the recording."""
    rows = DOCUMENT, again(DOCUMENT, **ABROAD)
    decided = dict.fromkeys((row(0), row(1)), REGION_WRONG)
    assert calls(office, come(office, *rows, decided=decided)) == []
    assert calls(office, come(office, *rows, after=5)) == []
    assert {kind for kind, closed in cases(office).values() if closed is None} == {"biometrik"}


def test_papers_stay_what_they_were(office: Years) -> None:
    """If this fails, a letter made again after an undo names other people than the one that was sent."""
    first = come(office, DOCUMENT)
    second = come(office, DOCUMENT, after=5)
    before = calls(office, first), calls(office, second), _papers(office, second)
    office.undo(first)
    assert (calls(office, first), calls(office, second), _papers(office, second)) == before


def test_an_unrecorded_resident_is_told_to_come_in_person(office: Years) -> None:
    """If this fails, people are asked for the very card they have never been recorded for."""
    (page,) = calls(office, come(office, again(resident(35), EKTP_STATUS=UNRECORDED)))
    assert "perekaman KTP-el" in page
    assert "datang sendiri" in page
    assert "sidik jari" in page
    assert "kartu keluarga asli" in page
    assert "KTP-el asli" not in page
    assert "diwakili" not in page


def test_a_place_without_code_is_told_by_its_name(office: Years) -> None:
    """If this fails, a call letter reaches nobody because the file wrote the kelurahan in words alone."""
    place = {"NO_KEC": None, "NO_KEL": None, "KEC_NAME": "magersari", "KEL_NAME": "kedundung"}
    (page,) = calls(office, come(office, again(DOCUMENT, **place)))
    assert "Kelurahan Kedundung" in page
    assert "Kecamatan Magersari" in page


# Who resolves these rules' findings: residents, by what they show or say.
THEIRS = (Resolution.DOC, Resolution.FIELD, Resolution.AUTO_PROPOSE)


@pytest.mark.parametrize("code", [code for code in JUDGED if BY_CODE[code].resolution in THEIRS])
def test_every_letter_says_what_to_bring(code: str) -> None:
    """If this fails, a resident is called and not told for what, or with which paper."""
    assert code in SHOWN
    asked = _asked([code])
    assert asked["data"]
    assert asked["data"] != [OTHERWISE[0]]
    assert set(asked["bring"]) - set(ALWAYS_BRING), BY_CODE[code].title


def test_an_unknown_region_is_refused(office: Years) -> None:
    """If this fails, a mistyped code reads as "no case is waiting"."""
    come(office, STRANGER_FAR)
    for told_code in ("99", "9999", "abc", "3515x"):
        with pytest.raises(UserError) as caught:
            known_region(office.con, told_code)
        assert caught.value.exit_code is Exit.USAGE
        assert "3515" in str(caught.value)
    assert [known_region(office.con, code) for code in ("", "3515", "35.15")] == ["", "3515", "3515"]


def test_the_list_names_the_kelurahan(office: Years) -> None:
    """If this fails, nobody sees which kelurahan a case is to be looked for in."""
    come(office, DOCUMENT)
    lines = told(listed(office.con), date(2026, 10, 7))
    assert "Kedundung" in lines[1]
