"""Received files and the baseline on their way into the store."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from office_kit.files import archived, write, write_csv
from office_kit.residents import resident
from office_kit.signers import NOW
from office_kit.small import RESIDENTS, found_office, receive_rows

from tasks.errors import Exit, UserError
from tasks.load import ROWS_PER_FILE, load, load_baseline
from tasks.office import Office
from tasks.receive import receive
from tasks.retention.keys import key_of
from tasks.retention.originals import seal_into, sealed_name
from tasks.steps import find
from tasks.store import open_store


@pytest.fixture
def con(office: Office) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_store(office) as opened:
        yield opened


def count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"select count(*) from {table}").fetchall()[0][0])


def test_rows_and_rejects_are_conserved(office: Office, con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, received lines are neither loaded nor kept as rejects (promise 1)."""
    path = write_csv(office.inbox / "a.csv", [resident(0), resident(1)])
    write(path, path.read_text() + "rusak;baris\n" + "x;y\n")
    second = write_csv(office.inbox / "b.csv", [resident(2)])
    receipt = receive(office, [path, second], None, (NOW, "inbox"))
    assert load(con, office, receipt) == {"received": 5, "loaded": 3, "rejected": 2}
    ids = con.execute("select row_id, file_no, line_no from extract_rows order by 1").fetchall()
    assert ids == [(ROWS_PER_FILE * f + line, f, line) for f, line in ((1, 2), (1, 3), (2, 2))]
    assert con.execute("select file_no, line_no, text from rejects").fetchall() == [
        (1, 4, "rusak;baris"),
        (1, 5, "x;y"),
    ]


def test_loading_again_changes_nothing(office: Office, con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a resumed flow doubles every row of a letter."""
    receipt = receive_rows(office, (resident(0), resident(1)))
    assert load(con, office, receipt) == load(con, office, receipt)
    assert count(con, "extract_rows") == 2


def test_two_letters_do_not_mix(office: Office, con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, rows of one letter are judged and written with another."""
    first, second = receive_rows(office, (resident(0),), "a.csv"), receive_rows(office, (resident(1),), "b.csv")
    for receipt in (first, second):
        load(con, office, receipt)
    assert con.execute("select agenda, nik from extract_rows order by 1").fetchall() == [
        (first.agenda, resident(0)["NIK"]), (second.agenda, resident(1)["NIK"])]  # fmt: skip


@pytest.mark.parametrize("change", ["byte", "gone", "longer", "key"])
def test_an_archive_that_changed_is_not_loaded(office: Office, con: duckdb.DuckDBPyConnection, change: str) -> None:
    """If this fails, somebody edits the archived original and the office works on the edited one."""
    receipt = receive_rows(office, (resident(0), resident(1)))
    name = receipt.files[0]["archived"]
    path = sealed_name(office.archive / receipt.agenda, name)
    if change == "gone":
        path.unlink()
    elif change == "key":  # by somebody who has it
        raw = archived(office, receipt.agenda, name)
        other = write(office.scratch / "lain.csv", raw.decode().replace("JL UJI", "JL UJ1"))
        seal_into(path.parent, other, name, key_of(office, receipt.agenda))
    else:
        raw = path.read_bytes()
        path.write_bytes(raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:] if change == "byte" else raw + b"\n")
    with pytest.raises(UserError) as caught:
        load(con, office, receipt)
    assert caught.value.exit_code is Exit.FILE
    assert count(con, "extract_rows") == count(con, "files") == 0
    assert find(con, receipt.agenda, "load") is None


@pytest.mark.parametrize("fact", ["physical", "received", "loaded", "content_sha256"])
def test_a_reading_that_differs_from_the_receipt_stops(
    office: Office, con: duckdb.DuckDBPyConnection, fact: str
) -> None:
    """If this fails, a changed reader loads other rows than were counted against the cover letter."""
    receipt = receive_rows(office, (resident(0), resident(1)))
    receipt.files[0][fact] = 99
    with pytest.raises(AssertionError, match="pembacaan ulang"):
        load(con, office, receipt)
    assert count(con, "extract_rows") == 0


def test_the_second_of_two_files_fails_both(office: Office, con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, half a letter is in the store and the other half is not."""
    paths = [write_csv(office.inbox / f"{n}.csv", [resident(n)]) for n in (1, 2)]
    receipt = receive(office, paths, None, (NOW, "inbox"))
    sealed_name(office.archive / receipt.agenda, receipt.files[1]["archived"]).write_bytes(b"lain")
    with pytest.raises(UserError):
        load(con, office, receipt)
    assert count(con, "extract_rows") == 0


def test_the_baseline_is_loaded_once(tmp_path: Path) -> None:
    """If this fails, the register is replaced or doubled by a second file, outside every approval."""
    office, _ = found_office(tmp_path / "kantor")
    with open_store(office) as con:
        assert count(con, "penduduk") == len(RESIDENTS)
        again = write_csv(tmp_path / "sama.csv", RESIDENTS, delimiter=",")
        assert load_baseline(con, office, again) == 0
        with pytest.raises(UserError) as caught:
            load_baseline(con, office, write_csv(tmp_path / "lain.csv", [resident(80)]))
        assert caught.value.exit_code is Exit.ALREADY_RECEIVED
        assert count(con, "penduduk") == len(RESIDENTS)
        first = con.execute(
            "select nik, nama_lgkp, tgl_lhr::varchar, no_kec from penduduk where resident_id = 1"
        ).fetchall()
    assert first == [tuple(RESIDENTS[0][c] for c in ("NIK", "NAMA_LGKP", "TGL_LHR", "NO_KEC"))]


def test_a_baseline_with_broken_lines_is_refused(office: Office, con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, residents are missing from the register and every letter about them is 'unknown'."""
    path = write_csv(office.scratch / "awal.csv", [resident(0)])
    write(path, path.read_text() + "rusak;baris\n")
    with pytest.raises(UserError) as caught:
        load_baseline(con, office, path)
    assert caught.value.exit_code is Exit.FILE
    assert "baris 3" in str(caught.value)
    assert count(con, "penduduk") == 0


def test_hostile_values_are_data(office: Office, con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a name runs as SQL."""
    names = ["') drop table penduduk --", "$agenda", "{batch}", "%s", "?", ":a", "\\", "'''", "null"]
    rows = tuple(resident(n, NAMA_LGKP=name) for n, name in enumerate(names))
    load(con, office, receive_rows(office, rows))
    assert con.execute("select nama_lgkp from extract_rows order by row_id").fetchall() == [(name,) for name in names]
