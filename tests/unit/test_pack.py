"""The evidence pack: what lies in it, when it is refused, and that a bare Python finds it right."""

import argparse
import contextlib
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import fastexcel
import pyotp
import pyrage
import pytest
from office_kit.auditor import found, told
from office_kit.packs import CHECKER, PAPER, SHEET, check, issue_papers, members_of, packed, written_batch
from office_kit.residents import resident
from office_kit.signers import NIP
from office_kit.small import RESIDENTS, ROWS, Batch, Opened

from expectations.approvals import Separation
from flows.commands.packing import pack_command
from tasks.approvals.case import Case, file_code
from tasks.documents.issue import Document, folder_of
from tasks.errors import DigestMismatchError, Exit, UserError
from tasks.evidence.findings import Severity
from tasks.ledger import Kind, entries, open_ledger
from tasks.pack.make import LIST
from tasks.store import open_store
from tasks.tree import Tree
from tasks.write.apply import apply
from tasks.write.repair import repair

MEMBERS = {"BACA-SAYA.txt", "periksa.py", "daftar-isi.txt", "buku-agenda.jsonl"}
NOTHING = dict.fromkeys(("terbuka", "untuk", "buka", "identitas", "ke", "nip", "kode", "alasan"))


def command(batch: Batch, monkeypatch: pytest.MonkeyPatch, **given: object) -> int:
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    return pack_command(argparse.Namespace(**(NOTHING | {"agenda": batch.agenda} | given)))


def as_person(batch: Batch) -> dict[str, object]:
    """The Kabid, with the code of this moment."""
    code = pyotp.TOTP(batch.desk.secrets["kabid"]).at(datetime.now(UTC))
    return {"nip": NIP["kabid"], "kode": code, "alasan": "permintaan BPK"}


@contextlib.contextmanager
def closed(opened: Opened):
    """The store free for a command, as in life."""
    opened.con.close()
    yield opened.batch


def test_a_pack_is_right_and_bound_by_the_heads_on_paper(opened: Opened, tmp_path: Path) -> None:
    """If this fails, an auditor who follows BACA-SAYA.txt is told that an honest office is wrong."""
    written_batch(opened, undone=True)
    pack = packed(opened)
    path = tmp_path / pack.name
    path.write_bytes(pack.content)
    said = check(path)
    assert said.code == 0, said.text
    assert said.text.startswith("BENAR, BELUM terikat kertas")
    assert "MEMBATALKAN 2026-0001" in said.text
    last = f"{pack.head[0]}:{file_code(pack.head[1])}"
    assert check(path, "--kepala", last).text.startswith("BENAR, SELURUHNYA terikat kertas")
    with open_ledger(opened.batch.office) as ledger:
        (writing,) = entries(ledger, opened.batch.agenda, Kind.WRITTEN)
    paper = f"{writing.seq}:{file_code(writing.hash)}"
    assert check(path, "--kepala", paper).text.startswith("BENAR, terikat kertas sampai penulisannya")
    assert check(path, "--kepala", f"{writing.seq}:{writing.hash}", "--kepala", last).text.startswith("BENAR, SELURUH")
    opened.con.close()
    assert not told(found(opened.batch.office), Severity.WRONG)
    members = members_of(pack.content)
    papers = {f"dokumen/{opened.batch.agenda}/{one.name}" for one in (PAPER, SHEET)}
    undo = f"{opened.batch.agenda}-U1"
    changes = {f"usulan-{agenda}-r1-tersamar.xlsx" for agenda in (opened.batch.agenda, undo)}
    assert set(members) == MEMBERS | papers | changes | {f"dokumen/{undo}/{PAPER.name}"}
    assert f"Entri {writing.seq} adalah penulisan" in members["BACA-SAYA.txt"].decode()
    assert file_code(writing.hash) not in members["BACA-SAYA.txt"].decode(), "kepala harus dari kertas"


def test_a_masked_pack_holds_no_resident(opened: Opened) -> None:
    """If this fails, residents' numbers and names travel to whoever gets the pack."""
    written_batch(opened)
    members = members_of(packed(opened).content)
    sheets = [content for name, content in members.items() if name.endswith(".xlsx")]
    text = "\n".join(
        content.decode("utf-8", "replace") for name, content in members.items() if not name.endswith(".xlsx")
    )
    for content in sheets:
        reader = fastexcel.read_excel(content)
        assert reader.sheet_names == ["Perubahan", "Hasil"]
        frames = [reader.load_sheet(name, dtypes="string").to_polars() for name in reader.sheet_names]
        assert frames[1].height + opened.batch.done["load"]["rejected"] == len(ROWS)
        text += "\n".join(frame.write_csv() for frame in frames)
    for person in (*RESIDENTS, *ROWS, resident(60)):
        for column in ("NIK", "NO_KK", "NAMA_LGKP", "NAMA_LGKP_IBU"):
            assert not person[column] or str(person[column]) not in text, column


