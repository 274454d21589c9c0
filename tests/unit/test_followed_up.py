"""Papers of a batch of answers: the centre sent nothing, so they name its earlier letters, files, lines and clock."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from office_kit.casework import AKTA, ANSWERED_AT, BOTH_WRONG, LETTER, Answers, answer_batch, later
from office_kit.files import write_csv
from office_kit.pdf_text import text_of
from office_kit.residents import resident
from office_kit.sheets import LATER
from office_kit.small import SCENARIOS, Batch, run_steps
from office_kit.written import Papers, csv_of, papers, write_batch, written_office

from tasks.agenda_book import disposition
from tasks.dashboard.figures import Filters, read
from tasks.dashboard.sums import sums_of
from tasks.documents.facts import clock
from tasks.documents.minutes import minutes
from tasks.documents.verification_sheet import verification_sheet
from tasks.documents.words import letter_date
from tasks.findings_report import write_findings_report
from tasks.ledger import open_ledger
from tasks.propose import propose
from tasks.publish import PUBLISHED, publish
from tasks.receipts import find_receipt
from tasks.receive import receive
from tasks.reminders.centre import open_deadlines
from tasks.store import open_store
from tasks.summary import one_page

SIXTY = date(2026, 12, 5)  # the first list came on 6 October
ABROAD, DOCUMENT, FAMILIES, SECOND = "2026-0001 1/2", "2026-0001 1/3", "2026-0001 1/4", "2026-0002 1/2"
NOT_YET = {"JAWABAN": "tidak datang", "TUNDA SAMPAI": LATER}
ANSWERS: Answers = {
    ABROAD: BOTH_WRONG, FAMILIES: NOT_YET, SECOND: NOT_YET,
    DOCUMENT: {"JAWABAN": "dokumen diterima", "HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1963-11-12",
               **AKTA},
}  # fmt: skip


@dataclass
class Told:
    """What the office's papers about one batch say."""

    batch: Batch
    lists: Papers
    reply: str
    minutes: str
    sheet: str


def told(batch: Batch) -> Told:
    lists = papers(batch)
    with open_store(batch.office) as con, open_ledger(batch.office) as ledger:
        (paper, *_) = minutes(con, ledger, batch.office, batch.agenda)
        sheet = verification_sheet(con, ledger, batch.office, (batch.agenda, 1))
    reply = lists[f"surat-balasan-{batch.agenda}.pdf"].content
    return Told(batch, lists, text_of(reply), text_of(paper.content), text_of(sheet.content))


