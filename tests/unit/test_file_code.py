"""The kode berkas: eight letters that people copy by hand from paper."""

import pytest
from office_kit.signers import AGENDA, DIGEST, OTHER_DIGEST, Desk

from tasks.approvals.case import LETTERS, Case, file_code, same_code

# 40 bits, five at a time, computed by hand: 0x00443214c7 = 0 1 2 3 4 5 6 7.
BY_HAND = {"00443214c7": "0123-4567", "ffffffffff": "ZZZZ-ZZZZ", "0000000000": "0000-0000", "aaaaaaaaaa": "NANA-NANA"}


@pytest.mark.parametrize(("bits", "code"), BY_HAND.items())
def test_the_code_is_forty_bits_of_the_digest(bits: str, code: str) -> None:
    """If this fails, the code on paper is not the one that an auditor computes from the digest."""
    assert file_code(bits + "0" * 54) == code == Case(AGENDA, 1, bits + "f" * 54).code


def test_no_letter_can_be_mistaken_for_another() -> None:
    """If this fails, a code has an I, L, O or U, and people read it as another one."""
    assert len(set(LETTERS)) == 32
    assert not set("ILOU") & set(LETTERS)


@pytest.mark.parametrize("typed", [
    "0123-4567", "01234567", "0123 4567", " 0123-4567 ", "O123-4567", "o123-4567", "0I23-4567", "0l23-4567",
    "--0123--4567--",
])  # fmt: skip
def test_what_people_write_instead_counts(typed: str) -> None:
    """If this fails, an official who read the right sheet is sent away for a dash or a capital letter."""
    assert same_code(typed, "0123-4567")


@pytest.mark.parametrize("typed", ["", "-", "0123-456", "0123-45678", "0123-4568", "4567-0123", "0123\n4567", "é"])
def test_another_code_does_not(typed: str) -> None:
    """If this fails, whoever never saw the sheet signs it."""
    assert not same_code(typed, "0123-4567")


@pytest.mark.parametrize("typed", ["", Case(AGENDA, 1, OTHER_DIGEST).code, Case(AGENDA, 1, DIGEST).code[:-1]])
def test_a_signature_needs_the_code_of_this_very_sheet(desk: Desk, typed: str) -> None:
    """If this fails, somebody signs a change-set whose sheet lies with a colleague."""
    assert "kode berkas" in desk.say("staff", "Ajukan", file_code=typed).reason
    desk.sign("staff")
    assert "kode berkas" in desk.say("kasi", file_code=typed).reason
    assert desk.say("kasi", file_code=Case(AGENDA, 1, DIGEST).code.lower()).accepted
