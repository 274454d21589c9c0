"""Putting a paper out: file and entry belong together, whenever the process dies, the disk is full, or two do it."""

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office_kit.certificates import PASSPHRASE
from office_kit.packs import members_of
from office_kit.signing import Table, copy_of, lay, sha256
from office_kit.small import Batch
from office_kit.small import copy_of as copy_of_batch

from flows.cli import main
from flows.reports import read_paper
from tasks.documents.issue import DRAFT, Document, alone, finish, folder_of, issue, issue_once, issued, put_out
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.pack.make import make_pack
from tasks.signing.order import signed_name
from tasks.store import open_store

AGENDA = "2026-0001"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LIST = Document("daftar.pdf", b"%PDF daftar penduduk", masked=False)
OTHER = Document("lain.pdf", b"%PDF lain", masked=False)
LETTER = Document("surat-balasan.pdf", b"%PDF surat", masked=True)
DYING = """
import os, pathlib, sys
from datetime import UTC, datetime
import tasks.documents.issue as issue
from tasks.ledger import open_ledger
from tasks.office import Office

def die(*_):
    os._exit(9)

if sys.argv[2] == "entry":
    issue.append = die
else:
    pathlib.Path.replace = die
office = Office(pathlib.Path(sys.argv[1]))
document = issue.Document("daftar.pdf", b"%PDF daftar penduduk", masked=False)
with open_ledger(office) as ledger:
    issue.issue(office, ledger, ("2026-0001", datetime(2026, 3, 2, 9, tzinfo=UTC)), document)
"""


