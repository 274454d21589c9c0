"""What the watcher takes from the inbox together, and what it does with things that are no files."""

import logging
import os
import socket
import time
import zipfile
from pathlib import Path

import pytest
from office_kit.files import SETTLED, csv_text, settle, write_csv, write_letter
from office_kit.residents import resident

from flows.inbox import LETTER_GRACE_SECONDS, Watcher, _groups
from flows.rest import Api
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office

NOW = SETTLED + LETTER_GRACE_SECONDS + 1


def zipped(path: Path, *members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(members):
            archive.writestr(name, csv_text([resident(number)]))
    return settle(path)


@pytest.mark.parametrize("named", [["a.csv", "b.csv"], ["kirim.zip"], ["kirim.zip/a.csv", "kirim.zip/b.csv"]])
def test_a_letter_and_its_zip_belong_together(office: Office, named: list[str]) -> None:
    """If this fails, a letter that names the files inside a ZIP waits for ever, or the ZIP is received without it."""
    path = zipped(office.inbox / "kirim.zip", "a.csv", "b.csv")
    letter = write_letter(office.inbox / "surat.json", {name: {} for name in named})
    assert _groups(office.inbox, NOW) == [([path], letter)]


def test_a_letter_waits_for_its_zip(office: Office) -> None:
    """If this fails, a letter is refused because its ZIP is still on the way."""
    write_letter(office.inbox / "surat.json", {"a.csv": {}})
    assert _groups(office.inbox, NOW) == []


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ".xlsx", ".xls", ".dbf", ".zip", ".pdf"])
def test_every_kind_is_taken(office: Office, suffix: str) -> None:
    """If this fails, a file lies in the inbox and nobody ever says why."""
    path = write_csv(office.inbox / f"a{suffix}", [resident(0)])
    assert _groups(office.inbox, NOW) == [([path], None)]


def odd(inbox: Path, kind: str, elsewhere: Path) -> Path:
    """Something in the inbox that is no file."""
    path = inbox / "aneh.csv"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
        write_csv(path / "di dalam.csv", [resident(0)])
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            here = Path.cwd()
            os.chdir(inbox)  # a socket's path may not be long
            try:
                bound.bind(path.name)
            finally:
                os.chdir(here)
    else:
        path.symlink_to(elsewhere if kind == "link" else inbox / "tidak ada")
    return path


def test_the_log_says_what_an_operator_can_mend_and_quotes_nobody(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """If this fails, an inbox stands still for a slip in kantor.toml that no log names, or the log quotes a file."""
    watcher = Watcher(office, Api("http://127.0.0.1:9"))
    office.settings_file.write_text("pemisahan = 3\n")
    with caplog.at_level(logging.ERROR, "sinkron.inbox"):
        with watcher._going_on():
            _ = office.settings
        with watcher._going_on():
            raise ValueError("SITI AMINAH 3576014101909001")
    told, quiet = caplog.messages
    assert "kantor.toml, pemisahan: 3" in told
    assert quiet == "pemantau inbox: ValueError, dicoba lagi"


@pytest.mark.parametrize("kind", ["fifo", "folder", "link", "dead link", "socket"])
def test_what_is_no_file_is_told_once_and_set_aside(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """If this fails, the watcher hangs on a pipe, follows a link out of the inbox, or ignores it without a word."""
    target = write_csv(tmp_path / "asli.csv", [resident(0)])
    path = odd(office.inbox, kind, target)
    watcher = Watcher(office, Api("http://127.0.0.1:9"))
    with caplog.at_level(logging.WARNING, "sinkron.inbox"):
        watcher._set_odd_ones_aside(time.time())
        assert os.path.lexists(path), "mungkin masih disalin"
        for _ in range(3):
            watcher._set_odd_ones_aside(time.time() + LETTER_GRACE_SECONDS + 60)
    assert not os.path.lexists(path)
    assert len(caplog.messages) == 1
    (folder,) = office.rejected.iterdir()
    assert sorted(entry.name for entry in folder.iterdir()) == ["alasan.txt", "aneh.csv"]
    assert "di dalam inbox" in (folder / "alasan.txt").read_text()
    assert target.exists()
    with open_ledger(office) as ledger:
        assert [e.payload["files"][0]["name"] for e in entries(ledger, kind=Kind.REFUSED)] == ["aneh.csv"]


def test_files_and_half_copies_stay(office: Office) -> None:
    """If this fails, the watcher takes a download, a hidden file or a good file for an intruder."""
    for name in (".sembunyi", "a.part", "~$a.xlsx"):
        (office.inbox / name).mkdir()
    write_csv(office.inbox / "a.csv", [resident(0)])
    Watcher(office, Api("http://127.0.0.1:9"))._set_odd_ones_aside(time.time() + 1000)
    assert len(list(office.inbox.iterdir())) == 4
