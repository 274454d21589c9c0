"""Residents' names in a cover letter: masked in what is registered, so that no paper or page prints them."""

import pytest
from office_kit.files import archived, write_csv, write_letter
from office_kit.pdf_text import text_of
from office_kit.residents import resident
from office_kit.signers import NOW

from tasks.agenda_book import book, disposition
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.receive import receive

NAME, MOTHER = str(resident(3)["NAMA_LGKP"]), str(resident(3)["NAMA_LGKP_IBU"])


def registered(office: Office, **letter: str) -> dict[str, str]:
    """The letter's facts in the ledger."""
    path = write_csv(office.inbox / "a.csv", [resident(3), resident(4)])
    receive(office, [path], write_letter(office.inbox / "s.json", {"a.csv": {"jumlah": 2}}, **letter), (NOW, "inbox"))
    with open_ledger(office) as ledger:
        (entry,) = entries(ledger, kind=Kind.RECEIVED)
    return dict(entry.payload["letter"])


@pytest.mark.parametrize(("subject", "told"), [
    (f"Data ganda {NAME.title()} dan lain-lain", "Data ganda J****** A******** dan lain-lain"),
    (f"Ibu kandung:{MOTHER.replace(' ', '  ')}.", "Ibu kandung:K****** P*********."),
    ("Pembatalan NIK a.n. SULASTRI, mohon diproses", "Pembatalan NIK a.n. S*******, mohon diproses"),
    ("Data Sdri. Siti binti Ahmad", "Data Sdri. S*** b**** A****"), ("NIK atas nama BUDI", "NIK atas nama B***"),
    ("Penyelesaian data anomali dan data ganda", "Penyelesaian data anomali dan data ganda"),
    ("Data ganda, a.n. Direktur Jenderal", "Data ganda, a.n. Direktur Jenderal"),
    (f"{NAME}TEJA bukan nama penduduk", f"{NAME}TEJA bukan nama penduduk"),
])  # fmt: skip
def test_names_in_the_subject_are_masked(office: Office, subject: str, told: str) -> None:
    """If this fails, a resident's name is printed on every masked paper of the batch, or plain words become stars."""
    assert registered(office, perihal=subject)["subject"] == told


def test_the_sender_is_an_office(office: Office) -> None:
    """If this fails, the reply is addressed to stars, or a resident's name stands in the Buku Agenda."""
    facts = registered(office, dari=f"a.n. Direktur Jenderal Dukcapil, {NAME}")
    assert facts["sender"] == "a.n. Direktur Jenderal Dukcapil, J****** A********"


def test_no_paper_of_the_batch_names_anybody(office: Office) -> None:
    """If this fails, the lembar disposisi that travels through the office names the resident; the archive may."""
    registered(office, perihal=f"Pembatalan NIK a.n. {NAME}")
    with open_ledger(office) as ledger:
        made = disposition(ledger, office, "2026-0001"), book(ledger, office, 2026)
    for paper in made:
        assert NAME not in text_of(paper.content)
        assert "J****** A********" in text_of(paper.content)
    assert NAME in archived(office, "2026-0001", "surat.json").decode()
