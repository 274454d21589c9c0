"""The command line against a real served office: own processes, real files, exit codes by kind of error."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows import settings
from flows.rest import Api, Run
from tasks.errors import Exit

pytestmark = pytest.mark.server
SINKRON = Path(sys.executable).parent / "sinkron"
WAIT_SECONDS = 240
PEOPLE = {"staff": "199503032020122901", "kasi": "198502022010011902"}


@dataclass
class Served:
    home: Path
    api: Api

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return sinkron(self.home, *arguments)

    def waiting(self, agenda: str) -> Run:
        """The run of an agenda number, once it waits at a gate."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            for run in self.api.runs():
                if run.agenda == agenda and run.gate and self.api.has_form(run):
                    return run
                assert run.agenda != agenda or not run.is_final, run.message
            time.sleep(0.5)
        raise AssertionError("run never reached a gate")


def sinkron(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SINKRON_HOME": str(home)}
    command = [SINKRON, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd="/")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("kantor-served")
    assert sinkron(home, "baseline", settings.SAMPLES / "penduduk_dkb_semester1_2026.csv").returncode == 0
    for role, nip in PEOPLE.items():
        added = sinkron(home, "approver", "add", "--nip", nip, "--nama", f"UJI {role}", "--peran", role)
        assert "otpauth://totp/" in added.stdout
    process = subprocess.Popen([SINKRON, "serve"], env=os.environ | {"SINKRON_HOME": str(home)})
    deadline = time.monotonic() + WAIT_SECONDS
    address = home / "server.json"
    while time.monotonic() < deadline and not (address.exists() and Api(_url(address)).healthy()):
        time.sleep(0.2)
    yield Served(home, Api(_url(address)))
    process.send_signal(signal.SIGINT)
    assert process.wait(180) == 0
    assert not address.exists()


def _url(address: Path) -> str:
    return str(json.loads(address.read_text())["api"])


@pytest.fixture
def extract(tmp_path: Path) -> Callable[[str, int], Path]:
    """A small extract: some lines of the sample from a given line on, so that no two are the same bytes."""

    def make(name: str, start: int) -> Path:
        lines = (settings.SAMPLES / "ditjen_ganda_2026_10.csv").read_bytes().splitlines(keepends=True)
        path = tmp_path / name
        path.write_bytes(b"".join([lines[0], *lines[start : start + 30]]))
        return path

    return make


def test_receive_starts_the_sop_once(served: Served, extract: Callable[[str, int], Path]) -> None:
    """If this fails, a received file starts no run, or the same file is worked on twice."""
    path = extract("kiriman.csv", 1)
    first = served.run("receive", path)
    assert first.returncode == Exit.OK, first.stderr
    agenda = first.stdout.split("agenda ")[1].split()[0]
    assert served.waiting(agenda).role == "staff"
    assert path.exists()  # a file outside the inbox stays the user's own
    second = served.run("receive", path)
    assert second.returncode == Exit.ALREADY_RECEIVED
    assert f"agenda {agenda}" in second.stderr
    assert any((folder / "kiriman.csv").exists() for folder in (served.home / "rejected").iterdir())
    assert agenda in served.run("status").stdout
    assert not (served.home / "prefect" / "storage").exists()  # Prefect keeps no results: nothing to lose or to edit


def test_inbox_waits_for_letter_and_all_files(served: Served, extract: Callable[[str, int], Path]) -> None:
    """If this fails, half a letter is worked on, or a file in the inbox is never seen."""
    path = extract("oktober.csv", 200)
    letter = {
        "dari": "Ditjen", "nomor": "1", "tanggal": "2026-10-05", "perihal": "uji",
        "berkas": {"oktober.csv": {"jumlah": 30}},
    }  # fmt: skip
    inbox = served.home / "inbox"
    before = served.run("status").stdout
    (inbox / "surat.json").write_text(json.dumps(letter))
    time.sleep(4)
    assert served.run("status").stdout == before
    with (inbox / "oktober.csv").open("wb") as copy:  # arrives slowly
        content = path.read_bytes()
        copy.write(content[:500])
        copy.flush()
        time.sleep(4)
        assert served.run("status").stdout == before
        copy.write(content[500:])
    deadline = time.monotonic() + WAIT_SECONDS
    while served.run("status").stdout == before and time.monotonic() < deadline:
        time.sleep(0.5)
    agenda = served.run("status").stdout.splitlines()[-1].split()[0]
    assert served.waiting(agenda).role == "staff"
    assert not list(inbox.iterdir())


def broken(kind: str, folder: Path, good: Path) -> Path:
    path = folder / f"{kind}.csv"
    lines = good.read_bytes().splitlines(keepends=True)
    if kind == "terpotong":
        path = path.with_suffix(".xlsx")
        path.write_bytes((settings.SAMPLES / "ditjen_anomali_2026_10.xlsx").read_bytes()[:20000])
    else:
        path.write_bytes({
            "kosong": b"",
            "kolom": b"NIK;WARNA\n1;2\n",
            "kutip": b"".join([*lines[:5], b'"' + lines[5], *lines[6:]]),
            "biner": bytes(range(256)) * 20,
        }[kind])  # fmt: skip
    return path


@pytest.mark.parametrize(
    "case",
    [
        ("kosong", Exit.FILE, "kosong"),
        ("kolom", Exit.COLUMNS, "kolom 2: judul kolom tidak dikenal"),
        ("kutip", Exit.FILE, "kutip"),
        ("biner", Exit.FILE, "bukan teks"),
        ("terpotong", Exit.FILE, "terpotong"),
    ],
)
def test_bad_files_are_refused_by_kind(
    served: Served, extract: Callable[[str, int], Path], tmp_path: Path, case: tuple[str, Exit, str]
) -> None:
    """If this fails, a broken file is loaded halfway, or nobody is told what is wrong with it."""
    kind, code, words = case
    path = broken(kind, tmp_path, extract("utuh.csv", 100))
    before = served.run("status").stdout
    refused = served.run("receive", path)
    assert refused.returncode == code, refused.stderr
    assert path.name in refused.stderr
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
    (reason,) = [f for f in (served.home / "rejected").glob("*/alasan.txt") if (f.parent / path.name).exists()]
    assert words in reason.read_text()
    assert served.run("status").stdout == before


def test_totals_and_missing_files(served: Served, extract: Callable[[str, int], Path], tmp_path: Path) -> None:
    """If this fails, a file that lost rows on its way is taken for complete."""
    path = extract("kurang.csv", 300)
    letter = tmp_path / "surat.json"
    letter.write_text(json.dumps({
        "dari": "Ditjen", "nomor": "1", "tanggal": "2026-10-05", "perihal": "uji",
        "berkas": {"kurang.csv": {"jumlah": 31}, "hilang.csv": {"jumlah": 1}},
    }))  # fmt: skip
    refused = served.run("receive", path, "--letter", letter)
    assert refused.returncode == Exit.TOTALS
    assert "berkas 30" in refused.stderr
    assert "surat pengantar 31" in refused.stderr
    assert "hilang.csv" in refused.stderr  # all problems at once
    assert served.run("receive", tmp_path / "tidak-ada.csv").returncode == Exit.USAGE


def test_file_still_being_written(served: Served, extract: Callable[[str, int], Path]) -> None:
    """If this fails, half an upload is registered as the whole extract."""
    path = extract("menulis.csv", 400)
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys,time; f=open(sys.argv[1],'ab'); print('open',flush=True); time.sleep(60)",
            path,
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        refused = served.run("receive", path)
    finally:
        writer.kill()
        writer.wait()
        assert writer.stdout is not None
        writer.stdout.close()
    assert refused.returncode == Exit.STILL_WRITING
    assert path.exists()


def test_no_server_is_said(tmp_path: Path, extract: Callable[[str, int], Path]) -> None:
    """If this fails, a file is registered although nothing would ever work on it."""
    home = tmp_path / "kantor"
    refused = sinkron(home, "receive", extract("a.csv", 500))
    assert refused.returncode == Exit.OFFICE
    assert "sinkron serve" in refused.stderr
    shutil.rmtree(home, ignore_errors=True)


def test_second_office_in_one_home_is_refused(served: Served) -> None:
    """If this fails, two servers write one Prefect database."""
    refused = served.run("serve")
    assert refused.returncode == Exit.OFFICE
    assert "sudah berjalan" in refused.stderr
