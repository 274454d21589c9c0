"""Staff's worksheet beside an answer, from the form or the terminal: archived, checked, told in full on the desk."""

import re
from dataclasses import replace

from tasks.approvals.decide import Answer, Question, Verdict
from tasks.errors import UserError
from tasks.office import Office
from tasks.private import replace_private
from tasks.store import open_store

NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")  # as in the form: a name, never a path


def with_worksheet(office: Office, question: Question, answer: Answer) -> tuple[Answer, str]:
    """(the answer with its worksheet as archived, "") or (the answer with an objection, all faults of the sheet).

    Nothing is written to the desk: whoever typed has not been proved yet, see ``list_faults``.
    """
    from tasks.worksheet import keep_worksheet, parse_worksheet

    if not answer.worksheet:
        return answer, ""
    case = question.case
    if not NAME.fullmatch(answer.worksheet):
        return replace(answer, worksheet="", objection="lembar kerja: isi nama berkas di meja/ saja"), ""
    try:
        kept = keep_worksheet(office, answer.worksheet, (case.agenda, question.key))
        with open_store(office) as con:
            parse_worksheet(con, kept, case.agenda, case.round)
    except UserError as error:
        places = ", ".join(problem.place for problem in error.problems[:5])
        told = f"lembar kerja: {len(error.problems)} masalah ({places}); daftar lengkap di meja/{_listing(answer)}"
        return replace(answer, worksheet="", objection=told), f"{_listing(answer)}\n{error}\n"
    return replace(answer, worksheet=kept.name), ""


def list_faults(office: Office, faults: str, verdict: Verdict) -> None:
    """All faults of a worksheet on the desk, once its sender's code was right and they are why it did not count."""
    if faults and verdict.reason.startswith("lembar kerja:"):
        name, text = faults.split("\n", 1)
        replace_private(office.desk / name, text.encode())


def _listing(answer: Answer) -> str:
    return f"{answer.worksheet}.masalah.txt"
