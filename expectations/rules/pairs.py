"""Rules that compare records with each other or with other lists (catalogue GND-01..04, 07..09, ANM-HDP-01/02).

The catalogue's pair rules say where to look; who is one person is decided by the matching model
(``expectations.matching``). So the findings of ``MODEL_DECIDES`` inform, and never hold a row back by themselves.
"""

from datetime import timedelta

from expectations.rules.model import Level, Resolution, Rule, Severity

E, W, I, PAIR, LIST, R = (
    Severity.ERROR, Severity.WARNING, Severity.INFO, Level.PAIR, Level.EXTERNAL, Resolution
)  # fmt: skip

MODEL_DECIDES = frozenset({"GND-01", "GND-02", "GND-03", "GND-04", "GND-09", "ANM-KEL-08"})

_OTHERS = (
    "from people m join people p on m.tgl_lhr = p.tgl_lhr and m.nik <> p.nik where m.received "
    "and nik_real(m.nik) and nik_real(p.nik)"
)
_ONE_PERSON = (
    f"select m.row_id {_OTHERS} and m.jenis_klmin = p.jenis_klmin and alike(m.nama_lgkp, p.nama_lgkp) >= @twin_name "
    "and alike(m.nama_lgkp_ibu, p.nama_lgkp_ibu) >= @same_mother"
)
_CITIES = "m.no_prop || m.no_kab {} p.no_prop || p.no_kab"

