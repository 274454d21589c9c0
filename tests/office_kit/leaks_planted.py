"""One person hidden in every way that the scanner of leaks must see through: name of the way -> bytes of a file."""

import base64
import gzip
import html
import io
import json
import sqlite3
import tempfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import typst

NIK, NAME, BORN = "3576021708839077", "MELATIZQAR WIJAYAZQAR", "1983-08-17"
PERSON = {"NIK": NIK, "NAMA_LGKP": NAME, "TGL_LHR": BORN, "ALAMAT": "JL PERCOBAANZQAR 9", "NO_KK": "3576022909129077"}
DIGESTS = b" ".join(b"%064x" % (7**n) for n in range(1, 20))  # what hardly can be compressed
TOLD = f"baris 7: {NAME}, NIK {NIK}".encode()


def _sqlite(change: Callable[[sqlite3.Connection], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        con = sqlite3.connect(Path(folder) / "a.db")
        con.execute("pragma secure_delete = off")
        con.execute("create table log (id integer, message text, body blob)")
        change(con)
        con.commit()
        con.close()
        return (Path(folder) / "a.db").read_bytes()


def _cell(message: str, body: bytes | None = None) -> bytes:
    return _sqlite(lambda con: con.execute("insert into log values (1, ?, ?)", (message, body)))


def _deleted(con: sqlite3.Connection) -> None:
    con.execute("insert into log values (1, ?, null)", (TOLD.decode(),))
    con.commit()
    con.execute("delete from log")


def _zip(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def _copy(value: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.duckdb"
        with duckdb.connect(str(path)) as con:
            con.execute(
                "create table hasil as select i, if(i = 70000, ?, 'aman') as kelurahan from range(90000) r(i)", [value]
            )
        return path.read_bytes()


def _pdf(source: str) -> bytes:
    return bytes(typst.compile(source.encode(), format="pdf"))


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def _base64(before: int) -> bytes:
    return base64.b64encode(b"x" * before + TOLD)


WAYS: dict[str, bytes] = {
    "plain": TOLD,
    "lower case": TOLD.lower(),
    "one word of the name": b"pasangan dari Wijayazqar",
    "address": b"di Jl Percobaanzqar",
    "family card": b"KK 3576022909129077",
    "blanks in the NIK": b"3576 0217 0883 9077",
    "dots in the NIK": b"357602.170883.9077",
    "hyphens in the NIK": "3576-02\u201117-08-83-9077".encode(),
    "every digit apart": " ".join(NIK).encode(),
    "first 12 digits": f"{NIK[:12]}****".encode(),
    "last 12 digits": f"****{NIK[4:]}".encode(),
    "masked, but for the birthday": b"W*** M*** 357602******9077 1983-08-17",
    "birthday as people write it": b"lahir 17 Agustus 1983",
    "birthday with slashes": b"17/08/1983",
    "in a URL": f"?nama={urllib.parse.quote(NAME)}".encode(),
    "in a URL, every letter": "".join(f"%{letter:02X}" for letter in NAME.encode()).encode(),
    "in JSON": json.dumps({"a": _escaped(NIK)}).encode(),
    "in JSON in JSON": json.dumps(json.dumps({"a": _escaped(NAME)})).encode(),
    "beside half a character": rf"\udcff{_escaped(NAME)}\ud800".encode(),
    "Python's bytes": "".join(f"\\x{letter:02x}" for letter in NAME.encode()).encode(),
    "HTML entities": "".join(f"&#{ord(letter)};" for letter in NAME).encode(),
    "HTML entities, hexadecimal": "".join(f"&#x{ord(letter):x};" for letter in NIK).encode(),
    "HTML in JSON": json.dumps(html.escape("".join(f"&#{ord(letter)};" for letter in NAME))).encode(),
    "wide digits": NIK.translate({48 + n: 0xFF10 + n for n in range(10)}).encode(),
    "broken up by marks nobody sees": "\u200b".join(NAME).encode(),
    **{f"base64 at {before}": _base64(before) for before in range(3)},
    "base64 in lines": base64.encodebytes(b"x" * 50 + TOLD),
    "base64 in lines in JSON": json.dumps(base64.encodebytes(zlib.compress(DIGESTS + TOLD)).decode()).encode(),
    "base64 for addresses": base64.urlsafe_b64encode(b"\xfb\xef" + TOLD),
    "base64 in base64": base64.b64encode(base64.b64encode(TOLD)),
    "a word in base64": base64.b64encode(b"Melatizqar"),
    "hexadecimal": TOLD.hex().encode(),
    "hexadecimal, large": TOLD.hex().upper().encode(),
    "UTF-16": TOLD.decode().encode("utf-16-le"),
    "UTF-16, the other end first": TOLD.decode().encode("utf-16-be"),
    "compressed": zlib.compress(TOLD),
    "gzip": gzip.compress(TOLD),
    "compressed in base64": base64.b64encode(zlib.compress(json.dumps({"x": TOLD.decode()}).encode())),
    "compressed in hexadecimal": zlib.compress(TOLD).hex().encode(),
    "a database's text": _cell(json.dumps({"pesan": _escaped(NAME)})),
    "a database's blob": _cell("", zlib.compress(TOLD)),
    "a database's base64": _cell(base64.b64encode(gzip.compress(TOLD)).decode()),
    "a deleted row": _sqlite(_deleted),
    "an archive": _zip("sheet.xml", TOLD),
    "a name in an archive": _zip(f"{NIK}.xml", b"kosong"),
    "an archive in an archive": _zip("a.zip", _zip("b.txt", TOLD)),
    "the analysts' copy": _copy(NAME),
    "a page": _pdf(f"Baris {NAME}"),
    "a page's title": _pdf(f'#set document(title: "{NIK}")\nkosong'),
    "among bytes of no text": b"\xff\xfe\x00\x80" + TOLD + b"\x80\xff",
}
# What may be told: masks, other people, and what resembles.
HARMLESS: dict[str, bytes] = {
    "masks": b"357602******9077 M********* W*********** 1983-**-** (16 karakter)",
    "the office": b"198502022010011902 UJI Kasi 2026-10-06 agenda 2026-0001",
    "a part too short": NIK[:6].encode() + b"x" + NIK[6:].encode()[:9],
    "digests": DIGESTS,
    "a database": _cell("3 baris, 0 masalah", zlib.compress(b"3576021")),
}
