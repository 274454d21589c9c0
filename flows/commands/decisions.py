"""``sinkron decide`` and ``undo``: deciding from a terminal, with the same checks as in the Prefect UI."""

import argparse
import contextlib
import secrets
import sys
from dataclasses import replace
from datetime import UTC, datetime

from expectations.approvals import LEVELS, STAFF
from flows.commands.people import ask_code, ask_secret
from flows.commands.reading import existing_office
from flows.worksheets import list_faults, with_worksheet
from tasks.approvals.answer import Answer, Question, legible, statement
from tasks.approvals.case import Case
from tasks.approvals.decide import Verdict, decide, judging
from tasks.approvals.docket import SUBMIT, TERMINAL, WITHDRAW, docket
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import LedgerConnection, head, open_ledger
from tasks.office import Office

KEY_BITS = 40


def decide_command(arguments: argparse.Namespace) -> int:
    """One decision from the terminal; the run is told to look in the ledger."""
    office = existing_office()
    with open_ledger(office) as ledger:
        question = _question(ledger, arguments.agenda)
    answer, faults = _answer(office, question, arguments)
    with open_ledger(office) as ledger:
        verdict = decide(ledger, judging(office, datetime.now(UTC)), question, answer)
    list_faults(office, faults, verdict)
    if not verdict.accepted:
        raise UserError(
            Exit.IDENTITY,
            Problem(f"keputusan {arguments.agenda}", verdict.reason, "keputusan yang sah", "ulangi sinkron decide"),
        )
    return _accepted(office, question, verdict)


def _question(ledger: LedgerConnection, agenda: str) -> Question:
    """What is asked now about that agenda number. Raises UserError (USAGE) when nobody is asked."""
    batch = docket(ledger, agenda)
    role = batch.turn() if batch.rounds else None
    if role not in LEVELS:
        state = "selesai atau tidak dikenal" if role is None else "belum menunggu keputusan siapa pun"
        raise UserError(
            Exit.USAGE, Problem("nomor agenda", state, "agenda yang menunggu keputusan", "lihat: sinkron waiting")
        )
    here = batch.current
    case = Case(agenda, here.number, here.digest_for(str(role)))
    # Not numbered: of two people who answer at once each is judged, and none hears the other's verdict.
    return Question(case, str(role), secrets.randbits(KEY_BITS), TERMINAL)


def _answer(office: Office, question: Question, arguments: argparse.Namespace) -> tuple[Answer, str]:
    """What was typed, and the faults of Staff's worksheet."""
    from tasks.approvals.keyfile import open_key_file

    key = open_key_file(arguments.kunci, ask_secret("Frasa sandi kunci: ")) if arguments.kunci else None
    code = "" if key else ask_code(arguments.kode)
    answer = Answer(
        arguments.keputusan, arguments.catatan, arguments.nip, code, datetime.now(UTC), arguments.kode_berkas,
        worksheet=arguments.lembar_kerja if question.role == STAFF.role else "",
    )  # fmt: skip
    answer, faults = with_worksheet(office, question, legible(answer))
    return (replace(answer, signature=key.sign(statement(question, answer)).hex()) if key else answer), faults


def _accepted(office: Office, question: Question, verdict: Verdict) -> int:
    import httpx

    from flows.recover import nudge
    from flows.supervisor import running_api

    title = LEVELS[question.role].title
    what = {SUBMIT: f"{title} - usulan diajukan", WITHDRAW: "tanda tangan Anda dicabut"}.get(
        verdict.decision, f"{title} - {verdict.decision}"
    )
    sys.stdout.write(f"Tercatat: {what} (agenda {question.case.agenda})\n")
    try:
        with contextlib.suppress(httpx.HTTPError):  # the watcher of a running office sees it within seconds
            nudge(office, running_api(office), question.case.agenda)
    except UserError:
        sys.stdout.write("Kantor tidak sedang berjalan; SOP berlanjut saat sinkron serve dijalankan.\n")
    return Exit.OK


def undo_command(arguments: argparse.Namespace) -> int:
    """Asks for an undo; it is decided like any other change-set."""
    import httpx

    from flows.supervisor import running_api
    from tasks.store import open_store
    from tasks.write.undo import propose_undo

    office = existing_office()
    with open_ledger(office) as ledger, open_store(office) as con:
        before = head(ledger)
        case = propose_undo(con, ledger, arguments.agenda, (arguments.alasan, datetime.now(UTC)))
        asked = "diminta" if head(ledger) != before else "sudah diminta sebelumnya"
    sys.stdout.write(f"Pembatalan {asked}: {case.agenda} (membatalkan {arguments.agenda}), kode berkas {case.code}\n")
    sys.stdout.write(f"Menunggu Staff, Kasi, Kabid, Kadis: di Prefect UI, atau sinkron decide {case.agenda}\n")
    with contextlib.suppress(UserError, httpx.HTTPError):
        running_api(office).start(case.agenda)
    return Exit.OK
