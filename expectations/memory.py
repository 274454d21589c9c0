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
    MERGED = "gabung"  # ``other`` ended in it
    SPLIT = "pecah"  # from ``other``
    CLOSED = "tutup"  # ``other``: the number it ended in, if any


REMEMBERED = "keputusan terdahulu"  # cause of an outcome or change that Staff decided in an earlier batch

# What of a file's name is its time, its version or its kind, and not the list it holds.
_MONTHS = (
    "januari februari maret april mei juni juli agustus september oktober november desember "
    "january february march may june july august october december "
    "jan feb mar apr jun jul agu agt ags aug sep sept okt oct nov nop des dec"
)
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii"  # months of letters and numbers of parts
_TIMES = "tanggal tgl minggu mgg bulan bln triwulan tw semester smt sem tahun thn periode per tahap"
_VERSIONS = "rev revisi final perbaikan salinan copy baru new v ver versi"
_CONTAINERS = "csv txt tsv xls xlsx xlsm dbf zip parquet gz data file berkas lampiran kiriman unduhan ekspor export"
_NO_LIST = frozenset(f"{_MONTHS} {_ROMAN} {_TIMES} {_VERSIONS} {_CONTAINERS}".split())


def series(name: str) -> str:
    """The list a received file holds, whatever the day: the same words have the same series.

    ``name``: of the received file (a member of a ZIP: ``zip/member``, which counts by both names' words). Returns its
    words in lower case, each once and sorted, without digits, months, versions and kinds of files:
    ``Ditjen_ganda_2026_10.csv``, ``ganda Ditjen (nov 26) rev2.xlsx`` and ``ganda.zip/DITJEN-GANDA.csv`` are
    ``ditjen ganda``. A name of nothing else has the series "".
    """
    return " ".join(sorted(set(re.findall("[a-z]+", name.lower())) - _NO_LIST))
