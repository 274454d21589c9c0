"""A region answers for its person; under one NIK the register may hold another one, who must not pay for it."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from office_kit.casework import HERE, THEIRS, answered_office, later
from office_kit.files import Row
from office_kit.residents import again, resident
from office_kit.small import ABROAD, Batch, resident_id
from office_kit.written import written_office

from tasks.cases.waits import SOMEBODY_ELSE
from tasks.store import open_store

OURS, OTHER, CASE = resident(30), resident(75), "2026-0001 1/2"
NAMED, BORN_OF = {"NAMA_LGKP": OTHER["NAMA_LGKP"]}, {"NAMA_LGKP_IBU": OTHER["NAMA_LGKP_IBU"]}
FIRST_NAME = str(OURS["NAMA_LGKP"]).split(" ", 1)[0]
TWINS_NAME = f"{str(OURS['NAMA_LGKP'])[:-2]}TI"  # Jaro-Winkler 0.97, two letters
# Who stands in the other regency under the NIK of a resident of ours.
STRANGERS: Mapping[str, Row] = {
    "other name and mother": again(OURS, **NAMED, **BORN_OF, **ABROAD),
    "other name, no mother": again(OURS, **NAMED, NAMA_LGKP_IBU=None, **ABROAD),
    "other name, same mother": again(OURS, **NAMED, **ABROAD),
    "a first name like ours": again(OURS, NAMA_LGKP=f"{FIRST_NAME} KUSUWATI", TGL_LHR="1999-05-05", **BORN_OF,
                                    **ABROAD),
    "our name on another birth date and mother": again(OURS, TGL_LHR="1999-05-05", **BORN_OF, **ABROAD),
    "twin": again(OURS, NAMA_LGKP=TWINS_NAME, **ABROAD),
    "sibling": again(OURS, NAMA_LGKP=TWINS_NAME, TGL_LHR="1971-03-05", **ABROAD),
    "no name, no mother": again(OURS, NAMA_LGKP=None, NAMA_LGKP_IBU=None, **ABROAD),
}  # fmt: skip
OURSELVES: Mapping[str, Row] = {
    "same person": again(OURS, **ABROAD),
    "other spelling": again(OURS, NAMA_LGKP=str(OURS["NAMA_LGKP"]).replace("I", "Y", 1), **ABROAD),
    "mother mistyped": again(OURS, **BORN_OF, **ABROAD),
    "birth date mistyped": again(OURS, TGL_LHR="1999-05-05", **ABROAD),
    "name of two slips, no mother": again(OURS, NAMA_LGKP=TWINS_NAME, NAMA_LGKP_IBU=None, **ABROAD),
    "no name": again(OURS, NAMA_LGKP=None, **ABROAD),
}


def answered(home: Path, row: Row, answer: Mapping[str, str]) -> Batch:
    """The row is referred, and its region has answered."""
    first = written_office(home / "pertama", (row, resident(31)))
    return answered_office(later(first, home / "kedua"), {CASE: answer})


def ended(batch: Batch) -> tuple[tuple[str, int | None, bool], str | None, list[str]]:
    """((outcome, resident, whether the basis names somebody else), mark of our record, kinds of open cases)."""
    with open_store(batch.office) as con:
        (outcome, resident_no, basis), = con.execute(
            "select outcome, resident_id, basis from outcomes where agenda = '2026-0002'").fetchall()  # fmt: skip
        ((mark,),) = con.execute("select usulan from penduduk where resident_id = ?", [resident_id(OURS)]).fetchall()
        kinds = con.execute("select kind from cases where closed_on is null").fetchall()
    return (outcome, resident_no, SOMEBODY_ELSE in basis), mark, [kind for (kind,) in kinds]


@pytest.mark.parametrize("answer", [THEIRS, HERE], ids=["sana", "sini"])
@pytest.mark.parametrize("who", STRANGERS)
def test_a_strangers_answer_moves_nobody_of_ours(tmp_path: Path, who: str, answer: Mapping[str, str]) -> None:
    """If this fails, a resident is proposed inactive, or closed as right, for what a region said of somebody else."""
    found, mark, waiting = ended(answered(tmp_path, STRANGERS[who], answer))
    assert found[::2] == ("ditunda", True)
    assert mark is None
    assert waiting == ["biometrik"]


@pytest.mark.parametrize("who", OURSELVES)
def test_our_own_resident_leaves_when_the_region_says_so(tmp_path: Path, who: str) -> None:
    """If this fails, a misspelt name keeps a resident who lives elsewhere in the city's register."""
    found, mark, waiting = ended(answered(tmp_path, OURSELVES[who], THEIRS))
    assert found == ("usul nonaktif", resident_id(OURS), False)
    assert mark == "NONAKTIF"
    assert waiting == []
