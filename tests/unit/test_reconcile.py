"""An extract against the earlier ones: what each label rests on, the numbers of groups, and what people are told."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest
from office_kit.comparing import ANOMALIES, BIRTH, DUPLICATES, RELIGION, arrive, decide, labels
from office_kit.extracts import World
from office_kit.extracts_model import File
from office_kit.files import write_csv
from office_kit.pdf_text import text_of
from office_kit.sheets_and_minutes import lay, sheet
from office_kit.small import ABROAD, ROWS, Batch, Opened, found_office, run_steps
from office_kit.writing import take_back, write

from expectations.codes import regions
from expectations.memory import MEANINGS
from flows.cli import main
from flows.settings import REPOSITORY
from tasks.errors import Exit
from tasks.ledger import open_ledger
from tasks.propose import propose
from tasks.receive import receive
from tasks.store import memory_store, open_store
from tasks.summary import one_page


@pytest.fixture
def world() -> Iterator[World]:
    """An office in memory without any extract."""
    with memory_store() as con:
        yield World(con, Random(1))  # noqa: S311 (the order of rows)


def test_a_finding_from_the_first_day_to_its_return(world: World) -> None:
    """If this fails, Staff is told that something is new that was there before, or that it was never gone."""
    for rows in ([("P1", BIRTH)], [("P1", BIRTH)], [], [], [("P1", BIRTH)]):
        arrive(world, rows)
    assert labels(world, "P1") == [("1", "baru"), ("2", "masih terbuka"), ("3", "hilang"), ("5", "muncul lagi")]
    days = world.con.execute("select first_on, since_on from finding_states where agenda = '2026-0005'").fetchall()
    assert days == [(date(2026, 1, 5), date(2026, 5, 5))]


def test_another_list_says_nothing(world: World) -> None:
    """If this fails, a list of duplicates closes every anomaly of the month before."""
    arrive(world, [("P1", BIRTH)], ANOMALIES)
    arrive(world, [], DUPLICATES)
    assert labels(world, "P1") == [("1", "baru")]
    arrive(world, [], DUPLICATES, ANOMALIES)
    assert labels(world, "P1") == [("1", "baru"), ("3", "hilang")]


def test_a_rule_that_could_not_see_says_nothing(world: World) -> None:
    """If this fails, a file that came without a column counts as proof that all errors in it were mended."""
    arrive(world, [("P1", RELIGION), ("P1", BIRTH)])
    arrive(world, [], File("anomali_11.csv", "anomali", ("nik", "tgl_lhr")))
    assert labels(world, "P1", RELIGION) == [("1", "baru")]
    assert labels(world, "P1", BIRTH) == [("1", "baru"), ("2", "hilang")]


@pytest.mark.parametrize(
    "outcome, label", [("diperbaiki", "selesai"), ("tidak terbukti", "selesai"), ("ditunda", "hilang")]
)
def test_what_closed_a_finding(world: World, outcome: str, label: str) -> None:
    """If this fails, the office claims what others mended, or its own work is not told (what BPK asks for)."""
    decide(world, arrive(world, [("P1", BIRTH)]), outcome)
    arrive(world, [])
    assert labels(world, "P1")[-1] == ("2", label)


@pytest.mark.parametrize("event, label", [(None, "hilang"), ("jawaban daerah: warga sana", "selesai")])
def test_a_referral_is_nothing_done_until_it_is_answered(world: World, event: str | None, label: str) -> None:
    """If this fails, a letter that another regency never answered is told to the auditor as work done."""
    first = arrive(world, [("P1", BIRTH)])
    world.con.execute("insert into decisions by name select ? as agenda, 1 as round, ? as row_id, ? as event",
                      [first.agenda, first.rows[0].row_id, event])  # fmt: skip
    decide(world, first, "rujuk luar kota")
    arrive(world, [])
    assert labels(world, "P1")[-1] == ("2", label)


def test_an_answer_counts_for_the_findings_of_its_case(world: World) -> None:
    """If this fails, what a regency answered is not told as done, because the answer alone shows no duplicate."""
    case = arrive(world, [("P1", BIRTH)])
    decide(world, case, "rujuk luar kota")
    answer = arrive(world, [("P1", "")], File("lembar-kasus.xlsx", "kasus lembar", None), compare=False)
    world.con.execute("""insert into case_answers by name select ? as agenda, ? as row_id, ? as case_agenda,
        ? as case_row""", [answer.agenda, answer.rows[0].row_id, case.agenda, case.rows[0].row_id])  # fmt: skip
    answer.answers = True
    world.compare(answer)
    decide(world, answer, "tidak terbukti")
    arrive(world, [])
    told = world.con.execute("select label, handled_by from finding_states where agenda = '2026-0003'").fetchall()
    assert told == [("selesai", answer.agenda)]


def test_what_was_done_before_a_return_did_not_close_it_again(world: World) -> None:
    """If this fails, work of long ago is credited with what disappeared this month by itself."""
    decide(world, arrive(world, [("P1", BIRTH)]), "diperbaiki")
    for rows in ([], [("P1", BIRTH)], []):
        arrive(world, rows)
    assert [label for _, label in labels(world, "P1")] == ["baru", "selesai", "muncul lagi", "hilang"]


def test_what_was_written_later_did_not_close_it(world: World) -> None:
    """If this fails, an extract that lay unread makes a correction of today the reason for a gap of last month."""
    first = arrive(world, [("P1", BIRTH)])
    arrive(world, [])
    decide(world, first, "diperbaiki")
    arrive(world, [("P2", BIRTH)])
    assert labels(world, "P1")[-1] == ("2", "hilang")


def test_a_late_extract_is_put_in_its_place(world: World) -> None:
    """If this fails, a batch that stood for a week leaves the later ones with labels that are not true."""
    late = arrive(world, [("P1", BIRTH)], groups=({"P1", "P2"},), compare=False)
    arrive(world, [("P1", BIRTH), ("P5", BIRTH)], groups=({"P1", "P2"}, {"P5", "P6"}))
    assert labels(world, "P1") == [("2", "baru")]
    world.compare(late)
    assert labels(world, "P1") == [("1", "baru"), ("2", "masih terbuka")]
    told = world.con.execute("select case_no, subject from duplicate_members where agenda = '2026-0002'").fetchall()
    assert sorted(told) == [("G-2026-0001-0001", "P1"), ("G-2026-0001-0001", "P2"),
                            ("G-2026-0002-0002", "P5"), ("G-2026-0002-0002", "P6")]  # fmt: skip


def test_groups_keep_their_numbers(world: World) -> None:
    """If this fails, a case that Staff works on bears another number next month, or two bear one."""
    people = [(f"P{n}", "") for n in range(1, 8)]
    arrive(world, people, groups=({"P1", "P2"}, {"P3", "P4"}, {"P5", "P6", "P7"}))
    arrive(world, people, groups=({"P1", "P2", "P3", "P4"}, {"P5", "P6"}))
    arrive(world, people, groups=({"P1", "P3"}, {"P2", "P4"}))
    events = world.con.execute("""select right(agenda, 1) || ': ' || right(case_no, 6) || ' ' || event || ' ' ||
      coalesce(right(other, 6), '-') from duplicate_events order by all""").fetchall()
    assert [event for (event,) in events] == [
        "1: 1-0001 baru -", "1: 1-0002 baru -", "1: 1-0003 baru -",
        "2: 1-0001 gabung 1-0002", "2: 1-0001 tumbuh -", "2: 1-0002 tutup 1-0001", "2: 1-0003 susut -",
        "3: 1-0001 susut -", "3: 1-0003 tutup -", "3: 3-0002 pecah 1-0001",
    ]  # fmt: skip


def test_a_group_nobody_received_is_not_told(world: World) -> None:
    """If this fails, two records joined years ago stay an open case for ever, whatever the centre sends."""
    arrive(world, [("P1", "")], groups=({"P1", "P2"}, {"P5", "P6"}))
    assert world.con.execute("select distinct case_no from duplicate_members").fetchall() == [("G-2026-0001-0001",)]


def fill(con: duckdb.DuckDBPyConnection, threads: int, seed: int) -> list[list[tuple[object, ...]]]:
    """Two extracts of 4,000 rows in an order of its own, compared; all that was remembered."""
    con.execute(f"set threads = {threads}")
    world = World(con, Random(1))  # noqa: S311
    for month in (1, 2):
        dice = Random(month)  # noqa: S311
        rows = [(f"P{dice.randrange(3000)}", dice.choice((BIRTH, RELIGION))) for _ in range(4000)]
        groups = tuple({f"P{n}", f"P{n + month}", f"P{n + 2}"} for n in range(0, 3000, 4))
        world.dice = Random(seed)  # noqa: S311 (the order in which rows are stored)
        arrive(world, rows, groups=groups)
    return [con.execute(f"from {table} order by all").fetchall()
            for table in ("finding_states", "duplicate_members", "duplicate_events")]  # fmt: skip


def test_the_same_whatever_the_order_and_the_threads() -> None:
    """If this fails, the same letter gives other labels or numbers on another machine."""
    with memory_store() as con:
        first = fill(con, 1, 1)
        assert first[1]
        assert fill(con, 4, 2) == first


# --- through the whole office ---------------------------------------------------------------------------------------


def second_list(opened: Opened) -> str:
    """A month's work later the centre sends half of its list again, and one new row of another region."""
    opened.batch.sign()
    write(opened)
    rows = (*ROWS[::2], {**ROWS[0], **ABROAD})
    office, desk = opened.batch.office, opened.batch.desk
    desk.clock += timedelta(minutes=5)
    receipt = receive(office, [write_csv(office.inbox / "ganda_11.csv", rows)], None, (desk.clock, "inbox"))
    opened.batch.done = run_steps(opened.con, opened.batch.office, receipt)
    opened.batch.done["propose"] = propose(opened.con, receipt.agenda, 1)
    opened.batch.receipt = receipt
    return receipt.agenda


