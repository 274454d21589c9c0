"""`sinkron restore`: a backup becomes the office again. Everything is checked before anything is put in place."""

import contextlib
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks import anchors
from tasks.atomic import all_or_nothing
from tasks.backup.make import ANCHORS, FOLDERS, LEDGER, SETTINGS, STORE, entry_of, schema_digest
from tasks.backup.sealed import password, unsealed
from tasks.errors import Exit, LedgerBrokenError, Problem, UserError, disk_says
from tasks.ledger import Kind, append, canonical, check_whole, entry_hash, head, verify
from tasks.migrations.store import version_of
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import copy_private, sync_folder
from tasks.steps import Summary, verify_marks
from tasks.store import LOG_SUFFIX, read_store

ACCEPT = "sinkron restore --terima-kehilangan"


@dataclass(frozen=True)
class Loss:
    """What the surviving second file knows and the backup does not hold."""

    entries: int
    marks: int
    other_past: bool  # the backup tells another history: of another office, or from before an accepted loss

    def __bool__(self) -> bool:
        return bool(self.entries or self.marks or self.other_past)


def restore(office: Office, source: Path, now: datetime, *, accept_loss: bool = False) -> Summary:
    """Puts a backup in the place of a lost office, whose key must be there. Returns what was restored.

    Summary: what the ledger says about that backup, and {made, lost_entries, lost_marks, aside, same_schema};
    ``aside``: folders that held files and were put aside under a new name. Raises UserError: OFFICE when a store or
    ledger is there, the key is another one, the disk is full, or the surviving second file knows more than the backup
    and ``accept_loss`` is False; USAGE without such a file; FILE when it is damaged; LedgerBrokenError. Then the
    office is as before.
    """
    _check_empty(office)
    if not source.is_file():
        raise UserError(Exit.USAGE, Problem(source.name, "berkas tidak ada", "berkas cadangan", "periksa nama berkas"))
    try:
        with _staged(office) as staging:
            with unsealed(source, password(office)) as sealed:
                sealed.unpack(staging)
            facts, again = sealed.facts, entry_of(sealed.facts, source, len(sealed.members))
            _check_store(office, staging, facts)
            second = _second_file(office, staging)
            ledger = _goes_on(staging, second, (facts, again), (now, accept_loss))
            aside = _put_in_place(office, staging, now)
            _note(second, ledger)
    except OSError as error:
        step = "beri tempat atau izin menulis, lalu ulangi; cadangan tidak berubah"
        problem = Problem("folder kantor", disk_says(error), "folder kantor yang dapat ditulis", step)
        raise UserError(Exit.OFFICE, problem) from None
    return ledger.told | {"aside": aside, "same_schema": facts["schema"] == schema_digest()}


@dataclass(frozen=True)
class Continued:
    """The staged ledger after its last entry: the summary told, (number, hash) of that entry, and what is lost."""

    told: Summary
    head: tuple[int, str]
    loss: Loss


def _check_empty(office: Office) -> None:
    there = [path.name for path in (office.store, _log(office), office.ledger) if path.exists()]
    if there:
        step = "pindahkan berkas itu ke folder lain (jangan dihapus), lalu ulangi; tidak ada yang ditulis"
        raise UserError(Exit.OFFICE, Problem(", ".join(there), "masih ada", "kantor tanpa store dan Buku Agenda", step))


def _log(office: Office) -> Path:
    return office.store.with_name(office.store.name + LOG_SUFFIX)


@contextlib.contextmanager
def _staged(office: Office) -> Iterator[Path]:
    """A folder on the office's own disk; what a killed restore leaves in it is swept with the rest of scratch."""
    office.scratch.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=office.scratch) as folder:
        yield Path(folder)


def _check_store(office: Office, staging: Path, facts: dict[str, Any]) -> None:
    with read_store(staging / STORE, office.key("store"), office.scratch) as con:
        version_of(con)  # one that a newer Sinkron wrote is refused here, not after it was put in place
        if verify_marks(con) != (facts["marks"], facts["mark"]):
            received, step = (
                "tanda store lain daripada daftar isi cadangan",
                "pakai cadangan lain; tidak ada yang ditulis",
            )
            raise UserError(Exit.FILE, Problem(STORE, received, "store dari saat yang sama", step))


def _second_file(office: Office, staging: Path) -> Path:
    """Where this office's anchors lie: the settings that are there go before those of the backup.

    Raises UserError (OFFICE) when they lie on another disk that is not there: what it knows could not be asked.
    """
    path = office.anchors
    if not office.settings_file.exists() and (staging / office.settings_file.name).exists():
        chosen = Office(staging).anchors
        path = office.home / chosen.relative_to(staging) if chosen.is_relative_to(staging) else chosen
    if not path.is_relative_to(office.home) and not path.parent.is_dir():
        received = "folder berkas jangkar tidak ada"
        step = "sambungkan disknya; bila ikut hilang, tulis tempat yang baru (jangkar = ...) dalam kantor.toml"
        raise UserError(Exit.OFFICE, Problem(path.name, received, "disk jangkar yang tersambung", step))
    return path


