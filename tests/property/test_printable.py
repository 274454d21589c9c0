"""What paper can bear: any text of anybody becomes letters that a font has, in words that stay in their column."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tasks.documents.render import ALSO, LETTERS, LONGEST, printable

BREAK = "\u200b"
SEEN = {chr(code) for first, last in LETTERS for code in range(first, last + 1)} | ALSO


@given(st.one_of(st.text(), st.text("AW*/.-_ 0", min_size=20), st.text("\u202e\u2066\ufeff\x00A\U0001f600")))
def test_only_letters_that_fonts_have(text: str) -> None:
    """If this fails, one name stops a Berita Acara from being made, or turns its text round."""
    shown = printable(text)
    assert set(shown) - {BREAK} <= SEEN | {"\n"}
    assert not [word for word in re.split(rf"[\s{BREAK}]", shown) if len(word) > 24]


@given(st.text("ABCxyz 0123456789/.-_", max_size=LONGEST))
def test_what_a_font_has_stays(text: str) -> None:
    """If this fails, a paper shows another letter number or name than the ledger holds."""
    assert printable(text).replace(BREAK, "") == text


def test_numbers_that_are_searched_and_compared_stay_whole() -> None:
    """If this fails, a search in the PDF does not find a NIP, a letter's number or a masked NIK."""
    for text in ("199503032020122901", "400.8.1/0000/CONTOH", "357602******9110", "K7Q2-9XMT", "ab" * 32):
        assert printable(text) == text