@pytest.fixture(scope="module")
def open_answers(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Answers to cases of two lists lie before the chain; the first list had a letter, the second had none."""
    home = tmp_path_factory.mktemp("tindak-lanjut")
    rows = (*SCENARIOS["abroad"], *SCENARIOS["document"], *SCENARIOS["two families"])
    batch = later(written_office(home / "pertama", rows), home / "kantor")
    path = write_csv(batch.office.inbox / "lain.csv", [resident(33, TGL_LHR="1990-02-14")])
    receipt = receive(batch.office, [path], None, (batch.desk.clock, "inbox"))
    with open_store(batch.office) as con:
        done = run_steps(con, batch.office, receipt)
        done["propose"] = propose(con, receipt.agenda, 1)
    return answer_batch(write_batch(replace(batch, receipt=receipt, done=done)), ANSWERS)


@pytest.fixture(scope="module")
def answers(open_answers: Batch, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The same answers, written."""
    return told(write_batch(later(open_answers, tmp_path_factory.mktemp("ditulis") / "kantor")))


def places(made: Told) -> dict[tuple[str, str, str], str]:
    """(agenda, file, line) that a list names -> what was found there."""
    frames = [csv_of(paper) for name, paper in made.lists.items() if name.endswith(".csv")]
    columns = ("SUMBER_AGENDA", "SUMBER_BERKAS", "SUMBER_BARIS", "TEMUAN")
    return {(agenda, file, line): found for frame in frames if frame.height
            for agenda, file, line, found in frame.select(columns).iter_rows()}  # fmt: skip


def findings(batch: Batch, agenda: str, line: int) -> set[str]:
    with open_store(batch.office) as con:
        rows = con.execute("select code from findings where agenda = ? and row_id % 10000000 = ?", [agenda, line])
        return {str(code) for (code,) in rows.fetchall()}


def test_the_reply_follows_the_letters_whose_cases_are_answered(answers: Told) -> None:
    """If this fails, the centre is told that it sent what the office itself wrote, or which letter is not said."""
    with open_ledger(answers.batch.office) as ledger:
        sent = [find_receipt(ledger, agenda) for agenda in ("2026-0001", "2026-0002")]
    letter = sent[0].letter
    assert letter is not None
    assert sent[1].letter is None
    date_told = letter_date(letter["date"])
    assert f"surat Saudara nomor {letter['number']} tanggal {date_told} hal {letter['subject']}" in answers.reply
    assert "(agenda kami 2026-0001)" in answers.reply
    assert "tanpa surat pengantar pada tanggal 20 Oktober 2026 (agenda kami 2026-0002)" in answers.reply
    assert "nomor agenda 2026-0003" in answers.reply
    assert "sebagaimana Saudara kirimkan" not in answers.reply
    assert "lembar-kasus" not in answers.reply
    assert "4 (empat) baris data yang kami terima dengan agenda tersebut" in answers.reply
    assert f"Yth. {letter['sender']} di " in answers.reply
    for receipt in sent:
        assert f"{receipt.files[0]['name']} (agenda {receipt.agenda})" in answers.reply
        assert receipt.files[0]["sha256"] in answers.reply.replace(" ", "")


def test_the_lists_name_the_centres_own_lines(answers: Told) -> None:
    """If this fails, the centre can not find the rows that it is told about, or not what was wrong with them."""
    found = places(answers)
    lines = {("2026-0001", "ganda.csv", line) for line in ("2", "3", "4")} | {("2026-0002", "lain.csv", "2")}
    assert found.keys() == lines
    for (agenda, _, line), codes in found.items():
        assert findings(answers.batch, agenda, int(line)) <= set(codes.split())
    with open_store(answers.batch.office) as con:
        own = con.execute("""select f.code from case_answers c join findings f using (agenda, row_id)
            where c.agenda = '2026-0003' and c.case_row = 10000004""").fetchall()
    # One person on two KK: of the two rows that showed it, one alone came back.
    assert findings(answers.batch, "2026-0001", 4) - {code for (code,) in own}


def test_the_minutes_and_the_sheet_say_what_is_followed_up(answers: Told) -> None:
    """If this fails, officials sign that a file came without a letter, though nobody sent one."""
    with open_ledger(answers.batch.office) as ledger:
        letter = find_receipt(ledger, "2026-0001").letter
    assert letter is not None
    for paper in (answers.minutes, answers.sheet):
        assert f"tindak lanjut agenda 2026-0001 (surat {letter['number']} tanggal" in paper
        assert "agenda 2026-0002 (diterima 20 Oktober 2026 tanpa surat pengantar)" in paper
        assert "berkas diterima tanpa surat" not in paper
    assert "5 Desember 2026 (60 hari sejak agenda 2026-0001 diterima)" in answers.sheet


def test_answers_start_no_new_sixty_days(open_answers: Batch) -> None:
    """If this fails, the centre's deadline passes while the office believes it has sixty days again."""
    with open_store(open_answers.office) as con, open_ledger(open_answers.office) as ledger:
        assert dict(open_deadlines(con, ledger))["2026-0003"] == SIXTY
        due = clock(con, ledger, "2026-0003", ANSWERED_AT)
        page = one_page(con, ledger, ("2026-0003", 1), (ANSWERED_AT, False))
    assert (due.received.date(), due.deadline, due.left) == (date(2026, 10, 20), SIXTY, 46)
    assert "tindak lanjut agenda 2026-0001, 2026-0002" in page
    assert "sisa **46 hari**" in page


def test_no_other_paper_gives_answers_sixty_days_of_their_own(answers: Told) -> None:
    """If this fails, the disposition sheet, the report or the dashboard tells a day that is not the centre's."""
    office, agenda = answers.batch.office, answers.batch.agenda
    with open_store(office) as con, open_ledger(office) as ledger:
        sheet = text_of(disposition(ledger, office, agenda).content)
        first = text_of(disposition(ledger, office, "2026-0001").content)
        report = write_findings_report(con, ledger, office, agenda).read_text()
        publish(con, office, ledger, (agenda, answers.batch.desk.clock))
    assert "menurut penerimaan asal tiap kasus" in sheet
    assert "hari sejak diterima" not in sheet
    assert "5 Desember 2026 (60 hari sejak diterima)" in first
    assert "dari Staff: jawaban atas kasus yang menunggu" in report
    assert "tanpa surat pengantar" not in report
    clocks = read(sums_of(office.published / PUBLISHED), Filters()).clocks
    assert {clock.agenda for clock in clocks} == {"2026-0001", "2026-0002"}


def test_a_case_that_answers_opened_leads_back_to_the_list(answers: Told) -> None:
    """If this fails, the second answer about a matter names the first one as if the centre had sent it."""
    with open_store(answers.batch.office) as con:
        ((case_no,),) = con.execute("select case_no from cases where agenda = '2026-0003'").fetchall()
    closed = {"JAWABAN": "dokumen diterima", "HASIL": "tidak terbukti", "DASAR": AKTA["DASAR"], **LETTER}
    made = told(write_batch(answer_batch(answers.batch, {str(case_no): closed})))
    assert made.batch.agenda == "2026-0004"
    assert places(made).keys() == {("2026-0001", "ganda.csv", "2")}
    assert "agenda kami 2026-0001" in made.reply
    assert "2026-0003" not in made.minutes.split("Uraian jumlah")[0]


def test_the_centres_own_list_names_no_earlier_agenda(answers: Told) -> None:
    """If this fails, an ordinary batch is told as the follow-up of something."""
    first = replace(answers.batch, receipt=replace(answers.batch.receipt, agenda="2026-0001"))
    made = told(first)
    assert "Sehubungan dengan surat Saudara nomor" in made.reply
    assert "sebagaimana Saudara kirimkan" in made.reply
    assert "tindak lanjut" not in made.minutes
    frame = csv_of(made.lists["5-ditunda.csv"])
    assert "SUMBER_AGENDA" not in frame.columns
    assert frame["SUMBER_BARIS"].to_list()[:2] == ["3", "4"]
