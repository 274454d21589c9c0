"""A pair that people judged stays judged while both records are who they were; then it comes back with the change."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from office_kit.residents import again, born, nik_of, resident
from office_kit.sheets import line_of
from office_kit.small import RESIDENTS, resident_id
from office_kit.successive import Years, row, years

from tasks.office import Office
from tasks.pack.reading import masked_copy
from tasks.resolve.decisions import decided, reopened_pairs
from tasks.store import open_store
from tasks.worksheet import write_worksheet

NIK_OF_22 = nik_of(born(resident(22)), "1", 9060)
TWIN = again(
    resident(60),
    NAMA_LGKP=resident(22)["NAMA_LGKP"],
    TGL_LHR=resident(22)["TGL_LHR"],
    NIK=NIK_OF_22,
    JENIS_KLMIN=resident(22)["JENIS_KLMIN"],
    TMPT_LHR=resident(22)["TMPT_LHR"],
    NAMA_LGKP_AYAH=None,
)
HELD = resident_id(resident(22))
LEFT, RIGHT = f"B{row(0)}", f"P{HELD}"
PAIR = f"{LEFT} {RIGHT}"
SHOWN = {row(0): ("tidak terbukti", None, None, "12/2026")}


@pytest.fixture
def office_years(tmp_path: Path) -> Iterator[Years]:
    """An office in which the pair was judged "bukan" in the first batch."""
    with years(tmp_path / "kantor") as made:
        made.batch((TWIN,), SHOWN, {PAIR: ("bukan", None)})
        yield made


def bands(made: Years) -> list[tuple[str, str, str]]:
    """The open pairs of the newest batch."""
    query = "select left_id, right_id, band from pairs where agenda = ? and band <> 'bukan' order by all"
    return made.con.execute(query, [made.batches[-1].agenda]).fetchall()


def test_a_pair_that_is_none_never_returns_while_both_are_who_they_were(office_years: Years) -> None:
    """If this fails, two people are called into the office again and again because their names are alike."""
    made = office_years
    assert made.con.execute("select count(*) from pairs where band = 'mungkin'").fetchall() == [(1,)]
    made.con.execute("update penduduk set alamat = 'JL BARU 3', no_kk = ? where resident_id = ?",
                     ["357602140612" + "9555", HELD])  # fmt: skip
    made.draft(again(TWIN, ALAMAT="JL LAIN 8", NAMA_LGKP=str(TWIN["NAMA_LGKP"]).lower()))
    assert bands(made) == []
    assert reopened_pairs(made.con, made.batches[-1].agenda).height == 0


def test_a_pair_comes_back_with_what_has_changed(office_years: Years) -> None:
    """If this fails, a judgement outlives the records it was about, or Staff can not see why it is asked again."""
    made = office_years
    made.con.execute("update penduduk set nama_lgkp_ibu = ? where resident_id = ?", [TWIN["NAMA_LGKP_IBU"], HELD])
    made.draft(TWIN)
    assert [pair[:2] for pair in bands(made)] == [(LEFT, RIGHT)]
    found = reopened_pairs(made.con, made.batches[-1].agenda).row(0, named=True)
    assert (found["earlier"], found["verdict"], found["columns"]) == ("2026-0001", "bukan ganda", ["NAMA_LGKP_IBU"])
    opened = made.reopened(row(0))
    assert opened is not None
    assert opened[2] == ["NAMA_LGKP_IBU", "PASANGAN", "TEMUAN", "USULAN"]  # their mothers bear one name now
    assert made.end(row(0))[3]  # somebody decides the row anew
    agenda = made.batches[-1].agenda
    page = openpyxl.load_workbook(write_worksheet(made.con, made.office, agenda, 1))["Pasangan"]
    heads = {cell.value: cell.column for cell in page[2]}
    told = str(page.cell(line_of(page, PAIR), heads["USUL"]).value)
    change = f"bawah NAMA_LGKP_IBU: {resident(22)['NAMA_LGKP_IBU']} → {TWIN['NAMA_LGKP_IBU']}"
    assert f"pasangan ini diputuskan bukan ganda pada agenda 2026-0001; berubah:\n{change}" in told
    made.work(SHOWN, {PAIR: ("bukan", None)})
    assert str(TWIN["NAMA_LGKP_IBU"]) not in made.end(row(0))[1]
    made.write()
    assert str(TWIN["NAMA_LGKP_IBU"]).encode() not in masked_copy(made.con, agenda, 1)
    made.draft(TWIN)  # judged again, with the new name
    assert bands(made) == []


def test_one_person_who_is_no_longer_found_alike_is_asked_about(tmp_path: Path) -> None:
    """If this fails, two records that four people signed as one person part silently when one of them is renamed."""
    with years(tmp_path / "kantor") as made:
        made.batch((TWIN,), {}, {PAIR: ("orang sama", None)})
        made.con.execute(
            "update penduduk set nama_lgkp = 'ZULFA QORI', tmpt_lhr = 'BLITAR' where resident_id = ?", [HELD]
        )
        made.draft(TWIN)
        opened = made.reopened(row(0))
        assert opened is not None
        assert opened[1] == "orang sama"
        assert "ZULFA QORI" in opened[3]
        assert made.end(row(0))[3]


def test_a_store_of_before_opens_and_its_decisions_go_on(office_years: Years) -> None:
    """If this fails, an office that updates Sinkron loses its store, or all it has judged so far."""
    made = office_years
    made.con.execute("alter table pair_decisions drop column said")
    made.con.execute("drop table row_memory; drop table reopened; drop table recalled")
    made.con.execute("drop table schema_versions")
    made.con.close()
    with contextlib.closing(sqlite3.connect(made.office.ledger)) as ledger:
        ledger.execute("pragma user_version = 0")
    with open_store(made.office) as con:
        con.execute("update penduduk set nama_lgkp_ibu = 'LAIN' where resident_id = ?", [HELD])
        made.desk.clock = datetime.now(UTC)  # the upgrade was entered today
        later = Years(made.office, made.desk, con, made.batches)
        later.draft(TWIN)
        assert bands(later) == []  # what it rested on is not known: it steers as before
        found = decided(con, later.batches[-1].agenda).rows()
        assert (LEFT, RIGHT, False) in found
        assert RESIDENTS


def test_a_view_of_an_older_release_is_made_anew(office: Office) -> None:
    """If this fails, an office that was opened by an older Sinkron counts its cases by older rules for ever."""
    with open_store(office) as con:
        con.execute("create or replace view cases as select 1 as lama")
    with open_store(office) as con:
        columns = [name for name, *_ in con.execute("describe cases").fetchall()]
    assert columns[:3] == ["case_no", "kind", "subject"]


def test_opening_a_store_again_changes_nothing_in_it(office_years: Years) -> None:
    """If this fails, looking at the office writes to its store."""
    made = office_years
    made.con.close()
    with open_store(made.office):
        pass
    before = hashlib.sha256(made.office.store.read_bytes()).hexdigest()
    with open_store(made.office):
        pass
    assert hashlib.sha256(made.office.store.read_bytes()).hexdigest() == before
