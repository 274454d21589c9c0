"""What lists and letters say beyond the outcome comes from what was signed, not from tables that nobody signs."""

import pytest
from office_kit.sheets import LATER, SOME_DAY, work_round
from office_kit.small import Opened, row_ids
from office_kit.writing import write
from office_kit.written import Papers, csv_of

from tasks.ledger import open_ledger
from tasks.lists import lists_and_letters

HERE, ABROAD = row_ids("partner abroad")[0], row_ids("abroad")[0]
SYMBOL, BIOMETRIC = row_ids("symbol")[0], row_ids("biometric")[0]
THEIRS = "jawaban daerah: warga sana"
ANSWER = {"KEJADIAN": THEIRS, "NOMOR": "470/12/2026", "TANGGAL": SOME_DAY}
# A number of Staff's that says what only an event or a day may say.
FORGED = {"NOMOR": "9; jawaban daerah: tetap di sini; ditunda sampai 01-01-2030", "TANGGAL": SOME_DAY}
DECIDED = {
    HERE: ANSWER, SYMBOL: {"HASIL": "ditunda", "TUNDA SAMPAI": LATER},
    BIOMETRIC: {"DASAR": "surat keterangan lain", **FORGED, "TUNDA SAMPAI": "2098-01-31"},
}  # fmt: skip
TAMPERED = (
    f"update decisions set event = '{THEIRS}', number = 'LAIN', dated = '2020-01-01', until = '2027-01-01'",
    f"""insert into decisions (agenda, row_id, round, outcome, event, number, dated, kept)
      values ('2026-0001', {ABROAD}, 2, 'rujuk luar kota', '{THEIRS}', '1', '2026-01-01', [])""",
    "update decisions set event = null, until = null", "delete from decisions",
)  # fmt: skip


@pytest.fixture
def written(opened: Opened) -> Opened:
    batch = opened.batch
    digest = work_round(opened.con, batch.office, (batch.agenda, 2), DECIDED)["digest"]
    batch.desk.case = (batch.agenda, 2, str(digest))
    batch.desk.sign()
    write(opened, 2, str(digest))
    return opened


def papers(opened: Opened) -> Papers:
    with open_ledger(opened.batch.office) as ledger:
        made = lists_and_letters(opened.con, ledger, opened.batch.office, opened.batch.agenda)
    return {document.name: document for document in made}


def told(made: Papers, name: str, column: str) -> dict[int, str]:
    """row_id -> what a list says in a column."""
    frame = csv_of(made[f"{name}.csv"])
    return {10_000_000 + int(line): said for line, said in frame.select("SUMBER_BARIS", column).iter_rows()}


def test_lists_tell_what_was_signed(written: Opened) -> None:
    """If this fails, the centre reads another day or answer than four officials signed."""
    made = papers(written)
    until = told(made, "5-ditunda", "DITUNDA_SAMPAI")
    assert (until[SYMBOL], until[BIOMETRIC]) == (LATER, "2098-01-31")
    assert {said for row_id, said in until.items() if row_id not in {SYMBOL, BIOMETRIC}} == {""}
    answered = told(made, "3-rujuk-luar-kota", "JAWABAN_DAERAH")
    assert answered[HERE] == f"{THEIRS}, surat nomor 470/12/2026 tanggal {SOME_DAY}"
    assert answered[ABROAD] == ""


@pytest.mark.parametrize("change", TAMPERED)
def test_no_list_or_letter_follows_an_unsigned_table(written: Opened, change: str) -> None:
    """If this fails, whoever edits a table after the signatures decides whom a letter goes out to and what it says."""
    before = papers(written)
    assert {f"3-rujuk-luar-kota-{region}.csv" for region in ("3515",)} <= set(before)
    written.con.execute(change)
    assert papers(written) == before
