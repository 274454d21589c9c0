"""Step "reconcile": an extract is compared with all earlier ones, and later ones with it when it comes late."""

import json
from dataclasses import asdict, replace

import duckdb

from expectations.memory import Label
from tasks.reconcile.coverage import define_coverage
from tasks.reconcile.duplicates import number_duplicates
from tasks.reconcile.labels import STEP, Doubt, Seen, label_findings
from tasks.reconcile.subjects import name_subjects
from tasks.steps import Summary, find, finish
from tasks.store import transaction


def reconcile(con: duckdb.DuckDBPyConnection, agenda: str, as_of: str) -> Summary:
    """Labels every finding of a resolved batch, and numbers its groups of duplicates; ``as_of``: day of receipt (ISO).

    Returns what was true when it was first asked: {as_of, written: number of the newest writing, doubts: [{series,
    waited, again}], unnamed: files whose name tells no list, earlier: extracts compared with, labels: {label:
    findings}, events: {event: cases}}. The tables follow what comes after: an earlier batch that is reconciled late,
    an undo; doubts stay as they were told.
    """
    if done := find(con, agenda, STEP):
        return done
    with transaction(con):
        if not con.execute("select 1 from subjects where agenda = ? limit 1", [agenda]).fetchone():
            name_subjects(con, agenda)  # resolved before the office remembered anything
        written = con.execute("select coalesce(max(n), 0) from applied").fetchall()[0][0]
        seen = _tell(con, agenda, Seen(as_of, int(written)))
        summary = finish(con, agenda, (STEP, 0), _as_told(seen) | _counts(con, agenda))
        for later, then in _later(con, agenda):
            _tell(con, later, then)
        return summary


def _tell(con: duckdb.DuckDBPyConnection, agenda: str, seen: Seen) -> Seen:
    """What an extract says after all before it. Answers to the office's own cases are no list of the centre's."""
    if _is_answers(con, agenda):
        return replace(seen, doubts=())
    define_coverage(con, agenda)
    seen = label_findings(con, agenda, seen)
    number_duplicates(con, agenda)
    return seen


def _is_answers(con: duckdb.DuckDBPyConnection, agenda: str) -> bool:
    return con.execute("select 1 from case_answers where agenda = ? limit 1", [agenda]).fetchone() is not None


def _later(con: duckdb.DuckDBPyConnection, agenda: str) -> list[tuple[str, Seen]]:
    """The extracts after this one that were reconciled before it, in order."""
    rows = con.execute(
        "select agenda, summary from steps where step = ? and agenda > ? order by agenda", [STEP, agenda]
    ).fetchall()
    return [(later, _seen(json.loads(text))) for later, text in rows]


def _as_told(seen: Seen) -> Summary:
    return asdict(seen) | {"doubts": [asdict(doubt) for doubt in seen.doubts or ()]}


def _seen(told: Summary) -> Seen:
    """As it was first compared; nobody doubted a list before the office knew how."""
    doubts = tuple(Doubt(**doubt) for doubt in told.get("doubts") or ())
    return Seen(told["as_of"], told["written"], doubts)


def _counts(con: duckdb.DuckDBPyConnection, agenda: str) -> Summary:
    if _is_answers(con, agenda):
        return {"unnamed": 0, "earlier": 0, "labels": {}, "events": {}}
    labels = "select label, count(*)::int from finding_states where agenda = ? group by 1"
    counts = dict(con.execute(labels, [agenda]).fetchall())
    events = "select event, count(distinct case_no)::int from duplicate_events where agenda = ? group by 1 order by 1"
    earlier = """select count(*)::int from steps where step = ? and agenda < ?
                 and agenda not in (select agenda from case_answers)"""
    unnamed = "select count(*)::int from file_series where agenda = ? and series = ''"
    return {
        "unnamed": con.execute(unnamed, [agenda]).fetchall()[0][0],
        "earlier": con.execute(earlier, [STEP, agenda]).fetchall()[0][0],
        "labels": {label.value: counts.get(label.value, 0) for label in Label},
        "events": dict(con.execute(events, [agenda]).fetchall()),
    }
