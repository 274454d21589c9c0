"""What the office remembers of its extracts, against a model that knows no SQL: every label and every case number.

``SINKRON_TORTURE=1`` plays 4,000 histories instead of 48.
"""

import os
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import duckdb
import pytest
from office_kit.extracts import World
from office_kit.extracts_model import cases, states

from expectations.memory import ClusterEvent, Label
from tasks.store import memory_store

HISTORIES = 4_000 if os.environ.get("SINKRON_TORTURE") else 48
PARTS = 2
STATES = """select agenda, subject, code, row_id, label, first_on, since_on, handled_by, series, no_kec, no_kel
from finding_states"""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_label_is_the_models(part: int, record_property: Callable[[str, object], None]) -> None:
    """If this fails, a finding is told as new, open, back, fixed or gone wrongly, or a case changes its number."""
    labels: Counter[str] = Counter()
    events: Counter[str] = Counter()
    extracts = doubts = 0
    with memory_store() as con:
        con.execute("set threads = 1")
        for number in range(part, HISTORIES, PARTS):
            world = World(con, Random(number), crowded=0.8 * (number % 3 == 0))  # noqa: S311 (a history, not a secret)
            world.play(6 + number % 4)
            extracts += len(world.compared)
            doubts += sum(len(extract.doubts) for extract in world.compared.values())
            labels.update(compare_states(con, world, number))
            events.update(compare_cases(con, world, number))
    record_property("facts", {"extracts": extracts, "doubts": doubts, "labels": dict(labels), "events": dict(events)})
    assert set(labels) == set(Label)  # the histories hold every label and event
    assert set(events) == set(ClusterEvent)
    assert doubts  # and lists that looked torn off


def compare_states(con: duckdb.DuckDBPyConnection, world: World, number: int) -> list[str]:
    found = {(row[0], row[1], row[2]): row[3:] for row in con.execute(STATES).fetchall()}
    expected = states(world.in_order())
    differing = {key: (found.get(key), expected.get(key)) for key in found.keys() | expected.keys()
                 if found.get(key) != expected.get(key)}  # fmt: skip
    assert not differing, (number, differing)
    return [told[1] for told in found.values()]


def compare_cases(con: duckdb.DuckDBPyConnection, world: World, number: int) -> list[str]:
    members, events = cases(world.in_order())
    assert set(con.execute("from duplicate_members").fetchall()) == members, number
    found: list[Any] = con.execute("from duplicate_events").fetchall()
    assert sorted(found, key=str) == events, number
    return [event for _, _, event, _ in found]
