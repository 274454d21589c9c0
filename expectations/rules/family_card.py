"""Rules about the family card number, domicile and address (catalogue ANM-KK, ANM-WIL, ANM-ALM)."""

from datetime import timedelta

from expectations.rules.model import Level, Resolution, Rule, Severity

E, W, I, ROW, R = Severity.ERROR, Severity.WARNING, Severity.INFO, Level.ROW, Resolution

PROPOSED = "Nomor KK kantor diusulkan."
PRESS = "12 kategori anomali DPT (Kompas 20-03-2017)"

FAMILY_CARD: tuple[Rule, ...] = (
    Rule(
        code="ANM-KK-01", title="Nomor KK kosong", level=ROW, severity=E, resolution=R.DOC, columns=("no_kk",),
        sql="ident(no_kk) is null",
        explanation="Kolom nomor KK kosong, '-' atau 0.", what_to_do="Tentukan keluarga; terbitkan KK.",
        source="OpenSID, aturan impor penduduk",
        breaks=(lambda c: c.any(no_kk=c.pick(None, "", "-", "0", " ")),),
        keeps=(lambda c: c.any(no_kk=c.pick("00", "1", "KK")),),
    ),
    Rule(
        code="ANM-KK-02", title="Nomor KK bukan 16 angka", level=ROW, severity=E, resolution=R.AUTO_PROPOSE,
        columns=("no_kk",), corrects=("no_kk",),
        sql="ident(no_kk) is not null and not regexp_full_match(ident(no_kk), '[0-9]{16}')",
        explanation="Nomor KK bukan 16 angka.", what_to_do=PROPOSED, source=PRESS,
        breaks=(lambda c: c.any(no_kk=c.head["no_kk"][:15]), lambda c: c.any(no_kk=c.head["no_kk"] + "1"),
                lambda c: c.any(no_kk=c.head["no_kk"][:15] + "O")),
        keeps=(lambda c: c.any(no_kk=c.pick(None, "0", "-")),),
    ),
    Rule(
        code="ANM-KK-03", title="Nomor urut KK 0000", level=ROW, severity=E, resolution=R.AUTO_PROPOSE,
        columns=("no_kk",), corrects=("no_kk",),
        sql="nik_shape(no_kk) and right(no_kk, 4) = '0000'",
        explanation="Hampir selalu akibat pembulatan Excel.", what_to_do=PROPOSED, source=PRESS,
        breaks=(lambda c: c.any(no_kk=c.head["no_kk"][:12] + "0000"),),
        keeps=(lambda c: c.any(no_kk=c.head["no_kk"][:12] + "9000"),),
    ),
    Rule(
        code="ANM-KK-04", title="KK diterbitkan wilayah lain", level=ROW, severity=W, resolution=R.REFER_REGION,
        columns=("no_kk",),
        sql="nik_shape(no_kk) and left(no_kk, 4) <> getvariable('city')",
        explanation="Empat angka awal nomor KK bukan kode kota ini.",
        what_to_do="KK harus mengikuti domisili: SKPWNI atau KK baru.", source=PRESS,
        breaks=(lambda c: c.any(no_kk="3515" + c.head["no_kk"][4:]),),
        keeps=(lambda c: c.any(no_kk="357603" + c.head["no_kk"][6:]), lambda c: c.any(no_kk="3515")),
    ),
    Rule(
        code="ANM-KK-05", title="Tanggal pada nomor KK tidak sah", level=ROW, severity=E, resolution=R.AUTO_PROPOSE,
        columns=("no_kk",), corrects=("no_kk",),
        sql="nik_shape(no_kk) and kk_date(no_kk) is null",
        explanation="Angka 7-12 nomor KK bukan tanggal yang ada.", what_to_do=PROPOSED, source=PRESS,
        breaks=(lambda c: c.any(no_kk=c.number(c.pick("310211", "000111", "011311", "410111", "290211"))),),
        keeps=(lambda c: c.any(no_kk=c.number(c.pick("290212", "010111"))),),
    ),
    Rule(
        code="ANM-KK-06", title="Tanggal nomor KK di luar masa SIAK", level=ROW, severity=W, resolution=R.DOC,
        columns=("no_kk",),
        sql="nik_shape(no_kk) and (kk_date(no_kk) < date '2004-01-01' "
        "or kk_date(no_kk) > getvariable('as_of')::date)",
        explanation="Nomor KK bertanggal sebelum SIAK (2004) atau sesudah hari berkas diterima.",
        what_to_do="KK lama: terbitkan ulang.", source=PRESS,
        breaks=(lambda c: c.any(no_kk=c.number(c.pick("311203", "010100"))),
                lambda c: c.any(no_kk=c.number(f"{c.as_of + timedelta(days=1):%d%m%y}"))),
        keeps=(lambda c: c.any(no_kk=c.number("010104")), lambda c: c.any(no_kk=c.number(f"{c.as_of:%d%m%y}"))),
    ),
    Rule(
        code="ANM-WIL-01", title="Domisili di luar kota", level=ROW, severity=W, resolution=R.REFER_REGION,
        columns=("no_prop", "no_kab"),
        sql="no_prop || no_kab <> getvariable('city')",
        explanation="Kode domisili bukan kota ini.", what_to_do="Jangan ditulis; rujuk ke Dinas daerah domisili.",
        source="SOP Kota Mojokerto langkah 2",
        breaks=(lambda c: c.any(no_kab="15"), lambda c: c.any(no_prop="12")),
        keeps=(lambda c: c.any(no_prop=None), lambda c: c.any(no_kec="03", no_kel="1003")),
    ),
    Rule(
        code="ANM-WIL-02", title="Kode kecamatan/kelurahan tidak ada", level=ROW, severity=E,
        resolution=R.AUTO_PROPOSE, columns=("no_prop", "no_kab", "no_kec", "no_kel"), corrects=("no_kec", "no_kel"),
        sql="no_prop || no_kab = getvariable('city') "
        "and coalesce(no_prop || no_kab || no_kec || no_kel, '') not in (select code from ref_kelurahan)",
        explanation="Kecamatan/kelurahan tidak ada pada tabel wilayah kota.",
        what_to_do="Wilayah kantor diusulkan; hati-hati pemekaran Kranggan 20-06-2016.",
        source="Dialeksis 31-05-2021 (Bireuen)",
        breaks=(lambda c: c.any(no_kel=c.pick("9999", None, "1099")), lambda c: c.any(no_kec=c.pick("04", None))),
        keeps=(lambda c: c.any(no_kab="15", no_kel="9999"), lambda c: c.any(no_kec="03", no_kel="1003")),
    ),
    Rule(
        code="ANM-ALM-01", title="Alamat kosong", level=ROW, severity=W, resolution=R.FIELD, columns=("alamat",),
        corrects=("alamat",),
        sql="nz(alamat) is null",
        explanation="Kolom alamat kosong.", what_to_do="Isi dari kelurahan.", source="Tribunnews 23-10-2017 (Sleman)",
        breaks=(lambda c: c.any(alamat=c.pick(None, "", " ", "-", "\u00a0")),),
        keeps=(lambda c: c.any(alamat=c.pick("A", "--")),),
    ),
    Rule(
        code="ANM-ALM-02", title="RT/RW kosong atau 0", level=ROW, severity=I, resolution=R.FIELD,
        columns=("no_rt", "no_rw"), corrects=("no_rt", "no_rw"),
        sql="coalesce(try_cast(no_rt as integer), 0) = 0 or coalesce(try_cast(no_rw as integer), 0) = 0",
        explanation="RT atau RW tidak diisi.", what_to_do="Isi dari kelurahan.", source="inforuangpublik 15-06-2023",
        breaks=(lambda c: c.any(no_rt=c.pick(None, "", "0", "000", "-")), lambda c: c.any(no_rw=c.pick(None, "00"))),
        keeps=(lambda c: c.any(no_rt="1", no_rw="010"),),
    ),
)  # fmt: skip
