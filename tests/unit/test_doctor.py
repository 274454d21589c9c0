"""The examination of an office: every fault an operator can still mend is named, with what to do."""

import importlib.metadata
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office_kit.signers import AGENDA, NIP, NOW, Desk

from flows.commands.doctor import examine
from tasks.approvals.people import disable
from tasks.doctor import machine
from tasks.doctor.state import Line, State, worst
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import WIB, Office
from tasks.publish import PUBLISHED


def about(lines: list[Line], place: str) -> list[Line]:
    """What was found there."""
    return [line for line in lines if line.place == place]


def states(desk: Desk, place: str, at: datetime = NOW) -> set[State]:
    return {line.state for line in about(examine(desk.office, at), place)}


def test_a_new_office_lacks_only_what_nobody_gave_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, an operator chases faults that are none, or a new office looks finished."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10**12}))
    lines = examine(desk.office, NOW)
    assert worst(lines) is State.SOON
    assert {line.place for line in lines if line.state is State.SOON} == {"pengingat", "cadangan", "jangkar", "Prefect"}
    assert all(line.step for line in lines if line.state is not State.GOOD)


def test_open_files_are_counted(desk: Desk) -> None:
    """If this fails, another user of the machine reads residents' data, and nobody is told."""
    loose = desk.office.reports / "x.html"
    loose.write_text("x")
    loose.chmod(0o644)
    (line,) = about(examine(desk.office, NOW), "hak akses")
    assert line.state is State.SOON
    assert "laporan (1)" in line.text
    desk.office.key_file.chmod(0o644)
    assert states(desk, "hak akses") == {State.BROKEN}


def test_the_analysts_copy_may_be_read_by_its_group_and_by_nobody_else(desk: Desk) -> None:
    """If this fails, the masked copy alarms the operator for ever, or one that everybody can read does not."""
    copy = desk.office.published / PUBLISHED
    copy.write_bytes(b"")
    copy.chmod(0o440)
    assert states(desk, "hak akses") == {State.GOOD}
    copy.chmod(0o444)
    assert states(desk, "hak akses") == {State.SOON}


def test_a_folder_of_copies_that_is_not_mounted(desk: Desk) -> None:
    """If this fails, the office takes no file any more, and the operator is sent to a command that cannot help."""
    desk.office.settings_file.write_text('salinan_kunci = "/mnt/tidak-ada/kunci"\n')
    (line,) = about(examine(desk.office, NOW), "kunci agenda")
    assert line.state is State.BROKEN
    assert "/mnt/tidak-ada/kunci" in line.text


def test_a_folder_of_copies_that_others_can_read(desk: Desk, tmp_path: Path) -> None:
    """If this fails, every account of the other machine reads the keys of all originals."""
    desk.office.settings_file.write_text(f'salinan_kunci = "{tmp_path}"\n')
    tmp_path.chmod(0o755)
    assert states(desk, "kunci agenda") == {State.SOON}
    tmp_path.chmod(0o700)
    assert states(desk, "kunci agenda") == {State.GOOD}


def test_without_settings_nothing_is_said_of_prefect(desk: Desk) -> None:
    """If this fails, a slip in kantor.toml looks as if the office did not run, and a second one is started."""
    desk.office.settings_file.write_text("pemisahan = 3\n")
    (line,) = about(examine(desk.office, NOW), "Prefect")
    assert "kantor.toml" in line.text


def test_a_lost_key(desk: Desk) -> None:
    """If this fails, an office without its key is called fit for work."""
    desk.office.key_file.unlink()
    fresh = Desk(Office(desk.office.home), desk.secrets)
    assert states(fresh, "kunci") == {State.BROKEN}


@pytest.mark.parametrize(("free", "state"), [(10**8, State.BROKEN), (10**9, State.SOON), (10**12, State.GOOD)])
def test_a_disk_that_fills_up(desk: Desk, monkeypatch: pytest.MonkeyPatch, free: int, state: State) -> None:
    """If this fails, the first to hear of a full disk is the Kadis whose approval cannot be written."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert states(desk, "disk") == {state}


def test_other_versions_than_tried(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, an office runs on a package that is known to break it."""
    assert states(desk, "versi") == {State.GOOD}
    true_version = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "9.9.9" if name == "prefect" else true_version(name)
    )
    (line,) = machine.versions()
    assert line.state is State.BROKEN
    assert line.text == "prefect 9.9.9, seharusnya ==3.8.8"


