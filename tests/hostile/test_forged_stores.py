"""An attacker who holds the store's key and edits it, or puts an older one back: what he changes is found."""

import shutil
from pathlib import Path

import pytest
from office_kit.auditor import found, receive, told, write
from office_kit.signers import NOW
from office_kit.small import Batch, copy_of
from office_kit.written import write_batch

from expectations.columns import DATES, STORED
from tasks.evidence.findings import Check, Severity
from tasks.store import open_store


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, small: Batch) -> Batch:
    """The small office really written. Do not write to it: use ``written``."""
    return write_batch(copy_of(small, tmp_path_factory.mktemp("ditulis") / "kantor"))


@pytest.fixture
def written(original: Batch, tmp_path: Path) -> Batch:
    """A copy of it, for one test to forge."""
    return copy_of(original, tmp_path / "kantor")


WRITTEN_TEXTS = set(STORED) - set(DATES) - {"nik"}
RESIDENT = "(select min(resident_id) from history where written)"
STORE_FORGERIES = {
    "penduduk diubah": (
        f"update penduduk set {', '.join(f'{name} = null' for name in sorted(WRITTEN_TEXTS))}",
        "diubah tanpa persetujuan",
    ),
    "penduduk dihapus": (f"delete from penduduk where resident_id = {RESIDENT}", "diubah tanpa persetujuan"),
    "usulan diubah": ("update changes set after = 'LAIN' where row_id = (select min(row_id) from changes)",
                      "sidik dihitung ulang"),
    "hasil diubah": ("update outcomes set basis = 'lain' where row_id = (select min(row_id) from outcomes)",
                     "sidik dihitung ulang"),
    "riwayat diubah": (f"update history set register_before = 'LAIN' where resident_id = {RESIDENT}", "riwayat lain"),
    "riwayat ditambah": ("insert into history select * from history limit 1", "riwayat memuat"),
    "riwayat asing": ("insert into history select * replace ('2026-0077' as agenda) from history limit 1",
                      "riwayat penulisan tanpa penulisan"),
    "penulisan dihapus": ("delete from applied", "tidak ada di store"),
    "penulisan asing": ("insert into applied select * replace ('2026-0077' as agenda, 9 as n) from applied",
                        "tanpa persetujuan di Buku Agenda"),
    "angka diubah": ("update applied set received = received + 1", "received di store lain"),
    "sidik diubah": ("update applied set digest = repeat('c', 64)", "digest di store lain"),
    "tanda diubah": ("update marks set what = 'lain' where n = 2", "rantai tanda putus"),
}  # fmt: skip


@pytest.mark.parametrize("name", STORE_FORGERIES)
def test_a_store_edited_by_somebody_with_its_key(written: Batch, name: str) -> None:
    """If this fails, whoever holds the key changes the register, and the three signatures seem to cover it."""
    sql, says = STORE_FORGERIES[name]
    with open_store(written.office) as con:
        before = con.execute("select count(*) from history where written").fetchall()
        assert before[0][0]
        con.execute(sql)
    assert says in told(found(written.office), Severity.WRONG)


def test_no_forgery_of_the_store_is_found_in_an_honest_one(written: Batch) -> None:
    """If this fails, the tests above find something that was always there."""
    assert not told(found(written.office), Severity.WRONG)


def test_an_older_store_put_back(written: Batch, small: Batch) -> None:
    """If this fails, a writing disappears by copying yesterday's file over today's."""
    shutil.copyfile(small.office.store, written.office.store)
    text = told(found(written.office), Severity.WRONG)
    assert "store.duckdb" in text
    written.office.anchors.write_text(
        "".join(line for line in written.office.anchors.read_text().splitlines(keepends=True) if "store" not in line)
    )
    assert "tidak ada di store" in told(found(written.office), Severity.WRONG)


def test_a_writing_that_only_the_ledger_tells(written: Batch) -> None:
    """If this fails, an approved batch that never reached the register counts as done."""
    desk = written.desk
    desk.clock = NOW.replace(hour=5)
    desk.case = ("2026-0002", 1, "d" * 64)
    receive(desk, "2026-0002")
    desk.sign()
    write(desk)
    findings = [f for f in found(written.office) if f.severity is Severity.WRONG]
    assert {f.check for f in findings} == {Check.STORE}
    assert "2026-0002" in told(findings, Severity.WRONG)
