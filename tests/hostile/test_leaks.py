"""Nobody of an extract is told by anything the office writes beside its own data: logs, Prefect, pages, copies, ledger.

Fictional people go through the whole SOP while every step fails first with errors that quote them, at the lowest log
level; then everything on the disk is searched. SINKRON_TORTURE=1 fails every step with every kind of error.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from office_kit import leaks_planted as planted
from office_kit import leaks_run
from office_kit.clones import sign
from office_kit.files import write, write_csv
from office_kit.leaks import Canaries, as_json, found_in, leaks, open_to_others
from office_kit.leaks_run import NAME, NIK, PEOPLE, RECEIVED
from office_kit.signers import staff_an_office

from flows import settings
from flows.recover import nudge
from flows.rest import Api
from flows.supervisor import running_api
from tasks.errors import Exit, UserError
from tasks.office import Office
from tasks.publish import PUBLISHED

TORTURE = os.environ.get("SINKRON_TORTURE") == "1"
LEVELS = ("LOGGING_LEVEL", "SERVER_LOGGING_LEVEL", "LOGGING_ROOT_LEVEL", "INTERNAL_LOGGING_LEVEL")
LOUD = {f"PREFECT_{name}": "DEBUG" for name in LEVELS}
# Folders and files that hold residents' data: for people of the office, or encrypted.
OF_RESIDENTS = ("inbox/", "archive/", "meja/", "rejected/", "outbox/", "scratch/")
MOST_SECONDS = 7200 if TORTURE else 900  # of anything; a busy machine is slow
TESTS = Path(__file__).parent.parent
SINKRON = ("-m", "flows.cli")
# What people of the office look at; the codes of those that have something to say.
COMMANDS = (
    "status", "history {agenda}", "verify", "agenda --cetak", "disposisi {agenda}", "doctor", "documents {agenda}",
    "pack {agenda}", *(("waiting", "cases", "memory", "recover") if TORTURE else ()),
)  # fmt: skip
CODES = {"receive": Exit.COLUMNS, "doctor": Exit.FINDINGS}  # a new office has no second backup yet
SILENT = (b"BadZipFile", b"UnicodeEncodeError")  # errors that quote nothing
CARELESS = "import os, sys; os.umask(0o022); os.execv(sys.argv[1], sys.argv[1:])"


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return Canaries.of([*PEOPLE, *RECEIVED])


@pytest.mark.parametrize("way", planted.WAYS)
def test_the_scanner_sees_through(tmp_path: Path, way: str) -> None:
    """If this fails, nobody looks there: a leak of this form stays in the office's logs for good."""
    (tmp_path / "isi").write_bytes(planted.WAYS[way])
    assert leaks(tmp_path, Canaries.of([planted.PERSON]))


@pytest.mark.parametrize("way", planted.HARMLESS)
def test_the_scanner_cries_no_wolf(tmp_path: Path, way: str) -> None:
    """If this fails, masks count as leaks, and a real one is not seen among them."""
    (tmp_path / "isi").write_bytes(planted.HARMLESS[way])
    assert not leaks(tmp_path, Canaries.of([planted.PERSON]))


def test_the_scanner_reads_names_of_files_and_leaves_data_alone(tmp_path: Path) -> None:
    """If this fails, a file named after a resident is not seen, or the archive of originals counts as a leak."""
    (tmp_path / "archive").mkdir()
    for name in ("archive/asli.csv", f"{planted.NIK}.txt"):
        (tmp_path / name).write_bytes(planted.TOLD if "asli" in name else b"kosong")
    assert list(leaks(tmp_path, Canaries.of([planted.PERSON]), ("archive/",))) == [f"{planted.NIK}.txt"]


