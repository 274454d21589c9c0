"""A worksheet that Staff saves into the inbox: never a receipt; moved to the desk, checked at once, told there."""

import logging
import os
import shutil
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt
from office_kit.files import SETTLED, settle, write_csv
from office_kit.residents import resident
from office_kit.sheets import edit, edit_book, fill
from office_kit.small import Batch, row_ids

from flows.inbox import LETTER_GRACE_SECONDS, Watcher, _groups
from flows.rest import Api
from flows.worksheets import take_worksheet
from tasks.approvals.case import Case
from tasks.approvals.docket import DRAFT, record_proposal
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.store import open_store
from tasks.worksheet import is_worksheet, write_worksheet

NOW = SETTLED + LETTER_GRACE_SECONDS + 1
DOCUMENT = row_ids("document")[0]
FIXED = {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14", "DASAR": "KTP-el"}


@pytest.fixture
def asked(batch: Batch) -> Batch:
    """Staff is asked about round 1, and the worksheet lies on the desk."""
    with open_store(batch.office) as con, open_ledger(batch.office) as ledger:
        write_worksheet(con, batch.office, batch.agenda, 1)
        draft = batch.done["draft"]
        facts = {"staff": True, "rows": draft["rows"], "changes": draft["changes"]}
        case = Case(batch.agenda, 1, draft["digest"])
        record_proposal(ledger, case, (DRAFT, facts), batch.desk.clock)
    return batch


def on_desk(batch: Batch) -> Path:
    return batch.office.desk / f"lembar-kerja-{batch.agenda}-r1.xlsx"


def saved(batch: Batch, name: str = "") -> Path:
    """The sheet as Staff saves it into the inbox."""
    path = batch.office.inbox / (name or on_desk(batch).name)
    shutil.copy(on_desk(batch), path)
    return settle(path)


def listing(batch: Batch, name: str = "") -> str:
    return (batch.office.desk / f"{name or on_desk(batch).name}.masalah.txt").read_text()


def test_a_sheet_without_faults_lies_on_the_desk(asked: Batch) -> None:
    """If this fails, what Staff saved is lost, or the older sheet beside it is."""
    older = on_desk(asked).read_bytes()
    path = settle(fill(saved(asked), {DOCUMENT: FIXED}))
    filled = path.read_bytes()
    assert "tanpa masalah" in take_worksheet(asked.office, path)
    assert not path.exists()
    assert on_desk(asked).read_bytes() == filled
    assert on_desk(asked).stat().st_mode & 0o777 == 0o600
    assert (asked.office.desk / f"lembar-kerja-{asked.agenda}-r1.lama-1.xlsx").read_bytes() == older
    assert not list(asked.office.desk.glob("*.masalah.txt"))


def test_every_older_sheet_stays(asked: Batch) -> None:
    """If this fails, the third save throws the first one away."""
    for _ in range(3):
        take_worksheet(asked.office, saved(asked))
    names = sorted(path.name for path in asked.office.desk.glob("*.xlsx"))
    assert len(names) == 4
    assert not list(asked.office.desk.glob(".*"))


def test_faults_are_listed_at_once_and_go_when_mended(asked: Batch) -> None:
    """If this fails, Staff learns at the gate what could be told now, or mends what is right already."""
    path = settle(fill(saved(asked), {DOCUMENT: FIXED | {"HASIL": "selesai", "DASAR": "surat sakti"}}))
    assert "2 masalah" in take_worksheet(asked.office, path)
    assert [line.split(":")[0] for line in listing(asked).splitlines()] == ["Keputusan!K13", "Keputusan!P13"]
    assert "tanpa masalah" in take_worksheet(asked.office, settle(fill(saved(asked), {DOCUMENT: FIXED})))
    assert not list(asked.office.desk.glob("*.masalah.txt"))


@pytest.mark.parametrize(("cell", "value", "told"), [
    ("B2", "2026-0099", "agenda 2026-0099 ronde 1 tidak sedang ditunggu"), ("B3", "2", "ronde 2 tidak sedang ditunggu"),
    ("B4", "0" * 64, "lembar kerja draf lain"), ("B1", "lain", "bukan lembar kerja Sinkron versi ini"),
    ("B2", "../../etc", "tidak sedang ditunggu"),
])  # fmt: skip
def test_the_wrong_batch_or_round_is_told_on_the_desk(asked: Batch, cell: str, value: str, told: str) -> None:
    """If this fails, Staff waits for a sheet that nobody will ever read."""
    path = settle(edit_book(saved(asked), lambda book: book["_meta"].__setitem__(cell, value)))
    assert "masalah" in take_worksheet(asked.office, path)
    assert told in listing(asked)


def test_a_round_that_was_submitted_is_over(asked: Batch) -> None:
    """If this fails, a sheet saved too late looks as if it counted."""
    asked.desk.case = (asked.agenda, 1, asked.done["draft"]["digest"])
    asked.desk.sign("staff")
    take_worksheet(asked.office, saved(asked))
    assert "tidak sedang ditunggu" in listing(asked)


def test_a_damaged_sheet_is_kept_and_told(asked: Batch) -> None:
    """If this fails, a sheet with a broken part is refused as an extract and lies with the Ditjen's letters."""
    path = saved(asked)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"xl/worksheets/sheet1.xml") + 2000
    raw[at] ^= 0xFF
    path.write_bytes(bytes(raw))
    take_worksheet(asked.office, settle(path))
    assert "simpan ulang" in listing(asked)
    assert on_desk(asked).read_bytes() == bytes(raw)


