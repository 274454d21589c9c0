"""Damaged files by the hundred, on every run; `make fuzz` does the same by the hundred thousand."""

import pytest
from fuzz_run import Tally, fuzz, jobs_of
from mutate_workbook import KINDS

CASES = {"csv": 420, "workbook": 620, "lain": 160}


@pytest.fixture(scope="module")
def tally() -> Tally:
    """The bounded run, done once."""
    return fuzz(jobs_of(CASES, chunk=70))


def test_no_damaged_file_is_misread_and_none_stops_the_office(tally: Tally) -> None:
    """If this fails, a damaged file changes a resident silently, stops the office, or is refused unexplained."""
    assert not tally.faults, "ulangi: .venv/bin/python tests/fuzz/fuzz_run.py JENIS NOMOR"


def test_every_case_ends_one_way(tally: Tally) -> None:
    """If this fails, cases were lost on the way, and the run proves less than it says."""
    counted = {family: tally.count("diterima", family) + tally.count("ditolak", family) for family in CASES}
    assert counted == CASES


@pytest.mark.parametrize("family", CASES)
def test_both_ends_are_reached(tally: Tally, family: str) -> None:
    """If this fails, all files are refused or all are accepted, and nothing is compared or nothing is found."""
    assert tally.count("diterima", family) > CASES[family] // 20
    assert tally.count("ditolak", family) > CASES[family] // 20


def test_every_kind_of_damage_occurs(tally: Tally) -> None:
    """If this fails, one kind of damage is never tried, and the reader may fail on it."""
    wanted = {(".csv", kind) for kind in KINDS[".csv"]}
    wanted |= {(suffix, kind) for suffix in (".xlsx", ".xls", ".dbf", ".zip") for kind in KINDS[suffix]}
    assert wanted <= set(tally.kinds)


def test_memory_is_bounded(tally: Tally) -> None:
    """If this fails, damaged files leave something behind, or one of them fills the office's machine."""
    assert 0 < tally.peak_rss < 1_500_000_000
