"""Two readings of a tampered ledger, written apart, come to the same verdict: `sinkron verify` and the verifier."""

import contextlib
import io
import json
import runpy
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.auditor import VERIFIER, receive, write
from office_kit.forger import Row, rechain
from office_kit.signers import NIP, Desk, staff_an_office

from tasks.approvals.case import Case
from tasks.approvals.people import Mandate, grant
from tasks.evidence.findings import BOTH, Severity
from tasks.evidence.verify import verify_office
from tasks.ledger import Kind, append, canonical, open_ledger, writing
from tasks.ledger_tables import TABLES
from tasks.office import Office
from tasks.tree import commit

DIGESTS = ["a" * 64, "b" * 64, "c" * 64]
BATCHES = ["2026-0001", "2026-0002", "2026-0002-U1"]


def _history(desk: Desk) -> None:
    """A refused round and a written one, a withdrawal, a batch with a Plh, and its undo."""
    receive(desk, BATCHES[0])
    desk.case = (BATCHES[0], 1, DIGESTS[0])
    desk.sign("staff", "kasi")
    assert desk.say("kabid", "Tidak", note="salah").accepted
    desk.case = (BATCHES[0], 2, DIGESTS[1])
    desk.sign("staff", "kasi", "kabid")
    assert desk.say("kadis", "Cabut", who="kabid").accepted
    desk.sign("kabid", "kadis")
    write(desk)
    with open_ledger(desk.office) as ledger:
        grant(ledger, NIP["kasi"], Mandate("kadis", valid_from="2026-10-06"), desk.clock)
        grant(ledger, NIP["staff"], Mandate("kasi", valid_from="2026-10-06", valid_to="2026-10-07"), desk.clock)
    receive(desk, BATCHES[1])
    desk.case, desk.rests_on = (BATCHES[1], 1, DIGESTS[2]), BATCHES[:1]
    desk.sign()
    write(desk)
    with open_ledger(desk.office) as ledger, writing(ledger):
        facts = {"undoes": BATCHES[1], "reason": "x", "digest": DIGESTS[0]}
        append(ledger, desk.clock, (Kind.UNDO, BATCHES[2], "sinkron"), facts)
        proposed = {"round": 1, "step": "undo", "digest": DIGESTS[0], "staff": True, "rows": 1, "changes": 1}
        append(ledger, desk.clock, (Kind.PROPOSED, BATCHES[2], "sinkron"), proposed)
    desk.case = (BATCHES[2], 1, DIGESTS[0])
    _sign_undo(desk)
    with open_ledger(desk.office) as ledger, writing(ledger):
        done = {"undoes": BATCHES[1], "digest": DIGESTS[0], "restored": 1} | commit(ledger, BATCHES[2])
        append(ledger, desk.clock, (Kind.UNDONE, BATCHES[2], "sinkron"), done)


def _sign_undo(desk: Desk) -> None:
    from tasks.approvals.decide import decide

    for role in ("staff", "kasi", "kabid", "kadis"):
        answer = desk.answer(role, "Ajukan" if role == "staff" else "Ya", file_code=Case(*desk.case).code)
        with open_ledger(desk.office) as ledger:
            assert decide(ledger, desk.judging(), desk.question(role), answer).accepted


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], str]:
    """The rows of an honest ledger and its second file."""
    office = Office(tmp_path_factory.mktemp("jujur") / "kantor")
    office.create()
    _history(staff_an_office(office))
    with contextlib.closing(sqlite3.connect(office.ledger)) as con:
        rows = [list(row) for row in con.execute("select * from entries order by seq")]
    return [[*row[:5], json.loads(row[5]), *row[6:]] for row in rows], office.anchors.read_text()


VALUES = {
    "digest": st.sampled_from(DIGESTS), "round": st.sampled_from([1, 2, 3]),
    "decision": st.sampled_from(["Ya", "Tidak"]),
    "role": st.sampled_from(["staff", "kasi", "kabid", "kadis"]), "withdraws": st.sampled_from(["", "staff", "kabid"]),
    "noted": st.sampled_from(["", "dua jenjang"]), "proved": st.booleans(), "reason": st.sampled_from(["", "x"]),
    "nip": st.sampled_from(sorted(NIP.values())), "staff": st.booleans(), "step": st.sampled_from(["draft", "propose"]),
    "submitted_at": st.sampled_from(["2026-10-05T16:59:59.000+00:00", "2026-10-05T17:00:00.000+00:00",
                                     "2026-10-07T17:00:00.000+00:00"]),
    "undoes": st.sampled_from(BATCHES), "rests_on": st.lists(st.sampled_from(BATCHES), max_size=2),
}  # fmt: skip


