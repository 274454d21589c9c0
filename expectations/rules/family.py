"""Rules about a family and a person's place in it (catalogue ANM-KEL, ANM-HUB).

Household queries read ``household``: the office's own members of every family in the batch, with the received rows
in place of the people they stand for. A family the office does not know is not judged: an extract lists the
suspicious members only, so a "missing" head would be an artefact of the list.
"""

from expectations.rules.model import Resolution, Rule, Severity

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO
R = Resolution

HEAD_MIN_YEARS = 17
MAX_MEMBERS = 15

FAMILY: tuple[Rule, ...] = (
    Rule(
        "ANM-KEL-01",
        "KK tanpa kepala keluarga",
        E,
        R.DOC,
        ("no_kk", "stat_hbkel"),
        "select no_kk from household where active group by no_kk having count(*) filter (stat_hbkel = '1') = 0",
        "Tidak ada anggota aktif dengan hubungan Kepala Keluarga.",
        "Tunjuk kepala keluarga baru (F-1.02), terbitkan KK.",
        flags="true",
    ),
    Rule(
        "ANM-KEL-02",
        "Kepala keluarga lebih dari satu",
        E,
        R.DOC,
        ("no_kk", "stat_hbkel"),
        "select no_kk from household where active group by no_kk having count(*) filter (stat_hbkel = '1') > 1",
        "Dua anggota aktif atau lebih berstatus Kepala Keluarga.",
        "Pecah KK atau perbaiki hubungan keluarga (F-1.06).",
        ("stat_hbkel",),
        flags="stat_hbkel = '1'",
    ),
    Rule(
        "ANM-KEL-04",
        "Anggota KK tidak wajar banyaknya",
        W,
        R.FIELD,
        ("no_kk",),
        f"select no_kk from household where active group by no_kk having count(*) > {MAX_MEMBERS}",
        "Mungkin KK tampungan.",
        "Verifikasi satu per satu; kecualikan panti dan lapas.",
        flags="true",
    ),
    Rule(
        "ANM-KEL-05",
        "Anggota satu KK beda kelurahan",
        W,
        R.AUTO_PROPOSE,
        ("no_kk", "no_kec", "no_kel"),
        "select no_kk from household where active and no_prop || no_kab = getvariable('city') "
        "group by no_kk having count(distinct no_kec || no_kel) > 1",
        "Kelurahan anggota berbeda dari kepala keluarganya.",
        "Wilayah data kantor diusulkan.",
        ("no_kec", "no_kel"),
        flags="no_prop || no_kab = getvariable('city')",
    ),
    Rule(
        "ANM-KEL-06",
        f"Kepala keluarga di bawah {HEAD_MIN_YEARS} tahun",
        W,
        R.FIELD,
        ("stat_hbkel", "tgl_lhr", "stat_kwn"),
        f"stat_hbkel = '1' and age(tgl_lhr) < {HEAD_MIN_YEARS} and coalesce(stat_kwn, '1') = '1'",
        "Kepala keluarga masih anak.",
        "Verifikasi (yatim piatu, ikut wali) atau tanggal lahir salah.",
        ("tgl_lhr",),
    ),
    Rule(
        "ANM-KEL-07",
        "Anggota tunggal bukan kepala keluarga",
        E,
        R.AUTO_PROPOSE,
        ("no_kk", "stat_hbkel"),
        "select no_kk from household where active group by no_kk having count(*) = 1 and max(stat_hbkel) <> '1'",
        "Satu-satunya anggota KK tidak berstatus Kepala Keluarga.",
        "Hubungan diusulkan Kepala Keluarga.",
        ("stat_hbkel",),
        flags="true",
    ),
    Rule(
        "ANM-HUB-01",
        "Istri berjenis kelamin laki-laki",
        E,
        R.DOC,
        ("stat_hbkel", "jenis_klmin"),
        "stat_hbkel = '3' and jenis_klmin = '1'",
        "Hubungan Istri dengan jenis kelamin laki-laki.",
        "Perbaiki jenis kelamin atau hubungan keluarga.",
        ("jenis_klmin", "stat_hbkel"),
    ),
    Rule(
        "ANM-HUB-02",
        "Suami berjenis kelamin perempuan",
        E,
        R.DOC,
        ("stat_hbkel", "jenis_klmin"),
        "stat_hbkel = '2' and jenis_klmin = '2'",
        "Hubungan Suami dengan jenis kelamin perempuan.",
        "Perbaiki jenis kelamin atau hubungan keluarga.",
        ("jenis_klmin", "stat_hbkel"),
    ),
    Rule(
        "ANM-HUB-03",
        "Istri/suami tidak berstatus kawin",
        E,
        R.DOC,
        ("stat_hbkel", "stat_kwn"),
        "stat_hbkel in ('2', '3') and stat_kwn in ('1', '3', '4')",
        "Hubungan Istri/Suami dengan status kawin lain.",
        "Buku nikah/akta kawin, atau SPTJM F-1.05.",
        ("stat_kwn",),
    ),
    Rule(
        "ANM-HUB-04",
        "Kepala keluarga belum kawin tetapi ada istri/suami",
        E,
        R.DOC,
        ("stat_hbkel", "stat_kwn"),
        "select no_kk from household where active group by no_kk "
        "having bool_or(stat_hbkel = '1' and stat_kwn <> '2') and bool_or(stat_hbkel in ('2', '3'))",
        "Kepala keluarga tidak berstatus kawin, pasangannya ada dalam KK.",
        "Buku nikah atau akta cerai.",
        ("stat_kwn",),
        flags="stat_hbkel = '1'",
    ),
    Rule(
        "ANM-HUB-12",
        "Nama orang tua kosong",
        W,
        R.DOC,
        ("nama_lgkp_ibu", "nama_lgkp_ayah"),
        "nz(nama_lgkp_ibu) is null or nz(nama_lgkp_ayah) is null",
        "Nama ibu atau ayah kosong atau '-'.",
        "Akta lahir; kecualikan anak dengan asal-usul tidak diketahui.",
        ("nama_lgkp_ibu", "nama_lgkp_ayah"),
    ),
    Rule(
        "ANM-HUB-13",
        "NIK ibu/ayah kosong pada anak dalam KK",
        I,
        R.AUTO_PROPOSE,
        ("nik_ibu", "nik_ayah"),
        "stat_hbkel = '4' and (nz(nik_ibu) is null or nz(nik_ayah) is null)",
        "Anak dalam KK tanpa NIK orang tua.",
        "Diisi dari anggota KK yang nama dan jenis kelaminnya cocok.",
        ("nik_ibu", "nik_ayah"),
    ),
)
