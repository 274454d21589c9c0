"""The inbox watcher, a flow run and a person at the command line work at the same moment."""

import subprocess
import sys
import time
from pathlib import Path

from office_kit.files import write_csv
from office_kit.residents import resident
from office_kit.signers import NOW, Desk

from tasks.approve import Answer, Question, decide
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


def receive_together(office: Office, paths: list[Path]) -> list[str]:
    """Lets several processes come as far as they can, and then all on at once."""
    with open_ledger(office.ledger) as ledger:
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
    with open_ledger(office.ledger):
        paths = [write_csv(tmp_path / folder / "ganda.csv", [resident(0)]) for folder in "ab"]
    answers = receive_together(office, paths)
    with open_ledger(office.ledger) as ledger:
        numbers = [entry.batch for entry in entries(ledger, kind=Kind.RECEIVED)]
        verify(ledger)
    assert numbers == ["2026-0001"], answers
    assert answers == ["2026-0001", "ditolak 6"]
    assert [path.name for path in office.archive.iterdir()] == ["2026-0001"]


def test_different_files_received_by_two_at_once(office: Office, tmp_path: Path) -> None:
    """If this fails, two letters share an agenda number, or one is lost."""
    receive(office, [write_csv(tmp_path / "dulu.csv", [resident(9)])], None, (NOW, "cli"))
    paths = [write_csv(tmp_path / f"{number}.csv", [resident(number)]) for number in (1, 2)]
    assert receive_together(office, paths) == ["2026-0002", "2026-0003"]


def test_two_answers_to_one_question(desk: Desk) -> None:
    """If this fails, a double click or two workers decide one gate twice."""
    question, key = Question("2026-0001", 1, "staff", "a" * 64, 1), desk.office.key("totp")
    first, second = desk.answer("staff", "Ajukan"), desk.answer("staff", "Ajukan", note="lagi")
    with open_ledger(desk.office.ledger) as one, open_ledger(desk.office.ledger) as two:
        verdicts = [decide(one, key, question, first), decide(two, key, question, second)]
        assert verdicts[0] == verdicts[1]
        assert len(entries(one, kind=Kind.DECISION)) == 1


def test_one_code_in_two_places(desk: Desk) -> None:
    """If this fails, one code answers two letters at the same time."""
    answer = desk.answer("staff", "Ajukan")
    again = Answer("Ajukan", "", answer.nip, answer.code, answer.at)
    key = desk.office.key("totp")
    with open_ledger(desk.office.ledger) as one, open_ledger(desk.office.ledger) as two:
        verdicts = [decide(con, key, Question(f"2026-000{n}", 1, "staff", "a" * 64, 1), a)
                    for n, con, a in ((1, one, answer), (2, two, again))]  # fmt: skip
    assert [verdict.accepted for verdict in verdicts] == [True, False]
