"""`sinkron verify`: everything that contradicts itself is listed, and an honest office is told that it is right."""

import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from office_kit.auditor import audit, copied, found, on_paper, receive, told, write, wrong
from office_kit.forger import numbered, past_triggers, rewrite
from office_kit.signers import AGENDA, NIP, NOW, Desk
from office_kit.small import Batch

from expectations.approvals import Separation
from tasks.approvals.case import file_code
from tasks.approvals.decide import decide, statement
from tasks.approvals.people import enrol_key
from tasks.errors import Exit, UserError
from tasks.evidence.findings import Severity
from tasks.evidence.heads import typed_head
from tasks.evidence.verify import verdict
from tasks.ledger import Kind, append, head, open_ledger, writing
from tasks.office import Office
from tasks.store import open_store
from tasks.write.undo import propose_undo, undo

COMPLETED = [(AGENDA, "Completed")]


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


def test_letters_and_file_code_are_one_alphabet(signed: Desk, tmp_path: Path) -> None:
    """If this fails, the letters that Sinkron prints are not those that the auditor's verifier computes."""
    folder = copied(signed.office, tmp_path / "bukti")
    with sqlite3.connect(folder / "ledger.sqlite") as con:
        heads = con.execute("select seq, hash from entries").fetchall()
    con.close()
    given = [part for seq, digest in heads for part in ("--kepala", f"{seq}:{file_code(digest)}")]
    assert audit(folder, *given).code == 0
