"""The SOP's steps as Prefect tasks: coarse, uncached, small results. The store remembers what is finished.

Results never carry data and are never persisted: deleting Prefect's storage or editing a task changes nothing.
"""

import functools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from expectations.approvals import LEVELS
from flows import settings
from flows.guarded import guarded
from flows.run_labels import forget_names
from tasks.approvals.case import Case
from tasks.approvals.docket import docket
from tasks.documents.issue import DESK
from tasks.errors import (
    BasisUndoneError,
    ConflictError,
    DigestMismatchError,
    Exit,
    NotApprovedError,
    Problem,
    SinkronError,
    UserError,
)
from tasks.findings_report import write_findings_report
from tasks.ledger import Kind, append, check_whole, entries, open_ledger, verify, writing
from tasks.load import load
from tasks.office import WIB, Office
from tasks.page_of import page_of
from tasks.private import replace_private, sha256_of
from tasks.propose import propose
from tasks.propose.changeset import digest
from tasks.publish import publish
from tasks.receive import find_receipt, receive
from tasks.reconcile.run import reconcile
from tasks.remember.basis import undone_since
from tasks.resolve.dask_fan import connected
from tasks.steps import Summary
from tasks.store import open_store
from tasks.validate import Terms, validate
from tasks.worksheet import store_decisions, worksheet_name, write_worksheet
from tasks.write.apply import apply
from tasks.write.conflicts import CHANGED, CONFLICT, SEPARATION, UNDONE, conflicts, void
from tasks.write.undo import undo

P = ParamSpec("P")
R = TypeVar("R")


def step(name: str, *, patient: bool = True) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A task whose failures are told without personal data, and whose counts are logged; ``patient``: see guarded."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            result = function(*args, **kwargs)
            if isinstance(result, dict):  # counts and digests only
                get_run_logger().info("%s: %s", name, json.dumps(result, ensure_ascii=False))
            return result

        watched = guarded(f"langkah {name}", patient=patient)(counted)
        return task(name=name, cache_policy=NO_CACHE, persist_result=False)(watched)

    return decorate


@step("menerima", patient=False)  # it enters when the letter came
def receive_files(names: list[str], letter: str, run_id: str) -> str:
    """Receives files of the inbox for a run started from the Prefect UI or REST; returns the agenda number."""
    office = settings.office()
    with open_ledger(office) as ledger:
        for entry in entries(ledger, kind=Kind.RECEIVED):
            if entry.payload["origin"] == f"run:{run_id}":
                return entry.batch
    try:
        _check_form(office, names, letter)
        letter_path = office.inbox / letter if letter else None
        about = (datetime.now(UTC), f"run:{run_id}")
        return receive(office, [office.inbox / name for name in names], letter_path, about).agenda
    except UserError as error:
        if error.exit_code not in {Exit.STILL_WRITING, Exit.OFFICE}:  # of these the same run may be started again
            forget_names(run_id)
        raise


def _check_form(office: Office, names: list[str], letter: str) -> None:
    """What was typed is in the inbox. Raises UserError (USAGE), by place alone: Prefect shows its words."""
    missing = [
        Problem(f"parameter berkas/surat, isian ke-{at}", "tidak ada di inbox/", "nama berkas di inbox/, tanpa folder",
                "isi nama berkas saja, lalu jalankan run baru")
        for at, name in enumerate([*names, *([letter] if letter else [])], start=1)
        if "/" in name or "\\" in name or name.startswith(".") or not (office.inbox / name).is_file()
    ]  # fmt: skip
    if not names:
        missing.append(
            Problem("parameter berkas", "kosong", "satu nama berkas di inbox/ atau lebih", "isi nama berkasnya")
        )
    if missing:
        raise UserError(Exit.USAGE, *missing)


@step("memuat")
def load_rows(agenda: str) -> Summary:
    """Archived files -> store."""
    office = settings.office()
    with open_ledger(office) as ledger:
        receipt = find_receipt(ledger, agenda)
    with open_store(office) as con:
        return load(con, office, receipt)


@step("meneliti")
def validate_rows(agenda: str) -> Summary:
    """All rules, as of the day the file was received (WIB), so that a later run judges the same."""
    office = settings.office()
    terms = Terms(_received_on(office, agenda), office.thresholds())
    with open_store(office) as con:
        return validate(con, agenda, terms)


def _received_on(office: Office, agenda: str) -> str:
    """The day of receipt on the office's clock (ISO)."""
    with open_ledger(office) as ledger:
        received_at = datetime.fromisoformat(entries(ledger, agenda, Kind.RECEIVED)[0].at)
    return received_at.astimezone(WIB).date().isoformat()


@step("mencari ganda")
def resolve_duplicates(agenda: str) -> Summary:
    """Candidate pairs, kinds, bands, clusters, survivorship; the doubtful pairs as a page on Staff's desk."""
    from tasks.resolve.run import resolve  # half of what a run's process loads; every gate starts such a process

    office = settings.office()
    page = office.desk / f"pasangan-{agenda}.html"
    with connected(office.settings.mesin.dask) as fan, open_store(office) as con:
        summary = resolve(con, agenda, page, fan)
    if page.exists():
        _exported(agenda, page)
    return summary


