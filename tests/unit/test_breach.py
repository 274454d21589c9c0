"""Data that got out: everybody in it is on the list, nobody's name on the terminal, and the 72 hours are told."""

import io
import stat
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msoffcrypto
import openpyxl
import pytest
from office_kit.files import settle, write_csv
from office_kit.pdf_text import pages_of, text_of
from office_kit.residents import resident
from office_kit.signers import NIP, NOW, Desk
from office_kit.small import RESIDENTS, ROWS, Batch, found_office, receive_rows

from expectations.columns import Privacy
from flows.cli import main
from tasks.breach import report as breach_report
from tasks.breach.clock import due_at, found_at, left
from tasks.breach.persons import affected
from tasks.breach.report import Incident, Report, gather, report
from tasks.breach.scope import Scope, kinds_of, of_agendas, of_file
from tasks.documents.annex import annex_password
from tasks.documents.issue import Document, issue
from tasks.errors import Exit, UserError
from tasks.evidence.findings import Severity
from tasks.evidence.verify import verdict, verify_office
from tasks.ledger import Kind, entries, open_ledger
from tasks.load import load
from tasks.office import WIB
from tasks.private import sha256_of
from tasks.receive import receive
from tasks.store import open_store

FOUND = datetime(2026, 10, 6, 9, 0, tzinfo=WIB)
LATER = NOW + timedelta(hours=4)


def made(batch: Batch, scope: Scope | None = None, now: datetime = LATER, **told: str) -> Report:
    """The report about the whole batch, or about another scope."""
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        known = scope or of_agendas(ledger, [batch.agenda])
        incident = Incident(known, FOUND, **told)
        return report(ledger, batch.office, incident, (gather(con, incident), now))


def out(batch: Batch, done: Report, kind: str) -> Path:
    (name,) = [name for name in done.files if name.endswith(kind)]
    return batch.office.outbox / done.number / name


def sheet(batch: Batch, done: Report, title: str) -> list[list[str]]:
    """The lines of one sheet below its heads, as Excel shows them with the password."""
    sealed = msoffcrypto.OfficeFile(io.BytesIO(out(batch, done, ".xlsx").read_bytes()))
    sealed.load_key(annex_password(batch.office, done.number), verify_password=True)
    plain = io.BytesIO()
    sealed.decrypt(plain, verify_integrity=True)
    lines = openpyxl.load_workbook(plain)[title].iter_rows(min_row=2, values_only=True)
    return [[cell or "" for cell in line] for line in lines]


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


def test_kinds_of_data_follow_the_contract(batch: Batch) -> None:
    """If this fails, the notice keeps silent about a kind of data that was in the file."""
    with open_ledger(batch.office) as ledger:
        kinds = kinds_of(ledger, of_agendas(ledger, [batch.agenda]))
        known = kinds_of(ledger, Scope((), register=True))
    assert {"NIK", "Nama lengkap", "Nomor KK", "Nama ibu"} <= set(kinds[Privacy.DIRECT])
    assert Privacy.NONE not in kinds
    assert "Penyandang cacat" not in known.get(Privacy.SPECIFIC, [])  # never loaded, so not in the store


def test_the_ledger_tells_it_without_anybody(batch: Batch) -> None:
    """If this fails, nobody can prove when the office knew and what it put out, or the ledger holds names."""
    done = made(batch)
    with open_ledger(batch.office) as ledger:
        (entry,) = entries(ledger, kind=Kind.BREACH)
        exported = {e.payload["file"]: e.payload for e in entries(ledger, done.number, Kind.EXPORTED)}
    assert entry.batch == done.number == "INS-2026-0001"
    assert datetime.fromisoformat(entry.payload["due_at"]) == FOUND + timedelta(hours=72)
    assert set(exported) == set(done.files)
    for name, facts in exported.items():
        path = batch.office.outbox / done.number / name
        assert facts["sha256"] == sha256_of(path)
        assert facts["masked"] is False
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = str(entry.payload)
    assert not any(str(row["NAMA_LGKP"]) in told or str(row["NIK"]) in told for row in ROWS)
    assert verdict(verify_office(batch.office, [])) is not Severity.WRONG


def test_the_same_incident_again_is_the_same(batch: Batch) -> None:
    """If this fails, a command typed twice is two incidents with two deadlines, or papers change under one number."""
    first = made(batch)
    before = {name: (batch.office.outbox / first.number / name).read_bytes() for name in first.files}
    (batch.office.outbox / first.number / first.files[0]).unlink()
    again = made(batch, now=LATER + timedelta(hours=5))
    assert again.number == first.number
    assert {name: (batch.office.outbox / first.number / name).read_bytes() for name in first.files} == before
    with open_ledger(batch.office) as ledger:
        assert len(entries(ledger, kind=Kind.BREACH)) == 1
    with open_ledger(batch.office) as ledger:
        other = of_file(ledger, "ganda.csv")
    assert made(batch, other).number == "INS-2026-0002"