def test_a_clock_that_runs_behind(desk: Desk) -> None:
    """If this fails, a clock set back makes an ended mandate valid again."""
    with open_ledger(desk.office) as ledger, writing(ledger):
        append(ledger, NOW + timedelta(hours=3), (Kind.RECEIVED, AGENDA, "sinkron"), {})
    assert states(desk, "jam") == {State.BROKEN}
    assert states(desk, "jam", NOW + timedelta(hours=4)) == {State.GOOD}


def test_a_level_without_anybody(desk: Desk) -> None:
    """If this fails, a batch waits for a Kabid who does not exist."""
    assert states(desk, "mandat") == {State.GOOD}
    with open_ledger(desk.office) as ledger:
        disable(ledger, NIP["kabid"], "pensiun", NOW)
    (line,) = about(examine(desk.office, NOW), "mandat")
    assert line.state is State.BROKEN
    assert "Kabid" in line.text


def test_calendars(desk: Desk) -> None:
    """If this fails, deadlines are counted by a calendar that nobody can read, or that ends with the year."""
    assert states(desk, "kalender") == {State.GOOD}
    assert states(desk, "kalender", datetime(2029, 10, 3, tzinfo=UTC)) == {State.SOON}
    desk.office.calendar_file.write_text("TANGGAL;SAMPAI;JENIS;KETERANGAN\n2026-13-01;;libur;\n")
    assert states(desk, "kalender") == {State.BROKEN}


def test_old_backups(desk: Desk) -> None:
    """If this fails, an office learns on the day of the fire that its backup is of last year."""
    with open_ledger(desk.office) as ledger, writing(ledger):
        append(ledger, NOW, (Kind.BACKUP, "", "sinkron"), {})
    assert states(desk, "cadangan", NOW + timedelta(days=2)) == {State.GOOD}
    assert states(desk, "cadangan", NOW + timedelta(days=20)) == {State.SOON}


def test_work_that_stands_still(desk: Desk) -> None:
    """If this fails, an approved batch that was never written is noticed by the resident whose card is wrong."""
    with open_ledger(desk.office) as ledger, writing(ledger):
        append(ledger, NOW, (Kind.RECEIVED, AGENDA, "sinkron"), {})
    desk.clock = NOW
    assert states(desk, "pekerjaan", NOW + timedelta(minutes=5)) == {State.GOOD}
    desk.sign()
    assert states(desk, "pekerjaan", NOW + timedelta(hours=1)) == {State.SOON}  # it may wait for the store
    assert states(desk, "pekerjaan", NOW + timedelta(hours=2)) == {State.BROKEN}


def test_work_past_its_limit(desk: Desk) -> None:
    """If this fails, an operator does not see that a level is late."""
    desk.receive(NOW)
    assert states(desk, "pekerjaan", NOW + timedelta(minutes=5)) == {State.GOOD}
    (line,) = about(examine(desk.office, NOW + timedelta(days=3)), "pekerjaan")
    assert line.state is State.SOON
    assert "Staff" in line.text


def test_a_copy_that_lacks_a_writing(desk: Desk) -> None:
    """If this fails, analysts count with old figures and the operator is told that all is well."""
    assert states(desk, "salinan analis") == {State.GOOD}
    with open_ledger(desk.office) as ledger, writing(ledger):
        append(ledger, NOW, (Kind.WRITTEN, AGENDA, "sinkron"), {"round": 1})
    assert states(desk, "salinan analis") == {State.SOON}


def test_an_office_that_says_it_runs_and_does_not(desk: Desk) -> None:
    """If this fails, a dead server is taken for a running office."""
    (desk.office.home / "server.json").write_text(json.dumps({"api": "http://127.0.0.1:1/api"}))
    (line,) = about(examine(desk.office, NOW), "Prefect")
    assert line.state is State.SOON
    assert line.step == "sinkron serve"


def test_reminders_that_reach_nobody(desk: Desk) -> None:
    """If this fails, an office believes that its Kadis is reminded."""
    desk.office.settings_file.write_text('[pemberitahuan]\nsurel = "relay:25"\ndari = "a@b.example"\n')
    (line,) = about(examine(desk.office, NOW.astimezone(WIB)), "pengingat")
    assert line.state is State.SOON
    assert "Kadis" in line.text
