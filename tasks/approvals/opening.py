"""Opening unmasked data: by a registered person with a code and a reason, entered before anything is shown."""

from tasks.approvals.answer import kept_note
from tasks.approvals.coded import Act, Coded, enter
from tasks.approvals.people import Person
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, writing


def record_opening(con: LedgerConnection, key: bytes, coded: Coded, reason: str) -> None:
    """Enters the opening, or the refused try. Raises UserError (IDENTITY, or USAGE without a reason)."""
    if not reason.strip() or not coded.nip:
        problem = Problem("--terbuka", "NIP atau alasan kosong", "NIP, kode dan alasan", "isi --nip dan --alasan")
        raise UserError(Exit.USAGE, problem)
    facts: dict[str, object] = {"what": "riwayat", "reason": kept_note(reason)}
    act = Act(Kind.OPENED, facts, _holds_a_post, "orang ini tidak memegang jabatan apa pun hari ini")
    with writing(con):
        refused = enter(con, key, coded, act)
    if refused:
        raise UserError(
            Exit.IDENTITY, Problem("--terbuka", refused, "orang terdaftar dengan kode yang benar", "ulangi")
        )


def _holds_a_post(person: Person, day: str) -> bool:
    return any(mandate.holds(mandate.role, day) for mandate in person.mandates)