def die_before(office: Office, what: str) -> list[str]:
    """A process puts LIST out and is killed before ``what``: "entry" or "name". The names in the folder then."""
    done = subprocess.run([sys.executable, "-c", DYING, office.home, what], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 9
    return names(office, masked=False)


def names(office: Office, *, masked: bool) -> list[str]:
    return sorted(path.name for path in folder_of(office, AGENDA, masked=masked).iterdir())


def files_entered(office: Office) -> list[str]:
    with open_ledger(office) as ledger:
        return [entry.payload["file"] for entry in entries(ledger, AGENDA, Kind.EXPORTED)]


def put(office: Office, document: Document, how: Callable[..., Path] = issue) -> Path:
    with open_ledger(office) as ledger:
        return how(office, ledger, (AGENDA, NOW), document)


def test_killed_before_the_entry(office: Office) -> None:
    """If this fails, a list of residents lies in the office that the Buku Agenda knows nothing of."""
    assert die_before(office, "entry") == [f"{DRAFT}{LIST.name}"]
    assert files_entered(office) == []
    put(office, OTHER)
    assert names(office, masked=False) == [OTHER.name]
    assert files_entered(office) == [OTHER.name]


def test_killed_between_entry_and_name(office: Office) -> None:
    """If this fails, the Buku Agenda tells of a paper that nobody can find, though it was on the disk."""
    assert die_before(office, "name") == [f"{DRAFT}{LIST.name}"]
    assert files_entered(office) == [LIST.name]
    put(office, OTHER)
    assert names(office, masked=False) == [LIST.name, OTHER.name]
    assert (folder_of(office, AGENDA, masked=False) / LIST.name).read_bytes() == LIST.content
    assert files_entered(office) == [LIST.name, OTHER.name]


def test_a_draft_of_an_older_entry_stays_behind(office: Office) -> None:
    """If this fails, an older text of a paper comes back in place of the one that the office put out last."""
    newer = Document(LIST.name, b"%PDF lebih baru", masked=False)
    put(office, LIST)
    path = put(office, newer)
    (path.parent / f"{DRAFT}{LIST.name}").write_bytes(LIST.content)
    (path.parent / f"{DRAFT}separuh.pdf").write_bytes(b"%P")
    with open_ledger(office) as ledger:
        finish(office, ledger, AGENDA)
    assert names(office, masked=False) == [LIST.name]
    assert path.read_bytes() == newer.content


def test_a_draft_is_not_served(office: Office) -> None:
    """If this fails, the browser shows a paper that the office has not put out."""
    draft = put(office, LETTER).parent / f"{DRAFT}{LETTER.name}"
    draft.write_bytes(LETTER.content)
    assert read_paper(office, AGENDA, LETTER.name) == LETTER.content
    assert read_paper(office, AGENDA, draft.name) is None


def test_full_disk(office: Office) -> None:
    """If this fails, a full disk leaves an entry without its paper, or half a list of residents."""
    put(office, OTHER)
    big = Document("besar.pdf", os.urandom(4_000_000), masked=False)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(UserError, match="disk penuh"):
            put(office, big)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (names(office, masked=False), files_entered(office)) == ([OTHER.name], [OTHER.name])
    assert put(office, big).read_bytes() == big.content


def test_a_ledger_that_refuses(office: Office) -> None:
    """If this fails, a list of residents is left behind that could not be entered."""
    put(office, OTHER)
    with open_ledger(office) as ledger, pytest.raises(UserError, match="jam komputer"):
        issue(office, ledger, (AGENDA, NOW - timedelta(days=1)), LIST)
    assert (names(office, masked=False), files_entered(office)) == ([OTHER.name], [OTHER.name])


def test_once_stays_and_a_lost_or_changed_one_comes_again(office: Office) -> None:
    """If this fails, a run that is repeated puts another text in the place of a paper that was signed in ink."""
    path = put(office, LETTER, issue_once)
    other = Document(LETTER.name, b"%PDF kop baru", masked=True)
    assert put(office, other, issue_once).read_bytes() == LETTER.content
    assert files_entered(office) == [LETTER.name]
    path.unlink()
    assert put(office, other, issue_once).read_bytes() == other.content
    assert files_entered(office) == [LETTER.name] * 2


def test_many_at_once(office: Office) -> None:
    """If this fails, one process takes another's draft for what a killed one left, and a paper is lost."""
    faults: list[Exception] = []

    def work(number: int) -> None:
        try:
            for at in range(5):
                put(office, Document(f"surat-{number}-{at}.pdf", b"%PDF" * (number + at + 1), masked=True))
                put(office, LETTER)
        except Exception as error:  # noqa: BLE001 (told by the test)
            faults.append(error)

    put(office, LETTER)  # the ledger is there
    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert names(office, masked=True) == sorted(files_entered(office))
    assert len(names(office, masked=True)) == 4 * 5 + 1


@pytest.fixture(scope="module")
def laid(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """A written batch whose Berita Acara was entered with the Kasi's signature by a process that died then."""
    table = lay(copy_of_batch(small, tmp_path_factory.mktemp("putus") / "kantor"), 'cara = "p12"\n')

    def die(_: Path, target: Path) -> None:
        raise KeyboardInterrupt(target.name)

    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt, match="ttd"):
            table.sign("kasi")
    return table


@pytest.fixture
def table(laid: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """A copy of it for one test."""
    made = copy_of(laid, tmp_path / "kantor")
    monkeypatch.setenv("SINKRON_HOME", str(made.office.home))
    folder = made.office.documents / AGENDA
    assert not (folder / signed_name(AGENDA)).exists()
    assert (folder / f"{DRAFT}{signed_name(AGENDA)}").exists()
    return made


def test_signing_goes_on_after_a_crash(table: Table) -> None:
    """If this fails, a power cut while the Kasi signs ends the electronic signing of that batch for good."""
    for role in ("kabid", "kadis"):
        path = table.sign(role)
    assert table.check(path.read_bytes()) == []


def test_documents_finish_what_a_crash_left(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the office is told that a signed paper is lost, which lies there."""
    assert main(["documents", AGENDA]) == Exit.OK
    lines = [line for line in capsys.readouterr().out.splitlines() if signed_name(AGENDA) in line]
    assert [line.startswith("utuh") for line in lines] == [True]


def test_a_pack_holds_what_a_crash_left(table: Table) -> None:
    """If this fails, the auditor gets a pack without the paper that the officials signed."""
    with open_ledger(table.office) as ledger, open_store(table.office) as con:
        pack = make_pack(con, ledger, table.office, (AGENDA, table.now, ""))
        known = issued(ledger, AGENDA)[signed_name(AGENDA)]
    assert sha256(members_of(pack.content)[f"dokumen/{AGENDA}/{signed_name(AGENDA)}"]) == known["sha256"]
    assert not pack.left_out


def test_two_sign_at_once(table: Table) -> None:
    """If this fails, two signatures of one level are made at once, and one of them is lost without a word."""
    table.sign("kabid")
    signed = table.office.documents / AGENDA / signed_name(AGENDA)
    first = table.add(signed.read_bytes(), "kadis")
    typing, held, said = threading.Event(), threading.Event(), list[str]()

    class Slow(str):  # the passphrase: while it is asked for, the other one comes to the end
        __slots__ = ()

        def encode(self, *given: str) -> bytes:
            typing.set()
            assert held.wait(120)
            return super().encode(*given)

    def second() -> None:
        try:
            table.sign("kadis", None, Slow(PASSPHRASE))
        except UserError as error:
            said.append(str(error))

    thread = threading.Thread(target=second)
    thread.start()
    assert typing.wait(120)
    with open_ledger(table.office) as ledger, alone(table.office, ledger, AGENDA, masked=True):
        held.set()
        thread.join(2)  # it has signed, and waits for the folder
        assert thread.is_alive()
        put_out(table.office, ledger, (AGENDA, table.now), Document(signed.name, first, masked=True))
    thread.join(120)
    assert ["orang lain menandatangani" in text for text in said] == [True]
    assert signed.read_bytes() == first
