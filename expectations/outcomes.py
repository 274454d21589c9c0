"""What step 6 may do to a received row (handbook 2.1): one of five outcomes each, and what Staff bases it on."""

from dataclasses import dataclass
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

# Outcomes that say what is right: Staff who chooses one by hand names the document that shows it (F-1.06: dasar).
BY_DOCUMENT = frozenset({Outcome.CORRECTED, Outcome.DEACTIVATION, Outcome.UNFOUNDED})


@dataclass(frozen=True)
class Document:
    """What Staff may rest a decision on (DASAR). ``numbered``, ``dated``: it bears one, so the sheet must tell it.

    A card's number is the NIK or NO_KK itself and is not repeated.
    """

    name: str
    numbered: bool = True
    dated: bool = True


REGION_LETTER = Document("surat jawaban daerah lain")
# The documents that the office changes elements by (Perpres 96/2018, Permendagri 108/2019), as people name them.
DOCUMENTS: tuple[Document, ...] = (
    Document("kutipan akta kelahiran"),
    Document("kutipan akta kematian"),
    Document("kutipan akta perkawinan"),
    Document("buku nikah"),
    Document("kutipan akta perceraian"),
    Document("akta pengakuan atau pengesahan anak"),
    Document("penetapan atau putusan pengadilan"),
    Document("surat keterangan lahir"),
    Document("surat keterangan kematian"),
    Document("surat keterangan pindah (SKPWNI)"),
    Document("ijazah"),
    Document("paspor"),
    Document("surat keputusan"),
    Document("surat keterangan lain"),
    REGION_LETTER,
    Document("KTP-el", numbered=False, dated=False),
    Document("kartu keluarga", numbered=False),
    Document("hasil rekam biometrik", numbered=False),
    Document("verifikasi lapangan RT/RW", numbered=False),
    Document("formulir F-1.06", numbered=False),
    Document("surat pernyataan (SPTJM)", numbered=False),
)


@dataclass(frozen=True)
class Event:
    """What happened about a row since it was proposed (KEJADIAN), and the outcomes it can lead to.

    ``letter``: another office's answer, so NOMOR and TANGGAL are those of its letter.
    """

    name: str
    meaning: str
    outcomes: frozenset[Outcome]
    letter: bool = False


EVENTS: tuple[Event, ...] = (
    # Mojokerto 2019: of 6,802 to be deactivated 787 turned up and 690 were kept (handbook 2.2).
    Event("warga datang", "orangnya datang ke kantor: tidak diusulkan nonaktif",
          frozenset(Outcome) - {Outcome.DEACTIVATION}),
    # The three answers of another regency (handbook 8).
    Event("jawaban daerah: tetap di sini", "warga tetap di sini; daerah itu menerbitkan SKPWNI, kita menarik datanya",
          frozenset({Outcome.CORRECTED, Outcome.UNFOUNDED, Outcome.POSTPONED}), letter=True),
    Event("jawaban daerah: warga sana", "warga daerah itu; catatan di kota ini yang keluar",
          frozenset({Outcome.OTHER_REGION, Outcome.DEACTIVATION, Outcome.POSTPONED}), letter=True),
    Event("jawaban daerah: keduanya keliru", "menunggu Ditjen dan rekam biometrik",
          frozenset({Outcome.POSTPONED}), letter=True),
)  # fmt: skip

# What Staff may answer about a pair of records -> the verdict that later batches hear.
VERDICTS = {"orang sama": "sama", "kembar": "bukan", "bukan": "bukan", "tidak tahu": "tidak tahu"}
DIFFERENT_PEOPLE = tuple(answer for answer, verdict in VERDICTS.items() if verdict == "bukan")

# Elements nobody in the office may change: the NIK stays (Permendagri 74/2015 art. 3), the key of the register too.
FORBIDDEN_ELEMENTS = frozenset({"nik"})
BY_STAFF = "keputusan Staff"  # cause of an outcome or change that Staff decided by hand
PROPOSAL_COLUMN = "usulan"  # the register's own column for "diusulkan nonaktif"
PROPOSED_INACTIVE = "NONAKTIF"
