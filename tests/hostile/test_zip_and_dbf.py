"""ZIP archives and DBF tables as offices send them, and as somebody hostile or careless makes them."""

import hashlib
import io
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
import pyzipper
from dbfread import DBF
from office_kit.files import archived, csv_text, settle, write, write_csv, write_letter, write_xlsx
from office_kit.residents import COLUMNS, resident
from office_kit.signers import NOW

from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.load import load
from tasks.office import Office
from tasks.read import Extract, read_extract, read_received
from tasks.receive import Receipt, find_receipt, receive
from tasks.store import open_store

ABOUT = (NOW, "inbox")
PASSWORD = "rahasia-uji-kantor"  # noqa: S105 (of these tests alone)
ONE, TWO = csv_text([resident(0)]), csv_text([resident(1), resident(2)])
SYSTEM = {".DS_Store": "x", "__MACOSX/._a.csv": "x", "~$a.xlsx": "x", "folder/": ""}


def zipped(path: Path, members: dict[str, str | bytes], **options: object) -> Path:
    """A settled ZIP, deflated unless told otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", **{"compression": zipfile.ZIP_DEFLATED, **options}) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return settle(path)


def locked(path: Path, members: dict[str, str], version: int = 2, password: str = PASSWORD) -> Path:
    """A settled WinZip AES archive (AE-1 keeps the CRC, AE-2 does not)."""
    options = {"compression": zipfile.ZIP_DEFLATED, "encryption": pyzipper.WZ_AES}
    with pyzipper.AESZipFile(path, "w", **options) as archive:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256, force_wz_aes_version=version)
        for name, content in members.items():
            archive.writestr(name, content)
    return settle(path)


def keep_password(office: Office, *passwords: str) -> Path:
    path = office.key_file.parent / "zip-passwords.txt"
    path.write_text("\n".join(passwords) + "\n")
    path.chmod(0o600)
    return path


def refused(path: Path, *passwords: str) -> UserError:
    with pytest.raises(UserError) as caught:
        read_received(path, path.parent, passwords)
    assert not [left for left in path.parent.iterdir() if left.is_dir()], "salinan tertinggal"
    return caught.value


def names(extracts: Iterable[Extract]) -> list[tuple[str, int]]:
    return [(extract.name, extract.frame.height) for extract in extracts]


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


@pytest.mark.parametrize("version", [1, 2])
def test_aes_zips_open_with_the_offices_password(office: Office, version: int) -> None:
    """If this fails, the office cannot take an encrypted file, or keeps its password where others read it."""
    keep_password(office, "lama", PASSWORD)
    receipt = receive(office, [locked(office.inbox / "aes.zip", {"a.csv": ONE}, version)], None, ABOUT)
    assert [facts["member"] for facts in receipt.files] == ["a.csv"]
    with open_store(office) as con:
        assert load(con, office, receipt) == {"received": 1, "loaded": 1, "rejected": 0}
    kept = b"".join(
        p.read_bytes() for p in office.home.rglob("*") if p.is_file() and p.parent != office.key_file.parent
    )
    assert PASSWORD.encode() not in kept


def zip_crypto(content: bytes, password: bytes, name: bytes = b"a.csv") -> bytes:
    """A stored member under PKWARE's old encryption (which no library still writes), by its specification."""
    keys = [305419896, 591751049, 878082192]
    table = [0] * 256
    for at in range(256):
        crc = at
        for _ in range(8):
            crc = (crc >> 1) ^ 0xEDB88320 if crc & 1 else crc >> 1
        table[at] = crc

    def feed(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 255]
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 255]

    for byte in password:
        feed(byte)
    crc = zipfile.crc32(content)
    out = bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + content:
        mask = keys[2] | 2
        out.append(byte ^ ((mask * (mask ^ 1)) >> 8) & 255)
        feed(byte)
    common = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 33, crc, len(out), len(content), len(name), 0)
    local = b"PK\3\4" + common + name + bytes(out)
    central = b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def test_old_zip_encryption_is_read(tmp_path: Path) -> None:
    """If this fails, a ZIP that Windows' own sender encrypted cannot be received."""
    path = write(tmp_path / "lama.zip", zip_crypto(ONE.encode(), PASSWORD.encode()))
    assert names([r.extract for r in read_received(path, tmp_path, ("salah", PASSWORD))]) == [("lama.zip/a.csv", 1)]