def counts(con: duckdb.DuckDBPyConnection, agenda: str) -> dict[str, int]:
    asked = "select label, count(*) from finding_states where agenda = ? group by 1"
    return dict(con.execute(asked, [agenda]).fetchall())


def test_an_undo_takes_the_credit_back(opened: Opened) -> None:
    """If this fails, the office claims to have mended what it took back."""
    first = opened.batch.agenda
    second = second_list(opened)
    before = counts(opened.con, second)
    assert before["selesai"] > 0
    by = opened.con.execute("select distinct handled_by from finding_states where label = 'selesai'").fetchall()
    assert by == [(first,)]
    undone = take_back(opened, first)
    gone = before["selesai"] + before.get("hilang", 0)
    assert counts(opened.con, second) == {k: n for k, n in before.items() if k != "selesai"} | {"hilang": gone}
    take_back(opened, undone.agenda)
    assert counts(opened.con, second) == before


def test_page_and_sheet_tell_the_comparison(opened: Opened) -> None:
    """If this fails, an official signs without seeing what is new, or reads other numbers on paper."""
    agenda = second_list(opened)
    batch = opened.batch
    lay(batch)
    with open_ledger(batch.office) as ledger:
        page = one_page(opened.con, ledger, (agenda, 1), (batch.desk.clock, True))
    line = re.search(r"### Dibanding berkas sebelumnya\n\nTemuan dibanding 1 berkas terdahulu: (.*)\.", page)[1]
    told = dict(re.fullmatch(r"(.*) \*\*(\d+)\*\*", part).groups() for part in line.split(", "))
    assert {label: int(n) for label, n in told.items() if n != "0"} == counts(opened.con, agenda)
    text = text_of(sheet(opened, agenda).content).replace(" ", "")
    assert f"1berkasterdahulu:{','.join(map(''.join, told.items()))}.".replace(" ", "") in text


