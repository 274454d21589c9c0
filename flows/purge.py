"""Destroying a batch's data as a flow, after its retention period: the same people decide. A Tidak ends it."""

from datetime import UTC, datetime

from prefect import flow

from expectations.approvals import LEVELS
from flows import settings, steps
from flows.artifacts import link_papers, show_page
from flows.gates import ask
from flows.guarded import guarded
from flows.paper_steps import issue_papers
from flows.run_labels import waits_for_nobody
from tasks.approvals.case import Case
from tasks.approvals.docket import FINAL, docket
from tasks.errors import ConflictError, DigestMismatchError, Exit, NotApprovedError, Problem, UserError
from tasks.ledger import check_whole, open_ledger, verify
from tasks.retention.destroy import destroy
from tasks.retention.purge import purge, still_stands
from tasks.steps import Summary
from tasks.store import open_store
from tasks.write.conflicts import CHANGED, SEPARATION, void


@flow(name=settings.PURGE_FLOW, log_prints=False, persist_result=False, validate_parameters=True)
def pemusnahan(agenda: str) -> str:
    """Memusnahkan data satu agenda yang habis masa simpannya, setelah disetujui Staff, Kasi, Kabid dan Kadis.

    Args:
        agenda: nomor pemusnahan yang dibuat oleh sinkron purge, misalnya 2026-0001-P1

    """
    return _work_on(agenda)


@guarded("pemusnahan")
def _work_on(agenda: str) -> str:
    while True:
        with open_ledger(settings.office()) as ledger:
            batch = docket(ledger, agenda)
        if batch.destroys is None:
            raise UserError(Exit.USAGE, _not_asked())
        if not batch.is_open:
            break
        here = batch.current
        case = Case(agenda, here.number, here.digest_for(FINAL))
        if not here.decisions:
            show_page(agenda, case.round, "pemusnahan")
        role = batch.turn()
        if role not in LEVELS:
            destroy_data(case.agenda, case.round, case.digest)
        elif _is_unchanged(case):
            ask(str(role), case, steps.page)
    waits_for_nobody(agenda)
    if not batch.written:
        return f"pemusnahan {agenda}: tidak disetujui atau gugur, tidak ada yang dimusnahkan"
    with open_ledger(settings.office()) as ledger:
        destroy(settings.office(), ledger, batch.destroys)  # again, for a process that died before it had done so
    issue_papers(agenda)
    link_papers(agenda)
    steps.publish_copy(agenda)
    return f"pemusnahan {agenda}: data agenda {batch.destroys} dimusnahkan"


@steps.step("memusnahkan")
def destroy_data(agenda: str, round_no: int, digest: str) -> Summary:
    """Destroys what was approved, once; a request that is no longer what was signed is void. The ledger comes first."""
    office, case = settings.office(), Case(agenda, round_no, digest)
    with open_ledger(office) as ledger, open_store(office) as con:
        now = datetime.now(UTC)
        check_whole(ledger)
        verify(ledger)
        try:
            summary, newly = purge(con, ledger, office, (case, now, office.separation()))
        except (ConflictError, DigestMismatchError) as error:
            if isinstance(error, NotApprovedError) and (role := docket(ledger, agenda).turn()) in LEVELS:
                return {"waits": role}  # a signature was withdrawn a moment ago: that level is asked again
            why = SEPARATION if isinstance(error, NotApprovedError) else CHANGED
            return void(con, ledger, case, (why, now))
        destroy(office, ledger, str(summary["destroys"]))
    return summary | {"newly": newly}


def _is_unchanged(case: Case) -> bool:
    """Whether it may still be asked: what lies there is as listed, nothing came between; if not, it is void."""
    office = settings.office()
    with open_ledger(office) as ledger, open_store(office) as con:
        now = datetime.now(UTC)
        if still_stands(con, ledger, office, (case, now)):
            return True
        void(con, ledger, case, (CHANGED, now))
    return False


def _not_asked() -> Problem:
    allowed = "nomor pemusnahan yang tercatat, misalnya 2026-0001-P1"
    return Problem("parameter agenda", "bukan pemusnahan yang pernah diminta", allowed, "minta dengan sinkron purge")
