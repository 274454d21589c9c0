"""Rules about education, work, codes and recording (catalogue ANM-PDK, ANM-PKJ, ANM-KOD, ANM-HDP-03/04, GND-05/06)."""

from expectations.codes import labels
from expectations.rules.model import Level, Resolution, Rule, Severity

E, W, I, ROW, R = Severity.ERROR, Severity.WARNING, Severity.INFO, Level.ROW, Resolution

# Youngest age (years) at which a level of education (code of PDDK_AKH) can be completed.
EDUCATION_MIN_AGE = {"3": 10, "4": 12, "5": 15, "6": 17, "7": 19, "8": 20, "9": 22, "10": 24}
NO_JOB, PUPIL, PENSIONER, IN_SERVICE = "1", "3", "4", ("5", "6", "7")
PENTAS = "Dukcapil Jombang, PENTAS DADALI 2020"
_YEARS = " ".join(f"when '{code}' then {age}" for code, age in EDUCATION_MIN_AGE.items())
_UNRECORDED = "coalesce(nz(ektp_status), 'BELUM REKAM') = 'BELUM REKAM'"


def _unknown_code(code: str, title: str, column: str, severity: Severity) -> Rule:
    known = labels(column)
    listed = ", ".join(f"'{value}'" for value in known)
    return Rule(
        code=code, title=title, level=ROW, severity=severity, resolution=R.AUTO_PROPOSE, columns=(column,),
        corrects=(column,),
        sql=f"coalesce({column}, '') not in ({listed})",
        explanation="Kode atau label kosong, atau tidak ada pada tabel kode SIAK.",
        what_to_do="Kode data kantor diusulkan; selain itu dokumen.", source=f"{PENTAS}; tabel kode SIAK (F-1.01)",
        breaks=(lambda c: c.any(**{column: c.pick(None, "", "0", "777", "ENTAH", "-")}),),
        keeps=(lambda c: c.any(**{column: c.pick(*known)}),),
    )  # fmt: skip


