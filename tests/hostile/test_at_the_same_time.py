"""The inbox watcher, a flow run and a person at the command line work at the same moment."""

import subprocess
import sys
import time
from pathlib import Path

from office_kit.casework import HERE, THEIRS, filled_workbook
from office_kit.files import write_csv
from office_kit.residents import resident
from office_kit.signers import DIGEST, NOW, Desk
from office_kit.written import written_office

from tasks.approvals.case import Case
from tasks.approvals.decide import Question, decide
from tasks.errors import Exit
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office
from tasks.receive import receive

RECEIVE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.errors import UserError
from tasks.office import Office
from tasks.receive import receive
try:
    print(receive(Office(Path(sys.argv[1])), [Path(sys.argv[2])], None, (datetime.now(UTC), "cli")).agenda)
except UserError as error:
    print("ditolak", int(error.exit_code))
"""
PATIENCE_SECONDS = 2.5
FAR = "2026-0001 1/3"


def receive_together(office: Office, paths: list[Path]) -> list[str]:
    """Lets several processes come as far as they can, and then all on at once."""
    with open_ledger(office) as ledger:
        ledger.execute("begin immediate")
        started = [
            subprocess.Popen([sys.executable, "-c", RECEIVE, office.home, path], stdout=subprocess.PIPE, text=True)
            for path in paths
        ]
        until = time.monotonic() + PATIENCE_SECONDS
        while len(list(office.archive.glob(".masuk-*"))) < len(paths) and time.monotonic() < until:
            time.sleep(0.05)
        ledger.execute("rollback")
    return sorted(process.communicate()[0].strip() for process in started)


def test_the_same_file_received_by_two_at_once(office: Office, tmp_path: Path) -> None:
    """If this fails, one letter gets two agenda numbers and its residents are worked on twice (BRK-02)."""
    with open_ledger(office):
        paths = [write_csv(tmp_path / folder / "ganda.csv", [resident(0)]) for folder in "ab"]
    answers = receive_together(office, paths)
    with open_ledger(office) as ledger:
        numbers = [entry.batch for entry in entries(ledger, kind=Kind.RECEIVED)]
        verify(ledger)
    assert numbers == ["2026-0001"], answers
    assert answers == ["2026-0001", "ditolak 6"]
    assert [path.name for path in office.archive.iterdir()] == ["2026-0001"]


def test_one_case_answered_in_two_workbooks_at_once(tmp_path: Path) -> None:
    """If this fails, two people's answers to one case become two batches, and the second overrules the first."""
    batch = written_office(tmp_path / "kantor")
    paths = [filled_workbook(batch, {FAR: answer}) for answer in (THEIRS, HERE)]
    answers = receive_together(batch.office, paths)
    with open_ledger(batch.office) as ledger:
        numbers = [entry.batch for entry in entries(ledger, kind=Kind.RECEIVED)]
    assert numbers == ["2026-0001", "2026-0002"], answers
    assert answers == ["2026-0002", f"ditolak {int(Exit.WORKSHEET)}"]
    (reason,) = batch.office.rejected.glob("*/alasan.txt")
    assert "sedang dijawab pada agenda 2026-0002" in reason.read_text()


def test_different_files_received_by_two_at_once(office: Office, tmp_path: Path) -> None:
    """If this fails, two letters share an agenda number, or one is lost."""
    receive(office, [write_csv(tmp_path / "dulu.csv", [resident(9)])], None, (NOW, "cli"))
    paths = [write_csv(tmp_path / f"{number}.csv", [resident(number)]) for number in (1, 2)]
    assert receive_together(office, paths) == ["2026-0002", "2026-0003"]


def test_two_answers_to_one_question(desk: Desk) -> None:
    """If this fails, a double click or two workers decide one gate twice."""
    question = desk.question("staff")
    with open_ledger(desk.office) as one, open_ledger(desk.office) as two:
        desk.propose(one)
        first, second = desk.answer("staff", "Ajukan"), desk.answer("staff", "Ajukan", note="lagi")
        verdicts = [decide(con, desk.judging(), question, answer) for con, answer in ((one, first), (two, second))]
        assert verdicts[0] == verdicts[1]
        assert verdicts[0].accepted
        assert len(entries(one, kind=Kind.DECISION)) == 1


def test_one_code_in_two_places(desk: Desk) -> None:
    """If this fails, one code answers two letters at the same time."""
    cases = [Case(f"2026-000{number}", 1, DIGEST) for number in (1, 2)]
    with open_ledger(desk.office) as one, open_ledger(desk.office) as two:
        for case in cases:
            desk.propose(one, case)
        answer = desk.answer("staff", "Ajukan")
        verdicts = [decide(con, desk.judging(), Question(case, "staff", 1), answer)
                    for con, case in zip((one, two), cases, strict=True)]  # fmt: skip
    assert [verdict.accepted for verdict in verdicts] == [True, False]
    assert "sudah dipakai" in verdicts[1].reason


ANSWER = """
import sys
from datetime import datetime
from pathlib import Path
from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, Question, decide, judging
from tasks.ledger import open_ledger
from tasks.office import Office
office, at = Office(Path(sys.argv[1])), datetime.fromisoformat(sys.argv[2])
case = Case("2026-0001", 1, sys.argv[3])
answer = Answer("Ya", "", sys.argv[4], sys.argv[5], at, case.code)
print("siap", flush=True)
sys.stdin.readline()
with open_ledger(office) as con:
    print(decide(con, judging(office, at), Question(case, "kasi", int(sys.argv[6]), "t"), answer).accepted)
"""


def test_one_code_from_four_processes(desk: Desk) -> None:
    """If this fails, two workers that judge the same code at the same moment both take it."""
    desk.sign("staff")
    answer = desk.answer("kasi")
    facts = [desk.office.home, answer.at.isoformat(), DIGEST, answer.nip, answer.code]
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen([sys.executable, "-c", ANSWER, *facts, str(n)], stdin=pipe, stdout=pipe, text=True)
        for n in range(50, 54)
    ]
    assert [process.stdout.readline() for process in started] == ["siap\n"] * 4
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    assert sorted(process.communicate()[0].strip() for process in started) == ["False", "False", "False", "True"]
    with open_ledger(desk.office) as con:
        verify(con)
        assert len(entries(con, kind=Kind.DECISION)) == 2
        assert len(entries(con, kind=Kind.ATTEMPT)) == 3
