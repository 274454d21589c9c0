"""The printed Buku Agenda and the lembar disposisi (handbook 7): from the ledger alone, searchable, the same twice."""

import argparse
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office_kit.files import write
from office_kit.pdf_text import pages_of, text_of
from office_kit.signers import NOW, Desk
from office_kit.small import Batch, Opened, copy_of
from office_kit.writing import ask_undo, take_back
from office_kit.writing import write as write_round

from flows.commands.book import agenda_command, disposition_command
from tasks.agenda_book import Line, book, book_lines, disposition, matching, years
from tasks.agenda_book.lines import COLUMNS
from tasks.documents.issue import issue, issued
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office
from tasks.receive import receive
from tasks.store import open_store

# Handbook 7, word for word.
ASKED = ("no. urut", "tgl terima", "no. surat", "tgl surat", "dari", "perihal", "diterima oleh", "disposisi", "kepada",
         "tgl diteruskan", "catatan")  # fmt: skip
SHEET = ("Surat dari", "No. surat", "Tgl surat", "Diterima tgl", "No. agenda", "Sifat", "Perihal", "Diteruskan kepada",
         "Dengan hormat harap", "Catatan", "Paraf", "Tanggal")  # fmt: skip


def lines_of(office: Office, year: int = 2026) -> list[Line]:
    with open_ledger(office) as ledger:
        return book_lines(ledger, year)


def arguments(**given: object) -> argparse.Namespace:
    return argparse.Namespace(**{"tahun": 2026, "cari": None, "cetak": False} | given)


