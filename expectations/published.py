"""The analysts' copy as a contract: every table, view and column of ``published/sinkron.duckdb`` and what it means.

The meanings are written into the file (COMMENT ON) and shown in docs/analyst.md. Nothing else is in the file.

Columns about people are of four sorts. *Traits* may be known of a neighbour and are hidden (LADDER). *Facts* are what
people hear of the office's work: told in full, and whoever knows one of them beside all traits still finds K people.
What *yields* tells of traits itself, as a rule on wives does: it is told where K people with the same traits share it,
and left empty elsewhere, so that a kelurahan keeps its people. The rest is the office's own: days, numbers, pseudonyms.
"""

from dataclasses import dataclass

from expectations.approvals import CHAIN, STAFF

# k-anonymity (Samarati & Sweeney 1998): whoever knows a resident's traits finds at least this many people with them.
K = 5


@dataclass(frozen=True)
class Column:
    """One column. ``kind``: DuckDB's type; ``trait``: others may know it of a resident (a quasi-identifier).

    ``fact``: others may hear it of what the office did about somebody; ``yields``: left empty where it would tell of
    fewer than K people with the same traits; ``person``: a pseudonym of one.
    """

    name: str
    kind: str
    meaning: str
    trait: bool = False
    fact: bool = False
    yields: bool = False
    person: bool = False


