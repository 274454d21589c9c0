"""The approval chain of the SOP "Anomali Data", as data: who decides what, in how many minutes, and where No leads.

Source: SOP steps 2-5 (handbook 1). Another office changes this table, never the code.
"""

from dataclasses import dataclass


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
