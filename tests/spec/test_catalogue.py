"""The catalogue as the office adopted it: 102 anomalies, who resolves them, and texts that staff can read."""

import re

import pytest

from expectations.columns import BY_NAME, REQUIRED, STORED
from expectations.outcomes import FORBIDDEN_ELEMENTS
from expectations.rules import (
    BY_CODE,
    CATALOGUE,
    MACROS,
    MODEL_DECIDES,
    RULES,
    VIEWS,
    WHO_RESOLVES,
    Level,
    Resolution,
    Rule,
    Severity,
)
from expectations.suite import build_suite
from expectations.thresholds import DEFAULTS, THRESHOLDS, filled

# Level, severity, who resolves: the codes. As adopted; a change here is a decision of the Kabid, not of a developer.
ADOPTED = """
baris ERROR AUTO_PROPOSE: ANM-NIK-02 ANM-NIK-03 ANM-NIK-05 ANM-NIK-12 ANM-KK-02 ANM-KK-03 ANM-KK-05 ANM-WIL-02
baris ERROR AUTO_PROPOSE: ANM-HUB-08 ANM-NAM-02 ANM-KOD-01 ANM-KOD-04 ANM-KOD-07
baris ERROR BIOMETRIC: ANM-NIK-14 GND-05
baris ERROR CENTRAL: ANM-NIK-07 ANM-NIK-08
baris ERROR DOC: ANM-NIK-01 ANM-NIK-11 ANM-NIK-13 ANM-KK-01 ANM-HUB-01 ANM-HUB-02 ANM-HUB-03 ANM-NAM-01 ANM-NAM-09
baris ERROR DOC: ANM-TGL-01 ANM-TGL-02 ANM-TGL-03 ANM-TGL-07 ANM-KWN-02 ANM-KWN-03 ANM-KWN-06 ANM-KWN-07
baris ERROR FIELD: ANM-TGL-04
baris ERROR FILE_RETURN: ANM-NIK-04
baris INFO AUTO_FORMAT: ANM-NAM-11
baris INFO AUTO_PROPOSE: ANM-HUB-13
baris INFO DOC: ANM-NAM-08 ANM-NAM-10 ANM-KWN-04
baris INFO FIELD: ANM-ALM-02 ANM-PKJ-02 ANM-PKJ-03 ANM-HDP-04
baris INFO NONE: ANM-NAM-07 ANM-TGL-06
baris WARNING AUTO_PROPOSE: ANM-NAM-04 ANM-NAM-05 ANM-KOD-02 ANM-KOD-03 ANM-KOD-05 ANM-KOD-06
baris WARNING CENTRAL: ANM-NIK-06 GND-06
baris WARNING DOC: ANM-NIK-09 ANM-NIK-10 ANM-KK-06 ANM-HUB-12 ANM-NAM-06 ANM-KWN-01 ANM-KWN-05 ANM-PDK-01 ANM-PKJ-04
baris WARNING FIELD: ANM-ALM-01 ANM-KEL-06 ANM-NAM-03 ANM-TGL-05 ANM-PKJ-01 ANM-HDP-03
baris WARNING REFER_REGION: ANM-KK-04 ANM-WIL-01
keluarga ERROR AUTO_PROPOSE: ANM-KEL-07 ANM-KEL-08
keluarga ERROR DOC: ANM-KEL-01 ANM-KEL-02 ANM-KEL-03 ANM-HUB-04 ANM-HUB-11
keluarga WARNING AUTO_PROPOSE: ANM-KEL-05
keluarga WARNING DOC: ANM-HUB-05 ANM-HUB-06 ANM-HUB-07 ANM-HUB-09 ANM-HUB-10
keluarga WARNING FIELD: ANM-KEL-04
pasangan ERROR AUTO_PROPOSE: GND-02 GND-07
pasangan ERROR BIOMETRIC: GND-01 GND-03
pasangan ERROR REFER_REGION: GND-04
pasangan INFO NONE: GND-09
pasangan WARNING DOC: GND-08
daftar lain ERROR DOC: ANM-HDP-01
daftar lain ERROR REFER_REGION: ANM-HDP-02
berkas ERROR FILE_RETURN: BRK-01 BRK-02 BRK-03 BRK-04
berkas INFO AUTO_FORMAT: BRK-05 BRK-06
berkas WARNING AUTO_PROPOSE: BRK-07
"""
ENGLISH = re.compile(
    r"\b(the|and|is|are|of|with|without|missing|empty|name|birth|date|row|file|older|than|not)\b", re.IGNORECASE
)
NAMED = re.compile(r"@([a-z_]+)")
LITERAL = re.compile(r"'[^']*'")
TELLS_NOTHING_WHEN_MISSING = {"stat_hidup", "flag_status"}  # everybody counts as active then


def adopted() -> dict[str, tuple[str, str, str]]:
    """Code -> (level, severity, resolution class)."""
    found: dict[str, tuple[str, str, str]] = {}
    for line in ADOPTED.strip().splitlines():
        head, codes = line.split(": ")
        level, severity, resolution = head.rsplit(" ", 2)
        found |= dict.fromkeys(codes.split(), (level, severity, resolution))
    return found


def ids(rule: Rule) -> str:
    return rule.code


def test_the_catalogue_holds_exactly_the_adopted_anomalies() -> None:
    """If this fails, an anomaly was dropped, invented or renamed: old decisions point at nothing."""
    codes = [rule.code for rule in CATALOGUE]
    assert len(codes) == len(set(codes)) == len(adopted()) == 102
    assert set(codes) == set(adopted()) == set(BY_CODE)
    assert [rule for rule in CATALOGUE if rule.level is not Level.FILE] == list(RULES)


