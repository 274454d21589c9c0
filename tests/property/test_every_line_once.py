"""Any mixture of good, ragged and blank lines: each is loaded or rejected, once, under its own number (promise 1)."""

from pathlib import Path

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from office_kit.files import write

from expectations.columns import STORED
from tasks.load import INVISIBLE, normalise
from tasks.read import read_extract

HEADER = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR")
GOOD = "3576026110629001;3576021406129001;WARGA {};2;1962-10-21"
LOADED = {"good": GOOD, "inner quote": GOOD.replace("WARGA", 'O"NE'), "quoted": GOOD.replace("WARGA {}", '"A;B {}"')}
BROKEN = {"short": "1;2;{}", "long": GOOD + ";X;Y", "after quote": GOOD.replace("WARGA {}", '"A"{}')}
SHAPES = LOADED | BROKEN | {"blank": ""}
LINES = st.lists(st.tuples(st.sampled_from([*SHAPES, "good", "good"]), st.sampled_from(["\n", "\r\n"])), max_size=30)
CELL = st.text(st.characters(exclude_characters='\n\r\0";', exclude_categories=("Cs",)), max_size=12)


def name_in(shape: str, at: int) -> str:
    return {"good": f"WARGA {at}", "inner quote": f'O"NE {at}', "quoted": f"A;B {at}"}[shape]


@settings(max_examples=60)
@given(lines=LINES)
def test_no_line_is_lost_or_renumbered(tmp_path: Path, lines: list[tuple[str, str]]) -> None:
    """If this fails, a resident is lost, counted twice, or found under another line number than in an editor."""
    numbered = [(number, shape) for number, (shape, _) in enumerate(lines, start=2)]
    good = [(number, name_in(shape, number)) for number, shape in numbered if shape in LOADED]
    assume(good)
    body = "".join(SHAPES[shape].format(number) + end for number, (shape, end) in enumerate(lines, start=2))
    extract = read_extract(write(tmp_path / "data.csv", ";".join(HEADER) + "\n" + body), tmp_path)
    assert extract.frame.select("line_no", "nama_lgkp").rows() == good
    assert extract.rejects["line_no"].to_list() == [number for number, shape in numbered if shape in BROKEN]
    assert extract.received == extract.frame.height + extract.rejects.height


@settings(max_examples=40)
@given(cells=st.lists(CELL, min_size=1, max_size=20), delimiter=st.sampled_from([";", ",", "|"]))
def test_text_cells_arrive_unchanged(tmp_path: Path, cells: list[str], delimiter: str) -> None:
    """If this fails, a name or an address is not the one that was sent."""
    names = [cell.replace(delimiter, "") for cell in cells]
    lines = [delimiter.join(HEADER), *(delimiter.join(("1", "2", name, "1", "1980-01-01")) for name in names)]
    extract = read_extract(write(tmp_path / "data.csv", "\n".join(lines)), tmp_path)
    assert [name or "" for name in extract.frame["nama_lgkp"]] == names


@settings(max_examples=25)
@given(niks=st.lists(CELL, min_size=1, max_size=30))
def test_loading_takes_only_invisible_marks_from_identifiers(niks: list[str]) -> None:
    """If this fails, cleaning a NIK changes a visible character of it: another person."""
    empty = {name: pl.Series([None] * len(niks), dtype=pl.String) for name in STORED}
    frame = pl.DataFrame({"line_no": range(2, len(niks) + 2), **empty}).with_columns(pl.Series("nik", niks))
    assert normalise(frame)["nik"].to_list() == [nik.strip(INVISIBLE) for nik in niks]
