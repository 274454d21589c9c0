"""Watches the inbox: a letter with its files, or a file that waited long enough for one, becomes a run."""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from flows.recover import NUDGED, asked_gate, origin_run, recover
from flows.rest import Api, Run
from flows.worksheets import take_worksheet
from tasks.approvals.docket import docket
from tasks.approvals.waiting import open_batches
from tasks.cases.layout import is_case_workbook
from tasks.errors import Exit, SinkronError, UserError
from tasks.ledger import open_ledger
from tasks.letter import looks_like_letter, names_of, read_letter
from tasks.office import Office
from tasks.privacy import scrub
from tasks.read.archive import member_names
from tasks.receive import receive
from tasks.refuse import set_aside
from tasks.settled import PARTIAL_SUFFIXES
from tasks.worksheet import is_worksheet

LOG = logging.getLogger("sinkron.inbox")
TICK_SECONDS = 1.0
MAX_REVIVALS = 3  # per run and start of the office: a step that kills its process every time is left to people
GONE_SECONDS = 30.0  # a runner that lives tells of a process that ended within a second or two
ENGINE, RUN_ID = "prefect.engine", "PREFECT__FLOW_RUN_ID"  # how a runner starts a run
LETTER_GRACE_SECONDS = 60.0  # how long a file waits for its letter before it is received alone


