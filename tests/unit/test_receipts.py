"""SOP step 1: a receipt is registered whole or refused whole, and nothing is ever lost."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office_kit.files import archived, csv_text, write, write_csv, write_letter, write_xlsx
from office_kit.receiving import ABOUT, TOTALS, TWO, arrive, receipts, refused, rejected_files
from office_kit.residents import COLUMNS, resident

from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.read import Received, read_extract
from tasks.receipts import file_facts, told
from tasks.receive import Receipt, find_receipt, receive


def test_a_receipt_is_archived_and_recorded(office: Office) -> None:
    """If this fails, the office can not prove which bytes it received, when, and from whom."""
    path = arrive(office, "ganda.csv")
    content = path.read_bytes()
    letter = write_letter(office.inbox / "surat.json", {"ganda.csv": TOTALS})
    receipt = receive(office, [path], letter, ABOUT)
    facts = receipt.files[0]
    assert (receipt.agenda, facts["received"], facts["loaded"], facts["rejected"]) == ("2026-0001", 2, 2, 0)
    kept = archived(office, receipt.agenda, facts["archived"])
    assert kept == content
    assert facts["sha256"] == hashlib.sha256(kept).hexdigest()
    assert b"400.8.1" in archived(office, receipt.agenda, "surat.json")
    assert not list(office.inbox.iterdir())
    with open_ledger(office) as ledger:
        assert find_receipt(ledger, receipt.agenda) == receipt
        assert entries(ledger, kind=Kind.RECEIVED)[0].payload["origin"] == "inbox"


def test_files_outside_the_inbox_stay(office: Office, tmp_path: Path) -> None:
    """If this fails, receiving deletes the file on Staff's own disk."""
    path = write_csv(tmp_path / "ganda.csv", TWO)
    receive(office, [path], None, ABOUT)
    assert path.exists()


def test_the_same_bytes_are_received_once(office: Office) -> None:
    """If this fails, one letter of the centre is worked on, and its residents changed, twice (BRK-02)."""
    receive(office, [arrive(office, "ganda.csv")], None, ABOUT)
    again = arrive(office, "nama_lain.csv")
    content = again.read_bytes()
    error = refused(office, [again])
    assert error.exit_code is Exit.ALREADY_RECEIVED
    assert "2026-0001" in str(error)
    kept = rejected_files(office)
    assert kept["nama_lain.csv"] == content
    assert kept["alasan.txt"].decode().strip() == str(error)
    assert not list(office.inbox.iterdir())
    assert receipts(office) == ["2026-0001"]


def test_the_same_bytes_twice_in_one_receipt(office: Office) -> None:
    """If this fails, one letter counts its residents twice."""
    error = refused(office, [arrive(office, "a.csv"), arrive(office, "b.csv")])
    assert error.exit_code is Exit.ALREADY_RECEIVED
    assert receipts(office) == []


def test_agenda_numbers_have_no_gaps(office: Office) -> None:
    """If this fails, an auditor asks for agenda number 2 and there is none."""
    numbers = []
    for at in range(1, 7):
        if at % 2:
            numbers.append(receive(office, [arrive(office, f"{at}.csv", (resident(at),))], None, ABOUT).agenda)
        else:
            refused(office, [write(office.inbox / f"{at}.csv", f"NIK\n{at}\n")])
    assert numbers == receipts(office) == ["2026-0001", "2026-0002", "2026-0003"]
    assert sorted(path.name for path in office.archive.iterdir()) == numbers


def test_numbers_start_again_each_year_of_the_office(office: Office) -> None:
    """If this fails, a letter received on New Year's morning in Mojokerto is numbered in the old year."""
    midnight = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # 00:00 WIB
    before = receive(office, [arrive(office, "a.csv")], None, (midnight - timedelta(minutes=1), "inbox"))
    after = receive(office, [arrive(office, "b.csv", (resident(5),))], None, (midnight, "inbox"))
    assert (before.agenda, after.agenda) == ("2026-0001", "2027-0001")


@pytest.mark.parametrize("letter", [False, True])
def test_no_agenda_number_without_files(office: Office, letter: bool) -> None:
    """If this fails, an empty letter takes an agenda number for which nothing was received."""
    path = write_letter(office.inbox / "surat.json", {}) if letter else None
    assert refused(office, [], path).exit_code is not Exit.OK
    assert receipts(office) == []


