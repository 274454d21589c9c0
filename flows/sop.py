"""The SOP "Anomali Data" as one flow: steps 1-6, suspending for the people who decide.

The body runs again from the top on every resume. What is finished is read from the store, what was decided and whose
turn it is from the ledger; Prefect carries only the question and the wait.
"""

from datetime import UTC, datetime

from prefect import flow, runtime

from expectations.approvals import LEVELS, STAFF
from flows import settings, steps
from flows.artifacts import link_dashboard, link_papers, link_report, show_page
from flows.gates import ask
from flows.guarded import guarded
from flows.paper_steps import issue_papers, issue_sheet, sheet_is_there
from flows.run_labels import now_about, waits_for_nobody
from tasks.approvals.case import Case
from tasks.approvals.docket import DRAFT, FINAL, Docket, Round, docket, record_proposal
from tasks.ledger import open_ledger
from tasks.steps import Summary, finished
from tasks.store import open_store


@flow(name=settings.FLOW, log_prints=False, persist_result=False, validate_parameters=True)
def sop_anomali_data(berkas: list[str] | None = None, surat: str = "", agenda: str = "") -> str:
    """Menjalankan SOP Anomali Data untuk satu penerimaan.

    Args:
        berkas: nama berkas di inbox/ (bila dijalankan dari Prefect UI atau REST)
        surat: nama surat pengantar di inbox/, boleh kosong
        agenda: nomor agenda penerimaan yang sudah tercatat (diisi oleh sinkron receive dan pemantau inbox)

    """
    return _work_on(berkas, surat, agenda)


@guarded("SOP")
def _work_on(berkas: list[str] | None, surat: str, agenda: str) -> str:
    if not agenda:
        run_id = str(runtime.flow_run.id)
        agenda = steps.receive_files(list(berkas or ()), surat, run_id)
        now_about(run_id, agenda)
    done = _done(agenda)
    for name, run_step in (
        ("load", steps.load_rows),
        ("validate", steps.validate_rows),
        ("resolve", steps.resolve_duplicates),
        ("reconcile", steps.reconcile_extract),
    ):
        if (name, 0) not in done:
            run_step(agenda)
    while (batch := _read(agenda)).is_open:
        _go_on(batch)
    waits_for_nobody(agenda)
    result = _done(agenda)["apply", 0]
    issue_papers(agenda)
    show_page(agenda, result["round"], "hasil")
    link_papers(agenda)
    steps.publish_copy(agenda)  # last: people wait for the papers, analysts can wait
    return f"agenda {agenda}: {result['written']} elemen ditulis, {result['received']} baris selesai"


def _go_on(batch: Docket) -> None:
    """The next thing that is due, by the ledger: propose, ask whoever's turn it is, or write.

    A Tidak, a conflict or a withdrawn proposal closes a round; the next one starts where the chain says.
    """
    here, back_to = batch.current, None
    if here.closed:
        back_to, here = here.leads_to, Round(here.number + 1)
    elif here.number - 1 in batch.rounds:
        back_to = batch.rounds[here.number - 1].leads_to
    if FINAL not in here.proposed:
        _prepare(batch.agenda, here, back_to)
        return
    case = Case(batch.agenda, here.number, here.digest_for(FINAL))
    role = batch.turn()
    if role not in LEVELS:
        steps.apply_changes(case.agenda, case.round, case.digest)
    elif steps.is_unchanged(case):
        if not sheet_is_there(case):
            issue_sheet(case)
            link_papers(case.agenda)
        ask(str(role), case, steps.page)


def _prepare(agenda: str, here: Round, back_to: str | None) -> None:
    """The change-set of a round, after Staff where something needs a person or the case was sent back to Staff."""
    done, number = _done(agenda), here.number
    draft = done.get(("draft", number)) or steps.propose_changes(agenda, number, "draft")
    if not steps.worksheet_is_out(agenda, number):
        steps.issue_worksheet(agenda, number)
    if not settings.office().report(agenda).exists():
        link_report(agenda)  # first: a crash between the two is repeated as long as there is no report
        link_dashboard(agenda)
        steps.report_findings(agenda)
    # What only repeats earlier decisions is written in somebody's name of today, too.
    needs_staff = back_to == STAFF.role or bool(draft.get("repeats")) or (number == 1 and bool(draft["needs_person"]))
    case = Case(agenda, number, draft["digest"])
    if DRAFT not in here.proposed:
        show_page(agenda, number, "draf")
        _record(case, DRAFT, draft | {"staff": needs_staff})
    if ("propose", number) not in done and not steps.is_unchanged(case):
        return
    if needs_staff and STAFF.role not in here.decisions:
        ask(STAFF.role, case, steps.page)
        return
    submitted = here.decisions.get(STAFF.role)
    if submitted and submitted.payload["worksheet"] and ("worksheet", number) not in done:
        steps.read_decisions(agenda, number, submitted.payload["worksheet"])
    plan = steps.propose_changes(agenda, number, "propose")
    show_page(agenda, number, "usulan")
    _record(Case(agenda, number, plan["digest"]), FINAL, plan)


def _record(case: Case, step: str, plan: Summary) -> None:
    """From here on the proposal can be signed."""
    facts = {"staff": bool(plan.get("staff")), "rests_on": plan.get("rests_on", [])}
    facts |= {name: plan[name] for name in ("rows", "changes")}
    with open_ledger(settings.office()) as ledger:
        record_proposal(ledger, case, (step, facts), datetime.now(UTC))


def _read(agenda: str) -> Docket:
    with open_ledger(settings.office()) as ledger:
        return docket(ledger, agenda)


def _done(agenda: str) -> dict[tuple[str, int], Summary]:
    with open_store(settings.office()) as con:
        return finished(con, agenda)
