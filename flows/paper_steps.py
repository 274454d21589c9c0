"""The steps that put papers out: the lembar verifikasi before the gates, everything after the update.

Idempotent: run again under another kantor.toml they leave what the office already put out.
"""

from datetime import UTC, datetime

from flows import settings
from flows.steps import step
from tasks.approvals.case import Case
from tasks.documents.issue import is_out, issue_once, issued
from tasks.ledger import open_ledger
from tasks.store import open_store


@step("menulis lembar verifikasi")
def issue_sheet(case: Case) -> list[str]:
    """The approvers' one page of a round, once; its file name."""
    from tasks.documents.verification_sheet import verification_sheet

    office, agenda = settings.office(), case.agenda
    with open_ledger(office) as ledger, open_store(office) as con:
        sheet = verification_sheet(con, ledger, office, (agenda, case.round))
        issue_once(office, ledger, (agenda, datetime.now(UTC)), sheet)
    return [sheet.name]


@step("menulis berita acara dan surat")
def issue_papers(agenda: str) -> list[str]:
    """Berita Acara, letters and lists of a written batch or undo; their file names."""
    from tasks.documents.after import papers_after

    office = settings.office()
    with open_ledger(office) as ledger, open_store(office) as con:
        papers = papers_after(con, ledger, office, agenda)
        for paper in papers:
            issue_once(office, ledger, (agenda, datetime.now(UTC)), paper)
    return [paper.name for paper in papers]


def sheet_is_there(case: Case) -> bool:
    """Whether this round's lembar verifikasi was put out and lies where it was put."""
    from tasks.documents.verification_sheet import sheet_name

    office = settings.office()
    with open_ledger(office) as ledger:
        return is_out(office, ledger, case.agenda, sheet_name(case.agenda, case.round))


def papers_out(agenda: str) -> dict[str, bool]:
    """Name -> whether masked, of every paper of a batch that was put out, in the order of its first issue."""
    with open_ledger(settings.office()) as ledger:
        return {name: bool(facts["masked"]) for name, facts in issued(ledger, agenda).items()}
