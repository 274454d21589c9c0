"""SOP step 6: what three people signed is written, exactly, once, and can be taken back from history."""

from datetime import date

import polars as pl
import pytest
from office_kit.residents import resident
from office_kit.sheets import work_round
from office_kit.signers import OTHER_DIGEST
from office_kit.small import Opened, resident_id, row_ids
from office_kit.writing import write

from expectations.columns import STORED
from tasks.errors import ConflictError, DigestMismatchError, Exit, NotApprovedError
from tasks.ledger import Kind, entries, open_ledger
from tasks.privacy import label
from tasks.propose import digest
from tasks.write.conflicts import WRITABLE

TABLES = ("penduduk", "history", "applied", "steps", "outcomes", "changes")


def snapshot(opened: Opened) -> dict[str, pl.DataFrame]:
    return {table: opened.con.sql(f"from {table} order by all").pl() for table in TABLES}


def same(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> bool:
    return all(before[table].equals(after[table]) for table in TABLES)


def written_entries(opened: Opened) -> list[dict[str, object]]:
    with open_ledger(opened.batch.office) as ledger:
        return [entry.payload for entry in entries(ledger, kind=Kind.WRITTEN)]


def refused(opened: Opened, error: type[Exception], **case: object) -> str:
    before = snapshot(opened)
    with pytest.raises(error) as caught:
        write(opened, **case)
    assert caught.type is error
    assert same(before, snapshot(opened)), "sesuatu tertulis walau ditolak"
    assert written_entries(opened) == []
    return str(caught.value)


def resign(opened: Opened) -> None:
    """Everybody signs what the store holds now (a forged change-set, rightly signed)."""
    batch = opened.batch
    batch.done["propose"] = {**batch.done["propose"], "digest": digest(opened.con, batch.agenda, 1)}
    batch.sign()


@pytest.mark.parametrize("signers", [(), ("staff",), ("staff", "kasi"), ("staff", "kasi", "kabid")])
def test_missing_signatures(opened: Opened, signers: tuple[str, ...]) -> None:
    """If this fails, data of residents change before three people said Ya (promise 2)."""
    opened.batch.desk.case = (opened.batch.agenda, 1, opened.batch.digest)
    if signers:
        opened.batch.desk.sign(*signers)
    assert "belum disetujui" in refused(opened, NotApprovedError)


def test_signatures_of_another_digest(opened: Opened) -> None:
    """If this fails, three signatures under something else open the register."""
    opened.batch.desk.case = (opened.batch.agenda, 1, OTHER_DIGEST)
    opened.batch.desk.sign()
    assert "berubah" in refused(opened, DigestMismatchError, signed=OTHER_DIGEST)
    refused(opened, NotApprovedError)


def test_a_tidak_after_three_ya(opened: Opened) -> None:
    """If this fails, a level that changed its mind in the same round is not heard."""
    opened.batch.desk.case = (opened.batch.agenda, 1, opened.batch.digest)
    opened.batch.desk.sign("staff", "kasi", "kabid")
    assert opened.batch.desk.say("kadis", "Tidak", note="x").accepted
    refused(opened, NotApprovedError)


@pytest.mark.parametrize("change", [
    "update changes set after = 'LAIN' where element = 'nama_lgkp'", "delete from changes where element = 'usulan'",
    "update outcomes set outcome = 'ditunda' where outcome = 'diperbaiki'",
    "update changes set resident_id = resident_id + 1 where element = 'nama_lgkp'",
])  # fmt: skip
def test_a_change_set_altered_after_signing(opened: Opened, change: str) -> None:
    """If this fails, something else than what was signed is written (promise 2)."""
    opened.batch.sign()
    opened.con.execute(change)
    assert "berubah sesudah disetujui" in refused(opened, DigestMismatchError)


def test_exactly_what_was_signed_is_written(opened: Opened) -> None:
    """If this fails, a resident nobody talked about changes, or an approved change is missing."""
    con = opened.con
    before = {r["resident_id"]: r for r in con.sql("from penduduk").pl().iter_rows(named=True)}
    wanted = con.execute("select resident_id, element, after from changes where round = 1 "
                         "and register_value is distinct from after").fetchall()  # fmt: skip
    opened.batch.sign()
    summary, newly = write(opened)
    assert newly
    after = {r["resident_id"]: r for r in con.sql("from penduduk").pl().iter_rows(named=True)}
    different = {(who, element, after[who][element]) for who in before for element in after[who]
                 if before[who][element] != after[who][element]}  # fmt: skip
    assert different == set(wanted)
    assert len(different) == summary["written"] > 0
    assert before.keys() == after.keys()


def test_history_tells_before_and_after(opened: Opened) -> None:
    """If this fails, a decision that is reversed next year can not be taken back (handbook 2.2)."""
    con = opened.con
    before = con.sql("from penduduk order by resident_id").pl()
    opened.batch.sign()
    summary, _ = write(opened)
    history = con.sql("from history").pl()
    assert history.height == summary["written"] + summary["unchanged"]
    for row in history.iter_rows(named=True):
        held = before.filter(pl.col("resident_id") == row["resident_id"])[row["element"]][0]
        now = con.execute(
            f"select {row['element']} from penduduk where resident_id = ?", [row["resident_id"]]
        ).fetchall()
        assert (held, row["after"]) == (row["register_before"], now[0][0])
        assert row["written"] is (held != row["after"])
        con.execute(f"update penduduk set {row['element']} = ? where resident_id = ?",
                    [row["register_before"], row["resident_id"]])  # fmt: skip
    assert con.sql("from penduduk order by resident_id").pl().equals(before)


def test_writing_again_says_already_written(opened: Opened) -> None:
    """If this fails, a resumed flow writes twice or records a second writing (promise 3)."""
    opened.batch.sign()
    first, _ = write(opened)
    before = snapshot(opened)
    assert write(opened) == (first, False)
    assert same(before, snapshot(opened))
    assert [facts["digest"] for facts in written_entries(opened)] == [opened.batch.digest]


def test_counts_are_conserved(opened: Opened) -> None:
    """If this fails, rows vanish between the letter and the reply (promise 1)."""
    opened.batch.sign()
    summary, _ = write(opened)
    assert summary["received"] == sum(summary["outcomes"].values()) + summary["rejected"]
    assert summary["received"] == opened.batch.done["load"]["received"]


def test_the_ledger_hears_counts_only(opened: Opened) -> None:
    """If this fails, the ledger, kept for ever, holds residents' data (promise 5)."""
    opened.batch.sign()
    write(opened)
    text = str(written_entries(opened))
    people = opened.con.execute("select nik, nama_lgkp from penduduk").fetchall()
    assert not [value for row in people for value in row if value in text]


@pytest.mark.parametrize("change", [
    "update penduduk set nama_lgkp = 'SUDAH DIPERBAIKI' where resident_id = 3",
    "delete from penduduk where resident_id = 3",
    "update penduduk set nama_lgkp = null where resident_id = 3",
])  # fmt: skip
def test_a_resident_changed_since_the_proposal(opened: Opened, change: str) -> None:
    """If this fails, what another letter corrected in the meantime is overwritten with an older truth."""
    opened.batch.sign()
    opened.con.execute(change)
    text = refused(opened, ConflictError)
    assert "sudah berubah sejak diusulkan" in text
    assert str(row_ids("symbol")[0]) in text


def test_two_contradicting_changes_of_one_element(opened: Opened) -> None:
    """If this fails, which of two approved values is written depends on chance."""
    opened.con.execute(
        "insert into changes select agenda, round, ?, resident_id, element, before, register_value, 'NAMA LAIN', "
        "basis, cause from changes where element = 'nama_lgkp' and resident_id = 3", [row_ids("clean")[0]])  # fmt: skip
    resign(opened)
    with pytest.raises(ConflictError) as caught:
        write(opened)
    assert caught.value.exit_code is Exit.OFFICE
    assert caught.value.rows == [(row, "nama_lgkp") for row in sorted([row_ids("clean")[0], row_ids("symbol")[0]])]


def test_a_value_and_no_value_contradict_too(opened: Opened) -> None:
    """If this fails, whether a resident keeps the mother's name depends on chance: one row empties it."""
    for row, value in ((row_ids("clean")[0], None), (row_ids("spelling")[0], "IBU BARU")):
        opened.con.execute("insert into changes select ?, 1, ?, resident_id, 'nama_lgkp_ibu', null, nama_lgkp_ibu, ?, "
                           "'', '' from penduduk where resident_id = 5", [opened.batch.agenda, row, value])  # fmt: skip
    resign(opened)
    refused(opened, ConflictError)


@pytest.mark.parametrize("element", ["nik", "resident_id", "tgl_lhr_raw", "nama_lgkp = 'X' --"])
def test_forbidden_elements_are_refused_even_when_signed(opened: Opened, element: str) -> None:
    """If this fails, a NIK is edited, or text from data runs as SQL, because three people signed it."""
    opened.con.execute("update changes set element = ? where element = 'usulan' and resident_id = 8", [element])
    resign(opened)
    assert "tidak boleh ditulis" in refused(opened, DigestMismatchError)


def test_residents_of_another_regency_are_never_written(opened: Opened) -> None:
    """If this fails, the office changes the data of another Dinas (handbook 8)."""
    opened.con.execute("update penduduk set no_kab = '15' where resident_id = 3")
    opened.batch.sign()
    refused(opened, ConflictError)


def test_a_date_that_staff_corrected_is_a_date(opened: Opened) -> None:
    """If this fails, a birth date is written as text, or as another day."""
    con, batch = opened.con, opened.batch
    decision = {row_ids("document")[0]: ("diperbaiki", "TGL_LHR", "1991-02-14", "Akta 1/2026")}
    work_round(con, batch.office, (batch.agenda, 2), decision)
    signed = digest(con, batch.agenda, 2)
    batch.desk.case = (batch.agenda, 2, signed)
    batch.desk.sign()
    write(opened, 2, signed)
    who = resident_id(resident(19))
    assert con.execute("select tgl_lhr from penduduk where resident_id = ?", [who]).fetchall() == [(date(1991, 2, 14),)]


def test_every_element_has_a_name_for_people() -> None:
    """If this fails, approvers read a column name instead of words, or the NIK became writable."""
    assert "nik" not in WRITABLE
    assert set(STORED) - set(WRITABLE) == {"nik"}
    assert all(label(element) != element for element in WRITABLE)
