"""Reasons in words: what a Kasi reads about a pair, and nothing of the records in it."""

import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from office_kit.mixtures import Mixture, mixture, vectors

from expectations.matching import BANDS, MATCH, NONE, POSSIBLE, Guard
from tasks.resolve.explain import Explanation, explain, of_hundred, reasons, sentence, strength

SAME = {"name": "same", "birth": "usual", "mother": "same", "father": "same", "place": "same", "sex": "same",
        "nik": "head", "family": "same", "address": "same"}  # fmt: skip
TWINS = SAME | {"name": "part", "nik": "consecutive 3"}
SISTERS = SAME | {"name": "else", "birth": "else", "nik": "else"}
BARE = {"name": "same*", "birth": "usual", "sex": "else", "nik": "else"}


@pytest.fixture(scope="module")
def model() -> Mixture:
    return mixture()


def one(model: Mixture, pair: dict[str, str]) -> Explanation:
    return explain(model, vectors(model.model, pair))[0]


def guard(model: Mixture, name: str, limit: str = POSSIBLE) -> Guard:
    """A shipped guard with the limit a model file may give it."""
    return replace(next(each for each in model.model.guards if each.name == name), limit=limit)


def part(told: str, head: str) -> str:
    found = re.search(rf"{head}: (.*?)\.(?: |$)", told)
    return found[1] if found else ""


def test_one_person_is_told_with_what_speaks_for_it(model: Mixture) -> None:
    """If this fails, the Kasi reads another result than the calculation has, or not why."""
    told = sentence(one(model, SAME), MATCH, None)
    assert told.startswith("Cocok: orang yang sama (lebih dari 99 dari 100). Paling mungkin: orang sama, alamat sama.")
    assert "nama sama, jarang dipakai (" in part(told, "Mendukung")
    assert "Menentang" not in told
    assert "Penjaga" not in told


def test_for_against_and_unknown_stand_apart(model: Mixture) -> None:
    """If this fails, evidence against one person is read as evidence for it, or an empty cell as evidence."""
    told = sentence(one(model, BARE), POSSIBLE, guard(model, "sex"))
    assert "tanggal lahir sama (" in part(told, "Mendukung")
    assert "jenis kelamin lain (" in part(told, "Menentang")
    assert part(told, "Tidak diisi atau tidak terbaca") == "nama ibu; nama ayah; tempat lahir; nomor KK; alamat"
    assert told.endswith("Penjaga: jenis kelamin berbeda, jadi diputuskan orang.")


def test_the_strongest_reason_comes_first(model: Mixture) -> None:
    """If this fails, a Kasi who reads two words reads the least important ones."""
    explanation = one(model, SAME)
    best = max(explanation.fields, key=lambda each: each.bits)
    assert part(sentence(explanation, MATCH, None), "Mendukung").startswith(f"{best.label} {best.words} (")


@pytest.mark.parametrize(("pair", "kind"), [(TWINS, "kembar"), (SISTERS, "saudara kandung")])
def test_twins_and_siblings_are_a_result_of_their_own(model: Mixture, pair: dict[str, str], kind: str) -> None:
    """If this fails, twins are shown as a weak duplicate, and somebody merges them to be done with it."""
    explanation = one(model, pair)
    told = sentence(explanation, NONE, guard(model, "twin", NONE) if pair is TWINS else None)
    assert told.startswith(f"Bukan ganda: {kind} (kemungkinan {of_hundred(explanation.kind.share)}).")
    assert ("Penjaga: " in told) == (pair is TWINS)
    assert not told.endswith("diputuskan orang.")


def test_a_doubtful_pair_names_what_else_it_may_be(model: Mixture) -> None:
    """If this fails, the Kasi weighs one person against nothing."""
    explanation = one(model, TWINS)
    assert f"lebih mungkin: kembar ({of_hundred(explanation.kind.share)})" in sentence(explanation, POSSIBLE, None)
    explanation = one(model, SAME)
    told = sentence(explanation, POSSIBLE, None)
    assert f"kemungkinan lain: {explanation.rival.words} (kurang dari 1 dari 100)" in told
    assert not explanation.rival.is_match


def test_a_guard_against_the_calculation_is_told_as_such(model: Mixture) -> None:
    """If this fails, a pair is called 'not a duplicate' beside 99 of 100 and nobody sees why."""
    told = sentence(one(model, SAME), NONE, guard(model, "twin", NONE))
    assert told.startswith("Bukan ganda menurut penjaga, walaupun hitungan menyebut orang yang sama (lebih dari 99")
    assert told.endswith("jadi tidak diusulkan sebagai ganda.")


