"""Step 6 in tests: a signed change-set is written, or taken back, at the desk's time."""

from office_kit.small import Opened
from tasks.approvals.case import Case
from tasks.ledger import open_ledger
from tasks.steps import Summary
from tasks.write.apply import apply
from tasks.write.undo import propose_undo, undo

REASON = "akta yang dipakai ternyata milik orang lain"


def write(opened: Opened, round_no: int = 1, signed: str | None = None) -> tuple[Summary, bool]:
    """Writes one round of the batch as signed."""
    batch = opened.batch
    with open_ledger(batch.office) as ledger:
        case = Case(batch.agenda, round_no, signed or batch.digest)
        return apply(opened.con, ledger, case, (batch.desk.clock, batch.office.separation()))


def ask_undo(opened: Opened, agenda: str, reason: str = REASON) -> Case:
    """Somebody asks to undo a batch or an undo."""
    with open_ledger(opened.batch.office) as ledger:
        return propose_undo(opened.con, ledger, agenda, (reason, opened.batch.desk.clock))


def sign_undo(opened: Opened, case: Case) -> Case:
    """All levels approve it."""
    opened.batch.desk.case = (case.agenda, case.round, case.digest)
    opened.batch.desk.sign()
    return case


def write_undo(opened: Opened, case: Case) -> tuple[Summary, bool]:
    """Writes a signed undo."""
    batch = opened.batch
    with open_ledger(batch.office) as ledger:
        return undo(opened.con, ledger, case, (batch.desk.clock, batch.office.separation()))


def take_back(opened: Opened, agenda: str) -> Case:
    """Asked, signed and written at once."""
    case = sign_undo(opened, ask_undo(opened, agenda))
    assert write_undo(opened, case)[1]
    return case
