"""Open and closed cases over generated histories of batches and undos, against a plain model of what waits."""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.cases import CALL_DAYS, CENTRE_DAYS
from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF
from tasks.schema import make_schema

FIRST_DAY, ROW = date(2026, 1, 5), 10_000_002
HISTORIES = 2_000 if os.environ.get("SINKRON_TORTURE") else 60
SUBJECTS = "ABC"
HERE, THEIRS, WRONG = "jawaban daerah: tetap di sini", "jawaban daerah: warga sana", "jawaban daerah: keduanya keliru"
CAME = "warga datang"
SAYS = {HERE: "luar kota", THEIRS: "luar kota", WRONG: "luar kota", CAME: "pemohon"}  # what an event is about
# What a row may end in: outcome, event, cause, findings -> what it then waits for.
ENDS: dict[tuple[str, str | None, str, str | None], str | None] = {
    ("tidak terbukti", None, "", None): None,
    ("tidak terbukti", None, BY_STAFF, None): None,
    ("tidak terbukti", None, BY_STAFF, "ANM-NIK-09"): None,
    ("tidak terbukti", None, BY_STAFF, "ANM-WIL-01"): None,
    ("tidak terbukti", None, BY_STAFF, "GND-03"): None,
    ("tidak terbukti", HERE, BY_STAFF, None): None,
    ("tidak terbukti", CAME, BY_STAFF, None): None,
    ("tidak terbukti", None, "dibuka lagi", None): None,
    ("tidak terbukti", None, "dibuka lagi", "GND-04"): None,
    ("tidak terbukti", None, REMEMBERED, "ANM-NIK-09"): None,
    ("diperbaiki", None, "ANM-NAM-02", "ANM-NAM-02"): None,
    ("diperbaiki", None, "ANM-NIK-09", "ANM-NIK-09"): None,
    ("usul nonaktif", THEIRS, "keputusan Staff", None): None,
    ("rujuk luar kota", None, "ANM-WIL-01", "ANM-WIL-01"): "luar kota",
    ("rujuk luar kota", None, "GND-04", "GND-04"): "luar kota",
    ("rujuk luar kota", THEIRS, "keputusan Staff", "ANM-WIL-01"): None,
    ("ditunda", HERE, "keputusan Staff", "ANM-WIL-01"): "luar kota",
    ("ditunda", WRONG, "keputusan Staff", "ANM-WIL-01"): "biometrik",
    ("ditunda", None, "ANM-NIK-09", "ANM-NIK-09"): "pemohon",
    ("ditunda", None, "keputusan Staff", "ANM-NIK-09"): "pemohon",
    ("ditunda", CAME, "keputusan Staff", None): "pemohon",
    ("ditunda", None, "GND-03", "GND-03"): "biometrik",
    ("ditunda", None, "GND-06", "GND-06"): "biometrik",
    ("ditunda", THEIRS, "keputusan Staff", "GND-01"): "biometrik",
    ("ditunda", HERE, "keputusan Staff", "GND-01"): "biometrik",
    ("ditunda", None, "keputusan Staff", "GND-05"): "biometrik",
    ("rujuk luar kota", THEIRS, REMEMBERED, "ANM-WIL-01"): None,
    ("rujuk luar kota", None, REMEMBERED, "ANM-WIL-01"): "luar kota",
    ("ditunda", WRONG, REMEMBERED, None): "biometrik",
    ("ditunda", None, REMEMBERED, "ANM-NIK-09"): "pemohon",
}
End = tuple[str, str | None, str, str | None]
Row = tuple[int, End, date | None]
WRITES = {"ANM-NAM-02": "nama_lgkp", "ANM-NIK-09": "tgl_lhr"}  # what is corrected for a finding
REGIONS = {"ANM-WIL-01", "GND-04"}  # the only findings that a region is asked about
OTHERS = {"GND-01", "GND-03", "GND-04"}  # what compares records: silence proves nothing


@dataclass
class Batch:
    """One written batch: what each subject's rows ended in, until when they wait, and which list it brings."""

    ends: dict[str, list[tuple[End, date | None]]]
    undone: bool
    series: str


QUIET = ("tidak terbukti", None, "", None)  # what a case must outlive: it comes as often as all that waits
ENDED = st.tuples(
    st.sampled_from([*sorted(ENDS, key=str), *[QUIET] * len(ENDS)]), st.none() | st.dates(FIRST_DAY, date(2026, 12, 31))
)
BATCHES = st.builds(
    Batch, st.dictionaries(st.sampled_from(SUBJECTS), st.lists(ENDED, min_size=1, max_size=2)),
    st.sampled_from([False, False, False, True]), st.sampled_from(["ganda", "ganda", "wilayah"]),
)  # fmt: skip


def agenda_of(n: int) -> str:
    return f"2026-{n + 1:04d}"


def day_of(n: int) -> date:
    return FIRST_DAY + timedelta(days=10 * n)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(config={"threads": 1})
    make_schema(made)
    return made


