"""Open and closed cases over generated histories of batches and undos, against a plain model of what waits."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.cases import CALL_DAYS, CENTRE_DAYS
from expectations.memory import REMEMBERED
from tasks.schema import SCHEMA

FIRST_DAY, ROW = date(2026, 1, 5), 10_000_002
SUBJECTS = "ABC"
HERE, THEIRS, WRONG = "jawaban daerah: tetap di sini", "jawaban daerah: warga sana", "jawaban daerah: keduanya keliru"
# What a row may end in: outcome, event, cause, findings -> what it then waits for.
ENDS: dict[tuple[str, str | None, str, str | None], str | None] = {
    ("tidak terbukti", None, "", None): None,
    ("diperbaiki", None, "ANM-NAM-02", "ANM-NAM-02"): None,
    ("usul nonaktif", THEIRS, "keputusan Staff", None): None,
    ("rujuk luar kota", None, "ANM-WIL-01", "ANM-WIL-01"): "luar kota",
    ("rujuk luar kota", THEIRS, "keputusan Staff", "ANM-WIL-01"): None,
    ("ditunda", HERE, "keputusan Staff", "ANM-WIL-01"): "luar kota",
    ("ditunda", WRONG, "keputusan Staff", "ANM-WIL-01"): "biometrik",
    ("ditunda", None, "ANM-NIK-09", "ANM-NIK-09"): "pemohon",
    ("ditunda", None, "keputusan Staff", "ANM-NIK-09"): "pemohon",
    ("ditunda", "warga datang", "keputusan Staff", None): "pemohon",
    ("ditunda", None, "GND-03", "GND-03"): "biometrik",
    ("ditunda", None, "keputusan Staff", "GND-05"): "biometrik",
    ("rujuk luar kota", THEIRS, REMEMBERED, "ANM-WIL-01"): None,
    ("rujuk luar kota", None, REMEMBERED, "ANM-WIL-01"): "luar kota",
    ("ditunda", WRONG, REMEMBERED, None): "biometrik",
    ("ditunda", None, REMEMBERED, "ANM-NIK-09"): "pemohon",
}
End = tuple[str, str | None, str, str | None]


@dataclass
class Batch:
    """One written batch: what each subject's rows ended in, and until when they wait."""

    ends: dict[str, list[tuple[End, date | None]]]
    undone: bool


ENDED = st.tuples(st.sampled_from(sorted(ENDS, key=str)), st.none() | st.dates(FIRST_DAY, date(2026, 12, 31)))
BATCHES = st.builds(
    Batch, st.dictionaries(st.sampled_from(SUBJECTS), st.lists(ENDED, min_size=1, max_size=2)),
    st.sampled_from([False, False, False, True]),
)  # fmt: skip


def agenda_of(n: int) -> str:
    return f"2026-{n + 1:04d}"


def day_of(n: int) -> date:
    return FIRST_DAY + timedelta(days=10 * n)


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(config={"threads": 1})
    for statement in SCHEMA:
        made.execute(statement)
    return made


