"""Step 2 begins: a received file becomes rows of text. No row is lost, no value is guessed.

``read_received`` is the door for what arrives, ``read_extract`` for one known file; a ZIP holds several extracts.
"""

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from tasks.cases.layout import is_case_workbook
from tasks.errors import Exit, Problem, UserError
from tasks.private import copy_private, sha256_of
from tasks.read.anomalies import file_anomalies
from tasks.read.archive import Archive, base_name, is_system_file, open_archive, shown
from tasks.read.dbf import read_dbf
from tasks.read.extract import Anomaly, Extract
from tasks.read.footnotes import without_footnotes
from tasks.read.text import read_text
from tasks.read.workbook import read_workbook

T = TypeVar("T")
READERS = {".csv": read_text, ".tsv": read_text, ".txt": read_text, ".xlsx": read_workbook, ".xls": read_workbook,
           ".dbf": read_dbf}  # fmt: skip
ARCHIVE = ".zip"
ACCEPTED = (*READERS, ARCHIVE)
DISGUISES = {  # first bytes -> what a file of another name really is
    b"PK\x03\x04": "berkas ZIP atau XLSX", b"PK\x05\x06": "berkas ZIP kosong",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "buku kerja Excel lama (XLS) atau berkas Office terenkripsi",
    b"%PDF": "dokumen PDF", b"\x1f\x8b": "berkas GZIP", b"Rar!": "berkas RAR", b"7z\xbc\xaf": "berkas 7-Zip",
}  # fmt: skip
CONTAINERS = (".xlsx", ".xls", ".zip")  # their readers look themselves
LONGEST_MARK = max(len(mark) for mark in DISGUISES)


@dataclass(frozen=True)
class Received:
    """One extract of a received file. ``member``: its name inside the ZIP, or None; the hash is of its own bytes."""

    extract: Extract
    member: str | None
    content_sha256: str


class Findings:
    """Problems collected before anything is refused. The first kind gives the exit code."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.codes: list[Exit] = []

    def note(self, code: Exit, *problems: Problem) -> None:
        """Keeps problems of one kind."""
        self.codes += [code] * bool(problems)
        self.problems += problems

    def collect(self, read: Callable[[], T]) -> T | None:
        """What ``read`` returns, or None after its problems were noted."""
        try:
            return read()
        except UserError as error:
            self.note(error.exit_code, *error.problems)
            return None

    def refuse(self) -> None:
        """Raises UserError with all problems, if there are any."""
        if self.problems:
            raise UserError(self.codes[0], *self.problems)


def read_received(path: Path, scratch: Path, passwords: tuple[str, ...] = ()) -> list[Received]:
    """Reads a file completely: one extract, or one per data file of a ZIP.

    ``scratch`` is a private folder for inflated and re-encoded copies, removed before returning. Raises UserError
    with every problem of the file at once (exit code FILE or COLUMNS); then nothing of the file is loaded. A file of
    headers alone is an extract without rows: whether the sender means that, its letter says (``tasks.letter``).
    """
    if is_case_workbook(path):
        from tasks.cases.read import read_cases  # reads rows as every reader here does

        return read_cases(path)
    if path.suffix.lower() != ARCHIVE:
        return [Received(_read_plain(path, scratch), None, sha256_of(path))]
    _check_looks(path)
    found = Findings()
    with open_archive(path, scratch, passwords) as archive:
        read = [found.collect(functools.partial(_read_member, archive, name, path, scratch)) for name in archive.names]
        skipped = archive.skipped
    found.refuse()
    members = [member for member in read if member]
    if skipped:
        told = f"anggota ZIP yang bukan data dilewati: {', '.join(map(shown, skipped))}"
        first = members[0]
        anomalies = (*first.extract.anomalies, Anomaly("BRK-06", len(skipped), told))
        members[0] = replace(first, extract=replace(first.extract, anomalies=anomalies))
    return members


def read_extract(path: Path, scratch: Path, member: str | None = None, passwords: tuple[str, ...] = ()) -> Extract:
    """One extract: the file's only one, or the ``member`` of a ZIP.

    Raises UserError as ``read_received`` does, and for a file of headers alone.
    """
    received = read_received(path, scratch, passwords)
    chosen = [r.extract for r in received if member is None or r.member == member]
    if len(chosen) != 1:
        names = ", ".join(shown(r.member or "") for r in received)
        problem = Problem(path.name, f"ZIP memuat {len(received)} berkas data", "satu berkas data", f"pilih: {names}")
        raise UserError(Exit.FILE, problem)
    if chosen[0].frame.height == 0:
        raise UserError(Exit.FILE, _nothing_readable(path.name))
    return chosen[0]


def _read_member(archive: Archive, name: str, path: Path, scratch: Path) -> Received:
    """One member of a ZIP under the name people know it by: ``berkas.zip/anggota.csv``."""
    full = f"{path.name}/{shown(name)}"
    _check_suffix(base_name(name), full)
    member = archive.inflate(name)
    try:
        return Received(_read_as(member.path, full, scratch), name, member.sha256)
    finally:
        member.path.unlink(missing_ok=True)


def _read_plain(path: Path, scratch: Path) -> Extract:
    """A file by its own name; one whose name is no text, which most readers cannot open, from a private copy."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        _check_suffix(path.name, path.name)
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            copy_private(path, Path(folder) / f"berkas{path.suffix}")
            return _read_as(Path(folder) / f"berkas{path.suffix}", path.name, scratch)
    return _read_one(path, scratch)


