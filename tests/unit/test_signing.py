"""The officials sign the Berita Acara, in order and with their own certificates; without one it is ink."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from office_kit.certificates import PASSPHRASE, SINCE, Authority, authority
from office_kit.signers import NIP
from office_kit.signing import ROLES, Table, copy_of, lay, sha256, trust
from office_kit.small import Batch, Opened
from office_kit.small import copy_of as copy_of_batch
from office_kit.writing import take_back, write
from pyhanko.pdf_utils.reader import PdfFileReader

from flows import settings
from flows.cli import main
from tasks.documents.issue import Document, issue, issued
from tasks.documents.minutes import minutes, minutes_name, signature_boxes
from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.signing.order import expected_of, signed_name
from tasks.signing.signer import Chosen
from tasks.store import open_store


@pytest.fixture(scope="module")
def laid(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """A written batch with its unsigned paper."""
    return lay(copy_of_batch(small, tmp_path_factory.mktemp("ttd") / "kantor"), 'cara = "p12"\n')


@pytest.fixture
def table(laid: Table, tmp_path: Path) -> Table:
    """A copy of it for one test."""
    return copy_of(laid, tmp_path / "kantor")


def refused(table: Table, role: str, *more: object) -> UserError:
    """Why a signature was refused; the signed file, if there is one, stays as it was."""
    path = table.office.documents / table.batch.agenda / signed_name(table.batch.agenda)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(UserError) as caught:
        table.sign(role, *more)
    assert (path.read_bytes() if path.exists() else None) == before
    assert PASSPHRASE not in f"{caught.value!r}{caught.value.__cause__!r}"
    return caught.value


def test_three_sign_one_after_another(table: Table) -> None:
    """If this fails, a written batch never gets a signed Berita Acara, or the ledger does not know which file it is."""
    size = [len(table.paper)]
    for number, role in enumerate(ROLES, 1):
        path = table.sign(role)
        pdf = path.read_bytes()
        assert table.check(pdf, levels=number) == []
        assert table.check(pdf) == [] or number < len(ROLES)
        with open_ledger(table.office) as ledger:
            assert issued(ledger, table.batch.agenda)[path.name]["sha256"] == sha256(pdf)
        size.append(len(pdf))
    assert pdf.startswith(table.paper)
    assert path.name == f"berita-acara-{table.batch.agenda}-ttd.pdf"
    assert size == sorted(size)
    assert path.stat().st_mode & 0o077 == 0


def test_out_of_order(table: Table) -> None:
    """If this fails, the Kadis signs a paper that Kasi and Kabid have not initialled, or somebody signs twice."""
    for role, words in (("kabid", "Kasi belum"), ("kadis", "Kasi belum"), ("staff", "bukan jenjang")):
        assert words in str(refused(table, role, Chosen(table.file("kasi"))))
    table.sign("kasi")
    for role, words in (("kadis", "Kabid belum"), ("KASI", "Kasi sudah menandatangani")):
        assert words in str(refused(table, role))
    table.sign("kabid")
    table.sign("kadis")
    assert "Kadis sudah menandatangani" in str(refused(table, "kadis"))


def test_only_the_person_of_the_ledger(table: Table) -> None:
    """If this fails, somebody who did not decide the batch signs its paper."""
    for nip in (NIP["kabid"], NIP["staff"], ""):
        file = table.file("kasi", authority().certify(nip, "UJI Kasi"))
        error = refused(table, "kasi", Chosen(file))
        assert error.exit_code is Exit.IDENTITY
        assert "serialNumber sertifikat bukan NIP" in str(error)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: Authority().certify(NIP["kasi"], "UJI Kasi"), "tidak diterbitkan oleh penerbit"),
        (lambda: authority().certify(NIP["kasi"], "UJI", until=SINCE + timedelta(days=9)), "tidak berlaku"),
    ],
)  # fmt: skip
def test_certificate_that_would_not_pass(table: Table, made, words: str) -> None:
    """If this fails, an unusable signature is filed and its fault is found when the auditor asks."""
    assert words in str(refused(table, "kasi", Chosen(table.file("kasi", made()))))


def test_wrong_passphrase_and_files(table: Table, tmp_path: Path) -> None:
    """If this fails, a mistyped passphrase ends in a traceback, or is told to everybody who reads the log."""
    wrong = "frasa yang keliru"
    error = refused(table, "kasi", None, wrong)
    assert error.exit_code is Exit.IDENTITY
    assert "frasa sandi salah" in str(error)
    assert wrong not in str(error)
    text = tmp_path / "bukan.p12"
    text.write_text("bukan PKCS#12")
    assert "tidak terbuka" in str(refused(table, "kasi", Chosen(text)))
    assert "tidak ditemukan" in str(refused(table, "kasi", Chosen(tmp_path / "tidak-ada.p12")))


def test_ink_is_the_default(table: Table) -> None:
    """If this fails, an office without certificates believes that it signed electronically."""
    trust(table.office, authority())
    error = refused(table, "kasi", Chosen())
    assert "tinta" in str(error)
    assert error.exit_code is Exit.USAGE


def test_nothing_to_sign(batch: Batch) -> None:
    """If this fails, a paper is signed for data that nobody has written."""
    trust(batch.office, authority(), 'cara = "p12"\n')
    for agenda in (batch.agenda, "2026-9999"):
        with open_ledger(batch.office) as ledger, pytest.raises(UserError, match="belum ditulis"):
            expected_of(ledger, agenda)


def test_paper_on_disk_was_changed(table: Table) -> None:
    """If this fails, officials sign a file that lies in the folder but was never issued."""
    folder = table.office.documents / table.batch.agenda
    paper = folder / f"berita-acara-{table.batch.agenda}.pdf"
    paper.write_bytes(table.paper + b"\n")
    assert "bukan lagi berkas yang dicatat" in str(refused(table, "kasi"))
    paper.unlink()
    assert "hilang" in str(refused(table, "kasi"))


def test_letterhead_changed_before_signing(table: Table) -> None:
    """If this fails, an office that fills in its address after a writing can never sign that Berita Acara."""
    settings_file = table.office.settings_file
    settings_file.write_text('[kop]\nalamat = "Jl. Baru 1"\n' + settings_file.read_text())
    pdf = table.sign("kasi").read_bytes()
    assert not pdf.startswith(table.paper)
    with open_ledger(table.office) as ledger:
        now = replace(table, expected=expected_of(ledger, table.batch.agenda))
    assert now.check(pdf, levels=1) == []
    settings_file.write_text(settings_file.read_text().replace("Baru", "Lain"))  # too late for this paper
    pdf = now.sign("kabid").read_bytes()
    assert now.check(pdf, levels=2) == []


def test_earlier_signature_is_checked_first(table: Table) -> None:
    """If this fails, the Kabid signs behind a Kasi's signature that somebody put there with another key."""
    forged = table.add(table.paper, "kasi", Authority().certify(NIP["kasi"], "UJI Kasi"))
    name = signed_name(table.batch.agenda)
    with open_ledger(table.office) as ledger:
        issue(table.office, ledger, (table.batch.agenda, table.now), Document(name, forged, masked=True))
    assert "KASI: sertifikat tidak diterbitkan" in str(refused(table, "kabid"))


