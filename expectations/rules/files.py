"""Findings about a whole file (catalogue BRK). The reader judges them before anything is loaded."""

from expectations.rules.model import Level, Resolution, Rule, Severity

E, W, I, FILE, R = Severity.ERROR, Severity.WARNING, Severity.INFO, Level.FILE, Resolution

FILES: tuple[Rule, ...] = (
    Rule(
        code="BRK-01", title="Jumlah baris berbeda dengan surat pengantar", level=FILE, severity=E,
        resolution=R.FILE_RETURN, columns=(),
        explanation="Jumlah baris, laki-laki, perempuan atau nomor KK tidak sama dengan surat pengantar.",
        what_to_do="Kembalikan atau konfirmasi ke pengirim.", source="bandingkan ANPR Italia EN011/EN017/EN019/EN021",
    ),
    Rule(
        code="BRK-02", title="Berkas sudah pernah diterima", level=FILE, severity=E, resolution=R.FILE_RETURN,
        columns=(),
        explanation="SHA-256 berkas (atau isinya dalam ZIP) sudah ada pada Buku Agenda.",
        what_to_do="Ditolak; lihat agenda yang lama.", source="bandingkan ANPR Italia EN007",
    ),
    Rule(
        code="BRK-03", title="Kolom wajib tidak ada / kolom tidak dikenal", level=FILE, severity=E,
        resolution=R.FILE_RETURN, columns=(),
        explanation="NIK, NO_KK, NAMA_LGKP, TGL_LHR dan JENIS_KLMIN wajib; judul lain harus dikenal.",
        what_to_do="Perbaiki judul kolom; tidak ada kolom yang ditebak.", source="OpenSID, aturan impor penduduk",
    ),
    Rule(
        code="BRK-04", title="NIK tersimpan sebagai angka (15 digit)", level=FILE, severity=E,
        resolution=R.FILE_RETURN, columns=("nik", "no_kk"),
        explanation="Sel NIK/NO_KK bertipe angka, lebih dari 25 % NIK berakhiran 0, atau NIK kehilangan angka.",
        what_to_do="Minta ulang sebagai teks; jangan ditebak.", source="float64: Excel menyimpan 15 angka",
    ),
    Rule(
        code="BRK-05", title="Karakter tak tampak / apostrof depan", level=FILE, severity=I,
        resolution=R.AUTO_FORMAT, columns=("nik", "no_kk"),
        explanation="Spasi keras, spasi lebar nol, tab atau apostrof pada NIK dan nomor KK.",
        what_to_do="Dibersihkan otomatis dan dihitung.", source="OpenSID, aturan impor penduduk",
    ),
    Rule(
        code="BRK-06", title="Baris judul/rekap terselip", level=FILE, severity=I, resolution=R.AUTO_FORMAT,
        columns=(),
        explanation="Judul berulang, baris KK, nomor kolom (1)(2)(3), tanda tangan, baris kosong.",
        what_to_do="Dilewati dan dihitung menurut namanya.", source="contoh format BIP OpenSID",
    ),
    Rule(
        code="BRK-07", title="Tanggal ambigu dd/mm atau serial Excel", level=FILE, severity=W,
        resolution=R.AUTO_PROPOSE, columns=("tgl_lhr",),
        explanation="Serial Excel, mm/dd, tahun dua angka, atau tanggal yang cocok dengan NIK hanya bila ditukar.",
        what_to_do="Dibaca dd/mm/yyyy, diuji dengan angka NIK, tidak pernah ditukar sendiri.",
        source="OpenSID, aturan impor penduduk",
    ),
)  # fmt: skip
