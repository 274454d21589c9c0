"""Rules about birth and marriage (catalogue ANM-TGL, ANM-KWN)."""

from datetime import timedelta

from expectations.rules.model import Level, Resolution, Rule, Severity

E, W, I, ROW, R = Severity.ERROR, Severity.WARNING, Severity.INFO, Level.ROW, Resolution

EMPTY_DATE = "(tgl_lhr is null and regexp_matches(tgl_lhr_raw, '0000|^00'))"
PENTAS = "Dukcapil Jombang, PENTAS DADALI 2020"
UNRECORDED = "Permendagri 118/2017 (kawin/cerai tercatat dan belum tercatat)"

LIFE: tuple[Rule, ...] = (
    Rule(
        code="ANM-TGL-01", title="Tanggal lahir kosong", level=ROW, severity=E, resolution=R.DOC,
        columns=("tgl_lhr",), corrects=("tgl_lhr",),
        sql=f"nz(tgl_lhr_raw) is null or {EMPTY_DATE}",
        explanation="Kolom tanggal lahir kosong atau 00-00-0000.",
        what_to_do="Akta lahir; bila tak tahu tanggal: 1 Juli.", source=PENTAS,
        breaks=(lambda c: c.any(tgl_lhr=None, tgl_lhr_raw=c.pick(None, "", "-", "00-00-0000", "0000-00-00", " ")),),
        keeps=(lambda c: c.any(tgl_lhr=None, tgl_lhr_raw="31-02-1980"), lambda c: c.any(tgl_lhr=c.born(26))),
    ),
    Rule(
        code="ANM-TGL-02", title="Tanggal lahir mustahil", level=ROW, severity=E, resolution=R.DOC,
        columns=("tgl_lhr",), corrects=("tgl_lhr",),
        sql=f"nz(tgl_lhr_raw) is not null and not {EMPTY_DATE} and tgl_lhr is null",
        explanation="Isian tanggal lahir ada, tetapi bukan tanggal pada kalender atau tidak terbaca pasti.",
        what_to_do="Akta lahir; tanggal dari NIK ditunjukkan bila sah.", source="Koran Madura 13-09-2017 (Sampang)",
        breaks=(lambda c: c.any(tgl_lhr=None, tgl_lhr_raw=c.pick("31-02-1980", "32/01/1980", "04/13/1980", "abc",
                                                                 "11-04-80")),),
        keeps=(lambda c: c.any(tgl_lhr=None, tgl_lhr_raw="00-00-0000"), lambda c: c.any(tgl_lhr=c.born(10))),
    ),
    Rule(
        code="ANM-TGL-03", title="Tanggal lahir di masa depan", level=ROW, severity=E, resolution=R.DOC,
        columns=("tgl_lhr",), corrects=("tgl_lhr",),
        sql="tgl_lhr > getvariable('as_of')::date",
        explanation="Lahir sesudah berkas diterima.", what_to_do="Akta lahir; sering salah abad.", source=PENTAS,
        breaks=(lambda c: c.any(tgl_lhr=c.as_of + timedelta(days=c.pick(1, 30, 36_000))),),
        keeps=(lambda c: c.any(tgl_lhr=c.as_of), lambda c: c.any(tgl_lhr=None)),
    ),
    Rule(
        code="ANM-TGL-04", title="Umur lebih dari @max_age tahun", level=ROW, severity=E, resolution=R.FIELD,
        columns=("tgl_lhr",), corrects=("tgl_lhr",),
        sql="age(tgl_lhr) > @max_age",
        explanation="Biasanya salah abad, misalnya 1874 untuk 1974.", what_to_do="Cek NIK dan lapangan.",
        source=f"{PENTAS}; Dialeksis 31-05-2021 (Bireuen)",
        breaks=(lambda c: c.any(tgl_lhr=c.born(c.pick(121, 150, 900))),),
        keeps=(lambda c: c.any(tgl_lhr=c.born(121, -1)), lambda c: c.any(tgl_lhr=None)),
    ),
    Rule(
        code="ANM-TGL-05", title="Umur @verify_age-@max_age tahun", level=ROW, severity=W, resolution=R.FIELD,
        columns=("tgl_lhr",),
        sql="age(tgl_lhr) between @verify_age and @max_age",
        explanation="Perlu verifikasi masih hidup (0,0064 % penduduk).",
        what_to_do="Kunjungan kelurahan; bila wafat, akta kematian.", source="Republika 21-01-2021",
        breaks=(lambda c: c.any(tgl_lhr=c.born(c.pick(100, 110, 120))),),
        keeps=(lambda c: c.any(tgl_lhr=c.born(100, -1)), lambda c: c.any(tgl_lhr=c.born(121))),
    ),
    Rule(
        code="ANM-TGL-06", title="Tanggal lahir baku 1 Juli / 31 Desember / 1 Januari", level=ROW, severity=I,
        resolution=R.NONE, columns=("tgl_lhr",),
        sql="strftime(tgl_lhr, '%d%m') in ('0107', '3112', '0101')",
        explanation="Kebiasaan pencatatan untuk tanggal yang tidak diketahui; bukan kesalahan.",
        what_to_do="Tidak dikoreksi; bobot tanggal lahir turun pada pencarian ganda.", source="KPU (era.id 15-04-2019)",
        breaks=(lambda c: c.any(tgl_lhr=c.born(50).replace(day=c.pick(1), month=c.pick(1, 7))),
                lambda c: c.any(tgl_lhr=c.born(50).replace(day=31, month=12))),
        keeps=(lambda c: c.any(tgl_lhr=c.born(50).replace(day=2, month=7)),),
    ),
    Rule(
        code="ANM-TGL-07", title="Tanggal entri sebelum tanggal lahir", level=ROW, severity=E, resolution=R.DOC,
        columns=("tgl_entri", "tgl_lhr"), corrects=("tgl_lhr",),
        sql="tgl_entri < tgl_lhr",
        explanation="Data dientri sebelum orangnya lahir.", what_to_do="Salah tahun: akta lahir.",
        breaks=(lambda c: c.put(c.child, tgl_entri=c.child["tgl_lhr"] - timedelta(days=c.pick(1, 400))),),
        keeps=(lambda c: c.put(c.child, tgl_entri=c.child["tgl_lhr"]), lambda c: c.put(c.child, tgl_entri=None)),
    ),
    Rule(
        code="ANM-KWN-01", title="Status kawin di bawah @adult_age tahun", level=ROW, severity=W, resolution=R.DOC,
        columns=("stat_kwn", "tgl_lhr"), corrects=("stat_kwn",),
        sql="stat_kwn in ('2', '3', '4') and age(tgl_lhr) >= @min_marriage_age and age(tgl_lhr) < @adult_age",
        explanation="Kawin/cerai pada umur sangat muda.",
        what_to_do="Dispensasi pengadilan, atau tanggal lahir salah.", source="UU 16/2019",
        breaks=(lambda c: c.any(stat_kwn=c.pick("2", "3", "4"), tgl_lhr=c.born(c.pick(15, 17, 18))),),
        keeps=(lambda c: c.any(stat_kwn="2", tgl_lhr=c.born(19)), lambda c: c.any(stat_kwn="1", tgl_lhr=c.born(16)),
               lambda c: c.any(stat_kwn="2", tgl_lhr=c.born(15, -1))),
    ),
    Rule(
        code="ANM-KWN-02", title="Status kawin/cerai di bawah @min_marriage_age tahun", level=ROW, severity=E,
        resolution=R.DOC, columns=("stat_kwn", "tgl_lhr"), corrects=("stat_kwn",),
        sql="stat_kwn in ('2', '3', '4') and age(tgl_lhr) < @min_marriage_age",
        explanation="Hampir pasti salah entri.", what_to_do="Periksa tanggal lahir dan status kawin.",
        breaks=(lambda c: c.any(stat_kwn=c.pick("2", "3", "4"), tgl_lhr=c.born(c.pick(0, 5, 14))),),
        keeps=(lambda c: c.any(stat_kwn="2", tgl_lhr=c.born(15)), lambda c: c.put(c.child, stat_kwn="1")),
    ),
    Rule(
        code="ANM-KWN-03", title="Belum kawin tetapi ada akta/tanggal kawin", level=ROW, severity=E,
        resolution=R.DOC, columns=("stat_kwn", "no_akta_kwn", "tgl_kwn"), corrects=("stat_kwn",),
        sql="stat_kwn = '1' and (nz(no_akta_kwn) is not null or tgl_kwn is not null)",
        explanation="Status belum kawin, padahal akta atau tanggal kawin terisi.",
        what_to_do="Buku nikah/akta kawin; perbaiki status kawin.", source="OpenSID, aturan impor penduduk",
        breaks=(lambda c: c.put(c.child, no_akta_kwn="AK-9"), lambda c: c.put(c.child, tgl_kwn=c.born(1))),
        keeps=(lambda c: c.put(c.child, no_akta_kwn=c.pick("", "-", " ")),),
    ),
    Rule(
        code="ANM-KWN-04", title="Kawin tanpa akta (kawin belum tercatat)", level=ROW, severity=I, resolution=R.DOC,
        columns=("stat_kwn", "no_akta_kwn"),
        sql="stat_kwn = '2' and nz(no_akta_kwn) is null",
        explanation="Status kawin tanpa nomor akta atau buku nikah.",
        what_to_do="SPTJM F-1.05 'kawin belum tercatat', atau isbat nikah.", source=UNRECORDED,
        breaks=(lambda c: c.put(c.wife, no_akta_kwn=c.pick(None, "", "-")),),
        keeps=(lambda c: c.put(c.wife, stat_kwn=c.pick("1", "3", "4"), no_akta_kwn=None),),
    ),
    Rule(
        code="ANM-KWN-05", title="Cerai hidup tanpa akta cerai", level=ROW, severity=W, resolution=R.DOC,
        columns=("stat_kwn", "no_akta_crai"), corrects=("no_akta_crai",),
        sql="stat_kwn = '3' and nz(no_akta_crai) is null",
        explanation="Status cerai hidup tanpa nomor akta cerai.",
        what_to_do="Akta cerai, atau 'cerai hidup belum tercatat'.", source=UNRECORDED,
        breaks=(lambda c: c.put(c.wife, stat_kwn="3", no_akta_crai=c.pick(None, "", "-")),),
        keeps=(lambda c: c.put(c.wife, stat_kwn="3", no_akta_crai="AC-1"), lambda c: c.put(c.wife, stat_kwn="4")),
    ),
    Rule(
        code="ANM-KWN-06", title="Tanggal kawin tidak masuk akal", level=ROW, severity=E, resolution=R.DOC,
        columns=("tgl_kwn", "tgl_lhr"), corrects=("tgl_kwn",),
        sql="age_at(tgl_lhr, tgl_kwn) < @min_marriage_age or tgl_kwn > getvariable('as_of')::date",
        explanation="Kawin sebelum umur @min_marriage_age tahun, atau sesudah berkas diterima.",
        what_to_do="Buku nikah.", source="heuristik; bandingkan ANPR Italia ES010",
        breaks=(lambda c: c.put(c.wife, tgl_kwn=c.as_of + timedelta(days=1)),
                lambda c: c.put(c.wife, tgl_lhr=c.born(30), tgl_kwn=c.born(15, 1))),
        keeps=(lambda c: c.put(c.wife, tgl_kwn=c.as_of), lambda c: c.put(c.wife, tgl_kwn=None),
               lambda c: c.put(c.wife, tgl_lhr=c.born(30, 9), tgl_kwn=c.born(15, 8))),
    ),
    Rule(
        code="ANM-KWN-07", title="Tanggal cerai sebelum tanggal kawin", level=ROW, severity=E, resolution=R.DOC,
        columns=("tgl_crai", "tgl_kwn"), corrects=("tgl_crai",),
        sql="tgl_crai < tgl_kwn",
        explanation="Cerai tercatat sebelum kawin.", what_to_do="Akta cerai.",
        breaks=(lambda c: c.put(c.wife, tgl_crai=c.wife["tgl_kwn"] - timedelta(days=c.pick(1, 900))),),
        keeps=(lambda c: c.put(c.wife, tgl_crai=c.wife["tgl_kwn"]), lambda c: c.put(c.wife, tgl_crai=c.born(1))),
    ),
)  # fmt: skip