@dataclass
class Ran:
    """A finished run. ``home``: the office; ``around``: screens, and what processes left in HOME and TMPDIR."""

    home: Path
    around: Path

    def found(self, canaries: Canaries) -> dict[str, list[str]]:
        """Leaks of the office and of what lies around it."""
        return leaks(self.home, canaries, OF_RESIDENTS) | leaks(self.around, canaries)

    def start(self, name: str, *command: object) -> subprocess.Popen[bytes]:
        """A process of this office whose screen is kept, begun under a careless umask."""
        given = [sys.executable, "-c", CARELESS, sys.executable, *map(str, command)]
        with (self.around / f"{name}.log").open("ab") as screen:
            return subprocess.Popen(given, env=os.environ, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen)

    def run(self, name: str, *command: object) -> int:
        """The exit code of a process that ends."""
        with self.start(name, *command) as process:
            return process.wait(MOST_SECONDS)


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def new_office(folder: Path, environment: pytest.MonkeyPatch) -> Ran:
    """Nothing but folders, and an environment in which every process says all it can."""
    ran = Ran(folder / "kantor", folder / "sekitar")
    for place in (ran.home, *(ran.around / name for name in ("rumah", "tmp"))):
        place.mkdir(parents=True, mode=0o700)
    beside = {"HOME": ran.around / "rumah", "TMPDIR": ran.around / "tmp", "PYTHONPATH": TESTS, "SINKRON_HOME": ran.home}
    for name, value in (LOUD | beside).items():
        environment.setenv(name, str(value))
    return ran


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch) -> Iterator[Ran]:
    """A batch that came to its end although every step failed."""
    ran = new_office(tmp_path_factory.mktemp("gagal"), environment)
    url = f"http://127.0.0.1:{free_port()}/api"
    for name, value in settings.prefect_environment(ran.home, url).items():
        environment.setenv(name, value)
    port = url.rsplit(":", 1)[1].removesuffix("/api")
    server = ran.start("server", "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port)
    try:
        wait_for(lambda: Api(url).healthy())
        code = ran.run("runner", "-m", "office_kit.leaks_run", ran.home, *(["all"] if TORTURE else []))
        assert code == 0, (ran.around / "runner.log").read_text()[-3000:]
    finally:
        server.terminate()
        server.wait(180)
    return ran


def wait_for(ready: Callable[[], object]) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while not ready():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prefects(home: Path, query: str) -> list[tuple[object, ...]]:
    """Rows of Prefect's database."""
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as con:
        return con.execute(query).fetchall()


def test_failures_tell_nobody(failing: Ran, canaries: Canaries) -> None:
    """If this fails, an error of a library puts a resident into Prefect's pages, its database or the office's logs."""
    found = failing.found(canaries)
    assert not found, as_json(found)


def test_the_failures_were_real_and_said(failing: Ran, canaries: Canaries) -> None:
    """If this fails, nothing failed, or nothing was logged, and the test above says nothing."""
    kept = list((failing.home / "scratch").glob("kegagalan-*.txt"))
    assert len(kept) >= len(leaks_run.POINTS)
    quoting = [path for path in kept if not any(kind in path.read_bytes() for kind in SILENT)]
    assert len(quoting) >= len(kept) - 2 * len(SILENT) * (len(leaks_run.POINTS) if TORTURE else 1)
    assert all(found_in(path.read_bytes(), canaries) for path in quoting)
    levels = {level for (level,) in prefects(failing.home, "select distinct level from log")}
    assert {10, 20, 40} <= levels
    (states,) = prefects(failing.home, "select count(*) from flow_run_state where name = 'Failed'")[0]
    assert states >= len(kept)
    assert b"DEBUG" in (failing.around / "runner.log").read_bytes()
    assert b"| aiosqlite -" not in (failing.around / "server.log").read_bytes()  # it would log every form with its code
    assert leaks(failing.home, canaries, ("prefect/",))  # the office's own data are there to be found


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch
) -> Iterator[tuple[Ran, dict[str, int]]]:
    """An office that was served, visited and asked by every command, to the end of a batch; and the commands' codes."""
    ran = new_office(tmp_path_factory.mktemp("layani"), environment)
    for name in ("PREFECT_API_URL", "PREFECT_HOME", "PREFECT_PROFILES_PATH"):
        environment.delenv(name, raising=False)
    given = ran.around.parent / "kiriman"  # a resident's data on somebody's stick
    baseline = write_csv(given / "awal.csv", PEOPLE, delimiter=",")
    assert ran.run("baseline", *SINKRON, "baseline", baseline) == 0
    office = Office(ran.home)
    with private_files():
        staff_an_office(office, datetime.now(UTC))
    server = ran.start("serve", *SINKRON, "serve")
    try:
        wait_for((ran.home / "server.json").exists)
        wait_for(lambda: answers(office))
        codes = worked_through(ran, leaks_run.Batch(office, running_api(office), lambda _: time.sleep(0.5)), given)
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(180) == 0
    return ran, codes