def store(con: duckdb.DuckDBPyConnection, history: list[Batch]) -> None:
    """The history as the store would hold it after apply and undo."""
    for table in ("applied", "outcomes", "subjects", "decisions", "findings", "steps", "extract_rows", "identities",
                  "recalled", "row_memory"):  # fmt: skip
        con.execute(f"delete from {table}")
    number = 0
    for n, batch in enumerate(history):
        agenda, row = agenda_of(n), ROW
        number += 1
        con.execute("insert into applied values (?, 1, '', 0, 0, 0, ?, null, ?)", [agenda, day_of(n), number])
        con.execute("insert into steps values (?, 'validate', 0, ?)", [agenda, f'{{"as_of": "{day_of(n)}"}}'])
        for subject, ends in batch.ends.items():
            for (outcome, event, cause, code), until in ends:
                told = f"surat nomor 1; {event}" if cause == REMEMBERED else ""
                ended = [agenda, row, outcome, told, cause]
                con.execute("insert into outcomes values (?, 1, ?, null, ?, ?, ?, false)", ended)
                con.execute("insert into subjects values (?, ?, ?)", [agenda, row, subject])
                con.execute("insert into extract_rows (agenda, row_id, no_prop, no_kab) values (?, ?, '35', '15')",
                            [agenda, row])  # fmt: skip
                con.execute("insert into identities values (?, ?, ?, null, '')", [agenda, row, f"B{row}"])
                if code:
                    con.execute("insert into findings values (?, ?, ?)", [agenda, row, code])
                if cause == REMEMBERED:
                    con.execute("insert into recalled values (?, 1, ?, ?, ?)", [agenda, row, f"lama-{agenda}", row])
                    con.execute("insert into row_memory (agenda, row_id, until) values (?, ?, ?)",
                                [f"lama-{agenda}", row, until])  # fmt: skip
                else:
                    con.execute("insert into decisions (agenda, row_id, round, event, until) values (?, ?, 1, ?, ?)",
                                [agenda, row, event, until])  # fmt: skip
                row += 1
        if batch.undone:
            number += 1
            undo = [f"{agenda}-U1", day_of(n), agenda, number]
            con.execute("insert into applied values (?, 1, '', 0, 0, 0, ?, ?, ?)", undo)


def model(history: list[Batch]) -> set[tuple[object, ...]]:
    """Every case by walking through the batches one after the other."""
    found: list[dict[str, object]] = []
    for subject in SUBJECTS:
        here: dict[str, object] | None = None
        clock: date | None = None  # the centre's, from the first batch since which the subject has waited
        for n, batch in enumerate(history):
            if batch.undone or subject not in batch.ends:
                continue
            row = ROW + sum(len(ends) for other, ends in list(batch.ends.items())[: list(batch.ends).index(subject)])
            waits = [(ENDS[end], row + at, until) for at, (end, until) in enumerate(batch.ends[subject]) if ENDS[end]]
            order = ["luar kota", "pemohon", "biometrik"]
            kind, at, until = min(waits, key=lambda one: (order.index(str(one[0])), one[1]), default=(None, 0, None))
            clock = (clock or day_of(n)) if kind else None
            if here and kind != here["kind"]:
                here |= {"closed_on": day_of(n), "closed_by": agenda_of(n)}
                here = None
            if kind and not here:
                here = {"kind": kind, "subject": subject, "agenda": agenda_of(n), "row": at, "opened": day_of(n),
                        "due": None, "centre": None, "closed_on": None, "closed_by": None}  # fmt: skip
                found.append(here)
            if here and clock:
                centre = clock + timedelta(days=CENTRE_DAYS)
                called = day_of(n) + timedelta(days=CALL_DAYS) if kind == "pemohon" else None
                due = until or called or here.get("told")
                here |= {"due": due or centre, "centre": centre, "told": due}
    return {
        (f"{one['agenda']} 1/{int(str(one['row'])) % 10_000_000}", one["kind"], one["subject"], one["agenda"],
         one["row"], one["opened"], one["due"], one["centre"], one["closed_on"], one["closed_by"])
        for one in found
    }  # fmt: skip


@given(st.lists(BATCHES, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_cases_of_any_history(con: duckdb.DuckDBPyConnection, history: list[Batch]) -> None:
    """If this fails, a matter that waits is forgotten, one that ended is asked for, or its clock starts anew."""
    store(con, history)
    seen = con.execute("""select case_no, kind, subject, agenda, row_id, opened_on, due_on, centre_due_on, closed_on,
        closed_by from cases""").fetchall()
    assert len(seen) == len(set(seen))
    assert set(seen) == model(history)


def test_an_undone_undo_counts_again(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a batch that was taken back by mistake and restored has lost its cases."""
    history = [Batch({"A": [(("ditunda", None, "ANM-NIK-09", "ANM-NIK-09"), None)]}, undone=True)]
    store(con, history)
    assert con.execute("select count(*) from cases").fetchall() == [(0,)]
    con.execute("insert into applied values ('2026-0001-U2', 1, '', 0, 0, 0, '2026-02-01', '2026-0001-U1', 9)")
    assert con.execute("select case_no, closed_by from cases").fetchall() == [("2026-0001 1/2", None)]
