"""A list of headers alone: the centre has nothing left, when it says so; else the file is torn off."""

from pathlib import Path

import pytest
from office_kit.files import write_csv, write_letter, write_xlsx
from office_kit.pdf_text import text_of
from office_kit.residents import COLUMNS, resident
from office_kit.signers import NOW
from office_kit.small import SCENARIOS, Batch, run_steps
from office_kit.successive import years

from tasks.documents.after import papers_after
from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.propose import propose
from tasks.publish import publish
from tasks.read import read_extract
from tasks.receive import receive

ABOUT = (NOW, "inbox")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_empty_list_needs_the_senders_word(office: Office, suffix: str) -> None:
    """If this fails, a file that lost all its rows closes everything, or Staff is not told what to do with it."""
    path = office.inbox / f"ganda{suffix}"
    write_csv(path, ()) if suffix == ".csv" else write_xlsx(path, [COLUMNS])
    with pytest.raises(UserError) as caught:
        receive(office, [path], None, ABOUT)
    (problem,) = caught.value.problems
    assert caught.value.exit_code is Exit.FILE
    assert problem.received == "daftar kosong, hanya baris judul"
    assert '"jumlah": 0' in problem.next_step


def test_a_letter_that_counts_rows_does_not_make_it_whole(office: Office) -> None:
    """If this fails, a file that came without its 40 rows counts as the sender's word that nothing is left."""
    letter = write_letter(office.inbox / "surat.json", {"ganda.csv": {"jumlah": 40}})
    with pytest.raises(UserError) as caught:
        receive(office, [write_csv(office.inbox / "ganda.csv", ())], letter, ABOUT)
    assert {problem.received for problem in caught.value.problems} == {"daftar kosong, hanya baris judul", "berkas 0"}


def test_an_empty_list_beside_another(office: Office) -> None:
    """If this fails, a letter that says of one of its lists "nihil" can not be received at all."""
    letter = write_letter(office.inbox / "surat.json", {"ganda.csv": {"jumlah": 0}, "anomali.csv": {"jumlah": 1}})
    paths = [write_csv(office.inbox / "ganda.csv", ()), write_csv(office.inbox / "anomali.csv", (resident(0),))]
    receipt = receive(office, paths, letter, ABOUT)
    assert [(facts["received"], facts["letter_rows"]) for facts in receipt.files] == [(0, 0), (1, 1)]


def test_the_residents_of_an_office_are_never_nobody(office: Office, tmp_path: Path) -> None:
    """If this fails, an office starts with a register of headers."""
    with pytest.raises(UserError) as caught:
        read_extract(write_csv(tmp_path / "awal.csv", ()), office.scratch)
    assert caught.value.problems[0].received == "tidak ada baris data yang dapat dibaca"


def test_an_empty_list_goes_the_whole_way(tmp_path: Path) -> None:
    """If this fails, the month in which the centre has nothing left can not be signed, answered or remembered."""
    with years(tmp_path / "kantor") as office:
        office.batch(SCENARIOS["document"])
        letter = write_letter(office.office.inbox / "surat.json", {"ganda-11.csv": {"jumlah": 0}})
        path = write_csv(office.office.inbox / "ganda-11.csv", ())
        receipt = receive(office.office, [path], letter, (office.desk.clock, "inbox"))
        done = run_steps(office.con, office.office, receipt)
        office.batches.append(Batch(office.office, office.desk, receipt, done))
        done["propose"] = propose(office.con, receipt.agenda, 1)
        agenda = office.write()
        with open_ledger(office.office) as ledger:
            papers = {paper.name: paper for paper in papers_after(office.con, ledger, office.office, agenda)}
            publish(office.con, office.office, ledger, (agenda, office.desk.clock))
        reply = " ".join(text_of(papers[f"surat-balasan-{agenda}.pdf"].content).split())
        assert "daftar tersebut tidak memuat data lagi" in reply
        labels = office.con.execute("select distinct label from finding_states where agenda = ?", [agenda]).fetchall()
        assert labels == [("hilang",)]
