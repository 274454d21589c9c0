"""Cases in a real served office: list, workbook, inbox, gates and papers, by the commands that Staff uses."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from office_kit.casework import AKTA, THEIRS, fill_cases
from office_kit.signers import NIP, NOW, Desk
from office_kit.written import written_office

from tasks.approvals.docket import docket
from tasks.ledger import open_ledger
from tasks.office import Office

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(datetime.now(UTC) < NOW, reason="the kit's batch would lie in the future"),
]
SINKRON = Path(sys.executable).parent / "sinkron"
WAIT_SECONDS = 180
FAR, DOCUMENT, WAITING = "2026-0001 1/3", "2026-0001 1/18", "2026-0001 1/10"
RIGHT = {"JAWABAN": "dokumen diterima", "HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1963-11-12", **AKTA}


@dataclass
class Served:
    """A running office with one written batch and its cases."""

    office: Office
    desk: Desk

    def run(self, *arguments: object) -> str:
        """What a command says; it must succeed."""
        environment = os.environ | {"SINKRON_HOME": str(self.office.home)}
        command = [SINKRON, *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd="/")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Waits for something to become true."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not true():
            assert time.monotonic() < deadline, what
            time.sleep(0.5)

    def turn(self, agenda: str) -> str:
        """Whose turn it is by the ledger."""
        with open_ledger(self.office) as ledger:
            return str(docket(ledger, agenda).turn())

    def decide(self, agenda: str, role: str) -> None:
        """The holder of a role agrees, from the terminal."""
        self.until(lambda: self.turn(agenda) == role, f"{role} was never asked")
        with open_ledger(self.office) as ledger:
            here = docket(ledger, agenda).current
            digest = here.digest_for(role)
        from tasks.approvals.case import Case

        code = pyotp.TOTP(self.desk.secrets[role]).now()
        said = "Ajukan" if role == "staff" else "Ya"
        self.run("decide", agenda, said, "--nip", NIP[role], "--kode", code,
                 "--kode-berkas", Case(agenda, here.number, digest).code)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    batch = written_office(tmp_path_factory.mktemp("kasus-served") / "kantor")
    environment = os.environ | {"SINKRON_HOME": str(batch.office.home)}
    process = subprocess.Popen([SINKRON, "serve"], env=environment)
    made = Served(batch.office, batch.desk)
    made.until((batch.office.home / "server.json").exists, "the office never opened")
    yield made
    process.send_signal(signal.SIGINT)
    assert process.wait(180) == 0


def test_an_answer_goes_from_the_list_to_the_register(served: Served) -> None:
    """If this fails, Staff can not answer a case with the commands and folders of the office."""
    listed = served.run("cases", "--jenis", "luar kota", "--daerah", "3515").splitlines()
    assert [line[:14].strip() for line in listed[1:-1]] == [FAR, WAITING, "2026-0001 1/11"]
    path = Path(served.run("cases", "--lembar").splitlines()[0])
    assert path.parent == served.office.desk
    assert path.stat().st_mode & 0o777 == 0o600
    fill_cases(path, {FAR: THEIRS, DOCUMENT: RIGHT})
    shutil.move(path, served.office.inbox / "jawaban kasus.xlsx")
    served.until(lambda: "2026-0002" in served.run("status"), "the workbook was never received")
    assert not list(served.office.inbox.iterdir())
    for role in ("staff", "kasi", "kabid", "kadis"):
        served.decide("2026-0002", role)
    served.until(lambda: "2026-0002  2 baris  ditulis" in served.run("status"), "the answers were never written")
    left = served.run("cases")
    assert FAR not in left
    assert DOCUMENT not in left
    assert WAITING in left
    reply = served.office.documents / "2026-0002" / "surat-balasan-2026-0002.pdf"
    served.until(reply.exists, "the reply was never made")
    assert "TGL_LHR" in served.run("history", "2026-0002") or "Tanggal lahir" in served.run("history", "2026-0002")
