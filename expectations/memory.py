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

# A list that brings back less than LEAST_AGAIN percent of what its predecessor told and nobody here dealt with may be
# torn off: its silence closes nothing, unless its letter gives its number of rows. Below LEAST_OPEN findings it is
# chance. Both heuristik.
LEAST_AGAIN, LEAST_OPEN = 50, 20

# What of a file's name is its time, its version or its kind, and not the list it holds.
_MONTHS = (
    "januari februari maret april mei juni juli agustus september oktober november desember "
    "january february march may june july august october december "
    "jan feb mar apr jun jul agu agt ags aug sep sept okt oct nov nop des dec"
)
_SPANS = "tanggal tgl minggu mgg bulan bln triwulan tw semester smt sem tahun thn periode per"
_VERSIONS = "rev revisi final perbaikan salinan copy baru new v ver versi"
_JOINS = "dari of"  # "Salinan dari ganda", "Copy of ganda": as browsers and Windows name a copy
_CONTAINERS = "csv txt tsv xls xlsx xlsm dbf zip parquet gz data file berkas lampiran kiriman unduhan ekspor export"
_NOT_PARTS = frozenset(f"{_SPANS} {_VERSIONS}".split())  # a Roman number after these is theirs
_NO_LIST = _NOT_PARTS | frozenset(f"{_MONTHS} {_CONTAINERS} {_JOINS} tahap".split())

# Words that a number makes a part of a list, as they are told; a Roman number alone is a part too.
_PARTS = {
    "bagian": "bagian", "bag": "bagian", "bgn": "bagian", "part": "bagian", "tahap": "tahap", "thp": "tahap",
    "gelombang": "gelombang", "gel": "gelombang", "lampiran": "lampiran", "lamp": "lampiran", "jilid": "jilid",
    "kelompok": "kelompok", "kloter": "kloter", "paket": "paket", "termin": "termin",
    "halaman": "halaman", "hal": "halaman", "hlm": "halaman", "page": "halaman", "batch": "batch",
}  # fmt: skip
_ROMAN_TOLD = "i ii iii iv v vi vii viii ix x xi xii"
_COUNTED = "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh"
_ORDINALS = "pertama kedua ketiga keempat kelima keenam ketujuh kedelapan kesembilan kesepuluh"
_ROMAN, *_SPELT = ({w: n for n, w in enumerate(t.split(), 1)} for t in (_ROMAN_TOLD, _COUNTED, _ORDINALS))
_NUMBERS = {word: n for words in (_ROMAN, *_SPELT) for word, n in words.items()}
_YEAR = re.compile("20[0-9]{2}")
_OF = r" (?:dari|of) [0-9]{1,2}\b"
_NTH = rf"(?P<first>[0-9]{{1,2}}){_OF}"
_PART = rf"(?P<word>{'|'.join(_PARTS)}) (?:ke )?(?P<number>[0-9]{{1,2}}|{'|'.join(_NUMBERS)})\b(?:{_OF})?"
_JOINED = re.compile("(?<=[a-z]{2})(?=[A-Z])")  # gandaNov, but not eKTP
_READ = re.compile(rf"\b(?:{_PART}|{_NTH}|(?P<plain>[a-z]+|[0-9]+))")


def series(name: str) -> str:
    """The list a received file holds, whatever the day: the same words have the same series.

    ``name``: of the received file (a member of a ZIP: ``zip/member``, which counts by both names' words). Returns its
    words in lower case, each once and sorted, without digits, months, versions and kinds of files; a capital after two
    small letters begins a word: ``Ditjen_ganda_2026_10.csv``, ``ganda Ditjen (nov 26) rev2.xlsx``,
    ``Copy of ditjenGandaNov2026.csv`` and ``ganda.zip/DITJEN-GANDA.csv`` are ``ditjen ganda``. A part of a list is a
    list of its own: ``ganda bagian 2``, ``ganda II`` and ``ganda part 2 of 3`` are ``bagian-2 ganda``, ``ganda hal 1``
    is ``ganda halaman-1``; a Roman number beside a year, or after "semester" and the like, is a time. A name of nothing
    else has the series "", which stands for no list.
    """
    words = _words(" ".join(re.findall("[a-z]+|[0-9]+", _JOINED.sub(" ", name).lower())))
    return " ".join(sorted(words)) if any("-" not in word for word in words) else ""


def whole(one: str) -> str:
    """The series of the whole list of which a series is a part; a whole list's own."""
    return " ".join(word for word in one.split() if "-" not in word)


def _words(text: str) -> set[str]:
    """What a file name's words and numbers, with single spaces between them, say of its list; a part is one word."""
    found: set[str] = set()
    for match in _READ.finditer(text):
        word, number = match["plain"], match["number"] or match["first"]
        if number:
            found.add(f"{_PARTS[match['word'] or 'bagian']}-{_NUMBERS.get(number) or int(number)}")
        elif word in _ROMAN:
            before, after = text[: match.start()].split()[-1:], text[match.end() :].split()[:1]
            is_time = {*before} & _NOT_PARTS or any(map(_YEAR.fullmatch, before + after))
            is_version = word == "v" and bool(after) and after[0].isdigit()
            found |= set() if is_time or is_version else {f"bagian-{_ROMAN[word]}"}
        elif word.isalpha() and word not in _NO_LIST:
            found.add(word)
    return found