def _read_as(path: Path, name: str, scratch: Path) -> Extract:
    """A private copy, known to people by another name."""
    try:
        return replace(_read_one(path, scratch), name=name)
    except UserError as error:
        raise UserError(error.exit_code, *(_renamed(p, path.name, name) for p in error.problems)) from None


def _renamed(problem: Problem, inner: str, full: str) -> Problem:
    texts = (problem.place, problem.received, problem.allowed, problem.next_step)
    return Problem(*(text.replace(inner, full) for text in texts))


def _read_one(path: Path, scratch: Path) -> Extract:
    _check_suffix(path.name, path.name)
    _check_looks(path)
    extract = without_footnotes(READERS[path.suffix.lower()](path, scratch))
    extract.check_conservation()
    if extract.frame.height == 0 < extract.received:
        raise UserError(Exit.FILE, _nothing_readable(path.name))
    return replace(extract, anomalies=(*extract.anomalies, *file_anomalies(extract)))


def _nothing_readable(name: str) -> Problem:
    received, allowed = "tidak ada baris data yang dapat dibaca", "sekurangnya satu baris"
    return Problem(name, received, allowed, "periksa isi berkas, minta kirim ulang")


def _check_suffix(name: str, place: str) -> None:
    """Raises UserError (FILE) for a kind of file that no reader knows."""
    suffix = Path(name).suffix
    if is_system_file(name):
        raise UserError(Exit.FILE, Problem(place, "berkas kunci atau berkas sistem, bukan data", ", ".join(ACCEPTED),
                                           "kirim berkas datanya, setelah ditutup di Excel"))  # fmt: skip
    if suffix.lower() not in READERS:
        raise UserError(Exit.FILE, Problem(place, f"jenis berkas {suffix or 'tanpa akhiran'}", ", ".join(ACCEPTED),
                                           "simpan sebagai CSV atau XLSX lalu kirim ulang"))  # fmt: skip


def _check_looks(path: Path) -> None:
    """Raises UserError (FILE) for an empty file, and for one whose first bytes are of another kind than its name."""
    with path.open("rb") as file:
        start = file.read(LONGEST_MARK)
    if not start:
        problem = Problem(path.name, "berkas kosong (0 byte)", "berkas berisi baris judul dan data",
                          "minta pengirim mengirim ulang")  # fmt: skip
        raise UserError(Exit.FILE, problem)
    really = next((kind for mark, kind in DISGUISES.items() if start.startswith(mark)), None)
    if really and path.suffix.lower() not in CONTAINERS:
        received, step = (
            f"sebenarnya {really}, bukan {path.suffix.lower()}",
            "simpan ulang, jangan hanya mengganti nama",
        )
        raise UserError(Exit.FILE, Problem(path.name, received, "akhiran nama sesuai isi berkas", step))


__all__ = ["ACCEPTED", "Anomaly", "Extract", "Findings", "Received", "read_extract", "read_received"]
