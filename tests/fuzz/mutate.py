"""How bytes and lines go wrong on their way: each kind of damage as a function of chance and a good file."""

import random
from collections.abc import Callable

Damage = Callable[[random.Random, bytes, bytes], bytes]  # chance, the file, another good file
SEPARATORS = ";,|\t"
INSERTED = (b'"', b'""', b";", b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"=", b" ",
            b"\xa0", b"'", b"\x1a", b"\xe2\x80\x8b", b"\\", b"#", b"\x0b", b"\x85", b"\xe2\x80\xa8")  # fmt: skip
CELLS = ("", '"', '""', '"x', 'x"y', ' "a" ', '"a"b', "=1+1", "@SUM(A1)", "NULL", "\u00a0", "x" * 300, "3.57E+15", "-",
         '"a;b,c|d\te"', '"a\nb"', "0", "(1)", "JUMLAH", "'3576", " ", "\\", "\\N", "+62", "NaN",
         "a\u2028b")  # fmt: skip


def flip(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """One bit."""
    at = chance.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]


def insert(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """Some bytes that were not there."""
    at = chance.randrange(len(raw) + 1)
    return (
        raw[:at]
        + (chance.choice(INSERTED) if chance.random() < 0.7 else chance.randbytes(chance.randint(1, 9)))
        + raw[at:]
    )


def delete(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """Some bytes missing."""
    at = chance.randrange(len(raw))
    return raw[:at] + raw[at + chance.choice((1, 1, 2, 3, 16, 100)) :]


def duplicate(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """A piece twice."""
    at, size = chance.randrange(len(raw)), chance.choice((1, 2, 8, 64, 200))
    return raw[: at + size] + raw[at:]


def swap(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """Two pieces in each other's place."""
    size = chance.choice((1, 2, 8, 32))
    one, two = sorted((chance.randrange(len(raw)), chance.randrange(len(raw))))
    if two - one < size:
        return raw[:one] + raw[one : one + 2][::-1] + raw[one + 2 :]
    return raw[:one] + raw[two : two + size] + raw[one + size : two] + raw[one : one + size] + raw[two + size :]


def truncate(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """The end is missing."""
    return raw[: chance.randrange(len(raw))]


def splice(chance: random.Random, raw: bytes, other: bytes) -> bytes:
    """The beginning of one file, the end of another."""
    return raw[: chance.randrange(len(raw))] + other[chance.randrange(len(other)) :]


RAW: dict[str, Damage] = {"bit": flip, "sisip": insert, "hilang": delete, "ganda": duplicate, "tukar": swap,
                          "potong": truncate, "sambung": splice}  # fmt: skip


def _lines(raw: bytes) -> tuple[list[str], str]:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    return raw.decode(encoding, "replace").splitlines(keepends=True) or [""], encoding


def _of_lines(change: Callable[[random.Random, list[str]], None]) -> Damage:
    def damage(chance: random.Random, raw: bytes, _: bytes) -> bytes:
        lines, encoding = _lines(raw)
        change(chance, lines)
        return "".join(lines).encode(encoding, "replace")

    return damage


def _line_dropped(chance: random.Random, lines: list[str]) -> None:
    del lines[chance.randrange(len(lines))]


def _line_twice(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    lines.insert(chance.randrange(len(lines) + 1), lines[at])


def _line_joined(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at].rstrip("\r\n")


def _line_end(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at].rstrip("\r\n") + chance.choice(
        ("\r", "\n", "\r\n", "\n\n", "\r\r\n", "\n\r", " \n", "\x85", "\x1e\n")
    )


def _line_quoted(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    end = chance.choice((at, at, min(at + 1, len(lines) - 1)))
    place = chance.randrange(len(lines[at]) + 1) if chance.random() < 0.6 else 0
    lines[at] = lines[at][:place] + '"' + lines[at][place:]
    if chance.random() < 0.5:
        place = chance.randrange(len(lines[end]) + 1)
        lines[end] = lines[end][:place] + '"' + lines[end][place:]


def _separator(chance: random.Random, lines: list[str]) -> None:
    found = max(SEPARATORS, key=lambda mark: sum(line.count(mark) for line in lines))
    new = chance.choice([mark for mark in SEPARATORS + ": " if mark != found])
    at = chance.randrange(len(lines))
    every = chance.random() < 0.3
    for line in range(len(lines)) if every else [at]:
        lines[line] = lines[line].replace(found, new, -1 if every or chance.random() < 0.5 else 1)


def _cell(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    found = max(SEPARATORS, key=lines[at].count)
    cells = lines[at].split(found)
    place = chance.randrange(len(cells))
    kept = cells[place][len(cells[place].rstrip("\r\n")) :]
    new = chance.choice(CELLS).encode("utf-8").decode("latin-1")
    cells[place : place + chance.choice((1, 1, 1, 0))] = [new + (kept if place == len(cells) - 1 else "")]
    lines[at] = found.join(cells)


def encode_again(chance: random.Random, raw: bytes, _: bytes) -> bytes:
    """Read in one encoding and written in another, or with another mark in front, as careless programs do."""
    text = raw.decode(chance.choice(("utf-8", "cp1252", "latin-1", "utf-16")), "replace")
    return chance.choice((b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) + text.encode(
        chance.choice(("utf-8", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp437", "utf-8-sig")),
        "replace",
    )


TEXT: dict[str, Damage] = {
    **RAW, "baris hilang": _of_lines(_line_dropped), "baris ganda": _of_lines(_line_twice),
    "baris tersambung": _of_lines(_line_joined), "akhir baris": _of_lines(_line_end), "kutip": _of_lines(_line_quoted),
    "pemisah": _of_lines(_separator), "sel": _of_lines(_cell), "enkode": encode_again,
}  # fmt: skip
