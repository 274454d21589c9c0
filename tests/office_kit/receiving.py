"""SOP step 1 at the inbox: files arrive, are received or refused, and what is then there."""

from pathlib import Path

import pytest

from office_kit.files import write_csv
from office_kit.residents import resident
from office_kit.signers import NOW
from office_kit.small import receive_rows
from tasks.errors import UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.receipts import Receipt
from tasks.receive import receive

ABOUT = (NOW, "inbox")
TWO = (resident(0), resident(1))
TOTALS = {"jumlah": 2, "laki": 1, "perempuan": 1, "kk": 2}


def arrive(office: Office, name: str, rows: object = TWO) -> Path:
    """An extract in the inbox."""
    return write_csv(office.inbox / name, rows)


def refused(office: Office, paths: list[Path], letter: Path | None = None) -> UserError:
    """How a receipt is refused."""
    with pytest.raises(UserError) as caught:
        receive(office, paths, letter, ABOUT)
    return caught.value


def receipts(office: Office) -> list[str]:
    """The agenda numbers given out."""
    with open_ledger(office) as ledger:
        return [entry.batch for entry in entries(ledger, kind=Kind.RECEIVED)]


def rejected_files(office: Office) -> dict[str, bytes]:
    """What lies among the refused, by name."""
    return {path.name: path.read_bytes() for path in office.rejected.rglob("*") if path.is_file()}


def receipt_of(office: Office, rows: int = 2) -> Receipt:
    """A letter of some residents, received."""
    return receive_rows(office, tuple(resident(n) for n in range(rows)))


def with_copy(office: Office, folder: Path) -> Path:
    """The office keeps copies of keys on another disk."""
    folder.mkdir(mode=0o700)
    office.settings_file.write_text(f'salinan_kunci = "{folder}"\n')
    return folder