def test_page_and_sheet_tell_of_a_torn_list(opened: Opened) -> None:
    """If this fails, an official signs for a month in which a list came cut short, and nobody asks the sender."""
    agenda = second_list(opened)
    doubts = [{"series": "ganda", "waited": 120, "again": 3}]
    told = json.dumps({"doubts": doubts, "unnamed": 2})
    asked = "update steps set summary = json_merge_patch(summary, ?) where agenda = ? and step = 'reconcile'"
    opened.con.execute(asked, [told, agenda])
    batch = opened.batch
    lay(batch)
    with open_ledger(batch.office) as ledger:
        page = one_page(opened.con, ledger, (agenda, 1), (batch.desk.clock, True))
    sheet_text = " ".join(text_of(sheet(opened, agenda).content).split())
    for text in (page, sheet_text):
        assert "daftar ganda mungkin tidak utuh: dari 120 temuan" in text
        assert "nama 2 berkas tidak menyebut daftar apa" in text


def test_rows_of_another_region_have_no_kelurahan(opened: Opened) -> None:
    """If this fails, the backlog of a kelurahan counts people of another regency whose codes look alike."""
    opened.con.execute("update extract_rows set no_kab = '15', no_kec = '02', no_kel = '1009' where no_kab = '15'")
    agenda = second_list(opened)
    abroad = """select s.no_kec, s.no_kel from finding_states s join extract_rows r using (agenda, row_id)
                where agenda = ? and r.no_kab <> '76'"""
    assert set(opened.con.execute(abroad, [agenda]).fetchall()) == {(None, None)}