PAIRS: tuple[Rule, ...] = (
    Rule(
        code="GND-01", title="Satu NIK dipakai lebih dari satu orang", level=PAIR, severity=E,
        resolution=R.BIOMETRIC, columns=("nik", "nama_lgkp", "tgl_lhr"),
        sql="select m.row_id from batch m join batch p on m.nik = p.nik and m.row_id <> p.row_id "
        "where nik_real(m.nik) and (alike(m.nama_lgkp, p.nama_lgkp) < @same_name or m.tgl_lhr <> p.tgl_lhr) "
        "union select m.row_id from batch m join penduduk p on m.nik = p.nik "
        "where nik_real(m.nik) and alike(m.nama_lgkp, p.nama_lgkp) < @same_name",
        explanation="NIK ini ada pada orang lain: namanya berbeda, atau tanggal lahirnya lain dalam berkas.",
        what_to_do="Pemilik biometrik pertama mempertahankan NIK; orang lain NIK baru lewat pusat.",
        source="Permendagri 74/2015",
        breaks=(lambda c: c.put(c.wife, nik=c.head["nik"]),
                lambda c: c.copy(c.wife, tgl_lhr=c.wife["tgl_lhr"] + timedelta(days=1)),
                lambda c: c.register.append(c.put(dict(c.wife), nama_lgkp="ZULFA QORI"))),
        keeps=(lambda c: c.copy(c.wife), lambda c: c.copy(c.wife, nama_lgkp=None),
               lambda c: c.register.append(c.put(dict(c.wife), tgl_lhr=c.born(9)))),
    ),
    Rule(
        code="GND-02", title="Baris ganda identik", level=PAIR, severity=E, resolution=R.AUTO_PROPOSE,
        columns=("nik", "nama_lgkp", "tgl_lhr", "no_kk"),
        sql="select unnest(list(row_id)) as row_id from batch where nik_real(nik) "
        "and active(stat_hidup, flag_status) group by file_no, nik, name_key(nama_lgkp), tgl_lhr, no_kk "
        "having count(*) > 1",
        explanation="Baris lain dengan NIK, nama, tanggal lahir dan KK yang sama ada dalam berkas.",
        what_to_do="Pertahankan satu; baris pertama yang dikerjakan.",
        breaks=(lambda c: c.copy(c.wife), lambda c: c.copy(c.wife, agama="2")),
        keeps=(lambda c: c.copy(c.wife, nama_lgkp="ZULFA QORI"), lambda c: c.copy(c.wife, flag_status="2")),
    ),
    Rule(
        code="GND-03", title="Satu orang dua NIK dalam kota", level=PAIR, severity=E, resolution=R.BIOMETRIC,
        columns=("nik", "nama_lgkp", "tgl_lhr", "jenis_klmin", "nama_lgkp_ibu", "no_prop",
                 "no_kab"),
        sql=f"{_ONE_PERSON} and {_CITIES.format('=')}",
        explanation="Catatan lain di kota ini bernama, bertanggal lahir dan beribu sama dengan NIK lain.",
        what_to_do="Bandingkan kedua catatan; biometrik menentukan NIK yang dipakai, yang lain diusulkan nonaktif.",
        source="Permendagri 74/2015 ps 3",
        breaks=(lambda c: c.copy(c.wife, nik=c.number("010190")),
                lambda c: c.register.append(c.put(dict(c.wife), nik=c.number("010190"), no_kk="-"))),
        keeps=(lambda c: c.copy(c.wife), lambda c: c.copy(c.wife, nik=c.number("010190"), nama_lgkp_ibu=None),
               lambda c: c.copy(c.wife, nik=c.number("010190"), no_kab="15")),
    ),
    Rule(
        code="GND-04", title="Satu orang dua NIK antar kabupaten/kota", level=PAIR, severity=E,
        resolution=R.REFER_REGION, columns=("nik", "nama_lgkp", "tgl_lhr", "jenis_klmin", "nama_lgkp_ibu", "no_prop",
                 "no_kab"),
        sql=f"{_ONE_PERSON} and {_CITIES.format('<>')}",
        explanation="Catatan lain orang ini berdomisili di daerah lain.",
        what_to_do="Surat konfirmasi ke Dinas daerah itu.", source="SOP Kota Mojokerto langkah 2",
        breaks=(lambda c: c.copy(c.wife, nik=c.number("010190"), no_kab="15"),),
        keeps=(lambda c: c.copy(c.wife, nik=c.number("010190")), lambda c: c.copy(c.wife, no_kab="15")),
    ),
    Rule(
        code="GND-07", title="KK ganda (anggota sama)", level=PAIR, severity=E, resolution=R.AUTO_PROPOSE,
        columns=("no_kk", "nik"),
        sql="with twice as (select a.no_kk as one, b.no_kk as other from batch a join batch b "
        "on a.nik = b.nik and a.no_kk <> b.no_kk where nik_real(a.nik) and nik_shape(a.no_kk) "
        "and nik_shape(b.no_kk) group by all having count(distinct a.nik) >= 2) "
        "select row_id from batch where no_kk in (select one from twice)",
        explanation="Dua nomor KK memuat sekurangnya dua NIK yang sama.",
        what_to_do="Pertahankan KK terbaru; yang lama ditutup.", source="Dukcapil Klungkung 2010",
        breaks=(lambda c: [c.copy(row, no_kk="357602010115" + "9777") for row in (c.head, c.wife)],),
        keeps=(lambda c: c.copy(c.head, no_kk=c.number("010115")), lambda c: [c.copy(c.head), c.copy(c.wife)]),
    ),
    Rule(
        code="GND-08", title="Nomor akta lahir dipakai lebih dari satu NIK", level=PAIR, severity=W,
        resolution=R.DOC, columns=("no_akta_lhr", "nik"),
        sql="select row_id from people where received and nz(no_akta_lhr) in (select nz(no_akta_lhr) from people "
        "where nz(no_akta_lhr) is not null and nik_real(nik) group by all having count(distinct nik) > 1)",
        explanation="Satu akta lahir pada dua NIK: petunjuk kuat satu orang dua NIK.",
        what_to_do="Register akta lahir.",
        breaks=(lambda c: c.put(c.child, no_akta_lhr=c.sibling["no_akta_lhr"]),),
        keeps=(lambda c: [c.put(row, no_akta_lhr=c.pick("-", "", " ")) for row in c.family], lambda c: c.copy(c.wife)),
    ),
    Rule(
        code="GND-09", title="Kembar, bukan ganda (penjaga)", level=PAIR, severity=I, resolution=R.NONE,
        columns=("no_kk", "tgl_lhr", "nama_lgkp", "stat_hbkel"),
        sql=f"select m.row_id {_OTHERS} and nik_shape(m.no_kk) and m.no_kk = p.no_kk "
        "and m.stat_hbkel = '4' and p.stat_hbkel = '4' "
        "and name_key(m.nama_lgkp_ibu) = name_key(p.nama_lgkp_ibu) "
        "and alike(m.nama_lgkp, p.nama_lgkp) < @twin_name",
        explanation="Anak seibu, sehari lahir, nama lain dalam satu KK: kembar, tidak boleh digabung.",
        what_to_do="Tidak dikoreksi.", source="penjaga pencarian ganda",
        breaks=(lambda c: c.put(c.sibling, nama_lgkp="ZULFA QORI", tgl_lhr=c.child["tgl_lhr"]),),
        keeps=(lambda c: c.put(c.sibling, nama_lgkp="ZULFA QORI", tgl_lhr=c.child["tgl_lhr"] + timedelta(days=1)),
               lambda c: c.put(c.sibling, nama_lgkp=c.child["nama_lgkp"], tgl_lhr=c.child["tgl_lhr"]),
               lambda c: c.put(c.sibling, nama_lgkp="ZULFA", tgl_lhr=c.child["tgl_lhr"], stat_hbkel="6")),
    ),
    Rule(
        code="ANM-HDP-01", title="Meninggal tetapi masih aktif", level=LIST, severity=E, resolution=R.DOC,
        columns=("nik",),
        sql="select row_id from batch where nik_real(nik) and active(stat_hidup, flag_status) "
        "and nik in (select nik from ref_dead)",
        explanation="NIK ada pada daftar akta kematian, atau meninggal menurut data kantor.",
        what_to_do="Terbitkan akta kematian lalu nonaktifkan; tanpa akta usul blokir sementara ke pusat.",
        source="suaramojokerto.com; Gunungkidul",
        breaks=(lambda c: c.dead.append(c.head["nik"]),
                lambda c: c.register.append(c.put(dict(c.wife), stat_hidup="2"))),
        keeps=(lambda c: c.dead.append(c.put(c.head, stat_hidup="2")["nik"]),
               lambda c: c.dead.append(c.number("010130"))),
    ),
    Rule(
        code="ANM-HDP-02", title="Sudah pindah tetapi masih aktif di sini", level=LIST, severity=E,
        resolution=R.REFER_REGION, columns=("nik", "no_prop", "no_kab"),
        sql="select row_id from batch where nik_real(nik) and active(stat_hidup, flag_status) "
        "and no_prop || no_kab = getvariable('city') and nik in (select nik from ref_moved)",
        explanation="NIK ada pada daftar SKPWNI keluar, atau pindah menurut data kantor.",
        what_to_do="Selesaikan pindah-datang; Dinas tujuan menarik data.", source="Dialeksis 31-05-2021 (Bireuen)",
        breaks=(lambda c: c.moved.append(c.head["nik"]),
                lambda c: c.register.append(c.put(dict(c.wife), flag_status="2"))),
        keeps=(lambda c: c.moved.append(c.put(c.head, no_kab="15")["nik"]),
               lambda c: c.moved.append(c.number("010130"))),
    ),
)  # fmt: skip
