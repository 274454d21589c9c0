"""The report of data that got out: what it says and leaves open, the 72 hours, and nobody's name on the terminal."""

import stat
from datetime import UTC, datetime, timedelta

import pytest
from office_kit.breaches import FOUND, LATER, made, out
from office_kit.pdf_text import pages_of, text_of
from office_kit.residents import resident
from office_kit.signers import NIP, NOW, Desk
from office_kit.small import ROWS, Batch

from expectations.columns import Privacy
from flows.cli import main
from tasks.breach.clock import due_at, found_at, left
from tasks.breach.scope import Scope, kinds_of, of_agendas, of_file
from tasks.documents.annex import annex_password
from tasks.errors import Exit, UserError
from tasks.evidence.findings import Severity
from tasks.evidence.verify import verdict, verify_office
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import WIB
from tasks.private import sha256_of


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
    capsys.readouterr()
    assert main(["breach", batch.agenda, "--since", "2025-10-06 10:00"]) == Exit.USAGE
    assert "sebelum berkasnya diterima" in capsys.readouterr().err
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
        told = [(e.payload["what"], bool(e.payload["refused"])) for e in entries(ledger, done.number, Kind.OPENED)]
        assert told == [("sandi lampiran", True), ("sandi lampiran", False)]
    assert main(["breach", "--sandi", "INS-2026-0099", "--nip", NIP["kasi"], "--alasan", "x"]) == Exit.USAGE