@step("membandingkan dengan berkas sebelumnya")
def reconcile_extract(agenda: str) -> Summary:
    """Each finding and group of duplicates against all earlier extracts: new, open, back, fixed or gone."""
    office = settings.office()
    received_on = _received_on(office, agenda)
    with open_store(office) as con:
        return reconcile(con, agenda, received_on)


@step("menyusun usulan")
def propose_changes(agenda: str, round_no: int, kind: str) -> Summary:
    """The change-set of one round: ``kind`` "draft" before Staff, "propose" with Staff's decisions."""
    office = settings.office()
    with open_store(office) as con:
        return propose(con, agenda, round_no, step=kind)


@step("menulis lembar kerja")
def issue_worksheet(agenda: str, round_no: int) -> None:
    """Staff's worksheet of a drafted round on the desk; one that lies there stays as it is."""
    office = settings.office()
    with open_store(office) as con:
        path = write_worksheet(con, office, agenda, round_no)
    _exported(agenda, path)


def worksheet_is_out(agenda: str, round_no: int) -> bool:
    """Whether this round's worksheet was put on the desk; what Staff did with it since is theirs."""
    with open_ledger(settings.office()) as ledger:
        out = [entry.payload.get("file") for entry in entries(ledger, agenda, Kind.EXPORTED)]
    return worksheet_name(agenda, round_no) in out


def _exported(agenda: str, path: Path) -> None:
    """A file with unmasked data left the store: its name and hash are entered."""
    with open_ledger(settings.office()) as ledger, writing(ledger):
        facts = {"file": path.name, "sha256": sha256_of(path), "masked": False, "place": DESK}
        append(ledger, datetime.now(UTC), (Kind.EXPORTED, agenda, "sinkron"), facts)


@step("menulis laporan")
def report_findings(agenda: str) -> None:
    """The validation report in ``laporan/``; written again it is the same."""
    office = settings.office()
    with open_ledger(office) as ledger, open_store(office) as con:
        write_findings_report(con, ledger, office, agenda)


@step("membaca lembar kerja")
def read_decisions(agenda: str, round_no: int, kept: str) -> Summary:
    """Staff's accepted worksheet -> decisions."""
    office = settings.office()
    with open_store(office) as con:
        return store_decisions(con, office, kept, (agenda, round_no))


@step("melakukan update")
def apply_changes(agenda: str, round_no: int, digest: str) -> Summary:
    """Writes the approved change-set or undo, once; what can not be written any more is void and goes back.

    The ledger is verified first. Returns apply's summary with ``newly``, void's {digest, why, rows}, or {waits}.
    """
    office, case = settings.office(), Case(agenda, round_no, digest)
    with open_ledger(office) as ledger, open_store(office) as con:
        now = datetime.now(UTC)  # not before: its turn may have come late, and others wrote meanwhile
        check_whole(ledger)
        verify(ledger)
        write = undo if docket(ledger, agenda).undoes else apply
        try:
            summary, newly = write(con, ledger, case, (now, office.separation()))
        except (ConflictError, DigestMismatchError) as error:
            if isinstance(error, NotApprovedError) and (role := docket(ledger, agenda).turn()) in LEVELS:
                return {"waits": role}  # a signature was withdrawn a moment ago: that level is asked again
            why = {ConflictError: CONFLICT, NotApprovedError: SEPARATION, BasisUndoneError: UNDONE}.get(
                type(error), CHANGED
            )
            voided = void(con, ledger, case, (why, now))
            _list_conflicts(office, (agenda, round_no), conflicts(con, agenda, round_no), error)
            return voided
        return summary | {"newly": newly}


def _list_conflicts(office: Office, place: tuple[str, int], rows: list[tuple[int, str]], error: SinkronError) -> None:
    """What stands in the way, row by row, on Staff's desk (no values, no names)."""
    lines = [str(error), *(f"baris {row_id}: {element}" for row_id, element in rows)]
    replace_private(office.desk / f"konflik-{place[0]}-r{place[1]}.txt", "\n".join([*lines, ""]).encode())


def is_unchanged(case: Case) -> bool:
    """Whether the stored proposal may still be asked about; if not, its round is void from now on.

    It may not when its digest is another one, or when a batch whose decisions it takes over was undone.
    """
    office = settings.office()
    with open_ledger(office) as ledger, open_store(office) as con:
        same = digest(con, case.agenda, case.round) == case.digest
        if same and not undone_since(con, case.agenda, case.round):
            return True
        void(con, ledger, case, (UNDONE if same else CHANGED, datetime.now(UTC)))
    return False


@step("menerbitkan")
def publish_copy(agenda: str) -> Summary:
    """The masked copy for analysts."""
    office = settings.office()
    with open_ledger(office) as ledger, open_store(office) as con:
        return publish(con, office, ledger, (agenda, datetime.now(UTC)))


def page(agenda: str, round_no: int, *, with_code: bool = False) -> str:
    """The one-page summary of a round (not a task: it is asked again at every gate).

    ``with_code``: with the kode berkas, which the form does not show.
    """
    office, about = settings.office(), (agenda, round_no)
    with open_ledger(office) as ledger, open_store(office) as con:
        return page_of(con, ledger, about, (datetime.now(UTC), with_code))
