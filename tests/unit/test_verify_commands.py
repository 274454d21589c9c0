"""`sinkron verify` and `anchor` as typed: verdict and exit code, signed heads, and what an auditor takes home."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from office_kit.auditor import audit, found, on_paper, refused_to_open, told, wrong
from office_kit.signers import NIP, NOW, Desk
from office_kit.small import Batch

from flows.commands.evidence import anchor_command, verify_command
from tasks.approvals.keyfile import new_key_file
from tasks.errors import Exit, UserError
from tasks.evidence.export import export, written_rounds
from tasks.evidence.findings import Severity
from tasks.evidence.renew import renew_anchors
from tasks.evidence.verify import verdict
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office
from tasks.store import open_store

BLOCKED = ("prefect", "great_expectations", "recordlinkage", "pandas", "sqlalchemy", "duckdb_engine", "pydantic",
           "fastapi", "sklearn", "scipy", "marshmallow", "altair", "numpy")  # fmt: skip
WITHOUT = """
import sys
BLOCKED = {blocked}
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ImportError("diblokir: " + name)
sys.meta_path.insert(0, Blocker())
import argparse
from flows.commands.evidence import anchor_command, verify_command
nothing = dict.fromkeys(("kepala", "jangkar", "publik", "salin", "usulan", "kunci", "ke", "baru"))
code = verify_command(argparse.Namespace(**nothing))
assert anchor_command(argparse.Namespace(**nothing)) == 0
sys.exit(code)
"""


def test_verify_runs_where_prefect_and_its_like_are_missing(written: Batch) -> None:
    """If this fails, an auditor must install the whole system to check whether it was tampered with."""
    environment = os.environ | {"SINKRON_HOME": str(written.office.home)}
    script = WITHOUT.format(blocked=BLOCKED)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    assert "sidiknya dihitung ulang" in done.stdout


NOTHING = dict.fromkeys(
    ("kepala", "jangkar", "publik", "salin", "usulan", "nip", "kode", "alasan", "kunci", "ke", "baru")
)


def command(office: Office, monkeypatch: pytest.MonkeyPatch, **given: object) -> int:
    monkeypatch.setenv("SINKRON_HOME", str(office.home))
    run = anchor_command if given.pop("anchor", False) else verify_command
    return run(argparse.Namespace(**(NOTHING | given)))


def test_the_command_tells_the_verdict_first(
    signed: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, whoever looks only at the first line, or a script at the exit code, is told the wrong thing."""
    assert command(signed.office, monkeypatch, kepala=[on_paper(signed.office)]) == Exit.OK
    assert capsys.readouterr().out.startswith("BENAR")
    assert command(signed.office, monkeypatch, kepala=["3:AAAA-AAAA"]) == Exit.SYSTEM
    assert capsys.readouterr().out.startswith("SALAH: 1 hal")


def test_an_office_that_does_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, verifying a mistyped folder makes a new, empty, perfectly right office there."""
    with pytest.raises(UserError):
        command(Office(tmp_path / "salah"), monkeypatch)
    assert not (tmp_path / "salah").exists()


def test_signed_heads(signed: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a head file that somebody else wrote passes for the one that was signed."""
    pem, public, kept = tmp_path / "k.pem", tmp_path / "p.pem", tmp_path / "kepala.txt"
    new_key_file(pem, "sandi yang panjang")
    from tasks.approvals.keyfile import open_key_file

    key = open_key_file(pem, "sandi yang panjang")
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    monkeypatch.setattr("flows.commands.people.ask_secret", lambda _: "sandi yang panjang")
    assert command(signed.office, monkeypatch, anchor=True, kunci=pem, ke=kept) == Exit.OK
    assert command(signed.office, monkeypatch, jangkar=kept, publik=public) == Exit.OK
    assert command(signed.office, monkeypatch, jangkar=kept) == Exit.OK
    assert command(signed.office, monkeypatch, jangkar=signed.office.anchors) == Exit.OK
    assert command(signed.office, monkeypatch, jangkar=signed.office.anchors, publik=public) == Exit.SYSTEM
    with pytest.raises(UserError):
        command(signed.office, monkeypatch, publik=public)
    text = kept.read_text()
    kept.write_text(text.replace("ledger 12 ", "ledger 11 "))
    assert command(signed.office, monkeypatch, jangkar=kept, publik=public) == Exit.SYSTEM
    kept.write_text(text.partition("tanda-tangan")[0])
    assert command(signed.office, monkeypatch, jangkar=kept, publik=public) == Exit.SYSTEM