def test_an_odd_name_becomes_one_that_the_gate_takes(asked: Batch) -> None:
    """If this fails, Staff can not name the sheet in the form, or a name leads out of the desk."""
    take_worksheet(asked.office, saved(asked, "Lembar kerja (final) ok.xlsx"))
    assert not list(asked.office.desk.glob("*final*"))
    assert len(list(asked.office.desk.glob("*.xlsx"))) == 2


def test_digits_of_another_script_are_no_round(asked: Batch) -> None:
    """If this fails, a sheet with a damaged mark stays in the inbox for ever and is told by an error's kind only."""
    path = saved(asked, "Lembar kerja (final) ok.xlsx")
    take_worksheet(asked.office, settle(edit_book(path, lambda book: book["_meta"].__setitem__("B3", "\u00b2"))))
    assert not path.exists()
    assert "tidak sedang ditunggu" in listing(asked, "lembar-kerja.xlsx")


def test_the_log_tells_no_nik(asked: Batch, caplog: pytest.LogCaptureFixture) -> None:
    """If this fails, a sheet that Staff named by a NIK writes it into the office's log."""
    nik = str(resident(19)["NIK"])
    saved(asked, f"lembar-{nik}.xlsx")
    with caplog.at_level(logging.WARNING, "sinkron.inbox"):
        Watcher(asked.office, Api("http://127.0.0.1:9"))._take_worksheets()
    assert "tanpa masalah" in caplog.text
    assert nik not in caplog.text


def test_a_sheet_is_no_receipt(asked: Batch, caplog: pytest.LogCaptureFixture) -> None:
    """If this fails, Staff's own worksheet is returned to the Ditjen as a bad extract."""
    saved(asked)
    letterless = write_csv(asked.office.inbox / "a.csv", [resident(0)])
    assert _groups(asked.office.inbox, NOW) == [([letterless], None)]
    watcher = Watcher(asked.office, Api("http://127.0.0.1:9"))
    with caplog.at_level(logging.WARNING, "sinkron.inbox"):
        watcher._take_worksheets()
    assert [path.name for path in asked.office.inbox.iterdir()] == ["a.csv"]
    assert "tanpa masalah" in caplog.text
    with open_ledger(asked.office) as ledger:
        assert len(entries(ledger, kind=Kind.RECEIVED)) == 1
        assert not entries(ledger, kind=Kind.REFUSED)


def other_programs(batch: Batch, suffix: str) -> Path:
    """The sheet as LibreOffice saves it in its own format (.ods), or a program for Excel 97 (.xls)."""
    path = batch.office.inbox / f"lembar-kerja-{batch.agenda}-r1{suffix}"
    if suffix == ".ods":
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            made.writestr("content.xml", '<office:body><table:table table:name="_meta"/></office:body>')
    else:
        book = xlwt.Workbook()
        for name in ("Keputusan", "_meta"):
            book.add_sheet(name)
        book.save(path)
    return settle(path)


@pytest.mark.parametrize("suffix", [".ods", ".xls"])
def test_a_sheet_saved_in_another_format_is_told_how_to_save(asked: Batch, suffix: str) -> None:
    """If this fails, Staff's own sheet is returned to the Ditjen as a delivery, and Staff waits for nothing."""
    path = other_programs(asked, suffix)
    assert _groups(asked.office.inbox, NOW) == []
    assert "1 masalah" in take_worksheet(asked.office, path)
    told = listing(asked, path.name)
    assert f"({suffix})" in told
    assert "Simpan Sebagai jenis Excel 2007-365 (.xlsx)" in told
    assert not path.exists()


def test_a_delivery_in_another_format_is_no_worksheet(asked: Batch) -> None:
    """If this fails, an extract that the Ditjen sends as ODS or XLS disappears to Staff's desk."""
    for suffix in (".ods", ".xls"):
        path = other_programs(asked, suffix)
        path.write_bytes(path.read_bytes().replace(b"_meta", b"_mata"))
        assert not is_worksheet(path)
        path.write_bytes(path.read_bytes()[:40])
        assert not is_worksheet(path)


def test_a_sheet_that_is_still_written_waits(asked: Batch) -> None:
    """If this fails, half a sheet is taken from under the program that saves it."""
    path = saved(asked)
    with path.open("ab") as held:
        os.utime(path, (time.time() - 60, time.time() - 60))
        with pytest.raises(UserError) as caught:
            take_worksheet(asked.office, path)
        assert caught.value.exit_code is Exit.STILL_WRITING
        held.flush()
    assert path.exists()


def test_an_extract_with_another_hidden_sheet_is_a_receipt(tmp_path: Path) -> None:
    """If this fails, an extract of the Ditjen disappears to Staff's desk."""
    book = openpyxl.Workbook()
    book.create_sheet("_metadata").sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 rusak")
    (tmp_path / "c.csv").write_text("_meta")
    assert [is_worksheet(tmp_path / name) for name in ("a.xlsx", "b.xlsx", "c.csv", "tidak ada.xlsx")] == [False] * 4


def test_only_the_first_sheet_was_touched(asked: Batch) -> None:
    """If this fails, a sheet that another program saved is not known again."""
    path = settle(edit(saved(asked), lambda _: None))
    assert is_worksheet(path)
    assert "tanpa masalah" in take_worksheet(asked.office, path)
