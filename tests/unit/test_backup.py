"""`sinkron backup` and `restore`: the drill, what is refused, and what was lost is told (promise 3)."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest
from office_kit.backups import LATER, Drill, destroy, everything, go_on, untouched
from office_kit.signers import NIP, Desk
from office_kit.small import RESIDENTS, ROWS, copy_of

from expectations.approvals import Separation
from flows.cli import main
from tasks import anchors
from tasks.approvals.case import Case
from tasks.backup import backup, restore
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, head, open_ledger
from tasks.office import Office
from tasks.private import new_private, sha256_of
from tasks.propose import propose
from tasks.steps import verify_marks
from tasks.store import open_store
from tasks.write.apply import apply


@pytest.fixture
def office(drilled: Drill, tmp_path: Path) -> Office:
    """A copy of that office, for one test to destroy."""
    return copy_of(drilled[0], tmp_path / "kantor").office


@pytest.fixture
def source(drilled: Drill) -> Path:
    """Its backup."""
    return drilled[2]


@pytest.mark.parametrize("anchors_too", [False, True], ids=["jangkar selamat", "semua hilang"])
def test_the_drill(drilled: Drill, office: Office, *, anchors_too: bool) -> None:
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


def test_the_drill_by_the_commands(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, the operator cannot do what the page says, or is not told what is lost and what comes next."""
    monkeypatch.setenv("SINKRON_HOME", str(office.home))
    file = tmp_path / "cadangan.zip"
    assert main(["backup", str(file)]) == Exit.OK
    held = everything(office)
    assert sha256_of(file) in capsys.readouterr().out
    assert main(["backup", str(file)]) == Exit.USAGE
    destroy(office, anchors_too=True)
    assert main(["restore", str(file)]) == Exit.OK
    said = capsys.readouterr().out
    assert re.search(r"Dipulihkan dari cadangan \d\d-\d\d-20\d\d \d\d\.\d\d WIB: Buku Agenda sampai entri \d+", said)
    assert "sinkron verify, sinkron serve, lalu sinkron recover" in said
    assert everything(office) == held
    assert main(["restore", str(file)]) == Exit.OFFICE


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


def test_the_key_is_not_in_its_own_backup(drilled: Drill, office: Office) -> None:
    """If this fails, the backup opens itself, or an office restored elsewhere runs under a key nobody handed over."""
    made = Office(office.home.parent / "lain")
    made.create()
    with pytest.raises(UserError) as caught:
        restore(made, drilled[2], LATER)
    assert caught.value.exit_code is Exit.OFFICE
    assert "kunci tidak cocok" in str(caught.value)
    assert made.key("backup").hex() not in str(caught.value)
    assert untouched(made)


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


def test_the_backup_is_in_the_ledger_after_it_succeeded(drilled: Drill) -> None:
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
