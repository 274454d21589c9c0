"""The matching model, as data: fields and levels, blocking keys, kinds of pairs with their shipped probabilities.

Fellegi-Sunter (1969) with several kinds of match and of non-match: in a family register siblings and twins agree on
mother, father, family card and address, and a two-class model learns "same household" instead of "same person".
The shipped probabilities are the prior of the fit (Dirichlet), so that an extract of 50 rows is judged sensibly.
"""

from dataclasses import dataclass

MISSING = -1  # no evidence: neither agreement nor disagreement


@dataclass(frozen=True)
class Field:
    """One comparison. ``columns``: contract columns read; ``levels``: names, from no agreement (0) upward."""

    name: str
    columns: tuple[str, ...]
    levels: tuple[str, ...]
    label: str


FIELDS: tuple[Field, ...] = (
    Field("name", ("nama_lgkp",), ("lain", "mirip", "sangat mirip", "sama"), "nama"),
    Field("birth", ("tgl_lhr",), ("lain", "tahun sama", "hampir sama", "sama"), "tanggal lahir"),
    Field("mother", ("nama_lgkp_ibu",), ("lain", "mirip", "sangat mirip", "sama"), "nama ibu"),
    Field("father", ("nama_lgkp_ayah",), ("lain", "mirip", "sangat mirip", "sama"), "nama ayah"),
    Field("place", ("tmpt_lhr",), ("lain", "mirip", "sama"), "tempat lahir"),
    Field("sex", ("jenis_klmin",), ("lain", "sama"), "jenis kelamin"),
    Field("nik", ("nik",), ("lain", "1-2 angka beda", "12 angka awal sama"), "NIK"),
    Field("family", ("no_kk",), ("lain", "sama"), "nomor KK"),
    Field("address", ("alamat",), ("lain", "mirip", "sama"), "alamat"),
)

SIMILAR, VERY_SIMILAR = 0.85, 0.92  # Jaro-Winkler, after normalising names
MAX_BLOCK = 50  # larger blocks tell nothing (registry conventions such as 1 July) and are left to the other keys

# Blocking keys over normalised columns; a pair is a candidate when it shares one of them.
BLOCKING: tuple[tuple[str, ...], ...] = (
    ("birth_key", "mother_key"),
    ("birth_key", "name_start"),
    ("name_key", "mother_key"),
    ("name_key", "family_key"),
    ("name_key", "birth_year"),
    ("nik_start",),
)


@dataclass(frozen=True)
class Kind:
    """A kind of pair. ``prior``: share among candidates; ``levels``: field -> P(level | kind), lowest level first."""

    name: str
    prior: float
    levels: dict[str, tuple[float, ...]]
    is_match: bool = False


_SAME_PERSON = {
    "name": (0.02, 0.06, 0.17, 0.75), "birth": (0.02, 0.02, 0.08, 0.88), "mother": (0.02, 0.04, 0.10, 0.84),
    "father": (0.03, 0.04, 0.09, 0.84), "place": (0.08, 0.07, 0.85), "sex": (0.005, 0.995),
}  # fmt: skip
_STRANGER = {
    "name": (0.90, 0.06, 0.02, 0.02), "birth": (0.80, 0.05, 0.05, 0.10), "mother": (0.93, 0.04, 0.01, 0.02),
    "father": (0.94, 0.04, 0.01, 0.01), "place": (0.85, 0.02, 0.13), "sex": (0.50, 0.50),
    "nik": (0.985, 0.01, 0.005), "family": (0.999, 0.001), "address": (0.95, 0.04, 0.01),
}  # fmt: skip
_FAMILY = {
    "mother": (0.01, 0.02, 0.05, 0.92), "father": (0.01, 0.02, 0.05, 0.92), "place": (0.40, 0.05, 0.55),
    "sex": (0.50, 0.50), "family": (0.25, 0.75), "address": (0.20, 0.05, 0.75),
}  # fmt: skip

KINDS: tuple[Kind, ...] = (
    Kind("orang sama, alamat sama", 0.20, _SAME_PERSON | {
        "nik": (0.40, 0.15, 0.45), "family": (0.25, 0.75), "address": (0.10, 0.10, 0.80)}, is_match=True),
    Kind("orang sama, sudah pindah", 0.20, _SAME_PERSON | {
        "nik": (0.55, 0.10, 0.35), "family": (0.97, 0.03), "address": (0.90, 0.06, 0.04)}, is_match=True),
    Kind("saudara kandung", 0.10, _FAMILY | {
        "name": (0.85, 0.12, 0.02, 0.01), "birth": (0.90, 0.05, 0.04, 0.01), "nik": (0.97, 0.02, 0.01)}),
    Kind("kembar", 0.02, _FAMILY | {
        "name": (0.80, 0.17, 0.02, 0.01), "birth": (0.002, 0.002, 0.006, 0.99), "nik": (0.30, 0.40, 0.30)}),
    Kind("tanggal lahir sama", 0.18, _STRANGER | {"birth": (0.002, 0.002, 0.006, 0.99)}),
    Kind("nama sama", 0.20, _STRANGER | {"name": (0.05, 0.15, 0.20, 0.60), "birth": (0.70, 0.20, 0.08, 0.02)}),
    Kind("orang lain", 0.10, _STRANGER),
)  # fmt: skip

PRIOR_PAIRS = 400.0  # how many observed pairs the shipped probabilities are worth in the fit
ROUNDS = 30

MATCH_FROM, POSSIBLE_FROM = 0.95, 0.20  # probability of being one person: bands match / possible / none
BANDS = ("cocok", "mungkin", "bukan")

# Guards: evidence that forbids the match band however high the probability.
MAX_BIRTH_GAP_YEARS = 15
MAX_CLUSTER = 6

# Survivorship (handbook 2.3): the KTP-el NIK wins, the NIK of the first biometric recording stays active.
RECORDED = (
    "SUDAH REKAM", "BIO CAPTURED", "PRINT READY RECORD", "SENT FOR CARD PRINTING", "CARD PRINTED", "CARD SHIPPED",
    "CARD ISSUED",
)  # fmt: skip
