"""Encrypted ZIP archives: opened with the office's passwords, which lie where nobody else reads them."""

import hashlib
import struct
import zipfile
from pathlib import Path

import pytest
from office_kit.archives import ONE, PASSWORD, TWO, keep_password, locked, names, refused
from office_kit.files import archived, write
from office_kit.signers import NOW

from tasks.errors import Exit, UserError
from tasks.load import load
from tasks.office import Office
from tasks.read import read_received
from tasks.receive import Receipt, receive
from tasks.store import open_store

ABOUT = (NOW, "inbox")


@pytest.mark.parametrize("version", [1, 2])
def test_aes_zips_open_with_the_offices_password(office: Office, version: int) -> None:
    """If this fails, the office cannot take an encrypted file, or keeps its password where others read it."""
    keep_password(office, "lama", PASSWORD)
    receipt = receive(office, [locked(office.inbox / "aes.zip", {"a.csv": ONE}, version)], None, ABOUT)
    assert [facts["member"] for facts in receipt.files] == ["a.csv"]
    with open_store(office) as con:
        assert load(con, office, receipt) == {"received": 1, "loaded": 1, "rejected": 0}
    kept = b"".join(
        p.read_bytes() for p in office.home.rglob("*") if p.is_file() and p.parent != office.key_file.parent
    )
    assert PASSWORD.encode() not in kept


def zip_crypto(content: bytes, password: bytes, name: bytes = b"a.csv") -> bytes:
    """A stored member under PKWARE's old encryption (which no library still writes), by its specification."""
    keys = [305419896, 591751049, 878082192]
    table = [0] * 256
    for at in range(256):
        crc = at
        for _ in range(8):
            crc = (crc >> 1) ^ 0xEDB88320 if crc & 1 else crc >> 1
        table[at] = crc

    def feed(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 255]
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 255]

    for byte in password:
        feed(byte)
    crc = zipfile.crc32(content)
    out = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + content:
        mask = keys[2] | 2
        out.append(byte ^ ((mask * (mask ^ 1)) >> 8) & 255)
        feed(byte)
    common = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 33, crc, len(out), len(content), len(name), 0)
    local = b"PK\3\4" + common + name + bytes(out)
    central = b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def test_old_zip_encryption_is_read(tmp_path: Path) -> None:
    """If this fails, a ZIP that Windows' own sender encrypted cannot be received."""
    path = write(tmp_path / "lama.zip", zip_crypto(ONE.encode(), PASSWORD.encode()))
    assert names([r.extract for r in read_received(path, tmp_path, ("salah", PASSWORD))]) == [("lama.zip/a.csv", 1)]


def test_a_wrong_password_that_passes_the_quick_check(tmp_path: Path) -> None:
    """If this fails, one wrong password in 256 turns a good file into a damaged one: its check is a single byte."""
    path = write(tmp_path / "lama.zip", zip_crypto(ONE.encode(), PASSWORD.encode()))
    with zipfile.ZipFile(path) as archive:
        passing = [f"salah{n}" for n in range(3000) if _passes(archive, f"salah{n}".encode())][:4]
    assert passing
    assert names([r.extract for r in read_received(path, tmp_path, (*passing, PASSWORD))]) == [("lama.zip/a.csv", 1)]
    assert "rusak" in str(refused(path, *passing))


def _passes(archive: zipfile.ZipFile, password: bytes) -> bool:
    try:
        archive.open("a.csv", pwd=password).close()
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("passwords", [(), ("salah", "juga salah")])
def test_without_the_password_nothing_is_received(tmp_path: Path, passwords: tuple[str, ...]) -> None:
    """If this fails, an encrypted file ends in a traceback, or a message prints the office's passwords."""
    error = refused(locked(tmp_path / "aes.zip", {"a.csv": ONE, "b.csv": TWO}), *passwords)
    assert error.exit_code is Exit.FILE
    assert [problem.place for problem in error.problems] == ["aes.zip/a.csv", "aes.zip/b.csv"]
    assert "kata sandi" in str(error)
    assert "salah" not in str(error)


@pytest.mark.parametrize("loose", ["file", "folder"])
def test_passwords_others_can_read_are_not_used(office: Office, loose: str) -> None:
    """If this fails, the password of the centre's files lies open to everybody on the machine, unnoticed."""
    kept = keep_password(office, PASSWORD)
    (kept if loose == "file" else kept.parent).chmod(0o644 if loose == "file" else 0o755)
    path = locked(office.inbox / "aes.zip", {"a.csv": ONE})
    with pytest.raises(UserError) as caught:
        receive(office, [path], None, ABOUT)
    assert caught.value.exit_code is Exit.OFFICE
    assert path.exists(), "bukan salah pengirim: berkas tidak dikembalikan"
    assert PASSWORD not in str(caught.value)


def test_passwords_may_lie_elsewhere(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, an office whose secrets are mounted elsewhere cannot open encrypted files."""
    folder = tmp_path / "rahasia"
    folder.mkdir(mode=0o700)
    (folder / "zip.txt").write_text(PASSWORD)
    (folder / "zip.txt").chmod(0o600)
    monkeypatch.setenv("SINKRON_ZIP_PASSWORDS_FILE", str(folder / "zip.txt"))
    path = locked(office.inbox / "aes.zip", {"a.csv": ONE})
    assert receive(office, [path], None, ABOUT).agenda == "2026-0001"
    monkeypatch.setenv("SINKRON_ZIP_PASSWORDS_FILE", str(folder / "tidak-ada.txt"))
    with pytest.raises(UserError) as caught:
        receive(office, [locked(office.inbox / "b.zip", {"b.csv": TWO})], None, ABOUT)
    assert caught.value.exit_code is Exit.OFFICE


def test_the_password_may_be_lost_before_loading(office: Office) -> None:
    """If this fails, a removed password file ends the run in a traceback instead of saying what is missing."""
    kept = keep_password(office, PASSWORD)
    receipt: Receipt = receive(office, [locked(office.inbox / "aes.zip", {"a.csv": ONE})], None, ABOUT)
    assert receipt.files[0]["content_sha256"] != receipt.files[0]["sha256"]
    assert receipt.files[0]["sha256"] == hashlib.sha256(archived(office, receipt.agenda, "01.zip")).hexdigest()
    kept.unlink()
    with open_store(office) as con, pytest.raises(UserError) as caught:
        load(con, office, receipt)
    assert "kata sandi" in str(caught.value)
