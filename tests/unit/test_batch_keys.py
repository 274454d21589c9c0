"""Each batch's own key: private, copied to another disk before it is used, and told when it or its copy is lost."""

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office_kit.files import archived, write_csv
from office_kit.receiving import receipt_of, with_copy
from office_kit.residents import resident
from office_kit.signers import NOW, Desk, staff_an_office

from flows.commands.doctor import examine
from tasks.backup import backup, restore
from tasks.backup.sealed import password, unsealed
from tasks.doctor.state import State
from tasks.errors import Exit, UserError
from tasks.load import load
from tasks.office import Office
from tasks.receive import receive
from tasks.retention.keys import copy_keys, key_of
from tasks.store import open_store


def test_each_batch_has_its_own_private_key(office: Office) -> None:
    """If this fails, destroying one batch's key would destroy them all, or anybody on the machine reads keys."""
    first, second = receipt_of(office, 1), receipt_of(office, 2)
    assert key_of(office, first.agenda) != key_of(office, second.agenda)
    for path in office.batch_keys.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(office.batch_keys.stat().st_mode) == 0o700


def test_a_copy_of_the_key_is_written_first(office: Office, tmp_path: Path) -> None:
    """If this fails, the disk that dies takes the originals of all batches along, backup or none."""
    copy = with_copy(office, tmp_path / "disk lain")
    receipt = receipt_of(office)
    (kept,) = copy.iterdir()
    assert kept.read_bytes() == (office.batch_keys / kept.name).read_bytes()
    shutil.rmtree(office.batch_keys)
    assert archived(office, receipt.agenda, "01.csv").count(b"\n") == 3
    assert copy_keys(office) == 1
    assert (office.batch_keys / kept.name).read_bytes() == kept.read_bytes()
    assert copy_keys(office) == 0


def test_a_lost_key_stops_no_other_copy(office: Office, tmp_path: Path) -> None:
    """If this fails, one lost key leaves all later ones on one disk, and no backup carries them either."""
    staff_an_office(office)
    first, second = receipt_of(office, 1), receipt_of(office, 2)
    (office.batch_keys / f"{first.agenda}.key").unlink()
    copy, target = with_copy(office, tmp_path / "disk lain"), tmp_path / "cadangan.zip"
    backup(office, target, datetime.now(UTC))
    with unsealed(target, password(office)) as inside:
        assert f"kunci-agenda/{second.agenda}.key" in [member.path for member in inside.members]
    assert copy_keys(office) == 1
    assert [path.name for path in copy.iterdir()] == [f"{second.agenda}.key"]


def test_a_clock_set_back_leaves_nothing_behind(office: Office) -> None:
    """If this fails, the inbox's next look, a second later, leaves one more archive and key, until the disk is full."""
    receipt_of(office, 1)
    before = [sorted(folder.iterdir()) for folder in (office.archive, office.batch_keys)]
    path = write_csv(office.inbox / "b.csv", [resident(9)])
    with pytest.raises(UserError, match="jam komputer"):
        receive(office, [path], None, (NOW - timedelta(days=30), "inbox"))
    assert path.exists()
    assert [sorted(folder.iterdir()) for folder in (office.archive, office.batch_keys)] == before


def test_without_the_copys_disk_nothing_is_received(office: Office, tmp_path: Path) -> None:
    """If this fails, a key lies on one disk alone although the office asked for two, or the file is lost."""
    copy = with_copy(office, tmp_path / "disk lain")
    copy.rmdir()
    path = write_csv(office.inbox / "a.csv", [resident(0)])
    with pytest.raises(UserError, match="sambungkan disknya") as caught:
        receive(office, [path], None, (NOW, "inbox"))
    assert caught.value.exit_code is Exit.OFFICE
    assert path.exists()
    assert list(office.archive.iterdir()) == []
    copy.mkdir()
    assert receive(office, [path], None, (NOW, "inbox")).agenda == "2026-0001"


def test_a_lost_key_is_told(office: Office) -> None:
    """If this fails, a batch whose key is gone ends in a traceback, or in "arsip hilang" while the archive is there."""
    receipt = receipt_of(office)
    shutil.rmtree(office.batch_keys)
    with open_store(office) as con, pytest.raises(UserError, match="kunci agenda tidak ada") as caught:
        load(con, office, receipt)
    assert caught.value.exit_code is Exit.OFFICE
    assert state_of(office) == (State.BROKEN, 1)


def state_of(office: Office) -> tuple[State, int]:
    """What doctor says of the keys, and of how many batches."""
    (line,) = [line for line in examine(office, NOW) if line.place == "kunci agenda"]
    return line.state, next((int(word) for word in line.text.split() if word.isdecimal()), 0)


def test_doctor_wants_a_copy_of_every_key(desk: Desk, tmp_path: Path) -> None:
    """If this fails, nobody hears that all originals hang on one disk."""
    assert state_of(desk.office) == (State.GOOD, 0)
    receipt_of(desk.office)
    assert state_of(desk.office) == (State.GOOD, 0)
    with_copy(desk.office, tmp_path / "disk lain")
    assert state_of(desk.office) == (State.SOON, 1)
    copy_keys(desk.office)
    assert state_of(desk.office) == (State.GOOD, 0)


def test_keys_on_another_disk_are_in_no_backup(office: Office, tmp_path: Path) -> None:
    """If this fails, a purge would not reach old backups, or a restored office can not read its originals."""
    copy = with_copy(office, tmp_path / "disk lain")
    staff_an_office(office)
    receipt, target, now = receipt_of(office), tmp_path / "cadangan.zip", datetime.now(UTC)
    backup(office, target, now)
    with unsealed(target, password(office)) as inside:
        paths = [member.path for member in inside.members]
        inside.unpack(tmp_path / "isi")
    assert f"archive/{receipt.agenda}/01.csv.terkunci" in paths
    key = key_of(office, receipt.agenda)
    assert not any("kunci" in path.split("/")[0] or path.endswith(".key") for path in paths)
    for path in (tmp_path / "isi").rglob("*"):
        assert not path.is_file() or key.hex().encode() not in path.read_bytes(), path
    other = Office(tmp_path / "baru")
    other.create()
    other.key_file.write_text(office.key_file.read_text())
    restore(Office(other.home), target, now)
    assert archived(other, receipt.agenda, "01.csv") == archived(office, receipt.agenda, "01.csv")
    copy.rename(tmp_path / "dicabut")
    with pytest.raises(UserError, match="kunci agenda tidak ada"):
        archived(other, receipt.agenda, "01.csv")
    shutil.copytree(office.batch_keys, other.batch_keys, dirs_exist_ok=True)
    assert archived(other, receipt.agenda, "01.csv") == archived(office, receipt.agenda, "01.csv")
    with open_store(other) as con:
        load(con, other, receipt)


def test_a_number_of_a_receipt_that_died_gets_a_new_key(office: Office) -> None:
    """If this fails, after a power cut the next receipt is sealed under a key that is not kept."""
    (office.batch_keys / "2026-0001.key").write_text("0" * 64)
    receipt = receipt_of(office)
    assert receipt.agenda == "2026-0001"
    assert key_of(office, receipt.agenda) != bytes(32)
    assert archived(office, receipt.agenda, "01.csv")
    assert len(list(office.batch_keys.glob(".tertinggal-2026-0001-*.key"))) == 1
