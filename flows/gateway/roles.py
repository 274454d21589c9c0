"""What a login may do: by the ledger's mandates of today, else by the office's list in ``kantor.toml``."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from expectations.approvals import LEVELS, STAFF
from flows.gateway.rules import Role
from flows.rest import Run
from tasks.approvals.docket import NO, SUBMIT, WITHDRAW, YES, Docket, docket
from tasks.approvals.people import Person, people
from tasks.ledger import open_ledger
from tasks.office import WIB, Office

KEPT_SECONDS = 2.0  # one page asks for many things; a mandate that ended lives on no longer than this
NOT_WAITING = "Pekerjaan ini sedang tidak menunggu isian. Muat ulang halaman."
ANSWERED = "Formulir ini sudah dijawab atau usulannya berganti. Muat ulang halaman."
OTHER_NIP = "NIP pada formulir bukan NIP login Anda. Setiap orang mengisi dari login sendiri."
NOT_YOURS = "Formulir ini giliran {}; login Anda tidak memegang jabatan itu hari ini."


@dataclass(frozen=True)
class _Kept:
    role: Role | None
    at: float


class Roles:
    """The roles of one office's logins, read anew after KEPT_SECONDS."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._kept: dict[str, _Kept] = {}

    def of(self, nip: str) -> Role | None:
        """The role of a login, None for nobody's. Raises SinkronError when ledger or settings can not be read."""
        kept = self._kept.get(nip)
        if kept is None or time.monotonic() - kept.at > KEPT_SECONDS:
            kept = self._kept[nip] = _Kept(self._read(nip), time.monotonic())
        return kept.role

    def _read(self, nip: str) -> Role | None:
        """Who holds a mandate acts by it alone: nobody starts runs as engineer and signs them."""
        with open_ledger(self._office) as ledger:
            person = people(ledger).get(nip)
        held = _held(person)
        if held:
            return Role.STAFF if held == {STAFF.role} else Role.APPROVER
        listed = self._office.settings.pintu.orang.get(nip)
        return Role(listed) if listed else None


def _held(person: Person | None) -> set[str]:
    """The roles of the SOP whose mandate a person has today (WIB)."""
    day = datetime.now(UTC).astimezone(WIB).date().isoformat()
    if person is None or person.disabled:
        return set()
    return {role for role in LEVELS if person.mandate(role, day)}


def why_not(office: Office, run: Run, nip: str, typed: tuple[object, object]) -> str:
    """Why a login may not answer the open gate of a run, "" when it may; ``typed`` = (decision, NIP) of the form.

    Only whose turn it is in the ledger, and for taking a signature back who decided in that round: whether it was the
    last one, and everything else about an answer, the ledger judges itself.
    """
    if run.gate is None:
        return NOT_WAITING
    with open_ledger(office) as ledger:
        batch, person = docket(ledger, run.agenda), people(ledger).get(nip)
    turn = batch.turn()
    if turn not in LEVELS or not run.gate.startswith(f"{turn}-r{batch.current.number}-"):
        return ANSWERED
    decision, written = typed
    if written != nip:
        return OTHER_NIP
    if turn in _held(person) or decision in choices(batch, nip, person):
        return ""
    return NOT_YOURS.format(LEVELS[turn].title)


def choices(batch: Docket, nip: str, person: Person | None) -> tuple[str, ...]:
    """What a login may answer at the open gate of a batch; nothing when it is another's turn."""
    turn = batch.turn()
    if turn not in LEVELS:
        return ()
    own = ((SUBMIT,) if turn == STAFF.role else (YES, NO)) if turn in _held(person) else ()
    signed = nip in {entry.actor for entry in batch.current.decisions.values()}
    return (*own, WITHDRAW) if signed else own
