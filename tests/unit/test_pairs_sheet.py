"""Sheet "Pasangan" of Staff's worksheet: both values and the reason in one cell per field, and what Staff answers."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office_kit.residents import again, born, nik_of, resident
from office_kit.sheets import LATER, answer, edit, fill
from office_kit.small import RESIDENTS, Opened, row_ids

from expectations.matching import shipped
from expectations.outcomes import VERDICTS
from tasks.errors import UserError
from tasks.worksheet import parse_worksheet, write_worksheet

FIELDS = [(field.label.upper(), field.column) for field in shipped().fields]
LOSER, WINNER, BIOMETRIC = row_ids("loser")[0], row_ids("winner")[0], row_ids("biometric")[0]
Pair = dict[str, Any]


@pytest.fixture
def path(opened: Opened) -> Path:
    return write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)


def pairs(path: Path) -> dict[str, Pair]:
    """Key of the pair -> heading -> cell."""
    rows = list(openpyxl.load_workbook(path)["Pasangan"].iter_rows(min_row=2))
    heads = [cell.value for cell in rows[0]]
    return {row[0].value: dict(zip(heads, row, strict=True)) for row in rows[1:]}


def of_persons(number: int, serial: int) -> str:
    """Key of the two register records of one resident of the small office."""
    person = resident(number)
    other = again(person, NIK=nik_of(born(person), str(person["JENIS_KLMIN"]), 9000 + serial))
    ids = [f"P{at}" for at, each in enumerate(RESIDENTS, 1) if each["NIK"] in (person["NIK"], other["NIK"])]
    return " ".join(sorted(ids))


def answers(opened: Opened, path: Path) -> dict[str, tuple[str, str | None]]:
    read = parse_worksheet(opened.con, path, opened.batch.agenda, 1).answers
    return {f"{left} {right}": (verdict, note) for left, right, verdict, note in read.iter_rows()}


def faults(opened: Opened, path: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        answers(opened, path)
    return [problem.place for problem in caught.value.problems]


def test_every_pair_of_a_shown_row_is_there_once(opened: Opened, path: Path) -> None:
    """If this fails, Staff decides about a resident without seeing who else it may be, or answers one pair twice."""
    query = """select distinct p.left_id || ' ' || p.right_id from outcomes o join identities i using (agenda, row_id)
      join pairs p on p.agenda = o.agenda and i.record_id in (p.left_id, p.right_id)
      where o.round = 1 and (o.needs_person or o.outcome = 'rujuk luar kota')"""
    wanted = [key for (key,) in opened.con.execute(query).fetchall()]
    assert wanted
    assert openpyxl.load_workbook(path)["Pasangan"].max_row == 2 + len(wanted)
    assert sorted(pairs(path)) == sorted(wanted)


def test_no_cell_is_merged(path: Path) -> None:
    """If this fails, Excel refuses to sort the sheet."""
    assert all(not page.merged_cells.ranges for page in openpyxl.load_workbook(path))


def test_both_values_and_the_reason_stand_in_one_cell(opened: Opened, path: Path) -> None:
    """If this fails, the wrong person's values stand beside the pair that is answered, or nobody is told why."""
    found, received = pairs(path)[of_persons(11, 12)], resident(11)
    name = f"atas: {received['NAMA_LGKP']}\nbawah: {received['NAMA_LGKP']}\nsama, jarang dipakai: mendukung (kuat)"
    assert found["NAMA"].value == name
    assert str(found["JENIS KELAMIN"].value).startswith("atas: 2 PEREMPUAN\nbawah: 2 PEREMPUAN\nsama")
    niks = re.findall(r"\d{16}", str(found["NIK"].value))
    assert niks[0] != niks[1]
    assert received["NIK"] in niks
    assert set(str(found["BARIS"].value).split("\n")) == {
        f"atas: baris 1 / {BIOMETRIC - 10_000_000}, data kantor", "bawah: data kantor"}  # fmt: skip


def test_the_reasons_are_those_of_the_pairs_sentence(opened: Opened, path: Path) -> None:
    """If this fails, the sheet says another reason than the page of pairs and the matcher."""
    told = {f"{left} {right}": reason for left, right, reason in
            opened.con.execute("select left_id, right_id, reason from pairs").fetchall()}  # fmt: skip
    checked = 0
    for key, pair in pairs(path).items():
        for head, _ in FIELDS:
            said = str(pair[head].value).split("\n")[-1]
            words, _, weight = said.partition(": ")
            if weight and not weight.startswith("hampir"):
                side, strength = weight.rstrip(")").split(" (")
                group = next(part for part in told[key].split(". ") if part.lower().startswith(f"{side}:"))
                assert f"{words} ({strength})" in group, head
                checked += 1
            if said == "tidak diisi":
                assert "Tidak diisi" in told[key]
    assert checked > len(told)


def test_colours_tell_what_agrees(path: Path) -> None:
    """If this fails, Staff compares nine fields letter by letter, or takes an empty cell for a difference."""
    for pair in pairs(path).values():
        for head, column in FIELDS:
            lines = str(pair[head].value).split("\n")
            values = [line.split(": ", 1)[1] for line in lines[:2]]
            colour = pair[head].fill.start_color.rgb
            if "-" in values or lines[2] == "tidak diisi":
                assert colour == "FFFFFFFF", head
            elif values[0] == values[1]:
                assert colour == "FFE3F3EA", (head, column)
            else:
                assert colour in {"FFFDF3D3", "FFFBE3D6", "FFE3F3EA"}


