"""The SOP's clock stands still while Staff waits for another region; who may stop it, and what that changes."""

from datetime import datetime, timedelta

import pytest
from office_kit.signers import AGENDA, NIP, TEN, Desk
from office_kit.small import Batch

from flows.cli import main
from tasks.approvals.coded import Coded
from tasks.approvals.pause import pauses, record_pause
from tasks.approvals.waiting import waiting
from tasks.clock import WorkCalendar
from tasks.doctor.desk import unfinished
from tasks.documents.facts_people import decided
from tasks.errors import Exit, UserError
from tasks.evidence.findings import Severity
from tasks.evidence.replay import read_book
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import WIB
from tasks.publish.timings import step_times
from tasks.reminders.due import due_notices

CALENDAR = WorkCalendar()
STAFF_LIMIT = 450
LETTER = "470/12/417.303/2026"


def at_work(minutes: float) -> datetime:
    return CALENDAR.after(TEN, minutes)


def pause(desk: Desk, at: datetime, letter: str = LETTER, **changes: object) -> None:
    about = (str(changes.pop("letter", letter)), int(str(changes.pop("rows", 3))))
    given = {"agenda": AGENDA, "nip": NIP["staff"], "code": desk.code("staff", at), "at": at} | changes
    with open_ledger(desk.office) as ledger:
        record_pause(ledger, desk.office.key("totp"), Coded(**given), about)


def stages(desk: Desk, at: datetime) -> list[str]:
    with open_ledger(desk.office) as ledger:
        return [notice.stage for notice in due_notices(ledger, CALENDAR, at)]


def test_no_limit_passes_while_the_clock_stands_still(waiting_desk: Desk) -> None:
    """If this fails, Staff is late by the weeks that another region takes to answer, and the Kasi hears of it."""
    pause(waiting_desk, at_work(100))
    assert stages(waiting_desk, at_work(20 * STAFF_LIMIT)) == []
    pause(waiting_desk, at_work(1000), "")
    assert stages(waiting_desk, at_work(1000 + STAFF_LIMIT - 101)) == ["segera"]
    assert stages(waiting_desk, at_work(1000 + STAFF_LIMIT - 99)) == ["lewat batas"]
    with open_ledger(waiting_desk.office) as ledger:
        (case,) = waiting(ledger, at_work(1200))
        (examining,) = [line for line in step_times(ledger, at_work(1200), CALENDAR) if line[2] == 2]
        verify(ledger)
        assert not [found for found in read_book(ledger).found if found.severity is Severity.WRONG]
    assert case.passed(CALENDAR, at_work(1200)) == examining[7] == 300
    assert not examining[9]


def test_a_limit_that_had_passed_is_not_hidden(waiting_desk: Desk) -> None:
    """If this fails, who is late already stops the clock, and nobody hears that the limit had passed."""
    pause(waiting_desk, at_work(STAFF_LIMIT + 5))
    assert stages(waiting_desk, at_work(STAFF_LIMIT + 20)) == ["lewat batas"]
    with open_ledger(waiting_desk.office) as ledger:
        (line,) = unfinished(ledger, (CALENDAR, at_work(STAFF_LIMIT + 20)))
        (case,) = waiting(ledger, at_work(STAFF_LIMIT + 20))
    assert "melewati batas" in line.text
    assert case.passed(CALENDAR, at_work(2000)) == STAFF_LIMIT + 5
    assert stages(waiting_desk, at_work(2000)) == ["lewat batas"]  # the same one, and no daily one after it


def test_the_next_step_has_no_pause(waiting_desk: Desk) -> None:
    """If this fails, a pause that Staff forgot to end keeps the Kasi's limit from ever passing."""
    pause(waiting_desk, at_work(10))
    waiting_desk.clock = at_work(60)
    assert waiting_desk.say("staff", "Ajukan", lay=False).accepted
    with open_ledger(waiting_desk.office) as ledger:
        (stood,) = pauses(entries(ledger, AGENDA))
        assert stood.ended == waiting_desk.clock
        assert [one.minutes for one in decided(ledger, AGENDA)] == [10]  # as the lembar verifikasi tells it
        waiting_desk.propose(ledger)
        (case,) = waiting(ledger, waiting_desk.clock)
    assert (case.role, case.pause) == ("kasi", None)
    assert "lewat batas" in stages(waiting_desk, CALENDAR.after(waiting_desk.clock, 61))


def test_only_staff_with_a_code_stops_the_clock(waiting_desk: Desk) -> None:
    """If this fails, anybody at the server silences the reminders, or a code that was seen once decides a batch."""
    at = at_work(5)
    for wrong in ({"code": "000000"}, {"nip": NIP["kasi"], "code": waiting_desk.code("kasi", at)}, {"nip": "1" * 18}):
        with pytest.raises(UserError) as caught:
            pause(waiting_desk, at, **wrong)
        assert caught.value.exit_code is Exit.IDENTITY
    with open_ledger(waiting_desk.office) as ledger:
        assert pauses(entries(ledger, AGENDA)) == []
        assert len(entries(ledger, AGENDA, Kind.PAUSED)) == 3
    pause(waiting_desk, at)
    waiting_desk.clock = at - timedelta(seconds=31)
    verdict = waiting_desk.say("staff", "Ajukan", lay=False)
    assert not verdict.accepted
    assert "kode sudah dipakai" in verdict.reason


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rows": 0}, "tidak ada baris luar kota"), ({"letter": "surat Budi Santoso"}, "bukan nomor surat"),
        ({"letter": "470/3576014107809001/2026"}, "bukan nomor surat"), ({"letter": "Suparmi"}, "bukan nomor surat"),
        ({"letter": ""}, "tidak sedang dijeda"), ({"agenda": "2026-0009"}, "tidak menunggu Staff"),
    ],
)  # fmt: skip
def test_nothing_else_stops_it(waiting_desk: Desk, changes: dict[str, object], told: str) -> None:
    """If this fails, a clock stops without a reason that the SOP knows, or a name stands in the ledger for good."""
    with pytest.raises(UserError, match=told) as caught:
        pause(waiting_desk, at_work(5), **changes)
    assert caught.value.exit_code is Exit.USAGE
    with open_ledger(waiting_desk.office) as ledger:
        assert entries(ledger, kind=Kind.PAUSED) == []


def test_a_clock_stops_once(waiting_desk: Desk) -> None:
    """If this fails, a second stop hides since when Staff waits."""
    pause(waiting_desk, at_work(5))
    with pytest.raises(UserError, match="sudah dijeda"):
        pause(waiting_desk, at_work(50))


def test_the_command_and_what_waiting_says(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, Staff can not stop the clock for real rows of another region, or nobody sees that it stands."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    batch.desk.case = (batch.agenda, 1, batch.digest)
    with open_ledger(batch.office) as ledger:
        batch.desk.propose(ledger)
    now = datetime.now(WIB)
    said = ["pause", batch.agenda, "--nip", NIP["staff"], "--kode"]
    assert main([*said, batch.desk.code("staff", now), "--surat", LETTER]) == 0
    assert "dijeda: luar kota" in capsys.readouterr().out
    assert main(["waiting"]) == 0
    told = capsys.readouterr().out
    assert f"surat {LETTER}" in told
    assert "dijeda sejak" in told
    assert "SUDAH LEWAT" in told  # since October, long before the pause
    assert main([*said, batch.desk.code("staff", now + timedelta(seconds=30)), "--selesai"]) == 0
    assert "berjalan lagi" in capsys.readouterr().out
    assert main(["waiting"]) == 0
    assert "dijeda" not in capsys.readouterr().out