@st.composite
def tampered(draw: st.DrawFn, rows: list[Row]) -> list[Row]:
    """Up to three changes: an entry gone, doubled, moved, given to another, or one of its facts changed."""
    made = [[*row[:5], json.loads(canonical(row[5])), *row[6:]] for row in rows]
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(made) - 1))
        change = draw(st.sampled_from(["drop", "double", "move", "actor", "batch", "kind", "fact", "fact", "mandate"]))
        row = made[place]
        if change == "drop":
            del made[place]
        elif change in ("double", "move"):
            row = made.pop(place) if change == "move" else [*row[:5], json.loads(canonical(row[5])), *row[6:]]
            made.insert(draw(st.integers(0, len(made))), row)
        elif change == "actor":
            row[4] = draw(st.sampled_from([*sorted(NIP.values()), "orang lain"]))
        elif change == "batch":
            row[3] = draw(st.sampled_from(BATCHES))
        elif change == "kind":
            row[2] = str(draw(st.sampled_from([Kind.DECISION, Kind.WITHDRAWN, Kind.VOIDED, Kind.ATTEMPT])))
        elif change == "fact" and (names := sorted(VALUES.keys() & row[5].keys())):
            name = draw(st.sampled_from(names))
            row[5][name] = draw(VALUES[name])
        elif change == "mandate" and "mandate" in row[5]:
            row[5]["mandate"][draw(st.sampled_from(["valid_from", "valid_to"]))] = draw(
                st.sampled_from(["", "2026-10-05", "2026-10-06", "2026-10-07"])
            )
    return made


def _lay(folder: Path, rows: list[Row], anchors: str | None) -> Office:
    """A ledger file with these rows; ``anchors`` None: the second file agrees with whatever it holds."""
    office = Office(folder)
    with contextlib.closing(sqlite3.connect(office.ledger)) as con:
        con.executescript(TABLES.partition("create trigger")[0])
        con.executemany("insert into entries values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        con.commit()
        con.executescript(TABLES)
    lines = "".join(f"ledger {row[0]} {row[7]} {row[1]}\n" for row in rows) if anchors is None else anchors
    office.anchors.parent.mkdir(parents=True)
    office.anchors.write_text(lines)
    return office


def _alone(folder: Path) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = runpy.run_path(str(VERIFIER))["main"](folder, [])
    return code, said.getvalue()


@given(data=st.data())
@settings(max_examples=100)
def test_both_come_to_the_same_verdict(data: st.DataObject, history: tuple[list[Row], str]) -> None:
    """If this fails, one of two programs overlooks a forgery, or accuses an honest office."""
    rows, anchors = history
    made = data.draw(tampered(rows))
    renumbered = [[at, *row[1:5], canonical(row[5]), *row[6:]] for at, row in enumerate(made, 1)]
    made = rechain(made, trees=data.draw(st.booleans())) if data.draw(st.booleans()) else renumbered
    with tempfile.TemporaryDirectory() as folder:
        office = _lay(Path(folder), made, data.draw(st.sampled_from([None, anchors])))
        copy = Path(folder) / "bukti"
        copy.mkdir()
        (copy / "ledger.sqlite").symlink_to(office.ledger)
        (copy / "kepala.log").symlink_to(office.anchors)
        ours = [f for f in verify_office(office) if f.severity is Severity.WRONG and f.check in BOTH]
        code, text = _alone(copy)
    assert code == (1 if ours else 0 if made else 2), f"{ours}\n{text}"


def test_the_untouched_history_is_right(history: tuple[list[Row], str], tmp_path: Path) -> None:
    """If this fails, the comparison above only ever sees ledgers that are wrong."""
    rows, anchors = history
    tmp_path.joinpath("k").mkdir()
    office = _lay(tmp_path / "k", rechain(rows), anchors)
    wrong = [f for f in verify_office(office) if f.severity is Severity.WRONG and f.check in BOTH]
    assert not wrong
    copy = tmp_path / "bukti"
    copy.mkdir()
    (copy / "ledger.sqlite").symlink_to(office.ledger)
    (copy / "kepala.log").symlink_to(office.anchors)
    assert _alone(copy)[0] == 0
