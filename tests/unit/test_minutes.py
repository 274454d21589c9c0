"""The Berita Acara: what was written and on whose word, in numbers that add up; its boxes."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from office_kit.pdf_text import pages_of, text_of
from office_kit.residents import resident
from office_kit.sheets_and_minutes import CELLS, MARK, finish, lay, says, shows_somebody, written, written_minutes
from office_kit.signers import NIP, add_mandate
from office_kit.small import Opened, prepare
from office_kit.writing import REASON, take_back, write

from expectations.approvals import MandateKind
from expectations.outcomes import Outcome
from tasks.approvals.case import file_code
from tasks.approvals.people import Mandate, Person, register
from tasks.documents import minutes as module
from tasks.documents.minutes import Box, signature_boxes
from tasks.documents.words import counted, day_in_words, long_date, wib_time
from tasks.errors import DigestMismatchError, Exit, UserError
from tasks.ledger import Kind, open_ledger
from tasks.store import open_store


@pytest.fixture
def done(opened: Opened) -> Opened:
    """The small batch, signed by everybody and written."""
    return finish(opened)


def flat(opened: Opened, agenda: str = "") -> str:
    """The Berita Acara's text without blanks: bold words stand apart in a PDF."""
    return text_of(written_minutes(opened, agenda)[0].content).replace(" ", "")


def boxes(opened: Opened, agenda: str = "") -> dict[str, Box]:
    with open_ledger(opened.batch.office) as ledger:
        return signature_boxes(opened.con, ledger, opened.batch.office, agenda or opened.batch.agenda)


def test_the_numbers_are_those_of_the_ledger_and_add_up(done: Opened) -> None:
    """If this fails, officials sign other numbers than what was written, or rows are missing in them."""
    facts, text = written(done).payload, text_of(written_minutes(done)[0].content)
    table = text.split("Hasil Baris Arti")[1]
    counts = [int(re.search(rf"{outcome.value} (\d+) ", table)[1]) for outcome in Outcome]
    assert counts == [facts["outcomes"].get(outcome.value, 0) for outcome in Outcome]
    rejected = int(re.search(r"ditolak pembaca (\d+) ", table)[1])
    assert sum(counts) + rejected == facts["received"] == int(re.search(r"Jumlah (\d+) sama dengan", table)[1])
    says(text.replace(" ", ""), f"Dari {counted(facts['received'])} baris", f"{counted(facts['written'])} elemen",
         f"tidak ada di sana: {counted(facts['unchanged'])} elemen")  # fmt: skip


def test_opening_and_proof(done: Opened) -> None:
    """If this fails, the paper does not say when, of what letter, by whom, or under which head of the Buku Agenda."""
    entry, digest = written(done), done.batch.digest
    at = wib_time(entry.at)
    says(flat(done), f"Pada hari ini, {day_in_words(at.date())}, pukul {at:%H.%M} WIB", "400.8.1/0000/UJI",
         f"Mojokerto, {long_date(at.date())}", digest[:32], digest[32:], entry.hash[:32], entry.hash[32:],
         f"entri {entry.seq}", f"{entry.seq}:{file_code(entry.hash)}", file_code(digest),
         done.batch.receipt.files[0]["sha256"][:32])  # fmt: skip
    with open_ledger(done.batch.office) as ledger:
        facts, _ = module._facts(done.con, ledger, done.batch.office, done.batch.agenda)
    assert facts["qr"] == f"SINKRON/1 {done.batch.agenda} {digest} {entry.seq}:{entry.hash}"


def test_approvals_with_meaning_in_order(done: Opened) -> None:
    """If this fails, the table names somebody who did not approve, or paraf and signature are mixed up."""
    text = flat(done).split("3.Persetujuan")[1].split("4.Bukti")[0]
    places = [text.index(words) for role, meaning in (("staff", "menyusunusulan"), ("kasi", "paraf"),
              ("kabid", "paraf"), ("kadis", "tandatangan")) for words in (f"NIP{NIP[role]}{meaning}",)]  # fmt: skip
    assert places == sorted(places)


def test_an_acting_official_and_a_noted_separation_are_marked(tmp_path: Path) -> None:
    """If this fails, the paper does not say that a Plh signed, by which letter, or that one person held two hands."""
    batch = prepare(tmp_path / "kantor")
    batch.office.settings_file.write_text('pemisahan = "dicatat"\n')
    with open_ledger(batch.office) as ledger:
        add_mandate(ledger, "kasi", "kabid")
        letter = {"letter": "800/1/2026", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}
        add_mandate(ledger, "staff", "kadis", kind=MandateKind.PLH, **letter)
    lay(batch)
    for role, who in (("kasi", "kasi"), ("kabid", "kasi"), ("kadis", "staff")):
        assert batch.desk.say(role, who=who).accepted
    with open_store(batch.office) as con:
        done = Opened(batch, con)
        write(done)
        text = flat(done)
    says(text, "Plh. Kadis surat perintah 800/1/2026", "Plh. Kepala Dinas Kependudukan")
    assert text.count("Catatanpemisahantugas:") == 2