STATUS: tuple[Rule, ...] = (
    Rule(
        code="ANM-PDK-01", title="Pendidikan terlalu tinggi untuk umurnya", level=ROW, severity=W, resolution=R.DOC,
        columns=("pddk_akh", "tgl_lhr"), corrects=("pddk_akh",),
        sql=f"age(tgl_lhr) < case pddk_akh {_YEARS} else 0 end",
        explanation="Umur di bawah umur terendah untuk tamat pendidikan itu (SD 10 ... S3 24).",
        what_to_do="Ijazah, atau tanggal lahir salah.", source="Kabar Banten 27-10-2017 (Serang)",
        breaks=(lambda c: c.any(pddk_akh="3", tgl_lhr=c.born(10, -1)),
                lambda c: c.any(pddk_akh=c.pick("8", "9", "10"), tgl_lhr=c.born(19))),
        keeps=(lambda c: c.any(pddk_akh="3", tgl_lhr=c.born(10)), lambda c: c.any(pddk_akh="2", tgl_lhr=c.born(1)),
               lambda c: c.any(pddk_akh="10", tgl_lhr=c.born(24)), lambda c: c.any(tgl_lhr=None)),
    ),
    Rule(
        code="ANM-PKJ-01", title="Pekerjaan dewasa pada anak", level=ROW, severity=W, resolution=R.FIELD,
        columns=("jenis_pkrjn", "tgl_lhr"), corrects=("jenis_pkrjn",),
        sql=f"age(tgl_lhr) < @working_age and jenis_pkrjn not in ('{NO_JOB}', '{PUPIL}')",
        explanation="Umur di bawah @working_age tahun dengan pekerjaan selain belum bekerja atau pelajar.",
        what_to_do="Perbaiki pekerjaan atau tanggal lahir.",
        breaks=(lambda c: c.put(c.child, jenis_pkrjn=c.pick("15", "88", "4")),),
        keeps=(lambda c: c.put(c.child, jenis_pkrjn=c.pick("1", "3", None)),
               lambda c: c.put(c.child, jenis_pkrjn="15", tgl_lhr=c.born(15))),
    ),
    Rule(
        code="ANM-PKJ-02", title="Pelajar/mahasiswa berumur di atas @student_max_age", level=ROW, severity=I,
        resolution=R.FIELD, columns=("jenis_pkrjn", "tgl_lhr"), corrects=("jenis_pkrjn",),
        sql=f"jenis_pkrjn = '{PUPIL}' and age(tgl_lhr) > @student_max_age",
        explanation="Data lama yang belum dimutakhirkan.", what_to_do="Konfirmasi ke kelurahan.", source=PENTAS,
        breaks=(lambda c: c.put(c.head, jenis_pkrjn="3"), lambda c: c.put(c.head, jenis_pkrjn="3", tgl_lhr=c.born(41))),
        keeps=(lambda c: c.put(c.head, jenis_pkrjn="3", tgl_lhr=c.born(41, -1)),),
    ),
    Rule(
        code="ANM-PKJ-03", title="Pensiunan di bawah @pension_min_age tahun", level=ROW, severity=I,
        resolution=R.FIELD, columns=("jenis_pkrjn", "tgl_lhr"), corrects=("jenis_pkrjn",),
        sql=f"jenis_pkrjn = '{PENSIONER}' and age(tgl_lhr) < @pension_min_age",
        explanation="Pensiunan pada umur muda.", what_to_do="Konfirmasi ke kelurahan.",
        breaks=(lambda c: c.any(jenis_pkrjn="4", tgl_lhr=c.born(40, -1)),),
        keeps=(lambda c: c.any(jenis_pkrjn="4", tgl_lhr=c.born(40)),),
    ),
    Rule(
        code="ANM-PKJ-04", title="TNI/Polri/PNS di luar umur dinas", level=ROW, severity=W, resolution=R.DOC,
        columns=("jenis_pkrjn", "tgl_lhr"), corrects=("jenis_pkrjn",),
        sql=f"jenis_pkrjn in {IN_SERVICE} and (age(tgl_lhr) < @service_min_age or age(tgl_lhr) > @service_max_age)",
        explanation="Umur di luar @service_min_age-@service_max_age tahun.",
        what_to_do="SK pensiun; KPU memerlukan status TNI/Polri yang benar.",
        breaks=(lambda c: c.any(jenis_pkrjn=c.pick("5", "6", "7"), tgl_lhr=c.born(18, -1)),
                lambda c: c.any(jenis_pkrjn="6", tgl_lhr=c.born(66))),
        keeps=(lambda c: c.any(jenis_pkrjn="6", tgl_lhr=c.born(18)), lambda c: c.any(jenis_pkrjn="7",
               tgl_lhr=c.born(66, -1)), lambda c: c.any(jenis_pkrjn="8", tgl_lhr=c.born(70))),
    ),
    _unknown_code("ANM-KOD-01", "Kode jenis kelamin kosong atau tidak dikenal", "jenis_klmin", E),
    _unknown_code("ANM-KOD-02", "Kode agama kosong atau tidak dikenal", "agama", W),
    _unknown_code("ANM-KOD-03", "Kode golongan darah kosong atau tidak dikenal", "gol_drh", W),
    _unknown_code("ANM-KOD-04", "Kode hubungan keluarga kosong atau tidak dikenal", "stat_hbkel", E),
    _unknown_code("ANM-KOD-05", "Kode pendidikan kosong atau tidak dikenal", "pddk_akh", W),
    _unknown_code("ANM-KOD-06", "Kode pekerjaan kosong atau tidak dikenal", "jenis_pkrjn", W),
    _unknown_code("ANM-KOD-07", "Kode status kawin kosong atau tidak dikenal", "stat_kwn", E),
    Rule(
        code="ANM-HDP-03", title="Wajib KTP belum rekam (> @recording_age tahun)", level=ROW, severity=W,
        resolution=R.FIELD, columns=("ektp_status", "tgl_lhr"),
        sql=f"age(tgl_lhr) > @recording_age and {_UNRECORDED}",
        explanation="Dewasa tetapi belum merekam KTP-el.",
        what_to_do="Panggil untuk rekam; bila tidak hadir, usul nonaktif (dapat diaktifkan lagi).",
        source="Dialeksis 31-05-2021 (Bireuen)",
        breaks=(lambda c: c.put(c.head, ektp_status=c.pick(None, "", "-", "BELUM REKAM")),
                lambda c: c.put(c.head, ektp_status="BELUM REKAM", tgl_lhr=c.born(24))),
        keeps=(lambda c: c.put(c.head, ektp_status=None, tgl_lhr=c.born(24, -1)),
               lambda c: c.put(c.head, ektp_status="SUDAH REKAM")),
    ),
    Rule(
        code="ANM-HDP-04", title="NIK tidur", level=ROW, severity=I, resolution=R.FIELD,
        columns=("tgl_ubah", "ektp_status", "tgl_lhr"),
        sql="tgl_ubah + interval (@dormant_years) year < getvariable('as_of')::date "
        f"and age(tgl_lhr) > @recording_age and {_UNRECORDED}",
        explanation="Tidak berubah lebih dari @dormant_years tahun, dewasa, dan belum merekam KTP-el.",
        what_to_do="Coklit RT/kelurahan.", source=PENTAS,
        breaks=(lambda c: c.put(c.head, ektp_status="BELUM REKAM", tgl_ubah=c.born(c.pick(6), 1)),),
        keeps=(lambda c: c.put(c.head, ektp_status="BELUM REKAM", tgl_ubah=c.born(6)),
               lambda c: c.put(c.head, tgl_ubah=c.born(9)), lambda c: c.put(c.head, tgl_ubah=None)),
    ),
    Rule(
        code="GND-05", title="DUPLICATE RECORD biometrik", level=ROW, severity=E, resolution=R.BIOMETRIC,
        columns=("ektp_status",),
        sql="upper(coalesce(ektp_status, '')) = 'DUPLICATE RECORD'",
        explanation="Pusat menemukan biometrik orang ini pada NIK lain.",
        what_to_do="Surat pernyataan warga dan usul ke Ditjen; KTP-el tidak dapat dicetak.",
        source="rarangselatan.desa.id 2019",
        breaks=(lambda c: c.any(ektp_status=c.pick("DUPLICATE RECORD", "Duplicate Record")),),
        keeps=(lambda c: c.any(ektp_status=c.pick("ADJUDICATE RECORD", "DUPLICATE", None)),),
    ),
    Rule(
        code="GND-06", title="ADJUDICATE RECORD biometrik", level=ROW, severity=W, resolution=R.CENTRAL,
        columns=("ektp_status",),
        sql="upper(coalesce(ektp_status, '')) = 'ADJUDICATE RECORD'",
        explanation="Menunggu keputusan petugas pusat.", what_to_do="Tunggu pusat.",
        source="dasbor publik penunggalan data",
        breaks=(lambda c: c.any(ektp_status=c.pick("ADJUDICATE RECORD", "adjudicate record")),),
        keeps=(lambda c: c.any(ektp_status=c.pick("DUPLICATE RECORD", None)),),
    ),
)  # fmt: skip
