"""`sinkron verify`: everything that contradicts itself is listed, and an honest office is told that it is right."""

import argparse
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from office_kit.auditor import audit, copied, found, on_paper, receive, refused_to_open, told, write
from office_kit.forger import numbered, past_triggers, rewrite
from office_kit.signers import AGENDA, NIP, NOW, Desk
from office_kit.small import Batch

from expectations.approvals import Separation
from flows.commands.evidence import anchor_command, verify_command
from flows.prefect_states import from_database
from tasks.approvals.case import Case, file_code
from tasks.approvals.decide import decide, statement
from tasks.approvals.keyfile import new_key_file
from tasks.approvals.people import enrol_key
from tasks.errors import Exit, UserError
from tasks.evidence.export import export, written_rounds
from tasks.evidence.findings import Check, Severity
from tasks.evidence.heads import typed_head
from tasks.evidence.renew import renew_anchors
from tasks.evidence.verify import verdict
from tasks.ledger import Kind, append, entries, head, open_ledger, verify, writing
from tasks.office import Office
from tasks.store import open_store
from tasks.write.apply import apply
from tasks.write.undo import propose_undo, undo

COMPLETED = [(AGENDA, "Completed")]


def wrong(office: Office, *heads: str, runs: list[tuple[str, str]] | None = None) -> str:
    return told(found(office, *heads, runs=runs), Severity.WRONG)


@pytest.fixture
def signed(desk: Desk) -> Desk:
    """A batch received, approved by three and written, as far as the ledger tells."""
    receive(desk)
    desk.sign()
    write(desk)
    return desk


@pytest.fixture
def written(batch: Batch) -> Batch:
    """The small office with its batch approved and really written."""
    batch.sign()
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        case = Case(batch.agenda, 1, batch.digest)
        apply(con, ledger, case, (batch.desk.clock, Separation.STRICT))
    return batch


def test_an_honest_ledger_is_right(signed: Desk, tmp_path: Path) -> None:
    """If this fails, an auditor accuses an office that did everything right."""
    findings = found(signed.office, on_paper(signed.office), runs=COMPLETED)
    assert told(findings) == "store belum ada; tidak dibandingkan"
    said = audit(copied(signed.office, tmp_path / "bukti"), "--kepala", on_paper(signed.office))
    assert said.code == 0
    assert said.text.startswith("BENAR: 12 entri")
    assert "TIDAK DAPAT diperiksa" in said.text


def test_an_honest_office_with_its_store_is_right(written: Batch, tmp_path: Path) -> None:
    """If this fails, the comparison with the store accuses an honest office."""
    findings = found(written.office, on_paper(written.office), runs=[(written.agenda, "Completed")])
    assert verdict(findings) is not Severity.WRONG, told(findings)
    assert "1 penulisan, sidiknya dihitung ulang" in told(findings, Severity.OK)
    assert not audit(copied(written.office, tmp_path / "bukti")).wrong


def test_an_undone_batch_is_right(written: Batch, tmp_path: Path) -> None:
    """If this fails, an undo that three people approved looks like tampering."""
    desk = written.desk
    with open_ledger(written.office) as ledger, open_store(written.office) as con:
        case = propose_undo(con, ledger, written.agenda, ("salah berkas", desk.clock))
        desk.case = (case.agenda, case.round, case.digest)
        for role in ("staff", "kasi", "kabid", "kadis"):
            answer = desk.answer(role, "Ajukan" if role == "staff" else "Ya")
            verdict_here = decide(ledger, desk.judging(), desk.question(role), answer)
            assert verdict_here.accepted, verdict_here.reason
        undo(con, ledger, case, (desk.clock, Separation.STRICT))
    findings = found(written.office)
    assert verdict(findings) is not Severity.WRONG, told(findings)
    assert "2 penulisan" in told(findings, Severity.OK)
    said = audit(copied(written.office, tmp_path / "bukti"))
    assert not said.wrong, said.text


def test_a_new_office_has_nothing_to_check(office: Office, tmp_path: Path) -> None:
    """If this fails, an empty folder counts as proof of something."""
    with open_ledger(office):
        pass
    assert verdict(found(office)) is not Severity.WRONG
    assert audit(copied(office, tmp_path / "bukti")).code == 2
    (tmp_path / "kosong").mkdir()
    assert audit(tmp_path / "kosong").code == 2


def test_all_faults_are_listed(signed: Desk, tmp_path: Path) -> None:
    """If this fails, an auditor mends one thing, checks again, and finds the next, for days."""
    with past_triggers(signed.office.ledger) as con:
        con.execute("update entries set payload = replace(payload, 'UJI', 'XXX') where seq in (2, 3)")
        con.execute("update entries set actor = 'lain' where seq = 12")
        con.execute("update secrets set sealed = x'00' where nip = ?", (NIP["kadis"],))
    text = wrong(signed.office, "3:AAAA-AAAA", "99:AAAA-AAAA")
    for part in ("entri 2", "entri 3", "entri 12", "kepala 3", "kepala 99", NIP["kadis"]):
        assert part in text
    said = audit(copied(signed.office, tmp_path / "bukti"), "--kepala", "3:AAAA-AAAA", "--kepala", "99:AAAA-AAAA").text
    for part in ("entri 2\n", "entri 3\n", "entri 12\n", "kepala 3 lain", "kepala 99 tidak ada"):
        assert part in said