@pytest.fixture
def here(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """The small office as the command line's own."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    return batch


def received(office: Office, number: int, days: int) -> None:
    """An entry of a receipt alone: the book is made from nothing else."""
    letter = {"sender": f"Direktur {number}", "number": f"400/{number}/UJI", "date": "2026-01-02", "subject": "Ganda",
              "file": "s.json"}  # fmt: skip
    files = [{"name": "a.csv", "received": 1000 + number, "sha256": "a" * 64}]
    year = (NOW + timedelta(days=days)).year
    with open_ledger(office) as ledger, writing(ledger):
        facts = {"letter": letter, "files": files, "origin": "inbox"}
        append(ledger, NOW + timedelta(days=days), (Kind.RECEIVED, f"{year}-{number:04d}", "sinkron"), facts)


def test_the_columns_are_the_handbooks() -> None:
    """If this fails, the printed book is another book than the office keeps."""
    assert tuple(name.lower() for name in COLUMNS) == ASKED


def test_a_line_tells_what_came_and_where_it_stands(small: Batch, tmp_path: Path) -> None:
    """If this fails, whoever looks up a letter does not learn who has it."""
    batch = copy_of(small, tmp_path / "kantor")
    (line,) = lines_of(batch.office)
    assert line == Line(
        "2026-0001", "06-10-2026 09.00", "400.8.1/0000/UJI", "5 Oktober 2026", "Direktur Jenderal Dukcapil",
        "Penyelesaian data anomali dan data ganda", "Sinkron, inbox", "-", "-", "-", "20 baris dalam 1 berkas; "
        "dalam proses",
    )  # fmt: skip
    batch.desk.case = (batch.agenda, 1, batch.digest)
    batch.desk.sign("staff")
    (line,) = lines_of(batch.office)
    assert (line.disposition, line.to, line.forwarded) == (
        "Meneliti data anomali dan ganda", "Staff", "06-10-2026 09.00"
    )  # fmt: skip
    assert line.note.endswith("menunggu Kasi, ronde 1")
    batch.desk.sign("kasi", "kabid", "kadis")
    with open_store(batch.office) as con:
        write_round(Opened(batch, con))
    assert "ditulis 06-10-2026 09.02 WIB, 5 elemen" in lines_of(batch.office)[0].note


def test_undos_are_noted_at_their_batch(opened: Opened) -> None:
    """If this fails, the book says a letter was carried out that was taken back."""
    opened.batch.sign()
    write_round(opened)
    case = take_back(opened, opened.batch.agenda)
    (line,) = lines_of(opened.batch.office)
    assert f"pembatalan {case.agenda} atas 2026-0001: ditulis" in line.note
    again = ask_undo(opened, case.agenda)
    opened.batch.desk.case = (again.agenda, 1, again.digest)
    opened.batch.desk.sign("staff")
    opened.batch.desk.say("kasi", "Tidak", note="tidak jadi")
    assert f"pembatalan {again.agenda} atas {case.agenda}: tidak disetujui" in lines_of(opened.batch.office)[0].note


def test_what_was_returned_is_in_the_book(desk: Desk) -> None:
    """If this fails, a delivery that went back leaves no trace on paper."""
    office = desk.office
    with pytest.raises(UserError):
        receive(office, [write(office.inbox / "kosong.csv", "")], None, (NOW, "inbox"))
    with open_ledger(office) as ledger:
        assert years(ledger) == [2026]
        told = text_of(book(ledger, office, 2026).content)
    assert "Tidak ada penerimaan pada tahun ini" in told
    assert "Kiriman yang dikembalikan (tanpa nomor agenda)" in told
    assert "kosong.csv" in told


def test_a_year_is_the_offices_year(office: Office) -> None:
    """If this fails, a letter received on New Year's Eve is in no book, or in two."""
    for number, days in ((1, 0), (2, 80), (1, 90)):
        received(office, number, days)
    assert [line.number for line in lines_of(office, 2026)] == ["2026-0001", "2026-0002"]
    assert [line.number for line in lines_of(office, 2027)] == ["2027-0001"]
    with open_ledger(office) as ledger, pytest.raises(UserError, match="tahun yang ada: 2026, 2027"):
        book(ledger, office, 2025)


def test_300_lines_are_on_pages_with_heads(office: Office) -> None:
    """If this fails, a full year's book runs off its paper, or its later pages have no columns."""
    for number in range(1, 301):
        received(office, number, 0)
    with open_ledger(office) as ledger:
        pages = pages_of(book(ledger, office, 2026).content)
    assert 10 < len(pages) < 40
    assert all("No. urut Tgl terima" in page for page in pages[:-1])
    told = " ".join(pages)
    assert all(f"2026-{number:04d}" in told for number in range(1, 301))
    assert "Jumlah: 300 (tiga ratus) penerimaan" in told


def test_printing_the_book_is_no_news(batch: Batch) -> None:
    """If this fails, every print differs from the last one, and none can be checked against the ledger."""
    with open_ledger(batch.office) as ledger:
        first = book(ledger, batch.office, 2026)
        issue(batch.office, ledger, ("2026", NOW + timedelta(hours=1)), first)
        assert book(ledger, batch.office, 2026) == first
        assert set(issued(ledger, "2026")) == {"buku-agenda-2026.pdf"}


def test_lines_are_found_by_any_words(small: Batch) -> None:
    """If this fails, nobody finds a letter by its number, its sender or its state."""
    (line,) = lines_of(small.office)
    other = replace(line, number="2026-0002", letter="12/LAIN")
    both = [line, other]
    assert matching(both, "") == both
    assert matching(both, "400.8.1 DIREKTUR") == [line]
    assert matching(both, "12/lain") == [other]
    assert matching(both, "tidak ada ini") == []


def test_the_terminal_shows_and_searches(here: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, `sinkron agenda` does not answer who sent what."""
    assert agenda_command(arguments(cari="penyelesaian")) == Exit.OK
    assert capsys.readouterr().out.startswith("2026-0001  diterima 06-10-2026 09.00")
    assert agenda_command(arguments(cari="tidak ada")) == Exit.OK
    assert capsys.readouterr().out == "Tidak ada baris (2026).\n"
    with pytest.raises(UserError, match="bersama --cari"):
        agenda_command(arguments(cari="x", cetak=True))


def test_the_terminal_prints_both_papers(
    here: Batch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the office can not print its book, or the ledger does not know of the print."""
    monkeypatch.setattr("flows.commands.book.datetime", Later)
    assert agenda_command(arguments(cetak=True)) == Exit.OK
    assert disposition_command(argparse.Namespace(agenda=here.agenda)) == Exit.OK
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    documents = here.office.documents
    assert paths == [documents / "2026/buku-agenda-2026.pdf", documents / "2026-0001/lembar-disposisi-2026-0001.pdf"]
    assert all(path.read_bytes().startswith(b"%PDF") and path.stat().st_mode & 0o777 == 0o600 for path in paths)
    with open_ledger(here.office) as ledger:
        assert issued(ledger, here.agenda)["lembar-disposisi-2026-0001.pdf"]["masked"]


class Later:
    """A clock after the tests' own."""

    @staticmethod
    def now(zone: object) -> object:
        assert zone
        return NOW + timedelta(days=1)


@pytest.mark.parametrize(("files", "pages"), [(1, 1), (3, 1), (5, 1), (6, 2), (40, 2)])
def test_the_disposition_sheet_is_one_page_or_two_proper_ones(office: Office, files: int, pages: int) -> None:
    """If this fails, an ordinary letter's sheet spills a few lines over, or page two says not whose it is."""
    letter = {"sender": "Direktur Jenderal Kependudukan dan Pencatatan Sipil", "number": "400.8.1/0000/UJI",
              "date": "2026-10-05", "subject": "Penyelesaian data anomali dan ganda " * 4, "file": "s"}  # fmt: skip
    named = [
        {"name": f"anomali_kelurahan_nomor_{n}.csv", "received": n, "layout": "teks", "sha256": "a" * 64}
        for n in range(files)
    ]
    with open_ledger(office) as ledger:
        with writing(ledger):
            facts = {"letter": letter, "files": named, "origin": "inbox"}
            append(ledger, NOW, (Kind.RECEIVED, "2026-0001", "sinkron"), facts)
        told = pages_of(disposition(ledger, office, "2026-0001").content)
    assert len(told) == pages
    assert all(field in told[0] for field in SHEET)
    assert all(str(one["name"]) in told[-1].replace(" ", "") for one in named)
    assert pages == 1 or "Lampiran lembar disposisi agenda 2026-0001" in told[1]


def test_the_disposition_sheet_has_every_field(small: Batch) -> None:
    """If this fails, the sheet that travels with a letter lacks a field the office fills in."""
    with open_ledger(small.office) as ledger:
        sheet = disposition(ledger, small.office, small.agenda)
        again = disposition(ledger, small.office, small.agenda)
        with pytest.raises(UserError):
            disposition(ledger, small.office, "2026-0099")
    (told,) = pages_of(sheet.content)
    assert all(field in told for field in SHEET)
    for fact in ("Direktur Jenderal Dukcapil", "400.8.1/0000/UJI", "6 Oktober 2026, pukul 09.00 WIB", "5 Desember 2026",
                 "Kadis Kabid Kasi Staff", "1 berkas, 20 baris"):  # fmt: skip
        assert fact in told
    assert sheet == again
