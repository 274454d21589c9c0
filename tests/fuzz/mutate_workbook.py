"""How workbooks, tables and archives go wrong: inside a member packed again with a right checksum, or in headers."""

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

from fuzz_seeds import zip_of
from mutate import RAW, TEXT, Damage

SHEET, STRINGS = "xl/worksheets/sheet", "xl/sharedStrings.xml"
CELL = re.compile(rb"<c [^>]*?(?:/>|>.*?</c>)", re.DOTALL)
ROW = re.compile(rb"<row [^>]*?(?:/>|>.*?</row>)", re.DOTALL)
ITEM = re.compile(rb"<si>.*?</si>", re.DOTALL)
VALUES = (b"0", b"1", b"-1", b"99999", b"3576026110629001", b"45000", b"1.5", b"1e5", b"NaN", b"inf", b"", b" 3 ", b"x",
          b"TRUE", b"1962-10-21", b"#N/A", b"&amp;", b"&#65;", b"&aneh;", b"<![CDATA[2]]>", b"3<!-- x -->4",
          b"3576</v><v>0",
          b"_x0041_", b"\xc3", b"\x01", b"00", b"+2", b"2.0", b"0x1")  # fmt: skip
REFERENCES = (b"A1", b"B2", b"C3", b"a2", b"A0", b"A", b"2", b"", b"$B$2", b"XFD1048576", b"XFE1", b"ZZZZ9",
              b"B99999999999",
              b"AA3", b"B-2", b" B2", b"B2:B3", b"H200", b"\xc3\x84\x32")  # fmt: skip
TYPES = (b"s", b"n", b"str", b"inlineStr", b"b", b"e", b"d", b"x", b"", b"S")
MARKUP = (b"<!DOCTYPE x>", b'<!ENTITY a "b">', b"<!-- x -->", b"<![CDATA[x]]>", b"<?pi x?>", b"<extLst/>",
          b"<r><t>x</t></r>", b"<rPh sb='0' eb='1'><t>x</t></rPh>", b"&#x0;", b"&lt;", b"<t>x</t>", b"</t>", b"<t/>",
          b"<v>1</v>",
          b"<f>1+1</f>", b"<c r='B2'><v>1</v></c>", b"<row r='2'/>", b"<phoneticPr/>")  # fmt: skip
NAMES = ("XL/workbook.xml", "../x.xml", "xl/workbook.xml", "/x", "xl\\x.xml", "C:x", "xl/vbaProject.bin", "xl/x.xml",
         "x\u00e9.bin", "[Content_Types].xml", "xl/worksheets/sheet9.xml", "mimetype")  # fmt: skip
Edit = Callable[[random.Random, bytes], bytes]


def _in_member(pattern: str, edit: Edit) -> Damage:
    """Changes one member of those whose name matches and packs everything again."""

    def damage(chance: random.Random, raw: bytes, _: bytes) -> bytes:
        members = _members(raw)
        fitting = [name for name in members if re.search(pattern, name) and members[name]]
        if fitting:
            name = chance.choice(fitting)
            members[name] = edit(chance, members[name])
        return zip_of(members)

    return damage