def test_the_command_tells_counts_and_ages(
    batch: Batch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, nobody sees which kelurahan has the oldest findings, or sees whose they are."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    with open_store(batch.office) as con:
        rules = dict(con.execute("select code, count(*) from finding_states group by 1").fetchall())
        people = con.execute("select nik, nama_lgkp from extract_rows").fetchall()
    assert main(["memory"]) == Exit.OK
    told = capsys.readouterr().out
    for code, n in rules.items():
        assert re.search(rf"^{code} +{n} +0 +\d+ hari +\d+ hari +0 +0$", told, re.MULTILINE), code
    assert not [value for row in people for value in row if value and value in told]
    assert main(["memory", "--aturan", "anm-hdp-04"]) == Exit.OK
    told = capsys.readouterr().out
    assert "ANM-NIK" not in told
    assert re.search(rf"^{batch.agenda} +{rules['ANM-HDP-04']}( +0)+$", told, re.MULTILINE)
    here, elsewhere = regions("kelurahan")["3576021009"], regions("kelurahan")["3576021001"]
    assert main(["memory", "--kelurahan", here.title()]) == Exit.OK
    assert f"\n{here} " in capsys.readouterr().out
    assert main(["memory", "--kelurahan", elsewhere]) == Exit.OK
    told = capsys.readouterr().out
    assert told == f"Tidak ada temuan di kelurahan {elsewhere} pada 1 berkas yang sudah dibandingkan.\n"


def test_an_office_without_extracts_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, an office that compared nothing yet reads an error, or that it has no backlog."""
    monkeypatch.setenv("SINKRON_HOME", str(found_office(tmp_path / "kantor")[0].home))
    assert main(["memory", "--kelurahan", "WATES"]) == Exit.OK
    assert capsys.readouterr().out == "Belum ada temuan yang dibandingkan.\n"


@pytest.mark.parametrize("option", [["--aturan", "ANM-XYZ-99"], ["--kelurahan", "ATLANTIS"]])
def test_an_unknown_rule_or_kelurahan_is_named(
    batch: Batch, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, option: list[str]
) -> None:
    """If this fails, a typing error looks like an office without backlog."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    assert main(["memory", *option]) == Exit.USAGE
    assert "tidak dikenal" in capsys.readouterr().err


def test_the_labels_are_explained_to_staff() -> None:
    """If this fails, Staff reads another meaning of "selesai" than the one that is counted."""
    page = (REPOSITORY / "docs" / "staff.md").read_text(encoding="utf-8")
    for label, meaning in MEANINGS.items():
        assert f"| `{label}` | {meaning}" in page
