"""The Berita Acara: what was written and on whose word, in numbers that add up; its encrypted annex; its boxes."""

import hashlib
import io
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from office_kit.pdf_text import pages_of, text_of
from office_kit.residents import resident
from office_kit.sheets_and_minutes import MARK, finish, lay, shows_somebody, written_minutes
from office_kit.signers import NIP, add_mandate
from office_kit.small import Batch, Opened, prepare
from office_kit.writing import REASON, take_back, write

from expectations.approvals import MandateKind
from expectations.outcomes import Outcome
from tasks.approvals.case import file_code
from tasks.approvals.people import Mandate, Person, register
from tasks.documents import minutes as module
from tasks.documents.annex import HEADS, annex_password
from tasks.documents.minutes import Box, signature_boxes
from tasks.documents.render import render
from tasks.documents.sealed_workbook import seal
from tasks.documents.words import counted, day_in_words, long_date, wib_time
from tasks.errors import DigestMismatchError, Exit, UserError
from tasks.ledger import Entry, Kind, entries, open_ledger
from tasks.store import open_store

CELLS = re.compile(r"(\d+) 35\d{4}\*{6}\d{4} ")


@pytest.fixture
def done(opened: Opened) -> Opened:
    """The small batch, signed by everybody and written."""
    return finish(opened)


def flat(opened: Opened, agenda: str = "") -> str:
    """The Berita Acara's text without blanks: bold words stand apart in a PDF."""
    return text_of(written_minutes(opened, agenda)[0].content).replace(" ", "")


def says(text: str, *wanted: str) -> None:
    for words in wanted:
        assert words.replace(" ", "") in text, words


def written(opened: Opened, kind: Kind = Kind.WRITTEN) -> Entry:
    with open_ledger(opened.batch.office) as ledger:
        return entries(ledger, kind=kind)[0]


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


def test_every_change_is_in_the_annex_once(done: Opened) -> None:
    """If this fails, a change was written that no paper lists, or one is listed that was not written."""
    facts, text = written(done).payload, text_of(written_minutes(done)[0].content)
    annex = text.split("LAMPIRAN BERITA ACARA")[1]
    first, second = re.split(r"B ?\. Tidak ditulis", annex)
    numbers = [[int(number) for number in CELLS.findall(part)] for part in (first, second)]
    assert [len(part) for part in numbers] == [facts["written"], facts["unchanged"]]
    assert [*numbers[0], *numbers[1]] == list(range(1, facts["written"] + facts["unchanged"] + 1))


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


HOSTILE = ("#set text(fill: red)", "<script>alert(1)</script>", "\u202eBALIK\u202c", "\U0001f600 emoji", "X" * 200,
           "*tebal* $x^2$ @ref <lab>", '#import "/etc/passwd"', "S" * 60, "\x00\x1b[31m|`", "deadbeef" * 8)  # fmt: skip


def test_a_long_annex_of_hostile_values(done: Opened) -> None:
    """If this fails, a long annex loses rows or heads, or a crafted name draws on the paper."""
    with open_ledger(done.batch.office) as ledger:
        facts, _ = module._facts(done.con, ledger, done.batch.office, done.batch.agenda)
    rows = [[str(n), "357601******9001", *(HOSTILE[(n + place) % len(HOSTILE)] for place in range(4))]
            for n in range(1, 451)]  # fmt: skip
    facts["changes"] |= {"written": rows, "right": [], "total": "450", "shown": "450"}
    facts["approvals"][0]["name"] = facts["signers"][0]["name"] = facts["batch"]["letter"]["sender"] = HOSTILE[4]
    pages = pages_of(render("berita-acara", facts, done.batch.desk.clock))
    annex = next(n for n, page in enumerate(pages) if "LAMPIRAN" in page)
    assert len(pages) > 40
    assert all("No NIK Elemen Semula Menjadi Dasar" in page for page in pages[annex:])
    assert [f"hal. {n} dari {len(pages)}" in page for n, page in enumerate(pages, start=1)] == [True] * len(pages)
    assert [int(number) for page in pages[annex:] for number in CELLS.findall(page)] == list(range(1, 451))
    whole = " ".join(pages).replace(" ", "")
    for text in (*HOSTILE[:2], *HOSTILE[4:8]):
        assert text.replace(" ", "") in whole, text
    assert not {"\u202e", "\x1b", "\U0001f600"} & set(whole)


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


