"""Rules about a family as a whole (catalogue ANM-KEL). They judge view ``household``: see expectations.rules.views."""

from expectations.rules.model import Level, Resolution, Rule, Severity

E, W, ROW, FAMILY, R = Severity.ERROR, Severity.WARNING, Level.ROW, Level.HOUSEHOLD, Resolution


def families(having: str, flags: str = "true", members: str = "active") -> str:
    """Received rows that satisfy ``flags`` in families whose ``members`` satisfy ``having``."""
    return (
        f"select row_id from household where received and {flags} and no_kk in "
        f"(select no_kk from household where {members} group by no_kk having {having})"
    )


HEADS = "count(*) filter (stat_hbkel = '1')"

HOUSEHOLD: tuple[Rule, ...] = (
    Rule(
        code="ANM-KEL-01", title="KK tanpa kepala keluarga", level=FAMILY, severity=E, resolution=R.DOC,
        columns=("no_kk", "stat_hbkel"),
        sql=families(f"{HEADS} = 0"),
        explanation="Tidak ada anggota aktif dengan hubungan Kepala Keluarga.",
        what_to_do="Tunjuk kepala keluarga baru (F-1.02), terbitkan KK.",
        source="heuristik; bandingkan ANPR Italia EF001",
        breaks=(lambda c: c.put(c.head, stat_hbkel=c.pick("9", "4", None)), lambda c: c.put(c.head, stat_hidup="2")),
        keeps=(lambda c: c.put(c.child, stat_hbkel="9"), lambda c: c.put(c.wife, stat_hidup="2")),
    ),
    Rule(
        code="ANM-KEL-02", title="Kepala keluarga lebih dari satu", level=FAMILY, severity=E, resolution=R.DOC,
        columns=("no_kk", "stat_hbkel"), corrects=("stat_hbkel",),
        sql=families("count(distinct person) filter (stat_hbkel = '1') > 1", "active and stat_hbkel = '1'"),
        explanation="Dua anggota aktif atau lebih berstatus Kepala Keluarga.",
        what_to_do="Pecah KK atau perbaiki hubungan keluarga (F-1.06).",
        breaks=(lambda c: c.put(c.pick(c.wife, c.child), stat_hbkel="1"),),
        keeps=(lambda c: c.put(c.wife, stat_hbkel="1", flag_status="2"), lambda c: c.copy(c.head, nama_lgkp="X Y")),
    ),
    Rule(
        code="ANM-KEL-03", title="Kepala keluarga meninggal/pindah, anggota masih aktif", level=FAMILY, severity=E,
        resolution=R.DOC, columns=("no_kk", "stat_hbkel", "stat_hidup"),
        sql=families(f"{HEADS[:-1]} and not active) > 0 and {HEADS[:-1]} and active) = 0 "
                     "and count(*) filter (active) > 0", "active", "true"),
        explanation="Kepala keluarga tercatat tidak aktif, sedangkan KK masih dipakai anggotanya.",
        what_to_do="Tunjuk kepala keluarga baru (F-1.02), terbitkan KK.", source="Dukcapil, akta kematian dan KK baru",
        breaks=(lambda c: c.put(c.head, stat_hidup="2"), lambda c: c.put(c.head, flag_status="2")),
        keeps=(lambda c: [c.put(row, stat_hidup="2") for row in c.family], lambda c: c.put(c.head, stat_hbkel="9")),
    ),
    Rule(
        code="ANM-KEL-04", title="Anggota KK tidak wajar banyaknya", level=FAMILY, severity=W, resolution=R.FIELD,
        columns=("no_kk",),
        sql=families("count(distinct person) > @household_max"),
        explanation="Lebih dari @household_max anggota aktif: mungkin KK tampungan.",
        what_to_do="Verifikasi satu per satu; kecualikan panti dan lapas.",
        source="Dukcapil Jombang, PENTAS DADALI 2020",
        breaks=(lambda c: [c.copy(c.head, nik=c.nik(c.head, serial=f"95{n:02d}"), stat_hbkel="9")
                           for n in range(12)],),
        keeps=(lambda c: [c.copy(c.head, nik=c.nik(c.head, serial=f"95{n:02d}"), stat_hbkel="9")
                          for n in range(11)],),
    ),
    Rule(
        code="ANM-KEL-05", title="Anggota satu KK beda kelurahan", level=FAMILY, severity=W,
        resolution=R.AUTO_PROPOSE, columns=("no_kk", "no_prop", "no_kab", "no_kec", "no_kel"),
        corrects=("no_kec", "no_kel"),
        sql=families("count(distinct no_kec || no_kel) > 1", "no_prop || no_kab = getvariable('city')",
                     "active and no_prop || no_kab = getvariable('city')"),
        explanation="Kelurahan anggota berbeda dalam satu KK.", what_to_do="Wilayah data kantor diusulkan.",
        source="bolmora 2018 (pindah manual)",
        breaks=(lambda c: c.put(c.child, no_kel="1009"), lambda c: c.put(c.child, no_kec="03")),
        keeps=(lambda c: c.put(c.child, no_prop="12", no_kel="1009"),
               lambda c: c.put(c.child, no_kel="1009", stat_hidup="2")),
    ),
    Rule(
        code="ANM-KEL-06", title="Kepala keluarga di bawah @head_min_age tahun", level=ROW, severity=W,
        resolution=R.FIELD, columns=("stat_hbkel", "tgl_lhr", "stat_kwn"), corrects=("tgl_lhr",),
        sql="stat_hbkel = '1' and age(tgl_lhr) < @head_min_age and coalesce(nz(stat_kwn), '1') = '1'",
        explanation="Kepala keluarga masih anak dan belum kawin.",
        what_to_do="Verifikasi (yatim piatu, ikut wali) atau tanggal lahir salah.",
        source="heuristik (wajib KTP 17 tahun)",
        breaks=(lambda c: c.put(c.head, tgl_lhr=c.born(17, -1), stat_kwn=c.pick("1", None)),),
        keeps=(lambda c: c.put(c.head, tgl_lhr=c.born(17), stat_kwn="1"),
               lambda c: c.put(c.head, tgl_lhr=c.born(12), stat_kwn="4")),
    ),
    Rule(
        code="ANM-KEL-07", title="Anggota tunggal bukan kepala keluarga", level=FAMILY, severity=E,
        resolution=R.AUTO_PROPOSE, columns=("no_kk", "stat_hbkel"), corrects=("stat_hbkel",),
        sql=families("count(distinct person) = 1 and count(*) filter (coalesce(stat_hbkel, '1') = '1') = 0", "active"),
        explanation="Satu-satunya anggota KK tidak berstatus Kepala Keluarga.",
        what_to_do="Hubungan diusulkan Kepala Keluarga.",
        breaks=(lambda c: [c.put(row, stat_hidup="2") for row in c.family[1:]] and c.put(c.head, stat_hbkel="9"),),
        keeps=(lambda c: [c.put(row, stat_hidup="2") for row in c.family[1:]],
               lambda c: c.put(c.head, stat_hbkel="9")),
    ),
    Rule(
        code="ANM-KEL-08", title="Satu NIK tercatat di dua KK aktif", level=FAMILY, severity=E,
        resolution=R.AUTO_PROPOSE, columns=("nik", "no_kk"),
        sql="select row_id from people where received and active and nik in (select nik from people "
        "where received and active and nik_real(nik) and nik_shape(no_kk) group by nik "
        "having count(distinct no_kk) > 1)",
        explanation="NIK yang sama muncul dengan dua nomor KK.",
        what_to_do="Tentukan KK yang berlaku menurut dokumen; biasanya yang terakhir diubah dan sama dengan KTP-el.",
        source="Dukcapil Klungkung 2010 (KK ganda)",
        breaks=(lambda c: c.copy(c.wife, no_kk=c.number("010115")),),
        keeps=(lambda c: c.copy(c.wife), lambda c: c.copy(c.wife, no_kk=c.number("010115"), flag_status="2"),
               lambda c: c.copy(c.wife, no_kk="-")),
    ),
)  # fmt: skip
