"""Matters that outlive their batch: what waits for another regency, a resident, or the biometric recording."""

from enum import StrEnum


class CaseKind(StrEnum):
    """What a case waits for."""

    OTHER_REGION = "luar kota"
    RESIDENT = "pemohon"
    BIOMETRIC = "biometrik"


ANSWERED = "jawaban kasus"  # cause of an outcome that a case's answer proposed
CALL_DAYS = 14  # days a called resident has, when Staff named no day
CENTRE_DAYS = 60  # the centre's deadline runs on while a case waits (Ditjen SOP 7.4.3.3, 2011)
ANSWER_DAYS_LEFT = 14  # before the centre's deadline: another region's answer can still be told there
LEAST_ANSWER_DAYS = 7  # for another region's answer, however late our own letter is

# What Staff may answer beside another region's letter (expectations.outcomes.EVENTS).
MEANINGS = {
    "dokumen diterima": "dokumen warga atau dinas lain: isi DASAR, NOMOR dan TANGGAL, dan HASIL menurut dokumen itu",
    "warga datang": "orangnya datang ke kantor; HASIL menurut dokumennya, atau ditunda sampai hari lain",
    "tidak datang": "belum datang: kasus tetap terbuka sampai TUNDA SAMPAI, surat panggilan dibuat lagi",
}

# Element to be matched -> the documents it is usually shown by (Perpres 96/2018, Permendagri 108/2019).
BIRTH = "kutipan akta kelahiran"
MARRIAGE = "buku nikah atau kutipan akta perkawinan"
LIVES = "surat keterangan domisili dari kelurahan"
BRING: dict[str, tuple[str, ...]] = {
    "tgl_lhr": (BIRTH, "ijazah terakhir"), "nama_lgkp": (BIRTH, "ijazah terakhir"), "jenis_klmin": (BIRTH,),
    "nama_lgkp_ibu": (BIRTH,), "nama_lgkp_ayah": (BIRTH,), "nik_ibu": (BIRTH, "KTP-el ibu"),
    "nik_ayah": (BIRTH, "KTP-el ayah"), "stat_kwn": ("buku nikah, kutipan akta perkawinan, atau akta perceraian",),
    "tgl_kwn": (MARRIAGE,), "tgl_crai": ("kutipan akta perceraian",),
    "no_akta_crai": ("kutipan akta perceraian",), "pddk_akh": ("ijazah terakhir",),
    "jenis_pkrjn": ("surat keputusan atau surat keterangan pekerjaan",), "stat_hbkel": (BIRTH, "buku nikah"),
    "no_kk": ("kartu keluarga lama, bila masih ada",), "agama": ("surat keterangan pemuka agama",),
    "gol_drh": ("surat keterangan golongan darah",), "alamat": (LIVES,), "no_kec": (LIVES,), "no_kel": (LIVES,),
    "nik": (BIRTH,),
}  # fmt: skip

# Rules that correct no element: what is matched, and what shows it (the catalogue's own advice for each).
_NIK, _HEAD = (
    ("NIK", (BIRTH,)),
    ("kepala keluarga", (MARRIAGE, "kutipan akta kematian, bila kepala keluarga meninggal")),
)
RECORDING = "ANM-HDP-03"  # an adult without KTP-el recording
ASKED: dict[str, tuple[str, tuple[str, ...]]] = {
    "ANM-NIK-01": _NIK, "ANM-NIK-11": _NIK, "ANM-NIK-13": _NIK,
    "ANM-KK-01": ("nomor kartu keluarga", (BIRTH, MARRIAGE)),
    "ANM-KK-04": ("kartu keluarga dari daerah asal", ("surat keterangan pindah (SKPWNI)",)),
    "ANM-KK-06": ("kartu keluarga lama", (BIRTH, MARRIAGE)),
    "ANM-KEL-01": _HEAD, "ANM-KEL-03": _HEAD,
    "ANM-KEL-04": ("susunan keluarga", ("kutipan akta kelahiran semua anggota keluarga",)),
    "ANM-KEL-08": ("kartu keluarga yang berlaku", ("semua kartu keluarga yang memuat nama Saudara",)),
    "ANM-TGL-05": ("tanggal lahir", (BIRTH, "kutipan akta kematian, bila sudah meninggal")),
    "ANM-HDP-01": ("status kependudukan", ("kutipan akta kematian atau surat keterangan kematian, bila meninggal",)),
    "ANM-HDP-02": ("status kepindahan", ("surat keterangan pindah (SKPWNI)",)),
    "GND-02": ("biodata", (BIRTH,)),
    "GND-07": ("kartu keluarga yang berlaku", ("semua kartu keluarga yang dipegang keluarga ini",)),
    "GND-08": ("nomor akta kelahiran", (BIRTH,)),
    RECORDING: ("perekaman KTP-el (belum pernah direkam)", (f"{BIRTH}, bila ada",)),
}  # fmt: skip
OTHERWISE = ("biodata dan susunan keluarga", (BIRTH, "ijazah terakhir"))  # Staff waits, no rule tells for what
LETTER, KTP = "surat panggilan ini", "KTP-el asli"
ALWAYS_BRING = (LETTER, KTP, "kartu keluarga asli")
# Recording needs the person and the family card; whoever was never recorded has no KTP-el (Perpres 96/2018 art. 15).
RECORDING_BRINGS = tuple(one for one in ALWAYS_BRING if one != KTP)
