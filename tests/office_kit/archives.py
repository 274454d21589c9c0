"""ZIP archives as they arrive, plain or locked, and how they are read: their extracts' names, or a refusal."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
import pyzipper

from office_kit.files import csv_text, settle
from office_kit.residents import resident
from tasks.errors import UserError
from tasks.office import Office
from tasks.read import Extract, read_received

PASSWORD = "rahasia-uji-kantor"  # noqa: S105 (of these tests alone)
ONE, TWO = csv_text([resident(0)]), csv_text([resident(1), resident(2)])


def zipped(path: Path, members: dict[str, str | bytes], **options: object) -> Path:
    """A settled ZIP, deflated unless told otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", **{"compression": zipfile.ZIP_DEFLATED, **options}) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return settle(path)


def locked(path: Path, members: dict[str, str], version: int = 2, password: str = PASSWORD) -> Path:
    """A settled WinZip AES archive (AE-1 keeps the CRC, AE-2 does not)."""
    options = {"compression": zipfile.ZIP_DEFLATED, "encryption": pyzipper.WZ_AES}
    with pyzipper.AESZipFile(path, "w", **options) as archive:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256, force_wz_aes_version=version)
        for name, content in members.items():
            archive.writestr(name, content)
    return settle(path)


def keep_password(office: Office, *passwords: str) -> Path:
    """Puts passwords where the office keeps its own."""
    path = office.key_file.parent / "zip-passwords.txt"
    path.write_text("\n".join(passwords) + "\n")
    path.chmod(0o600)
    return path


def refused(path: Path, *passwords: str) -> UserError:
    """The reader's refusal of a file; nothing of it stays unpacked."""
    with pytest.raises(UserError) as caught:
        read_received(path, path.parent, passwords)
    assert not [left for left in path.parent.iterdir() if left.is_dir()], "salinan tertinggal"
    return caught.value


def names(extracts: Iterable[Extract]) -> list[tuple[str, int]]:
    """Name and number of residents of each extract."""
    return [(extract.name, extract.frame.height) for extract in extracts]


def arrive(office: Office, members: dict[str, str | bytes], name: str = "kirim.zip") -> Path:
    """A ZIP in the office's inbox."""
    return zipped(office.inbox / name, members)
