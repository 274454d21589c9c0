"""The second file (jangkar): who cuts back, rewrites or exchanges the ledger must also have been at it."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from office_kit.signers import NOW

from tasks.anchors import LATE, LEDGER, RESTORED, STORE, Anchor, anchors, create, newest, note
from tasks.errors import Exit, LedgerBrokenError, UserError
from tasks.ledger import GENESIS, Kind, append, entries, entry_hash, head, open_ledger, utc, verify, writing
from tasks.ledger_tables import TABLES
from tasks.office import Office

AT = "2026-10-06T02:00:00.000+00:00"


def anchor(number: int, what: str = LEDGER) -> Anchor:
    return Anchor(what, number, f"{number:064x}", AT)


def write(office: Office, times: int = 1) -> None:
    for _ in range(times):
        with open_ledger(office) as con, writing(con):
            append(con, NOW, (Kind.ATTEMPT, "2026-0001", "sinkron"), {"kantor": str(office.home)})


def must_be_refused(office: Office, words: str) -> None:
    with pytest.raises(LedgerBrokenError, match=words), open_ledger(office):
        pass


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jangkar" / "kepala.log"


def test_what_was_noted_is_read_again(file: Path) -> None:
    """If this fails, heads are noted and nobody can compare them."""
    create(file)
    create(file)  # there already
    assert newest(file, LEDGER) is None
    for number in (1, 2, 3):
        note(file, anchor(number))
        note(file, anchor(number * 10, STORE))
    assert (newest(file, LEDGER), newest(file, STORE)) == (anchor(3), anchor(30, STORE))
    assert [found.number for found in anchors(file)] == [1, 10, 2, 20, 3, 30]
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_two_writers_out_of_order(file: Path) -> None:
    """If this fails, a writer that was slow to note its head hides a later one."""
    create(file)
    for number in (1, 3, 2):
        note(file, anchor(number))
    assert newest(file, LEDGER) == anchor(3)


@pytest.mark.parametrize("cut", range(1, 100, 7))
def test_a_line_torn_by_a_power_cut(file: Path, cut: int) -> None:
    """If this fails, an office that lost its power in the middle of a line does not open again."""
    create(file)
    note(file, anchor(1))
    whole = file.read_bytes()
    note(file, anchor(2))
    torn = file.read_bytes()[: len(whole) + cut]
    file.write_bytes(torn)
    assert newest(file, LEDGER) == anchor(1)
    note(file, anchor(3))
    assert newest(file, LEDGER) == anchor(3)
    assert [found.number for found in anchors(file)] in ([1, 3], [1, 2, 3])  # 2 was whole but for its end of line


@pytest.mark.parametrize("line", ["hello world", "ledger x", "ledger 1 " + "g" * 64 + f" {AT}", f"ledger 1 {AT} x y",
                                  "\ufffd", "LEDGER 1 " + "0" * 64 + f" {AT}", " " * 200])  # fmt: skip
def test_a_foreign_line_is_told(file: Path, line: str) -> None:
    """If this fails, a file that somebody edited is taken for whole."""
    create(file)
    note(file, anchor(1))
    with file.open("a", encoding="utf-8") as opened:
        opened.write(line + "\n")
    note(file, anchor(2))
    for read in (lambda: newest(file, LEDGER), lambda: anchors(file)):
        with pytest.raises(UserError, match="baris 2 bukan catatan kepala") as caught:
            read()
        assert caught.value.exit_code is Exit.OFFICE


@pytest.mark.parametrize("others", [0, 5, 100, 2_000])
def test_the_newest_is_found_in_a_long_file(file: Path, others: int) -> None:
    """If this fails, after a busy month the ledger's head is no longer compared with anything."""
    create(file)
    note(file, anchor(7))
    with file.open("a", encoding="utf-8") as opened:
        opened.write("".join(f"store {n} {n:064x} {AT}\n" for n in range(others)))
    assert newest(file, LEDGER) == anchor(7)
    assert newest(file, STORE) == (anchor(others - 1, STORE) if others else None)


def test_a_restore_is_a_new_beginning(file: Path) -> None:
    """If this fails, a restored backup can never be opened; or every later loss goes unnoticed."""
    create(file)
    for number in (8, 9):
        note(file, anchor(number))
    note(file, anchor(9, STORE))
    note(file, anchor(5, RESTORED + LEDGER))
    assert newest(file, LEDGER) == anchor(5, RESTORED + LEDGER)
    assert newest(file, STORE) == anchor(9, STORE)
    note(file, anchor(6))
    assert newest(file, LEDGER) == anchor(6)


