"""Step "reconcile": an extract is compared with all earlier ones, and later ones with it when it comes late."""

import json
from dataclasses import asdict

import duckdb

from expectations.memory import Label
from tasks.reconcile.coverage import define_coverage
from tasks.reconcile.duplicates import number_duplicates
from tasks.reconcile.labels import STEP, Seen, label_findings
from tasks.reconcile.subjects import name_subjects
from tasks.steps import Summary, find, finish
from tasks.store import transaction


def reconcile(con: duckdb.DuckDBPyConnection, agenda: str, as_of: str) -> Summary:
    """Labels every finding of a resolved batch, and numbers its groups of duplicates; ``as_of``: day of receipt (ISO).

    Returns what was true when it was first asked: {as_of, written: number of the newest writing, earlier: extracts
    compared with, labels: {label: findings}, events: {event: cases}}. The tables follow what comes after: an earlier
    batch that is reconciled late, an undo.
    """
    if done := find(con, agenda, STEP):
        return done
    with transaction(con):
        if not con.execute("select 1 from subjects where agenda = ? limit 1", [agenda]).fetchone():
            name_subjects(con, agenda)  # resolved before the office remembered anything
        written = con.execute("select coalesce(max(n), 0) from applied").fetchall()[0][0]
        seen = Seen(as_of, int(written))
        _tell(con, agenda, seen)
        summary = finish(con, agenda, (STEP, 0), asdict(seen) | _counts(con, agenda))
        for later, then in _later(con, agenda):
            _tell(con, later, then)
        return summary


def _tell(con: duckdb.DuckDBPyConnection, agenda: str, seen: Seen) -> None:
    """What an extract says after all before it. Answers to the office's own cases are no list of the centre's."""
    if _is_answers(con, agenda):
        return
    define_coverage(con, agenda)
    label_findings(con, agenda, seen)
    number_duplicates(con, agenda)


def _is_answers(con: duckdb.DuckDBPyConnection, agenda: str) -> bool:
    return con.execute("select 1 from case_answers where agenda = ? limit 1", [agenda]).fetchone() is not None


def _later(con: duckdb.DuckDBPyConnection, agenda: str) -> list[tuple[str, Seen]]:
    """The extracts after this one that were reconciled before it, in order."""
    rows = con.execute(
        "select agenda, summary from steps where step = ? and agenda > ? order by agenda", [STEP, agenda]
    ).fetchall()
    told = [(later, json.loads(text)) for later, text in rows]
    return [(later, Seen(then["as_of"], then["written"])) for later, then in told]


def _counts(con: duckdb.DuckDBPyConnection, agenda: str) -> Summary:
    if _is_answers(con, agenda):
        return {"earlier": 0, "labels": {}, "events": {}}
    labels = "select label, count(*)::int from finding_states where agenda = ? group by 1"
    counts = dict(con.execute(labels, [agenda]).fetchall())
    events = "select event, count(distinct case_no)::int from duplicate_events where agenda = ? group by 1 order by 1"
    earlier = """select count(*)::int from steps where step = ? and agenda < ?
                 and agenda not in (select agenda from case_answers)"""
    return {
        "earlier": con.execute(earlier, [STEP, agenda]).fetchall()[0][0],
        "labels": {label.value: counts.get(label.value, 0) for label in Label},
        "events": dict(con.execute(events, [agenda]).fetchall()),
    }
