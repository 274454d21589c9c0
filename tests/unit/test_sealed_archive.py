"""Originals lie sealed under their batch's own key: read everywhere, worthless without it, and no byte changes."""

import secrets
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from office_kit.files import archived, write_csv, write_letter
from office_kit.receiving import receipt_of
from office_kit.residents import resident
from office_kit.signers import NIP, NOW, Desk, staff_an_office
from office_kit.small import ROWS, Batch

from flows.cli import main
from tasks.backup import backup, restore
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.load import load
from tasks.office import Office
from tasks.private import sha256_of
from tasks.receipts import find_receipt
from tasks.receive import receive
from tasks.retention.keys import new_key
from tasks.retention.originals import keep, names, original, sealed_name
from tasks.retention.sealed import MARK, PIECE, SALT, TAG, seal, unseal
from tasks.store import open_store

HEAD = len(MARK) + SALT


def sealed(folder: Path, content: bytes) -> tuple[Path, tuple[bytes, str]]:
    plain, target, secret = folder / "asal", folder / "01.csv.terkunci", (new_key(), "01.csv")
    plain.write_bytes(content)
    seal(plain, target, secret)
    return target, secret


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 5])
def test_any_size_comes_back(tmp_path: Path, size: int) -> None:
    """If this fails, an original of that size is lost the moment it is archived."""
    content = secrets.token_bytes(size)
    target, secret = sealed(tmp_path, content)
    unseal(target, tmp_path / "lagi", secret)
    assert (tmp_path / "lagi").read_bytes() == content
    assert stat.S_IMODE((tmp_path / "lagi").stat().st_mode) == 0o600
    assert size < 16 or content not in target.read_bytes()


def changed(raw: bytes, how: str) -> bytes:
    """What somebody without the key can do to a sealed file of three pieces."""
    piece = PIECE + TAG
    first, second, last = raw[HEAD : HEAD + piece], raw[HEAD + piece : HEAD + 2 * piece], raw[HEAD + 2 * piece :]
    made = {
        "swapped": raw[:HEAD] + second + first + last, "left out": raw[:HEAD] + first + last,
        "cut at a piece": raw[: HEAD + 2 * piece], "cut inside": raw[:-3], "doubled": raw[:HEAD] + first + raw[HEAD:],
        "longer": raw + b"x", "empty": b"", "head alone": raw[:HEAD], "plain": b"NIK\n", "other salt": bytes(HEAD),
    }  # fmt: skip
    return made[how] if how in made else raw[: int(how)] + bytes([raw[int(how)] ^ 1]) + raw[int(how) + 1 :]


@pytest.mark.parametrize(
    "how",
    ["swapped", "left out", "cut at a piece", "cut inside", "doubled", "longer", "empty", "head alone", "plain",
     "other salt", "0", str(len(MARK) + 2), str(HEAD), str(HEAD + PIECE + 3), "-1"],
)  # fmt: skip
def test_every_change_is_noticed(tmp_path: Path, how: str) -> None:
    """If this fails, the office works on another extract than the centre sent, and nobody sees it."""
    target, secret = sealed(tmp_path, secrets.token_bytes(2 * PIECE + 9))
    raw = target.read_bytes()
    at = str(len(raw) - 1) if how == "-1" else how
    target.write_bytes(changed(raw, at))
    with pytest.raises(UserError, match="arsip berubah, atau kunci agendanya lain") as caught:
        unseal(target, tmp_path / "lagi", secret)
    assert caught.value.exit_code is Exit.FILE
    assert not (tmp_path / "lagi").exists()


def test_another_key_or_name_opens_nothing(tmp_path: Path) -> None:
    """If this fails, one batch's key opens another's archive, or two files of a batch can be exchanged."""
    target, (key, name) = sealed(tmp_path, b"isi")
    for secret in ((new_key(), name), (key, "02.csv")):
        with pytest.raises(UserError):
            unseal(target, tmp_path / "lagi", secret)
    once = target.read_bytes()
    seal(tmp_path / "asal", tmp_path / "lain", (key, name))
    assert (tmp_path / "lain").read_bytes()[HEAD:] != once[HEAD:]  # the same file twice tells nobody that it is