@pytest.mark.parametrize("typed", ["57", "57:", "x:K7Q2-9XMT", "-1:K7Q2-9XMT", "57:KURANG", "57:K7Q2!9XMT"])
def test_a_head_that_can_not_be_read_is_refused(typed: str) -> None:
    """If this fails, a slip of the pen passes for a head that was compared."""
    with pytest.raises(UserError) as caught:
        typed_head(typed)
    assert caught.value.exit_code == Exit.USAGE


def test_a_head_is_read_as_people_write(signed: Desk) -> None:
    """If this fails, an auditor who types o for 0, or leaves the dash out, accuses an honest office."""
    number, letters = on_paper(signed.office).split(":")
    sloppy = letters.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    with open_ledger(signed.office) as ledger:
        digest = head(ledger)[1]
    assert not wrong(signed.office, f"{number}:{sloppy}", f"{number}:{digest}", f"{number}:{digest.upper()}")


def test_withdrawn_and_refused_rounds_are_not_written(desk: Desk, tmp_path: Path) -> None:
    """If this fails, what Kabid took back or Kadis refused can be written and nobody is told."""
    receive(desk)
    desk.sign("staff", "kasi", "kabid")
    assert desk.say("kadis", "Cabut", who="kabid").accepted
    write(desk)
    assert "tanpa Ya Kabid, Kadis" in wrong(desk.office)
    assert audit(copied(desk.office, tmp_path / "dicabut")).wrong


def test_a_round_closed_by_no(desk: Desk, tmp_path: Path) -> None:
    """If this fails, a Tidak can be overrun by a writing."""
    receive(desk)
    desk.sign("staff", "kasi", "kabid")
    assert desk.say("kadis", "Tidak", note="salah").accepted
    write(desk)
    assert "ditutup" in wrong(desk.office)
    assert "tertutup" in audit(copied(desk.office, tmp_path / "tidak")).text


def test_two_hands_are_told_where_the_office_notes_them(desk: Desk, tmp_path: Path) -> None:
    """If this fails, an office with too few people looks strict on paper."""
    desk.office.settings_file.write_text('pemisahan = "dicatat"\n')
    noted = Office(desk.office.home)
    desk.office = noted
    from office_kit.signers import add_mandate

    with open_ledger(noted) as ledger:
        add_mandate(ledger, "kabid", "kadis")
    receive(desk)
    desk.sign("staff", "kasi", "kabid")
    assert desk.say("kadis", who="kabid").accepted
    write(desk)
    findings = found(noted)
    assert verdict(findings) is not Severity.WRONG, told(findings)
    assert "DICATAT" in told(findings, Severity.WARN)
    said = audit(copied(noted, tmp_path / "bukti"))
    assert said.code == 0
    assert "DICATAT" in said.text


def test_ed25519_signatures_are_verified_again(desk: Desk) -> None:
    """If this fails, a signature copied from another decision passes for a person's own."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    with open_ledger(desk.office) as ledger:
        enrol_key(ledger, NIP["kasi"], public, NOW)
    receive(desk)
    desk.sign("staff")
    question, answer = desk.question("kasi"), desk.answer("kasi", code="")
    from dataclasses import replace

    answer = replace(answer, signature=key.sign(statement(question, answer)).hex())
    with open_ledger(desk.office) as ledger:
        assert decide(ledger, desk.judging(), question, answer).accepted
    assert not wrong(desk.office)
    rewrite(desk.office, lambda rows: rows[numbered(rows, "keputusan")[-1]][5].update(note="lain"))
    assert "tanda tangan palsu" in wrong(desk.office)


def test_secrets_without_the_office_key(signed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a copy of the ledger without its key can not be verified, or nobody says what was left out."""
    signed.office.key_file.unlink()
    findings = found(Office(signed.office.home))
    assert verdict(findings) is Severity.WARN
    assert "kunci kantor tidak ada" in told(findings)


def test_runs_against_the_ledger(desk: Desk) -> None:
    """If this fails, a run that somebody set to Completed hides a batch that nobody wrote."""
    receive(desk)
    assert "Completed tanpa penulisan" in wrong(desk.office, runs=COMPLETED)
    assert "Completed tanpa penulisan" in wrong(desk.office, runs=[*COMPLETED, (AGENDA, "Suspended")])
    for runs, said in (([], "tanpa run"), ([(AGENDA, "Failed")], "run berakhir Failed"),
                       ([(AGENDA, "Cancelled"), (AGENDA, "Crashed")], "Cancelled, Crashed")):  # fmt: skip
        findings = found(desk.office, runs=runs)
        assert said in told(findings, Severity.WARN)
        assert verdict(findings) is Severity.WARN
    assert "sinkron recover" not in told(found(desk.office, runs=[(AGENDA, "Suspended")]))
    assert "tidak ada di Buku Agenda" in told(found(desk.office, runs=[("2026-0099", "Completed")]))
    assert "tidak diperiksa" in told(found(desk.office))


