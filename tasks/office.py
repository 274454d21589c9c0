"""The running office: where its files lie, and the keys that open them. Mode 0700, outside the repository's history."""

import os
import re
import secrets
import shutil
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from expectations.approvals import Separation
from expectations.thresholds import DEFAULTS, checked
from tasks.errors import Exit, Problem, UserError
from tasks.office_settings import OfficeSettings, read_settings
from tasks.toml_file import read_toml

WIB = ZoneInfo("Asia/Jakarta")  # the office's clock: its days and years begin at midnight in Mojokerto
KEY_BYTES = 32
KEY_VARIABLE = "SINKRON_KEY"  # 64 hexadecimal digits; else the key file
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
STAGING = ".masuk-"  # a receipt on its way into the archive
LEFTOVER_SECONDS = 7200.0  # older than any step takes and waits
AGENDA = re.compile(r"[0-9]{4}-[0-9]{4,9}(-[UP][0-9]{1,3})?")  # -U1, -P1: the first request to undo, to destroy it


class Office:
    """All paths of one office below ``home`` (SINKRON_HOME), and its keys."""

    def __init__(self, home: Path) -> None:
        self.home = home.expanduser().resolve()
        self.inbox = self.home / "inbox"
        self.archive = self.home / "archive"  # originals, one folder per agenda number
        self.desk = self.home / "meja"  # Staff's worksheets
        self.rejected = self.home / "rejected"
        self.outbox = self.home / "outbox"  # unmasked lists for their receivers, one folder per agenda number
        self.published = self.home / "published"
        self.reports = self.home / "laporan"  # validation reports, one HTML file per agenda number
        self.documents = self.home / "dokumen"  # masked papers, one folder per agenda number
        self.packs = self.home / "bukti"  # evidence packs
        self.scratch = self.home / "scratch"
        self.batch_keys = self.home / "kunci-agenda"  # one key per batch for its archive
        self.store = self.home / "store.duckdb"
        self.ledger = self.home / "ledger.sqlite"
        self.key_file = self.home / "keys" / "office.key"
        self.settings_file = self.home / "kantor.toml"
        self.calendar_file = self.home / "kalender.csv"  # the office's own days off and on

    def create(self) -> None:
        """Makes folders (0700) and the office key (0600) when they do not exist yet. Never overwrites."""
        work = (self.inbox, self.archive, self.desk, self.rejected)
        results = (self.outbox, self.published, self.reports, self.documents, self.packs, self.scratch)
        for folder in (self.home, self.key_file.parent, self.batch_keys, *work, *results):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(PRIVATE_FOLDER)
        if not self.key_file.exists() and not os.environ.get(KEY_VARIABLE):
            self._write_new_key()

    def sweep(self, now: float) -> int:
        """Removes what killed processes left half made: plain copies in scratch, receipts on their way. How many."""
        halves = [*self.scratch.glob("tmp*"), *self.archive.glob(f"{STAGING}*")]
        old = [path for path in halves if now - path.lstat().st_mtime > LEFTOVER_SECONDS]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return len(old)

    def _write_new_key(self) -> None:
        if self.store.exists() or self.ledger.exists():
            raise UserError(Exit.OFFICE, _key_problem(self.key_file, "kunci hilang, data ada"))
        handle = os.open(self.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))

    @cached_property
    def _master_key(self) -> bytes:
        from_environment = os.environ.get(KEY_VARIABLE)
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

    def thresholds(self) -> dict[str, int]:
        """The thresholds of rules: the Kabid's in ``ambang.toml``, else the catalogue's. Raises UserError (OFFICE)."""
        path = self.home / "ambang.toml"
        return read_thresholds(path) if os.path.lexists(path) else dict(DEFAULTS)

    @property
    def settings(self) -> OfficeSettings:
        """The office's own choices (kantor.toml). Raises UserError (OFFICE) with all faults of the file."""
        return read_settings(self.settings_file)

    @property
    def anchors(self) -> Path:
        """The second file, where heads of ledger and store are noted; better on another disk (kantor.toml)."""
        return Path(self.settings.jangkar) if self.settings.jangkar else self.home / "jangkar/kepala.log"

    def separation(self) -> Separation:
        """Whether one person may hold two hands of one batch (kantor.toml, ``pemisahan``). Default: never."""
        return self.settings.pemisahan

    def report(self, agenda: str) -> Path:
        """The validation report of an agenda number. Raises ValueError for what is none: it becomes a file name."""
        if not AGENDA.fullmatch(agenda):
            raise ValueError("bukan nomor agenda")
        return self.reports / f"{agenda}.html"

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose ("store", "totp", "pseudonym"), derived from the office key (HKDF, RFC 5869)."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"sinkron/{purpose}".encode()).derive(self._master_key)


def read_thresholds(path: Path) -> dict[str, int]:
    """A file of thresholds (TOML, name = whole number) over the defaults. Raises UserError (OFFICE) with all faults."""
    values, wrong = checked(read_toml(path))
    if wrong:
        allowed, step = "nama = bilangan, lihat docs/catalogue.md", "perbaiki baris itu"
        raise UserError(Exit.OFFICE, *(Problem(path.name, received, allowed, step) for received in wrong))
    return values


def _key_problem(path: Path, received: str) -> Problem:
    return Problem(
        f"{path.parent.name}/{path.name}", received,
        "berkas kunci mode 0600 dalam folder mode 0700, atau variabel SINKRON_KEY",
        "pulihkan kunci dari salinannya (tidak ada dalam cadangan), atau jalankan chmod 700/600",
    )  # fmt: skip