def test_no_plain_original_stays_in_the_office(office: Office) -> None:
    """If this fails, whoever gets the disk, or a backup, reads the centre's extract without any key."""
    letter = write_letter(office.inbox / "surat.json", {"a.csv": {"jumlah": 1}}, perihal="a.n. UJI COBA RAHASIA")
    receipt = receive(office, [write_csv(office.inbox / "a.csv", [resident(0)])], letter, (NOW, "inbox"))
    with open_store(office) as con:
        load(con, office, receipt)
    for path in office.home.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert str(resident(0)["NIK"]).encode() not in raw, path
            assert b"UJI COBA RAHASIA" not in raw, path
    assert names(office, receipt.agenda) == ["01.csv", "surat.json"]
    assert b"UJI COBA RAHASIA" in archived(office, receipt.agenda, "surat.json")
    assert list(office.scratch.iterdir()) == []


def test_a_backup_brings_back_what_it_holds(office: Office, tmp_path: Path) -> None:
    """If this fails, a lost disk takes all originals along although there was a backup."""
    staff_an_office(office)
    receipt, target, now = receipt_of(office), tmp_path / "cadangan.zip", datetime.now(UTC)
    backup(office, target, now)
    other = Office(tmp_path / "baru")
    other.create()
    other.key_file.write_text(office.key_file.read_text())
    restore(Office(other.home), target, now)
    assert archived(other, receipt.agenda, "01.csv") == archived(office, receipt.agenda, "01.csv")
    assert {stat.S_IMODE(path.stat().st_mode) for path in other.batch_keys.iterdir()} == {0o600}
    assert stat.S_IMODE(other.batch_keys.stat().st_mode) == 0o700


def test_archives_of_before_are_read_as_they_are(office: Office) -> None:
    """If this fails, the batches in progress on the day of the update stop at their next step."""
    receipt = receipt_of(office)
    folder, content = office.archive / receipt.agenda, archived(office, receipt.agenda, "01.csv")
    shutil.rmtree(folder)
    shutil.rmtree(office.batch_keys)
    folder.mkdir(mode=0o700)
    (folder / "01.csv").write_bytes(content)
    with open_store(office) as con:
        assert load(con, office, receipt)["loaded"] == 2
    (office.desk / "lembar.xlsx").write_bytes(b"lembar")
    keep(office, receipt.agenda, office.desk / "lembar.xlsx", "lembar-kerja-1.xlsx")
    assert archived(office, receipt.agenda, "lembar-kerja-1.xlsx") == b"lembar"
    assert names(office, receipt.agenda) == ["01.csv", "lembar-kerja-1.xlsx"]


def test_a_plain_copy_is_gone_when_it_was_read(office: Office) -> None:
    """If this fails, every reading leaves the extract in plain in scratch/."""
    receipt = receipt_of(office)
    at = sealed_name(office.archive / receipt.agenda, "01.csv").stat().st_mtime
    with original(office, receipt.agenda, "01.csv") as path:
        assert path.is_relative_to(office.scratch)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.stat().st_mtime == pytest.approx(at)
    assert not path.exists()


def test_originals_come_out_for_a_person_who_says_why(
    batch: Batch, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, an auditor can not compare the centre's file with its hash, or anybody can take it."""
    office, now = batch.office, datetime.now(UTC)
    monkeypatch.setenv("SINKRON_HOME", str(office.home))
    asked = ["originals", batch.agenda, "--ke", str(tmp_path / "asal"), "--nip", NIP["kasi"], "--alasan", "diminta BPK"]
    assert main([*asked, "--kode", "000000"]) == Exit.IDENTITY
    assert not (tmp_path / "asal").exists()
    code = Desk(office, batch.desk.secrets).code("kasi", now)
    assert main([*asked, "--kode", code]) == Exit.OK
    with open_ledger(office) as ledger:
        facts = find_receipt(ledger, batch.agenda).files[0]
        told = [(one.payload["what"], bool(one.payload["refused"])) for one in entries(ledger, kind=Kind.OPENED)]
        assert told == [("berkas asal", True), ("berkas asal", False)]
    assert sha256_of(tmp_path / "asal" / facts["archived"]) == facts["sha256"]
    said = capsys.readouterr().out
    assert f"utuh  {facts['archived']}" in said
    assert not any(str(row["NAMA_LGKP"]) in said for row in ROWS)
    assert main(["originals", batch.agenda]) == Exit.USAGE
    assert main(["originals", "--salin-kunci"]) == Exit.USAGE
