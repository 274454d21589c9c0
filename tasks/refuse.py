"""What the office does not take lies whole in ``rejected/``, with every reason and a letter for its sender."""

import contextlib
import os
import shutil
import stat
from datetime import datetime
from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, append, open_ledger, writing
from tasks.letter import Letter, read_letter
from tasks.office import WIB, Office
from tasks.privacy import scrub
from tasks.private import copy_private, new_private, sha256_of
from tasks.returned import Refusal, returned_letter

REASONS, RETURNED = "alasan.txt", "surat-pengembalian.html"
ODD = {stat.S_IFIFO: "pipa (FIFO)", stat.S_IFDIR: "folder", stat.S_IFLNK: "tautan simbolik", stat.S_IFSOCK: "soket"}


def reject(
    office: Office,
    ledger: LedgerConnection,
    arrived: tuple[list[Path], Path | None],
    why: tuple[UserError, datetime],
) -> None:
    """Puts the whole receipt into ``rejected/`` with every reason, and records the refusal."""
    (paths, letter_path), (error, now) = arrived, why
    everything = [*paths, *([letter_path] if letter_path else [])]
    hashes = [{"name": scrub(path.name), "sha256": sha256_of(path)} for path in everything]
    letter: Letter | None = None
    with contextlib.suppress(UserError):
        letter = read_letter(letter_path) if letter_path else None
    page = returned_letter(Refusal(now, letter, hashes[: len(paths)], error.problems))
    pages = {RETURNED: page} if error.exit_code is not Exit.WORKSHEET else {}  # Staff's own workbook has no sender
    folder = _new_folder(office, now)
    try:
        for name, text in ({REASONS: f"{error}\n"} | pages).items():
            with new_private(folder / name) as written:
                written.write(text.encode())
        for number, path in enumerate(everything, start=1):
            target = folder / path.name
            copy_private(path, folder / f"{number}-{path.name}" if target.exists() else target)
        _record(ledger, now, (hashes, error.exit_code, folder))
    except BaseException:  # a full disk: what lies in the inbox stays the only copy, whole
        shutil.rmtree(folder, ignore_errors=True)
        raise
    for path in everything:
        if path.parent.resolve() == office.inbox:
            path.unlink(missing_ok=True)


def set_aside(office: Office, path: Path, now: datetime) -> None:
    """Moves what is no file (FIFO, folder, link) out of the inbox without following or opening it, and records it.

    Raises OSError when it cannot be moved.
    """
    kind = ODD.get(stat.S_IFMT(path.lstat().st_mode), "bukan berkas biasa")
    problem = Problem(path.name, f"{kind} di dalam inbox", "berkas biasa", "salin berkasnya sendiri ke inbox, atau ZIP")
    folder = _new_folder(office, now)
    path.rename(folder / (path.name if path.name != REASONS else f"1-{REASONS}"))
    with new_private(folder / REASONS) as reasons:
        reasons.write(f"{problem}\n".encode())
    with open_ledger(office) as ledger:
        _record(ledger, now, ([{"name": scrub(path.name), "sha256": ""}], Exit.FILE, folder))


def _new_folder(office: Office, now: datetime) -> Path:
    folder = office.rejected / f"{now.astimezone(WIB):%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
    folder.mkdir(mode=0o700)
    return folder


def _record(ledger: LedgerConnection, now: datetime, what: tuple[list[dict[str, str]], Exit, Path]) -> None:
    """The reasons may quote a file without headers, so they stay beside it and out of the ledger."""
    hashes, code, folder = what
    facts = {"files": hashes, "exit": int(code), "folder": folder.name}
    with writing(ledger):
        append(ledger, now, (Kind.REFUSED, "", "sinkron"), facts)
