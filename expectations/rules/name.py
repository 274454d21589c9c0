"""Rules about a person's name (catalogue ANM-NAM; Permendagri 73/2022 on names in civil records)."""

from datetime import date

from expectations.rules.model import Level, Resolution, Rule, Severity

E, W, I, ROW, R = Severity.ERROR, Severity.WARNING, Severity.INFO, Level.ROW, Resolution

TITLE = (
    r"^(HJ?|DRS?|DRA|IR|PROF|K\.?H|HAJI|NY|TN)[. \t\x{00a0}]"
    r"|[, \t\x{00a0}](S\.?PD|S\.?H|S\.?E|S\.?T|S\.?KOM|S\.?SOS|S\.?AG|M\.?M|M\.?SI|A\.?MD)\.?$"
)
FILLER = r"(N\.?N\.?|X+|TIDAK (TAHU|DIKETAHUI|ADA)|BAYI( NY.*)?|ALM(ARHUM)?|TES(T|TING)?|\?+|NO ?NAME)"
SHORTENED = r"(^|[ \t\x{00a0}])([A-Z]|MUH|MOH|MOCH|MHD|ABD)\.?([ \t\x{00a0}]|$)"
NAME_RULE_SINCE = date(2022, 4, 21)  # Permendagri 73/2022 came into force; older names stay valid
PENTAS = "Dukcapil Jombang, PENTAS DADALI 2020"
REGISTER_NAME = "Nama data kantor diusulkan."
NAME = ("nama_lgkp",)
PUNCTUATION = ".,/()';:_-`"

