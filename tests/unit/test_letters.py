"""The reply to the Dirjen and the letters to regencies: totals, who signs, and nothing of a resident."""

import hashlib
import re
from pathlib import Path

import pytest
from office_kit.pdf_text import pages_of, text_of
from office_kit.residents import resident
from office_kit.signers import NIP, NOW, add_mandate
from office_kit.small import RESIDENTS, ROWS, Batch, Opened, copy_of
from office_kit.writing import take_back, write
from office_kit.written import Papers, papers, write_batch, written_office

from expectations.approvals import MandateKind
from expectations.outcomes import Outcome
from tasks.approvals.people import Mandate, Person, register
from tasks.ledger import Kind, entries, open_ledger
from tasks.lists import lists_and_letters
from tasks.office import Office
from tasks.store import open_store

REPLY, QUESTION = "surat-balasan-2026-0001.pdf", "surat-luar-kota-2026-0001-3515.pdf"
NIK = re.compile(r"(?<!\d)\d{16}(?!\d)")
DEPUTY = "198001012005011905"


@pytest.fixture(scope="module")
def done(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return write_batch(copy_of(small, tmp_path_factory.mktemp("surat") / "kantor"))


@pytest.fixture(scope="module")
def out(done: Batch) -> Papers:
    return papers(done)


def test_the_totals_add_up_to_what_was_received(done: Batch, out: Papers) -> None:
    """If this fails, the centre sees that rows were lost in the office."""
    told = text_of(out[REPLY].content)
    table = told.split("Jumlah baris", 1)[1].split("Hasil tersebut", 1)[0]
    counts = [int(text) for text in re.findall(r"(\d+) (?=\d [A-Z]|Jumlah)", f"{table}")]
    with open_ledger(done.office) as ledger:
        facts = entries(ledger, done.agenda, Kind.WRITTEN)[0].payload
    assert counts == [*(facts["outcomes"][outcome] for outcome in Outcome), facts["rejected"]]
    assert sum(counts) == facts["received"] == len(ROWS)
    assert f"Jumlah, sama dengan yang diterima {len(ROWS)}" in table
    assert "bahwa 20 (dua puluh) baris data yang kami terima pada tanggal 6 Oktober 2026" in told


def test_a_letter_is_what_an_office_writes(out: Papers) -> None:
    """If this fails, the letter lacks what every letter of a government office has, and comes back."""
    for name in (REPLY, QUESTION):
        told = text_of(out[name].content)
        for part in ("PEMERINTAH KOTA MOJOKERTO", "Nomor :", "Sifat :", "Lampiran :", "Hal :", "Yth. ", "Tembusan:",
                     "Mojokerto, 6 Oktober 2026", "dengan hormat" if name == REPLY else "kami mohon",
                     "kami ucapkan terima kasih", "Kepala Dinas Kependudukan dan Pencatatan Sipil Kota Mojokerto,",
                     f"UJI Kadis NIP {NIP['kadis']}"):  # fmt: skip
            assert part in told, (name, part)


def test_the_letters_answer_the_centres_letter(out: Papers) -> None:
    """If this fails, the centre cannot tell which of its letters is answered."""
    assert "surat Saudara nomor 400.8.1/0000/UJI tanggal 5 Oktober 2026 hal Penyelesaian" in text_of(out[REPLY].content)
    told = text_of(out[QUESTION].content)
    assert "Kepala Dinas Kependudukan dan Pencatatan Sipil Kabupaten Sidoarjo di Tempat" in told
    assert "2 (dua) orang (3 (tiga) baris data)" in told
    assert "SKPWNI" in told
    assert "21 November 2026" in told  # 46 of the centre's 60 days


@pytest.mark.parametrize("name", [REPLY, QUESTION])
def test_a_letter_names_its_lists_by_hash(out: Papers, name: str) -> None:
    """If this fails, somebody exchanges the list that goes with a signed letter, and nobody can see it."""
    told = text_of(out[name].content).replace(" ", "")
    mine = [other for other in out if other.endswith((".csv", ".xlsx")) and ("-3515" in other) == (name == QUESTION)]
    assert mine
    for other in mine:
        assert other in told
        assert hashlib.sha256(out[other].content).hexdigest() in told


def test_letters_name_no_resident(out: Papers) -> None:
    """If this fails, a letter that lies open in a tray tells who is under suspicion of being double."""
    people = [*ROWS, *RESIDENTS]
    for name in (REPLY, QUESTION):
        told = text_of(out[name].content)
        assert not NIK.search(told)
        for person in people:
            assert str(person["NAMA_LGKP"]) not in told
            assert str(person["NIK"]) not in told.replace(" ", "")


def test_an_acting_head_signs_as_such(small: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a letter bears the post of somebody who was away, and is void."""
    batch = copy_of(small, tmp_path / "kantor")
    mandate = Mandate("kadis", MandateKind.PLH, "800/12/2026", "2026-10-01", "2026-10-31")
    with open_ledger(batch.office) as ledger:
        secret = register(ledger, batch.office.key("totp"), (Person(DEPUTY, "UJI Pelaksana"), mandate), NOW)
    monkeypatch.setitem(NIP, "plh", DEPUTY)
    batch.desk.secrets["plh"] = secret
    batch.desk.case = (batch.agenda, 1, batch.digest)
    batch.desk.sign("staff", "kasi", "kabid")
    assert batch.desk.say("kadis", who="plh").accepted
    with open_store(batch.office) as con:
        write(Opened(batch, con))
    for name, document in papers(batch).items():
        if name.endswith(".pdf"):
            told = text_of(document.content)
            assert "Plh. Kepala Dinas Kependudukan dan Pencatatan Sipil Kota Mojokerto," in told
            assert f"UJI Pelaksana NIP {DEPUTY} Surat Perintah Nomor 800/12/2026" in told
            assert "UJI Kadis" not in told


def test_a_separation_that_was_only_noted_is_on_every_letter(small: Batch, tmp_path: Path) -> None:
    """If this fails, an auditor learns from nobody that one person held two hands."""
    batch = copy_of(small, tmp_path / "kantor")
    batch.office.settings_file.write_text('pemisahan = "dicatat"\n')
    batch.office = Office(batch.office.home)
    batch.desk.office = batch.office
    with open_ledger(batch.office) as ledger:
        add_mandate(ledger, "kasi", "kabid")
    batch.desk.case = (batch.agenda, 1, batch.digest)
    batch.desk.sign("staff", "kasi")
    assert batch.desk.say("kabid", who="kasi").accepted
    batch.desk.sign("kadis")
    with open_store(batch.office) as con:
        write(Opened(batch, con))
    out = papers(batch)
    for name in (REPLY, QUESTION):
        assert "Catatan pemisahan tugas: Kabid: satu orang tidak boleh menyetujui dua jenjang" in text_of(
            out[name].content
        )


def test_files_without_a_letter_are_answered_to_the_dirjen(tmp_path: Path) -> None:
    """If this fails, what came without a cover letter can not be answered."""
    from office_kit.files import write_csv
    from office_kit.small import found_office, run_steps

    from tasks.propose import propose
    from tasks.receive import receive

    office, desk = found_office(tmp_path / "kantor")
    receipt = receive(office, [write_csv(office.inbox / "a.csv", (resident(0),))], None, (NOW, "inbox"))
    with open_store(office) as con:
        steps = run_steps(con, office, receipt) | {"propose": propose(con, receipt.agenda, 1)}
    told = text_of(papers(write_batch(Batch(office, desk, receipt, steps)))[REPLY].content)
    assert "Yth. Direktur Jenderal Kependudukan dan Pencatatan Sipil Kementerian Dalam Negeri di Jakarta" in told
    assert "tanpa surat pengantar" in told


def test_rows_of_no_known_region_are_told_to_the_centre(tmp_path: Path) -> None:
    """If this fails, a row that belongs nowhere is forgotten between two offices."""
    rows = (resident(0), resident(61, NO_PROP="3X"))
    out = papers(written_office(tmp_path / "kantor", rows))
    assert "daerah 1 (satu) baris belum diketahui" in text_of(out[REPLY].content)
    assert not [name for name in out if name.startswith("surat-luar-kota")]


def test_an_undo_has_no_letters(small: Batch, tmp_path: Path) -> None:
    """If this fails, an undo's papers can not be made, and its run stops."""
    batch = copy_of(small, tmp_path / "kantor")
    batch.sign()
    with open_store(batch.office) as con:
        opened = Opened(batch, con)
        write(opened)
        case = take_back(opened, batch.agenda)
        with open_ledger(batch.office) as ledger:
            assert lists_and_letters(con, ledger, batch.office, case.agenda) == []


def test_later_changes_of_the_register_change_no_paper(done: Batch, out: Papers, tmp_path: Path) -> None:
    """If this fails, a letter made again after the office's data went on differs from the one that was sent."""
    batch = copy_of(done, tmp_path / "kantor")
    with open_store(batch.office) as con:
        con.execute("update penduduk set nama_lgkp = 'ORANG LAIN', alamat = 'JL LAIN', no_kk = null, stat_kwn = '9'")
    assert {name: document.content for name, document in papers(batch).items()} == {
        name: document.content for name, document in out.items()
    }


def test_the_reply_is_two_pages(out: Papers) -> None:
    """If this fails, the signature stands alone on a page, or the annex swallows the letter."""
    first, second = pages_of(out[REPLY].content)
    assert "NIP" in first
    assert "DAFTAR BERKAS YANG DITERIMA" in second
    assert len(pages_of(out[QUESTION].content)) == 1