@pytest.fixture
def capped(done: Opened, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """The paper bears three changes; the batch has more."""
    monkeypatch.setattr(module, "ON_PAPER", 3)
    return done


def opened_annex(batch: Batch, content: bytes, password: str = "") -> list[list[str | None]]:
    """The annex's lines, as Excel shows them with the password."""
    sealed = msoffcrypto.OfficeFile(io.BytesIO(content))
    sealed.load_key(password or annex_password(batch.office, batch.agenda), verify_password=True)
    plain = io.BytesIO()
    sealed.decrypt(plain, verify_integrity=True)
    book = openpyxl.load_workbook(plain)
    assert {cell.data_type for line in book.active.iter_rows() for cell in line if cell.value is not None} == {"s"}
    return [[cell.value for cell in line] for line in book.active.iter_rows(min_row=4)]


def test_too_many_changes_go_into_an_encrypted_annex(capped: Opened) -> None:
    """If this fails, changes over the cap are on no paper at all, or lie about in plain."""
    paper, annex = written_minutes(capped)
    facts = written(capped).payload
    heads, *lines = opened_annex(capped.batch, annex.content)
    assert tuple(heads) == HEADS
    assert [line[0] for line in lines] == [str(n) for n in range(1, facts["written"] + facts["unchanged"] + 1)]
    stored = capped.con.execute("select (row_id % 10000000)::varchar, after from changes where round = 1").fetchall()
    # A code bears its word: "1 KEPALA KELUARGA".
    assert sorted((line[2], line[8].split()[0]) for line in lines) == sorted(
        (row, new.split()[0]) for row, new in stored
    )
    assert not annex.masked
    assert not [line for line in lines if line[3] and line[3].encode() in annex.content]
    text = text_of(paper.content)
    assert len(CELLS.findall(text.split("LAMPIRAN BERITA ACARA")[1])) == 3
    says(text.replace(" ", ""), f"Dimuat 3 dari {len(lines)} perubahan", annex.name)


def test_the_annex_is_bound_to_the_paper_and_made_again_the_same(capped: Opened) -> None:
    """If this fails, another list can be put beside the signed paper, or a lost one can not be made again."""
    paper, annex = written_minutes(capped)
    digest = hashlib.sha256(annex.content).hexdigest()
    says(text_of(paper.content).replace(" ", ""), digest[:32], digest[32:])
    assert written_minutes(capped) == [paper, annex]


def test_the_annex_opens_with_its_own_password_alone(capped: Opened) -> None:
    """If this fails, whoever finds the file, or knows another batch's password, reads residents' data."""
    _, annex = written_minutes(capped)
    office = capped.batch.office
    mine, other = annex_password(office, capped.batch.agenda), annex_password(office, "2026-0002")
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}", mine)
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        opened_annex(capped.batch, annex.content, other)


def test_annexes_share_no_key() -> None:
    """If this fails, two annexes of one office begin with the same bytes of cipher: one tells of the other."""
    about = (b"k" * 32, datetime(2026, 10, 6, tzinfo=UTC))
    first, second = (seal(content, "sandi", about) for content in (b"a" * 5000, b"a" * 4999 + b"b"))
    assert first == seal(b"a" * 5000, "sandi", about)
    packages = [msoffcrypto.OfficeFile(io.BytesIO(sealed)).file.openstream("EncryptedPackage").read() for sealed in
                (first, second)]  # fmt: skip
    assert packages[0][8:24] != packages[1][8:24]
