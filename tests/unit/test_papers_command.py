"""``sinkron documents``: what lies there is what was put out, lost papers come again, a password costs a code."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from office_kit.sheets_and_minutes import finish, lay
from office_kit.signers import NIP
from office_kit.small import Batch, Opened

from flows.cli import main
from flows.paper_steps import issue_papers, issue_sheet
from tasks.approvals.case import Case
from tasks.documents import minutes as minutes_module
from tasks.documents.annex import annex_password
from tasks.documents.issue import Document, folder_of, issue, issued
from tasks.errors import Exit
from tasks.ledger import Kind, entries, open_ledger
from tasks.store import open_store


@pytest.fixture
def done(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """A written batch whose papers were never put out: the process died after the write."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    with open_store(batch.office) as con:
        finish(Opened(batch, con))
    return batch


def ask(capsys: pytest.CaptureFixture[str], batch: Batch, *more: str) -> tuple[int, list[str]]:
    code = main(["documents", batch.agenda, *more])
    said = capsys.readouterr()
    return code, (said.out + said.err).splitlines()


def masked(batch: Batch, name: str) -> Path:
    return folder_of(batch.office, batch.agenda, masked=True) / name


def test_missing_papers_are_made(done: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a crash after the write leaves the office without its Berita Acara for ever."""
    code, lines = ask(capsys, done)
    assert code == Exit.OK
    names = [line.split("/")[-1].split(",")[0] for line in lines]
    assert {f"lembar-verifikasi-{done.agenda}-r1.pdf", f"berita-acara-{done.agenda}.pdf"} <= set(names)
    assert all(line.startswith("utuh") and line.endswith("dibuat ulang") for line in lines)
    with open_ledger(done.office) as ledger:
        assert set(names) == set(issued(ledger, done.agenda))
    assert [line.endswith("dibuat ulang") for line in ask(capsys, done)[1]] == [False] * len(lines)


def test_a_changed_and_a_lost_paper(done: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a Berita Acara altered on the disk is told as whole, or overwritten without a word."""
    ask(capsys, done)
    minutes, sheet = (masked(done, f"{name}.pdf") for name in
                      (f"berita-acara-{done.agenda}", f"lembar-verifikasi-{done.agenda}-r1"))  # fmt: skip
    whole = minutes.read_bytes()
    minutes.write_bytes(whole + b" ")
    sheet.unlink()
    code, lines = ask(capsys, done)
    assert code == Exit.FINDINGS
    assert [line for line in lines if line.startswith("BERUBAH")] == [line for line in lines if minutes.name in line]
    assert next(line for line in lines if sheet.name in line).startswith("utuh")
    assert minutes.read_bytes() == whole + b" "
    minutes.unlink()
    assert ask(capsys, done)[0] == Exit.OK
    assert minutes.read_bytes() == whole
    with open_ledger(done.office) as ledger:
        put_out = [entry.payload["file"] for entry in entries(ledger, done.agenda, Kind.EXPORTED)]
    assert len(put_out) == len(set(put_out))


def test_a_lost_paper_under_another_letterhead(done: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, nobody is told that a paper made again is not the one that was signed in ink."""
    ask(capsys, done)
    masked(done, f"berita-acara-{done.agenda}.pdf").unlink()
    done.office.settings_file.write_text('[kop]\nalamat = "Jl. Baru 1"\n')
    told = [line for line in ask(capsys, done)[1] if "berita-acara" in line]
    assert [line.endswith("kantor.toml sudah lain, jadi isinya juga") for line in told] == [True]


def test_a_run_that_is_repeated_under_another_letterhead(done: Batch) -> None:
    """If this fails, a run that is repeated puts another text in the place of papers that were signed in ink."""
    case = Case(done.agenda, 1, done.digest)

    def run() -> dict[Path, bytes]:
        names = {*issue_sheet.fn(case), *issue_papers.fn(done.agenda)}
        found = [
            path for masked in (True, False) for path in folder_of(done.office, done.agenda, masked=masked).iterdir()
        ]
        assert {path.name for path in found} == names
        return {path: path.read_bytes() for path in found}

    before = run()
    assert {f"berita-acara-{done.agenda}.pdf", f"lembar-verifikasi-{done.agenda}-r1.pdf"} < {
        path.name for path in before
    }
    done.office.settings_file.write_text('[kop]\nalamat = "Jl. Baru 1"\n')
    assert run() == before
    with open_ledger(done.office) as ledger:
        assert len(entries(ledger, done.agenda, Kind.EXPORTED)) == len(before)


def test_a_lost_signed_paper_is_told(done: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the office believes that it still has the Berita Acara with the officials' signatures."""
    signed = Document(f"berita-acara-{done.agenda}-ttd.pdf", b"%PDF", masked=True)
    with open_ledger(done.office) as ledger:
        issue(done.office, ledger, (done.agenda, datetime.now(UTC)), signed).unlink()
    code, lines = ask(capsys, done)
    assert code == Exit.FINDINGS
    assert next(line for line in lines if signed.name in line).startswith("HILANG")


def test_before_the_gates(batch: Batch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the command makes papers of what nobody handed in, or none of what lies before Kasi."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    assert ask(capsys, batch) == (Exit.OK, ["Belum ada berkas: lembar verifikasi dibuat sesudah Staff mengajukan."])
    lay(batch)
    code, lines = ask(capsys, batch)
    assert (code, len(lines)) == (Exit.OK, 1)
    assert f"lembar-verifikasi-{batch.agenda}-r1.pdf" in lines[0]


def test_an_unknown_number(done: Batch, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a mistyped agenda number looks like a batch without papers."""
    assert main(["documents", "2026-0099"]) == Exit.USAGE
    assert "nomor agenda" in capsys.readouterr().err


def test_the_password_costs_a_code_and_is_recorded(
    done: Batch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the password of an annex with residents' data is told to anybody, or nobody knows to whom."""
    password = annex_password(done.office, done.agenda)
    person = ["--sandi", "--nip", NIP["kasi"], "--alasan", "dikirim ke Ditjen"]
    code, lines = ask(capsys, done, *person, "--kode", done.desk.code("kasi", datetime.now(UTC)))
    assert (code, password in "".join(lines)) == (Exit.USAGE, False)  # no annex: not so many changes
    monkeypatch.setattr(minutes_module, "ON_PAPER", 3)
    ask(capsys, done)
    code, lines = ask(capsys, done, *person, "--kode", "000000")
    assert (code, password in "".join(lines)) == (Exit.IDENTITY, False)
    code, lines = ask(capsys, done, *person, "--kode", done.desk.code("kasi", datetime.now(UTC)))
    assert (code, lines) == (Exit.OK, [f"lampiran-{done.agenda}.xlsx: {password}"])
    with open_ledger(done.office) as ledger:
        told = [(e.payload["what"], bool(e.payload["refused"])) for e in entries(ledger, done.agenda, Kind.OPENED)]
        assert told == [("sandi lampiran", True), ("sandi lampiran", False)]
