"""After its retention period a batch's data go for good, on the chain's word, and every signature still verifies."""

import copy
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from office_kit.auditor import audit, copied
from office_kit.destroying import AFTER, ask, asked, destroyed, do, lying, sign, written, wrongs
from office_kit.forger import Row, rewrite
from office_kit.small import ROWS, Batch

from expectations.retention import EMPTIED, KEPT, OF_STRANGERS, REMOVED, RENAMED
from tasks.approvals.docket import docket
from tasks.documents.after import papers_after
from tasks.errors import UserError
from tasks.evidence.findings import Check, Severity
from tasks.evidence.verify import verify_office
from tasks.ledger import Kind, append, entries, open_ledger, verify, writing
from tasks.publish import PUBLISHED, publish
from tasks.purge_page import purge_page
from tasks.retention.destroy import finish_purges
from tasks.retention.originals import names, original
from tasks.retention.purge import forget
from tasks.store import open_store
from tasks.write.repair import repair
from tasks.write.undo import propose_undo


def refused_again(batch: Batch) -> UserError:
    with (
        open_ledger(batch.office) as ledger,
        open_store(batch.office) as con,
        pytest.raises(UserError) as caught,
    ):
        ask(batch, con, ledger)
    return caught.value


def test_every_table_says_what_becomes_of_it(old: Batch) -> None:
    """If this fails, a new table keeps residents' data for ever, and nobody ever thought about it."""
    with open_store(old.office) as con:
        listed = "select table_name from duckdb_tables() where not internal and database_name = 'office'"
        tables = [name for (name,) in con.execute(listed).fetchall()]
        columns = {name: {row[0] for row in con.execute(f"describe {name}").fetchall()} for name in tables}
    groups = [*EMPTIED, *REMOVED, *RENAMED, *OF_STRANGERS, *KEPT]
    assert sorted(tables) == sorted(groups)
    assert all(set(gone) <= columns[name] for name, gone in EMPTIED.items())
    assert all("subject" in columns[name] for name in RENAMED)


def test_nothing_is_left_and_everything_verifies(old: Batch) -> None:
    """If this fails, data lie on after their time, or an auditor can not check any more who decided what."""
    office = old.office
    (office.desk / f"lembar-kerja-{old.agenda}-r1-salinan ani.xlsx").write_bytes(b"PK")
    (office.desk / "lembar-kerja-2026-00011-r1.xlsx").write_bytes(b"PK")  # another batch's
    outbox = office.outbox / old.agenda
    outbox.mkdir(mode=0o700)
    (outbox / "daftar.csv").write_text("NIK\n")
    with open_store(office) as con:
        values = {str(v) for v in con.execute("select nik from extract_rows").fetchall()[0]}
        before = con.execute("select count(*) from extract_rows").fetchall()
        register = con.execute("select * from penduduk order by all").fetchall()
        history = con.execute("select * from history order by all").fetchall()
    number = destroyed(old)
    assert number == f"{old.agenda}-P1"
    assert lying(old) == []
    assert (office.desk / "lembar-kerja-2026-00011-r1.xlsx").exists()
    assert names(office, old.agenda) == []
    with open_store(office) as con:
        assert con.execute("select count(*) from extract_rows").fetchall() == before
        for name in EMPTIED:
            text = str(con.execute(f"select * from {name} where agenda = ?", [old.agenda]).fetchall())
            assert not any(value in text for value in values), name
        for name in REMOVED:
            assert con.execute(f"select count(*) from {name} where agenda = ?", [old.agenda]).fetchall() == [(0,)]
        assert con.execute("select * from penduduk order by all").fetchall() == register
        assert con.execute("select * from history order by all").fetchall() == history
    assert wrongs(office) == []
    with open_ledger(office) as ledger, open_store(office) as con:
        verify(ledger)
        (entry,) = entries(ledger, kind=Kind.PURGED)
        assert entry.payload["destroys"] == old.agenda
        assert entry.payload["files"] == 1
        assert docket(ledger, number).written == entry
        assert docket(ledger, number).turn() is None
        assert repair(con, ledger, AFTER) == []


