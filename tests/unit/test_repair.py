"""After a crash or a restore: what the store holds is entered in the ledger; a ledger that knows more is told so."""

import shutil

import pytest
from office_kit.histories import ABOUT, APPROVERS, sign
from office_kit.killed_office import AGENDA, both, case_of, facts, found
from office_kit.signers import NIP, NOW

from expectations.approvals import STAFF
from tasks.approvals.case import Case
from tasks.approvals.docket import docket
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, append, entries, writing
from tasks.office import Office
from tasks.steps import mark
from tasks.store import transaction
from tasks.write.apply import apply
from tasks.write.repair import repair
from tasks.write.undo import propose_undo, undo


@pytest.fixture
def signed(office: Office) -> Office:
    """Three residents, one letter, signed by all."""
    found(office)
    return office


def write_all(office: Office) -> Case:
    """The batch is written and undone."""
    with both(office) as (con, ledger):
        apply(con, ledger, case_of(con, AGENDA), ABOUT)
        case = propose_undo(con, ledger, AGENDA, ("keliru", NOW))
        sign(ledger, case, STAFF.role, *APPROVERS)
        undo(con, ledger, case, ABOUT)
    return case


def test_nothing_to_repair(signed: Office) -> None:
    """If this fails, every start of the office adds entries to the Buku Agenda."""
    write_all(signed)
    with both(signed) as stores:
        before = facts(stores)
        assert repair(*stores, NOW) == []
        assert facts(stores) == before


def test_an_older_store_is_refused(signed: Office) -> None:
    """If this fails, after a restore of the wrong file the office tells the centre of changes that it does not hold."""
    older = signed.home.parent / "lama.duckdb"
    shutil.copy(signed.store, older)
    write_all(signed)
    shutil.copy(older, signed.store)
    lines = signed.anchors.read_text().splitlines(keepends=True)  # as if the second file were older too
    signed.anchors.write_text("".join(line for line in lines if line.startswith("ledger")))
    with both(signed) as (con, ledger):
        before = facts((con, ledger))
        with pytest.raises(UserError) as caught:
            repair(con, ledger, NOW)
        assert facts((con, ledger)) == before
    assert caught.value.exit_code is Exit.OFFICE
    told = str(caught.value)
    assert len(caught.value.problems) == 3  # written, undo asked for, undone
    assert AGENDA in told
    assert "pulihkan store.duckdb" in told


def test_a_store_with_another_writing_is_refused(signed: Office) -> None:
    """If this fails, a forged store of the same agenda numbers passes for the one the ledger tells of."""
    write_all(signed)
    with both(signed) as (con, ledger):
        with transaction(con):
            con.execute('update steps set summary = replace(summary, \'"digest": "\', \'"digest": "0\')')
            mark(con, "uji")
        with pytest.raises(UserError, match=r"pulihkan store\.duckdb"):
            repair(con, ledger, NOW)


def test_an_older_ledger_is_refused(signed: Office) -> None:
    """If this fails, a writing whose signatures were lost gets an entry as if it had been signed."""
    older, lines = signed.ledger.read_bytes(), signed.anchors.read_text()
    write_all(signed)
    later = signed.anchors.read_text().removeprefix(lines).splitlines(keepends=True)
    signed.ledger.write_bytes(older)
    signed.anchors.write_text(lines + "".join(line for line in later if line.startswith("store")))
    with both(signed) as (con, ledger):
        with pytest.raises(UserError) as caught:
            repair(con, ledger, NOW)
        assert entries(ledger, kind=Kind.WRITTEN) == []
    assert [problem.place for problem in caught.value.problems] == [f"agenda {AGENDA}-U1"]  # the batch was signed
    assert "pulihkan ledger.sqlite" in str(caught.value)


def test_a_signature_withdrawn_after_the_crash_is_too_late(signed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the office does not start any more: written, and not approved any longer."""
    with both(signed) as (con, ledger):
        case = case_of(con, AGENDA)
        with monkeypatch.context() as dying:
            dying.setattr("tasks.write.apply.record_written", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):  # between store and ledger
                apply(con, ledger, case, ABOUT)
        assert facts((con, ledger))["steps"]["apply"] == [AGENDA]
        assert entries(ledger, kind=Kind.WRITTEN) == []
        said = {"withdraws": "kadis", "role": "kadis", "round": 1, "digest": case.digest, "channel": "t"}
        with writing(ledger):
            append(ledger, NOW, (Kind.WITHDRAWN, AGENDA, NIP["kadis"]), said)
        assert len(repair(con, ledger, NOW)) == 1
        assert docket(ledger, AGENDA).turn() is None


def test_nobody_withdraws_while_it_is_written(signed: Office) -> None:
    """If this fails, a signature is withdrawn between the check and the commit, and the data are written anyway."""
    with both(signed) as (con, ledger):
        seen: list[bool] = []
        con.create_function("saksi", lambda: seen.append(ledger.in_transaction) or 1, [], "INTEGER", side_effects=True)
        con.execute("create or replace temp view changes as select * from office.main.changes where saksi() = 1")
        apply(con, ledger, Case(AGENDA, 1, entries(ledger, AGENDA, Kind.DECISION)[0].payload["digest"]), ABOUT)
    assert seen
    assert all(seen)