@pytest.mark.parametrize("rule", CATALOGUE, ids=ids)
def test_level_severity_and_resolution_are_the_adopted_ones(rule: Rule) -> None:
    """If this fails, what needs a person passes without one, or what only informs holds residents back."""
    assert (rule.level.value, rule.severity.value, rule.resolution.value) == adopted()[rule.code]
    assert rule.severity in Severity
    assert WHO_RESOLVES[rule.resolution]


def test_only_three_kinds_are_put_right_without_a_person() -> None:
    """If this fails, a resident's data change and nobody decided it (handbook 6)."""
    assert {r.code for r in CATALOGUE if r.resolution is Resolution.AUTO_FORMAT} == {"ANM-NAM-11", "BRK-05", "BRK-06"}
    assert set(BY_CODE) >= MODEL_DECIDES


@pytest.mark.parametrize("rule", CATALOGUE, ids=ids)
def test_texts_are_plain_indonesian_with_their_numbers(rule: Rule) -> None:
    """If this fails, staff read '@max_age', an empty line, or English."""
    for text in (rule.title, rule.explanation, rule.what_to_do):
        told = rule.told(text)
        assert told.strip()
        assert "@" not in told
        assert not ENGLISH.search(told), told
    assert rule.source.strip()
    assert rule.explanation.endswith((".", ")"))
    moved = {name: value + 1 for name, value in DEFAULTS.items()}
    for text in (rule.title, rule.explanation):
        assert (rule.told(text, moved) != rule.told(text)) == bool(NAMED.search(text))


@pytest.mark.parametrize("rule", CATALOGUE, ids=ids)
def test_columns_are_of_the_contract(rule: Rule) -> None:
    """If this fails, a rule names a column that no file has, or proposes to correct what is not kept."""
    assert set(rule.columns) <= set(BY_NAME)
    assert set(rule.corrects) <= set(STORED)
    assert rule.columns or rule.level is Level.FILE
    if rule.resolution is Resolution.AUTO_PROPOSE and rule.level is Level.ROW:
        assert rule.corrects


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_rule_declares_every_column_it_reads(rule: Rule) -> None:
    """If this fails, a file without a column counts as free of an anomaly that nobody could look for."""
    told = {word for word in re.findall("[a-z_]+", LITERAL.sub("", rule.sql)) if word in STORED}
    read = told - set(REQUIRED) - TELLS_NOTHING_WHEN_MISSING
    if rule.code == "GND-09":
        read.discard("nama_lgkp_ibu")  # two mothers that nobody named do not speak against twins
    assert read <= set(rule.columns)
    declared = set(rule.columns) - told - {"tgl_lhr"} - TELLS_NOTHING_WHEN_MISSING
    assert not declared


def test_a_nik_is_pointed_out_and_never_replaced() -> None:
    """If this fails, the system proposes another NIK for somebody (handbook 2.3)."""
    assert {rule.code for rule in CATALOGUE if "nik" in rule.corrects} <= {"ANM-NIK-02", "ANM-NIK-03", "ANM-NIK-05",
                                                                          "ANM-NIK-12"}  # fmt: skip
    assert "nik" in FORBIDDEN_ELEMENTS


def test_thresholds_are_declared_and_used() -> None:
    """If this fails, the Kabid sets a number that nothing reads, or a rule's number cannot be set."""
    read = set(NAMED.findall(" ".join([*(rule.sql for rule in RULES), *VIEWS, *MACROS])))
    assert read == set(DEFAULTS)
    assert all(t.lowest <= t.value <= t.highest and t.unit and t.meaning for t in THRESHOLDS)
    assert len(DEFAULTS) == len(THRESHOLDS)
    assert filled("@child_gap tahun", DEFAULTS | {"child_gap": 99}) == "99 tahun"


@pytest.mark.parametrize("rule", [r for r in RULES if r.source.startswith("heuristik")], ids=ids)
def test_heuristic_numbers_are_the_kabids(rule: Rule) -> None:
    """If this fails, a limit that the Kabid must set is fixed in the program (handbook 6)."""
    bare = NAMED.sub("", LITERAL.sub("", rule.sql))
    counts = {"0", "1"}  # "none", "more than one": not limits
    twins = {"2"} if rule.code == "ANM-HUB-10" else set()  # two days apart is no birth of twins any more
    assert set(re.findall(r"(?<![\w.])\d+(?!\w)", bare)) <= counts | twins


@pytest.mark.parametrize("rule", CATALOGUE, ids=ids)
def test_only_files_are_judged_without_sql(rule: Rule) -> None:
    """If this fails, a rule stands in the catalogue and is never run."""
    assert bool(rule.sql) == (rule.level is not Level.FILE)
    assert rule.is_row == (rule.level is Level.ROW)
    assert rule.code.startswith("BRK-") == (rule.level is Level.FILE)


def test_the_suite_holds_every_rule_in_the_catalogues_order() -> None:
    """If this fails, a rule is not run, or its result is told under another title."""
    suite = build_suite("uji")
    assert [e.meta["code"] for e in suite.expectations] == [rule.code for rule in RULES]
    for expectation, rule in zip(suite.expectations, RULES, strict=True):
        assert expectation.description == f"{rule.code}: {rule.told(rule.title)}"
