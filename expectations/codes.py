"""SIAK codes and region names, read once from ``data/reference`` (provenance in its README)."""

import csv
import re
from functools import cache
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"
CITY = "3576"  # NO_PROP || NO_KAB of the office's own city (handbook 4); another city changes these four lines
CITY_NAME = "MOJOKERTO"  # without KOTA
PROVINCE_NAME = "JAWA TIMUR"
NAMESAKE = "3516"  # the regency (KABUPATEN) that bears the city's name: another region
REGION_WIDTHS = {"no_prop": 2, "no_kab": 2, "no_kec": 2, "no_kel": 4}  # digits, zero padded
UNKNOWN_REGION = "0000"  # a domicile outside the city whose code the extract does not tell


DASHES = "[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]"
NO_PART = (
    r"[\s.,/()'\":;_&\\\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]"  # of a label: spaces, punctuation, unseen marks
)


@cache
def labels(column: str) -> dict[str, str]:
    """Code -> label of one coded column, e.g. ``labels("agama")["1"] == "ISLAM"``. Unknown column: empty."""
    with (REFERENCE / "codes.csv").open(encoding="utf-8") as file:
        return {row["code"]: row["label"] for row in csv.DictReader(file) if row["column"] == column}


def squeeze(label: str) -> str:
    """Labels are compared without case, spaces and punctuation: ``"Laki - laki"`` -> ``"LAKILAKI"``.

    Any other mark stays: "ISLAM?" is no certain ISLAM. A dash of another shape is a dash.
    """
    kept = re.sub(NO_PART, "", re.sub(DASHES, "-", label.upper()))
    return re.sub(r"(?<=[A-Z])-(?=[A-Z])", "", kept)  # LAKI-LAKI, but not the blood group A-


SHORT = {  # labels seen on BIP prints and flat exports beside the full ones
    "jenis_klmin": {"L": "1", "LK": "1", "P": "2", "PR": "2"},
    "stat_kwn": {"BK": "1", "K": "2", "CH": "3", "CM": "4"},
    "gol_drh": {"-": "13"},  # BIP prints write a dash for TIDAK TAHU
}


@cache
def code_of_label(column: str) -> dict[str, str]:
    """Squeezed label -> code of one coded column, the short labels of prints included."""
    return {squeeze(label): code for code, label in labels(column).items()} | SHORT.get(column, {})


# Words of STATUS_DASAR that flat exports write. SIAK's own codes for the reasons differ between releases, so every
# reason to be inactive becomes the one flag that is not 0; the word itself stays in the column.
DEAD = ("MATI", "MENINGGAL", "MENINGGAL DUNIA", "WAFAT")
LEFT = ("PINDAH", "PINDAH KELUAR", "HILANG", "PERGI", "TIDAK VALID")
ACTIVE, INACTIVE = "0", "2"  # flag_status

CODED = ("jenis_klmin", "agama", "gol_drh", "stat_kwn", "stat_hbkel", "pddk_akh", "jenis_pkrjn")


@cache
def region_history() -> tuple[str, ...]:
    """Every six-digit district code the public lists hold, 2015 to today: a NIK keeps the code of its first issue."""
    with (REFERENCE / "regions_history.csv").open(encoding="utf-8") as file:
        return tuple(row["code"] for row in csv.DictReader(file))


@cache
def regions(level: str) -> dict[str, str]:
    """Code -> upper-case name. ``level``: "kecamatan" (6 digits, all Indonesia) or "kelurahan" (10, own city)."""
    with (REFERENCE / "regions.csv").open(encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file) if row["level"] == level}
