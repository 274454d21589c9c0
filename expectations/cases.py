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

# What Staff may answer beside another region's letter (expectations.outcomes.EVENTS).
MEANINGS = {
    "dokumen diterima": "dokumen warga atau dinas lain: isi DASAR, NOMOR dan TANGGAL, dan HASIL menurut dokumen itu",
    "warga datang": "orangnya datang ke kantor; HASIL menurut dokumennya, atau ditunda sampai hari lain",
    "tidak datang": "belum datang: kasus tetap terbuka sampai TUNDA SAMPAI, surat panggilan dibuat lagi",
}

# Element to be matched -> the documents it is usually shown by (Perpres 96/2018, Permendagri 108/2019).
BIRTH = "kutipan akta kelahiran"
BRING: dict[str, tuple[str, ...]] = {
    "tgl_lhr": (BIRTH, "ijazah terakhir"), "nama_lgkp": (BIRTH, "ijazah terakhir"), "jenis_klmin": (BIRTH,),
    "nama_lgkp_ibu": (BIRTH,), "nama_lgkp_ayah": (BIRTH,), "nik_ibu": (BIRTH, "KTP-el ibu"),
    "nik_ayah": (BIRTH, "KTP-el ayah"), "stat_kwn": ("buku nikah, kutipan akta perkawinan, atau akta perceraian",),
    "tgl_kwn": ("buku nikah atau kutipan akta perkawinan",), "tgl_crai": ("kutipan akta perceraian",),
    "no_akta_crai": ("kutipan akta perceraian",), "pddk_akh": ("ijazah terakhir",),
    "jenis_pkrjn": ("surat keputusan atau surat keterangan pekerjaan",), "stat_hbkel": (BIRTH, "buku nikah"),
    "no_kk": ("kartu keluarga lama, bila masih ada",), "agama": ("surat keterangan pemuka agama",),
    "gol_drh": ("surat keterangan golongan darah",),
}  # fmt: skip
ALWAYS_BRING = ("surat panggilan ini", "KTP-el asli", "kartu keluarga asli")
