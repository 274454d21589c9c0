"""The letter with which a refused file goes back: complete, readable, harmless, without personal data."""

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from office_kit.files import write, write_csv, write_letter
from office_kit.residents import resident

from tasks.errors import Problem, UserError
from tasks.letter import Letter
from tasks.office import Office
from tasks.receive import receive, sha256_of
from tasks.returned import Refusal, returned_letter

AT = datetime(2026, 10, 5, 18, 30, tzinfo=UTC)  # already 6 October in Mojokerto
PROBLEM = Problem("a.csv, kolom 3", "judul tidak dikenal", "judul SIAK", "minta pengirim melengkapi kolom")
LETTER = Letter("surat.json", "Direktur Jenderal", "400.8.1/0815", "2026-10-05", "Data anomali", {})
FILES = [{"name": "a.csv", "sha256": "ab" * 32}]


def text_of(page: str) -> str:
    """What a reader sees."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<(?!wbr)[^>]+>", " ", body).replace("<wbr>", "")).split())


def returned(office: Office) -> str:
    (path,) = office.rejected.rglob("surat-pengembalian.html")
    assert path.stat().st_mode & 0o077 == 0
    return path.read_text()


def test_a_refused_receipt_has_its_letter(office: Office) -> None:
    """If this fails, Staff must write by hand what is wrong, to whom, and with which file."""
    bad = write(office.inbox / "buruk.csv", "NIK;NO_KK;NAMA_LGKP;Hobi\n1;2;3;4\n")
    other = write(office.inbox / "lain.csv", "")
    hashes = [sha256_of(bad), sha256_of(other)]
    letter = write_letter(office.inbox / "surat.json", {"buruk.csv": {}, "lain.csv": {}})
    with pytest.raises(UserError) as caught:
        receive(office, [bad, other], letter, (AT, "inbox"))
    text = text_of(returned(office))
    for problem in caught.value.problems:
        assert problem.received in text
        assert problem.allowed in text
    for name, digest in zip(("buruk.csv", "lain.csv"), hashes, strict=True):
        assert name in text
        assert digest in text.replace(" ", "")
    for words in ("Yth. Direktur Jenderal Dukcapil", "400.8.1/0000/UJI", "tanggal 5 Oktober 2026",
                  "Mojokerto, 6 Oktober 2026", "Selasa, 6 Oktober 2026 pukul 01.30 WIB", "Format Cells", "Kepala Dinas",
                  f"{len(caught.value.problems)} hal", "NIP", "Nomor : ..."):  # fmt: skip
        assert words in text, words


def test_without_a_letter_the_addressee_is_left_blank(office: Office) -> None:
    """If this fails, a file that came alone cannot be returned, or is returned to somebody invented."""
    with pytest.raises(UserError):
        receive(office, [write(office.inbox / "a.csv", "x")], None, (AT, "inbox"))
    text = text_of(returned(office))
    assert "Yth. ....." in text
    assert "Sehubungan" not in text


def test_an_unreadable_cover_letter_is_returned_too(office: Office) -> None:
    """If this fails, a broken cover letter leaves the refused files without a letter back."""
    path = write_csv(office.inbox / "a.csv", [resident(0)])
    with pytest.raises(UserError):
        receive(office, [path], write(office.inbox / "surat.json", "{"), (AT, "inbox"))
    assert "surat pengantar tidak dapat dibaca" in text_of(returned(office))


HOSTILE = "</td><script>alert(1)</script>\"'&<img src=x onerror=y>\u202e\x00"


def test_values_cannot_become_markup() -> None:
    """If this fails, a file name runs a script on the Kadis's computer, or changes the letter she signs."""
    letter = Letter("s", HOSTILE, HOSTILE, HOSTILE, HOSTILE, {})
    problem = Problem(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    page = returned_letter(Refusal(AT, letter, [{"name": HOSTILE, "sha256": HOSTILE}], (problem,)))
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert page.count("&lt;script&gt;") >= 9
    plain = returned_letter(Refusal(AT, LETTER, FILES, (PROBLEM,)))
    assert set(re.findall(r"<(\w+)", page)) - {"wbr"} == set(re.findall(r"<(\w+)", plain))


def test_the_letter_needs_nothing_from_outside() -> None:
    """If this fails, the letter looks different without internet, or tells somebody that it was opened."""
    page = returned_letter(Refusal(AT, LETTER, FILES, (PROBLEM,)))
    assert not re.search(r"https?:|src=|@import|url\(|<script|<link", page)
    assert "default-src 'none'" in page


def test_no_nik_is_in_the_letter(office: Office) -> None:
    """If this fails, the letter carries a resident's NIK out of the office (promise 5)."""
    nik = str(resident(0)["NIK"])
    problem = Problem(f"{nik}.csv", f"nilai {nik}", nik, nik)
    letter = Letter("s", nik, nik, nik, f"tentang {nik}{nik}", {})
    assert nik not in returned_letter(Refusal(AT, letter, [{"name": f"{nik}.csv", "sha256": ""}], (problem,)))
    with pytest.raises(UserError):
        receive(office, [write(office.inbox / f"{nik}.csv", "x;y\n")], None, (AT, "inbox"))
    assert nik not in returned(office)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("minta pengirim melengkapi kolom", "mohon melengkapi kolom"),
        ("konfirmasi jumlah ke pengirim (BRK-01)", "mohon konfirmasi jumlah (BRK-01)"),
        ("periksa isi berkas, minta kirim ulang", "periksa isi berkas, mohon kirim ulang"),
    ],
)
def test_the_sender_is_addressed(step: str, words: str) -> None:
    """If this fails, the letter tells the sender to ask the sender."""
    problem = Problem("a.csv", "x", "y", step)
    text = text_of(returned_letter(Refusal(AT, LETTER, FILES, (problem,))))
    assert words in text
    assert "pengirim" not in text


def test_wrong_totals_need_no_lesson_in_excel() -> None:
    """If this fails, a sender whose counts differ is told to format cells."""
    problem = Problem("a.csv, jumlah baris", "berkas 2", "surat pengantar 3", "konfirmasi jumlah ke pengirim (BRK-01)")
    assert "Format Cells" not in text_of(returned_letter(Refusal(AT, LETTER, FILES, (problem,))))
    assert "Format Cells" in text_of(returned_letter(Refusal(AT, LETTER, FILES, (problem, PROBLEM))))


def test_a_refused_file_may_be_called_like_the_letter(office: Office, tmp_path: Path) -> None:
    """If this fails, the letter overwrites the file that it is about."""
    path = write(office.inbox / "surat-pengembalian.html", "asli")
    with pytest.raises(UserError):
        receive(office, [path], None, (AT, "inbox"))
    assert b"asli" in [p.read_bytes() for p in office.rejected.rglob("*") if p.is_file()]