def _goes_on(
    staging: Path, second: Path, sealed: tuple[dict[str, Any], Summary], terms: tuple[datetime, bool]
) -> Continued:
    """Checks the staged ledger and lets it go on: the entry about its own backup, then that it was restored.

    The first is younger than its backup, but all of it is known: written again it has the same hash, so that a backup
    which was the last thing the office did loses nothing.
    """
    (facts, again), (now, accept_loss) = sealed, terms
    with contextlib.closing(sqlite3.connect(staging / LEDGER, isolation_level=None)) as con:
        check_whole(con)
        if verify(con) != (facts["entries"], facts["head"]):
            raise LedgerBrokenError("buku agenda dalam cadangan lain daripada daftar isinya: pakai cadangan lain")
        with all_or_nothing(con, "begin immediate"):
            if _was_next(facts, again, second):
                append(con, datetime.fromisoformat(facts["made"]), (Kind.BACKUP, "", "sinkron"), again)
            loss = _loss(con, second, (facts["marks"], facts["mark"]))
            if loss and not accept_loss:
                raise UserError(Exit.OFFICE, _lossy(facts, loss))
            told = again | {"made": facts["made"], "lost_entries": loss.entries, "lost_marks": loss.marks}
            append(con, now, (Kind.RESTORED, "", "sinkron"), told | {"other_past": loss.other_past})
        return Continued(told, head(con), loss)


def _was_next(facts: dict[str, Any], again: Summary, second: Path) -> bool:
    """Whether the entry about this backup followed it at once, as far as the second file knows."""
    number = facts["entries"] + 1
    digest = entry_hash(facts["head"], number, facts["made"], Kind.BACKUP, "", "sinkron", canonical(again))
    known = anchors.newest(second, anchors.LEDGER)
    if known is None or known.number < number:
        return True
    return any((a.number, a.hash) == (number, digest) for a in _binding(second, anchors.LEDGER))


def _loss(con: sqlite3.Connection, second: Path, store: tuple[int, str]) -> Loss:
    count = head(con)[0]
    entries, marks, other = 0, 0, False
    for noted in _binding(second, anchors.LEDGER):
        entries = max(entries, noted.number - count)
        if 0 < noted.number <= count:
            found = con.execute("select hash from entries where seq = ?", (noted.number,)).fetchone()
            other = other or found != (noted.hash,)
    for noted in _binding(second, anchors.STORE):
        marks = max(marks, noted.number - store[0])
        other = other or (noted.number == store[0] > 0 and noted.hash != store[1])
    return Loss(entries, marks, other)


def _binding(second: Path, what: str) -> list[anchors.Anchor]:
    """Lines of one name since the last accepted loss."""
    lines = [a for a in anchors.anchors(second) if a.what in {what, anchors.RESTORED + what}]
    since = max((at for at, a in enumerate(lines) if a.what != what), default=0)
    return lines[since:]


def _add_keys(brought: Path, place: Path) -> None:
    """Keys of batches join those that are there: what a backup of another day does not hold is not taken away."""
    for path in sorted(brought.glob("*")):
        target = place / path.name
        if target.exists() and target.read_bytes() != path.read_bytes():  # the archive that was brought needs its own
            target.rename(place / f".tertinggal-{target.stem}-{secrets.token_hex(4)}{target.suffix}")
        path.rename(target)


def _put_in_place(office: Office, staging: Path, now: datetime) -> list[str]:
    """Renames only. The ledger comes last but one and the store last: without both the office opens nothing."""
    office.create()
    aside = []
    for name in FOLDERS:
        place = office.home / name
        if any(place.iterdir()):
            stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
            place.rename(place.with_name(f"{name}.sebelum-{stamp}"))
            aside.append(f"{name}.sebelum-{stamp}")
        elif place.exists():
            place.rmdir()
        (staging / name).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        (staging / name).rename(place)
    _add_keys(staging / office.batch_keys.name, office.batch_keys)
    for name in SETTINGS:
        if (staging / name).exists() and not (office.home / name).exists():
            (staging / name).rename(office.home / name)
    second = office.anchors
    if not second.exists() and (staging / ANCHORS).exists():
        second.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        copy_private(staging / ANCHORS, second)
    for name, place in ((LEDGER, office.ledger), (STORE, office.store)):
        (staging / name).rename(place)
    sync_folder(office.home)
    return aside


def _note(second: Path, ledger: Continued) -> None:
    """The heads of now; after an accepted loss older lines no longer bind."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    since = anchors.RESTORED if ledger.loss else ""
    anchors.note(second, anchors.Anchor(since + anchors.LEDGER, *ledger.head, at))
    if ledger.told["marks"] or since:
        anchors.note(second, anchors.Anchor(since + anchors.STORE, ledger.told["marks"], ledger.told["mark"], at))


def _lossy(facts: dict[str, Any], loss: Loss) -> Problem:
    received = f"{loss.entries} entri Buku Agenda dan {loss.marks} tanda store yang dicatat jangkar tidak termuat"
    if loss.other_past:
        received += "; riwayatnya lain daripada yang dicatat jangkar"
    return Problem(
        f"cadangan {facts['file']} ({facts['made']})", received, "cadangan yang memuat semua yang dicatat jangkar",
        f"cari cadangan yang lebih baru; bila tidak ada dan kehilangan itu diterima: {ACCEPT}; tidak ada yang ditulis",
    )  # fmt: skip
