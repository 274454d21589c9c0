"""Any mixture of good, ragged and layout lines: each is loaded, rejected or named, once, under its own number."""

import csv
import re
from collections import Counter
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.files import write

from expectations.columns import STORED
from tasks.errors import UserError
from tasks.normalise import INVISIBLE, normalise
from tasks.read.extract import Extract
from tasks.read.text import read_text

HEADER = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR")
CELLS = [name.lower() for name in HEADER]
GOOD = "3576026110629001;3576021406129001;{};2;1962-10-21"
LOADED = {"good": "WARGA É {}", "inner quote": 'O"NE {}', "quoted": '"A""B {}"', "minus": "-", "plus": "+62{}", "": ""}
FORMULAS = {
    "equals": "=1+{}",
    "quoted": '"=A{}"',
    "at": "@SUM({})",
    "plus": "+cmd{}",
    "space": " =cmd!{}",
    "-": "-2+A({})",
}
BROKEN = {
    "short": ("1;2;{}", "kurang kolom"), "long": (GOOD + ";X;Y", "terlalu banyak kolom"),
    "after quote": (GOOD.replace("{}", '"A"{}'), "tanda kutip tidak ditutup"),
    **{f"formula {name}": (GOOD.replace("{}", cell), "rumus") for name, cell in FORMULAS.items()},
}  # fmt: skip
LAYOUT = {
    "baris kosong": ["", "   ", ";;;;", ' ; ;" ";;'],
    "judul berulang": [";".join(HEADER), "Nik;No. KK;nama_lgkp;jenis klmin;tgl_lhr"],
    "nomor kolom": ["1;2;3;4;5", "(1);(2);(3);(4);(5)"],
    "baris jumlah": ["JUMLAH;;;25;", ";Total:;;12;13", '"JUMLAH TOTAL";25;;;'],
}  # fmt: skip
SHAPES = (
    [("row", GOOD.replace("{}", cell)) for cell in LOADED.values()] * 3
    + [(reason, text) for text, reason in BROKEN.values()]
    + [(kind, text) for kind, texts in LAYOUT.items() for text in texts]
)
TITLES = ["", "DATA PENDUDUK", "sep=;", 'Kelurahan "Kranggan', "  ", "a;b;c;d;e"]
ENDS = st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\n", "\r", "\r\n"]])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
CELL = st.text(
    st.characters(exclude_characters='\n\r\0";=@+-\t\uff1d\uff20\uff0b', exclude_categories=("Cs",)), max_size=12
)
WILD = st.text(st.sampled_from('ab1É ;;;;"""'), max_size=24)


def read(path: Path) -> Extract:
    extract = read_text(path, path.parent)
    extract.check_conservation()
    return extract


def joined(lines: list[str], ends: list[str]) -> str:
    """The lines with their ends, which take turns; a lone CR never stands before an LF that belongs to the next."""
    return "".join(line + ends[at % len(ends)] for at, line in enumerate(lines))


@settings(max_examples=100, deadline=None)
@given(
    shapes=st.lists(st.sampled_from(SHAPES), max_size=30), titles=st.lists(st.sampled_from(TITLES), max_size=3),
    ends=ENDS, encoding=ENCODINGS, delimiter=st.sampled_from([";", "\t", "|"]), final=st.booleans(),
)  # fmt: skip
def test_no_line_is_lost_or_renumbered(  # noqa: PLR0913, PLR0917 - one file has all of these at once
    tmp_path: Path, shapes: list[tuple[str, str]], titles: list[str], ends: list[str], encoding: str, delimiter: str,
    final: bool,
) -> None:  # fmt: skip
    """If this fails, a resident is lost, counted twice, changed, or found under another line number."""
    body = [(kind, text.format(at) if "{}" in text else text) for at, (kind, text) in enumerate(shapes)]
    lines = [text.replace(";", delimiter) for text in (*titles, ";".join(HEADER), *(text for _, text in body))]
    raw = joined(lines, ends)
    raw = raw if final or not lines[-1] else raw.rstrip("\r\n")
    extract = read(write(tmp_path / "data.csv", raw.encode(encoding)))

    physical = re.split(r"\r\n|\n|\r", raw)
    assert extract.physical == len(physical) - (physical[-1] == "") == len(lines)
    assert extract.layout.header_line == len(titles) + 1
    numbered = [(number, kind, lines[number - 1]) for number, (kind, _) in enumerate(body, start=len(titles) + 2)]
    expected = [(number, *(cell or None for cell in next(csv.reader([text], delimiter=delimiter))))
                for number, kind, text in numbered if kind == "row"]  # fmt: skip
    assert extract.frame.select("line_no", *CELLS).rows() == expected
    damaged = [(number, kind, text) for number, kind, text in numbered if kind not in LAYOUT and kind != "row"]
    assert extract.rejects.rows() == damaged
    named = Counter(kind for _, kind, _ in numbered if kind in LAYOUT)
    named.update("di atas judul" if title else "baris kosong" for title in titles)
    assert extract.layout.lines == dict(named) | {"judul": 1}


