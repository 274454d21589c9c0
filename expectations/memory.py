"""What the office remembers between extracts: what became of a finding, and of a group of duplicates.

The centre sends the same list at another time; what is no longer in it counts as fixed there (ANPR's users miss both:
what is new, fixed or came back, and the proof of it; handbook 6).
"""

import re
from enum import StrEnum


class Label(StrEnum):
    """What an extract says about one finding (a rule) of one subject."""

    NEW = "baru"
    STILL_OPEN = "masih terbuka"
    CAME_BACK = "muncul lagi"
    FIXED = "selesai"
    DISAPPEARED = "hilang"


MEANINGS: dict[Label, str] = {
    Label.NEW: "belum pernah ada pada berkas sebelumnya",
    Label.STILL_OPEN: "sudah ada pada berkas sebelumnya dan belum hilang",
    Label.CAME_BACK: "pernah selesai atau hilang, dan ada lagi",
    Label.FIXED: "sudah ditangani kantor, dan tidak ada lagi pada daftar pusat",
    Label.DISAPPEARED: "tidak ada lagi pada daftar pusat tanpa ditangani kantor",
}
OPEN = frozenset({Label.NEW, Label.STILL_OPEN, Label.CAME_BACK})


class ClusterEvent(StrEnum):
    """What an extract says about one group of records that are one person. ``lain`` names the other case's number."""

    NEW = "baru"
    SAME = "tetap"
    GREW = "tumbuh"
    SHRANK = "susut"
    MERGED = "gabung"  # into ``other``
    SPLIT = "pecah"  # from ``other``
    CLOSED = "tutup"


REMEMBERED = "keputusan terdahulu"  # cause of an outcome or change that Staff decided in an earlier batch

_MONTHS = (
    "januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember|"
    "jan|feb|mar|apr|jun|jul|agu|agt|sep|okt|nov|des"
)
# As SQL and Python read it: digits, months as words of their own and separators are the time, not the list.
TIME_OF_A_NAME = rf"(?:^|[^a-z])(?:{_MONTHS})(?=[^a-z]|$)|[^a-z]+"


def series(name: str) -> str:
    """``Ditjen_ganda_2026_10.csv`` -> ``ditjen ganda csv``: the same list at another time has the same series.

    ``name``: of the received file; a ZIP's member is named ``zip/member`` and counts by both.
    """
    return re.sub(TIME_OF_A_NAME, " ", re.sub(TIME_OF_A_NAME, " ", name.lower())).strip()
