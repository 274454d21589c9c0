"""Undoing a written batch as a flow: the same people decide, on a small change-set of its own.

A Tidak ends it: there is nothing to work over. What is written is asked for again, as a new undo.
"""

from prefect import flow

from expectations.approvals import LEVELS
from flows import settings, steps
from flows.artifacts import link_papers, show_page
from flows.gates import ask
from flows.guarded import guarded
from flows.paper_steps import issue_papers, issue_sheet, sheet_is_there
from flows.run_labels import waits_for_nobody
from tasks.approvals.case import Case
from tasks.approvals.docket import FINAL, docket
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import open_ledger


@flow(name=settings.UNDO_FLOW, log_prints=False, persist_result=False, validate_parameters=True)
def pembatalan(agenda: str) -> str:
    """Membatalkan satu penulisan setelah disetujui Staff, Kasi, Kabid dan Kadis.

    Args:
        agenda: nomor pembatalan yang dibuat oleh sinkron undo, misalnya 2026-0001-U1

    """
    return _work_on(agenda)


@guarded("pembatalan")
def _work_on(agenda: str) -> str:
    while True:
        with open_ledger(settings.office()) as ledger:
            batch = docket(ledger, agenda)
        if batch.undoes is None:  # an ordinary batch has its own flow: here a Tidak would never end
            raise UserError(Exit.USAGE, _not_asked())
        if not batch.is_open:
            break
        here = batch.current
        case = Case(agenda, here.number, here.digest_for(FINAL))
        if not here.decisions:
            show_page(agenda, case.round, "pembatalan")
        role = batch.turn()
        if role not in LEVELS:
            steps.apply_changes(case.agenda, case.round, case.digest)
        elif steps.is_unchanged(case):
            if not sheet_is_there(case):
                issue_sheet(case)
                link_papers(agenda)
            ask(str(role), case, steps.page)
    waits_for_nobody(agenda)
    if not batch.written:
        return f"pembatalan {agenda}: tidak disetujui atau gugur, tidak ada yang diubah"
    issue_papers(agenda)
    link_papers(agenda)
    steps.publish_copy(agenda)
    return f"pembatalan {agenda}: {batch.written.payload['restored']} elemen dikembalikan"


def _not_asked() -> Problem:
    allowed = "nomor pembatalan yang tercatat, misalnya 2026-0001-U1"
    return Problem("parameter agenda", "bukan pembatalan yang pernah diminta", allowed, "minta dengan sinkron undo")
