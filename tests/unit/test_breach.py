"""Data that got out: everybody in it is on the list, counted once, and nobody of another file."""

import zipfile
from collections import Counter
from pathlib import Path

import pytest
from office_kit.breaches import FOUND, LATER, made, sheet
from office_kit.files import settle, write_csv
from office_kit.pdf_text import text_of
from office_kit.residents import resident
from office_kit.signers import NOW
from office_kit.small import RESIDENTS, ROWS, Batch, found_office, receive_rows

from tasks.breach import report as breach_report
from tasks.breach.persons import affected
from tasks.breach.report import Incident, gather, report
from tasks.breach.scope import Scope, of_agendas, of_file
from tasks.documents.issue import Document, issue
from tasks.errors import UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.load import load
from tasks.receive import receive
from tasks.store import open_store


def test_everybody_in_the_batch_is_on_the_list(batch: Batch) -> None:
    """If this fails, somebody whose data got out is not told, and the office breaks the law without knowing."""
    done = made(batch)
    people = sheet(batch, done, "Orang")
    told = {(line[1], line[2]) for line in people}
    for row in ROWS:
        assert (row["NIK"] or "", row["NAMA_LGKP"] or "") in told
        for parent in ("IBU", "AYAH"):
            if row.get(f"NIK_{parent}") or row.get(f"NAMA_LGKP_{parent}"):
                assert (row.get(f"NIK_{parent}") or "", row.get(f"NAMA_LGKP_{parent}") or "") in told
    assert len(told) == len(people) == done.facts["persons"]
    assert [line[0] for line in people] == [str(at) for at in range(1, len(people) + 1)]
    assert {line[6] for line in people} == {batch.agenda}
    # Residents that worksheet and lists show beside the rows: the twin record in the register of a double.
    doubles = {(row["NIK"], row["NAMA_LGKP"]) for row in RESIDENTS} & told
    assert doubles - {(row["NIK"], row["NAMA_LGKP"]) for row in ROWS}
    assert any("data kantor" in line[5] for line in people)


