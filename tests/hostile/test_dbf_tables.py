"""DBF tables: read as another reader reads them; what is damaged, cut or lies about itself is told or sent back."""

import io
import struct
import tracemalloc
from pathlib import Path

import pytest
from dbfread import DBF
from office_kit.archives import arrive
from office_kit.files import write, write_csv
from office_kit.residents import resident
from office_kit.signers import NOW

from tasks.errors import Exit, UserError
from tasks.load import load
from tasks.office import Office
from tasks.read import read_extract
from tasks.receive import receive
from tasks.store import open_store

ABOUT = (NOW, "inbox")
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
