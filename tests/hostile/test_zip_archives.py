"""ZIP archives as offices send them, and as somebody hostile or careless makes them: all of it read, or none."""

import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from office_kit.archives import ONE, PASSWORD, TWO, locked, names, refused, zipped
from office_kit.files import write, write_xlsx
from office_kit.residents import COLUMNS, resident

from tasks.errors import Exit, UserError
from tasks.read import read_extract, read_received

SYSTEM = {".DS_Store": "x", "__MACOSX/._a.csv": "x", "~$a.xlsx": "x", "folder/": ""}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_data_file_of_a_zip_is_an_extract(tmp_path: Path, compression: int) -> None:
    """If this fails, a file inside a ZIP is lost, or known under a name that the sender does not know."""
    book = write_xlsx(tmp_path / "buku.xlsx", [list(COLUMNS), [resident(5)[c] for c in COLUMNS]]).read_bytes()
    members = {"satu.csv": ONE, "dalam/dua.txt": TWO, "tiga.xlsx": book, **SYSTEM}
    read = read_received(zipped(tmp_path / "kirim.zip", members, compression=compression), tmp_path)
    assert names(r.extract for r in read) == [("kirim.zip/satu.csv", 1), ("kirim.zip/dalam/dua.txt", 2),
                                              ("kirim.zip/tiga.xlsx", 1)]  # fmt: skip
    assert [r.member for r in read] == ["satu.csv", "dalam/dua.txt", "tiga.xlsx"]
    told = read[0].extract.anomalies[0]
    assert (told.code, told.count) == ("BRK-06", 3)
    assert ".DS_Store" in told.told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["buku.xlsx", "kirim.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_all_problems_of_a_zip_at_once(tmp_path: Path) -> None:
    """If this fails, a hostile name leaves the folder, or a sender mends one problem a day."""
    link = zipfile.ZipInfo("tautan.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "jahat.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../luar.csv", ONE)
        archive.writestr("/etc/mutlak.csv", ONE)
        archive.writestr("C:\\mutlak.csv", ONE)
        archive.writestr(link, "/etc/passwd")
        archive.writestr("sama.csv", ONE)
        archive.writestr("sama.csv", TWO)
        archive.writestr("Sama.CSV", TWO)
        archive.writestr("lagi.zip", "x")
        archive.writestr("baris\nbaru.csv", ONE)
        archive.writestr("bz.csv", ONE, zipfile.ZIP_BZIP2)
        archive.writestr("baik.csv", ONE)
    error = refused(path)
    received = [problem.received for problem in error.problems]
    assert received.count("nama anggota keluar dari folder") == 1
    assert received.count("nama anggota berupa alamat mutlak") == 2
    assert received.count("nama anggota ini ada lebih dari satu") == 3
    for words in ("tautan simbolik", "ZIP di dalam ZIP", "huruf kendali", "bzip2"):
        assert len([text for text in received if words in text]) == 1, words
    assert len(received) == 10
    assert "\n" not in "".join(problem.place for problem in error.problems)


def test_all_problems_of_all_members_at_once(tmp_path: Path) -> None:
    """If this fails, the second bad file of a ZIP is only told after the first was mended."""
    error = refused(
        zipped(tmp_path / "a.zip", {"x.csv": "NIK;Hobi\n1;2\n", "y.pdf": "%PDF", "z.csv": "", "b.csv": ONE})
    )
    places = {problem.place.split(",")[0] for problem in error.problems}
    assert places == {"a.zip/x.csv", "a.zip/y.pdf", "a.zip/z.csv"}


def bomb(path: Path, size: int, claimed: int | None = None) -> Path:
    """A ZIP whose member inflates to ``size`` zeros, the headers claiming another size."""
    zipped(path, {"a.csv": bytes(size)})
    if claimed is not None:
        raw = path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", claimed))
        write(path, raw)
    return path


@pytest.mark.parametrize("claimed", [None, 100])
def test_bombs_stop_early(tmp_path: Path, claimed: int | None) -> None:
    """If this fails, a small file fills the office's disk or memory, whatever its header claims."""
    path = bomb(tmp_path / "bom.zip", 300_000_000, claimed)
    tracemalloc.start()
    try:
        error = refused(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "bom ZIP" in str(error)
    assert peak < 20_000_000


@pytest.mark.parametrize("claimed", [len(ONE) - 20, len(ONE) + 20])
@pytest.mark.parametrize("version", [0, 1, 2])
def test_a_lying_size_is_noticed(tmp_path: Path, claimed: int, version: int) -> None:
    """If this fails, the last residents of a file are cut off by its header, without a word."""
    path = tmp_path / "a.zip"
    zipped(path, {"a.csv": ONE}) if not version else locked(path, {"a.csv": ONE}, version)
    raw = path.read_bytes()
    assert raw.count(struct.pack("<I", len(ONE))) == 2
    write(path, raw.replace(struct.pack("<I", len(ONE)), struct.pack("<I", claimed)))
    assert "kepala ZIP menyebut" in str(refused(path, PASSWORD))


def test_flipped_bits_are_never_read(tmp_path: Path) -> None:
    """If this fails, a damaged download changes a NIK and nobody notices."""
    good = zipped(tmp_path / "a.zip", {"a.csv": ONE})
    frame, raw = read_extract(good, tmp_path).frame, good.read_bytes()
    silent = []
    for at in range(0, len(raw), 3):
        path = write(tmp_path / "b.zip", raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :])
        try:
            if not read_extract(path, tmp_path).frame.equals(frame):
                silent.append(at)
        except UserError:
            continue
    assert not silent


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\5\6" + bytes(18), b"PK\3\4" + bytes(100), b"bukan zip"])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    """If this fails, a broken download ends in a traceback."""
    assert refused(write(tmp_path / "a.zip", content)).exit_code is Exit.FILE


def test_too_many_members(tmp_path: Path) -> None:
    """If this fails, a ZIP with a million names keeps the office busy for hours."""
    members = {f"{n}.csv": "x" for n in range(300)}
    assert "300 anggota" in str(refused(zipped(tmp_path / "a.zip", members)))
    many = {f"{n:060d}.csv": "" for n in range(12_000)}
    assert "daftar isi" in str(refused(zipped(tmp_path / "b.zip", many)))