def test_the_rest_of_the_office_goes_on(old: Batch) -> None:
    """If this fails, the first destruction stops the analysts' copy, the papers, or the next backup."""
    destroyed(old)
    office, number = old.office, f"{old.agenda}-P1"
    with open_ledger(office) as ledger, open_store(office) as con:
        publish(con, office, ledger, (number, old.desk.clock))
        assert (office.published / PUBLISHED).exists()
        (paper,) = papers_after(con, ledger, office, number)
        assert paper.masked
        assert paper.content.startswith(b"%PDF")
        with pytest.raises(UserError) as caught:
            propose_undo(con, ledger, old.agenda, ("keliru", old.desk.clock))
    assert "dimusnahkan" in str(caught.value)
    assert "dimusnahkan" in str(refused_again(old))


def test_open_cases_end_with_the_data(tmp_path: Path) -> None:
    """If this fails, one person who never answered keeps everybody's data for ever, or waits without a name."""
    batch = written(tmp_path / "kasus", ROWS)
    with open_store(batch.office) as con:
        (before,) = con.execute("select count(*) from cases where closed_on is null").fetchall()
    case = asked(batch)
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        shown = purge_page(con, ledger, (case.agenda, 1), (AFTER, False))
    assert f"{before[0]} kasus yang masih menunggu jawaban berakhir" in shown
    sign(batch, case)
    assert do(batch.office, case, batch.desk.clock + timedelta(seconds=1))[0]["cases"] == before[0] > 0
    with open_store(batch.office) as con:
        assert con.execute("select count(*) from cases").fetchall() == [(0,)]


def test_what_was_set_aside_goes_too(old: Batch) -> None:
    """If this fails, the same delivery lies on in plain where a refusal or a restore had put it."""
    home, agenda = old.office.home, old.agenda
    refused_again = home / "rejected" / "20251007" / "kiriman lagi.csv"
    with open_ledger(old.office) as ledger, open_store(old.office):
        (receipt,) = entries(ledger, agenda, Kind.RECEIVED)
    with original(old.office, agenda, receipt.payload["files"][0]["archived"]) as plain:
        refused_again.parent.mkdir(parents=True)
        shutil.copy(plain, refused_again)
    aside = [
        home / "meja.sebelum-1" / "ani" / f"lembar-kerja-{agenda}-r1.xlsx",
        home / "archive.sebelum-1" / agenda / "01.csv.terkunci",
        home / "archive" / f".tertinggal-{agenda}-ab12" / "01.csv",
        home / "kunci-agenda.sebelum-1" / f"{agenda}.key",
        home / "outbox.sebelum-1" / agenda / "daftar.csv",
    ]
    for path in aside:
        path.parent.mkdir(parents=True)
        path.write_text("0")
    other = home / "rejected" / "20251007" / "lain.csv"
    other.write_text("NIK\n")
    destroyed(old)
    assert not [path for path in (refused_again, *aside) if path.exists()]
    assert other.exists()
    assert wrongs(old.office) == []


def test_decisions_about_strangers_go(tmp_path: Path) -> None:
    """If this fails, name, mother and NIK of somebody who never was a resident stay in the office for ever."""
    batch = written(tmp_path / "orang", ROWS)
    with open_store(batch.office) as con:
        row = """insert into pair_decisions by name select ? as agenda, 1 as round, ? as left_resident, ? as left_nik,
          2 as right_resident, nik as right_nik, 'bukan' as verdict, '{"left": {"nama_lgkp": "UJI ASING"}}' as said
          from penduduk where resident_id = 2"""
        stranger = "3576020711679060"
        living = con.execute("select nik from penduduk where resident_id = 1").fetchall()[0][0]
        for told in ((batch.agenda, None, stranger), (batch.agenda, 1, living), ("2026-0002", None, stranger)):
            con.execute(row, list(told))
        forget(con, batch.agenda)
        left = con.execute("select agenda, left_resident from pair_decisions where said like '%ASING%'").fetchall()
    assert left == [(batch.agenda, 1)]


