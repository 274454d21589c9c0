"""Sheet "Pasangan" of Staff's worksheet: both records of every pair, what differs, why, and which one is proposed."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office_kit.residents import resident
from office_kit.small import Opened, row_ids

from expectations.matching import shipped
from tasks.worksheet import write_worksheet

FIELDS = [(field.label.upper(), field.column) for field in shipped().fields]
LINES = 3


@pytest.fixture
def path(opened: Opened) -> Path:
    return write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)


def cards(path: Path) -> list[list[dict[str, Any]]]:
    """Per pair its three lines: heading -> cell."""
    rows = list(openpyxl.load_workbook(path)["Pasangan"].iter_rows())
    heads = [cell.value for cell in rows[0]]
    lines = [dict(zip(heads, row, strict=True)) for row in rows[1:]]
    return [lines[at : at + LINES] for at in range(0, len(lines), LINES)]


def of_row(path: Path, row_id: int) -> list[list[dict[str, Any]]]:
    return [card for card in cards(path) if card[0]["KUNCI"].value == str(row_id)]


def reason(card: list[dict[str, Any]]) -> str:
    return str(card[2][FIELDS[0][0]].value)


def test_every_pair_of_a_shown_row_is_there(opened: Opened, path: Path) -> None:
    """If this fails, Staff decides about a resident without seeing who else it may be."""
    query = """select o.row_id::varchar, p.reason from outcomes o join identities i using (agenda, row_id)
      join pairs p on p.agenda = o.agenda and i.record_id in (p.left_id, p.right_id)
      where o.round = 1 and (o.needs_person or o.cause = 'lembar kerja Staff')"""
    wanted = opened.con.execute(query).fetchall()
    assert wanted
    found = cards(path)
    assert sorted((c[0]["KUNCI"].value, reason(c).split("\n")[0]) for c in found) == sorted(wanted)
    for card in found:
        assert len({line["KUNCI"].value for line in card}) == 1
        assert len({line["PITA"].value for line in card}) == 1


def test_both_records_lie_one_above_the_other(path: Path) -> None:
    """If this fails, the wrong person's values stand beside the row that is decided."""
    (row_id,) = row_ids("biometric")
    (card,) = of_row(path, row_id)
    received = resident(11)
    assert [card[0][head].value for head in ("NIK", "NAMA", "TANGGAL LAHIR")] == [
        received["NIK"], received["NAMA_LGKP"], received["TGL_LHR"]]  # fmt: skip
    assert card[1]["NAMA"].value == received["NAMA_LGKP"]
    assert card[1]["NIK"].value != received["NIK"]
    assert card[1]["CATATAN"].value == "data kantor"
    assert str(card[0]["CATATAN"].value).startswith("baris 1 / ")


def test_what_differs_is_marked_and_what_is_missing_is_not(path: Path) -> None:
    """If this fails, Staff compares nine fields letter by letter, or takes an empty cell for a difference."""
    for card in cards(path):
        for head, _ in FIELDS:
            values = [line[head].value for line in card[:2]]
            differs = values[0] != values[1] and "-" not in values
            assert [line[head].font.b for line in card[:2]] == [differs, differs], head


def test_the_proposal_names_the_record_that_stays(opened: Opened, path: Path) -> None:
    """If this fails, Staff proposes to deactivate the NIK that has the KTP-el."""
    survives = dict(opened.con.execute("select record_id, survives from clusters").fetchall())
    resident_of = dict(opened.con.execute("select nik, 'P' || resident_id from penduduk").fetchall())
    told = 0
    for card in cards(path):
        for place, line in zip(("atas", "bawah"), card, strict=False):
            stays = survives.get(resident_of.get(line["NIK"].value)) is True
            told += stays
            if "Usulan: NIK pada catatan" in reason(card):
                assert (f"NIK pada catatan {place} bertahan" in reason(card)) == stays
    assert told
    assert "perlu biometrik" in " ".join(reason(card) for card in of_row(path, row_ids("biometric")[0]))


def test_nothing_of_it_is_alive(opened: Opened) -> None:
    """If this fails, a name in an extract becomes a formula on Staff's computer."""
    opened.con.execute("update pairs set reason = '=1+1', kind = '=2+2'")
    opened.con.execute("update penduduk set nama_lgkp = '=3+3', alamat = 'http://contoh.invalid'")
    path = write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    cells = [cell for row in openpyxl.load_workbook(path)["Pasangan"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink or (cell.data_type == "n" and cell.value is not None)]
    assert [cell for cell in cells if cell.value == "=3+3"]


def test_a_very_long_value_leaves_a_sheet_that_opens(opened: Opened) -> None:
    """If this fails, Excel repairs the sheet, and throws away what it does not understand."""
    opened.con.execute("update penduduk set alamat = repeat('JL MAWAR ', 5000)")
    path = write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    sheet = openpyxl.load_workbook(path)["Pasangan"]
    assert max(row.height or 0 for row in sheet.row_dimensions.values()) <= 409


def test_a_batch_without_pairs(opened: Opened) -> None:
    """If this fails, a clean extract has no worksheet at all."""
    opened.con.execute("delete from pairs")
    assert cards(write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)) == []
