"""The door's stamp: what it proves, and everything that it does not survive."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.gateway.stamp import Gate, make_stamp, stamped_nip

KEY, AT = b"k" * 32, datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GATE = Gate("3f0c2f4e-8a52-4d52-9c5d-1b1f1a0a9e01", "kasi-r1-c1")
ANSWER = {
    "keputusan": "Ya", "kode_berkas": "K7Q2-9XMT", "catatan": "é \U0001f600", "nip": "198502022010011902",
    "kode": "123456",
}  # fmt: skip


def proved(stamp: str = "", answer: Any = None, **changes: Any) -> str:
    """Whom a stamp proves when one thing is other than when it was made."""
    stored = (stamp or make_stamp(KEY, GATE, ANSWER, AT), json.dumps(ANSWER if answer is None else answer))
    return stamped_nip(changes.get("key", KEY), changes.get("gate", GATE), stored, changes.get("submitted", AT))


def test_an_honest_stamp_names_who_was_logged_in() -> None:
    """If this fails, no answer counts in an office behind a door."""
    assert proved() == ANSWER["nip"]
    assert proved(answer=dict(reversed(ANSWER.items()))) == ANSWER["nip"]
    assert proved(submitted=AT + timedelta(seconds=90)) == ANSWER["nip"]


@pytest.mark.parametrize("field", list(ANSWER))
def test_every_field_of_the_answer_is_stamped(field: str) -> None:
    """If this fails, somebody with access to the database turns a stamped Tidak into a Ya, or changes a note."""
    assert proved(answer=ANSWER | {field: "Tidak"}) == ""
    assert proved(answer={name: value for name, value in ANSWER.items() if name != field}) == ""
    assert proved(answer=ANSWER | {"lagi": ""}) == ""


@pytest.mark.parametrize("change", [
    {"key": b"x" * 32}, {"gate": Gate(GATE.run, "kasi-r1-c2")}, {"gate": Gate(GATE.run, "kabid-r1-c1")},
    {"gate": Gate(GATE.run.replace("3", "4"), GATE.key)}, {"submitted": AT + timedelta(minutes=3)},
    {"submitted": AT - timedelta(minutes=3)},
])  # fmt: skip
def test_a_stamp_holds_for_one_gate_at_one_time(change: dict[str, Any]) -> None:
    """If this fails, yesterday's stamp signs today's form, or one gate's stamp another's."""
    assert proved(**change) == ""


@pytest.mark.parametrize("stamp", [
    "", " ", "null", "[]", "{}", "x", '{"at": 1, "mac": 2}', '{"at": "2026-11-23T02:00:00.000+00:00"}', '"\\ud800"',
    json.dumps({"at": AT.isoformat(timespec="milliseconds"), "mac": "\u0661" * 64}),
    json.dumps({"at": "2026-11-23T02:00:00", "mac": "0" * 64}), json.dumps({"at": "kemarin", "mac": "0" * 64}),
])  # fmt: skip
def test_what_is_no_stamp_proves_nobody(stamp: str) -> None:
    """If this fails, something planted in Prefect's database counts, or kills the run."""
    assert stamped_nip(KEY, GATE, (stamp, json.dumps(ANSWER)), AT) == ""


@pytest.mark.parametrize("answer", ["", "[]", "{}", "1", '"x"', '{"nip": "1", "keputusan": "\\ud800"}'])
def test_what_is_no_answer_proves_nobody(answer: str) -> None:
    """If this fails, a planted answer kills the run."""
    assert stamped_nip(KEY, GATE, (make_stamp(KEY, GATE, ANSWER, AT), answer), AT) == ""