def one_line(text: str) -> list[str] | None:
    """The cells of one line, read on our own; None where a quoted cell does not end properly.

    Empty cells too many (separators at the end of the line) hold nothing and are no fault.
    """
    cells: list[str] = []
    rest: str | None = text
    while rest is not None:
        quoted = re.match(r' *"((?:[^"]|"")*)" *(?:;|$)', rest)
        if quoted:
            cells.append(quoted[1].replace('""', '"'))
            rest = rest[quoted.end() :] if quoted[0].endswith(";") else None
        elif re.match(r' *"', rest):
            return None
        else:
            cell, separator, after = rest.partition(";")
            cells.append(cell)
            rest = after if separator else None
    while len(cells) > len(HEADER) and not cells[-1]:
        cells.pop()
    return cells


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(WILD, min_size=1, max_size=8), ends=ENDS)
def test_wild_quotes_change_no_cell_silently(tmp_path: Path, lines: list[str], ends: list[str]) -> None:
    """If this fails, a stray quote gives a resident the name of another, and nobody is told."""
    path = write(tmp_path / "data.csv", joined([";".join(HEADER), GOOD.format("A"), *lines], ends).encode())
    try:
        extract = read(path)
    except UserError:
        assert None in map(one_line, lines), "refused without an open quote"
        return
    for number, *cells in extract.frame.select("line_no", *CELLS).rows():
        text = [GOOD.format("A"), *lines][number - 2]
        assert [cell or "" for cell in cells] == one_line(text)
    for number, _, text in extract.rejects.rows():
        assert text == lines[number - 3]
        cells_of = one_line(text)
        assert cells_of is None or len(cells_of) != len(HEADER), "a whole line was rejected"


@settings(max_examples=40, deadline=None)
@given(cells=st.lists(CELL, min_size=1, max_size=20), delimiter=st.sampled_from([";", ",", "|"]))
def test_text_cells_arrive_unchanged(tmp_path: Path, cells: list[str], delimiter: str) -> None:
    """If this fails, a name or an address is not the one that was sent."""
    names = [cell.replace(delimiter, "") for cell in cells]
    lines = [delimiter.join(HEADER), *(delimiter.join(("1", "2", name, "1", "1980-01-01")) for name in names)]
    extract = read(write(tmp_path / "data.csv", "\n".join(lines)))
    assert [name or "" for name in extract.frame["nama_lgkp"]] == names


@settings(max_examples=25)
@given(niks=st.lists(CELL, min_size=1, max_size=30))
def test_loading_takes_only_invisible_marks_from_identifiers(niks: list[str]) -> None:
    """If this fails, cleaning a NIK changes a visible character of it: another person."""
    empty = {name: pl.Series([None] * len(niks), dtype=pl.String) for name in STORED}
    frame = pl.DataFrame({"line_no": range(2, len(niks) + 2), **empty}).with_columns(pl.Series("nik", niks))
    assert normalise(frame)["nik"].to_list() == [nik.strip(INVISIBLE) for nik in niks]
