"""The data contract: every column of a resident's record, described once.

Names keep the SIAK spelling in lower case. The reader maps headers by ``aliases``, the store makes its DDL from
``stored``, masking and documents read ``privacy`` and ``label``.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Privacy(StrEnum):
    """How much a value tells about a person (UU 27/2022 PDP art. 4): what masking does with it."""

    DIRECT = "langsung"  # names or numbers that point at one person
    SPECIFIC = "spesifik"  # protected by UU 24/2013 art. 84 and UU 27/2022: never loaded when not needed
    INDIRECT = "tidak langsung"
    NONE = "bukan data pribadi"


@dataclass(frozen=True)
class Column:
    """One column of the contract. ``name``: SIAK spelling in lower case; ``label``: what people read."""

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    privacy: Privacy = Privacy.INDIRECT
    stored: bool = True
    required: bool = False


D, S, I, N = Privacy.DIRECT, Privacy.SPECIFIC, Privacy.INDIRECT, Privacy.NONE

COLUMNS: tuple[Column, ...] = (
    Column("nik", "NIK", ("No_Induk_Kependudukan", "NO.NIK", "Nomor Induk Kependudukan"), D, required=True),
    Column("nik_ktpel", "NIK pada KTP-el", ("NIK KTP-el", "NIK_KTPEL"), D),
    Column(
        "no_kk",
        "Nomor KK",
        ("Nomor KK", "NO.KK", "No. KK", "No. KK :", "NO. KK :", "Nomor Kartu Keluarga", "No Kartu Keluarga"),
        D,
        required=True,
    ),
    Column("nama_lgkp", "Nama lengkap", ("Nama Penduduk", "Nama Lengkap", "NAMA"), D, required=True),
    Column("jenis_klmin", "Jenis kelamin", ("Kelamin", "JK", "jenis_kelamin"), I, required=True),
    Column("tmpt_lhr", "Tempat lahir", ("Tempat Lahir", "tmpt_lahir")),
    Column("tgl_lhr", "Tanggal lahir", ("Tanggal Lahir", "Tgl/Bln/Th", "tgl_lahir"), D, required=True),
    Column("gol_drh", "Golongan darah", ("Gol. Darah", "G.DRH", "Gol. Drh")),
    Column("agama", "Agama"),
    Column("stat_kwn", "Status kawin", ("Status Kawin", "Stat Kwn", "STATUS")),
    Column("stat_hbkel", "Hubungan keluarga (SHDK)", ("SHDK", "HUB. KEL", "status_hub_keluarga")),
    Column("pddk_akh", "Pendidikan terakhir", ("Pendidikan", "Pendidikan Terakhir", "Terakhir")),
    Column("jenis_pkrjn", "Pekerjaan", ("Pekerjaan", "jenis_pekerjaan")),
    Column("nik_ibu", "NIK ibu", ("NIK Ibu",), D),
    Column("nama_lgkp_ibu", "Nama ibu", ("Ibu", "NAMA IBU"), D),
    Column("nik_ayah", "NIK ayah", ("NIK Ayah",), D),
    Column("nama_lgkp_ayah", "Nama ayah", ("Ayah", "NAMA AYAH"), D),
    Column("alamat", "Alamat", ("ALAMAT :",), D),
    Column("no_rt", "RT", ("RT",)),
    Column("no_rw", "RW", ("RW",)),
    Column("no_prop", "Kode provinsi", privacy=N),
    Column("no_kab", "Kode kabupaten/kota", privacy=N),
    Column("no_kec", "Kode kecamatan", privacy=N),
    Column("no_kel", "Kode kelurahan", privacy=N),
    Column("kec_name", "Nama kecamatan", ("Kecamatan", "KECAMATAN", "KECAMATAN :"), N),
    Column(
        "kel_name", "Nama kelurahan", ("Desa/Kel", "DESA", "DESA/KELURAHAN", "DESA :", "KELURAHAN", "KELURAHAN/DESA"), N
    ),
    Column("stat_hidup", "Status hidup"),
    Column("flag_status", "Status aktif"),
    Column("status_dasar", "Status dasar", ("Status",)),
    Column("ektp_status", "Status rekam KTP-el", ("EKTP_CURRENT_STATUS_CODE", "KTPEL", "Stat Rkm")),
    Column("no_akta_lhr", "Nomor akta lahir", ("Nomor Akta Lahir", "NO.AKTE LAHIR", "No Akta Lahir"), D),
    Column("no_akta_kwn", "Nomor akta kawin", ("Nomor Akta Kawin",), D),
    Column("tgl_kwn", "Tanggal kawin", ("Tanggal Kwn",)),
    Column("no_akta_crai", "Nomor akta cerai", ("Nomor Akta Cerai",), D),
    Column("tgl_crai", "Tanggal cerai", ("Tgl Cerai",)),
    Column("tgl_entri", "Tanggal entri", ("Tgl Entri",), N),
    Column("tgl_ubah", "Tanggal ubah", ("Tgl Ubah",), N),
    # Known, and left in the archived original: the job does not need them (data minimisation).
    Column("pnydng_cct", "Penyandang cacat", ("Cacat",), S, stored=False),
    Column("desc_pekerjaan", "Deskripsi pekerjaan", ("Deskripsi Pekerjaan",), stored=False),
    Column("tgl_cetak_ktp", "Tanggal cetak KTP", ("Cetak KTP",), stored=False),
    Column("tgl_ganti_ktp", "Tanggal ganti KTP", ("Ganti KTP",), stored=False),
    Column("tgl_pjg_ktp", "KTP berakhir", ("KTP Berakhir",), stored=False),
    Column("no_paspor", "Nomor paspor", ("Nomor Paspor",), D, stored=False),
    Column("nama_pet_reg", "Petugas registrasi", ("Petugas Registrasi",), D, stored=False),
    Column("nama_pet_entri", "Petugas entri", ("Petugas Entri",), D, stored=False),
    Column("no_urut", "Nomor urut", ("NO", "No.", "NO URUT", "Nomor Urut"), N, stored=False),
    Column(
        "nama_kep",
        "Nama kepala keluarga",
        ("NAMA.KK", "NAMA. KK :", "Nama Kepala Keluarga :", "Kepala Keluarga"),
        D,
        stored=False,
    ),
    Column("dusun", "Dusun", ("Nama Dusun",), stored=False),
    Column("prop_name", "Nama provinsi", ("PROVINSI", "PROVINSI :"), N, stored=False),
    Column(
        "kab_name",
        "Nama kabupaten/kota",
        ("KABUPATEN", "KABUPATEN/KOTA", "KABUPATEN:", "KAB/KOTA", "KOTA"),
        N,
        stored=False,
    ),
    Column("kode_pos", "Kode pos", ("Kodepos",), stored=False),
    Column("wajib_ktp", "Wajib KTP", ("Wjb KTP",), stored=False),
    Column("glr_agama", "Gelar agama", ("Gelar Agama",), stored=False),
    Column("glr_akademis", "Gelar akademis", ("Gelar Akademis",), stored=False),
    Column("glr_bangsawan", "Gelar kebangsawanan", ("Gelar Bangsawan",), stored=False),
    Column("is_pros_datang", "Dalam proses datang", stored=False),
    Column("flag_pindah", "Tanda pindah", stored=False),
    Column("keterangan", "Keterangan", ("KET", "Keterangan"), stored=False),
)

BY_NAME = {column.name: column for column in COLUMNS}
STORED = tuple(column.name for column in COLUMNS if column.stored)
REQUIRED = tuple(column.name for column in COLUMNS if column.required)
CONTEXT = ("prop_name", "kab_name")  # read to tell which region a kecamatan is of, and not stored
IDENTIFIERS = ("nik", "nik_ktpel", "no_kk", "nik_ibu", "nik_ayah")
DATES = ("tgl_lhr", "tgl_kwn", "tgl_crai", "tgl_entri", "tgl_ubah")


def normalise_header(header: str) -> str:
    """``"No. KK :"`` -> ``"NOKK"``: headers are compared without case, spaces and punctuation."""
    return re.sub(r"[^A-Z0-9]", "", header.upper())


# An exact spelling wins: "Status" is STATUS_DASAR in a flat SIAK export, "STATUS" is marital status in a BIP print.
EXACT = {alias: column.name for column in COLUMNS for alias in (column.name, *column.aliases)}
NORMALISED = {normalise_header(alias): name for alias, name in reversed(EXACT.items())}


def canonical_name(header: str) -> str | None:
    """The column a received header stands for, or None when the contract does not know it."""
    clean = header.strip()
    return EXACT.get(clean) or NORMALISED.get(normalise_header(clean))
