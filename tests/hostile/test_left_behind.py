"""What full disks, killed processes and broken readers leave behind: nothing half, nothing in the way of others."""

import os
import time
from pathlib import Path

import pytest
from office_kit.files import write, write_csv
from office_kit.residents import resident
from office_kit.signers import NOW

from flows.inbox import LETTER_GRACE_SECONDS, Watcher
from flows.rest import Api
from tasks import receive as receiving
from tasks import refuse
from tasks.check import Beside, check, told
from tasks.errors import UserError
from tasks.office import LEFTOVER_SECONDS, Office
from tasks.receive import receive
from tasks.retention import originals

FULL = OSError(28, "No space left on device")


def files_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_a_full_disk_leaves_no_half_receipt(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, every look at the inbox fills a full disk further with copies of residents."""
    path = write_csv(office.inbox / "a.csv", [resident(1)])

    def full(_source: Path, target: Path, _secret: tuple[bytes, str]) -> str:
        target.write_bytes(b"separuh")
        raise FULL

    monkeypatch.setattr(originals, "seal", full)
    with pytest.raises(OSError, match="space"):
        receive(office, [path], None, (NOW, "inbox"))
    assert files_below(office.archive) == []
    assert path.exists()


def test_a_full_disk_leaves_no_half_refusal(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a refused file lies half in rejected/ and whole in the inbox, once per second."""
    path = write(office.inbox / "a.csv", "HOBI\nx\n")

    def full(_source: Path, _target: Path) -> None:
        raise FULL

    monkeypatch.setattr(refuse, "copy_private", full)
    with pytest.raises(OSError, match="space"):
        receive(office, [path], None, (NOW, "inbox"))
    assert files_below(office.rejected) == []
    assert path.exists()


def test_a_reader_that_fails_returns_the_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, one file on which our reader has a fault stops the inbox for everybody, for ever."""
    path = write_csv(office.inbox / "a.csv", [resident(1)])

    def broken(*_: object) -> None:
        raise ValueError(resident(1)["NAMA_LGKP"])

    monkeypatch.setattr(receiving, "read_received", broken)
    with pytest.raises(UserError, match=r"pembaca gagal \(ValueError\)") as caught:
        receive(office, [path], None, (NOW, "inbox"))
    assert str(resident(1)["NAMA_LGKP"]) not in str(caught.value)
    assert not path.exists()


def test_one_bad_receipt_does_not_stop_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a file that can not be copied keeps all that came after it from being received."""
    for name, number in (("a.csv", 1), ("b.csv", 2)):
        write_csv(office.inbox / name, [resident(number)])
    real = originals.seal

    def one_fails(source: Path, target: Path, secret: tuple[bytes, str]) -> str:
        if source.name == "a.csv":
            raise FULL
        return real(source, target, secret)

    monkeypatch.setattr(originals, "seal", one_fails)
    watcher = Watcher(office, Api("http://127.0.0.1:9"))
    with pytest.raises(
        Exception, match=r"refused|Connect|attempts"
    ):  # no server here: the receipt is registered before
        watcher.tick(time.time() + LETTER_GRACE_SECONDS)
    assert [path.name for path in office.inbox.iterdir()] == ["a.csv"]
    assert [path.name for path in office.archive.iterdir()] == ["2026-0001"]


def test_what_killed_processes_left_is_swept(office: Office) -> None:
    """If this fails, a plain copy of an extract lies in scratch/ until somebody finds it."""
    now = time.time()
    for folder in (office.scratch / "tmpabc", office.archive / ".masuk-1234", office.archive / "2026-0001"):
        folder.mkdir()
        (folder / "utf8.csv").write_text("x")
        os.utime(folder, (now - LEFTOVER_SECONDS - 1,) * 2)
    (office.scratch / "tmpnew").mkdir()
    assert office.sweep(now) == 2
    left = {path.name for folder in (office.scratch, office.archive) for path in folder.iterdir()}
    assert left == {"tmpnew", "2026-0001"}


def test_file_names_do_not_reach_the_terminal_as_they_are(tmp_path: Path) -> None:
    """If this fails, a NIK in a file name is printed and mailed around, or a name paints the terminal."""
    nik = resident(2)["NIK"]
    path = write_csv(tmp_path / f"{nik} \x1b[31mBUDI.csv", [resident(2, NAMA_LGKP="S1TI")])
    checked = check([path], "2026-10-06", Beside())
    shown = "\n".join([*told(checked), *checked.findings["file"].unique()])
    assert str(nik) not in shown
    assert "\x1b" not in shown


def test_a_received_head_stands_for_the_registers_head(tmp_path: Path) -> None:
    """If this fails, a row that corrects the head's NIK and birth date makes a family with two heads."""
    head = resident(2)
    wrong = resident(2, NIK=str(head["NIK"])[:6] + "010170" + "9777", TGL_LHR="1970-01-01")
    register = write_csv(tmp_path / "penduduk.csv", [head, resident(3, NO_KK=head["NO_KK"], STAT_HBKEL="9")])
    checked = check([write_csv(tmp_path / "a.csv", [wrong])], "2026-10-06", Beside(register=register))
    assert "ANM-KEL-02" not in checked.summary["rules"]
    other = resident(4, NO_KK=head["NO_KK"])
    checked = check([write_csv(tmp_path / "b.csv", [other])], "2026-10-06", Beside(register=register))
    assert checked.summary["rules"]["ANM-KEL-02"] == 1


def test_a_refusal_is_an_error_of_the_file(office: Office) -> None:
    """If this fails, the words for a broken reader are used for files that are simply wrong."""
    with pytest.raises(UserError) as caught:
        receive(office, [write_csv(office.inbox / "a.csv", [])], None, (NOW, "inbox"))
    assert "pembaca gagal" not in str(caught.value)
