"""Rules about one person: name, birth, marriage, codes, address, recording (catalogue ANM-NAM ... GND-05)."""

from expectations.codes import labels
from expectations.rules.model import Resolution, Rule, Severity

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO
R = Resolution

MAX_AGE_YEARS = 120
VERIFY_AGE_YEARS = 100
MIN_MARRIAGE_YEARS = 15
ADULT_YEARS = 19
RECORDING_YEARS = 23

TITLE = (
    r"^(HJ?|DRS?|DRA|IR|PROF|K\.?H|HAJI|NY|TN)[. ]"
    r"|[, ](S\.?PD|S\.?H|S\.?E|S\.?T|S\.?KOM|S\.?SOS|S\.?AG|M\.?M|M\.?SI|A\.?MD)\.?$"
)


def _unknown_code(code: str, title: str, column: str, severity: Severity) -> Rule:
    known = ", ".join(f"'{value}'" for value in labels(column))
    return Rule(
        code, title, severity, R.AUTO_PROPOSE, (column,), f"coalesce({column}, '') not in ({known})",
        "Kode atau label tidak ada pada tabel kode SIAK.", "Kode data kantor diusulkan.", (column,),
    )


PERSON: tuple[Rule, ...] = (
    Rule("ANM-NAM-01", "Nama kosong", E, R.DOC, ("nama_lgkp",), "nz(nama_lgkp) is null",
         "Kolom nama kosong atau '-'.", "Ambil dari akta lahir atau SIAK.", ("nama_lgkp",)),
    Rule("ANM-NAM-02", "Nama memuat angka atau simbol", E, R.AUTO_PROPOSE, ("nama_lgkp",),
         "regexp_matches(upper(nz(nama_lgkp)), '[^A-Z .,''`\u00a0/()-]')",
         "Nama memuat angka atau simbol, misalnya 0 di tengah huruf.", "Nama data kantor diusulkan.",
         ("nama_lgkp",)),
    Rule("ANM-NAM-03", "Nama hanya 1-2 huruf", W, R.FIELD, ("nama_lgkp",),
         "nz(nama_lgkp) is not null and length(regexp_replace(upper(nama_lgkp), '[^A-Z]', '', 'g')) <= 2",
         "Nama sangat pendek.", "Verifikasi; nama pendek bisa sah sebelum 2022.", ("nama_lgkp",)),
    Rule("ANM-NAM-04", "Nama memuat tanda baca", W, R.AUTO_PROPOSE, ("nama_lgkp",),
         "regexp_matches(nz(nama_lgkp), '[.,/()''`;:_-]')",
         "Nama memuat titik, koma, garis miring atau tanda lain.", "Nama data kantor diusulkan.", ("nama_lgkp",)),
    Rule("ANM-NAM-05", "Nama memuat gelar", W, R.AUTO_PROPOSE, ("nama_lgkp",),
         f"regexp_matches(upper(nz(nama_lgkp)), '{TITLE}')",
         "Gelar punya kolom sendiri (GLR_AGAMA, GLR_AKADEMIS).", "Nama tanpa gelar dari data kantor diusulkan.",
         ("nama_lgkp",)),
    Rule("ANM-NAM-09", "Nama pengisi", E, R.DOC, ("nama_lgkp",),
         r"regexp_full_match(upper(nz(nama_lgkp)), '(N\.?N\.?|X+|TIDAK (TAHU|DIKETAHUI|ADA)|BAYI( NY.*)?"
         r"|ALM(ARHUM)?|TES(T|TING)?|\?+|NO ?NAME)')",
         "Bukan nama, melainkan isian sementara.", "Akta lahir.", ("nama_lgkp",)),
    Rule("ANM-NAM-11", "Spasi ganda, spasi tepi atau huruf kecil", I, R.AUTO_FORMAT, ("nama_lgkp",),
         "nz(nama_lgkp) is not null "
         "and nama_lgkp <> upper(trim(regexp_replace(nama_lgkp, '[ \u00a0\t]+', ' ', 'g')))",
         "Penulisan nama tidak baku.", "Dirapikan otomatis dan dicatat.", ("nama_lgkp",)),
    Rule("ANM-TGL-01", "Tanggal lahir kosong", E, R.DOC, ("tgl_lhr",),
         "nz(tgl_lhr_raw) is null or regexp_matches(tgl_lhr_raw, '0000|^00')",
         "Kolom tanggal lahir kosong atau 00-00-0000.", "Akta lahir; bila tak tahu tanggal: 1 Juli.", ("tgl_lhr",)),
    Rule("ANM-TGL-02", "Tanggal lahir mustahil", E, R.DOC, ("tgl_lhr",),
         "nz(tgl_lhr_raw) is not null and not regexp_matches(tgl_lhr_raw, '0000|^00') and tgl_lhr is null",
         "Tanggal itu tidak ada pada kalender.", "Akta lahir.", ("tgl_lhr",)),
    Rule("ANM-TGL-03", "Tanggal lahir di masa depan", E, R.DOC, ("tgl_lhr",),
         "tgl_lhr > getvariable('as_of')::date", "Lahir sesudah berkas diterima.", "Akta lahir; sering salah abad.",
         ("tgl_lhr",)),
    Rule("ANM-TGL-04", f"Umur lebih dari {MAX_AGE_YEARS} tahun", E, R.FIELD, ("tgl_lhr",),
         f"age(tgl_lhr) > {MAX_AGE_YEARS}", "Biasanya salah abad.", "Cek NIK dan lapangan.", ("tgl_lhr",)),
    Rule("ANM-TGL-05", f"Umur {VERIFY_AGE_YEARS}-{MAX_AGE_YEARS} tahun", W, R.FIELD, ("tgl_lhr",),
         f"age(tgl_lhr) between {VERIFY_AGE_YEARS} and {MAX_AGE_YEARS}", "Perlu verifikasi masih hidup.",
         "Kunjungan kelurahan; bila wafat, akta kematian."),
    Rule("ANM-TGL-06", "Tanggal lahir baku 1 Juli / 31 Desember", I, R.NONE, ("tgl_lhr",),
         "strftime(tgl_lhr, '%d%m') in ('0107', '3112')",
         "Kebiasaan pencatatan untuk tanggal yang tidak diketahui.", "Tidak dikoreksi."),
    Rule("ANM-KWN-01", f"Status kawin di bawah {ADULT_YEARS} tahun", W, R.DOC, ("stat_kwn", "tgl_lhr"),
         f"stat_kwn in ('2', '3', '4') and age(tgl_lhr) between {MIN_MARRIAGE_YEARS} and {ADULT_YEARS - 1}",
         "Kawin/cerai pada umur sangat muda.", "Dispensasi pengadilan, atau tanggal lahir salah.", ("stat_kwn",)),
    Rule("ANM-KWN-02", f"Status kawin di bawah {MIN_MARRIAGE_YEARS} tahun", E, R.DOC, ("stat_kwn", "tgl_lhr"),
         f"stat_kwn in ('2', '3', '4') and age(tgl_lhr) < {MIN_MARRIAGE_YEARS}",
         "Hampir pasti salah entri.", "Periksa tanggal lahir dan status kawin.", ("stat_kwn",)),
    _unknown_code("ANM-KOD-01", "Kode jenis kelamin tidak dikenal", "jenis_klmin", E),
    _unknown_code("ANM-KOD-02", "Kode agama tidak dikenal", "agama", W),
    _unknown_code("ANM-KOD-04", "Kode hubungan keluarga tidak dikenal", "stat_hbkel", E),
    _unknown_code("ANM-KOD-05", "Kode pendidikan tidak dikenal", "pddk_akh", W),
    _unknown_code("ANM-KOD-06", "Kode pekerjaan tidak dikenal", "jenis_pkrjn", W),
    _unknown_code("ANM-KOD-07", "Kode status kawin tidak dikenal", "stat_kwn", E),
    Rule("ANM-ALM-01", "Alamat kosong", W, R.FIELD, ("alamat",), "nz(alamat) is null",
         "Kolom alamat kosong.", "Isi dari kelurahan.", ("alamat",)),
    Rule("ANM-ALM-02", "RT/RW kosong atau 0", I, R.FIELD, ("no_rt", "no_rw"),
         "coalesce(try_cast(no_rt as integer), 0) = 0 or coalesce(try_cast(no_rw as integer), 0) = 0",
         "RT atau RW tidak diisi.", "Isi dari kelurahan.", ("no_rt", "no_rw")),
    Rule("ANM-HDP-03", f"Wajib KTP belum rekam (> {RECORDING_YEARS} tahun)", W, R.FIELD, ("ektp_status", "tgl_lhr"),
         f"age(tgl_lhr) > {RECORDING_YEARS} and coalesce(nz(ektp_status), 'BELUM REKAM') = 'BELUM REKAM'",
         "Dewasa tetapi belum merekam KTP-el.", "Panggil untuk rekam."),
    Rule("GND-05", "DUPLICATE RECORD biometrik", E, R.BIOMETRIC, ("ektp_status",),
         "upper(coalesce(ektp_status, '')) = 'DUPLICATE RECORD'",
         "Pusat menemukan biometrik orang ini pada NIK lain.",
         "Surat pernyataan warga dan usul ke Ditjen; KTP-el tidak dapat dicetak."),
    Rule("GND-06", "ADJUDICATE RECORD biometrik", W, R.CENTRAL, ("ektp_status",),
         "upper(coalesce(ektp_status, '')) = 'ADJUDICATE RECORD'",
         "Menunggu keputusan petugas pusat.", "Tunggu pusat."),
)