def test_nobody_is_on_it_unmasked_and_it_is_pdf_a(done: Opened) -> None:
    """If this fails, residents' data lie in a folder the UI links to, or an archive can not keep the paper."""
    (paper,) = written_minutes(done)
    assert paper.masked
    assert not shows_somebody(paper)
    assert MARK in paper.content


def test_same_batch_same_bytes(done: Opened) -> None:
    """If this fails, a lost Berita Acara can not be made again, and its hash in the ledger proves nothing."""
    first = written_minutes(done)
    take_back(done, done.batch.agenda)
    assert written_minutes(done) == first


def test_the_office_s_letterhead(done: Opened) -> None:
    """If this fails, the paper goes out under another office's name, or with dots where the address is known."""
    done.batch.office.settings_file.write_text(
        '[kop]\nalamat = "Jl. Contoh No. 1"\nkota = "Kediri"\nkode_surat = "400.12"\n'
    )
    says(flat(done), "Jl. Contoh No. 1", "Kediri, 6 Oktober 2026", "Nomor: 400.12/")


def test_boxes_lie_side_by_side_below_what_is_signed(done: Opened) -> None:
    """If this fails, an electronic signature covers text, or stands on a page without the digest it signs."""
    found = boxes(done)
    assert list(found) == ["kasi", "kabid", "kadis"]
    assert len({(box.page, box.bottom, box.top) for box in found.values()}) == 1
    assert all(left.right < right.left for left, right in pairwise(found.values()))
    for box in found.values():
        assert 50 < box.left < box.right < 595 - 50
        assert 60 < box.bottom < box.top - 40 < 842
    page = pages_of(written_minutes(done)[0].content)[found["kadis"].page].replace(" ", "")
    says(page, "Demikian Berita Acara", done.batch.digest[:32], "UJI Kadis", NIP["kadis"])


@pytest.mark.parametrize("files", range(0, 16, 3))
def test_boxes_never_part_from_the_digest(done: Opened, files: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, with many files the signatures fall on a page of their own that could be put under any paper."""
    one = module.file_lines
    monkeypatch.setattr(module, "file_lines", lambda receipt: one(receipt) * (files + 1))
    found = boxes(done)
    assert len({box.page for box in found.values()}) == 1
    says(pages_of(written_minutes(done)[0].content)[found["kasi"].page].replace(" ", ""), done.batch.digest[32:])


def test_a_demo_office_says_so(done: Opened) -> None:
    """If this fails, a paper of the demo can be taken for one of the office."""
    assert "DEMO" not in flat(done)
    person = Person("199001012015031901", "UJI Demo", demo=True)
    with open_ledger(done.batch.office) as ledger:
        register(ledger, done.batch.office.key("totp"), (person, Mandate("staff")), done.batch.desk.clock)
    says(flat(done), "DEMO - orang, kode dan data pada lembar ini fiktif")


def test_minutes_of_an_undo(done: Opened) -> None:
    """If this fails, taking a batch back leaves no paper, or one that tells of the batch instead."""
    case = take_back(done, done.batch.agenda)
    entry, text = written(done, Kind.UNDONE), flat(done, case.agenda)
    says(text, "BERITA ACARA PEMBATALAN", REASON, f"{counted(entry.payload['restored'])} elemen",
         f"entri {entry.seq}", entry.hash[:32], case.digest[:32])  # fmt: skip
    assert len(CELLS.findall(text_of(written_minutes(done, case.agenda)[0].content))) == entry.payload["restored"]
    assert not shows_somebody(written_minutes(done, case.agenda)[0])
    assert list(boxes(done, case.agenda)) == ["kasi", "kabid", "kadis"]


def test_a_batch_without_changes(tmp_path: Path) -> None:
    """If this fails, the office can not close a batch in which its own data were right."""
    batch = prepare(tmp_path / "kantor", (resident(0),))
    with open_store(batch.office) as con:
        done = finish(Opened(batch, con))
        (paper,) = written_minutes(done)
    says(text_of(paper.content).replace(" ", ""), "0 (nol) elemen", "Dari 1 (satu) baris")
    assert "LAMPIRAN" not in text_of(paper.content)


def test_nothing_before_it_is_written(opened: Opened) -> None:
    """If this fails, a Berita Acara says that data were written which were not."""
    opened.batch.sign()
    with pytest.raises(UserError, match="belum ditulis") as caught:
        written_minutes(opened)
    assert caught.value.exit_code == Exit.USAGE
    with pytest.raises(UserError):
        written_minutes(opened, "2026-0099")


def test_no_minutes_of_other_rows_than_signed(done: Opened) -> None:
    """If this fails, somebody with the store's key has a Berita Acara printed for changes nobody signed."""
    done.con.execute("update changes set after = 'X' where element = 'nama_lgkp'")
    with pytest.raises(DigestMismatchError):
        written_minutes(done)
