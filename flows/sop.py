"""The SOP "Anomali Data" as one flow: steps 1-6, suspending for the people who decide.

The body runs again from the top on every resume. What is finished is read from the store, what was decided from the
ledger; Prefect carries only the question and the wait.
"""

from prefect import flow, runtime
from prefect.artifacts import create_link_artifact, create_markdown_artifact

from expectations.approvals import CHAIN, STAFF
from flows import settings, steps
from flows.gates import gate
from flows.supervisor import report_address
from tasks.approve import NO
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
    if not agenda:
        agenda = steps.receive_files(list(berkas or ()), surat, str(runtime.flow_run.id))
    with open_store(settings.office()) as con:
        done = finished(con, agenda)
    for name, run_step in (
        ("load", steps.load_rows),
        ("validate", steps.validate_rows),
        ("resolve", steps.resolve_duplicates),
    ):
        if (name, 0) not in done:
            run_step(agenda)
    round_no, plan = _until_approved(agenda, done)
    result = done.get(("apply", 0)) or steps.apply_changes(agenda, round_no, plan["digest"])
    steps.publish_copy(agenda)
    _artifact(agenda, round_no, "hasil")
    return f"agenda {agenda}: {result['written']} elemen ditulis, {result['received']} baris selesai"


def _until_approved(agenda: str, done: dict[tuple[str, int], Summary]) -> tuple[int, Summary]:
    """Rounds of Staff -> Kasi -> Kabid -> Kadis until all say Ya.

    A Tidak starts a new round, where all earlier signatures are void; the chain says whether it passes Staff first.
    """
    round_no, back_to = 1, None
    while True:
        plan = _prepared(agenda, (round_no, back_to), done)
        for level in CHAIN:
            if gate(level, (agenda, round_no, plan["digest"]), steps.page).decision == NO:
                back_to = level.no_leads_to
                break
        else:
            return round_no, plan
        round_no += 1


def _prepared(agenda: str, start: tuple[int, str | None], done: dict[tuple[str, int], Summary]) -> Summary:
    """The change-set of a round, after Staff where something needs a person or a Tidak leads back to Staff."""
    round_no, back_to = start
    if finished_plan := done.get(("propose", round_no)):
        return finished_plan
    draft = done.get(("draft", round_no)) or steps.propose_changes(agenda, round_no, "draft")
    if not settings.office().report(agenda).exists():
        _link_report(agenda)  # first: a crash between the two is repeated as long as there is no report
        steps.report_findings(agenda)
    if back_to == STAFF.role or (round_no == 1 and draft["needs_person"]):
        if ("draft", round_no) not in done:
            _artifact(agenda, round_no, "draf")
        answer = gate(STAFF, (agenda, round_no, draft["digest"]), steps.page)
        if answer.worksheet and ("worksheet", round_no) not in done:
            steps.read_decisions(agenda, round_no, answer.worksheet)
    plan = steps.propose_changes(agenda, round_no, "propose")
    _artifact(agenda, round_no, "usulan")
    return plan


def _artifact(agenda: str, round_no: int, what: str) -> None:
    """The one page as a Markdown artifact of the run (masked; every value from data is a code span)."""
    create_markdown_artifact(
        steps.page(agenda, round_no),
        key=f"{what}-{agenda}-r{round_no}",
        description=f"{what.capitalize()} ronde {round_no}",
    )


def _link_report(agenda: str) -> None:
    """The validation report as a link of the run. Without an office that serves it there is nothing to open."""
    if address := report_address(settings.office(), agenda):
        create_link_artifact(
            address,
            link_text=f"Buka laporan validasi agenda {agenda}",
            key=f"laporan-validasi-{agenda}",
            description="Temuan menurut aturan, kelurahan dan orang, tanpa NIK dan nama. Terbuka di komputer kantor.",
        )
