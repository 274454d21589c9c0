"""The auditor's desk: the stand-alone verifier over a copy, and what `sinkron verify` found, side by side."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from office_kit.signers import AGENDA, DIGEST, Desk
from tasks.approvals.case import file_code
from tasks.errors import UserError
from tasks.evidence.findings import Finding, Severity
from tasks.evidence.heads import typed_head
from tasks.evidence.verify import verify_office
from tasks.ledger import Kind, append, head, open_ledger, writing
from tasks.office import Office
from tasks.tree import commit

VERIFIER = Path(__file__).resolve().parents[2] / "tasks" / "evidence" / "verifier.py"
FILES = {"files": [{"name": "ganda.csv", "sha256": "0" * 64, "received": 3}], "origin": "cli"}
SUMMARY = {"digest": DIGEST, "round": 1, "written": 1, "unchanged": 2, "received": 3, "rejected": 0, "outcomes": {}}


@dataclass(frozen=True)
class Audit:
    """What the stand-alone verifier said."""

    code: int
    text: str

    @property
    def wrong(self) -> bool:
        return self.code == 1


def audit(folder: Path, *given: str) -> Audit:
    """Runs the verifier as an auditor would: isolated, without site-packages, from another folder."""
    command = [sys.executable, "-I", "-S", VERIFIER, folder, *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert not done.stderr, done.stderr
    return Audit(done.returncode, done.stdout)


def copied(office: Office, folder: Path) -> Path:
    """A plain copy of ledger and second file, as somebody would take it from the server."""
    folder.mkdir(parents=True)
    shutil.copyfile(office.ledger, folder / "ledger.sqlite")
    if office.anchors.exists():
        shutil.copyfile(office.anchors, folder / "kepala.log")
    return folder


def found(office: Office, *heads: str, runs: list[tuple[str, str]] | None = None) -> list[Finding]:
    """What `sinkron verify` finds, with heads typed from paper."""
    return verify_office(office, runs, [typed_head(text) for text in heads])


def told(findings: list[Finding], *levels: Severity) -> str:
    """The texts of some severities (all but OK unless named)."""
    wanted = levels or (Severity.WRONG, Severity.WARN)
    return "\n".join(finding.text for finding in findings if finding.severity in wanted)


def wrong(office: Office, *heads: str, runs: list[tuple[str, str]] | None = None) -> str:
    """The texts of what is wrong."""
    return told(found(office, *heads, runs=runs), Severity.WRONG)


def on_paper(office: Office) -> str:
    """The present head as somebody writes it into the Buku Agenda: number and eight letters."""
    with open_ledger(office) as ledger:
        number, digest = head(ledger)
    return f"{number}:{file_code(digest)}"


def receive(desk: Desk, agenda: str = AGENDA) -> None:
    """The batch arrives."""
    with open_ledger(desk.office) as ledger, writing(ledger):
        append(ledger, desk.clock, (Kind.RECEIVED, agenda, "sinkron"), FILES)


def write(desk: Desk, **changes: object) -> None:
    """The ledger's entry of a writing of the desk's case, approved or not."""
    with open_ledger(desk.office) as ledger, writing(ledger):
        facts = SUMMARY | {"digest": desk.case[2], "round": desk.case[1]} | commit(ledger, desk.case[0]) | changes
        append(ledger, desk.clock, (Kind.WRITTEN, desk.case[0], "sinkron"), facts)


def refused_to_open(office: Office) -> bool:
    """Whether the office itself notices at its next start."""
    try:
        with open_ledger(office):
            return False
    except (UserError, Exception) as error:  # noqa: BLE001 (any refusal counts, and only refusals are raised)
        return "jangkar" in str(error) or "rantai" in str(error)