def rows_of(batch: Batch) -> dict[str, list[Row]]:
    """Each subject's rows with their numbers."""
    found, row = {}, ROW
    for subject, ends in batch.ends.items():
        found[subject] = [(row + at, *end) for at, end in enumerate(ends)]
        row += len(ends)
    return found


def store(con: duckdb.DuckDBPyConnection, history: list[Batch]) -> None:
    """The history as the store would hold it after reconcile, apply and undo."""
    for table in ("applied", "outcomes", "subjects", "decisions", "findings", "steps", "extract_rows", "identities",
                  "recalled", "row_memory", "reopened", "changes", "finding_states"):  # fmt: skip
        con.execute(f"delete from {table}")
    number = 0
    for n, batch in enumerate(history):
        agenda = agenda_of(n)
        number += 1
        con.execute("insert into applied values (?, 1, '', 0, 0, 0, ?, null, ?)", [agenda, day_of(n), number])
        con.execute("insert into steps values (?, 'validate', 0, ?)", [agenda, f'{{"as_of": "{day_of(n)}"}}'])
        for subject, rows in rows_of(batch).items():
            for row in rows:
                store_row(con, (agenda, subject), row)
        if batch.undone:
            number += 1
            undo = [f"{agenda}-U1", day_of(n), agenda, number]
            con.execute("insert into applied values (?, 1, '', 0, 0, 0, ?, ?, ?)", undo)
    for n, said in enumerate(words(history)):
        for (subject, code), is_open in said.items():
            label = "masih terbuka" if is_open else "hilang"
            con.execute("insert into finding_states (agenda, subject, code, label) values (?, ?, ?, ?)",
                        [agenda_of(n), subject, code, label])  # fmt: skip


def store_row(con: duckdb.DuckDBPyConnection, place: tuple[str, str], ended: Row) -> None:
    """One row of a written batch. ``place``: (agenda, subject)."""
    agenda, subject = place
    row, (outcome, event, cause, code), until = ended
    again = cause == "dibuka lagi"
    told = f"surat nomor 1; {event}" if cause == REMEMBERED else ""
    con.execute("insert into outcomes values (?, 1, ?, null, ?, ?, ?, ?)",
                [agenda, row, outcome, told, "" if again else cause, again])  # fmt: skip
    con.execute("insert into subjects values (?, ?, ?)", [agenda, row, subject])
    con.execute("insert into extract_rows (agenda, row_id, no_prop, no_kab) values (?, ?, '35', '15')", [agenda, row])
    con.execute("insert into identities values (?, ?, ?, null, '')", [agenda, row, f"B{row}"])
    if again:
        con.execute("insert into reopened values (?, ?, '', '', [], '')", [agenda, row])
    if outcome == "diperbaiki":
        con.execute("insert into changes (agenda, round, row_id, element) values (?, 1, ?, ?)",
                    [agenda, row, WRITES[cause]])  # fmt: skip
    if code:
        con.execute("insert into findings values (?, ?, ?)", [agenda, row, code])
    if cause == REMEMBERED:
        con.execute("insert into recalled values (?, 1, ?, ?, ?)", [agenda, row, f"lama-{agenda}", row])
        con.execute("insert into row_memory (agenda, row_id, until) values (?, ?, ?)", [f"lama-{agenda}", row, until])
    else:
        con.execute("insert into decisions (agenda, row_id, round, event, until) values (?, ?, 1, ?, ?)",
                    [agenda, row, event, until])  # fmt: skip


def words(history: list[Batch]) -> list[dict[tuple[str, str], bool]]:
    """Per extract, also an undone one: (subject, code) -> whether its list still has the finding; no word is none."""
    found, seen = [], dict[tuple[str, str], str]()
    for batch in history:
        here = {(subject, end[3]) for subject, rows in batch.ends.items() for end, _ in rows if end[3]}
        gone = {key for key, series in seen.items() if series == batch.series and key not in here}
        found.append(dict.fromkeys(here, True) | dict.fromkeys(gone, False))
        seen = {key: series for key, series in seen.items() if key not in gone} | dict.fromkeys(here, batch.series)
    return found


def said_of(kind: str, own: set[str], rows: list[Row]) -> bool:
    """Whether somebody decided what a case waits for. ``own``: the findings of the rows that wait for it."""
    own = own & REGIONS if kind == "luar kota" else own
    for _, (outcome, event, cause, code), _ in rows:
        by_staff = cause in {BY_STAFF, "dibuka lagi"}
        if outcome == "usul nonaktif" or (by_staff and event and SAYS[event] == kind):
            return True
        if (code in own and (by_staff or cause == REMEMBERED)) or (outcome == "diperbaiki" and cause in own):
            return True
    return False


def silent_about(codes: set[str], open_now: dict[tuple[str, str], bool], subject: str) -> bool:
    """Whether none of the subject's findings is in its list any more, where silence proves anything."""
    return bool(codes) and not codes & OTHERS and not any(open_now.get((subject, code)) for code in codes)


