"""The running office: where its files lie, and the keys that open them. Mode 0700, outside the repository's history."""

import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tasks.errors import Exit, Problem, UserError

KEY_BYTES = 32
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


@dataclass(frozen=True)
class Office:
    """All paths of one office below ``home`` (SINKRON_HOME)."""

    home: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "home", self.home.expanduser().resolve())

    inbox = property(lambda self: self.home / "inbox")
    archive = property(lambda self: self.home / "archive")
    desk = property(lambda self: self.home / "meja")  # Staff's worksheets
    rejected = property(lambda self: self.home / "rejected")
    outbox = property(lambda self: self.home / "outbox")
    published = property(lambda self: self.home / "published")
    scratch = property(lambda self: self.home / "scratch")
    store = property(lambda self: self.home / "store.duckdb")
    ledger = property(lambda self: self.home / "ledger.sqlite")
    key_file = property(lambda self: self.home / "keys" / "office.key")

    def create(self) -> None:
        """Makes folders (0700) and the office key (0600) when they do not exist yet. Never overwrites."""
        folders = (self.inbox, self.archive, self.desk, self.rejected, self.outbox, self.published, self.scratch)
        for folder in (self.home, self.key_file.parent, *folders):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(PRIVATE_FOLDER)
        if not self.key_file.exists():
            self._write_new_key()

    def _write_new_key(self) -> None:
        if self.store.exists() or self.ledger.exists():
            raise UserError(Exit.OFFICE, _key_problem(self.key_file, "kunci hilang, data ada"))
        handle = os.open(self.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))

    @cached_property
    def _master_key(self) -> bytes:
        from_environment = os.environ.get("SINKRON_KEY")
        if from_environment:
            text = from_environment
        elif not self.key_file.exists():
            raise UserError(Exit.OFFICE, _key_problem(self.key_file, "kunci kantor tidak ada"))
        elif self.key_file.stat().st_mode & 0o077 or self.key_file.parent.stat().st_mode & 0o077:
            raise UserError(Exit.OFFICE, _key_problem(self.key_file, "kunci kantor terbuka untuk orang lain"))
        else:
            text = self.key_file.read_text().strip()
        try:
            key = bytes.fromhex(text)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise UserError(Exit.OFFICE, _key_problem(self.key_file, "isi kunci bukan 64 angka heksadesimal"))
        return key

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose ("store", "totp", "pseudonym"), derived from the office key (HKDF, RFC 5869)."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"sinkron/{purpose}".encode()).derive(self._master_key)


def _key_problem(path: Path, received: str) -> Problem:
    return Problem(
        f"{path.parent.name}/{path.name}", received,
        "berkas kunci mode 0600 dalam folder mode 0700, atau variabel SINKRON_KEY",
        "pulihkan kunci dari cadangan, atau jalankan chmod 700/600",
    )  # fmt: skip