def test_the_same_papers_make_the_same_bytes(opened: Opened) -> None:
    """If this fails, two packs of one batch differ, and nobody knows which one the office gave away."""
    written_batch(opened)
    one, other = packed(opened), packed(opened)
    assert (one.content, one.head) == (other.content, other.head)
    issue_papers(opened, Document("surat-balasan.pdf", b"%PDF surat", masked=True))
    later = packed(opened)
    assert later.head[0] > one.head[0]
    assert later.content != one.content


def test_the_list_of_contents_is_one_that_sha256sum_reads(opened: Opened, tmp_path: Path) -> None:
    """If this fails, the auditor's own tools can not check the papers."""
    written_batch(opened)
    members = members_of(packed(opened).content)
    for name, content in members.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(["sha256sum", "-c", LIST], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK") == len(members) - 2, "semua kecuali daftar itu sendiri dan buku agenda"


def test_papers_that_are_not_as_issued_refuse_the_pack(opened: Opened) -> None:
    """If this fails, a paper that was changed in the folder goes out as the office's."""
    written_batch(opened)
    folder = folder_of(opened.batch.office, opened.batch.agenda, masked=True)
    (folder / "catatan.pdf").write_bytes(b"tidak pernah dikeluarkan")
    assert f"dokumen/{opened.batch.agenda}/catatan.pdf" not in members_of(packed(opened).content)
    for paper in (PAPER, SHEET):
        (folder / paper.name).write_bytes(paper.content + b" ")
    with pytest.raises(UserError) as refused:
        packed(opened)
    assert all(paper.name in str(refused.value) for paper in (PAPER, SHEET))
    (folder / SHEET.name).unlink()
    (folder / PAPER.name).write_bytes(PAPER.content)
    pack = packed(opened)
    assert pack.left_out == (f"dokumen/{opened.batch.agenda}/{SHEET.name}",)


def test_a_missing_paper_is_told_to_the_auditor(opened: Opened, tmp_path: Path) -> None:
    """If this fails, the office leaves a paper out, and the auditor does not learn that there is one."""
    written_batch(opened)
    (folder_of(opened.batch.office, opened.batch.agenda, masked=True) / SHEET.name).unlink()
    (tmp_path / "p.zip").write_bytes(packed(opened).content)
    said = check(tmp_path / "p.zip")
    assert said.code == 0
    assert f"PERIKSA dokumen/{opened.batch.agenda}/{SHEET.name}: tidak ada dalam paket" in said.text


def test_nothing_written_makes_no_pack(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, there are packs that prove nothing."""
    for agenda in (batch.agenda, "2026-0099", "../x"):
        with pytest.raises(UserError) as refused:
            command(batch, monkeypatch, agenda=agenda)
        assert refused.value.exit_code == Exit.USAGE
    with open_ledger(batch.office) as ledger:
        assert not entries(ledger, kind=Kind.EXPORTED)


def test_a_store_that_is_not_the_signed_one_makes_no_pack(opened: Opened) -> None:
    """If this fails, the copy to read in a pack is of other changes than those that were signed."""
    written_batch(opened)
    opened.con.execute("update changes set after = 'LAIN' where element = 'nama_lgkp'")
    with pytest.raises(DigestMismatchError):
        packed(opened)


def test_a_writing_commits_to_what_was_before_it(opened: Opened) -> None:
    """If this fails, the head on the Berita Acara does not stand for the decisions."""
    written_batch(opened, undone=True)
    with open_ledger(opened.batch.office) as ledger:
        every = ledger.execute("select hash from entries order by seq").fetchall()
        for kind in (Kind.WRITTEN, Kind.UNDONE):
            (entry,) = entries(ledger, kind=kind)
            assert entry.payload["tree"] == Tree(one for (one,) in every[: entry.seq - 1]).facts
            assert entry.payload["tree"]["size"] == entry.seq - 1
            assert entry.payload["rests"]["size"] <= entry.payload["tree"]["size"]


def test_a_crash_between_store_and_ledger_commits_to_the_same(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, a writing that recover entered is told as forged."""
    from office_kit.small import copy_of

    batch.sign()
    other, case = copy_of(batch, tmp_path / "kembar"), Case(batch.agenda, 1, batch.digest)
    about = (batch.desk.clock, Separation.STRICT)
    with open_ledger(other.office) as ledger, open_store(other.office) as con:
        apply(con, ledger, case, about)
        (straight,) = entries(ledger, kind=Kind.WRITTEN)
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        with monkeypatch.context() as dying:
            dying.setattr("tasks.write.apply.record_written", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                apply(con, ledger, case, about)
        repair(con, ledger, batch.desk.clock)
        (repaired,) = entries(ledger, kind=Kind.WRITTEN)
    assert (repaired.payload, repaired.hash) == (straight.payload, straight.hash)
    assert not told(found(batch.office), Severity.WRONG)


def test_the_command_makes_packs_of_both_kinds(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, an unmasked pack leaves the office in clear, or nobody can open it, or nobody knows who did."""
    written_batch(opened)
    identity, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    key_file = tmp_path / "kunci.txt"
    key_file.write_text(f"# kunci uji\n{identity}\n")
    with closed(opened) as batch:
        assert command(batch, monkeypatch) == Exit.OK
        masked = batch.office.packs / f"bukti-{batch.agenda}.zip"
        number, code = re.findall(r"^  (\d+):(\S+)$", capsys.readouterr().out, re.MULTILINE)[0]
        assert check(masked, "--kepala", f"{number}:{code}").text.startswith("BENAR, SELURUHNYA")
        assert masked.stat().st_mode & 0o777 == 0o600
        for wrong in ({"terbuka": True}, {"terbuka": True, "untuk": ["age1x"]}, {"untuk": [str(identity.to_public())]}):
            with pytest.raises(UserError):
                command(batch, monkeypatch, **wrong)
        batch.office.settings_file.write_text(f'penerima = ["{identity.to_public()}"]\n')
        with pytest.raises(UserError) as refused:
            command(batch, monkeypatch, terbuka=True, nip=NIP["kabid"], kode="000000", alasan="x")
        assert refused.value.exit_code == Exit.IDENTITY
        sealed = batch.office.packs / f"bukti-{batch.agenda}-terbuka.zip.age"
        assert not sealed.exists()
        assert command(batch, monkeypatch, terbuka=True, **as_person(batch)) == Exit.OK
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(sealed.read_bytes(), [stranger])
        (tmp_path / "buka.zip").write_bytes(pyrage.decrypt(sealed.read_bytes(), [identity]))
        assert check(tmp_path / "buka.zip").code == 0
        members = members_of((tmp_path / "buka.zip").read_bytes())
        with open_ledger(batch.office) as ledger:
            last = entries(ledger, batch.agenda)[-2:]
            kinds = [(entry.kind, entry.actor) for entry in last]
            (writing,) = entries(ledger, batch.agenda, Kind.WRITTEN)
        assert kinds == [(Kind.OPENED, NIP["kabid"]), (Kind.EXPORTED, NIP["kabid"])]
        assert last[0].payload["what"] == "paket bukti"
        assert sha256(members[f"usulan-{batch.agenda}-r1.txt"]).hexdigest() == writing.payload["digest"]
        _open_it(batch, monkeypatch, (sealed, key_file))


def _open_it(batch: Batch, monkeypatch: pytest.MonkeyPatch, files: tuple[Path, Path]) -> None:
    """``--buka``: entered before anything is decrypted, also when that fails."""
    sealed, key_file = files
    with open_ledger(batch.office) as ledger:
        before = len(entries(ledger, kind=Kind.OPENED))
    for wrong in ({"identitas": None}, {"identitas": sealed}, {"identitas": key_file, "ke": key_file}):
        with pytest.raises(UserError):
            command(batch, monkeypatch, buka=sealed, **wrong)
    with open_ledger(batch.office) as ledger:
        assert len(entries(ledger, kind=Kind.OPENED)) == before
        with monkeypatch.context() as later:  # the next code: each counts once
            later.setattr("tasks.approvals.coded.prove", lambda *_: _Proof())
            broken = sealed.with_name("rusak.age")
            broken.write_bytes(sealed.read_bytes()[:-5])
            with pytest.raises(UserError) as refused:
                command(batch, monkeypatch, buka=broken, identitas=key_file, **as_person(batch))
            assert refused.value.exit_code == Exit.FILE
            assert len(entries(ledger, kind=Kind.OPENED)) == before + 1
            assert command(batch, monkeypatch, buka=sealed, identitas=key_file, **as_person(batch)) == Exit.OK
            assert len(entries(ledger, kind=Kind.OPENED)) == before + 2
    assert check(sealed.with_name(f"bukti-{batch.agenda}-terbuka.zip")).code == 0


class _Proof:
    """A code of a later moment, taken as right."""

    reason, actor, facts = "", NIP["kabid"], {"proved": True, "totp_step": 99_999_999}


def test_bare_python_of_the_machine(opened: Opened, tmp_path: Path) -> None:
    """If this fails, an auditor's machine without our environment can not check a pack."""
    bare = Path("/usr/bin/python3")
    if not os.access(bare, os.X_OK):
        bare = Path(sys.executable)
    written_batch(opened)
    members = members_of(packed(opened).content)
    for name, content in members.items():
        (tmp_path / "bukti" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "bukti" / name).write_bytes(content)
    command = [bare, "-I", "periksa.py", "."]
    done = subprocess.run(command, cwd=tmp_path / "bukti", env={}, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("BENAR")
    assert members["periksa.py"] == CHECKER.read_bytes()