def test_a_wrong_password_that_passes_the_quick_check(tmp_path: Path) -> None:
    """If this fails, one wrong password in 256 turns a good file into a damaged one: its check is a single byte."""
    path = write(tmp_path / "lama.zip", zip_crypto(ONE.encode(), PASSWORD.encode()))
    with zipfile.ZipFile(path) as archive:
        passing = [f"salah{n}" for n in range(3000) if _passes(archive, f"salah{n}".encode())][:4]
    assert passing
    assert names([r.extract for r in read_received(path, tmp_path, (*passing, PASSWORD))]) == [("lama.zip/a.csv", 1)]
    assert "rusak" in str(refused(path, *passing))


def _passes(archive: zipfile.ZipFile, password: bytes) -> bool:
    try:
        archive.open("a.csv", pwd=password).close()
    except RuntimeError:
        return False
    return True


@pytest.mark.parametrize("passwords", [(), ("salah", "juga salah")])
def test_without_the_password_nothing_is_received(tmp_path: Path, passwords: tuple[str, ...]) -> None:
    """If this fails, an encrypted file ends in a traceback, or a message prints the office's passwords."""
    error = refused(locked(tmp_path / "aes.zip", {"a.csv": ONE, "b.csv": TWO}), *passwords)
    assert error.exit_code is Exit.FILE
    assert [problem.place for problem in error.problems] == ["aes.zip/a.csv", "aes.zip/b.csv"]
    assert "kata sandi" in str(error)
    assert "salah" not in str(error)


@pytest.mark.parametrize("loose", ["file", "folder"])
def test_passwords_others_can_read_are_not_used(office: Office, loose: str) -> None:
    """If this fails, the password of the centre's files lies open to everybody on the machine, unnoticed."""
    kept = keep_password(office, PASSWORD)
    (kept if loose == "file" else kept.parent).chmod(0o644 if loose == "file" else 0o755)
    path = locked(office.inbox / "aes.zip", {"a.csv": ONE})
    with pytest.raises(UserError) as caught:
        receive(office, [path], None, ABOUT)
    assert caught.value.exit_code is Exit.OFFICE
    assert path.exists(), "bukan salah pengirim: berkas tidak dikembalikan"
    assert PASSWORD not in str(caught.value)