def test_the_draft_says_what_the_law_demands(batch: Batch) -> None:
    """If this fails, the notice lacks what art. 46(2) wants told, and the authority sends it back."""
    done = made(batch, how="Flashdisk hilang di jalan", handling="Kata sandi diganti")
    pages = pages_of(out(batch, done, ".pdf").read_bytes())
    authority, person = pages[0], pages[-1]
    for page in (authority, person):
        for text in (f"{done.facts['persons']} orang", "6 Oktober 2026 pukul 09.00 WIB", "Flashdisk hilang di jalan",
                     "Kata sandi diganti", "Nomor KK", "Pasal 46"):  # fmt: skip
            assert text in page, text
    assert "9 Oktober 2026 pukul 09.00 WIB" in authority
    assert "Permohonan" not in authority
    assert any(name.title() in " ".join(pages).title() for name in done.villages["village"])
    text = text_of(out(batch, done, ".pdf").read_bytes())
    assert not any(str(row["NAMA_LGKP"]) in text or str(row["NIK"]) in text for row in ROWS)


def test_what_is_not_known_yet_is_left_open(batch: Batch) -> None:
    """If this fails, an empty answer is printed as if there had been nothing to say."""
    text = text_of(out(batch, made(batch), ".pdf").read_bytes())
    told = text_of(out(batch, made(batch, how="hilang", handling="sandi diganti"), ".pdf").read_bytes())
    assert text.count(". . . . . . . . . .") > told.count(". . . . . . . . . .") + 20


def test_the_clock_runs_through_nights_and_holidays() -> None:
    """If this fails, the office believes it has until Monday, and the law does not."""
    assert due_at(FOUND) == datetime(2026, 10, 9, 9, 0, tzinfo=WIB)
    assert left(FOUND, FOUND + timedelta(hours=70)) == "sisa 2 jam"
    assert left(FOUND, FOUND + timedelta(hours=73)) == "LEWAT 1 jam"
    assert found_at("2026-10-06 09:00", NOW) == FOUND
    for wrong in ("2026-10-06", "06-10-2026 09:00", "2026-10-06 09:01", ""):
        with pytest.raises(UserError, match="--since"):
            found_at(wrong, NOW)


def test_an_incident_without_a_head_of_office(batch: Batch) -> None:
    """If this fails, no notice can be written while the post is vacant."""
    text = text_of(out(batch, made(batch, now=LATER), ".pdf").read_bytes())
    assert "NIP 197004041995031904" in text
    office, _ = batch.office, batch.desk
    with open_ledger(office) as ledger:
        from tasks.approvals.people import disable

        disable(ledger, NIP["kadis"], "pensiun", LATER)
    again = made(batch, scope=Scope(((batch.agenda, 1),)))
    assert "NIP ........" in text_of(out(batch, again, ".pdf").read_bytes())


def test_the_command_tells_counts_and_no_names(
    batch: Batch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, names of people whose data got out stand in a terminal's history as well."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    since = (datetime.now(UTC) - timedelta(hours=2)).astimezone(WIB).strftime("%Y-%m-%d %H:%M")
    assert main(["breach", batch.agenda, "--since", since]) == Exit.OK
    said = capsys.readouterr().out
    assert "Batas pemberitahuan 3 x 24 jam" in said
    assert "sisa 2 hari 21 jam 5" in said
    assert "outbox/INS-2026-0001/orang-terdampak-INS-2026-0001.xlsx" in said
    assert not any(str(row["NAMA_LGKP"]) in said or str(row["NIK"]) in said for row in (*ROWS, resident(0)))
    assert main(["breach", "--since", since]) == Exit.USAGE
    assert main(["breach", batch.agenda, "--file", "x.csv", "--since", since]) == Exit.USAGE
    assert main(["breach", batch.agenda]) == Exit.USAGE


def test_the_password_costs_a_person_and_a_reason(
    batch: Batch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, whoever reaches the terminal reads the list of everybody whose data got out."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    done, now = made(batch), datetime.now(UTC)
    asked = ["breach", "--sandi", done.number, "--nip", NIP["kasi"], "--alasan", "menyurati orangnya"]
    assert main([*asked, "--kode", "000000"]) == Exit.IDENTITY
    assert annex_password(batch.office, done.number) not in capsys.readouterr().out
    desk = Desk(batch.office, batch.desk.secrets)
    assert main([*asked, "--kode", desk.code("kasi", now)]) == Exit.OK
    assert annex_password(batch.office, done.number) in capsys.readouterr().out
    with open_ledger(batch.office) as ledger:
        assert [bool(e.payload["refused"]) for e in entries(ledger, done.number, Kind.OPENED)] == [True, False]
    assert main(["breach", "--sandi", "INS-2026-0099", "--nip", NIP["kasi"], "--alasan", "x"]) == Exit.USAGE
