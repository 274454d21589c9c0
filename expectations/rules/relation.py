"""Rules about a person's place in the family and the parents (catalogue ANM-HUB)."""

from datetime import timedelta

from expectations.rules.household import families
from expectations.rules.model import Level, Resolution, Rule, Severity

E, W, I, ROW, FAMILY, R = (
    Severity.ERROR, Severity.WARNING, Severity.INFO, Level.ROW, Level.HOUSEHOLD, Resolution
)  # fmt: skip

# A received child beside the head of its family; and beside the person its parent's NIK points at.
_WITH_HEAD = (
    "from household m join household h using (no_kk) where m.received and m.active and h.active "
    "and h.stat_hbkel = '1' and h.person <> m.person"
)


def _with_parent(parent: str, condition: str) -> str:
    return (
        f"select m.row_id from people m join people p on p.nik = m.nik_{parent} "
        f"where m.received and nik_real(p.nik) and m.person <> p.person and {condition}"
    )


RELATION: tuple[Rule, ...] = (
    Rule(
        code="ANM-HUB-01", title="Istri berjenis kelamin laki-laki", level=ROW, severity=E, resolution=R.DOC,
        columns=("stat_hbkel", "jenis_klmin"), corrects=("jenis_klmin", "stat_hbkel"),
        sql="stat_hbkel = '3' and jenis_klmin = '1'",
        explanation="Hubungan Istri dengan jenis kelamin laki-laki.",
        what_to_do="Perbaiki jenis kelamin atau hubungan keluarga.",
        breaks=(lambda c: c.put(c.wife, jenis_klmin="1"), lambda c: c.put(c.head, stat_hbkel="3")),
        keeps=(lambda c: c.put(c.wife, jenis_klmin=None), lambda c: c.put(c.child, stat_hbkel="3")),
    ),
    Rule(
        code="ANM-HUB-02", title="Suami berjenis kelamin perempuan", level=ROW, severity=E, resolution=R.DOC,
        columns=("stat_hbkel", "jenis_klmin"), corrects=("jenis_klmin", "stat_hbkel"),
        sql="stat_hbkel = '2' and jenis_klmin = '2'",
        explanation="Hubungan Suami dengan jenis kelamin perempuan.",
        what_to_do="Perbaiki jenis kelamin atau hubungan keluarga.",
        breaks=(lambda c: c.put(c.wife, stat_hbkel="2"),),
        keeps=(lambda c: c.put(c.head, stat_hbkel="2"),),
    ),
    Rule(
        code="ANM-HUB-03", title="Istri/suami tidak berstatus kawin", level=ROW, severity=E, resolution=R.DOC,
        columns=("stat_hbkel", "stat_kwn"), corrects=("stat_kwn",),
        sql="stat_hbkel in ('2', '3') and stat_kwn in ('1', '3', '4')",
        explanation="Hubungan Istri/Suami dengan status kawin lain.",
        what_to_do="Buku nikah/akta kawin, atau SPTJM F-1.05 'kawin belum tercatat'.", source="Permendagri 118/2017",
        breaks=(lambda c: c.put(c.wife, stat_kwn=c.pick("1", "3", "4")),),
        keeps=(lambda c: c.put(c.wife, stat_kwn=None), lambda c: c.put(c.child, stat_kwn="3")),
    ),
    Rule(
        code="ANM-HUB-04", title="Kepala keluarga belum kawin tetapi ada istri/suami dalam KK", level=FAMILY,
        severity=E, resolution=R.DOC, columns=("stat_hbkel", "stat_kwn", "no_kk"), corrects=("stat_kwn",),
        sql=families("bool_or(stat_hbkel = '1' and nz(stat_kwn) <> '2') and bool_or(stat_hbkel in ('2', '3'))",
                     "active and stat_hbkel = '1' and nz(stat_kwn) <> '2'"),
        explanation="Kepala keluarga tidak berstatus kawin, pasangannya ada dalam KK.",
        what_to_do="Buku nikah atau akta cerai.",
        breaks=(lambda c: c.put(c.head, stat_kwn=c.pick("1", "3", "4")),),
        keeps=(lambda c: [c.put(c.head, stat_kwn="4"), c.put(c.wife, stat_hidup="2")],
               lambda c: c.put(c.head, stat_kwn=None)),
    ),
    Rule(
        code="ANM-HUB-05", title="Anak lebih tua atau terlalu dekat umurnya dengan kepala keluarga", level=FAMILY,
        severity=W, resolution=R.DOC, columns=("tgl_lhr", "stat_hbkel", "no_kk"), corrects=("tgl_lhr",),
        sql=f"select m.row_id {_WITH_HEAD} and m.stat_hbkel = '4' "
        "and age_at(h.tgl_lhr, m.tgl_lhr) < @child_gap",
        explanation="Jarak umur anak dengan kepala keluarga di bawah @child_gap tahun.",
        what_to_do="Akta lahir; anak angkat/tiri sah; mungkin hubungan salah (menantu, famili).",
        breaks=(lambda c: c.put(c.child, tgl_lhr=c.born(c.pick(33, 45, 60))),),
        keeps=(lambda c: c.put(c.child, tgl_lhr=c.born(32, 40)), lambda c: c.put(c.child, tgl_lhr=None),
               lambda c: c.put(c.child, tgl_lhr=c.born(40), stat_hbkel="9")),
    ),
    Rule(
        code="ANM-HUB-06", title="Selisih umur ibu-anak tidak wajar", level=FAMILY, severity=W, resolution=R.DOC,
        columns=("nik_ibu", "tgl_lhr"), corrects=("nik_ibu",),
        sql=_with_parent("ibu", "age_at(p.tgl_lhr, m.tgl_lhr) not between @mother_min_gap and @mother_max_gap"),
        explanation="Ibu (menurut NIK ibu) di luar umur @mother_min_gap-@mother_max_gap tahun saat melahirkan.",
        what_to_do="Akta lahir; NIK ibu mungkin menunjuk nenek atau kakak.",
        breaks=(lambda c: c.put(c.child, tgl_lhr=c.born(c.pick(30, 60))),
                lambda c: c.put(c.wife, tgl_lhr=c.born(80))),
        keeps=(lambda c: c.put(c.child, tgl_lhr=c.born(29, 80)), lambda c: c.put(c.child, nik_ibu=None),
               lambda c: c.put(c.child, tgl_lhr=c.born(1), nik_ibu=c.number("010130"))),
    ),
    Rule(
        code="ANM-HUB-07", title="Selisih umur ayah-anak tidak wajar", level=FAMILY, severity=W, resolution=R.DOC,
        columns=("nik_ayah", "tgl_lhr"), corrects=("nik_ayah",),
        sql=_with_parent("ayah", "age_at(p.tgl_lhr, m.tgl_lhr) not between @father_min_gap and @father_max_gap"),
        explanation="Ayah (menurut NIK ayah) di luar umur @father_min_gap-@father_max_gap tahun saat anak lahir.",
        what_to_do="Akta lahir.",
        breaks=(lambda c: c.put(c.child, tgl_lhr=c.born(c.pick(32, 60))), lambda c: c.put(c.head, tgl_lhr=c.born(99))),
        keeps=(lambda c: c.put(c.child, tgl_lhr=c.born(31, 40)), lambda c: c.put(c.child, nik_ayah="-")),
    ),
    Rule(
        code="ANM-HUB-08", title="NIK ibu merujuk laki-laki / NIK ayah merujuk perempuan", level=ROW, severity=E,
        resolution=R.AUTO_PROPOSE, columns=("nik_ibu", "nik_ayah"), corrects=("nik_ibu", "nik_ayah"),
        sql="(nik_shape(nik_ibu) and nik_date_ok(nik_ibu) and nik_sex(nik_ibu) = '1') "
        "or (nik_shape(nik_ayah) and nik_date_ok(nik_ayah) and nik_sex(nik_ayah) = '2')",
        explanation="Jenis kelamin pada NIK orang tua terbalik; sering kedua kolom tertukar.",
        what_to_do="NIK orang tua dari data kantor diusulkan; selain itu akta lahir.",
        breaks=(lambda c: c.put(c.child, nik_ibu=c.head["nik"]), lambda c: c.put(c.child, nik_ayah=c.wife["nik"])),
        keeps=(lambda c: c.put(c.child, nik_ibu="-", nik_ayah=None),
               lambda c: c.put(c.child, nik_ibu=c.number("321399"))),
    ),
    Rule(
        code="ANM-HUB-09", title="Nama ibu berbeda dengan nama pemilik NIK ibu", level=FAMILY, severity=W,
        resolution=R.DOC, columns=("nik_ibu", "nama_lgkp_ibu"), corrects=("nama_lgkp_ibu",),
        sql=_with_parent("ibu", "alike(m.nama_lgkp_ibu, p.nama_lgkp) < @same_name"),
        explanation="Nama ibu pada baris ini bukan nama orang yang ditunjuk NIK ibu.",
        what_to_do="Samakan ke akta lahir anak.",
        breaks=(lambda c: c.put(c.child, nama_lgkp_ibu="ZULFA QORI"),),
        keeps=(lambda c: c.put(c.child, nama_lgkp_ibu=c.pick("", "-", None)),
               lambda c: c.put(c.child, nama_lgkp_ibu=f"HJ. {c.wife['nama_lgkp']}")),
    ),
    Rule(
        code="ANM-HUB-10", title="Jarak lahir saudara kandung mustahil", level=FAMILY, severity=W, resolution=R.DOC,
        columns=("nik_ibu", "tgl_lhr"), corrects=("tgl_lhr",),
        sql="select m.row_id from people m join people p on p.nik_ibu = m.nik_ibu "
        "where m.received and nik_real(m.nik_ibu) and m.person <> p.person "
        "and abs(date_diff('day', m.tgl_lhr, p.tgl_lhr)) between 2 and @sibling_max_gap",
        explanation="Dua anak dari satu ibu lahir berjarak 2 sampai @sibling_max_gap hari.",
        what_to_do="Akta lahir keduanya.",
        breaks=(lambda c: c.put(c.sibling, tgl_lhr=c.child["tgl_lhr"] + timedelta(days=c.pick(2, 90, 180))),),
        keeps=(lambda c: c.put(c.sibling, tgl_lhr=c.child["tgl_lhr"] + timedelta(days=c.pick(0, 1, 181))),
               lambda c: c.put(c.sibling, nik_ibu="-", tgl_lhr=c.child["tgl_lhr"] + timedelta(days=9))),
    ),
    Rule(
        code="ANM-HUB-11", title="Orang tua/mertua lebih muda dari kepala keluarga", level=FAMILY, severity=E,
        resolution=R.DOC, columns=("stat_hbkel", "tgl_lhr", "no_kk"), corrects=("tgl_lhr",),
        sql=f"select m.row_id {_WITH_HEAD} and m.stat_hbkel in ('7', '8') "
        "and age_at(m.tgl_lhr, h.tgl_lhr) < @child_gap",
        explanation="Orang tua atau mertua tidak sekurangnya @child_gap tahun lebih tua dari kepala keluarga.",
        what_to_do="Perbaiki hubungan keluarga atau tanggal lahir.",
        breaks=(lambda c: c.put(c.child, stat_hbkel=c.pick("7", "8")),
                lambda c: c.put(c.wife, stat_hbkel="7", tgl_lhr=c.born(57))),
        keeps=(lambda c: c.put(c.wife, stat_hbkel="7", tgl_lhr=c.born(59)), lambda c: c.put(c.child, stat_hbkel="6")),
    ),
    Rule(
        code="ANM-HUB-12", title="Nama orang tua kosong", level=ROW, severity=W, resolution=R.DOC,
        columns=("nama_lgkp_ibu", "nama_lgkp_ayah"), corrects=("nama_lgkp_ibu", "nama_lgkp_ayah"),
        sql="nz(nama_lgkp_ibu) is null or nz(nama_lgkp_ayah) is null",
        explanation="Nama ibu atau ayah kosong atau '-'.",
        what_to_do="Akta lahir; kecualikan anak dengan asal-usul tidak diketahui.",
        source="Dukcapil Jombang, PENTAS DADALI 2020",
        breaks=(lambda c: c.any(nama_lgkp_ibu=c.pick(None, "", "-")),
                lambda c: c.any(nama_lgkp_ayah=c.pick(None, " "))),
        keeps=(lambda c: c.any(nama_lgkp_ibu="A", nama_lgkp_ayah="B"),),
    ),
    Rule(
        code="ANM-HUB-13", title="NIK ibu/ayah kosong pada anak dalam KK", level=ROW, severity=I,
        resolution=R.AUTO_PROPOSE, columns=("nik_ibu", "nik_ayah", "stat_hbkel"), corrects=("nik_ibu", "nik_ayah"),
        sql="stat_hbkel = '4' and (nz(nik_ibu) is null or nz(nik_ayah) is null)",
        explanation="Anak dalam KK tanpa NIK orang tua.",
        what_to_do="Diisi dari anggota KK yang nama dan jenis kelaminnya cocok.", source="SIAK 2008 mengisi otomatis",
        breaks=(lambda c: c.put(c.child, nik_ibu=c.pick(None, "", "-")), lambda c: c.put(c.child, nik_ayah=" ")),
        keeps=(lambda c: c.put(c.wife, nik_ibu=None, nik_ayah=None), lambda c: c.put(c.child, nik_ibu="0")),
    ),
)  # fmt: skip
