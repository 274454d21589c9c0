"""Watches the inbox: a letter with all its files, or a file that waited long enough for a letter, becomes a run."""

import logging
import time
from datetime import UTC, datetime
from pathlib import Path

from flows.rest import Api
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.letter import looks_like_letter, read_letter
from tasks.office import Office
from tasks.receive import PARTIAL_SUFFIXES, receive

LOG = logging.getLogger("sinkron.inbox")
TICK_SECONDS = 1.0
LETTER_GRACE_SECONDS = 60.0  # how long a file waits for its letter before it is received alone


def watch(office: Office, api: Api) -> None:
    """Never returns. Open receipts get their run again first, so nothing received before a crash is forgotten."""
    while True:
        try:
            _start_open_receipts(office, api)
            break
        except Exception as error:  # noqa: BLE001 (the server may still be registering the deployment)
            LOG.info("menunggu server: %s", type(error).__name__)
            time.sleep(TICK_SECONDS)
    while True:
        try:
            tick(office, api, time.time())
        except Exception as error:  # noqa: BLE001 (a watcher that dies is a silent inbox)
            LOG.error("pemantau inbox: %s", type(error).__name__)  # noqa: TRY400 (a traceback may quote data)
        time.sleep(TICK_SECONDS)


def tick(office: Office, api: Api, now: float) -> list[str]:
    """One look at the inbox; returns the agenda numbers received."""
    received = []
    for paths, letter in _groups(office.inbox, now):
        try:
            agenda = receive(office, paths, letter, (datetime.now(UTC), "inbox")).agenda
        except UserError as error:
            if error.exit_code is not Exit.STILL_WRITING:
                LOG.warning("penerimaan ditolak (kode %d): lihat folder rejected/", error.exit_code)
            continue
        api.start(agenda)
        received.append(agenda)
    return received


def _groups(inbox: Path, now: float) -> list[tuple[list[Path], Path | None]]:
    """What belongs together: each letter with all files it names, then files nobody names that waited long enough."""
    present = {path.name: path for path in sorted(inbox.iterdir()) if path.is_file() and _finished_name(path.name)}
    letters = [path for path in present.values() if looks_like_letter(path)]
    groups: list[tuple[list[Path], Path | None]] = []
    named: set[str] = set()
    for letter in letters:
        try:
            names = list(read_letter(letter).totals)
        except UserError:
            names = []  # receive() refuses the letter and says why
        named.update(names)
        if all(name in present for name in names):
            groups.append(([present[name] for name in names], letter))
    for name, path in present.items():
        if path not in letters and name not in named and now - path.stat().st_mtime > LETTER_GRACE_SECONDS:
            groups.append(([path], None))
    return groups


def _finished_name(name: str) -> bool:
    return not name.startswith((".", "~$")) and not name.lower().endswith(PARTIAL_SUFFIXES)


def _start_open_receipts(office: Office, api: Api) -> None:
    with open_ledger(office.ledger) as ledger:
        written = {entry.batch for entry in entries(ledger, kind=Kind.WRITTEN)}
        waiting = [e for e in entries(ledger, kind=Kind.RECEIVED) if e.batch not in written]
    for entry in waiting:
        if not entry.payload["origin"].startswith("run:"):
            api.start(entry.batch)
