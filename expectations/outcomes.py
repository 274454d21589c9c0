"""What step 6 may do to a received row (handbook 2.1): exactly one of five outcomes each."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of one received row. The city corrects its own data; the Ditjen deactivates and deletes."""

    CORRECTED = "diperbaiki"
    DEACTIVATION = "usul nonaktif"
    OTHER_REGION = "rujuk luar kota"
    UNFOUNDED = "tidak terbukti"
    POSTPONED = "ditunda"


@dataclass(frozen=True)
class OutcomeText:
    """How an outcome is explained to people: ``meaning`` on the summary, ``next_step`` on the worksheet."""

    meaning: str
    next_step: str


TEXTS: dict[Outcome, OutcomeText] = {
    Outcome.CORRECTED: OutcomeText(
        "elemen diperbaiki menurut data atau dokumen yang disebut pada kolom dasar",
        "ditulis setelah Kadis menandatangani",
    ),
    Outcome.DEACTIVATION: OutcomeText(
        "NIK ini diusulkan nonaktif; pelaksananya Ditjen Dukcapil", "masuk daftar usulan ke Ditjen"
    ),
    Outcome.OTHER_REGION: OutcomeText(
        "domisili di luar kota; data daerah lain tidak pernah ditulis", "surat konfirmasi ke Dinas asal"
    ),
    Outcome.UNFOUNDED: OutcomeText("data kantor sudah benar; ditutup tanpa perubahan", "dilaporkan ke Ditjen"),
    Outcome.POSTPONED: OutcomeText(
        "menunggu dokumen, warga, atau rekam biometrik", "diteliti lagi setelah dokumen ada"
    ),
}

# Elements nobody in the office may change: the NIK stays (Permendagri 74/2015 art. 3), the key of the register too.
FORBIDDEN_ELEMENTS = frozenset({"nik"})
BY_STAFF = "keputusan Staff"  # cause of an outcome or change that Staff decided by hand
PROPOSAL_COLUMN = "usulan"  # the register's own column for "diusulkan nonaktif"
PROPOSED_INACTIVE = "NONAKTIF"
