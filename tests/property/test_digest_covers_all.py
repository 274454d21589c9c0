"""The digest: one changed cell of what would be written, and every signature is void (promise 2)."""

import unicodedata

import pytest
from office_kit.small import Opened

from expectations.columns import STORED
from tasks.propose import digest

# needs_person only chooses what the worksheet shows; agenda and round name the change-set.
CELLS = {
    "outcomes": ("row_id", "resident_id", "outcome", "basis", "cause"),
    "changes": ("row_id", "resident_id", "element", "before", "register_value", "after", "basis", "cause"),
}
NUMBERS = ("row_id", "resident_id")


def variants(value: object, column: str) -> list[object]:
    """Values that are not the same as ``value``, some of them hard to tell apart."""
    if column in NUMBERS:
        return [None if column == "resident_id" and value is not None else 7, (value or 0) + 1]
    text = str(value or "")
    return [v for v in (text + " ", text + "\u200b", text.lower() + "x", '","', None, "", "null") if v != value]


@pytest.mark.parametrize(("table", "column"), [(t, c) for t, columns in CELLS.items() for c in columns])
def test_every_cell_counts(opened: Opened, table: str, column: str) -> None:
    """If this fails, this cell can be changed after three people signed, and is written as signed."""
    con, agenda, signed = opened.con, opened.batch.agenda, opened.batch.digest
    con.execute(f"create temp table asli as from {table}")
    con.execute(f"create temp table salinan as from {table} where round = 1")  # without keys: any value fits
    con.execute(f"drop table {table}")
    con.execute(f"create view {table} as from salinan")
    rows = con.execute(f"select rowid, {column} from salinan order by rowid").fetchall()
    assert rows
    for rowid, value in rows[:6] + rows[-2:]:
        for other in variants(value, column):
            con.execute(f"update salinan set {column} = ? where rowid = ?", [other, rowid])
            assert digest(con, agenda, 1) != signed, f"{value!r} -> {other!r}"
        con.execute(f"update salinan set {column} = ? where rowid = ?", [value, rowid])
        assert digest(con, agenda, 1) == signed


@pytest.mark.parametrize("column", ["left_id", "right_id", "verdict"])
def test_every_cell_of_an_answer_counts(opened: Opened, column: str) -> None:
    """If this fails, an answer about two people can be changed, added or taken away after three people signed."""
    con, agenda, without = opened.con, opened.batch.agenda, opened.batch.digest
    con.execute("insert into pair_answers values (?, 1, 'P1', 'P2', 'bukan', 'catatan')", [agenda])
    signed = digest(con, agenda, 1)
    assert signed != without
    con.execute(f"update pair_answers set {column} = {column} || 'x'")
    assert digest(con, agenda, 1) != signed
    con.execute("update pair_answers set left_id = 'P1', right_id = 'P2', verdict = 'bukan', note = 'lain'")
    assert digest(con, agenda, 1) == signed  # the note is Staff's own


def test_two_spellings_of_one_letter_are_two_values(opened: Opened) -> None:
    """If this fails, bytes are written that differ from those that were signed: É composed or decomposed."""
    con, agenda = opened.con, opened.batch.agenda
    digests = []
    for form in ("NFC", "NFD"):
        con.execute("update changes set after = ? where element = 'nama_lgkp'", [unicodedata.normalize(form, "ÉLAN")])
        digests.append(digest(con, agenda, 1))
    assert digests[0] != digests[1]


def test_rows_count_too(opened: Opened) -> None:
    """If this fails, a change can be added to a signed change-set, or taken out of it."""
    con, agenda, signed = opened.con, opened.batch.agenda, opened.batch.digest
    (row,) = con.execute("select row_id from changes order by row_id limit 1").fetchone()
    con.execute("begin")
    con.execute("delete from changes where row_id = ?", [row])
    assert digest(con, agenda, 1) != signed
    con.execute("rollback")
    con.execute("begin")
    con.execute("insert into changes select agenda, round, row_id, resident_id, 'alamat', before, register_value, "
                "after, basis, cause from changes where row_id = ? limit 1", [row])  # fmt: skip
    assert digest(con, agenda, 1) != signed
    con.execute("rollback")
    con.execute("delete from outcomes where row_id = ?", [row])
    assert digest(con, agenda, 1) != signed


def test_round_and_agenda_are_part_of_it(opened: Opened) -> None:
    """If this fails, a signature of one round or letter serves another with the same rows."""
    con, agenda = opened.con, opened.batch.agenda
    seen = {opened.batch.digest}
    for name, number in ((agenda, 2), ("2026-0002", 1), ("2026-0002", 2)):
        for table in CELLS:
            con.execute(f"insert into {table} select * replace (? as agenda, ?::int as round) from {table} "
                        "where agenda = ? and round = 1", [name, number, agenda])  # fmt: skip
        seen.add(digest(con, name, number))
    assert len(seen) == 4


def test_what_the_store_holds_beside_is_not_part_of_it(opened: Opened) -> None:
    """If this fails, work on another letter voids the signatures of this one."""
    con = opened.con
    con.execute(f"update penduduk set {STORED[2]} = 'LAIN' where resident_id = 30")
    con.execute("insert into findings values ('2026-0009', 1, 'X')")
    assert digest(con, opened.batch.agenda, 1) == opened.batch.digest