def test_more_people_than_a_sheet_holds(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, of a kabupaten whose store was stolen all beyond a million people are left out without a word."""
    whole = sheet(batch, made(batch), "Orang")
    monkeypatch.setattr(breach_report, "ROWS_PER_SHEET", len(whole) // 3)
    done = made(batch, Scope(((batch.agenda, 0),), file="lain"))
    parts = [sheet(batch, done, title) for title in ("Orang", "Orang 2", "Orang 3", "Orang 4")]
    assert [line for part in parts for line in part] == whole


def test_counts_by_kelurahan_add_up(batch: Batch) -> None:
    """If this fails, the notice to the authority tells another number of people than the list has."""
    done = made(batch)
    villages, people = sheet(batch, done, "Kelurahan"), sheet(batch, done, "Orang")
    assert {name: int(count) for name, count in villages} == Counter(line[3] for line in people)
    assert done.villages.rows() == [(name, int(count)) for name, count in villages]
    assert "(tidak disebut)" in dict(villages)  # parents: nobody wrote where they live
    assert max(len(line[3]) for line in people) < 40


def test_children_are_counted_as_the_law_wants(batch: Batch) -> None:
    """If this fails, data of children pass for ordinary ones."""
    done = made(batch)
    assert done.facts["children"] == sum(line[4] == "anak" for line in sheet(batch, done, "Orang"))
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        scope = of_agendas(ledger, [batch.agenda])
        eve, birthday = (affected(con, scope, f"2026-05-{day}").filter("child") for day in (13, 14))
    born = {(row["NIK"], row["NAMA_LGKP"]) for row in ROWS if row["TGL_LHR"] == "2008-05-14"}
    assert born
    assert {*eve.select("nik", "name").rows()} - {*birthday.select("nik", "name").rows()} == born


def test_one_received_file_brings_its_own_rows_alone(batch: Batch) -> None:
    """If this fails, people are frightened whose data were in another file, or those of this one are not told."""
    with open_ledger(batch.office) as ledger:
        scope = of_file(ledger, "/media/usb/ganda.csv")
        assert scope.parts == ((batch.agenda, 1),)
    people = sheet(batch, made(batch, scope), "Orang")
    assert all("data kantor" not in line[5] for line in people)
    assert {(row["NIK"] or "", row["NAMA_LGKP"] or "") for row in ROWS} <= {(line[1], line[2]) for line in people}


def test_with_the_store_goes_everybody(batch: Batch) -> None:
    """If this fails, a stolen disk is reported as one letter's people."""
    with open_ledger(batch.office) as ledger:
        scope = of_file(ledger, "store.duckdb")
    assert scope == Scope(((batch.agenda, 0),), register=True, file="store.duckdb")
    told = {(line[1], line[2]) for line in sheet(batch, made(batch, scope), "Orang")}
    assert {(r["NIK"] or "", r["NAMA_LGKP"] or "") for r in (*ROWS, *RESIDENTS)} <= told


def test_what_is_no_file_of_ours_is_told(batch: Batch) -> None:
    """If this fails, a mistyped name is reported as "nobody was in it"."""
    with open_ledger(batch.office) as ledger:
        with pytest.raises(UserError, match=r"--file lain\.csv: tidak pernah diterima"):
            of_file(ledger, "lain.csv")
        with pytest.raises(UserError) as caught:
            of_agendas(ledger, ["2026-0099", batch.agenda, "bukan nomor"])
        assert len(caught.value.problems) == 2


def test_what_the_office_put_out_stands_for_its_batch(batch: Batch) -> None:
    """If this fails, a list that went to the wrong regency has nobody in it; or a masked paper frightens a batch."""
    with open_ledger(batch.office) as ledger:
        for name, masked in (("1-perbaikan.csv", False), ("surat-balasan.pdf", True)):
            issue(batch.office, ledger, (batch.agenda, NOW), Document(name, b"isi", masked=masked))
        assert of_file(ledger, "E:/kirim/1-perbaikan.csv").parts == ((batch.agenda, 0),)
        with pytest.raises(UserError, match="tersamar: tidak memuat NIK dan nama"):
            of_file(ledger, "surat-balasan.pdf")
        issue(batch.office, ledger, ("", NOW), Document("kasus-2026.xlsx", b"isi", masked=False))
        with pytest.raises(UserError, match="memuat data orang dari beberapa penerimaan"):
            of_file(ledger, "kasus-2026.xlsx")
        assert of_file(ledger, f"archive/{batch.agenda}/01.csv").parts == ((batch.agenda, 1),)
        with pytest.raises(UserError):
            of_file(ledger, "01.csv")  # every batch has one


def test_an_archive_and_what_lies_in_it_are_found(batch: Batch, tmp_path: Path) -> None:
    """If this fails, a ZIP that went astray was "never received", and nobody in it is told."""
    plain = write_csv(tmp_path / "ganda.csv", [resident(33)])
    path = batch.office.inbox / "kiriman.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.write(plain, "data/ganda.csv")
    receipt = receive(batch.office, [settle(path)], None, (LATER, "inbox"))
    with open_ledger(batch.office) as ledger:
        for name in ("kiriman.zip", "E:/unduhan/kiriman.zip", "kiriman.zip/data/ganda.csv"):
            assert (receipt.agenda, 1) in of_file(ledger, name).parts, name


def test_lines_that_name_nobody_are_counted(tmp_path: Path) -> None:
    """If this fails, people of broken lines are left out without a word."""
    office, _ = found_office(tmp_path / "kantor")
    receipt = receive_rows(office, (resident(0), resident(1, NIK=None, NAMA_LGKP=None)))
    with open_ledger(office) as ledger, open_store(office) as con:
        load(con, office, receipt)
        incident = Incident(Scope(((receipt.agenda, 1),)), FOUND)
        done = report(ledger, office, incident, (gather(con, incident), LATER))
        assert done.facts["unread"] == 1
    paper = (office.outbox / done.number / done.files[1]).read_bytes()
    assert "1 baris yang tidak terbaca belum dihitung" in text_of(paper)


def test_a_batch_that_is_not_loaded_is_refused(tmp_path: Path) -> None:
    """If this fails, an incident with a file of this morning says that nobody was in it."""
    office, _ = found_office(tmp_path / "kantor")
    receipt = receive_rows(office, ROWS[:2])
    with open_ledger(office) as ledger, open_store(office) as con, pytest.raises(UserError, match="belum dimuat"):
        gather(con, Incident(Scope(((receipt.agenda, 0),)), FOUND))
    with open_ledger(office) as ledger:
        assert entries(ledger, kind=Kind.BREACH) == []