def test_two_files_of_one_name(office: Office, tmp_path: Path) -> None:
    """If this fails, refusing two files of one name ends in a traceback and one of them is not kept."""
    first = write_csv(tmp_path / "a" / "data.csv", TWO)
    second = write(tmp_path / "b" / "data.csv", "NIK;Hobi\n1;2\n")
    assert refused(office, [first, second]).exit_code is Exit.COLUMNS
    kept = [path.read_bytes() for path in office.rejected.rglob("*") if path.is_file()]
    assert first.read_bytes() in kept
    assert second.read_bytes() in kept


def test_a_refused_file_may_be_called_alasan_txt(office: Office) -> None:
    """If this fails, the list of reasons overwrites the file that it is about: the original is lost."""
    content = b"NIK;Hobi\n1;2\n"
    refused(office, [write(office.inbox / "alasan.txt", content)])
    assert content in [path.read_bytes() for path in office.rejected.rglob("*") if path.is_file()]


def test_a_missing_file_is_a_usage_error(office: Office) -> None:
    """If this fails, a mistyped name looks like a damaged file."""
    error = refused(office, [office.inbox / "tidak_ada.csv"])
    assert error.exit_code is Exit.USAGE
    assert not list(office.rejected.iterdir())


def test_an_unknown_agenda_number(office: Office) -> None:
    """If this fails, asking for a number that never was gives a traceback."""
    with open_ledger(office) as ledger, pytest.raises(UserError) as caught:
        find_receipt(ledger, "2026-0099")
    assert caught.value.exit_code is Exit.USAGE


def test_the_receipt_tells_how_a_file_was_understood(office: Office) -> None:
    """If this fails, nobody can say afterwards which column became what, or which lines were left out (BRK-06)."""
    person = resident(0)
    rows = [{**person, "NIK": f"'{person['NIK']}", "TGL_LHR": "01/31/1990", "KET": "X"}]
    text = "DATA ANOMALI\n" + csv_text(rows, columns=(*COLUMNS, "KET")) + ";;\n"
    receipt = receive(office, [write(office.inbox / "a.csv", text)], None, ABOUT)
    with open_ledger(office) as ledger:
        (facts,) = find_receipt(ledger, receipt.agenda).files
    assert (facts["header_line"], facts["physical"], facts["received"], facts["loaded"]) == (2, 4, 1, 1)
    assert facts["layout"].startswith("teks utf-8")
    assert facts["columns"]["TGL_LHR"] == "tgl_lhr"
    assert facts["ignored"] == ["KET"]
    assert facts["lines"] == {"judul": 1, "di atas judul": 1, "baris kosong": 1}
    assert facts["whole_families"] is False
    assert (facts["member"], facts["content_sha256"]) == (None, facts["sha256"])
    assert [(a["code"], a["count"]) for a in facts["anomalies"]] == [
        ("BRK-05", 1), ("BRK-06", 2), ("BRK-07", 1)]  # fmt: skip
    lines = " ".join(" ".join(told(receipt.files[0])).split())
    for words in ("1 diterima, 1 terbaca, 0 ditolak (dari 4 baris berkas)", "judul pada baris 2",
                  "NIK = NIK; NO_KK = Nomor KK", "dilewati : KET", "1 di atas judul", "BRK-07"):  # fmt: skip
        assert words in lines, words
    assert str(person["NIK"]) not in lines


def test_niks_in_headers_do_not_reach_the_ledger(office: Office, tmp_path: Path) -> None:
    """If this fails, a title cell with a NIK puts it into the ledger, which is kept for ever (promise 5)."""
    nik = str(resident(0)["NIK"])
    extract = read_extract(write_csv(tmp_path / "a.csv", TWO), tmp_path)
    layout = replace(extract.layout, mapping={nik: "nik"}, ignored=(nik,), place=nik)
    facts = file_facts(Received(replace(extract, layout=layout, name=nik), nik, ""), "01.csv", "")
    assert nik not in str(facts)


def test_workbooks_and_text_in_one_letter(office: Office) -> None:
    """If this fails, a letter with a workbook and a text file can not be received."""
    people = [resident(n) for n in (10, 11)]
    book = write_xlsx(office.inbox / "b.xlsx", [list(people[0]), *(list(p.values()) for p in people)])
    receipt: Receipt = receive(office, [arrive(office, "a.csv"), book], None, ABOUT)
    assert [facts["archived"] for facts in receipt.files] == ["01.csv", "02.xlsx"]
    assert [facts["loaded"] for facts in receipt.files] == [2, 2]
