"""Staff's worksheet on its way in: beside an answer from form or terminal, or saved into the inbox."""

from dataclasses import replace
from pathlib import Path

from expectations.approvals import STAFF
from tasks.approvals.answer import Answer, Question
from tasks.approvals.decide import Verdict
from tasks.approvals.docket import docket
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.private import replace_private
from tasks.retention.originals import original
from tasks.settled import check_settled
from tasks.store import open_store

LISTING = ".masalah.txt"


def with_worksheet(office: Office, question: Question, answer: Answer) -> tuple[Answer, str]:
    """(the answer with its worksheet as archived, "") or (the answer with an objection, all faults of the sheet).

    Nothing is written to the desk: whoever typed has not been proved yet, see ``list_faults``.
    """
    from tasks.worksheet import keep_worksheet, parse_worksheet
    from tasks.worksheet.keep import NAME

    if not answer.worksheet:
        return answer, ""
    case = question.case
    if not NAME.fullmatch(answer.worksheet):
        return replace(answer, worksheet="", objection="lembar kerja: isi nama berkas di meja/ saja"), ""
    try:
        kept = keep_worksheet(office, answer.worksheet, (case.agenda, question.key))
        with open_store(office) as con, original(office, case.agenda, kept) as path:
            parse_worksheet(con, path, case.agenda, case.round)
    except UserError as error:
        places = ", ".join(problem.place for problem in error.problems[:5])
        told = f"lembar kerja: {len(error.problems)} masalah ({places}); daftar lengkap di meja/{_listing(answer)}"
        return replace(answer, worksheet="", objection=told), f"{_listing(answer)}\n{error}\n"
    return replace(answer, worksheet=kept), ""


def list_faults(office: Office, faults: str, verdict: Verdict) -> None:
    """All faults of a worksheet on the desk, once its sender's code was right and they are why it did not count."""
    if faults and verdict.reason.startswith("lembar kerja:"):
        name, text = faults.split("\n", 1)
        replace_private(office.desk / name, text.encode())


def _listing(answer: Answer) -> str:
    return f"{answer.worksheet}{LISTING}"


def take_worksheet(office: Office, path: Path) -> str:
    """Moves a worksheet from the inbox to the desk and checks it at once; returns what to tell, without personal data.

    Nothing counts before Staff submits it at the gate. Faults lie in ``meja/<name>.masalah.txt``; a list of an earlier
    check is removed when there are none left. Raises UserError: STILL_WRITING and OFFICE leave it in the inbox.
    """
    from tasks.worksheet import bring_to_desk, marks_of

    check_settled([path])
    marks = marks_of(path)
    faults = _faults(office, path, marks)
    kept = bring_to_desk(office, path, marks)
    listing = kept.with_name(f"{kept.name}{LISTING}")
    if faults is None:
        listing.unlink(missing_ok=True)
        return f"lembar kerja {kept.name} dari inbox ada di meja/, tanpa masalah: ajukan di run atau sinkron decide"
    replace_private(listing, f"{faults}\n".encode())
    return (
        f"lembar kerja {kept.name} dari inbox ada di meja/ dengan {len(faults.problems)} masalah: meja/{listing.name}"
    )


def _faults(office: Office, path: Path, marks: tuple[str, str, str] | None) -> UserError | None:
    """What is wrong with a worksheet; None when Staff can submit it now."""
    from tasks.worksheet import parse_worksheet, worksheet_name

    agenda, round_no = (marks[0], marks[1]) if marks else ("", "")
    with open_ledger(office) as ledger:
        batch = docket(ledger, agenda)
    here = batch.current
    if marks and (not here.proposed or round_no != str(here.number) or batch.turn() != STAFF.role):
        asked = (
            f"{worksheet_name(agenda, here.number)} saat menunggu Staff" if here.proposed else "agenda yang terdaftar"
        )
        received = f"lembar kerja agenda {agenda} ronde {round_no} tidak sedang ditunggu"
        return UserError(Exit.WORKSHEET, Problem(path.name, received, asked, "lihat: sinkron waiting"))
    try:
        with open_store(office) as con:
            parse_worksheet(con, path, agenda, here.number)
    except UserError as error:
        if error.exit_code is not Exit.WORKSHEET:
            raise
        return error
    return None
