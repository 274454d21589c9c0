"""An office whose batch has two files with a row each about the same residents, so that rows can contradict."""

from pathlib import Path

from office_kit.files import Row, write_csv
from office_kit.residents import again, resident
from office_kit.signers import NOW
from office_kit.small import SCENARIOS, Batch, found_office, run_steps
from tasks.load import ROWS_PER_FILE
from tasks.receive import receive
from tasks.store import open_store

# The system corrects the name, waits for a document, proposes inactive, waits for biometry.
PEOPLE = ("symbol", "document", "loser", "biometric")


def spaced(number: int, end: str = "") -> Row:
    """A resident whose name the system may write anew without asking anybody."""
    return resident(number, NAMA_LGKP=str(resident(number)["NAMA_LGKP"]).replace(" ", "  ") + end)


def row_of(person: str, file: int) -> int:
    """The row_id of a person's row in file 1 or 2."""
    return file * ROWS_PER_FILE + 2 + PEOPLE.index(person)


def files_of_one_person(first: tuple[Row, ...] = (), second: tuple[Row, ...] = ()) -> tuple[tuple[Row, ...], ...]:
    """The rows of both files: PEOPLE in each, the second time at another address; then ``first`` and ``second``."""
    rows = tuple(SCENARIOS[person][0] for person in PEOPLE)
    moved = tuple(again(row, ALAMAT=f"JL LAIN NO {at}") for at, row in enumerate(rows, 1))
    return (*rows, *first), (*moved, *second)


def drafted(home: Path, files: tuple[tuple[Row, ...], ...]) -> Batch:
    """An office with one batch of several files, drafted."""
    office, desk = found_office(home)
    paths = [write_csv(office.inbox / f"berkas-{at}.csv", rows) for at, rows in enumerate(files, 1)]
    receipt = receive(office, paths, None, (NOW, "inbox"))
    with open_store(office) as con:
        return Batch(office, desk, receipt, run_steps(con, office, receipt))
