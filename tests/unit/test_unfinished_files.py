"""Files that are still being written wait in the inbox; nothing of them is received or moved away."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from office_kit.files import write
from office_kit.receiving import ABOUT, arrive, refused

from tasks.errors import Exit
from tasks.office import Office
from tasks.receive import receive


@pytest.mark.parametrize("suffix", [".part", ".crdownload", ".tmp", ".filepart"])
def test_half_downloads_wait(office: Office, suffix: str) -> None:
    """If this fails, a download still running is refused and moved away under the browser."""
    path = write(office.inbox / f"ganda.csv{suffix}", "NIK")
    assert refused(office, [path]).exit_code is Exit.STILL_WRITING
    assert path.exists()


HOLD = "import sys, time; f = open(sys.argv[1], 'ab'); print('open', flush=True); time.sleep(60)"


def test_a_file_open_for_writing_waits(office: Office) -> None:
    """If this fails, half of a file that is still being copied is received as the whole."""
    path = arrive(office, "ganda.csv")
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout.readline() == "open\n"
            error = refused(office, [path])
        finally:
            writer.kill()
    assert error.exit_code is Exit.STILL_WRITING
    assert path.exists()
    assert not list(office.rejected.iterdir())
    assert receive(office, [path], None, ABOUT).agenda == "2026-0001"


def grow(path: Path, enough: threading.Event) -> None:
    """Somebody copies in pieces, and closes the file between them."""
    while not enough.wait(0.02):
        with path.open("ab") as file:
            file.write(b"lagi")


def test_a_file_that_grows_waits(office: Office) -> None:
    """If this fails, a file copied in pieces (closed in between) is received incomplete."""
    path = arrive(office, "ganda.csv")
    enough = threading.Event()
    copying = threading.Thread(target=grow, args=(path, enough))
    copying.start()
    try:
        os.utime(path)
        error = refused(office, [path])
    finally:
        enough.set()
        copying.join()
    assert error.exit_code is Exit.STILL_WRITING
    assert path.exists()
