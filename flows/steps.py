"""The SOP's steps as Prefect tasks: coarse, uncached, small results. The store remembers what is finished.

Results never carry data and are never persisted: deleting Prefect's storage or editing a task changes nothing.
"""

import functools
import json
import secrets
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from flows import settings
from tasks.apply import Approved, apply
from tasks.errors import DigestMismatchError, Exit, LedgerBrokenError, Problem, RuleCrashedError, UserError
from tasks.findings_report import write_findings_report
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.load import load
from tasks.office import WIB
from tasks.private import new_private
from tasks.propose import propose
from tasks.publish import publish
from tasks.receive import find_receipt, receive
from tasks.resolve.run import resolve
from tasks.steps import Summary
from tasks.store import open_store
from tasks.summary import one_page
from tasks.validate import Terms, validate
from tasks.worksheet import store_decisions, write_worksheet

P = ParamSpec("P")
R = TypeVar("R")
TELLABLE = (RuleCrashedError, DigestMismatchError, LedgerBrokenError)  # messages that never quote data


class StepFailedError(Exception):
    """What Prefect may see of a failure: which step and which kind, never a value from the data."""


def step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A task whose failures are told without personal data; the full traceback stays in the office (0600)."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                result = function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 (every failure must lose its data before Prefect sees it)
                told = _tellable(error)
                failed = f"langkah {name} gagal ({type(error).__name__}){told}; rincian: {_keep_traceback()}"
            else:
                if isinstance(result, dict):  # counts and digests only
                    get_run_logger().info("%s: %s", name, json.dumps(result, ensure_ascii=False))
                return result
            raise StepFailedError(failed)

        return task(name=name, cache_policy=NO_CACHE, persist_result=False)(guarded)

    return decorate


def _tellable(error: Exception) -> str:
    if isinstance(error, UserError) and error.exit_code in {Exit.USAGE, Exit.OFFICE}:
        return f": {error}"  # about parameters and the office's own files, not about the content of a received one
    if isinstance(error, UserError):
        return f": kode {int(error.exit_code)}, {len(error.problems)} masalah; lihat rejected/"
    return f": {error}" if isinstance(error, TELLABLE) else ""


def _keep_traceback() -> str:
    path = settings.office().scratch / f"kegagalan-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}.txt"
    with new_private(path) as file:
        file.write(traceback.format_exc().encode("utf-8", "replace"))
    return f"scratch/{path.name}"


@step("menerima")
def receive_files(names: list[str], letter: str, run_id: str) -> str:
    """Receives files of the inbox for a run started from the Prefect UI or REST; returns the agenda number."""
    office = settings.office()
    with open_ledger(office.ledger) as ledger:
        for entry in entries(ledger, kind=Kind.RECEIVED):
            if entry.payload["origin"] == f"run:{run_id}":
                return entry.batch
    outside = [name for name in (*names, letter) if "/" in name or "\\" in name or name.startswith(".")]
    if outside or not names:
        raise UserError(
            Exit.USAGE,
            Problem("parameter berkas", "kosong atau memuat folder", "nama berkas di inbox/", "isi nama berkas saja"),
        )
    letter_path = office.inbox / letter if letter else None
    about = (datetime.now(UTC), f"run:{run_id}")
    return receive(office, [office.inbox / name for name in names], letter_path, about).agenda


@step("memuat")
def load_rows(agenda: str) -> Summary:
    """Archived files -> store."""
    office = settings.office()
    with open_ledger(office.ledger) as ledger:
        receipt = find_receipt(ledger, agenda)
    with open_store(office) as con:
        return load(con, office, receipt)


@step("meneliti")
def validate_rows(agenda: str) -> Summary:
    """All rules, as of the day the file was received (WIB), so that a later run judges the same."""
    office = settings.office()
    with open_ledger(office.ledger) as ledger:
        received_at = datetime.fromisoformat(entries(ledger, agenda, Kind.RECEIVED)[0].at)
    with open_store(office) as con:
        terms = Terms(received_at.astimezone(WIB).date().isoformat(), office.thresholds())
        return validate(con, agenda, terms)


@step("mencari ganda")
def resolve_duplicates(agenda: str) -> Summary:
    """Candidate pairs, kinds, bands, clusters, survivorship; the doubtful pairs as a page on Staff's desk."""
    office = settings.office()
    with open_store(office) as con:
        return resolve(con, agenda, office.desk / f"pasangan-{agenda}.html")


@step("menyusun usulan")
def propose_changes(agenda: str, round_no: int, kind: str) -> Summary:
    """The change-set of one round: ``kind`` "draft" before Staff, "propose" with Staff's decisions."""
    office = settings.office()
    with open_store(office) as con:
        summary = propose(con, agenda, round_no, step=kind)
        if kind == "draft":
            write_worksheet(con, office, agenda, round_no)
        return summary


@step("menulis laporan")
def report_findings(agenda: str) -> None:
    """The validation report in ``laporan/``; written again it is the same."""
    office = settings.office()
    with open_ledger(office.ledger) as ledger, open_store(office) as con:
        write_findings_report(con, ledger, office, agenda)


@step("membaca lembar kerja")
def read_decisions(agenda: str, round_no: int, kept: str) -> Summary:
    """Staff's accepted worksheet -> decisions."""
    office = settings.office()
    with open_store(office) as con:
        return store_decisions(con, office, kept, (agenda, round_no))


@step("melakukan update")
def apply_changes(agenda: str, round_no: int, digest: str) -> Summary:
    """Writes the approved change-set, once. The ledger's chain is verified first."""
    office = settings.office()
    with open_ledger(office.ledger) as ledger, open_store(office) as con:
        verify(ledger)
        summary, newly = apply(con, ledger, Approved(agenda, round_no, digest), datetime.now(UTC))
        return summary | {"newly": newly}


@step("menerbitkan")
def publish_copy(agenda: str) -> Summary:
    """The masked copy for analysts."""
    office = settings.office()
    with open_ledger(office.ledger) as ledger, open_store(office) as con:
        return publish(con, office, ledger, (agenda, datetime.now(UTC)))


def page(agenda: str, round_no: int) -> str:
    """The one-page summary of a round (not a task: it is asked again at every gate)."""
    office = settings.office()
    with open_ledger(office.ledger) as ledger, open_store(office) as con:
        return one_page(con, ledger, (agenda, round_no), datetime.now(UTC))
