"""What step 6 may do to a received row (handbook 2.1): exactly one of five outcomes each."""

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of one received row. The city corrects its own data; the Ditjen deactivates and deletes."""

    CORRECTED = "diperbaiki"
    DEACTIVATION = "usul nonaktif"
    OTHER_REGION = "rujuk luar kota"
    UNFOUNDED = "tidak terbukti"
    POSTPONED = "ditunda"


# What each outcome means to the people who sign it.
MEANINGS: dict[Outcome, str] = {
    Outcome.CORRECTED: "elemen diperbaiki menurut data atau dokumen yang disebut pada kolom dasar",
    Outcome.DEACTIVATION: "NIK ini diusulkan nonaktif; pelaksananya Ditjen Dukcapil",
    Outcome.OTHER_REGION: "domisili di luar kota; data daerah lain tidak pernah ditulis",
    Outcome.UNFOUNDED: "data kantor sudah benar; ditutup tanpa perubahan",
    Outcome.POSTPONED: "menunggu dokumen, warga, atau rekam biometrik",
}

# Elements nobody in the office may change: the NIK stays (Permendagri 74/2015 art. 3), the key of the register too.
FORBIDDEN_ELEMENTS = frozenset({"nik"})
BY_STAFF = "keputusan Staff"  # cause of an outcome or change that Staff decided by hand
PROPOSAL_COLUMN = "usulan"  # the register's own column for "diusulkan nonaktif"
PROPOSED_INACTIVE = "NONAKTIF"
