"""`sinkron backup` and `restore`: the drill, and every way it can go wrong (promise 3: nothing committed is lost)."""

import os
import random
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from office_kit.residents import resident
from office_kit.signers import NIP, NOW, Desk
from office_kit.small import RESIDENTS, ROWS, Batch, copy_of, receive_rows, run_steps

from expectations.approvals import Separation
from tasks import anchors
from tasks.approvals.case import Case
from tasks.backup import backup, restore
from tasks.backup.sealed import password, unsealed
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, append, entries, head, open_ledger, verify, writing
from tasks.office import Office
from tasks.private import new_private, sha256_of
from tasks.propose import propose
from tasks.steps import mark, verify_marks
from tasks.store import open_store, transaction
from tasks.write.apply import apply

TORTURE = bool(os.environ.get("SINKRON_TORTURE"))
FLIPS = 2_000 if TORTURE else 20
LATER = NOW + timedelta(hours=1)
OPEN_ROWS = (resident(2, ALAMAT="JL BARU 5"), resident(30))


def written(batch: Batch) -> str:
    """A second letter arrives and is proposed (its agenda number); then the first batch is signed and written."""
    office = batch.office
    receipt = receive_rows(office, OPEN_ROWS, "kedua.csv")
    with open_store(office) as con:
        run_steps(con, office, receipt)
        propose(con, receipt.agenda, 1)
    batch.sign()
    with open_ledger(office) as ledger, open_store(office) as con:
        apply(con, ledger, Case(batch.agenda, 1, batch.digest), (LATER, Separation.STRICT))
    (office.desk / receipt.agenda).mkdir(mode=0o700)
    with new_private(office.desk / receipt.agenda / "lembar.xlsx") as sheet:
        sheet.write(b"lembar kerja")
    new_private(office.home / "ambang.toml").close()
    return receipt.agenda


def everything(office: Office) -> dict[str, Any]:
    """All that must come back: rows of every table, entries of the ledger, and the files."""
    with open_ledger(office) as ledger, open_store(office) as con:
        tables = con.execute("select table_name from duckdb_tables() where database_name = 'office'").fetchall()
        query = "select count(*), sum(hash(t)) from office.main.{} t"
        rows = {name: con.execute(query.format(name)).fetchall() for (name,) in tables}
        verify(ledger)
        told = [entry.hash for entry in entries(ledger) if entry.kind != Kind.RESTORED]
    folders = (office.archive, office.desk)
    files = {str(p.relative_to(office.home)): p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()}
    return {"rows": rows, "entries": told, "files": files, "ambang": (office.home / "ambang.toml").exists()}


def destroy(office: Office, *, anchors_too: bool) -> Office:
    """The office's disk is gone; the key was kept elsewhere. A new office on a new disk, with that key."""
    key, kept = office.key_file.read_text(), office.anchors.read_bytes()
    shutil.rmtree(office.home)
    made = Office(office.home)
    made.create()
    made.key_file.write_text(key)
    if not anchors_too:
        made.anchors.parent.mkdir(mode=0o700)
        with new_private(made.anchors) as again:
            again.write(kept)
    return made


