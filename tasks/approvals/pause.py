"""The SOP's clock stands still while Staff waits for another region: rows of other regions adjust the time of step 2.

Source: SOP "Anomali Data", Keterangan of step 2. The Ditjen's 60 days run on; the steps of the others have no pause.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from expectations.approvals import STAFF
from tasks.approvals.coded import Act, Coded, enter
from tasks.approvals.docket import ASIDE, docket
from tasks.approvals.people import Person
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Entry, Kind, LedgerConnection, entries, writing

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


def record_pause(con: LedgerConnection, key: bytes, coded: Coded, about: tuple[str, int]) -> None:
    """Enters the stop or the going on, or the refused try.

    ``about``: number of the letter ("" = the clock goes on), rows of other regions.
    Raises UserError (USAGE) where there is nothing to stop, (IDENTITY) when it is not Staff of today with a right code.
    """
    facts: dict[str, object] = {"reason": OTHER_REGION, "letter": about[0], "rows": about[1]}
    act = Act(Kind.PAUSED, facts, _is_staff, "orang ini bukan Staff hari ini")
    with writing(con):
        _check(con, coded.agenda, about)
        refused = enter(con, key, coded, act)
    if refused:
        raise UserError(
            Exit.IDENTITY, Problem(f"jeda {coded.agenda}", refused, "Staff dengan kode yang benar", "ulangi")
        )


def _is_staff(person: Person, day: str) -> bool:
    return person.mandate(STAFF.role, day) is not None


def _check(con: LedgerConnection, agenda: str, about: tuple[str, int]) -> None:
    """Raises UserError (USAGE) with all that stands against it."""
    batch, (letter, rows) = docket(con, agenda), about
    stands = any(pause.ended is None for pause in pauses(entries(con, agenda)))
    place, goes_on = f"jeda {agenda}", not letter
    wrong = [
        Problem(place, received, allowed, step)
        for fails, received, allowed, step in (
            (not batch.rounds or batch.turn() != STAFF.role, "agenda ini tidak menunggu Staff",
             "agenda yang sedang diteliti Staff (langkah 2)", "lihat: sinkron waiting"),
            (goes_on and not stands, "jam SOP tidak sedang dijeda", "jam yang dijeda", "tidak perlu apa-apa"),
            (not goes_on and stands, "jam SOP sudah dijeda", "satu jeda", "tidak perlu apa-apa"),
            (not goes_on and not rows, "tidak ada baris luar kota dalam usulan ini",
             "usulan dengan baris rujuk luar kota", "jam SOP berjalan terus"),
            (not goes_on and not LETTER.fullmatch(letter), "bukan nomor surat",
             "nomor surat konfirmasi seperti 470/12/2026, tanpa nama dan tanpa NIK", "isi --surat"),
        ) if fails
    ]  # fmt: skip
    if wrong:
        raise UserError(Exit.USAGE, *wrong)