def test_what_comes_back_from_a_backup_is_destroyed_again(old: Batch, tmp_path: Path) -> None:
    """If this fails, a restored folder brings back what the law had destroyed, and nobody notices."""
    shutil.copytree(old.office.archive / old.agenda, tmp_path / "arsip")
    shutil.copy(old.office.batch_keys / f"{old.agenda}.key", tmp_path / "kunci")
    destroyed(old)
    shutil.copytree(tmp_path / "arsip", old.office.archive / old.agenda)
    shutil.copy(tmp_path / "kunci", old.office.batch_keys / f"{old.agenda}.key")
    assert any("masih ada" in text for text in wrongs(old.office))
    with open_ledger(old.office) as ledger:
        assert finish_purges(old.office, ledger)
        assert finish_purges(old.office, ledger) == []
    assert wrongs(old.office) == []


def test_a_forged_destruction_is_found(old: Batch) -> None:
    """If this fails, whoever wipes the store has only to add one line to the Buku Agenda."""
    facts = {"destroys": old.agenda, "digest": "0" * 64, "round": 1, "files": 2, "rows": 5}
    with open_ledger(old.office) as ledger, writing(ledger):
        append(ledger, AFTER, (Kind.PURGED, f"{old.agenda}-P1", "sinkron"), facts)
    found = [one for one in verify_office(old.office, []) if one.severity is Severity.WRONG]
    assert {Check.WRITTEN, Check.PURGE} <= {one.check for one in found}


FORGERIES = {
    "nobody signed": lambda rows: [row for row in rows if not (row[3].endswith("-P1") and row[2] == "keputusan")],
    "kadis missing": lambda rows: [
        row for row in rows
        if not (row[3].endswith("-P1") and row[2] == "keputusan" and row[5]["role"] == "kadis")
    ],
    "twice": lambda rows: [*rows, rows[-1]],
    "another batch": lambda rows: [*rows[:-1], [*rows[-1][:5], rows[-1][5] | {"destroys": "2025-0009"}, *rows[-1][6:]]],
    "another list": lambda rows: [*rows[:-1], [*rows[-1][:5], rows[-1][5] | {"digest": "0" * 64}, *rows[-1][6:]]],
}  # fmt: skip


@pytest.mark.parametrize("how", ["honest", *FORGERIES])
def test_both_verifiers_judge_a_destruction(old: Batch, tmp_path: Path, how: str) -> None:
    """If this fails, an auditor believes in a destruction that nobody approved, or doubts an honest one."""
    destroyed(old)
    if how in FORGERIES:

        def change(rows: list[Row]) -> None:
            rows[:] = [[*row[:5], copy.deepcopy(row[5]), *row[6:]] for row in FORGERIES[how](rows)]

        rewrite(old.office, change)
    found = [one.check for one in verify_office(old.office, []) if one.severity is Severity.WRONG]
    ours = bool({*found} - {Check.ANCHORS})
    folder = copied(old.office, tmp_path / "pemeriksa")
    (folder / "kepala.log").unlink()  # it would tell of any forgery
    theirs = audit(folder)
    assert ours is theirs.wrong is (how != "honest"), theirs.text
    assert "lebih dulu" not in theirs.text or how in {"twice", "another batch"}


def test_people_whom_only_destroyed_batches_know_are_forgotten(tmp_path: Path) -> None:
    """If this fails, the office remembers the NIK of a stranger for ever; or forgets one whose data it still holds."""
    batch = written(tmp_path / "orang", ROWS)
    with open_store(batch.office) as con:
        strangers = con.execute("select subject from subjects where subject like 'N%' order by 1").fetchall()
        assert len(strangers) > 1
        kept = strangers[0][0]
        con.execute("insert into subjects values ('2026-0002', 1, ?)", [kept])
        con.execute(
            "insert into extract_rows by name select '2026-0002' as agenda, 1 as row_id, ? as nik", [kept[1:17]]
        )
        states = con.execute("select count(*) from finding_states where subject like 'N%'").fetchall()
        forget(con, batch.agenda)
        for name in RENAMED:
            left = con.execute(f"select distinct subject from {name} where subject like 'N%'").fetchall()
            assert left in ([], [(kept,)]), name
        named = con.execute("select count(*) from finding_states where subject like 'N%' or subject like 'H%'")
        assert named.fetchall() == states
