"""Cover letters and file names nobody would write by hand."""

from pathlib import Path

import pytest
from office_kit.files import archived, write, write_csv, write_letter
from office_kit.residents import resident
from office_kit.signers import NOW

from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.letter import read_letter
from tasks.office import Office
from tasks.read import read_extract
from tasks.receive import receive
from tasks.retention.originals import names

FRAME = '{"dari":"a","nomor":"1","tanggal":"2026","perihal":"x","berkas":%s}'


@pytest.mark.parametrize(
    "content",
    [
        b"", b"null", b"[]", b"{}", b"\xff\xfe", "\ud800".encode("utf-8", "surrogatepass"),
        FRAME % "null", FRAME % "[]", FRAME % '{"a.csv": null}', FRAME % '{"a.csv": {"jumlah": "banyak"}}',
        FRAME % '{"a.csv": {"jumlah": Infinity}}', FRAME % '{"a.csv": {"jumlah": NaN}}',
        FRAME % ('{"a.csv": {"jumlah": ' + "9" * 5000 + "}}"), "[" * 100_000, '{"a":' * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_letter_is_refused(tmp_path: Path, content: bytes | str) -> None:
    """If this fails, a hostile letter stops the inbox with a traceback instead of lying in rejected/."""
    with pytest.raises(UserError) as caught:
        read_letter(write(tmp_path / "surat.json", content))
    assert caught.value.exit_code is Exit.FILE


def test_a_total_that_is_no_whole_number_is_refused(tmp_path: Path) -> None:
    """If this fails, a letter that says 2.9 rows is read as 2: a count nobody wrote."""
    with pytest.raises(UserError):
        read_letter(write(tmp_path / "surat.json", FRAME % '{"a.csv": {"jumlah": 2.9}}'))


def test_all_faults_of_a_letter_are_told_at_once(tmp_path: Path) -> None:
    """If this fails, the office mends one word of the letter after the other, and hands all in again each time."""
    text = '{"nomor": [], "tanggal": "", "perihal": "x", "berkas": {"a.csv": {"jumlah": "2", "kk": -1}, "b.csv": 3}}'
    with pytest.raises(UserError) as refused:
        read_letter(write(tmp_path / "surat.json", text))
    assert [problem.place for problem in refused.value.problems] == [
        "surat.json, dari", "surat.json, nomor", "surat.json, berkas a.csv, jumlah", "surat.json, berkas a.csv, kk",
        "surat.json, berkas b.csv",
    ]  # fmt: skip


def test_where_a_letter_cannot_be_read_is_told(tmp_path: Path) -> None:
    """If this fails, one missing comma is looked for in the whole letter."""
    with pytest.raises(UserError, match=r"surat\.json, baris 2 huruf ke-1: .*bukan JSON"):
        read_letter(write(tmp_path / "surat.json", '{"dari": "x"\n"nomor": 1}'))


def test_a_letter_with_a_mark_and_unknown_counts_is_read(tmp_path: Path) -> None:
    """If this fails, a letter saved by Notepad, or one that counts more than we know, is refused."""
    text = "\ufeff" + FRAME % '{"a.csv": {"jumlah": 2, "bayi": 1}}'
    assert read_letter(write(tmp_path / "surat.json", text)).totals == {"a.csv": {"jumlah": 2}}


NAMES = ["a b.csv", "=cmd|' C calc'!A0.csv", "-rf.csv", "..csv", "ä\u202etxt.csv", "baris\nbaru.csv",
         "n" * 200 + ".csv",
         "';drop table entries;--.csv", "{batch}.csv", "\udcff\udcfe.csv"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("good", [True, False])
def test_any_file_name_is_received_or_refused(office: Office, name: str, good: bool) -> None:
    """If this fails, one odd file name in the inbox stops the office, or breaks out of its folder."""
    path = office.inbox / name
    write_csv(path, [resident(0)]) if good else write(path, "NIK;Hobi\n1;2\n")
    content = path.read_bytes()
    try:
        receive(office, [path], None, (NOW, "inbox"))
        kept, told = office.archive, ""
    except UserError as error:
        kept, told = office.rejected, str(error)
    assert told.encode("utf-8", "strict") or kept == office.archive
    agenda = "2026-0001"
    sealed = [archived(office, agenda, name) for name in names(office, agenda)]
    assert content in [*sealed, *(found.read_bytes() for found in kept.rglob("*") if found.is_file())]
    assert not list(office.inbox.iterdir())
    with open_ledger(office) as ledger:
        assert verify(ledger)[0] == 1


def test_niks_in_file_names_do_not_reach_the_ledger(office: Office) -> None:
    """If this fails, the ledger, which is kept for ever and may not hold residents' data, holds a NIK (promise 5)."""
    nik = str(resident(0)["NIK"])
    receive(office, [write_csv(office.inbox / f"data_{nik}.csv", [resident(0)])], None, (NOW, "inbox"))
    with pytest.raises(UserError):
        receive(office, [write(office.inbox / f"{nik}{nik}.csv", "NIK\n1\n")], None, (NOW, "inbox"))
    with open_ledger(office) as ledger:
        payloads = [str(entry.payload) for entry in entries(ledger)]
        assert len(entries(ledger, kind=Kind.REFUSED)) == 1
    assert not [payload for payload in payloads if nik in payload]


def test_a_link_in_the_inbox_takes_nothing_from_elsewhere(office: Office, tmp_path: Path) -> None:
    """If this fails, receiving a symbolic link deletes the file it points to."""
    target = write_csv(tmp_path / "asli.csv", [resident(0)])
    link = office.inbox / "tautan.csv"
    link.symlink_to(target)
    receive(office, [link], None, (NOW, "inbox"))
    assert target.exists()


def test_no_nik_of_a_letter_leaves_it(office: Office) -> None:
    """If this fails, a NIK typed into a letter stands in a ledger that is never purged, in Prefect and on papers."""
    nik, number = "3576014101909001", "400.12.3.1/12345/417.303/2026"
    said = {"dari": f"Dirjen {nik}", "nomor": f"{number} {nik}", "perihal": f"a.n. UJI COBA NIK {nik}", "tanggal": nik}
    letter = write_letter(office.inbox / "surat.json", {"a.csv": {"jumlah": 1}}, **said)
    receipt = receive(office, [write_csv(office.inbox / "a.csv", [resident(0)])], letter, (NOW, "inbox"))
    assert receipt.letter
    assert nik not in str(receipt.letter)
    assert receipt.letter["number"] == f"{number} 357601******9001"
    assert nik.encode() not in office.ledger.read_bytes()


def test_a_total_that_is_misspelt_is_told(tmp_path: Path) -> None:
    """If this fails, the men that the sender counted are compared with nothing, and nobody hears of it."""
    with pytest.raises(UserError) as refused:
        read_letter(write(tmp_path / "surat.json", FRAME % '{"a.csv": {"jumlah": 2, "lkai": 1, "lelaki": 1}}'))
    assert [problem.allowed for problem in refused.value.problems] == ["mungkin laki", "mungkin laki"]


def test_letter_text_is_kept_as_data(office: Office) -> None:
    """If this fails, what a letter says about itself breaks the ledger's chain or its JSON."""
    letter = write_letter(office.inbox / "surat.json", {"a.csv": {"jumlah": 1}}, dari='x"\n\u2028{}', perihal="\\")
    receipt = receive(office, [write_csv(office.inbox / "a.csv", [resident(0)])], letter, (NOW, "inbox"))
    assert receipt.letter
    assert receipt.letter["sender"] == 'x"\n\u2028{}'
    with open_ledger(office) as ledger:
        verify(ledger)
        assert entries(ledger, receipt.agenda)[0].payload["letter"]["subject"] == "\\"


DISGUISED = {
    "a.csv": b"PK\3\4xxxx",
    "b.csv": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "c.txt": b"%PDF-1.7",
    "d.dbf": b"PK\3\4",
}


@pytest.mark.parametrize("name", DISGUISED)
def test_a_file_of_another_kind_is_named(tmp_path: Path, name: str) -> None:
    """If this fails, an XLSX renamed to .csv is refused with words about columns that help nobody."""
    with pytest.raises(UserError) as caught:
        read_extract(write(tmp_path / name, DISGUISED[name]), tmp_path)
    assert "sebenarnya" in str(caught.value)
