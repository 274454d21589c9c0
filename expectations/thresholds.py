"""The ages, sizes and shares that rules compare with. "heuristik" ones are the Kabid's to set (handbook 6).

An office overrides them in ``ambang.toml`` (name = whole number); a batch records the values it was judged by.
SQL and texts of rules name them as ``@name``.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Threshold:
    """One number. ``unit``: "tahun", "orang", "hari", "karakter" or "persen"; ``lowest`` and ``highest`` bound it."""

    name: str
    value: int
    unit: str
    meaning: str
    lowest: int
    highest: int


THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("head_min_age", 17, "tahun", "kepala keluarga lebih muda diperiksa", 12, 25),
    Threshold("household_max", 15, "orang", "KK dengan anggota lebih banyak mungkin KK tampungan", 8, 60),
    Threshold("child_gap", 13, "tahun", "jarak umur terkecil anak dengan kepala keluarga atau orang tuanya", 10, 20),
    Threshold("mother_min_gap", 13, "tahun", "jarak umur terkecil ibu dan anak", 10, 20),
    Threshold("mother_max_gap", 55, "tahun", "jarak umur terbesar ibu dan anak", 45, 65),
    Threshold("father_min_gap", 14, "tahun", "jarak umur terkecil ayah dan anak", 10, 20),
    Threshold("father_max_gap", 75, "tahun", "jarak umur terbesar ayah dan anak", 60, 90),
    Threshold(
        "sibling_max_gap", 180, "hari", "jarak lahir saudara seibu yang mustahil: 2 hari sampai angka ini", 90, 240
    ),
    Threshold("same_name", 85, "persen", "Jaro-Winkler di bawah angka ini: nama berbeda", 70, 95),
    Threshold("twin_name", 92, "persen", "Jaro-Winkler mulai angka ini: nama sama", 85, 99),
    Threshold("same_mother", 88, "persen", "Jaro-Winkler mulai angka ini: nama ibu sama", 80, 99),
    Threshold("short_name", 2, "karakter", "nama dengan huruf sebanyak ini atau kurang diperiksa", 1, 3),
    Threshold("long_name", 60, "karakter", "batas panjang nama (Permendagri 73/2022 ps 4)", 60, 60),
    Threshold("max_age", 120, "tahun", "umur di atasnya mustahil", 110, 130),
    Threshold("verify_age", 100, "tahun", "mulai umur ini diverifikasi masih hidup", 90, 110),
    Threshold("adult_age", 19, "tahun", "batas umur kawin (UU 16/2019)", 19, 19),
    Threshold("min_marriage_age", 15, "tahun", "kawin di bawahnya hampir pasti salah entri", 10, 18),
    Threshold("working_age", 15, "tahun", "pekerjaan dewasa di bawahnya diperiksa", 12, 18),
    Threshold("student_max_age", 40, "tahun", "pelajar/mahasiswa di atasnya diperiksa", 25, 70),
    Threshold("pension_min_age", 40, "tahun", "pensiunan di bawahnya diperiksa", 35, 60),
    Threshold("service_min_age", 18, "tahun", "TNI/Polri/PNS di bawahnya diperiksa", 17, 20),
    Threshold("service_max_age", 65, "tahun", "TNI/Polri/PNS di atasnya diperiksa", 55, 75),
    Threshold("recording_age", 23, "tahun", "di atasnya dan belum merekam KTP-el dipanggil", 17, 30),
    Threshold("dormant_years", 6, "tahun", "tanpa perubahan selama ini dan belum merekam: NIK tidur", 3, 15),
    Threshold("name_sex_count", 20, "orang", "pemakai terkecil sebuah nama untuk menilai kelaziman", 10, 1000),
    Threshold(
        "name_sex_ratio", 20, "kali", "perbandingan jenis kelamin mulai angka ini: nama lazim satu jenis", 5, 1000
    ),
)
DEFAULTS: dict[str, int] = {threshold.name: threshold.value for threshold in THRESHOLDS}


def filled(text: str, values: dict[str, int] | None = None) -> str:
    """``text`` with every ``@name`` replaced by its number. Raises KeyError for a name nobody declared."""
    numbers = values or DEFAULTS
    return re.sub(r"@([a-z_]+)", lambda match: str(numbers[match[1]]), text)


def checked(received: dict[str, object]) -> tuple[dict[str, int], list[str]]:
    """The office's values over the defaults, and what is wrong with them in Indonesian, one line each."""
    bounds = {threshold.name: threshold for threshold in THRESHOLDS}
    values, wrong = dict(DEFAULTS), []
    for name, value in received.items():
        known = bounds.get(name)
        if known is None:
            wrong.append(f"ambang tidak dikenal: {name[:40]}")
        elif isinstance(value, bool) or not isinstance(value, int) or not known.lowest <= value <= known.highest:
            bounds_told = f"{known.lowest}-{known.highest}" if known.lowest < known.highest else f"tetap {known.value}"
            wrong.append(f"{name}: bilangan {bounds_told} ({known.unit})")
        else:
            values[name] = value
    return values, wrong