NAMES: tuple[Rule, ...] = (
    Rule(
        code="ANM-NAM-01", title="Nama kosong", level=ROW, severity=E, resolution=R.DOC, columns=NAME, corrects=NAME,
        sql="nz(nama_lgkp) is null",
        explanation="Kolom nama kosong atau '-'.", what_to_do="Ambil dari akta lahir atau SIAK.", source=PENTAS,
        breaks=(lambda c: c.any(nama_lgkp=c.pick(None, "", "-", " ", "\u00a0")),),
        keeps=(lambda c: c.any(nama_lgkp=c.pick("A", ".", "0")),),
    ),
    Rule(
        code="ANM-NAM-02", title="Nama memuat angka atau simbol", level=ROW, severity=E, resolution=R.AUTO_PROPOSE,
        columns=NAME, corrects=NAME,
        sql="regexp_matches(upper(nz(nama_lgkp)), '[^A-Z .,''`\u00a0/()-]')",
        explanation="Nama memuat angka atau simbol, misalnya 0 di tengah huruf.", what_to_do=REGISTER_NAME,
        source=f"{PENTAS}; Permendagri 73/2022 ps 4-5",
        breaks=(lambda c: c.any(nama_lgkp=c.pick("S1TI", "SITI*", "D@RTO", "ÉLAN", "SITI\tA", "DARTO?")),),
        keeps=(lambda c: c.any(nama_lgkp=c.pick("M'ARUF", "A. B-C", "siti", "A/B", "(ANI)")),),
    ),
    Rule(
        code="ANM-NAM-03", title="Nama hanya 1-@short_name huruf", level=ROW, severity=W, resolution=R.FIELD,
        columns=NAME, corrects=NAME,
        sql="nz(nama_lgkp) is not null "
        "and length(regexp_replace(upper(nama_lgkp), '[^A-Z]', '', 'g')) <= @short_name",
        explanation="Nama sangat pendek.", what_to_do="Verifikasi; nama pendek bisa sah sebelum 2022.",
        source="KalbarOke 09-10-2018 (Kubu Raya)",
        breaks=(lambda c: c.any(nama_lgkp=c.pick("O", "BI", "B.I", "..", "12")),),
        keeps=(lambda c: c.any(nama_lgkp=c.pick("ANI", "A.B.C", None, "-")),),
    ),
    Rule(
        code="ANM-NAM-04", title="Nama memuat tanda baca", level=ROW, severity=W, resolution=R.AUTO_PROPOSE,
        columns=NAME, corrects=NAME,
        sql="regexp_matches(nz(nama_lgkp), '[.,/()''`;:_-]')",
        explanation="Nama memuat titik, koma, garis miring atau tanda lain.",
        what_to_do=f"{REGISTER_NAME} Apostrof hanya dengan akta.", source=f"{PENTAS}; Permendagri 73/2022 ps 4-5",
        breaks=(lambda c: c.any(nama_lgkp=f"MA{c.pick(*PUNCTUATION)}RUF"),),
        keeps=(lambda c: c.any(nama_lgkp=c.pick("-", None, "MA RUF", "MA*RUF")),),
    ),
    Rule(
        code="ANM-NAM-05", title="Nama memuat gelar", level=ROW, severity=W, resolution=R.AUTO_PROPOSE,
        columns=NAME, corrects=NAME,
        sql=f"regexp_matches(upper(nz(nama_lgkp)), '{TITLE}')",
        explanation="Gelar punya kolom sendiri (GLR_AGAMA, GLR_AKADEMIS, GLR_BANGSAWAN).",
        what_to_do="Nama tanpa gelar dari data kantor diusulkan.", source="Permendagri 73/2022 ps 4-5",
        breaks=(lambda c: c.any(nama_lgkp=c.pick("H. DARTO", "HJ SITI", "DRS.DARTO", "K.H. DARTO", "DARTO, SH",
                                                 "DARTO S.PD", "NY. SITI", "DARTO ST")),),
        keeps=(lambda c: c.any(nama_lgkp=c.pick("HARTONO", "TNI DARTO", "BUDI ASH", "SH", "DRSDARTO", None)),),
    ),
    Rule(
        code="ANM-NAM-06", title="Nama lebih dari @long_name karakter", level=ROW, severity=W, resolution=R.DOC,
        columns=NAME, corrects=NAME,
        sql="length(nama_lgkp) > @long_name",
        explanation="Nama melebihi panjang yang diizinkan, spasi ikut dihitung.",
        what_to_do="Hanya untuk pencatatan sejak 21-04-2022; nama lama tetap sah.", source="Permendagri 73/2022 ps 4",
        breaks=(lambda c: c.any(nama_lgkp="A" * c.pick(61, 80, 200)), lambda c: c.any(nama_lgkp="AB " * 21)),
        keeps=(lambda c: c.any(nama_lgkp="A" * 60),),
    ),
    Rule(
        code="ANM-NAM-07", title="Nama satu kata pada pencatatan baru", level=ROW, severity=I, resolution=R.NONE,
        columns=("nama_lgkp", "tgl_entri"),
        sql=r"nz(nama_lgkp) is not null and not regexp_matches(nz(nama_lgkp), '[ \t\x{00a0}]') "
        f"and tgl_entri >= date '{NAME_RULE_SINCE}'",
        explanation="Sejak 21-04-2022 nama sekurangnya dua kata; ketentuan ini imbauan.",
        what_to_do="Tidak dikoreksi.", source="Permendagri 73/2022 ps 4-5",
        breaks=(lambda c: c.any(nama_lgkp=c.pick("DARTO", " DARTO "), tgl_entri=NAME_RULE_SINCE),),
        keeps=(lambda c: c.any(nama_lgkp="DARTO", tgl_entri=date(2022, 4, 20)),
               lambda c: c.any(nama_lgkp="DARTO W", tgl_entri=date(2022, 4, 21)),
               lambda c: c.any(nama_lgkp="DARTO", tgl_entri=None)),
    ),
    Rule(
        code="ANM-NAM-08", title="Nama disingkat", level=ROW, severity=I, resolution=R.DOC, columns=NAME,
        corrects=NAME,
        sql=f"regexp_matches(upper(nz(nama_lgkp)), '{SHORTENED}')",
        explanation="Nama memuat satu huruf lepas atau singkatan (MUH, MOH, MOCH, MHD, ABD).",
        what_to_do="Samakan ke akta atau ijazah bila pemiliknya meminta.", source="Permendagri 73/2022 ps 4-5",
        breaks=(lambda c: c.any(nama_lgkp=c.pick("MOH DARTO", "ABD. RAHMAN", "DARTO A", "A DARTO", "A. DARTO")),),
        keeps=(lambda c: c.any(nama_lgkp=c.pick("MOHAMAD", "ABDUL", "MUHDARTO", "A.DARTO", None)),),
    ),
    Rule(
        code="ANM-NAM-09", title="Nama pengisi", level=ROW, severity=E, resolution=R.DOC, columns=NAME,
        corrects=NAME,
        sql=f"regexp_full_match(upper(nz(nama_lgkp)), '{FILLER}')",
        explanation="Bukan nama, melainkan isian sementara.", what_to_do="Akta lahir.",
        source="inforuangpublik 15-06-2023",
        breaks=(lambda c: c.any(nama_lgkp=c.pick("NN", "N.N.", "XXX", "BAYI NY SITI", "BAYI", "test", "???",
                                                 "NO NAME", "TIDAK ADA", "ALMARHUM")),),
        keeps=(lambda c: c.any(nama_lgkp=c.pick("BAYINI", "ALM DARTO", "TESTI", "TIDAK ADA NAMA", "NNN")),),
    ),
    Rule(
        code="ANM-NAM-10", title="Nama tidak lazim untuk jenis kelaminnya", level=ROW, severity=I, resolution=R.DOC,
        columns=("nama_lgkp", "jenis_klmin"),
        sql="(jenis_klmin = '2' and split_part(name_bare(nama_lgkp), ' ', 1) in "
        "(select name from ref_first_name where sex = '1')) or (jenis_klmin = '1' and "
        "split_part(name_bare(nama_lgkp), ' ', 1) in (select name from ref_first_name where sex = '2'))",
        explanation="Nama depan ini pada data kantor hampir selalu milik jenis kelamin lain "
        "(sekurangnya @name_sex_count orang, @name_sex_ratio banding satu).",
        what_to_do="Periksa bersama ANM-NIK-10.", source="Kabar Banten 27-10-2017 (Serang)",
        breaks=(lambda c: c.put(c.head, nama_lgkp="SITI DARTO"), lambda c: c.put(c.wife, nama_lgkp="BAMBANG W")),
        keeps=(lambda c: c.put(c.head, nama_lgkp="TRIANI"), lambda c: c.put(c.head, nama_lgkp="DARTO SITI")),
    ),
    Rule(
        code="ANM-NAM-11", title="Spasi ganda, spasi tepi atau huruf kecil", level=ROW, severity=I,
        resolution=R.AUTO_FORMAT, columns=NAME, corrects=NAME,
        sql="nz(nama_lgkp) is not null "
        "and nama_lgkp <> upper(trim(regexp_replace(nama_lgkp, '[ \u00a0\t]+', ' ', 'g')))",
        explanation="Penulisan nama tidak baku.", what_to_do="Dirapikan otomatis dan dicatat.",
        source="OpenSID, aturan impor penduduk",
        breaks=(lambda c: c.any(nama_lgkp=c.pick("SITI  AMINAH", " SITI", "SITI ", "siti", "SITI\u00a0A", "A\tB")),),
        keeps=(lambda c: c.any(nama_lgkp=c.pick("SITI AMINAH", "", " ", "-")),),
    ),
)  # fmt: skip
