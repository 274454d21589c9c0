"""Rules about NIK, NO_KK and the place of domicile (handbook 4, 5; catalogue ANM-NIK, ANM-KK, ANM-WIL)."""

from expectations.rules.model import Resolution, Rule, Severity

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO
R = Resolution

IDENTITY: tuple[Rule, ...] = (
    Rule(
        "ANM-NIK-01", "NIK kosong", E, R.DOC, ("nik",), "ident(nik) is null",
        "Kolom NIK kosong, '-' atau 0.",
        "Cari biodata lewat nama, tanggal lahir dan ibu; bila belum ber-NIK catat biodata (F-1.01).",
    ),
    Rule(
        "ANM-NIK-02", "Jumlah angka NIK bukan 16", E, R.AUTO_PROPOSE, ("nik",),
        "regexp_full_match(ident(nik), '[0-9]+') and length(nik) <> 16",
        "NIK berisi angka saja tetapi bukan 16 angka.",
        "Bandingkan dengan data kantor; NIK kantor diusulkan bila nama, tanggal lahir dan ibu sama.", ("nik",),
    ),
    Rule(
        "ANM-NIK-03", "NIK memuat karakter bukan angka", E, R.AUTO_PROPOSE, ("nik",),
        "ident(nik) is not null and not regexp_full_match(nik, '[0-9]+') "
        "and not regexp_matches(nik, '^[0-9][.,][0-9]+[eE]')",
        "NIK memuat huruf atau tanda, misalnya huruf O untuk angka 0.",
        "Cocokkan dengan data kantor; huruf tidak pernah diganti angka secara otomatis.", ("nik",),
    ),
    Rule(
        "ANM-NIK-04", "NIK rusak notasi ilmiah Excel", E, R.FILE_RETURN, ("nik",),
        "regexp_matches(coalesce(nik, ''), '^[0-9][.,][0-9]+[eE][+]?1[0-9]$')",
        "Excel mengubah NIK menjadi bilangan, misalnya 3,57601E+15.",
        "Minta pengirim mengirim ulang NIK sebagai teks; jangan ditebak.",
    ),
    Rule(
        "ANM-NIK-05", "Nomor urut NIK 0000", E, R.AUTO_PROPOSE, ("nik",), "nik_shape(nik) and right(nik, 4) = '0000'",
        "Hampir selalu akibat pembulatan Excel pada angka ke-16.",
        "Bandingkan dengan data kantor; NIK kantor diusulkan bila nama, tanggal lahir dan ibu sama.", ("nik",),
    ),
    Rule(
        "ANM-NIK-07", "Kode kabupaten/kota atau kecamatan NIK 00", E, R.CENTRAL, ("nik",),
        "nik_shape(nik) and left(nik, 1) <> '0' and (substr(nik, 3, 2) = '00' or substr(nik, 5, 2) = '00')",
        "Enam angka awal NIK memuat kode wilayah 00.", "Rujuk ke pusat; NIK tidak diubah di daerah.",
    ),
    Rule(
        "ANM-NIK-08", "Bagian tanggal NIK tidak sah", E, R.CENTRAL, ("nik",),
        "nik_shape(nik) and not nik_date_ok(nik)",
        "Angka 7-12 NIK bukan tanggal yang ada (perempuan: tanggal + 40).",
        "NIK tidak dapat diganti sendiri; usulkan ke Ditjen.",
    ),
    Rule(
        "ANM-NIK-09", "Tanggal lahir pada NIK berbeda", W, R.DOC, ("nik", "tgl_lhr"),
        "nik_shape(nik) and nik_date_ok(nik) and tgl_lhr is not null and right(nik, 4) <> '0000' "
        "and tgl_lhr is distinct from nik_dob(nik, '19') and tgl_lhr is distinct from nik_dob(nik, '20')",
        "Tanggal lahir pada kolom tidak sama dengan tanggal pada NIK.",
        "NIK tetap; tanggal lahir mengikuti akta lahir atau KTP-el.", ("tgl_lhr",),
    ),
    Rule(
        "ANM-NIK-10", "Jenis kelamin pada NIK berbeda", W, R.DOC, ("nik", "jenis_klmin"),
        "nik_shape(nik) and nik_date_ok(nik) and jenis_klmin in ('1', '2') and nik_sex(nik) <> jenis_klmin",
        "Angka tanggal pada NIK menunjukkan jenis kelamin lain.",
        "Periksa akta lahir dan foto KTP-el; perbaiki jenis kelamin (F-1.06). NIK tetap.", ("jenis_klmin",),
    ),
    Rule(
        "ANM-NIK-11", "NIK sementara", E, R.DOC, ("nik",), "nik_shape(nik) and left(nik, 1) = '0'",
        "NIK berawalan 0 berasal dari sistem desa, bukan SIAK.", "Ganti dengan NIK SIAK setelah pencatatan biodata.",
    ),
    Rule(
        "ANM-NIK-12", "NIK sama dengan nomor KK", E, R.AUTO_PROPOSE, ("nik", "no_kk"),
        "ident(nik) is not null and nik = no_kk",
        "Kolom NIK berisi nomor KK.",
        "Salah kolom; NIK kantor diusulkan bila nama, tanggal lahir dan ibu sama.", ("nik",),
    ),
    Rule(
        "ANM-KK-01", "Nomor KK kosong", E, R.DOC, ("no_kk",), "ident(no_kk) is null",
        "Kolom nomor KK kosong, '-' atau 0.", "Tentukan keluarga; terbitkan KK.",
    ),
    Rule(
        "ANM-KK-02", "Nomor KK bukan 16 angka", E, R.AUTO_PROPOSE, ("no_kk",),
        "ident(no_kk) is not null and not regexp_full_match(no_kk, '[0-9]{16}')",
        "Nomor KK bukan 16 angka.", "Nomor KK kantor diusulkan.", ("no_kk",),
    ),
    Rule(
        "ANM-KK-03", "Nomor urut KK 0000", E, R.AUTO_PROPOSE, ("no_kk",),
        "nik_shape(no_kk) and right(no_kk, 4) = '0000'",
        "Hampir selalu akibat pembulatan Excel.", "Nomor KK kantor diusulkan.", ("no_kk",),
    ),
    Rule(
        "ANM-KK-04", "KK diterbitkan wilayah lain", W, R.REFER_REGION, ("no_kk",),
        "nik_shape(no_kk) and left(no_kk, 4) <> getvariable('city')",
        "Empat angka awal nomor KK bukan kode kota ini.", "KK harus mengikuti domisili: SKPWNI atau KK baru.",
    ),
    Rule(
        "ANM-KK-05", "Tanggal pada nomor KK tidak sah", E, R.AUTO_PROPOSE, ("no_kk",),
        "nik_shape(no_kk) and kk_date(no_kk) is null",
        "Angka 7-12 nomor KK bukan tanggal yang ada.", "Nomor KK kantor diusulkan.", ("no_kk",),
    ),
    Rule(
        "ANM-WIL-01", "Domisili di luar kota", W, R.REFER_REGION, ("no_prop", "no_kab"),
        "no_prop || no_kab <> getvariable('city')",
        "Kode domisili bukan kota ini.", "Jangan ditulis; rujuk ke Dinas daerah domisili.",
    ),
    Rule(
        "ANM-WIL-02", "Kode kecamatan/kelurahan tidak ada", E, R.AUTO_PROPOSE, ("no_kec", "no_kel"),
        "no_prop || no_kab = getvariable('city') "
        "and coalesce(no_prop || no_kab || no_kec || no_kel, '') not in (select code from ref_kelurahan)",
        "Kecamatan/kelurahan tidak ada pada tabel wilayah kota.",
        "Wilayah kantor diusulkan; hati-hati pemekaran Kranggan 20-06-2016.", ("no_kec", "no_kel"),
    ),
)
