"""The SOP's clock stands still while Staff waits for another region: rows of other regions adjust the time of step 2.

Source: SOP "Anomali Data", Keterangan of step 2. The Ditjen's 60 days run on; the steps of the others have no pause.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from expectations.approvals import STAFF
from tasks.approvals.docket import ASIDE, docket
from tasks.approvals.people import people
from tasks.approvals.prove import prove
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Entry, Kind, LedgerConnection, append, entries, utc, writing
from tasks.office import WIB

OTHER_REGION = "luar kota"
# A number of a letter, as 470/12/417.303/2026: a digit and a stroke in it, no blank, no NIK, no long word.
LETTER = re.compile(r"(?=.*[0-9])(?=.*/)(?!.*[A-Za-z]{11})(?!.*[0-9]{9})[0-9A-Za-z][0-9A-Za-z./-]{2,59}")


@dataclass(frozen=True)
class Pause:
    """One stretch in which the clock of Staff's step stood still. ``ended``: None while it does; both aware, UTC.

    ``letter``: number of the letter to the other region; ``rows``: how many rows wait for it.
    """

    begun: datetime
    ended: datetime | None
    letter: str
    rows: int


@dataclass(frozen=True)
class Asked:
    """Who stops the clock of a batch, or lets it go on (``letter`` ""). ``rows``: of other regions; ``at``: aware."""

    agenda: str
    nip: str
    code: str
    letter: str
    rows: int
    at: datetime
    signature: str = ""
    assertion: None = None  # a device key signs decisions alone


def pauses(found: Iterable[Entry]) -> list[Pause]:
    """All stretches of one batch by its entries in order. Whatever moves the batch on ends one, too."""
    made: list[Pause] = []
    for entry in found:
        stands = bool(made) and made[-1].ended is None
        at = datetime.fromisoformat(entry.at)
        if entry.kind == Kind.PAUSED and not entry.payload["refused"] and entry.payload["letter"]:
            made += [] if stands else [Pause(at, None, entry.payload["letter"], entry.payload["rows"])]
        elif stands and (entry.kind not in ASIDE or (entry.kind == Kind.PAUSED and not entry.payload["refused"])):
            made[-1] = replace(made[-1], ended=at)
    return made


def spans(found: Sequence[Pause], until: datetime) -> list[tuple[datetime, datetime]]:
    """From and to of each; one that lasts counts until ``until``."""
    return [(pause.begun, pause.ended or until) for pause in found]


def record_pause(con: LedgerConnection, key: bytes, asked: Asked) -> None:
    """Enters the stop or the going on, or the refused try.

    Raises UserError (USAGE) where there is nothing to stop, (IDENTITY) when it is not Staff of today with a right code.
    """
    with writing(con):
        _check(con, asked)
        person = people(con).get(asked.nip)
        proof = prove(con, key, person, (asked, b""))
        day = asked.at.astimezone(WIB).date().isoformat()
        may = person is not None and person.mandate(STAFF.role, day) is not None
        refused = proof.reason or ("" if may else "orang ini bukan Staff hari ini")
        facts = {"reason": OTHER_REGION, "letter": asked.letter, "rows": asked.rows, "refused": refused,
                 "submitted_at": utc(asked.at), **proof.facts}  # fmt: skip
        append(con, asked.at, (Kind.PAUSED, asked.agenda, proof.actor), facts)
    if refused:
        raise UserError(
            Exit.IDENTITY, Problem(f"jeda {asked.agenda}", refused, "Staff dengan kode yang benar", "ulangi")
        )


def _check(con: LedgerConnection, asked: Asked) -> None:
    """Raises UserError (USAGE) with all that stands against it."""
    batch = docket(con, asked.agenda)
    stands = any(pause.ended is None for pause in pauses(entries(con, asked.agenda)))
    place, goes_on = f"jeda {asked.agenda}", not asked.letter
    wrong = [
        Problem(place, received, allowed, step)
        for fails, received, allowed, step in (
            (not batch.rounds or batch.turn() != STAFF.role, "agenda ini tidak menunggu Staff",
             "agenda yang sedang diteliti Staff (langkah 2)", "lihat: sinkron waiting"),
            (goes_on and not stands, "jam SOP tidak sedang dijeda", "jam yang dijeda", "tidak perlu apa-apa"),
            (not goes_on and stands, "jam SOP sudah dijeda", "satu jeda", "tidak perlu apa-apa"),
            (not goes_on and not asked.rows, "tidak ada baris luar kota dalam usulan ini",
             "usulan dengan baris rujuk luar kota", "jam SOP berjalan terus"),
            (not goes_on and not LETTER.fullmatch(asked.letter), "bukan nomor surat",
             "nomor surat konfirmasi seperti 470/12/2026, tanpa nama dan tanpa NIK", "isi --surat"),
        ) if fails
    ]  # fmt: skip
    if wrong:
        raise UserError(Exit.USAGE, *wrong)
