"""What the case workbook (lembar kasus) looks like; its writer, its reader and the inbox share it."""

from pathlib import Path

from expectations.cases import CaseKind
from expectations.columns import STORED
from expectations.outcomes import EVENTS, Outcome

CASES, META, LISTS, GUIDE = "Kasus", "_kasus", "_daftar", "Petunjuk"
MARK = "sinkron-lembar-kasus/3"  # cell B1 of META; B2 the office's mark
KIND = "lembar kasus"  # how its receipt tells the layout
NEW = "buat lembar baru: sinkron cases --lembar"

RELATED, BETWEEN = "KASUS TERKAIT", "; "  # other cases of the same person that the same region is asked about
TOLD = ("KASUS", "JENIS", "NIK", "NAMA_LGKP", "TGL_LHR", "DAERAH", RELATED, "ALASAN", "DIBUKA", "TENGGAT",
        "BATAS PUSAT")  # fmt: skip
OPEN = ("JAWABAN", "HASIL", "ELEMEN", "MENJADI", "ELEMEN 2", "MENJADI 2", "DASAR", "NOMOR", "TANGGAL", "TUNDA SAMPAI",
        "CATATAN")  # fmt: skip
# The row as received, so that it can be read again from this book alone; GIVEN: the columns that its file had.
GIVEN = "KOLOM"
RECEIVED = (*(name.upper() for name in STORED if name.upper() not in TOLD), GIVEN)
LOCKED = (*TOLD, *RECEIVED)
HEADS = {CASES: (*TOLD, *OPEN, *RECEIVED)}

REGION_ANSWERS = tuple(event.name for event in EVENTS if event.letter)
STAYS_HERE, THEIRS, BOTH_WRONG = REGION_ANSWERS
DOCUMENT, CAME, STAYED_AWAY = "dokumen diterima", "warga datang", "tidak datang"
# answer -> the kinds of case it may answer, and the outcomes that Staff chooses from ("" : the answer says it).
ANSWERS: dict[str, tuple[tuple[CaseKind, ...], tuple[str, ...]]] = {
    **dict.fromkeys(REGION_ANSWERS, ((CaseKind.OTHER_REGION,), ("",))),
    DOCUMENT: (tuple(CaseKind), (Outcome.CORRECTED.value, Outcome.UNFOUNDED.value)),
    CAME: ((CaseKind.RESIDENT, CaseKind.BIOMETRIC),
           (Outcome.CORRECTED.value, Outcome.UNFOUNDED.value, Outcome.POSTPONED.value)),
    STAYED_AWAY: ((CaseKind.RESIDENT, CaseKind.BIOMETRIC), ("", Outcome.POSTPONED.value)),
}  # fmt: skip
OUTCOMES = (Outcome.CORRECTED.value, Outcome.UNFOUNDED.value, Outcome.POSTPONED.value)


def is_case_workbook(path: Path) -> bool:
    """Whether a file is a workbook with our hidden sheet, whatever else is wrong with it; reads a few kilobytes."""
    from tasks.worksheet.keep import bears

    return bears(path, META)


def looks_like_one(path: Path) -> bool:
    """Whether a file is a workbook with our sheet of cases, hidden sheet or not; reads a few kilobytes."""
    from tasks.worksheet.keep import bears

    return bears(path, CASES)