def test_a_likely_pair_below_the_limit_says_why_it_is_no_match(model: Mixture) -> None:
    """If this fails, '99 of 100' is called 'perhaps' and Staff believes that the program errs."""
    told = "Belum mencapai batas cocok untuk data ini, jadi diputuskan orang."
    assert sentence(one(model, SAME), POSSIBLE, None).endswith(told)
    assert told not in sentence(one(model, SAME), POSSIBLE, guard(model, "sex"))
    assert told not in sentence(one(model, SAME), MATCH, None)
    assert told not in sentence(one(model, TWINS), POSSIBLE, None)


@pytest.mark.parametrize(("probability", "told"), [
    (1.0, "lebih dari 99 dari 100"), (0.995, "lebih dari 99 dari 100"), (0.994, "99 dari 100"), (0.72, "72 dari 100"),
    (0.006, "1 dari 100"), (0.004, "kurang dari 1 dari 100"), (0.0, "kurang dari 1 dari 100"),
])  # fmt: skip
def test_nothing_is_certain(probability: float, told: str) -> None:
    """If this fails, a page promises certainty that no calculation has."""
    assert of_hundred(probability) == told


@pytest.mark.parametrize(("times", "word"), [
    (2.9, "lemah"), (3.1, "sedang"), (19, "sedang"), (21, "kuat"), (149, "kuat"), (151, "sangat kuat"),
])  # fmt: skip
def test_words_of_strength_follow_the_documented_limits(times: float, word: str) -> None:
    """If this fails, 'kuat' on one page is 'lemah' by the legend beside it, for or against."""
    assert strength(float(np.log2(times))) == word
    assert strength(-float(np.log2(times))) == word


def test_a_common_value_weighs_less_and_says_so(model: Mixture) -> None:
    """If this fails, SITI agrees for as much as a name that one family has."""
    rare, common = (one(model, SAME | {"name": level}).fields[0] for level in ("same", "same*"))
    assert rare.bits > common.bits
    assert (rare.words, common.words) == ("sama, jarang dipakai", "sama, sering dipakai")


def test_reasons_of_many_pairs_are_those_of_each(model: Mixture) -> None:
    """If this fails, a pair of the worksheet carries the reason of another pair."""
    pairs = [SAME, TWINS, BARE, SAME, SISTERS, BARE]
    bands = [MATCH, NONE, POSSIBLE, POSSIBLE, NONE, POSSIBLE]
    guards = [None, "twin", "sex", None, None, None]
    given = vectors(model.model, *pairs)
    told = reasons(model, given, pl.Series(bands), pl.Series(guards))
    shipped = {guard.name: guard for guard in model.model.guards}
    each = [
        sentence(explanation, band, shipped.get(name))
        for explanation, band, name in zip(explain(model, given), bands, guards, strict=True)
    ]
    assert told.to_list() == each
    none = reasons(model, given, pl.Series(bands), pl.Series([None] * len(pairs)))
    assert not none.str.contains("Penjaga").any()


def test_no_pairs_need_no_reasons(model: Mixture) -> None:
    """If this fails, a batch without a single candidate ends with a traceback."""
    empty = vectors(model.model, SAME)[:0]
    assert explain(model, empty) == []
    assert reasons(model, empty, pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.String)).to_list() == []


@pytest.mark.parametrize(("band", "name"), [("cocok", None), (MATCH, "tidak ada")])
def test_unknown_words_are_refused(model: Mixture, band: str, name: str | None) -> None:
    """If this fails, a band in other words is explained as another band."""
    with pytest.raises(pl.exceptions.PolarsError):
        reasons(model, vectors(model.model, SAME), pl.Series([band]), pl.Series([name], dtype=pl.String))


def test_every_level_of_every_field_reads_as_a_sentence(model: Mixture) -> None:
    """If this fails, some comparison is told in words of the machine (levels, English, numbers with a point)."""
    rows = [{field.name: level.name} for field in model.model.fields for level in field.levels]
    given = vectors(model.model, *rows)
    for band in BANDS:
        for told in reasons(model, given, pl.Series([band] * len(rows)), pl.Series([None] * len(rows))):
            assert re.fullmatch(r"[A-Z][^_<>]+\.", told), told
            assert not re.search(r"\b(else|jw|same|edits|match|none|possible|nan)\b|\d\.\d|  ", told), told
