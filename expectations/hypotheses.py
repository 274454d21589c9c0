"""Single corrections that may explain several findings of one person: what to try, and where its value comes from.

Each hypothesis replaces ONE element of a received row (``m``) by a value of the office's register (``p``, the resident
the row was recognised as) or of the row's own NIK; the corrected row is then judged again by every row rule. What
disappears is the hypothesis' effect. It explains and proposes nothing by itself: proposals are ``tasks.propose``.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """``value``: DuckDB SQL over ``m`` and ``p``, null when the source has nothing to say."""

    element: str
    source: str
    value: str


REGISTER = "data kantor"
OWN_NIK = "angka NIK"
# A NIK that is the family's number, another person's, or not that of the KTP-el tells nothing about this person.
_DATED = (
    "nik_real(m.nik) and nik_date_ok(m.nik) and m.row_id not in (select row_id from findings "
    "where agenda = getvariable('agenda') and code in ('ANM-NIK-12', 'ANM-NIK-14', 'GND-01'))"
)
_TODAY = "getvariable('as_of')::date"
# The century that makes a person between 0 and 100 years old; the later one when both do.
_BORN = f"if(nik_dob(m.nik, '20') <= {_TODAY}, nik_dob(m.nik, '20'), nik_dob(m.nik, '19'))"
_OLDER = f"if(nik_dob(m.nik, '20') <= {_TODAY}, nik_dob(m.nik, '19'), null)"
_HELD = ("tgl_lhr", "jenis_klmin", "nama_lgkp", "no_kk", "stat_kwn", "stat_hbkel", "pddk_akh", "jenis_pkrjn", "nik_ibu",
         "nik_ayah", "nama_lgkp_ibu", "nama_lgkp_ayah", "no_kec", "no_kel", "nik")  # fmt: skip

# In order of trust: of two that explain the same findings, the first is the probable root cause.
HYPOTHESES: tuple[Hypothesis, ...] = (
    *(Hypothesis(element, REGISTER, f"p.{element}") for element in _HELD),
    Hypothesis("tgl_lhr", OWN_NIK, f"if({_DATED}, {_BORN}, null)"),
    Hypothesis("tgl_lhr", OWN_NIK, f"if({_DATED}, {_OLDER}, null)"),
    Hypothesis("jenis_klmin", OWN_NIK, f"if({_DATED}, nik_sex(m.nik), null)"),
)