def answers(office: Office) -> bool:
    """Whether its Prefect answers."""
    with suppress(UserError):
        return running_api(office).healthy()
    return False


def worked_through(ran: Ran, batch: leaks_run.Batch, given: Path) -> dict[str, int]:
    """One batch from the inbox to the analysts' copy; pages and commands in between. Exit code of each command."""
    leaks_run.deliver(batch.office)
    wait_for(batch.api.runs)
    batch.run_id = batch.api.runs()[0].id
    for answer, _ in zip(batch.answers(), range(2), strict=False):  # a broken worksheet, then a right one
        batch.say(answer)
        wait_for(lambda: batch.run.gate is None)
        batch.go()
    agenda = batch.run.agenda
    with private_files():
        sign(batch.office, agenda, "kasi", "kabid", "kadis")
    nudge(batch.office, batch.api, agenda)
    visit(ran.home, agenda)
    batch.go()
    visit(ran.home, agenda)
    lost = batch.api.start_another("2026-9999")  # nobody received it: it fails
    unknown = write(given / f"{NIK}.csv", f"NIK;HOBI\n{NIK};{NAME}\n")
    commands = [*(command.format(agenda=agenda).split() for command in COMMANDS), ["backup", ran.around / "cadangan"]]
    codes = {str(command[0]): ran.run("perintah", *SINKRON, *command) for command in commands}
    codes["receive"] = ran.run("perintah", *SINKRON, "receive", unknown)
    wait_for(lambda: any(run.id == lost and run.state == "Failed" for run in batch.api.runs()))
    return codes


@contextmanager
def private_files() -> Iterator[None]:
    """What this process does in place of a command makes files as a command does."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def visit(home: Path, agenda: str) -> None:
    """Somebody opens report, papers and dashboard, and types a resident into addresses."""
    server = json.loads((home / "server.json").read_text())
    typed = urllib.parse.urlencode({"agenda": agenda, "kelurahan": "Kedundung"})
    for name, path in (
        ("reports", f"/laporan/{agenda}.html"), ("reports", "/laporan/2026-9999.html"),
        ("reports", f"/dokumen/{agenda}/berita-acara-{agenda}.pdf"), ("dashboard", f"/?{typed}"),
        ("dashboard", "/tidak-ada"),
    ):  # fmt: skip
        httpx.get(f"{server[name]}{path}", timeout=60)


def test_a_served_office_tells_nobody(served: tuple[Ran, dict[str, int]], canaries: Canaries) -> None:
    """If this fails, a log, a page, a paper, the analysts' copy or a command's output tells who is in an extract."""
    ran, _ = served
    found = ran.found(canaries)
    assert not found, as_json(found)


def test_the_served_office_did_its_work(served: tuple[Ran, dict[str, int]]) -> None:
    """If this fails, little was written, and that nothing was found in it means nothing."""
    ran, codes = served
    assert {name: code for name, code in codes.items() if code != CODES.get(name, 0)} == {}
    for place in ("laporan", "dokumen", "published", "bukti", "outbox", "prefect"):
        assert [path for path in (ran.home / place).rglob("*") if path.is_file()], place
    assert {10, 20, 40} <= {level for (level,) in prefects(ran.home, "select distinct level from log")}


def test_no_other_account_reads_the_office(served: tuple[Ran, dict[str, int]]) -> None:
    """If this fails, whoever has an account on the machine reads what one of the office's processes wrote."""
    ran, _ = served
    opened = open_to_others(ran.home)
    assert opened.pop(f"published/{PUBLISHED}") == "0o440"  # analysts of the folder's group, once it is given to them
    assert not opened, opened
