"""Answers that analysts ask for most, as views over the copy's own tables: they show nothing that those do not."""

from expectations.outcomes import Outcome
from tasks.approvals.docket import NO, SUBMIT, WITHDRAW, YES

_CONFIRMED = f"outcome in ('{Outcome.CORRECTED}', '{Outcome.DEACTIVATION}')"
_UNFOUNDED = f"outcome = '{Outcome.UNFOUNDED}'"

VIEWS: dict[str, str] = {
    # A row's outcome counts for each of its findings: who corrected what is told by riwayat, not by rule.
    "ketepatan_aturan": f"""
select a.code, a.title, count(h.outcome) as ditandai, count(*) filter ({_CONFIRMED}) as dikonfirmasi,
  count(*) filter ({_UNFOUNDED}) as tidak_terbukti, count(*) filter (outcome = '{Outcome.POSTPONED}') as ditunda,
  count(*) filter (outcome = '{Outcome.OTHER_REGION}') as rujuk,
  count(*) filter ({_CONFIRMED}) / nullif(count(*) filter ({_CONFIRMED} or {_UNFOUNDED}), 0) as ketepatan
from aturan a
left join temuan t on t.code = a.code
left join (select h.agenda, h.row_pseudonym, h.outcome from hasil h join batch b on b.agenda = h.agenda
           where h.disetujui and b.dibatalkan_oleh is null) h
  on h.agenda = t.agenda and h.row_pseudonym = t.row_pseudonym
group by a.code, a.title order by a.code""",
    "beban_kerja": f"""
select cast(pada as date) as hari, peran, count(*) as keputusan,
  count(*) filter (putusan in ('{YES}', '{SUBMIT}')) as ya, count(*) filter (putusan = '{NO}') as tidak,
  count(*) filter (putusan = '{WITHDRAW}') as cabut
from keputusan group by cast(pada as date), peran order by hari, peran""",
    "tunggakan": """
select k.no_kec, k.no_kel, w.kecamatan, w.kelurahan, k.jenis, count(*) as terbuka,
  median(date_diff('day', k.dibuka_pada, t.hari)) as umur_hari_median,
  max(date_diff('day', k.dibuka_pada, t.hari)) as umur_hari_tertua,
  count(*) filter (k.tenggat < t.hari) as lewat_tenggat
from kasus k cross join (select cast(diterbitkan_pada as date) as hari from terbitan) t
left join wilayah w on w.no_kec = k.no_kec and w.no_kel = k.no_kel
where k.ditutup_pada is null
group by k.no_kec, k.no_kel, w.kecamatan, w.kelurahan, k.jenis order by k.no_kec, k.no_kel, k.jenis""",
}
