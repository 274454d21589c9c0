"""The Splink models by data ("penduduk", "febrl") and set-up: comparisons, blocking, training."""

from dataclasses import dataclass, field, replace
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import block_on

from bench.linkage.engines import EXPERT_THRESHOLD

Rules = list[Any]


@dataclass(frozen=True)
class Model:
    """One set-up. `deterministic` with `recall` gives the prior; `em` are the blocks EM runs on, one after another.

    `label`: a column that mostly names the person, from whose equal values m is learnt first (docs: "partial labels").
    `em_pairs`: EM looks at no more pairs than so many on large data (a million equal names make hundreds of millions).
    `cluster_at`: the probability from which records are clustered, 0.95 in Splink's tutorial.
    """

    comparisons: list[Any]
    blocking: Rules
    deterministic: Rules
    em: Rules
    recall: float = 0.7
    u_pairs: float = 1e6
    cleaned: bool = False
    label: str = ""
    cluster_at: float = 0.95
    em_pairs: float | None = None
    em_options: dict[str, Any] = field(default_factory=dict)


def frequent(comparison: Any) -> Any:
    """The comparison with term-frequency adjustment on its exact level."""
    return comparison.configure(term_frequency_adjustments=True)


def idiomatic() -> Model:
    """As the deduplication tutorial: library comparisons, a few blocking rules, u by sampling, EM on two blocks."""
    return Model(
        comparisons=[
            cl.NameComparison("nama"),
            cl.DateOfBirthComparison("tgl", input_is_string=True, datetime_format="%Y-%m-%d"),
            cl.DamerauLevenshteinAtThresholds("nik", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("kk", [1]),
            cl.ExactMatch("jk"),
            frequent(cl.ExactMatch("tmpt")),
            cl.NameComparison("ibu"),
            cl.NameComparison("ayah"),
            cl.JaroWinklerAtThresholds("alamat", [0.9, 0.7]),
        ],
        blocking=[
            block_on("nik"), block_on("nama", "tgl"), block_on("nama", "ibu"), block_on("tgl", "ibu"),
            block_on("nama", "kk"), block_on("tgl", "tmpt", "substr(nama, 1, 3)"),
        ],
        deterministic=[block_on("nik"), block_on("nama", "tgl", "ibu")],
        em=[block_on("nama"), block_on("tgl")],
        em_pairs=5e6,
    )  # fmt: skip


EXPERT_BLOCKING = [
    ("nik",), ("nama", "tgl"), ("nama", "ibu"), ("nama", "kk"), ("tgl", "ibu"), ("tgl", "kk"), ("tgl", "awal"),
    ("tgl", "akhir"), ("kerangka", "tahun"), ("nik12", "substr(nama, 1, 2)"), ("nama", "ayah"),
    ("nama", "tmpt", "tahun"), ("awal", "ibu", "tahun"), ("nik10", "awal"), ("nik10", "akhir"), ("nik10", "ibu1"), ("awal", "kk"), ("kerangka", "hari"),
    ("tgl", "alamat"), ("kerangka", "ibu1"),
]  # fmt: skip
# rules that bring twins and siblings together above all
FAMILIES = (("tgl", "ibu"), ("tgl", "kk"), ("tgl", "alamat"))
SWAPPED = "l.tgl = r.tukar and l.awal = r.awal"


def expert_blocking() -> Rules:
    """All equality rules, and day and month swapped."""
    return [*(block_on(*columns) for columns in EXPERT_BLOCKING), SWAPPED]


def name_levels(column: str = "nama") -> Any:
    """Equal (by frequency), same words in another order, close, one contained in the other, first word equal."""
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            cll.CustomLevel("urut_l = urut_r or kerangka_l = kerangka_r", "same words or consonants"),
            cll.JaroWinklerLevel(column, 0.95),
            cll.JaroWinklerLevel(column, 0.88),
            cll.CustomLevel(
                f"starts_with({column}_l, {column}_r) or starts_with({column}_r, {column}_l)", "one begins the other"
            ),
            cll.CustomLevel("awal_l = awal_r or akhir_l = akhir_r", "a word equal"),
            cll.JaroWinklerLevel(column, 0.75),
            cll.ElseLevel(),
        ],
    )


def date_levels() -> Any:
    """Equal (by frequency: conventional dates), day and month swapped, one digit, same day of another year, same year."""
    return cl.CustomComparison(
        output_column_name="tgl",
        comparison_levels=[
            cll.NullLevel("tgl"),
            cll.ExactMatchLevel("tgl", term_frequency_adjustments=True),
            cll.CustomLevel("tgl_l = tukar_r", "day and month swapped"),
            cll.LevenshteinLevel("tgl", 1),
            cll.CustomLevel("hari_l = hari_r", "same day"),
            cll.CustomLevel("tahun_l = tahun_r", "same year"),
            cll.ElseLevel(),
        ],
    )


def nik_levels() -> Any:
    """Equal, one or two digits apart, another region, same region and date (a sibling's or twin's NIK looks so)."""
    return cl.CustomComparison(
        output_column_name="nik",
        comparison_levels=[
            cll.NullLevel("nik"),
            cll.ExactMatchLevel("nik"),
            cll.CustomLevel("nik12_l <> nik12_r and levenshtein(nik_l, nik_r) <= 1", "one digit of region or date"),
            cll.CustomLevel("nik12_l = nik12_r", "same region and date"),
            cll.CustomLevel("nik10_l = nik10_r", "another region"),
            cll.LevenshteinLevel("nik", 2),
            cll.ElseLevel(),
        ],
    )


def parent(column: str, *, by_frequency: bool = True) -> Any:
    """A parent's name: equal, close, begins alike."""
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=by_frequency),
            cll.JaroWinklerLevel(column, 0.92),
            cll.JaroWinklerLevel(column, 0.8),
            cll.ElseLevel(),
        ],
    )


