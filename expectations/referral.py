"""What another regency's office is told of a person (handbook 8): what it needs to find the person, and nothing else.

Limited and specific to the purpose: UU 27/2022 PDP art. 16(2)(a). Not told, although the centre sent it: family card,
address, parents, religion, marital status, education, occupation, certificates.
"""

import csv
from dataclasses import dataclass
from functools import cache

from expectations.codes import REFERENCE


@dataclass(frozen=True)
class Told:
    """One column of the list. ``why``: what the other office could not do without it; "" is theirs to fill in."""

    header: str
    why: str


REFERENCE_COLUMN, ANSWER_COLUMN = "REFERENSI", "JAWABAN"
TOLD: tuple[Told, ...] = (
    Told(REFERENCE_COLUMN, "nomor agenda, berkas dan baris: jawaban menyebut ini, bukan NIK"),
    Told("NIK", "kunci catatan pada daerah yang dituju"),
    Told("NAMA_LGKP", "NIK dapat salah ketik atau dipakai dua orang: nama memastikan orangnya"),
    Told("TGL_LHR", "nama dapat sama: tanggal lahir memastikan orangnya"),
    Told("NIK_PADA_KAMI", "kedua catatan hanya dapat dibandingkan bila kedua NIK diketahui"),
    Told("ALASAN", "apa yang diminta untuk diperiksa"),
    Told(ANSWER_COLUMN, ""),
    Told("KETERANGAN_JAWABAN", ""),
)

# The three answers (handbook 8), as the letter explains them and the list's cell takes them.
ANSWERS = {
    "a": "penduduk tetap di daerah kami; Saudara menerbitkan SKPWNI dan kami menarik datanya",
    "b": "penduduk berada di daerah Saudara; catatan yang ada pada kami diproses pindah keluar",
    "c": "kedua catatan keliru; diteruskan ke Direktorat Jenderal untuk pemadanan biometrik",
}


@cache
def regency_names() -> dict[str, str]:
    """NO_PROP || NO_KAB -> "KABUPATEN JOMBANG", of all Indonesia (Kepmendagri 100.1.1-6117/2022, UU 29/2022)."""
    with (REFERENCE / "regencies.csv").open(encoding="utf-8") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