def test_roots_of_the_office(table: Table) -> None:
    """If this fails, an office without a trusted root accepts any certificate."""
    for content in (b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        (table.office.home / "akar.pem").write_bytes(content)
        assert "tanda_tangan.akar" in str(refused(table, "kasi"))
    table.office.settings_file.write_text('[tanda_tangan]\ncara = "p12"\n')
    assert "tanda_tangan.akar" in str(refused(table, "kasi"))


def test_paper_of_an_undo(batch: Batch) -> None:
    """If this fails, the Berita Acara of an undo cannot be signed."""
    trust(batch.office, authority())
    batch.sign()
    with open_store(batch.office) as con:
        opened = Opened(batch, con)
        write(opened)
        case = take_back(opened, batch.agenda)
        with open_ledger(batch.office) as ledger:
            paper = minutes(con, ledger, batch.office, case.agenda)[0]
            issue(batch.office, ledger, (case.agenda, batch.desk.clock), paper)
            boxes = signature_boxes(con, ledger, batch.office, case.agenda)
            expected = expected_of(ledger, case.agenda)
    table = Table(replace(batch, receipt=replace(batch.receipt, agenda=case.agenda)), paper.content, expected, boxes,
                  batch.desk.clock)  # fmt: skip
    for role in ROLES:
        path = table.sign(role)
    assert table.check(path.read_bytes()) == []


def test_page_shows_who_signed(table: Table) -> None:
    """If this fails, the printed paper does not tell who signed it, or its fonts are missing on another machine."""
    letter = replace(table.who("kadis"), title="Plh. Kadis", letter="800/77/2026")
    pdf = table.add(table.add(table.add(table.paper, "kasi"), "kabid"), "kadis", who=letter)
    reader = PdfFileReader(io.BytesIO(pdf))
    for field in reader.root["/AcroForm"]["/Fields"]:
        widget = field.get_object()
        assert list(widget["/AP"]) == ["/N"]  # PDF/A-2 6.3.3
        assert int(widget["/F"]) & 4  # printed
        assert not int(widget["/F"]) & 2  # not hidden
    fonts = [font for one in descriptors(reader) for font in one if font.startswith("/FontFile")]
    assert len(fonts) == len(list(descriptors(reader))) > 0


def descriptors(reader: PdfFileReader) -> Iterator[object]:
    """Every font descriptor of the file."""
    for revision in range(reader.xrefs.total_revisions):
        for ref in reader.xrefs.explicit_refs_in_revision(revision):
            found = ref.get_object()
            if isinstance(found, dict) and found.get("/Type") == "/FontDescriptor":
                yield found


def test_archive_format_is_kept(table: Table) -> None:
    """If this fails, signing turns a PDF/A-2b into something that archives do not promise to read."""
    pdf = table.all_three()
    reader = PdfFileReader(io.BytesIO(pdf))
    assert b"%PDF-1.7" in pdf[:16]
    assert "/Version" not in reader.root
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf or b'pdfaid:part="2"' in pdf
    first = PdfFileReader(io.BytesIO(table.paper))
    for key in ("/Metadata", "/OutputIntents"):
        assert reader.root.raw_get(key) == first.root.raw_get(key)
    changed = [ref for revision in (1, 2, 3) for ref in reader.xrefs.explicit_refs_in_revision(revision)]
    assert reader.root.get_value_as_reference("/Metadata") not in changed
    assert b"/JavaScript" not in pdf
    assert b"/NeedAppearances" not in pdf


@pytest.fixture
def office(table: Table, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office of the command line."""
    monkeypatch.setattr(settings, "office", lambda: table.office)
    return table.office


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["sign", *words])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def test_command(
    table: Table, office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, an official at a terminal cannot sign, or nobody can check what he signed."""
    agenda = table.batch.agenda
    for role in ROLES:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSPHRASE}\n"))
        code, text = run(capsys, agenda, "--sebagai", role, "--p12", str(table.file(role)))
        assert code == Exit.OK, text
    path = office.documents / agenda / signed_name(agenda)
    code, text = run(capsys, agenda, "--periksa", str(path))
    assert (code, text.split(":")[0]) == (Exit.OK, "BENAR"), text
    assert "dicatat Buku Agenda pada" in text
    assert NIP["kadis"] in text
    unsigned = office.documents / agenda / minutes_name(agenda)
    code, text = run(capsys, agenda, "--periksa", str(unsigned))
    assert (code, text.split(":")[0]) == (Exit.FINDINGS, "SALAH")
    assert "Berita Acara yang belum ditandatangani, seperti dikeluarkan kantor" in text
    bad = office.scratch / "dipotong.pdf"
    bad.write_bytes(path.read_bytes()[:-1000])
    code, text = run(capsys, agenda, "--periksa", str(bad))
    assert code == Exit.FINDINGS
    assert text.startswith("SALAH: 1 hal")
    assert "tidak tercatat di Buku Agenda" in text


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], Exit.USAGE), (["--sebagai", "kasi", "--periksa", "x.pdf"], Exit.USAGE),
        (["--periksa", "tidak-ada.pdf"], Exit.USAGE), (["--sebagai", "kasi"], Exit.USAGE),
        (["--sebagai", "kasi", "--token", "UJI"], Exit.OFFICE),
    ],
)  # fmt: skip
def test_command_without_what_it_needs(
    office: Office, capsys: pytest.CaptureFixture[str], words: list[str], code: Exit
) -> None:
    """If this fails, a wrong call ends in a traceback."""
    assert run(capsys, "2026-0001", *words)[0] == code