def household() -> Any:
    """KK, address and parents as one comparison, since they agree together: a family's evidence counts once."""
    same_parents = "jaro_winkler_similarity(ibu_l, ibu_r) >= 0.9"
    return cl.CustomComparison(
        output_column_name="keluarga",
        comparison_levels=[
            cll.CustomLevel("(ibu_l is null or ibu_r is null) and (kk_l is null or kk_r is null)", "unknown").configure(
                is_null_level=True
            ),
            cll.CustomLevel(f"kk_l = kk_r and {same_parents}", "same KK and mother"),
            cll.CustomLevel(f"{same_parents} and jaro_winkler_similarity(ayah_l, ayah_r) >= 0.9", "same parents"),
            cll.CustomLevel(same_parents, "same mother"),
            cll.CustomLevel("kk_l = kk_r or alamat_l = alamat_r", "same KK or address"),
            cll.ElseLevel(),
        ],
    )


def _expert(comparisons: list[Any], **options: Any) -> Model:
    training = [block_on("nama", "tahun"), block_on("tgl", "awal"), block_on("ibu", "tahun")]
    return Model(
        comparisons=comparisons, cleaned=True,
        deterministic=[block_on("nik", "awal"), block_on("nama", "tgl", "ibu")],
        **{"blocking": expert_blocking(), "em": training, "u_pairs": 2e6, **options},
    )  # fmt: skip


def _own() -> list[Any]:
    return [name_levels(), date_levels(), nik_levels(), cl.ExactMatch("jk"), frequent(cl.ExactMatch("tmpt"))]


def _family() -> list[Any]:
    return [
        parent("ibu"),
        parent("ayah"),
        cl.LevenshteinAtThresholds("kk", 1),
        cl.JaroWinklerAtThresholds("alamat", [0.9]),
    ]


def expert(kind: str) -> Model:
    """The expert set-ups: which evidence of the family is used and how, and where EM learns."""
    tight = [block_on(*columns) for columns in EXPERT_BLOCKING if columns not in FAMILIES] + [SWAPPED]
    em_on_errors = [block_on("nik"), block_on("nama", "tgl"), block_on("kerangka", "ibu1")]
    return {
        "all-fields": lambda: _expert(_own() + _family()),
        "no-household": lambda: _expert([*_own(), parent("ibu"), parent("ayah")]),
        "household-once": lambda: _expert([*_own(), household()]),
        "mother-only": lambda: _expert([*_own(), parent("ibu")]),
        "em-on-sure-blocks": lambda: _expert(_own() + _family(), em=em_on_errors),
        "sure-no-household": lambda: _expert([*_own(), parent("ibu"), parent("ayah")], em=em_on_errors),
        "sure-household-once": lambda: _expert([*_own(), household()], em=em_on_errors),
        "sure-mother-only": lambda: _expert([*_own(), parent("ibu")], em=em_on_errors),
        "sure-tight": lambda: _expert([*_own(), parent("ibu"), parent("ayah")], em=em_on_errors, blocking=tight),
        "sure-tight-all-fields": lambda: _expert(_own() + _family(), em=em_on_errors, blocking=tight),
        "m-from-nik": lambda: _expert(_own() + _family(), label="nik", em=[block_on("nama", "tgl", "ibu")]),
        "m-from-nik-no-household": lambda: _expert([*_own(), parent("ibu"), parent("ayah")], label="nik",
                                                   em=[block_on("nama", "tgl", "ibu")]),
        "u-fitted": lambda: _expert([*_own(), parent("ibu"), parent("ayah")], em=em_on_errors,
                                    em_options={"fix_u_probabilities": False}),
    }[kind]()  # fmt: skip


EXPERTS = ("all-fields", "no-household", "household-once", "mother-only", "em-on-sure-blocks", "sure-no-household",
           "sure-household-once", "sure-mother-only", "sure-tight", "sure-tight-all-fields", "m-from-nik", "m-from-nik-no-household", "u-fitted")  # fmt: skip
BEST_EXPERT = "sure-tight"


def febrl(*, many: bool) -> Model:
    """As the documentation's example on febrl3; the expert set-up blocks on more and compares the address as well."""
    comparisons = [
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        frequent(cl.ExactMatch("street_number")),
        frequent(cl.DamerauLevenshteinAtThresholds("postcode", [1, 2])),
    ]
    rules = [
        ("soc_sec_id",),
        ("given_name", "surname"),
        ("date_of_birth",),
        ("postcode", "given_name"),
        ("postcode", "surname"),
    ]
    if many:
        comparisons += [
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.7]),
            cl.JaroWinklerAtThresholds("suburb", [0.9]),
        ]
        rules += [("given_name", "suburb"), ("surname", "suburb"), ("street_number", "suburb"), ("address_1",),
                  ("given_name", "state", "street_number"), ("surname", "street_number"), ("postcode", "street_number"),
                  ("substr(date_of_birth, 1, 6)", "state"), ("address_2", "suburb")]  # fmt: skip
    return Model(
        comparisons=comparisons,
        blocking=[block_on(*columns) for columns in rules],
        deterministic=[block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")],
        em=[block_on("date_of_birth"), block_on("postcode")],
        recall=0.9,
    )


def model(data: str, config: str) -> Model:
    """A set-up by data and name: "idiomatic", "expert" (the best), or one of the experts tried."""
    if data == "febrl":
        return febrl(many=config != "idiomatic")
    if config == "expert":
        return replace(expert(BEST_EXPERT), cluster_at=EXPERT_THRESHOLD)
    return idiomatic() if config == "idiomatic" else expert(config)
