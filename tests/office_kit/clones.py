"""Many small batches in one office without running the first steps for each: one is worked on, the others are copied.

Each batch changes the address of one resident of its own, so that all of them can be written.
"""

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from office_kit.residents import resident
from office_kit.signers import NIP, staff_an_office
from office_kit.small import found_office, receive_rows, run_steps
from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, Question, Verdict, decide, judging, next_question
from tasks.approvals.docket import DRAFT, FINAL, TERMINAL, docket, record_proposal
from tasks.approvals.secrets import STEP_SECONDS, secret_of
from tasks.ledger import Kind, LedgerConnection, append, entries, open_ledger, writing
from tasks.office import Office
from tasks.propose import propose
from tasks.propose.changeset import digest
from tasks.retention.keys import keep_key, key_of
from tasks.steps import mark
from tasks.store import open_store, transaction

TABLES = ("files", "extract_rows", "identities", "outcomes", "changes", "steps")
STAFF_TOO = {"staff": True, "rows": 1, "changes": 1}


@dataclass
class Clones:
    """An office whose store holds batches that its ledger has not received yet: ``enter`` each when it is wanted."""

    office: Office
    agendas: list[str]
    received: dict[str, Any]

    def enter(self, *agendas: str, origin: str = "inbox") -> None:
        """From now on these were received and proposed to Staff and the chain, and wait for Staff."""
        with open_store(self.office) as con:
            cases = [Case(agenda, 1, digest(con, agenda, 1)) for agenda in agendas]
        with open_ledger(self.office) as ledger:
            for case in cases:
                with writing(ledger):
                    append(
                        ledger,
                        datetime.now(UTC),
                        (Kind.RECEIVED, case.agenda, "sinkron"),
                        self.received | {"origin": origin},
                    )
                for step in (DRAFT, FINAL):
                    record_proposal(ledger, case, (step, STAFF_TOO), datetime.now(UTC))
        for agenda in agendas:  # as the flow would leave it; what it says is not looked at here
            self.office.report(agenda).write_text("laporan uji")

    def copy(self, home: Path) -> "Clones":
        """Another office with the same files and keys."""
        shutil.copytree(self.office.home, home)
        return replace(self, office=Office(home))


def found(home: Path, batches: int, first: int = 101) -> Clones:
    """An office with so many batches worked on and none received; ``first``: their first number."""
    people = tuple(resident(number) for number in range(2, batches + 3))
    office, _ = found_office(home, people)
    receipt = receive_rows(office, (people[0],))
    agendas = [f"{receipt.agenda[:5]}{number:04d}" for number in range(first, first + batches)]
    with open_store(office) as con:
        run_steps(con, office, receipt)
        propose(con, receipt.agenda, 1)
        with transaction(con):
            for number, agenda in enumerate(agendas, start=1):
                _copy_rows(con, receipt.agenda, agenda)
                _give_a_change(con, agenda, number)
            mark(con, "salinan uji")
    with open_ledger(office) as ledger:
        received = entries(ledger, receipt.agenda, Kind.RECEIVED)[0].payload
    _new_ledger(office)
    for agenda in agendas:  # their papers are made from it
        shutil.copytree(office.archive / receipt.agenda, office.archive / agenda)
        keep_key(office, agenda, key_of(office, receipt.agenda))
    return Clones(office, agendas, received)


def _new_ledger(office: Office) -> None:
    """The batch that was worked on is forgotten: only its copies are asked about."""
    office.ledger.unlink()
    kept = [line for line in office.anchors.read_text().splitlines(keepends=True) if not line.startswith("ledger")]
    office.anchors.write_text("".join(kept))
    staff_an_office(office)


def _copy_rows(con: duckdb.DuckDBPyConnection, source: str, agenda: str) -> None:
    for table in TABLES:
        con.execute(
            f"insert into {table} select * replace (? as agenda) from {table} where agenda = ?", [agenda, source]
        )


def _give_a_change(con: duckdb.DuckDBPyConnection, agenda: str, resident_id: int) -> None:
    """One address that is to be written, and summaries that name its digest."""
    con.execute("delete from changes where agenda = ?", [agenda])
    con.execute("update outcomes set resident_id = ? where agenda = ?", [resident_id, agenda])
    con.execute(
        """insert into changes by name select o.agenda, o.round, o.row_id, p.resident_id, 'alamat' as element,
        p.alamat as before, p.alamat as register_value, p.alamat || ' RT BARU' as after, 'uji' as basis, 'uji' as cause
        from outcomes o join penduduk p on p.resident_id = o.resident_id where o.agenda = ?""",
        [agenda],
    )
    signed = digest(con, agenda, 1)
    rows = con.execute("select step, summary from steps where agenda = ? and step in ('draft', 'propose')", [agenda])
    for step, summary in rows.fetchall():
        told = json.dumps(json.loads(summary) | {"digest": signed, "needs_person": 1, "changes": 1}, sort_keys=True)
        con.execute("update steps set summary = ? where agenda = ? and step = ?", [told, agenda, step])


def asked(ledger: LedgerConnection, agenda: str, channel: str = TERMINAL) -> Question:
    """What is asked about a batch now."""
    batch = docket(ledger, agenda)
    role, here = str(batch.turn()), batch.current
    return next_question(ledger, Case(agenda, here.number, here.digest_for(role)), role, channel)[0]


def fresh_code(office: Office, ledger: LedgerConnection, who: str) -> tuple[str, datetime]:
    """A code of ``who`` that was not used yet, and when it is typed: later than now when this minute's are used up.

    ``who``: a role, for its first person, or a NIP.
    Only terminal answers can be dated so; ``decide`` allows two minutes between the clocks of an office.
    """
    import pyotp

    nip = NIP.get(who, who)
    totp = pyotp.TOTP(secret_of(ledger, office.key("totp"), nip))
    used = max((entry.payload.get("totp_step", 0) for entry in entries(ledger, actor=nip)), default=0)
    step = max(used + 1, totp.timecode(datetime.now(UTC)))
    return totp.generate_otp(step), datetime.fromtimestamp(step * STEP_SECONDS + 1, UTC)


def sign(office: Office, agenda: str, *roles: str, **changes: Any) -> list[Verdict]:
    """Ajukan or Ya by each role, from the terminal; all must count."""
    verdicts = []
    with open_ledger(office) as ledger:
        for role in roles:
            question = asked(ledger, agenda)
            assert question.role == role
            code, at = fresh_code(office, ledger, role)
            said = {"decision": "Ajukan" if role == "staff" else "Ya", "note": "", "file_code": question.case.code}
            answer = Answer(**(said | changes), nip=NIP[role], code=code, at=max(at, datetime.now(UTC)))
            verdicts.append(decide(ledger, judging(office, datetime.now(UTC)), question, answer))
            assert verdicts[-1].accepted, verdicts[-1].reason
    return verdicts