@dataclass(frozen=True)
class Table:
    """One table or view. ``meaning``: what one row is."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    is_view: bool = False

    @property
    def traits(self) -> tuple[str, ...]:
        """Columns that others may know of a resident."""
        return tuple(column.name for column in self.columns if column.trait)

    @property
    def people(self) -> tuple[str, ...]:
        """Columns that say who a row is about."""
        return tuple(column.name for column in self.columns if column.person)

    @property
    def yielding(self) -> tuple[str, ...]:
        """Columns that are left empty before a trait is."""
        return tuple(column.name for column in self.columns if column.yields)

    @property
    def facts(self) -> tuple[str, ...]:
        """Columns that are told in full of people: none where a row is about nobody."""
        return tuple(column.name for column in self.columns if column.fact) if self.people else ()


@dataclass(frozen=True)
class Step:
    """One step of the SOP: who performs it, what is done, and its minutes (mutu baku, handbook 1)."""

    number: int
    role: str
    activity: str
    minutes: int


STEPS: dict[int, Step] = {
    step.number: step
    for step in (
        Step(1, STAFF.role, "Menerima inbox tentang data anomali dan ganda", 60),
        *(Step(level.step, level.role, level.activity, level.minutes) for level in (STAFF, *CHAIN)),
        Step(6, STAFF.role, "Melakukan update data anomali dan ganda", 60),
    )
}

# What a person loses, step by step, until K people share what is left, whichever fact is known of them besides.
LADDER: tuple[tuple[str, ...], ...] = (
    (), ("jenis_pkrjn", "pddk_akh"), ("stat_hbkel", "stat_kwn"), ("birth_year",), ("birth_decade",), ("jenis_klmin",),
    ("no_kel",), ("daerah",), ("no_kec",),
)  # fmt: skip
HIDDEN = tuple(trait for lost in LADDER for trait in lost)


def _text(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", meaning)


def _person(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", meaning, person=True)


def _fact(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", meaning, fact=True)


def _yielding(name: str, meaning: str) -> Column:
    return Column(name, "VARCHAR", f"{meaning}; kosong bila disamarkan", yields=True)


def _whole(name: str, meaning: str) -> Column:
    return Column(name, "BIGINT", meaning)


def _day(name: str, meaning: str) -> Column:
    return Column(name, "DATE", meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "BOOLEAN", meaning)


AGENDA = _fact("agenda", "nomor agenda penerimaan; berakhir -U1, -U2, ... bila pembatalan")
ROW = _text("row_pseudonym", "samaran baris yang diterima, sama pada hasil, temuan dan riwayat")
PERSON = _person("orang", "samaran orang, berkunci; sama pada semua tabel dan penerimaan dalam salinan ini, lain pada "
                 "setiap salinan")  # fmt: skip
CODE = _yielding("code", "kode aturan, lihat aturan")
RULE = _text("code", "kode aturan")
OUTSIDE = Column("luar_kota", "BOOLEAN", "domisili pada baris itu di luar kota", trait=True, fact=True)
ABROAD = Column("luar_kota", "BOOLEAN", "domisili orang itu di luar kota, menurut data kantor atau baris terbarunya",
                trait=True, fact=True)  # fmt: skip
DISTRICT = Column("no_kec", "VARCHAR", "kode kecamatan dalam kota (2 angka); kosong dan luar_kota benar: di luar kota; "
                  "kosong saja: disamarkan, atau tidak diketahui", trait=True)  # fmt: skip
VILLAGE = Column("no_kel", "VARCHAR", "kode kelurahan dalam kecamatan (4 angka); kosong dan no_kec terisi: disamarkan, "
                 "tetapi terhitung pada kecamatannya; keduanya kosong: seperti no_kec", trait=True)  # fmt: skip
PLACE = (DISTRICT, VILLAGE)
BIRTH = (
    Column("birth_year", "INTEGER", "tahun lahir; kosong bila disamarkan menjadi dasawarsa", trait=True),
    Column("birth_decade", "INTEGER", "tahun pertama dasawarsa lahir (1980 = 1980-1989); kosong bila disamarkan",
           trait=True),
    Column("jenis_klmin", "VARCHAR", "kode jenis kelamin: 1 laki-laki, 2 perempuan; kosong bila disamarkan",
           trait=True),
)  # fmt: skip
ROUND = Column("ronde", "INTEGER", "ronde tanda tangan, mulai 1; ronde baru sesudah Tidak, gugur atau dicabut Staff")
NAMES = (_text("kecamatan", "nama kecamatan"), _text("kelurahan", "nama kelurahan"))
GROUP = _text("no_kasus", "samaran nomor kasus ganda, sama pada semua penerimaan dalam salinan ini")
HIDDEN_PLACE, ABROAD_PLACE = "disamarkan", "luar kota"

TABLES: tuple[Table, ...] = (
    Table("terbitan", "salinan ini (satu baris)", (
        Column("diterbitkan_pada", "TIMESTAMP", "waktu salinan dibuat, WIB"),
        _text("agenda", "penerimaan atau pembatalan yang baru selesai ketika salinan dibuat"),
        Column("k", "INTEGER", "orang paling sedikit yang berbagi ciri yang sama"),
    )),
    Table("wilayah", "kelurahan di kota ini", (
        _text("no_kec", "kode kecamatan (2 angka)"), _text("no_kel", "kode kelurahan (4 angka)"), *NAMES,
    )),
    Table("berkas", "berkas yang diterima", (
        AGENDA, Column("file_no", "INTEGER", "nomor berkas dalam penerimaan"),
        _text("layout", "tata letak yang dikenali"), _whole("received", "baris diterima"),
        _whole("loaded", "baris terbaca"), _whole("rejected", "baris ditolak"),
    )),
    Table("batch", "penulisan atau pembatalan yang selesai", (
        AGENDA, Column("round", "INTEGER", "ronde yang disetujui"), _text("digest", "SHA-256 usulan yang disetujui"),
        _whole("written", "elemen yang ditulis"), _whole("unchanged", "elemen yang sudah benar pada data kantor"),
        _whole("received", "baris diterima"), _day("written_on", "hari ditulis"),
        _text("membatalkan", "agenda yang dibatalkan oleh pembatalan ini"),
        _text("dibatalkan_oleh", "pembatalan yang kini berlaku atas agenda ini; kosong bila penulisan masih berlaku"),
    )),
    Table("aturan", "aturan anomali", (
        RULE, _text("title", "judul aturan"), _text("severity", "berat: ERROR, WARNING, INFO"),
        _text("resolution", "siapa yang menyelesaikan: DOC, AUTO_PROPOSE, AUTO_FORMAT, FIELD, FILE_RETURN, CENTRAL, "
              "BIOMETRIC, REFER_REGION, NONE"),
    )),
    Table("hasil", "baris yang diterima pada satu ronde", (
        AGENDA, Column("round", "INTEGER", "ronde usulan"), _flag("disetujui", "ronde ini disetujui dan ditulis"), ROW,
        PERSON, _fact("outcome", "diperbaiki, usul nonaktif, rujuk luar kota, tidak terbukti, ditunda"),
        _yielding("basis", "dasar; dari lembar kerja Staff hanya disebut asalnya"),
        _yielding("cause", "sebab: kode aturan, atau keputusan Staff, keputusan terdahulu, jawaban kasus"),
        _flag("needs_person", "perlu diputuskan orang"), OUTSIDE, *PLACE, *BIRTH,
    )),
    Table("temuan", "temuan satu aturan pada satu baris", (AGENDA, ROW, PERSON, CODE, OUTSIDE, *PLACE)),
    Table("pasangan", "pasangan catatan yang mungkin orang yang sama", (
        AGENDA, _person("orang_kiri", "samaran orang pertama, seperti orang"),
        _person("orang_kanan", "samaran orang kedua, seperti orang"),
        Column("weight", "DOUBLE", "bobot kecocokan dalam bit (Fellegi & Sunter 1969), dibulatkan ke bit utuh"),
        Column("probability", "DOUBLE", "peluang orang yang sama, 0 sampai 1, dibulatkan ke perseratus"),
        _text("band", "golongan keyakinan"), _yielding("kind", "jenis pasangan"),
        _text("reason", "alasan dalam kata; kosong seperti kind"),
    )),
    Table("riwayat", "perubahan yang disetujui, juga yang dibuat pembatalan", (
        AGENDA, ROW, PERSON, _fact("element", "elemen data"), _yielding("basis", "dasar, seperti pada hasil"),
        _flag("written", "data kantor diubah; salah bila hanya salinan pusat yang keliru"),
        _day("written_on", "hari ditulis"),
    )),
    Table("penduduk", "penduduk pada data kantor", (
        PERSON, *PLACE, *BIRTH,
        Column("stat_kwn", "VARCHAR", "kode status kawin: 1 belum, 2 kawin, 3 cerai hidup, 4 cerai mati", trait=True),
        Column("stat_hbkel", "VARCHAR", "kode hubungan keluarga: 1 kepala keluarga, 2 suami, 3 istri, 4 anak, ...",
               trait=True),
        Column("pddk_akh", "VARCHAR", "kode pendidikan terakhir", trait=True),
        Column("jenis_pkrjn", "VARCHAR", "kode pekerjaan", trait=True),
        _fact("ektp_status", "status rekam KTP-el"), _fact("usulan", "NONAKTIF bila diusulkan nonaktif ke Ditjen"),
    )),
    Table("kasus", "perkara yang menunggu jawaban di luar kantor", (
        _text("no_kasus", "samaran nomor kasus, lain pada setiap salinan"),
        _fact("jenis", "luar kota, pemohon, biometrik"), PERSON, _fact("agenda", "penerimaan yang membuka kasus"),
        Column("daerah", "VARCHAR", "kabupaten/kota yang ditanya (4 angka, dipisah spasi); teks kosong bila bukan luar "
               "kota, NULL bila disamarkan", trait=True), ABROAD, *PLACE,
        _day("dibuka_pada", "hari kasus mulai menunggu"), _day("tenggat", "hari jawaban ditunggu"),
        _day("batas_pusat", "hari ke-60 sejak diterima (batas jawaban ke pusat)"),
        _day("ditutup_pada", "hari kasus ditutup; kosong bila masih terbuka"),
        _text("ditutup_agenda", "penerimaan yang menutup kasus"),
    )),
    Table("rekonsiliasi", "keadaan satu temuan seseorang pada satu penerimaan, dibanding berkas sebelumnya", (
        AGENDA, _day("diterima_pada", "hari diterima"), PERSON, CODE,
        _text("temuan_pseudonym", "samaran satu temuan seseorang, sama pada semua penerimaan dalam salinan ini; "
              "membedakan temuan yang code-nya disamarkan"),
        _text("keadaan", "baru, masih terbuka, muncul lagi, selesai, hilang"),
        _day("pertama_pada", "hari pertama kali ditemukan"), _day("sejak_pada", "hari mulai terbuka yang terakhir"),
        Column("umur_hari", "INTEGER", "hari dari sejak_pada sampai diterima_pada"),
        _text("ditangani_agenda", "penerimaan yang menanganinya; kosong bila belum"), ABROAD, *PLACE,
    )),
    Table("kasus_ganda", "orang dalam satu kasus ganda pada satu penerimaan", (
        AGENDA, GROUP, PERSON,
    )),
    Table("peristiwa_ganda", "perubahan satu kasus ganda pada satu penerimaan", (
        AGENDA, GROUP, _text("peristiwa", "baru, tetap, tumbuh, susut, gabung, pecah, tutup"),
        _text("lain", "samaran kasus lain: yang menerima gabungan, atau asal pecahan"),
    )),
    Table("langkah", "satu langkah SOP satu kali dikerjakan, dari Buku Agenda", (
        AGENDA, ROUND, Column("langkah", "INTEGER", "langkah SOP, 1 sampai 6"),
        _text("peran", "pelaksana: staff, kasi, kabid, kadis"), _text("kegiatan", "kegiatan menurut SOP"),
        Column("mulai", "TIMESTAMP", "mulai, WIB"),
        Column("selesai", "TIMESTAMP", "selesai, WIB; kosong bila belum pada waktu terbit"),
        Column("menit", "DOUBLE", "menit kerja (tanpa istirahat, malam, dan hari libur) sampai selesai atau terbit"),
        Column("menit_sop", "INTEGER", "menit menurut mutu baku SOP"), _flag("melewati", "menit lebih dari menit_sop"),
    )),
    Table("keputusan", "satu keputusan seorang pejabat atau Staff, dari Buku Agenda", (
        AGENDA, ROUND, _text("peran", "staff, kasi, kabid, kadis"), _text("putusan", "Ajukan, Ya, Tidak, Cabut"),
        Column("pada", "TIMESTAMP", "waktu, WIB"),
    )),
    Table("temuan_aturan", "temuan satu aturan pada satu penerimaan, seluruh kota; terhitung juga yang disamarkan pada "
          "temuan", (
        _text("agenda", AGENDA.meaning), RULE, _flag("luar_kota", "domisili pada barisnya di luar kota"),
        _whole("temuan", "banyaknya temuan"), _whole("jumlah_orang", "banyaknya orang"),
    )),
    Table("ketepatan_aturan", "aturan: berapa temuannya yang terbukti pada penulisan yang berlaku; terhitung juga yang "
          "disamarkan pada temuan", (
        RULE, _text("title", "judul aturan"), _whole("ditandai", "temuan pada baris yang disetujui"),
        _whole("dikonfirmasi", "barisnya diperbaiki atau diusulkan nonaktif"),
        _whole("tidak_terbukti", "barisnya tidak terbukti"), _whole("ditunda", "barisnya ditunda"),
        _whole("rujuk", "barisnya dirujuk ke luar kota"),
        Column("ketepatan", "DOUBLE", "dikonfirmasi / (dikonfirmasi + tidak_terbukti); kosong bila belum ada"),
    )),
    Table("beban_kerja", "keputusan satu peran pada satu hari", (
        _day("hari", "hari, WIB"), _text("peran", "staff, kasi, kabid, kadis"), _whole("keputusan", "semua keputusan"),
        _whole("ya", "Ya, atau Ajukan oleh Staff"), _whole("tidak", "Tidak"), _whole("cabut", "keputusan dicabut"),
    ), is_view=True),
    Table("tunggakan", "kasus yang masih terbuka pada hari terbit, per kelurahan dan jenis", (
        ABROAD, *PLACE, _text("kecamatan", f"nama kecamatan, atau {HIDDEN_PLACE}, {ABROAD_PLACE}"),
        _text("kelurahan", f"nama kelurahan, atau {HIDDEN_PLACE}, {ABROAD_PLACE}"),
        _text("jenis", "luar kota, pemohon, biometrik"), _whole("terbuka", "kasus terbuka"),
        Column("umur_hari_median", "DOUBLE", "median hari sejak dibuka"),
        _whole("umur_hari_tertua", "hari sejak dibuka, kasus tertua"),
        _whole("lewat_tenggat", "kasus yang tenggatnya lewat"),
    ), is_view=True),
)  # fmt: skip

BY_NAME = {table.name: table for table in TABLES}
