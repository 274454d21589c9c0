"""Any mixture of good, ragged and blank lines: every line is loaded or rejected, once, under its own number (promise 1)."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from office_kit.files import write
from tasks.errors import Exit, UserError
from tasks.load import normalise
from tasks.read import read_extract

HEADER = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR")
GOOD = "3576026110629001;3576021406129001;WARGA {};2;1962-10-21"
SHAPES = {
    "good": GOOD, "plain quote": GOOD.replace("WARGA", 'O"NE'), "quoted": GOOD.replace("WARGA {}", '"A;B {}"'),
    "short": "1;2;{}", "long": GOOD + ";X;Y", "broken": GOOD.replace("WARGA {}", '"A"{}'), "blank": "", "spaces": "   ",
}  # fmt: skip
LOADED = ("good", "plain quote", "quoted")
ENDS = ("\n", "\r\n", "\r")
LINES = st.lists(st.tuples(st.sampled_from([*SHAPES, "good", "good"]), st.sampled_from(ENDS)), min_size=1, max_size=30)
TEXT = st.text(st.characters(exclude_characters='\n\r\0";', exclude_categories=("Cs",)), max_size=12)


@settings(max_examples=120)
@given(lines=LINES)
def test_no_line_is_lost_or_renumbered(tmp_path: Path, lines: list[tuple[str, str]]) -> None:
    """If this fails, a resident is lost, counted twice, or found under another line number than in an editor."""
    body = "".join(SHAPES[shape].format(at) + end for at, (shape, end) in enumerate(lines))
    path = write(tmp_path / "data.csv", ";".join(HEADER) + "\n" + body)
    good = [at for at, (shape, _) in enumerate(lines) if shape in LOADED]
    bad = [at for at, (shape, _) in enumerate(lines) if shape in ("short", "long", "broken")]
    if not good:
        try:
            read_extract(path, tmp_path)
        except UserError as error:
            assert error.exit_code is Exit.FILE
            return
    extract = read_extract(path, tmp_path)
    # \r\n written as two ends would shift numbers: count them as an editor does.
    numbers = _editor_numbers(lines)
    assert [line for line in extract.frame["line_no"]] == [numbers[at] for at in good]
    rejected = [line for line in extract.rejects["line_no"] if line not in {n for at, n in numbers.items() if at not in bad}]
    assert rejected == [numbers[at] for at in bad]
    assert extract.received == extract.frame.height + extract.rejects.height
    wanted = ["A;B {}" if lines[at][0] == "quoted" else SHAPES[lines[at][0]].split(";")[2] for at in good]
    assert extract.frame["nama_lgkp"].to_list() == [text.format(at) for text, at in zip(wanted, good, strict=True)]


def _editor_numbers(lines: list[tuple[str, str]]) -> dict[int, int]:
    """Position in ``lines`` -> line number; an empty line after \\r that itself ends in \\n is no line of its own."""
    numbers, number, before = {}, 1, "\n"
    for at, (shape, end) in enumerate(lines):
        number += 1
        numbers[at] = number
        if before == "\r" and SHAPES[shape] == "" and end.startswith("\n"):
            number -= 1
            numbers[at] = number
        before = end
    return numbers


@settings(max_examples=150)
@given(cells=st.lists(TEXT, min_size=1, max_size=8), delimiter=st.sampled_from([";", ",", "|"]))
def test_text_cells_arrive_unchanged(tmp_path: Path, cells: list[str], delimiter: str) -> None:
    """If this fails, a name or an address is not the one that was sent."""
    names = [cell.replace(delimiter, "") for cell in cells]
    lines = [delimiter.join(HEADER), *(delimiter.join(("1", "2", name, "1", "1980-01-01")) for name in names)]
    extract = read_extract(write(tmp_path / "data.csv", "\n".join(lines)), tmp_path)
    assert [name or "" for name in extract.frame["nama_lgkp"]] == names


@settings(max_examples=100)
@given(nik=st.text(st.characters(exclude_characters='\n\r\0";', exclude_categories=("Cs",)), min_size=1, max_size=20))
def test_loading_takes_only_invisible_marks_from_identifiers(tmp_path: Path, nik: str) -> None:
    """If this fails, cleaning a NIK changes a visible character of it: another person."""
    path = write(tmp_path / "data.csv", f"{';'.join(HEADER)}\n{nik};2;N;1;1980-01-01\n")
    raw = read_extract(path, tmp_path).frame
    stored = normalise(raw)["nik"][0]
    invisible = "\u00a0\u200b\u200c\u200d\ufeff\t '"
    assert (stored or "") == (raw["nik"][0] or "").strip(invisible)
