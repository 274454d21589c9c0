"""Opening unmasked data: by a registered person with a code and a reason, entered before anything is shown."""

from dataclasses import dataclass
from datetime import datetime

from tasks.approvals.answer import kept_note
from tasks.approvals.people import people
from tasks.approvals.prove import prove
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, append, utc, writing
from tasks.office import WIB


@dataclass(frozen=True)
class Opening:
    """Who wants to see the unmasked data of a batch, and why. ``at``: now (aware)."""

    agenda: str
    nip: str
    code: str
    reason: str
    at: datetime
    signature: str = ""
    assertion: None = None  # a device key signs decisions alone


def record_opening(con: LedgerConnection, key: bytes, opening: Opening) -> None:
    """Enters the opening, or the refused try. Raises UserError (IDENTITY, or USAGE without a reason)."""
    if not opening.reason.strip() or not opening.nip:
        problem = Problem("--terbuka", "NIP atau alasan kosong", "NIP, kode dan alasan", "isi --nip dan --alasan")
        raise UserError(Exit.USAGE, problem)
    with writing(con):
        person = people(con).get(opening.nip)
        proof = prove(con, key, person, (opening, b""))
        day = opening.at.astimezone(WIB).date().isoformat()
        may = person is not None and any(mandate.holds(mandate.role, day) for mandate in person.mandates)
        refused = proof.reason or ("" if may else "orang ini tidak memegang jabatan apa pun hari ini")
        facts = {"what": "riwayat", "reason": kept_note(opening.reason), "refused": refused,
                 "submitted_at": utc(opening.at), **proof.facts}  # fmt: skip
        append(con, opening.at, (Kind.OPENED, opening.agenda, proof.actor), facts)
    if refused:
        raise UserError(
            Exit.IDENTITY, Problem("--terbuka", refused, "orang terdaftar dengan kode yang benar", "ulangi")
        )