def test_a_run_that_received_the_batch_itself(desk: Desk) -> None:
    """If this fails, every batch started in the Prefect UI looks as if its run were lost."""
    with open_ledger(desk.office) as ledger, writing(ledger):
        append(ledger, NOW, (Kind.RECEIVED, AGENDA, "sinkron"), {"files": [], "origin": "run:abc"})
    assert "tanpa run" not in told(found(desk.office, runs=[("run:abc", "Suspended")]))
    assert "Completed tanpa penulisan" in wrong(desk.office, runs=[("run:abc", "Completed")])


def test_states_from_the_database_of_a_killed_server(tmp_path: Path) -> None:
    """If this fails, the newest states, which lie in the log of a killed server, are not seen."""
    home = tmp_path / "prefect"
    home.mkdir()
    script = f"""
import os, sqlite3
con = sqlite3.connect({str(home / "prefect.db")!r})
con.execute("pragma journal_mode = wal")
con.execute("create table flow_run (id text, parameters text, tags text, state_name text)")
con.execute("insert into flow_run values ('a', '{{\\"agenda\\": \\"2026-0001\\"}}', '[]', 'Completed')")
con.execute("insert into flow_run values ('b', '{{}}', '[\\"agenda:2026-0002\\"]', 'Suspended')")
con.execute("insert into flow_run values ('c', '{{}}', null, null)")
con.commit()
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    assert (home / "prefect.db-wal").stat().st_size
    states = [("2026-0001", "Completed"), ("2026-0002", "Suspended"), ("run:c", "None")]
    assert from_database(home / "prefect.db") == states
    assert from_database(home / "tidak-ada.db") is None
    (home / "rusak.db").write_bytes(b"bukan basis data" * 99)
    assert from_database(home / "rusak.db") is None


def test_the_store_may_be_absent_or_locked_away(written: Batch, tmp_path: Path) -> None:
    """If this fails, `sinkron verify` ends in a crash just when something is lost."""
    office = written.office
    office.key_file.rename(tmp_path / "kunci")
    assert "store tidak dibandingkan" in told(found(Office(office.home)), Severity.WARN)
    (tmp_path / "kunci").rename(office.key_file)
    office.store.rename(tmp_path / "store")
    assert "store hilang" in wrong(office)
    office.store.write_bytes(os.urandom(4096))
    assert "store.duckdb" in wrong(office)


def test_writing_before_the_ledger_knows_is_told(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a crash between store and ledger looks like a forgery, or like nothing."""
    batch.sign()
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        case = Case(batch.agenda, 1, batch.digest)
        with monkeypatch.context() as dying:
            dying.setattr("tasks.write.apply.record_written", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):  # between store and ledger
                apply(con, ledger, case, (batch.desk.clock, Separation.STRICT))
    assert "belum tercatat di Buku Agenda; jalankan sinkron recover" in told(found(batch.office), Severity.WARN)
    assert not wrong(batch.office)


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


def test_an_office_at_work_is_not_accused(signed: Desk, tmp_path: Path) -> None:
    """If this fails, verifying during working hours finds forgeries that are none."""
    script = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office
office = Office(Path(sys.argv[1]))
for number in range(120):
    with open_ledger(office) as con, writing(con):
        append(con, datetime.now(UTC), (Kind.PUBLISHED, "", "sinkron"), {"no": number})
"""
    worker = subprocess.Popen([sys.executable, "-c", script, signed.office.home])
    looked = 0
    while worker.poll() is None:
        findings = [f for f in found(signed.office) if f.check is not Check.STORE]
        assert verdict(findings) is not Severity.WRONG, told(findings)
        looked += 1
    assert looked > 1
    assert worker.returncode == 0


def test_a_journal_left_by_a_killed_writer(signed: Desk) -> None:
    """If this fails, `sinkron verify` reads half a transaction, or refuses, after a power cut."""
    script = f"""
import os, sqlite3
con = sqlite3.connect({str(signed.office.ledger)!r}, isolation_level=None)
con.execute("pragma cache_size = 1")
con.execute("begin immediate")
con.execute("create table besar (x)")
con.executemany("insert into besar values (?)", [("x" * 900,)] * 500)
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    assert Path(f"{signed.office.ledger}-journal").exists()
    assert not wrong(signed.office)


def test_letters_and_file_code_are_one_alphabet(signed: Desk, tmp_path: Path) -> None:
    """If this fails, the letters that Sinkron prints are not those that the auditor's verifier computes."""
    folder = copied(signed.office, tmp_path / "bukti")
    with sqlite3.connect(folder / "ledger.sqlite") as con:
        heads = con.execute("select seq, hash from entries").fetchall()
    con.close()
    given = [part for seq, digest in heads for part in ("--kepala", f"{seq}:{file_code(digest)}")]
    assert audit(folder, *given).code == 0
