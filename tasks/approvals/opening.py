"""Opening unmasked data: by a registered person with a code and a reason, entered before anything is shown."""

from enum import StrEnum

from tasks.approvals.answer import kept_note
from tasks.approvals.coded import Act, Coded, enter
from tasks.approvals.people import Person
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, writing


class Unmasked(StrEnum):
    """What is shown or taken out with residents' data in it, as the ledger names it."""

    HISTORY = "riwayat"
    PROPOSAL = "usulan"
    PACK = "paket bukti"
    ORIGINALS = "berkas asal"
    PASSWORD = "sandi lampiran"  # noqa: S105 (the name of a thing, not one)


def record_opening(con: LedgerConnection, key: bytes, coded: Coded, about: tuple[Unmasked, str]) -> None:
    """Enters the opening, or the refused try. ``about``: what is opened, and why.

    Raises UserError (IDENTITY, or USAGE without a NIP or a reason).
    """
    what, reason = about
    place = f"membuka {what}"
    if not reason.strip() or not coded.nip:
        raise UserError(
            Exit.USAGE, Problem(place, "NIP atau alasan kosong", "NIP, kode dan alasan", "isi --nip dan --alasan")
        )
    facts: dict[str, object] = {"what": what.value, "reason": kept_note(reason)}
    act = Act(Kind.OPENED, facts, _holds_a_post, "orang ini tidak memegang jabatan apa pun hari ini")
    with writing(con):
        refused = enter(con, key, coded, act)
    if refused:
        raise UserError(Exit.IDENTITY, Problem(place, refused, "orang terdaftar dengan kode yang benar", "ulangi"))


def _holds_a_post(person: Person, day: str) -> bool:
    return any(mandate.holds(mandate.role, day) for mandate in person.mandates)