def model(history: list[Batch]) -> set[tuple[object, ...]]:
    """Every case by walking through the batches one after the other."""
    said, found = words(history), list[dict[str, object]]()
    for subject in SUBJECTS:
        mine: list[dict[str, object]] = []
        open_now: dict[tuple[str, str], bool] = {}
        here: dict[str, dict[str, object]] = {}
        codes: dict[str, set[str]] = {}
        own: dict[str, set[str]] = {}
        clock = 0
        for n, batch in enumerate(history):
            open_now |= said[n]
            if batch.undone or subject not in batch.ends:
                continue
            rows = rows_of(batch)[subject]
            clock = clock if here else n
            for kind in ("biometrik", "luar kota", "pemohon"):
                waits = [(row, until) for row, end, until in rows if ENDS[end] == kind]
                if waits and kind not in here:
                    here[kind] = {"kind": kind, "subject": subject, "agenda": agenda_of(n), "row": waits[0][0],
                                  "opened": day_of(n), "due": None, "centre": day_of(clock) + timedelta(CENTRE_DAYS),
                                  "closed_on": None, "closed_by": None}  # fmt: skip
                    mine.append(here[kind])
                if waits:
                    codes[kind] = {end[3] for _, end, _ in rows if end[3]}
                    own[kind] = {end[3] for _, end, _ in rows if end[3] and ENDS[end] == kind}
                    here[kind]["due"] = due(kind, here[kind]["due"], waits[0][1], day_of(n))
            for kind in [kind for kind in here if not [1 for _, end, _ in rows if ENDS[end] == kind]]:
                if said_of(kind, own[kind], rows) or silent_about(codes[kind], open_now, subject):
                    here.pop(kind).update(closed_on=day_of(n), closed_by=agenda_of(n))
        found += mine
    return {
        (f"{one['agenda']} 1/{int(str(one['row'])) % 10_000_000}", one["kind"], one["subject"], one["agenda"],
         one["row"], one["opened"], one["due"] or unasked_due(one), one["centre"], one["closed_on"], one["closed_by"])
        for one in found
    }  # fmt: skip


def unasked_due(case: dict[str, Any]) -> date:
    """The day where Staff named none: two weeks before the centre's for a region that was written to."""
    if case["kind"] != "luar kota":
        return case["centre"]
    return max(case["centre"] - timedelta(days=14), case["opened"] + timedelta(days=7))


def due(kind: str, before: object, until: date | None, today: date) -> date | None:
    """The day a case waits for: Staff's; a resident's announced day stays while it lies ahead."""
    known = before if isinstance(before, date) else None
    if kind != "pemohon":
        return until or known
    if until and until > today:
        return until
    return known if known and known >= today else today + timedelta(days=CALL_DAYS)


@given(st.lists(BATCHES, min_size=1, max_size=8))
@settings(max_examples=HISTORIES, deadline=None)
def test_cases_of_any_history(con: duckdb.DuckDBPyConnection, history: list[Batch]) -> None:
    """If this fails, a matter that waits is forgotten, one that ended is asked for, or its clock starts anew."""
    store(con, history)
    seen = con.execute("""select case_no, kind, subject, agenda, row_id, opened_on, due_on, centre_due_on, closed_on,
        closed_by from cases""").fetchall()
    assert len(seen) == len(set(seen))
    assert set(seen) == model(history)


def test_an_undone_undo_counts_again(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a batch that was taken back by mistake and restored has lost its cases."""
    history = [Batch({"A": [(("ditunda", None, "ANM-NIK-09", "ANM-NIK-09"), None)]}, undone=True, series="ganda")]
    store(con, history)
    assert con.execute("select count(*) from cases").fetchall() == [(0,)]
    con.execute("insert into applied values ('2026-0001-U2', 1, '', 0, 0, 0, '2026-02-01', '2026-0001-U1', 9)")
    assert con.execute("select case_no, closed_by from cases").fetchall() == [("2026-0001 1/2", None)]


QUIET_ROW = [(QUIET, None)]


def three_lists() -> list[Batch]:
    """A waits by one list; stands in another one without a finding; and is in the next list of the first no more."""
    waits: list[tuple[End, date | None]] = [(("ditunda", None, "ANM-NIK-09", "ANM-NIK-09"), None)]
    return [
        Batch({"A": waits}, undone=False, series="ganda"), Batch({"A": QUIET_ROW}, undone=False, series="wilayah"),
        Batch({"B": QUIET_ROW}, undone=False, series="ganda"),
    ]  # fmt: skip


def test_the_newest_word_is_the_one_written_last(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a batch that waits for a signature is written last and calls somebody whose matter is over."""
    store(con, three_lists())
    assert con.execute("select closed_by from cases").fetchall() == [(None,)]
    con.execute("update applied set n = 5 - n where agenda in ('2026-0002', '2026-0003')")
    assert con.execute("select closed_by from cases").fetchall() == [("2026-0002",)]


def test_a_list_that_was_never_written_still_tells(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, what the centre's list no longer has is waited for because that batch was refused."""
    store(con, [*three_lists(), Batch({"A": QUIET_ROW}, undone=False, series="wilayah")])
    con.execute("delete from applied where agenda = '2026-0003'")
    assert con.execute("select closed_by from cases").fetchall() == [("2026-0004",)]