def test_every_head_is_in_the_second_file(office: Office) -> None:
    """If this fails, entries can be cut off the end of the ledger without a trace."""
    write(office, 3)
    with open_ledger(office) as con:
        with writing(con):
            pass  # nothing new, nothing to note
        made = [(entry.seq, entry.hash) for entry in entries(con)]
    assert [(found.number, found.hash) for found in anchors(office.anchors)] == [(0, GENESIS), *made]


def test_a_ledger_cut_back_is_refused(office: Office) -> None:
    """If this fails, yesterday's ledger without today's refusals passes for the ledger."""
    write(office, 3)
    kept = office.home / "kemarin.sqlite"
    shutil.copy(office.ledger, kept)
    write(office)
    shutil.copy(kept, office.ledger)
    must_be_refused(office, "tidak memuat entri 4")


def test_a_ledger_that_went_on_after_a_crash_is_good(office: Office) -> None:
    """If this fails, a power cut between an entry and its note in the second file stops the office."""
    write(office, 2)
    before = office.anchors.read_bytes()
    write(office)
    office.anchors.write_bytes(before)
    write(office)
    with open_ledger(office) as con:
        assert verify(con)[0] == 4


def test_a_rewritten_ledger_is_refused(office: Office) -> None:
    """If this fails, somebody who computes the whole chain anew changes who approved what."""
    write(office, 3)
    with sqlite3.connect(office.ledger) as con:
        for trigger in ("entries_no_update", "entries_no_delete", "entries_chain"):
            con.execute(f"drop trigger {trigger}")
        prev = GENESIS
        for seq, *fields in con.execute("select seq, at, kind, batch, actor, payload from entries").fetchall():
            fields[3] = "orang lain"
            digest = entry_hash(prev, seq, *fields)
            con.execute(
                "update entries set actor = ?, prev = ?, hash = ? where seq = ?", (fields[3], prev, digest, seq)
            )
            prev = digest
        con.executescript(TABLES)
    con.close()
    must_be_refused(office, "tidak memuat entri 3")


def test_an_exchanged_ledger_is_refused(office: Office, tmp_path: Path) -> None:
    """If this fails, the ledger of another office, or a new empty one, passes for this one's."""
    other = Office(tmp_path / "lain")
    other.create()
    write(other, 5)
    write(office, 3)
    shutil.copy(other.ledger, office.ledger)
    must_be_refused(office, "tidak memuat entri 3")
    office.ledger.unlink()
    for _ in range(2):
        must_be_refused(office, "tidak memuat entri 3")


@pytest.mark.parametrize("how", ["missing", "empty", "only the store"])
def test_a_lost_second_file_is_told(office: Office, how: str) -> None:
    """If this fails, whoever cuts back the ledger only has to remove the second file too."""
    write(office, 3)
    if how == "missing":
        office.anchors.unlink()
    else:
        office.anchors.write_text("" if how == "empty" else f"store 4 {4:064x} {AT}\n")
    must_be_refused(office, "hilang atau kosong")


def test_a_store_that_came_first(office: Office) -> None:
    """If this fails, an office whose store was opened before its ledger can not begin."""
    create(office.anchors)
    note(office.anchors, anchor(1, STORE))
    write(office)
    with open_ledger(office) as con:
        assert head(con)[0] == newest(office.anchors, LEDGER).number == 1


def test_the_second_file_lies_where_the_office_says(office: Office, tmp_path: Path) -> None:
    """If this fails, the second file lies on the disk that is stolen or burnt with the ledger."""
    elsewhere = tmp_path / "usb" / "kepala.log"
    office.settings_file.write_text(f'jangkar = "{elsewhere}"\n')
    write(office)
    assert newest(elsewhere, LEDGER).number == 1
    assert newest(elsewhere, LEDGER).at == utc(NOW)
    assert not (office.home / "jangkar").exists()


def test_processes_that_die_one_after_the_other_do_not_close_the_office(office: Office) -> None:
    """If this fails, three power cuts at the wrong moment, or a full disk under the second file, close the office."""
    write(office)
    for number in range(2, 9):
        kept = office.anchors.read_bytes()
        write(office)
        lines = office.anchors.read_bytes().splitlines(keepends=True)
        assert lines[-1].startswith(f"ledger {number} ".encode())
        office.anchors.write_bytes(b"".join(lines[:-1]))  # died between the commit and its own line
        late = lines[len(kept.splitlines()) : -1]
        assert [line.split()[:2] for line in late] == [[b"late-ledger", str(number - 1).encode()]] * (number > 2)
    with open_ledger(office) as con:
        assert head(con)[0] == 8
        assert newest(office.anchors, LEDGER).what == LATE + LEDGER
