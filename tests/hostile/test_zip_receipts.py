"""Receipts of ZIP archives: cover letters name their members or the whole, and nothing is received twice."""

import pytest
from office_kit.archives import ONE, PASSWORD, TWO, arrive, keep_password, locked
from office_kit.files import write, write_letter
from office_kit.signers import NOW

from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.load import load
from tasks.office import Office
from tasks.receive import find_receipt, receive
from tasks.store import open_store

ABOUT = (NOW, "inbox")
TOTALS_ONE, TOTALS_TWO = {"jumlah": 1, "laki": 1, "perempuan": 0, "kk": 1}, {"jumlah": 2, "laki": 1, "perempuan": 1}


@pytest.mark.parametrize(
    "named",
    [
        {"satu.csv": TOTALS_ONE, "dua.csv": TOTALS_TWO},
        {"kirim.zip/satu.csv": TOTALS_ONE, "kirim.zip/dalam/dua.csv": TOTALS_TWO},
        {"kirim.zip": {"jumlah": 3, "laki": 2, "perempuan": 1, "kk": 3}},
        {"kirim.zip": {"jumlah": 3}, "satu.csv": TOTALS_ONE},
    ],
)
def test_letters_name_members_or_the_zip(office: Office, named: dict[str, dict[str, int]]) -> None:
    """If this fails, a correct ZIP is returned because its letter names the files inside, or only the ZIP."""
    path = arrive(office, {"satu.csv": ONE, "dalam/dua.csv": TWO})
    receipt = receive(office, [path], write_letter(office.inbox / "surat.json", named), ABOUT)
    facts = [(f["name"], f["member"], f["archived"], f["received"]) for f in receipt.files]
    assert facts == [("kirim.zip/satu.csv", "satu.csv", "01.zip", 1),
                     ("kirim.zip/dalam/dua.csv", "dalam/dua.csv", "01.zip", 2)]  # fmt: skip
    with open_ledger(office) as ledger:
        assert find_receipt(ledger, receipt.agenda) == receipt
    with open_store(office) as con:
        assert load(con, office, receipt)["loaded"] == 3
        stored = con.execute("select file_no, name from files order by 1").fetchall()
    assert stored == [(1, "kirim.zip/satu.csv"), (2, "kirim.zip/dalam/dua.csv")]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"satu.csv": TOTALS_ONE}, "dua.csv tidak disebut"),
        ({"kirim.zip": {"jumlah": 4}}, "surat pengantar 4"),
        ({"kirim.zip": {}, "satu.csv": {"jumlah": 2}}, "surat pengantar 2"),
        ({"kirim.zip": {}, "hilang.csv": {}}, "hilang.csv disebut"),
    ],
)
def test_totals_of_zips_are_held(office: Office, named: dict[str, dict[str, int]], words: str) -> None:
    """If this fails, rows lost inside a ZIP are not noticed (BRK-01)."""
    path = arrive(office, {"satu.csv": ONE, "dalam/dua.csv": TWO})
    with pytest.raises(UserError) as caught:
        receive(office, [path], write_letter(office.inbox / "surat.json", named), ABOUT)
    assert caught.value.exit_code is Exit.TOTALS
    assert words in str(caught.value)


def test_one_name_for_two_members_is_asked_about(office: Office) -> None:
    """If this fails, one total of the letter is held against two files and proves neither."""
    path = arrive(office, {"a/data.csv": ONE, "b/data.csv": TWO})
    with pytest.raises(UserError) as caught:
        receive(office, [path], write_letter(office.inbox / "surat.json", {"data.csv": {}}), ABOUT)
    assert "cocok dengan 2 berkas" in str(caught.value)


@pytest.mark.parametrize("again", ["plain", "other zip", "aes", "same receipt", "plain first"])
def test_the_same_bytes_in_another_wrapping(office: Office, again: str) -> None:
    """If this fails, residents are worked on twice because their file came zipped and unzipped (BRK-02)."""
    keep_password(office, PASSWORD)
    first = write(office.inbox / "x.csv", ONE) if again == "plain first" else arrive(office, {"satu.csv": ONE})
    paths = [first]
    if again != "same receipt":
        receive(office, paths, None, ABOUT)
        paths = []
    paths.append({
        "plain": lambda: write(office.inbox / "lain.csv", ONE),
        "other zip": lambda: arrive(office, {"lain.csv": ONE, "dua.csv": TWO}, "lain.zip"),
        "aes": lambda: locked(office.inbox / "lain.zip", {"lain.csv": ONE}),
        "same receipt": lambda: write(office.inbox / "lain.csv", ONE),
        "plain first": lambda: arrive(office, {"satu.csv": ONE}),
    }[again]())  # fmt: skip
    with pytest.raises(UserError) as caught:
        receive(office, paths, None, ABOUT)
    assert caught.value.exit_code is Exit.ALREADY_RECEIVED