class Watcher:
    """One running office's eyes on its inbox. Every open receipt gets its run, also after a crash or a busy server."""

    def __init__(self, office: Office, api: Api) -> None:
        self.office, self.api = office, api
        self._started: set[str] = set()
        self._revived: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()
        self._gone: dict[str, float] = {}  # runs without a process, and since when

    def revive(self, *, at_start: bool) -> None:
        """Continues runs whose process died, and runs that wait for what the ledger has answered meanwhile.

        At the start of an office nothing can be alive yet; later Crashed is certain, and a run that has been without a
        process for a while: the runner that would tell of its end died with it.
        """
        runs = self.api.unfinished()
        alive = _worked_on(runs)
        lost = self._lost([run.id for run in runs if run.state == "Running" and run.id not in alive], time.monotonic())
        for run in runs:
            silent = run.is_dead if at_start else run.is_stuck or run.id in lost
            dead = run.state == "Crashed" or (silent and run.id not in alive)
            if dead and self._revived[run.id] < MAX_REVIVALS:
                self.api.revive(run)
                self._revived[run.id] += 1
                LOG.warning("run %s dilanjutkan setelah prosesnya mati", run.id)
            elif run.gate and run.agenda:
                self._nudge_answered(run)

    def _lost(self, gone: list[str], now: float) -> set[str]:
        """Of the runs that the server takes for running and no process works on, those of GONE_SECONDS ago."""
        self._gone = {run: self._gone.get(run, now) for run in gone}
        return {run for run, since in self._gone.items() if now - since >= GONE_SECONDS}

    def recover(self) -> None:
        """Runs that ended without an end, or were lost, while the office was closed."""
        for line in recover(self.office, self.api):
            LOG.warning("%s", line)

    def _nudge_answered(self, run: Run) -> None:
        """A form that is not the one to be asked now goes away; it does not come back, so few tries are enough."""
        with open_ledger(self.office) as ledger:
            batch = docket(ledger, run.agenda)
            due = asked_gate(ledger, batch)
        if run.gate == due:
            self._revived.pop(run.id, None)  # it reached a person: what happens from here on is counted anew
        elif batch.rounds and self._revived[f"{run.id} {run.gate}"] < MAX_REVIVALS:
            self._revived[f"{run.id} {run.gate}"] += 1
            self.api.revive(run, NUDGED)

    def watch(self, *, alone: bool = True) -> None:
        """Never returns. A look that fails is told and repeated: a dead watcher is a silent inbox.

        Words that are not ours are told by their kind only. ``alone``: no other runner works on batches, so nothing of
        before this start can be alive.
        """
        at_start, recovered = alone, False
        while True:
            with self._going_on():
                self.revive(at_start=at_start)
                at_start = False
            with self._going_on():
                if not recovered:
                    self.recover()
                    recovered = True
            with self._going_on():  # whatever is wrong with a run, the inbox is looked at
                self.tick(time.time())
            with self._going_on():
                self.office.sweep(time.time())  # plain copies that a killed step left
            time.sleep(TICK_SECONDS)

    @contextlib.contextmanager
    def _going_on(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPStatusError as error:
            LOG.warning("pemantau inbox: server menjawab %d, dicoba lagi", error.response.status_code)
        except SinkronError as error:  # told by us, without personal data
            LOG.error("pemantau inbox: %s Dicoba lagi", scrub(str(error)))  # noqa: TRY400 (no traceback)
        except Exception as error:  # noqa: BLE001 (the message may quote a file)
            LOG.error("pemantau inbox: %s, dicoba lagi", type(error).__name__)  # noqa: TRY400 (the same)

    def tick(self, now: float) -> None:
        """One look: receives what is complete, then starts every receipt that has no run yet."""
        self._set_odd_ones_aside(now)
        self._take_worksheets()
        for paths, letter in _groups(self.office.inbox, now):
            try:
                receive(self.office, paths, letter, (datetime.now(UTC), "inbox"))
            except UserError as error:
                if error.exit_code is Exit.OFFICE:
                    self._tell_once("kantor", str(error))  # the files wait until the office is ready
                elif error.exit_code is not Exit.STILL_WRITING:
                    LOG.warning("penerimaan ditolak (kode %d): lihat folder rejected/", error.exit_code)
            except Exception as error:  # noqa: BLE001 (one receipt must not stop the others; the text may quote a file)
                self._tell_once(paths[0].name if paths else "surat", f"penerimaan gagal: {type(error).__name__}")
        for agenda in open_cases(self.office):
            if agenda not in self._started:
                self.api.start(agenda)  # idempotent: the server keeps one run per agenda number
                self._started.add(agenda)

    def _set_odd_ones_aside(self, now: float) -> None:
        """What is no file can never be received: told, and out of the way, unless it is still being copied."""
        for path in sorted(self.office.inbox.iterdir()):
            if not _finished_name(path.name) or (path.is_file() and not path.is_symlink()):
                continue
            if now - _last_change(path) <= LETTER_GRACE_SECONDS:
                continue
            try:
                set_aside(self.office, path, datetime.now(UTC))
                LOG.warning("bukan berkas di inbox, dipindah: lihat folder rejected/")
            except OSError as error:
                self._tell_once(path.name, f"bukan berkas di inbox, tidak dapat dipindah: {type(error).__name__}")

    def _take_worksheets(self) -> None:
        """Staff's sheets are no receipts: they go to the desk, and what is wrong with them is told there."""
        for path in _worksheets(self.office.inbox):
            try:
                LOG.warning("%s", scrub(take_worksheet(self.office, path)))
            except UserError as error:
                if error.exit_code is not Exit.STILL_WRITING:
                    self._tell_once(path.name, str(error))  # it waits until the office is ready
            except Exception as error:  # noqa: BLE001 (the text may quote the sheet)
                self._tell_once(path.name, f"lembar kerja di inbox: {type(error).__name__}")

    def _tell_once(self, about: str, words: str) -> None:
        if (about, words) not in self._told:
            self._told.add((about, words))
            LOG.warning("%s", words)


def _worked_on(runs: list[Run]) -> set[str]:
    """Those of the runs that must not be taken for dead, by id."""
    if not any(run.is_dead for run in runs):
        return set()
    try:
        return processes()
    except PermissionError:
        return {run.id for run in runs}


def processes() -> set[str]:
    """The runs that a process of this machine works on, by id. Raises PermissionError where that can not be seen."""
    engines = [one for one in psutil.process_iter(["cmdline", "environ"]) if ENGINE in (one.info["cmdline"] or ())]
    if any(one.info["environ"] is None and one.is_running() for one in engines):
        raise PermissionError(ENGINE)  # somebody else's, or hidden: nobody may be taken for dead
    return {one.info["environ"][RUN_ID] for one in engines if RUN_ID in (one.info["environ"] or ())}


def _last_change(path: Path) -> float:
    """Time of the newest change of an entry, and of what lies in a folder; nothing is followed or opened."""
    inside = path.iterdir() if path.is_dir() and not path.is_symlink() else ()
    return float(max(entry.lstat().st_mtime for entry in (path, *inside)))


def open_cases(office: Office) -> list[str]:
    """Batches and undos that are not finished, but for those that a run of the UI received itself."""
    with open_ledger(office) as ledger:
        return [batch.agenda for batch in open_batches(ledger) if not origin_run(ledger, batch.agenda)]


def _groups(inbox: Path, now: float) -> list[tuple[list[Path], Path | None]]:
    """What belongs together: each letter with all files it names, then files nobody names that waited long enough."""
    present = {
        path.name: path
        for path in sorted(inbox.iterdir())
        if path.is_file() and not path.is_symlink() and _finished_name(path.name) and not is_worksheet(path)
    }
    cases = [path for path in present.values() if is_case_workbook(path)]  # Staff's own receipt: no letter comes
    present = {name: path for name, path in present.items() if path not in cases}
    letters = [path for path in present.values() if looks_like_letter(path)]
    holders = _holders(present)
    groups: list[tuple[list[Path], Path | None]] = [([path], None) for path in cases]
    named: set[str] = set()
    for letter in letters:
        try:
            names = [holders.get(name, name) for name in read_letter(letter).totals]
        except UserError:
            names = []  # receive() refuses the letter and says why
        names = list(dict.fromkeys(names))
        named.update(names)
        if all(name in present for name in names):
            groups.append(([present[name] for name in names], letter))
    for name, path in present.items():
        if path not in letters and name not in named and now - path.stat().st_mtime > LETTER_GRACE_SECONDS:
            groups.append(([path], None))
    return groups


def _worksheets(inbox: Path) -> list[Path]:
    return [path for path in sorted(inbox.iterdir()) if _finished_name(path.name) and is_worksheet(path)]


def _holders(present: dict[str, Path]) -> dict[str, str]:
    """Name by which a letter may tell of a file inside a ZIP -> the ZIP's name; a file's own name comes first."""
    inside = {
        name: zipped
        for zipped, path in present.items()
        if path.suffix.lower() == ".zip"
        for member in member_names(path)
        for name in names_of(f"{zipped}/{member}")
    }
    return {name: zipped for name, zipped in inside.items() if name not in present}


def _finished_name(name: str) -> bool:
    return not name.startswith((".", "~$")) and not name.lower().endswith(PARTIAL_SUFFIXES)
