"""Staff's worksheet beside an answer, from the form or the terminal: archived, checked, told in full on the desk."""

from dataclasses import replace

from tasks.approvals.decide import Answer, Question
from tasks.errors import UserError
from tasks.office import Office
from tasks.private import replace_private
from tasks.store import open_store


def with_worksheet(office: Office, question: Question, answer: Answer) -> Answer:
    """The answer with its worksheet as archived; the sheet's faults become the objection, listed on the desk."""
    from tasks.worksheet import keep_worksheet, parse_worksheet

    if not answer.worksheet:
        return answer
    case = question.case
    try:
        kept = keep_worksheet(office, answer.worksheet, (case.agenda, question.key))
        with open_store(office) as con:
            parse_worksheet(con, kept, case.agenda, case.round)
    except UserError as error:
        listing = office.desk / f"{answer.worksheet}.masalah.txt"
        replace_private(listing, f"{error}\n".encode())
        places = ", ".join(problem.place for problem in error.problems[:5])
        told = f"lembar kerja: {len(error.problems)} masalah ({places}); daftar lengkap di meja/{listing.name}"
        return replace(answer, worksheet="", objection=told)
    return replace(answer, worksheet=kept.name)