def _members(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _one_of(found: re.Pattern[bytes], change: Callable[[random.Random, bytes], bytes]) -> Edit:
    """Changes one match; nothing matches: one bit."""

    def edit(chance: random.Random, text: bytes) -> bytes:
        matches = list(found.finditer(text))
        if not matches:
            return RAW["bit"](chance, text, text)
        match = chance.choice(matches)
        return text[: match.start()] + change(chance, match[0]) + text[match.end() :]

    return edit


def _attribute(name: bytes, values: tuple[bytes, ...]) -> Callable[[random.Random, bytes], bytes]:
    def change(chance: random.Random, tag: bytes) -> bytes:
        new = b' %s="%s"' % (name, chance.choice(values)) if chance.random() < 0.9 else b""
        head, mark, rest = tag.partition(b">")
        old = re.search(rb'\s%s="[^"]*"' % name, head)
        if chance.random() < 0.5 and old and old[0][-2:-1].isdigit():  # only its number, by one or ten
            step = chance.choice((1, -1, 10))
            new = re.sub(rb"\d+(?=\")", lambda digits: b"%d" % max(0, int(digits[0]) + step), old[0])
        head = (
            head[: old.start()] + new + head[old.end() :]
            if old
            else head.rstrip(b"/") + new + b"/" * head.endswith(b"/")
        )
        return head + mark + rest

    return change


def _value(chance: random.Random, cell: bytes) -> bytes:
    if chance.random() < 0.4:  # another index or number
        return re.sub(rb"<v>\d+", lambda digits: b"<v>%d" % chance.randrange(int(digits[0][3:]) + 5), cell)
    return re.sub(rb"(<v>|<t[^>]*>)[^<]*", lambda opening: opening[1] + chance.choice(VALUES), cell)


def _markup(chance: random.Random, text: bytes) -> bytes:
    ends = [match.end() for match in re.finditer(rb">", text)]
    at = chance.choice(ends or [0])
    return text[:at] + chance.choice(MARKUP) + text[at:]


def _copied(found: re.Pattern[bytes]) -> Edit:
    def edit(chance: random.Random, text: bytes) -> bytes:
        matches = [match[0] for match in found.finditer(text)]
        if not matches:
            return _markup(chance, text)
        copied = chance.choice(matches)
        return _one_of(found, lambda _, match: match + copied)(chance, text)

    return edit


def _dimension(chance: random.Random, text: bytes) -> bytes:
    new = chance.choice((b"A1", b"A1:B2", b"A1:XFD1048576", b"B5:C9", b"", b"C3:A1", b"A1:G4", b"x", b"A0:Z0"))
    return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="%s"' % new, text)


def _relations(chance: random.Random, text: bytes) -> bytes:
    old, new = chance.choice((
        (b"Target=", b'TargetMode="External" Target='), (b"sheet1.xml", b"sheet2.xml"), (b"rId1", b"rId2"),
        (b"rId", b"RID"), (b"worksheets/", b"/xl/worksheets/"), (b"worksheets/", b"../xl/worksheets/"), (b"styles",
        b"sharedStrings"),
        (b"sharedStrings.xml", b"none.xml"), (b'/worksheet"', b'/chartsheet"'), (b'Target="', b'Target="https://x.id/'),
        (b"</Relationships>", b'<Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/></Relationships>'),
    ))  # fmt: skip
    return text.replace(old, new, chance.choice((1, -1)))


def _sheet_list(chance: random.Random, text: bytes) -> bytes:
    old, new = chance.choice((
        (b"<sheet ", b'<sheet name="Lain" sheetId="9" r:id="rId1"/><sheet '), (b"rId1", b"rId2"),
        (b'state="visible"', b""), (b"<sheet ", b'<sheet state="hidden" '), (b'sheetId="1"', b'sheetId="x"'),
        (b"<sheets>", b"<sheets><x/>"),
        (b"name=", b"nama="), (b"<workbookPr", b'<workbookPr date1904="1"'), (b"r:id=", b"id="), (b"</sheets>", b""),
    ))  # fmt: skip
    return text.replace(old, new, 1)


def _renamed(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """Another member name, one member more, one less, or their order."""
    members = list(_members(raw).items())
    at, what = chance.randrange(len(members)), chance.choice(("name", "more", "less", "order"))
    if what == "name":
        members[at] = (chance.choice(NAMES), members[at][1])
    elif what == "more":
        members.insert(at, (chance.choice(NAMES), chance.choice(members)[1]))
    elif what == "less":
        del members[at]
    else:
        chance.shuffle(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            if name not in archive.namelist():
                archive.writestr(info, content)
    return out.getvalue()


def _lying(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """A number in one header of the container that is not true: version, flags, method, CRC, sizes, offsets, counts."""
    heads = [(match.start(), match[0]) for match in re.finditer(rb"PK(?:\x01\x02|\x03\x04|\x05\x06)", raw)]
    at, mark = chance.choice(heads)
    places = {b"PK\x01\x02": ((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (42, 4)),
              b"PK\x03\x04": ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
              b"PK\x05\x06": ((4, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2))}  # fmt: skip
    offset, size = chance.choice(places[mark])
    now = int.from_bytes(raw[at + offset : at + offset + size], "little")
    lie = chance.choice((0, 1, now + 1, now - 1, now * 2, 8, 99, (1 << 8 * size) - 1, now ^ 8)) % (1 << 8 * size)
    return raw[: at + offset] + lie.to_bytes(size, "little") + raw[at + offset + size :]


def _header_disagrees(chance: random.Random, raw: bytes, other: bytes) -> bytes:
    """Sizes (and checksums) lie together in both headers of a member: a shorter member that looks whole."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        info = chance.choice(archive.infolist())
        content = archive.read(info)
    cut = content[: chance.randrange(1, len(content) + 1)] if len(content) > 1 else other[:9]
    old = struct.pack("<III", info.CRC, info.compress_size, info.file_size)
    crc = zlib.crc32(cut) if chance.random() < 0.8 else info.CRC
    return raw.replace(old, struct.pack("<III", crc, info.compress_size, len(cut)))


def _inner(kinds: tuple[str, ...]) -> Edit:
    def edit(chance: random.Random, text: bytes) -> bytes:
        return RAW[chance.choice(kinds)](chance, text, text)

    return edit


def _item(chance: random.Random, item: bytes) -> bytes:
    return chance.choice((b"", item * 2, _markup(chance, item)))


WORKBOOK: dict[str, Damage] = {
    **RAW,
    "bit di dalam": _in_member("sheet|haredStrings", _inner(("bit",))),
    "byte di dalam": _in_member(".", _inner(("sisip", "hilang", "ganda", "tukar", "potong", "bit"))),
    "indeks teks": _in_member(SHEET, _one_of(CELL, _value)),
    "alamat sel": _in_member(SHEET, _one_of(CELL, _attribute(b"r", REFERENCES))),
    "jenis sel": _in_member(SHEET, _one_of(CELL, _attribute(b"t", TYPES))),
    "gaya sel": _in_member(SHEET, _one_of(CELL, _attribute(b"s", (b"0", b"1", b"2", b"99", b"-1", b"x")))),
    "nomor baris": _in_member(SHEET, _one_of(ROW, _attribute(b"r", (b"0", b"1", b"2", b"9999999", b"-1", b"x", b"")))),
    "sel ganda": _in_member(SHEET, _copied(CELL)),
    "sel hilang": _in_member(SHEET, _one_of(CELL, lambda *_: b"")),
    "baris ganda": _in_member(SHEET, _copied(ROW)),
    "baris hilang": _in_member(SHEET, _one_of(ROW, lambda *_: b"")),
    "dimensi": _in_member(SHEET, _dimension),
    "teks bersama": _in_member(STRINGS, _one_of(ITEM, _item)),
    "isi XML": _in_member("sheet|haredStrings|workbook", _markup),
    "DOCTYPE": _in_member(r"\.xml$", lambda _, text: text.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)),
    "relasi": _in_member(r"workbook\.xml\.rels$", _relations),
    "daftar lembar": _in_member(r"xl/workbook\.xml$", _sheet_list),
    "anggota": _renamed,
    "kepala ZIP": _lying,
    "kepala ZIP sepakat": _header_disagrees,
}  # fmt: skip


def _record(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """One BIFF record of an XLS: a byte of its head or body, or the record twice, gone or in another's place."""
    places, at = [], 512
    while at + 4 <= len(raw):
        kind, size = struct.unpack_from("<HH", raw, at)
        if not kind:
            break
        places.append((at, 4 + size))
        at += 4 + size
    cells = [
        place
        for place in places
        if struct.unpack_from("<H", raw, place[0])[0] in {0xFD, 0xFC, 0x208, 0x200, 0x85, 0x3C}
    ]
    at, size = chance.choice(cells if cells and chance.random() < 0.8 else places)
    what, record, end = chance.choice(("byte", "byte", "byte", "twice", "gone", "type")), raw[at : at + size], at + size
    if what == "byte":
        place = at + chance.randrange(size)
        return raw[:place] + bytes([chance.choice((0, 1, 255, chance.randrange(256)))]) + raw[place + 1 :]
    if what == "type":
        kind = chance.choice((0xFD, 0x203, 0x27E, 0xBD, 0x204, 0x201, 0x06, 0x205, 0x0A, 0x3C, 0x2F))
        return raw[:at] + struct.pack("<H", kind) + raw[at + 2 :]
    stream = raw[:end] + record + raw[end:] if what == "twice" else raw[:at] + raw[end:]
    return stream[: len(raw)].ljust(len(raw), b"\0")


XLS: dict[str, Damage] = {**RAW, "rekaman BIFF": _record}


def _table_head(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    at = chance.choice((0, 4, 5, 8, 9, 10, 15, 29, *range(32, 32 * 8)))
    return (
        raw[:at]
        + bytes([chance.choice((0, 1, 3, 0x20, 0x2A, 255, (raw[at] + 1) % 256, chance.randrange(256)))])
        + raw[at + 1 :]
    )


def _table_cell(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    at = chance.randrange(32 * 8 + 1, len(raw))
    return (
        raw[:at]
        + bytes([chance.choice((0, 0x1A, 0x2A, 0x20, 0x81, 0xE9, 0x0A, chance.randrange(256)))])
        + raw[at + 1 :]
    )


DBF: dict[str, Damage] = {**RAW, "kepala tabel": _table_head, "isi tabel": _table_cell}


ZIP: dict[str, Damage] = {
    **RAW, "anggota": _renamed, "kepala ZIP": _lying, "kepala ZIP sepakat": _header_disagrees,
    "isi anggota": _in_member(r"\.(csv|tsv|dbf|xls)$", _inner(tuple(RAW))),
}  # fmt: skip
KINDS: dict[str, dict[str, Damage]] = {
    ".csv": TEXT, ".tsv": TEXT, ".txt": TEXT, ".xlsx": WORKBOOK, ".xls": XLS, ".dbf": DBF, ".zip": ZIP,
}  # fmt: skip