def test_a_lost_second_file(
    written: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, an office that lost one file stands still for ever, or nobody learns that it was replaced."""
    office, paper = written.office, on_paper(written.office)
    with pytest.raises(UserError):
        renew_anchors(office, NOW)
    office.anchors.unlink()
    assert "berkas jangkar hilang" in wrong(office)
    assert refused_to_open(office)
    assert command(office, monkeypatch, anchor=True, baru=True) == Exit.OK
    assert paper in capsys.readouterr().out
    findings = found(office, paper)
    assert verdict(findings) is Severity.WARN, told(findings)
    assert "jangkar baru mengikat sejak entri 12" in told(findings)
    with open_ledger(office) as ledger:
        assert verify(ledger)[0] == 12


def test_the_auditors_folder(written: Batch, tmp_path: Path) -> None:
    """If this fails, the evidence an auditor takes home can not be checked there, or holds residents' data unasked."""
    plain, full = tmp_path / "bukti", tmp_path / "bukti-penuh"
    with open_ledger(written.office) as ledger, open_store(written.office) as con:
        export(ledger, written.office.anchors, plain)
        signed = written_rounds(ledger, written.agenda)
        export(ledger, written.office.anchors, full, (con, signed))
        assert written_rounds(ledger, "2026-0099") == []
        with pytest.raises(UserError):
            export(ledger, written.office.anchors, plain)
    names = {"buku-agenda.jsonl", "kepala.log", "verifier.py", "BACA-SAYA.txt"}
    assert {path.name for path in plain.iterdir()} == names
    assert {path.name for path in full.iterdir()} == names | {f"usulan-{written.agenda}-r1.txt"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for folder in (plain, full) for path in folder.iterdir())
    for folder in (plain, full):
        said = audit(folder, "--kepala", on_paper(written.office))
        assert said.code == 0, said.text
        own = subprocess.run([sys.executable, "-I", "-S", "verifier.py", "."], cwd=folder, check=False,
                             capture_output=True, text=True)  # fmt: skip
        assert own.returncode == 0
        assert on_paper(written.office) in (folder / "BACA-SAYA.txt").read_text()
    change_set = full / f"usulan-{written.agenda}-r1.txt"
    change_set.write_bytes(change_set.read_bytes().replace(b"diperbaiki", b"ditunda", 1))
    assert "bukan yang ditandatangani" in audit(full).text


def test_signed_bytes_leave_only_with_a_person_and_an_entry(
    written: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, residents' data are copied out and the ledger does not say by whom and why."""
    from datetime import UTC, datetime

    import pyotp

    asked = {"usulan": written.agenda, "nip": NIP["kabid"], "alasan": "audit Inspektorat"}
    with pytest.raises(UserError):
        command(written.office, monkeypatch, salin=tmp_path / "a", kode="000000", **asked)
    assert not (tmp_path / "a").exists()
    code = pyotp.TOTP(written.desk.secrets["kabid"]).at(datetime.now(UTC))
    assert command(written.office, monkeypatch, salin=tmp_path / "b", kode=code, **asked) == Exit.OK
    assert (tmp_path / "b" / f"usulan-{written.agenda}-r1.txt").exists()
    with open_ledger(written.office) as ledger:
        assert [entry.actor for entry in entries(ledger, kind=Kind.EXPORTED)] == [NIP["kabid"]]
    assert audit(tmp_path / "b").code == 0