def test_passwords_may_lie_elsewhere(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, an office whose secrets are mounted elsewhere cannot open encrypted files."""
    folder = tmp_path / "rahasia"
    folder.mkdir(mode=0o700)
    (folder / "zip.txt").write_text(PASSWORD)
    (folder / "zip.txt").chmod(0o600)
    monkeypatch.setenv("SINKRON_ZIP_PASSWORDS_FILE", str(folder / "zip.txt"))
    path = locked(office.inbox / "aes.zip", {"a.csv": ONE})
    assert receive(office, [path], None, ABOUT).agenda == "2026-0001"
    monkeypatch.setenv("SINKRON_ZIP_PASSWORDS_FILE", str(folder / "tidak-ada.txt"))
    with pytest.raises(UserError) as caught:
        receive(office, [locked(office.inbox / "b.zip", {"b.csv": TWO})], None, ABOUT)
    assert caught.value.exit_code is Exit.OFFICE


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


DISGUISED = {
    "a.csv": b"PK\3\4xxxx",
    "b.csv": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "c.txt": b"%PDF-1.7",
    "d.dbf": b"PK\3\4",
}


@pytest.mark.parametrize("name", DISGUISED)
def test_a_file_of_another_kind_is_named(tmp_path: Path, name: str) -> None:
    """If this fails, an XLSX renamed to .csv is refused with words about columns that help nobody."""
    with pytest.raises(UserError) as caught:
        read_extract(write(tmp_path / name, DISGUISED[name]), tmp_path)
    assert "sebenarnya" in str(caught.value)


# Receipts of ZIPs


def arrive(office: Office, members: dict[str, str | bytes], name: str = "kirim.zip") -> Path:
    return zipped(office.inbox / name, members)


TOTALS_ONE, TOTALS_TWO = {"jumlah": 1, "laki": 1, "perempuan": 0, "kk": 1}, {"jumlah": 2, "laki": 1, "perempuan": 1}


@pytest.mark.parametrize(
    "named",
    [
        {"satu.csv": TOTALS_ONE, "dua.csv": TOTALS_TWO},
        {"kirim.zip/satu.csv": TOTALS_ONE, "kirim.zip/dalam/dua.csv": TOTALS_TWO},
        {"kirim.zip": {"jumlah": 3, "laki": 2, "perempuan": 1, "kk": 3}},
        {"kirim.zip": {"jumlah": 3}, "satu.csv": TOTALS_ONE},
    ],
)
def test_letters_name_members_or_the_zip(office: Office, named: dict[str, dict[str, int]]) -> None:
    """If this fails, a correct ZIP is returned because its letter names the files inside, or only the ZIP."""
    path = arrive(office, {"satu.csv": ONE, "dalam/dua.csv": TWO})
    receipt = receive(office, [path], write_letter(office.inbox / "surat.json", named), ABOUT)
    facts = [(f["name"], f["member"], f["archived"], f["received"]) for f in receipt.files]
    assert facts == [("kirim.zip/satu.csv", "satu.csv", "01.zip", 1),
                     ("kirim.zip/dalam/dua.csv", "dalam/dua.csv", "01.zip", 2)]  # fmt: skip
    with open_ledger(office) as ledger:
        assert find_receipt(ledger, receipt.agenda) == receipt
    with open_store(office) as con:
        assert load(con, office, receipt)["loaded"] == 3
        stored = con.execute("select file_no, name from files order by 1").fetchall()
    assert stored == [(1, "kirim.zip/satu.csv"), (2, "kirim.zip/dalam/dua.csv")]


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"satu.csv": TOTALS_ONE}, "dua.csv tidak disebut"),
        ({"kirim.zip": {"jumlah": 4}}, "surat pengantar 4"),
        ({"kirim.zip": {}, "satu.csv": {"jumlah": 2}}, "surat pengantar 2"),
        ({"kirim.zip": {}, "hilang.csv": {}}, "hilang.csv disebut"),
    ],
)
def test_totals_of_zips_are_held(office: Office, named: dict[str, dict[str, int]], words: str) -> None:
    """If this fails, rows lost inside a ZIP are not noticed (BRK-01)."""
    path = arrive(office, {"satu.csv": ONE, "dalam/dua.csv": TWO})
    with pytest.raises(UserError) as caught:
        receive(office, [path], write_letter(office.inbox / "surat.json", named), ABOUT)
    assert caught.value.exit_code is Exit.TOTALS
    assert words in str(caught.value)


def test_one_name_for_two_members_is_asked_about(office: Office) -> None:
    """If this fails, one total of the letter is held against two files and proves neither."""
    path = arrive(office, {"a/data.csv": ONE, "b/data.csv": TWO})
    with pytest.raises(UserError) as caught:
        receive(office, [path], write_letter(office.inbox / "surat.json", {"data.csv": {}}), ABOUT)
    assert "cocok dengan 2 berkas" in str(caught.value)


@pytest.mark.parametrize("again", ["plain", "other zip", "aes", "same receipt", "plain first"])
def test_the_same_bytes_in_another_wrapping(office: Office, again: str) -> None:
    """If this fails, residents are worked on twice because their file came zipped and unzipped (BRK-02)."""
    keep_password(office, PASSWORD)
    first = write(office.inbox / "x.csv", ONE) if again == "plain first" else arrive(office, {"satu.csv": ONE})
    paths = [first]
    if again != "same receipt":
        receive(office, paths, None, ABOUT)
        paths = []
    paths.append({
        "plain": lambda: write(office.inbox / "lain.csv", ONE),
        "other zip": lambda: arrive(office, {"lain.csv": ONE, "dua.csv": TWO}, "lain.zip"),
        "aes": lambda: locked(office.inbox / "lain.zip", {"lain.csv": ONE}),
        "same receipt": lambda: write(office.inbox / "lain.csv", ONE),
        "plain first": lambda: arrive(office, {"satu.csv": ONE}),
    }[again]())  # fmt: skip
    with pytest.raises(UserError) as caught:
        receive(office, paths, None, ABOUT)
    assert caught.value.exit_code is Exit.ALREADY_RECEIVED


def test_the_password_may_be_lost_before_loading(office: Office) -> None:
    """If this fails, a removed password file ends the run in a traceback instead of saying what is missing."""
    kept = keep_password(office, PASSWORD)
    receipt: Receipt = receive(office, [locked(office.inbox / "aes.zip", {"a.csv": ONE})], None, ABOUT)
    assert receipt.files[0]["content_sha256"] != receipt.files[0]["sha256"]
    assert receipt.files[0]["sha256"] == hashlib.sha256(archived(office, receipt.agenda, "01.zip")).hexdigest()
    kept.unlink()
    with open_store(office) as con, pytest.raises(UserError) as caught:
        load(con, office, receipt)
    assert "kata sandi" in str(caught.value)


# DBF

FIELDS = (("NIK", "C", 16), ("NO_KK", "C", 16), ("NAMA_LGKP", "C", 40), ("JENIS_KLMI", "C", 1), ("TGL_LHR", "D", 8),
          ("NO_RT", "N", 3))  # fmt: skip
PEOPLE = [resident(n) for n in range(20, 24)]


def dbf(rows: list[list[bytes]], fields: tuple[tuple[str, str, int], ...] = FIELDS, **head: int) -> bytes:
    """A DBF table by its specification; ``head``: count, version, language, marks to write instead of the true ones."""
    width = 1 + sum(length for _, _, length in fields)
    out = io.BytesIO()
    offset = 32 + 32 * len(fields) + 1
    out.write(struct.pack("<B3BIHH", head.get("version", 3), 126, 10, 5, head.get("count", len(rows)), offset,
                          head.get("width", width)))  # fmt: skip
    out.write(bytes(3) + bytes([head.get("encrypted", 0)]) + bytes(13) + bytes([head.get("language", 3)]) + bytes(2))
    for name, kind, length in fields:
        out.write(name.encode().ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([length % 256, length // 256]))
        out.write(bytes(14))
    out.write(b"\r")
    for row in rows:
        mark, *cells = row
        out.write(mark + b"".join(c.ljust(f[2])[: f[2]] for c, f in zip(cells, fields, strict=True)))
    out.write(b"\x1a")
    return out.getvalue()


def record(person: dict[str, str | None], mark: bytes = b" ", **changes: bytes) -> list[bytes]:
    values = {
        "NIK": person["NIK"],
        "NO_KK": person["NO_KK"],
        "NAMA_LGKP": person["NAMA_LGKP"],
        "JENIS_KLMI": person["JENIS_KLMIN"],
        "TGL_LHR": str(person["TGL_LHR"]).replace("-", ""),
        "NO_RT": "  1",
    }
    cells = {name: str(value).encode() for name, value in values.items()} | changes
    return [mark, *cells.values()]


def test_a_table_is_read_like_another_reader_reads_it(tmp_path: Path) -> None:
    """If this fails, a resident of a DBF table gets another value, or another number, than the table says."""
    rows = [record(PEOPLE[0]), record(PEOPLE[1], b"*"), record(PEOPLE[2], NAMA_LGKP="Ñañez É".encode("cp1252")),
            [b" ", *[b""] * 6], record(PEOPLE[3])]  # fmt: skip
    path = write(tmp_path / "data.dbf", dbf(rows))
    extract = read_extract(path, tmp_path)
    theirs = [dict(row) for row in DBF(path, encoding="cp1252")]
    assert extract.frame["line_no"].to_list() == [1, 3, 5]
    read = extract.frame.select("nik", "no_kk", "nama_lgkp", "jenis_klmin", "tgl_lhr", "no_rt").rows()
    assert read == [(t["NIK"], t["NO_KK"], t["NAMA_LGKP"], t["JENIS_KLMI"], t["TGL_LHR"].isoformat(), str(t["NO_RT"]))
                    for t in theirs if t["NIK"]]  # fmt: skip
    assert extract.layout.lines == {"rekaman terhapus": 1, "rekaman kosong": 1}
    assert (extract.physical, extract.received) == (5, 3)
    assert extract.layout.mapping["JENIS_KLMI"] == "jenis_klmin"
    assert "dBASE III" in extract.layout.kind


@pytest.mark.parametrize(
    ("language", "encoding"), [(0, "cp1252"), (1, "cp437"), (2, "cp850"), (3, "cp1252"), (0xC8, "cp1250")]
)
def test_letters_by_the_language_of_the_table(tmp_path: Path, language: int, encoding: str) -> None:
    """If this fails, the names of a table written by an old program get other letters."""
    row = record(PEOPLE[0], NAMA_LGKP="É UJI ÖÜ".encode(encoding))
    path = write(tmp_path / "data.dbf", dbf([row], language=language))
    assert read_extract(path, tmp_path).frame["nama_lgkp"][0] == "É UJI ÖÜ"


def test_damaged_records_are_rejects(tmp_path: Path) -> None:
    """If this fails, a damaged record is loaded as a resident or disappears."""
    rows = [record(PEOPLE[0]), record(PEOPLE[1], b"?"), record(PEOPLE[2], NAMA_LGKP=b"A\0B"),
            record(PEOPLE[3], NAMA_LGKP=b"A\x81B")]  # fmt: skip
    extract = read_extract(write(tmp_path / "data.dbf", dbf(rows)), tmp_path)
    assert extract.frame["line_no"].to_list() == [1]
    assert extract.rejects.select("line_no", "reason").rows() == [
        (2, "penanda rekaman tidak dikenal"), (3, "huruf tidak terbaca"), (4, "huruf tidak terbaca")]  # fmt: skip


GOOD = dbf([record(person) for person in PEOPLE])
BROKEN = {
    "cut inside a record": GOOD[:-60], "cut in the header": GOOD[:70], "no records": GOOD[:225],
    "counts more": dbf([record(p) for p in PEOPLE], count=5), "counts fewer": dbf([record(p) for p in PEOPLE], count=3),
    "counts four thousand million": dbf([record(PEOPLE[0])], count=2**32 - 1),
    "other width": dbf([record(PEOPLE[0])], width=50), "width nothing": dbf([record(PEOPLE[0])], width=0),
    "encrypted": dbf([record(PEOPLE[0])], encrypted=1), "dBASE 7": dbf([record(PEOPLE[0])], version=4),
    "Japanese": dbf([record(PEOPLE[0])], language=0x13), "text behind": GOOD + b"sisa data penduduk",
    "nothing": b"\3", "noise": bytes(range(256)) * 4,
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_table_that_lies_is_refused(tmp_path: Path, what: str) -> None:
    """If this fails, residents at the end of a table are lost, or the reader follows a header into nothing."""
    with pytest.raises(UserError) as caught:
        read_extract(write(tmp_path / "data.dbf", BROKEN[what]), tmp_path)
    assert caught.value.exit_code is Exit.FILE


def test_flipped_bytes_of_a_header_never_crash(tmp_path: Path) -> None:
    """If this fails, a damaged table ends in a traceback that may quote it."""
    for at in range(225):
        for flip in (1, 0x80, 0xFF):
            raw = bytearray(GOOD)
            raw[at] ^= flip
            try:
                extract = read_extract(write(tmp_path / "data.dbf", bytes(raw)), tmp_path)
            except UserError:
                continue
            assert extract.physical == len(PEOPLE)


def test_numbers_of_a_table_are_returned(tmp_path: Path) -> None:
    """If this fails, a NIK kept as a number has lost digits already, and is believed (BRK-04)."""
    fields = tuple((name, "N" if name in {"NIK", "NO_KK"} else kind, length) for name, kind, length in FIELDS)
    path = write(tmp_path / "data.dbf", dbf([record(person) for person in PEOPLE], fields))
    with pytest.raises(UserError) as caught:
        read_extract(path, tmp_path)
    assert [("BRK-04" in p.received) for p in caught.value.problems] == [True, True]
    memo = (*FIELDS, ("ALAMAT", "M", 10))
    with pytest.raises(UserError) as caught:
        read_extract(write(path, dbf([[*record(PEOPLE[0]), b""]], memo, version=0x83)), tmp_path)
    assert "memo" in str(caught.value)
    left_out = (*FIELDS, ("KETERANGAN", "M", 10))
    extract = read_extract(write(path, dbf([[*record(PEOPLE[0]), b""]], left_out, version=0x83)), tmp_path)
    assert extract.layout.ignored == ("KETERANGAN",)


def test_names_cut_at_ten_letters(tmp_path: Path) -> None:
    """If this fails, a column is taken for another because DBF cuts names; who is meant by half a name is asked."""
    fields = (*FIELDS, ("NAMA_LGKP_", "C", 20))
    with pytest.raises(UserError) as caught:
        read_extract(write(tmp_path / "a.dbf", dbf([[*record(PEOPLE[0]), b"X"]], fields)), tmp_path)
    assert caught.value.exit_code is Exit.COLUMNS
    assert "NAMA_LGKP_" in str(caught.value)


def test_a_large_table_in_little_memory(tmp_path: Path) -> None:
    """If this fails, a table of a whole kabupaten does not fit the office's computer."""
    row = dbf([record(PEOPLE[1])])[225:-1]
    head = bytearray(dbf([], count=200_000)[:225])
    path = write(tmp_path / "data.dbf", bytes(head) + row * 200_000 + b"\x1a")
    tracemalloc.start()
    try:
        extract = read_extract(path, tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert extract.frame.height == 200_000
    assert peak < 10 * path.stat().st_size


def test_a_table_inside_a_zip_is_received(office: Office) -> None:
    """If this fails, a zipped DBF table cannot be worked on."""
    receipt = receive(office, [arrive(office, {"data.dbf": GOOD})], None, ABOUT)
    with open_store(office) as con:
        assert load(con, office, receipt) == {"received": 4, "loaded": 4, "rejected": 0}
    assert receipt.files[0]["header_line"] == 0
    assert write_csv(office.inbox / "lain.csv", [resident(30)]).exists()
