"""The approval chain of the SOP "Anomali Data", as data: who decides what, in how many minutes, and where No leads.

Source: SOP steps 2-5 (handbook 1). Another office changes this table, never the code.
"""

from dataclasses import dataclass
from enum import StrEnum


class Separation(StrEnum):
    """Whether one person may prepare and approve, or approve at two levels, of one change-set.

    STRICT: never. NOTED: allowed for an office with too few people, and marked on every document.
    """

    STRICT = "ketat"
    NOTED = "dicatat"


class MandateKind(StrEnum):
    """How somebody holds a post: definitive; Plh while the official is away for days, Plt while the post is vacant.

    Source: UU 30/2014 ps 14, SE BKN 1/SE/I/2021. Both acting kinds need a letter and an end.
    """

    DEFINITIVE = "definitif"
    PLH = "plh"
    PLT = "plt"


# Guessing a code: three of a million are right at a time, five tries and a lock; the third lock of a day is long.
MAX_FAILURES, LOCK_MINUTES = 5, 15
LOCKS_A_DAY, LONG_LOCK_HOURS = 3, 24


@dataclass(frozen=True)
class Level:
    """One person's step.

    ``role``: key in the registry and in gate keys; ``minutes``: the SOP's mutu baku;
    ``meaning``: what the decision counts as; ``no_leads_to``: role that gets the case after Tidak.
    """

    role: str
    title: str
    step: int
    activity: str
    meaning: str
    minutes: int
    no_leads_to: str | None


STAFF = Level("staff", "Staff", 2, "Meneliti data anomali dan ganda", "menyusun usulan", 450, None)

CHAIN: tuple[Level, ...] = (
    Level("kasi", "Kasi", 3, "Memverifikasi sinkronisasi data", "paraf", 60, "staff"),
    Level("kabid", "Kabid", 4, "Memverifikasi sinkronisasi data", "paraf", 60, "staff"),
    Level("kadis", "Kadis", 5, "Menyetujui sinkronisasi data", "tanda tangan", 30, "staff"),
)

LEVELS = {level.role: level for level in (STAFF, *CHAIN)}