@pytest.fixture(scope="module")
def drilled(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> tuple[Batch, str, Path, dict[str, Any]]:
    """An office with a written batch and an open one, its backup, and all it held then. Copy it before you write."""
    folder = tmp_path_factory.mktemp("cadangan")
    batch = copy_of(small, folder / "kantor")
    agenda = written(batch)
    backup(batch.office, folder / "kantor.zip", LATER)
    return batch, agenda, folder / "kantor.zip", everything(batch.office)


@pytest.fixture
def office(drilled: tuple[Batch, str, Path, dict[str, Any]], tmp_path: Path) -> Office:
    """A copy of that office, for one test to destroy."""
    return copy_of(drilled[0], tmp_path / "kantor").office


@pytest.fixture
def source(drilled: tuple[Batch, str, Path, dict[str, Any]]) -> Path:
    return drilled[2]


@pytest.mark.parametrize("anchors_too", [False, True], ids=["jangkar selamat", "semua hilang"])
def test_the_drill(drilled: tuple[Batch, str, Path, dict[str, Any]], office: Office, *, anchors_too: bool) -> None:
    """If this fails, a broken disk costs the office what it had written, or its open letters."""
    batch, agenda, source, held = drilled
    office = destroy(office, anchors_too=anchors_too)
    done = restore(office, source, LATER)
    assert (done["lost_entries"], done["lost_marks"], done["aside"], done["same_schema"]) == (0, 0, [], True)
    assert everything(office) == held
    with open_ledger(office) as ledger:
        assert [e.payload["sha256"] for e in entries(ledger, kind=Kind.RESTORED)] == [done["sha256"]]
    desk = Desk(office, batch.desk.secrets, clock=LATER, attempts=50)
    with open_store(office) as con:
        desk.case = (agenda, 1, propose(con, agenda, 1)["digest"])
    desk.sign()
    with open_ledger(office) as ledger, open_store(office) as con:
        assert apply(con, ledger, Case(*desk.case), (desk.clock, Separation.STRICT))[1]
        assert not apply(con, ledger, Case(batch.agenda, 1, batch.digest), (desk.clock, Separation.STRICT))[1]
    modes = {p: p.stat().st_mode & 0o777 for p in office.home.rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_a_backup_tells_nobody_anything(source: Path) -> None:
    """If this fails, whoever finds the backup reads residents, or learns which letters the office received."""
    raw = source.read_bytes()
    people = [
        str(row[column]).encode() for row in (*RESIDENTS, *ROWS) for column in ("NIK", "NAMA_LGKP") if row[column]
    ]
    officials = [nip.encode() for nip in NIP.values()]
    words = [*people, *officials, b"2026-0001", b"store.duckdb", b"ledger", b"kantor"]
    assert not [word for word in words if word in raw]
    with zipfile.ZipFile(source) as archive:
        members = archive.infolist()
    assert {member.filename for member in members} == {str(number) for number in range(len(members))}
    assert all(member.flag_bits & 1 and member.compress_type == 99 for member in members)  # 99: WinZip AES
    assert source.stat().st_mode & 0o777 == 0o600


def test_the_key_is_not_in_its_own_backup(drilled: tuple[Batch, str, Path, dict[str, Any]], office: Office) -> None:
    """If this fails, the backup opens itself, or an office restored elsewhere runs under a key nobody handed over."""
    made = Office(office.home.parent / "lain")
    made.create()
    with pytest.raises(UserError) as caught:
        restore(made, drilled[2], LATER)
    assert caught.value.exit_code is Exit.OFFICE
    assert "kunci tidak cocok" in str(caught.value)
    assert made.key("backup").hex() not in str(caught.value)
    assert untouched(made)


def untouched(office: Office) -> bool:
    """Whether a refused restore left nothing: no store, no ledger, no file anywhere but the key and the anchors."""
    rest = {p.relative_to(office.home).as_posix() for p in office.home.rglob("*") if p.is_file()}
    return rest <= {"keys/office.key", "jangkar/kepala.log"}


def test_a_damaged_backup_is_refused_whole(drilled: tuple[Batch, str, Path, dict[str, Any]], office: Office) -> None:
    """If this fails, a flipped byte of the backup becomes the office's data, or half an office is put in place."""
    raw, held, chance = drilled[2].read_bytes(), drilled[3], random.Random(5)  # noqa: S311
    office = destroy(office, anchors_too=True)
    bad = office.home.parent / "buruk.zip"
    for turn in range(FLIPS):
        at = chance.randrange(len(raw)) if turn % 2 else len(raw) - 1 - chance.randrange(2_000)  # and its directory
        bad.write_bytes(raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :])
        try:
            restore(office, bad, LATER)
        except UserError as error:
            refused = error
        else:  # a byte that says nothing, as a date in the directory
            assert everything(office)["rows"] == held["rows"], at
            office = destroy(office, anchors_too=True)
            continue
        assert refused.exit_code in {Exit.FILE, Exit.OFFICE}, at
        assert "cadangan" in str(refused)
        assert untouched(office), at
    for length in (0, 10, len(raw) // 2, len(raw) - 1):
        bad.write_bytes(raw[:length])
        with pytest.raises(UserError, match="rusak"):
            restore(office, bad, LATER)
        assert untouched(office)


def test_an_office_that_lives_is_not_overwritten(office: Office, source: Path) -> None:
    """If this fails, one wrong command replaces today's office by last week's."""
    for gone in ([], [office.store], [office.ledger]):
        saved = {path: path.read_bytes() for path in gone}
        for path in gone:
            path.unlink()
        before = {p: p.read_bytes() for p in office.home.rglob("*") if p.is_file()}
        with pytest.raises(UserError, match="masih ada"):
            restore(office, source, LATER, accept_loss=True)
        assert {p: p.read_bytes() for p in office.home.rglob("*") if p.is_file()} == before
        for path, content in saved.items():
            path.write_bytes(content)


def go_on(office: Office) -> int:
    """The office works on after its backup: an entry and a mark; returns how many entries there are now."""
    with open_ledger(office) as ledger, writing(ledger):
        append(ledger, LATER, (Kind.EXPORTED, "2026-0001", "sinkron"), {"rows": 1})
        append(ledger, LATER, (Kind.EXPORTED, "2026-0001", "sinkron"), {"rows": 2})
    with open_store(office) as con, transaction(con):
        mark(con, "sesudah cadangan")
    with open_ledger(office) as ledger:
        return head(ledger)[0]


def test_a_loss_is_counted_and_must_be_accepted(office: Office, source: Path) -> None:
    """If this fails, an old backup silently undoes decisions, or the office can never open again after a real loss."""
    last = go_on(office)
    office = destroy(office, anchors_too=False)
    noted = office.anchors.read_bytes()
    with pytest.raises(UserError, match="2 entri Buku Agenda dan 1 tanda store"):
        restore(office, source, LATER)
    assert untouched(office)
    assert office.anchors.read_bytes() == noted
    done = restore(office, source, LATER, accept_loss=True)
    assert (done["lost_entries"], done["lost_marks"]) == (2, 1)
    with open_ledger(office) as ledger, open_store(office) as con:
        told = entries(ledger, kind=Kind.RESTORED)[-1].payload
        assert (told["lost_entries"], told["lost_marks"], told["other_past"]) == (2, 1, False)
        assert (head(ledger)[0], verify_marks(con)[0]) == (last - 1, done["marks"])
    assert office.anchors.read_bytes().startswith(noted)  # what was noted stays to be read
    go_on(office)
    everything(office)
    newest = anchors.newest(office.anchors, anchors.LEDGER)
    assert newest is not None
    assert newest.number == last + 1


def test_the_same_backup_after_a_loss_is_of_another_past(office: Office, source: Path) -> None:
    """If this fails, what the office did since it accepted a loss is lost with the next restore, without a word."""
    go_on(office)
    restore(destroy(office, anchors_too=False), source, LATER, accept_loss=True)
    for _ in range(3):
        go_on(office)
    with pytest.raises(UserError, match="entri Buku Agenda"):
        restore(destroy(office, anchors_too=False), source, LATER)


def test_files_that_are_there_are_put_aside(office: Office, source: Path) -> None:
    """If this fails, restoring a lost store overwrites worksheets and originals that were not lost."""
    office.store.unlink()
    office.ledger.unlink()
    (office.desk / "2026-0002" / "lembar.xlsx").write_bytes(b"lembar kerja yang lebih baru")
    done = restore(office, source, LATER)
    assert [name.split(".")[0] for name in done["aside"]] == ["archive", "meja"]
    put_aside = office.home / done["aside"][1] / "2026-0002" / "lembar.xlsx"
    assert put_aside.read_bytes() == b"lembar kerja yang lebih baru"
    assert (office.desk / "2026-0002" / "lembar.xlsx").read_bytes() == b"lembar kerja"


def test_the_backup_is_in_the_ledger_after_it_succeeded(drilled: tuple[Batch, str, Path, dict[str, Any]]) -> None:
    """If this fails, the ledger speaks of backups that do not exist, or nobody can tell which file is the real one."""
    batch, _, source, _ = drilled
    with open_ledger(batch.office) as ledger:
        told = entries(ledger, kind=Kind.BACKUP)
    assert [(e.payload["file"], e.payload["sha256"]) for e in told] == [(source.name, sha256_of(source))]
    assert told[0].payload["entries"] == told[0].seq - 1


def test_places_that_do_not_do(office: Office, tmp_path: Path) -> None:
    """If this fails, an old backup is overwritten, or a new one lies where it dies with the office."""
    (tmp_path / "lama.zip").write_text("lama")
    for target in (tmp_path / "lama.zip", tmp_path / "tidak ada" / "a.zip", office.home / "a.zip"):
        with pytest.raises(UserError) as caught:
            backup(office, target, LATER)
        assert caught.value.exit_code is Exit.USAGE
    assert (tmp_path / "lama.zip").read_text() == "lama"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["lama.zip"]
    with pytest.raises(UserError) as caught:
        restore(office, tmp_path / "tidak ada.zip", LATER)
    assert caught.value.exit_code is Exit.OFFICE  # the office lives: said first


def test_a_damaged_store_is_not_backed_up(office: Office, tmp_path: Path) -> None:
    """If this fails, good backups are replaced, week after week, by copies of a store that no longer reads."""
    raw = bytearray(office.store.read_bytes())
    for at in range(12_288 + 100, len(raw), 262_144):
        raw[at] ^= 1
    office.store.write_bytes(raw)
    with pytest.raises(UserError, match=r"store\.duckdb: berkas rusak"):
        backup(office, tmp_path / "a.zip", LATER)
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == []


FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.backup import backup, restore
from tasks.backup.sealed import password, unsealed
from tasks.errors import UserError
from tasks.office import Office
import pyzipper, duckdb
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
now = datetime(2026, 10, 6, 3, tzinfo=UTC)
try:
    {"backup": backup, "restore": restore}[sys.argv[1]](Office(Path(sys.argv[2])), Path(sys.argv[3]), now)
except UserError as error:
    print(error)
    sys.exit(int(error.exit_code))
"""


def limited(what: str, office: Office, path: Path, limit: int) -> subprocess.CompletedProcess[str]:
    """Runs in a process whose files can not grow beyond ``limit`` bytes, as on a full disk."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", FULL, what, office.home, path, str(limit)]
    return subprocess.run(command, env=around, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("limit", [0, 5_000, 500_000])
def test_a_full_disk_leaves_no_half_backup(office: Office, tmp_path: Path, limit: int) -> None:
    """If this fails, half a backup lies there under the name of a whole one."""
    before = sorted(office.home.rglob("*"))
    done = limited("backup", office, tmp_path / "a.zip", limit)
    assert done.returncode == Exit.OFFICE, done.stderr
    assert "penuh" in done.stdout
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == []
    assert sorted(office.home.rglob("*")) == before
    with open_ledger(office) as ledger:
        assert len(entries(ledger, kind=Kind.BACKUP)) == 1  # the one of before


@pytest.mark.parametrize("limit", [0, 5_000, 500_000])
def test_a_full_disk_leaves_no_half_office(office: Office, source: Path, limit: int) -> None:
    """If this fails, an interrupted restore leaves an office that looks alive and is not."""
    office = destroy(office, anchors_too=True)
    done = limited("restore", office, source, limit)
    assert done.returncode == Exit.OFFICE, done.stderr
    assert "penuh" in done.stdout
    assert untouched(office)
    restore(office, source, LATER)


def test_anchors_on_another_disk_are_asked(office: Office, tmp_path: Path) -> None:
    """If this fails, an office whose anchors survived on another disk is restored without asking them."""
    away = tmp_path / "disk lain"
    away.mkdir()
    shutil.move(office.anchors, away / "kepala.log")
    with new_private(office.settings_file) as settings:
        settings.write(f'jangkar = "{away}/kepala.log"\n'.encode())
    backup(office, tmp_path / "baru.zip", LATER)
    go_on(office)
    away.rename(tmp_path / "dicabut")
    shutil.copy(tmp_path / "dicabut" / "kepala.log", tmp_path / "kepala.log")
    key = office.key_file.read_text()
    shutil.rmtree(office.home)
    office.create()
    office.key_file.write_text(key)
    with pytest.raises(UserError, match="folder berkas jangkar tidak ada"):
        restore(office, tmp_path / "baru.zip", LATER)
    assert untouched(office)
    (tmp_path / "dicabut").rename(away)
    with pytest.raises(UserError, match="2 entri Buku Agenda dan 1 tanda store"):
        restore(office, tmp_path / "baru.zip", LATER)
    restore(office, tmp_path / "baru.zip", LATER, accept_loss=True)
    assert office.anchors == away / "kepala.log"
    go_on(office)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.backup import backup, restore
from tasks.office import Office
import duckdb, pyzipper
what, office, path, at = sys.argv[1], Office(Path(sys.argv[2])), Path(sys.argv[3]), int(sys.argv[4])
seen = 0
def trace(frame, event, _):
    global seen
    if "/tasks/backup/" not in frame.f_code.co_filename or frame.f_code.co_name == "<module>":
        return None
    if event == "line":
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace
sys.settrace(trace)
{"backup": backup, "restore": restore}[what](office, path, datetime(2026, 10, 6, 3, tzinfo=UTC))
sys.settrace(None)
print(seen)
"""
POINTS = 200 if TORTURE else 5


def killed_at(what: str, office: Office, path: Path, at: int) -> str:
    """Runs until the ``at``-th line of the backup's own code, then SIGKILL; or whole, and tells how many lines."""
    command = [sys.executable, "-c", KILLED, what, office.home, path, str(at)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (-9 if at else 0), done.stderr
    return done.stdout


def points(lines: int) -> list[int]:
    """Spread over the work, densest at its end, where everything is put in place."""
    return sorted({round(1 + (lines - 1) * (1 - (1 - at / POINTS) ** 2)) for at in range(POINTS + 1)})


def test_a_killed_restore_is_begun_again(
    drilled: tuple[Batch, str, Path, dict[str, Any]], office: Office, source: Path
) -> None:
    """If this fails, a power cut while an office is restored leaves one that looks whole and is not."""
    held, seen = drilled[3], set()
    lines = int(killed_at("restore", destroy(office, anchors_too=True), source, 0))
    for at in points(lines):
        office = destroy(office, anchors_too=True)
        killed_at("restore", office, source, at)
        there = (office.ledger.exists(), office.store.exists())
        seen.add(there)
        if there != (True, True):
            if there[0] or office.anchors.exists():
                with pytest.raises(UserError), open_store(office):
                    pass
            office.ledger.unlink(missing_ok=True)
            restore(office, source, LATER)
        assert everything(office) == held, at
    assert {(False, False), (True, True)} <= seen


def test_a_killed_backup_leaves_the_office_as_it_was(
    drilled: tuple[Batch, str, Path, dict[str, Any]], office: Office, tmp_path: Path
) -> None:
    """If this fails, a power cut during a backup harms the office, or leaves half of one under its name."""
    held = drilled[3]
    target = tmp_path / "baru.zip"
    lines = int(killed_at("backup", office, tmp_path / "pertama.zip", 0))
    for at in points(lines):
        killed_at("backup", office, target, at)
        assert everything(office)["rows"] == held["rows"], at
        if target.exists():
            with unsealed(target, password(office)) as whole:
                whole.check()
            target.unlink()
    backup(office, target, LATER)