def test_the_proposal_names_the_record_that_stays(opened: Opened, path: Path) -> None:
    """If this fails, Staff proposes to deactivate the NIK that has the KTP-el."""
    survives = dict(opened.con.execute("select record_id, survives from clusters").fetchall())
    told = 0
    for key, pair in pairs(path).items():
        for place, record in zip(("atas", "bawah"), key.split(" "), strict=True):
            stays = survives.get(record) is True
            told += stays
            assert (f"NIK pada catatan {place} bertahan" in pair["USUL"].value) == stays
    assert told
    assert "perlu biometrik" in pairs(path)[of_persons(11, 12)]["USUL"].value


def test_the_score_is_a_number_and_never_certain(path: Path) -> None:
    """If this fails, the sheet can not be sorted by score, or calls a guess a certainty."""
    scores = [pair["SKOR"].value for pair in pairs(path).values()]
    assert all(isinstance(score, float | int) and 0.1 <= score <= 99.9 for score in scores)


def test_answers_are_read_back(opened: Opened, path: Path) -> None:
    """If this fails, the next batch hears nothing, or the opposite, of what Staff found out about two people."""
    given = dict(zip(sorted(pairs(path)), ((verdict.upper(), None) for verdict in ("tidak tahu", "orang sama")),
                     strict=False))  # fmt: skip
    given[of_persons(11, 12)] = ("kembar", "lihat KK")
    assert answers(opened, path) == {}
    assert answers(opened, answer(path, given)) == {
        key: (verdict.lower(), note) for key, (verdict, note) in given.items()}  # fmt: skip
    assert set(VERDICTS) == {"orang sama", "kembar", "bukan", "tidak tahu"}


def test_impossible_answers_are_named_by_their_cells(opened: Opened, path: Path) -> None:
    """If this fails, a slip of the pen is remembered about two residents for ever."""
    first, second, *_ = pairs(path)
    assert faults(opened, answer(path, {first: ("mungkin", None), second: ("", "lihat KK")})) == [
        "Pasangan!P3", "Pasangan!P4"]  # fmt: skip


@pytest.mark.parametrize("verdict", ["bukan", "kembar"])
@pytest.mark.parametrize(("row", "who"), [(LOSER, (7, 8)), (WINNER, (9, 10))])
def test_two_people_are_not_deactivated_as_one(
    opened: Opened, path: Path, verdict: str, row: int, who: tuple[int, int]
) -> None:
    """If this fails, the sheet says "two people" and the letter to the Ditjen says "one person, two NIKs"."""
    key = of_persons(*who)
    at = pairs(path)[key]["PUTUSAN"].coordinate
    assert faults(opened, answer(path, {key: (verdict, None)})) == [f"Pasangan!{at}"]
    later = {row: {"HASIL": "ditunda", "TUNDA SAMPAI": LATER}}
    assert answers(opened, fill(path, later)) == {key: (verdict, None)}


def test_deactivated_for_another_reason_than_the_pair(opened: Opened, path: Path) -> None:
    """If this fails, a resident who died can not be proposed because somebody else has the same name."""
    death = {"HASIL": "usul nonaktif", "DASAR": "kutipan akta kematian", "NOMOR": "3/2026", "TANGGAL": "2026-01-05"}
    key = of_persons(7, 8)
    assert answers(opened, answer(fill(path, {LOSER: death}), {key: ("bukan", None)})) == {key: ("bukan", None)}


@pytest.mark.parametrize(
    ("column", "value"), [("C", "cocok!"), ("D", 12.5), ("F", "atas: X"), ("O", ""), ("A", "P1 P2")]
)
def test_what_is_ours_stays_ours(opened: Opened, path: Path, column: str, value: object) -> None:
    """If this fails, Staff answers about other people than the ones that were compared."""
    found = faults(opened, edit(path, lambda page: page.__setitem__(f"{column}4", value), "Pasangan"))
    assert f"Pasangan!{column}4" in found


def test_nothing_of_it_is_alive(opened: Opened) -> None:
    """If this fails, a name in an extract becomes a formula on Staff's computer."""
    opened.con.execute("update pairs set kind = '=2+2'")
    opened.con.execute("update pair_reasons set words = '=1+1'")
    opened.con.execute("update penduduk set nama_lgkp = '=3+3', alamat = 'http://contoh.invalid'")
    path = write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    cells = [cell for row in openpyxl.load_workbook(path)["Pasangan"].iter_rows(min_row=3) for cell in row]
    assert {cell.data_type for cell in cells if cell.column != 4} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink or cell.data_type == "f"]
    assert not [cell for cell in cells if cell.data_type == "n" and cell.value is not None and cell.column != 4]
    assert [cell for cell in cells if str(cell.value).startswith("=2+2")]


def test_a_very_long_value_leaves_a_sheet_that_opens(opened: Opened) -> None:
    """If this fails, Excel repairs the sheet, and throws away what it does not understand."""
    opened.con.execute("update penduduk set alamat = repeat('JL MAWAR ', 5000)")
    path = write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    for sheet in openpyxl.load_workbook(path):
        assert max((row.height or 0 for row in sheet.row_dimensions.values()), default=0) <= 409
    assert answers(opened, path) == {}


def test_a_batch_without_pairs(opened: Opened) -> None:
    """If this fails, a clean extract has no worksheet at all."""
    opened.con.execute("delete from pairs")
    path = write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    assert pairs(path) == {}
    assert answers(opened, path) == {}
