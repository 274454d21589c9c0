"""What of a resident may be seen outside the store (handbook 9), and that values from data stay harmless text."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.columns import BY_NAME, STORED, Privacy
from tasks.privacy import NIK_PATTERN, markdown, mask, mask_date, mask_name, mask_nik, scrub

NIK = "3576026110629001"


@pytest.mark.parametrize(("value", "shown"), [
    (NIK, "357602******9001"), ("", "(kosong)"), (None, "(kosong)"), ("357602611062900",
    "35************* (15 karakter)"),
    ("0", "0* (1 karakter)"), ("3,57602E+15", "3,********* (11 karakter)"),
])  # fmt: skip
def test_niks_are_masked(value: str | None, shown: str) -> None:
    """If this fails, an approver or a log sees a whole NIK."""
    assert mask_nik(value) == shown


@pytest.mark.parametrize(("value", "shown"), [
    ("SITI AMINAH", "S*** A*****"), ("O", "O"), (" A  B ", "A B"), ("", "(kosong)"), (None, "(kosong)"),
    ("NUR\u00a0AINI", "N** A***"),
])  # fmt: skip
def test_names_are_masked(value: str | None, shown: str) -> None:
    """If this fails, a name is readable on the page, or cannot be told from another at all."""
    assert mask_name(value) == shown


@pytest.mark.parametrize(("value", "shown"), [
    ("1980-04-11", "1980-**-**"), ("", "(kosong)"), (None, "(kosong)"), ("11-04-1980", "**"), ("abc", "**"),
])  # fmt: skip
def test_dates_are_masked(value: str | None, shown: str) -> None:
    """If this fails, a birthday is shown to people who need not know it."""
    assert mask_date(value) == shown


@pytest.mark.parametrize("column", [c for c in STORED if BY_NAME[c].privacy in (Privacy.DIRECT, Privacy.SPECIFIC)])
def test_what_points_at_one_person_is_masked_on_the_page(column: str) -> None:
    """If this fails, the page for approvers (kept by Prefect) shows a value that names one resident."""
    value = {"tgl_lhr": "1980-04-11"}.get(column, "AL 3576 LU 0042")
    assert mask(column, value) != value


@pytest.mark.parametrize(("text", "clean"), [
    (f"data_{NIK}.csv", "data_357602******9001.csv"), (f"a {NIK} b {NIK}", "a 357602******9001 b 357602******9001"),
    ("20261006.csv", "20261006.csv"), ("", ""),
])  # fmt: skip
def test_texts_of_unknown_origin_are_scrubbed(text: str, clean: str) -> None:
    """If this fails, a file name or a library's message carries a NIK into the ledger or the log."""
    assert scrub(text) == clean


@pytest.mark.parametrize("text", [NIK + NIK, "KK" + NIK + "NIK" + NIK, NIK + "1"])
def test_niks_written_together_are_scrubbed(text: str) -> None:
    """If this fails, two NIKs without a space between them pass as no NIK at all."""
    assert NIK not in scrub(text)


@pytest.mark.parametrize("mark", [" ", "-", ".", "\u2013", "\u00a0", " - ", "\u200b", "_"])
@pytest.mark.parametrize("sizes", [(4, 4, 4, 4), (6, 6, 4), (2, 2, 2, 6, 4), (1,) * 16])
def test_a_nik_in_groups_is_masked(mark: str, sizes: tuple[int, ...]) -> None:
    """If this fails, a NIK written 3576 0261 ... in a file's name travels into messages and logs."""
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    groups = [NIK[start : start + size] for start, size in zip(starts, sizes, strict=True)]
    assert scrub(f"data {mark.join(groups)}.csv") == f"data {NIK[:6]}******{NIK[-4:]}.csv"


@pytest.mark.parametrize("text", ["2026-10-06 08:15:00", "lap-20261006-0001", "baris 3-5, 12 dari 14", "2026-0001"])
def test_other_numbers_stay(text: str) -> None:
    """If this fails, dates and agenda numbers vanish from messages."""
    assert scrub(text) == text


@pytest.mark.parametrize(("text", "shown"), [
    ("a\x1b[31mB\x1b[0m.csv", "aB.csv"), ("a\x9b2Jb", "ab"), ("\x1b]0;judul\x07x", "x"), ("a\rb\x08\x00", "ab"),
    ("a\u202eb\u2066", "ab"), ("a\x1b", "a"), ("dua\nbaris", "dua\nbaris"),
])  # fmt: skip
def test_orders_to_a_terminal_are_dropped(text: str, shown: str) -> None:
    """If this fails, a file's name paints the terminal of whoever reads the message, or hides what it says."""
    assert scrub(text) == shown


HOSTILE = ["# DISETUJUI OLEH KADIS", "a\n# judul", "a|b|c", "`x`", "``` x", "![x](http://jahat/x.png)",
           "[klik](javascript:1)",
           "<img src=x onerror=alert(1)>", "a\u202eb", "a\u2028# b", "a\x85# b", "\u1fefx", "\\`x", "\x1b[2J", "\ud800",
           "A" * 500, " \n\t", "a\u0300\u0300`", "\x0b\x0c# x", "~~x~~ **y**"]  # fmt: skip


def check_span(value: object) -> None:
    shown = markdown(value)
    assert shown == "" or (shown.startswith("`") and shown.endswith("`"))
    inner = shown[1:-1]
    assert not set(inner) & set("`|\\\n\r\t\u2028\u2029\x0b\x0c\x85")
    assert not [c for c in inner if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}]
    assert len(inner) <= 80


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_stay_one_code_span(value: str) -> None:
    """If this fails, a resident's name forges a heading, a link or a signature on the approver's page."""
    check_span(value)


@settings(max_examples=200)
@given(st.one_of(st.text(), st.none(), st.integers()))
def test_any_value_is_one_code_span(value: object) -> None:
    """If this fails, some value from data breaks out of its cell on the approver's page."""
    check_span(value)


@settings(max_examples=200)
@given(st.text(st.sampled_from("0123456789 -_.abc"), max_size=60))
def test_no_run_of_sixteen_digits_survives(text: str) -> None:
    """If this fails, some text with a NIK in it is logged whole."""
    assert not NIK_PATTERN.search(scrub(text))
