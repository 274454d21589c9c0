"""Residents' names in a cover letter and in names of files: masked in what is registered."""

import json
import zipfile

import openpyxl
import pytest
from office_kit.files import archived, settle, write_csv, write_letter, write_xlsx
from office_kit.pdf_text import text_of
from office_kit.residents import resident
from office_kit.signers import NOW

from tasks.agenda_book import book, disposition
from tasks.breach.scope import Scope, of_file
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


JOINED = NAME.title().replace(" ", "")


@pytest.mark.parametrize(("name", "told"), [
    (f"ganda {NAME}.csv", "ganda J****** A********.csv"),
    (f"ganda_{NAME.title().replace(' ', '_')}_2.csv", "ganda_J******_A********_2.csv"),
    (f"Ganda{JOINED}Nov.csv", f"GandaJ{'*' * (len(JOINED) - 1)}Nov.csv"),
    ("pembatalan_an_SULASTRI.csv", "pembatalan_an_S*******.csv"),
    ("batal a.n. Siti Binti Ali.csv", "batal a.n. S*** B**** A**.csv"),
    ("ditjen_ganda_2026_10.csv", "ditjen_ganda_2026_10.csv"),
])  # fmt: skip
def test_names_in_names_of_files_are_masked(office: Office, name: str, told: str) -> None:
    """If this fails, Prefect, papers and the Buku Agenda tell whom a delivery is about, or a list loses its name."""
    path = write_csv(office.inbox / name, [resident(3), resident(4)])
    letter = write_letter(office.inbox / f"surat {NAME}.json", {name: {"jumlah": 2}})
    receipt = receive(office, [path], letter, (NOW, "inbox"))
    assert receipt.files[0]["name"] == told
    assert receipt.files[0]["letter_rows"] == 2
    assert receipt.letter
    assert receipt.letter["file"] == "surat J****** A********.json"
    with open_ledger(office) as ledger:
        assert of_file(ledger, f"/media/usb/{name}") == Scope(((receipt.agenda, 1),), file=told)
        made = disposition(ledger, office, receipt.agenda), book(ledger, office, 2026)
    assert all(NAME.upper() not in text_of(paper.content).upper() for paper in made)


def test_names_of_members_and_sheets_are_masked(office: Office) -> None:
    """If this fails, a person is told by the name of a file in a ZIP, or of a sheet in a workbook."""
    sheet = write_xlsx(office.inbox / f"{NAME}.xlsx", [[*resident(3)], [*resident(3).values()]])
    book = openpyxl.load_workbook(sheet)
    book.active.title = NAME
    book.save(sheet)
    path = office.inbox / "kiriman.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.write(sheet, f"data/{NAME}.xlsx")
    sheet.unlink()
    (facts,) = receive(office, [settle(path)], None, (NOW, "inbox")).files
    assert facts["name"] == "kiriman.zip/data/J****** A********.xlsx"
    assert facts["member"] == "data/J****** A********.xlsx"
    assert facts["place"].endswith("J****** A********")
    assert NAME not in json.dumps(facts)
