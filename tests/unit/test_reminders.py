"""Reminders: who is told when, once, in office hours, by mail and by webhook; nobody is ever decided for."""

import json
import socket
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from office_kit.signers import AGENDA, NIP, TEN, Desk
from office_kit.web_taker import taking

from expectations.reminders import Stage
from tasks.approvals.docket import docket
from tasks.clock import WorkCalendar
from tasks.ledger import Kind, append, entries, open_ledger, verify, writing
from tasks.office import WIB
from tasks.office_settings import Notices, Shape
from tasks.reminders.due import Notice, centre_notices, due_notices, record
from tasks.reminders.send import deliver

CALENDAR = WorkCalendar()
KASI_LIMIT, STAFF_LIMIT = 60, 450


def due(desk: Desk, at: datetime) -> list[Notice]:
    """What is due at a moment, and recorded as sent."""
    with open_ledger(desk.office) as ledger:
        found = due_notices(ledger, CALENDAR, at)
        for notice in found:
            record(ledger, notice, ["surel"], at)
    return found


def told(notices: list[Notice]) -> list[tuple[str, str, int]]:
    return [(notice.stage, notice.to, notice.count) for notice in notices]


def at_work(minutes: float) -> datetime:
    """So many working minutes after ten."""
    return CALENDAR.after(TEN, minutes)


def test_staff_from_the_first_notice_to_the_kasi(waiting_desk: Desk) -> None:
    """If this fails, a batch lies on a desk and nobody hears of it, or hears of it every ten minutes."""
    day = timedelta(seconds=1)
    assert due(waiting_desk, at_work(0.75 * STAFF_LIMIT) - timedelta(minutes=1)) == []
    assert told(due(waiting_desk, at_work(0.75 * STAFF_LIMIT) + day)) == [("segera", "staff", 0)]
    assert due(waiting_desk, at_work(0.9 * STAFF_LIMIT)) == []
    assert told(due(waiting_desk, at_work(STAFF_LIMIT) + day)) == [("lewat batas", "staff", 0)]
    assert due(waiting_desk, at_work(1.9 * STAFF_LIMIT)) == []
    assert told(due(waiting_desk, at_work(2 * STAFF_LIMIT) + day)) == [
        ("pengingat", "staff", 1),
        ("eskalasi", "kasi", 0),
    ]
    assert due(waiting_desk, at_work(2.5 * STAFF_LIMIT)) == []
    assert told(due(waiting_desk, at_work(3 * STAFF_LIMIT) + day)) == [("pengingat", "staff", 2)]
    with open_ledger(waiting_desk.office) as ledger:
        verify(ledger)
        assert docket(ledger, AGENDA).turn() == "staff"  # notices change nobody's turn


def test_an_office_that_was_down_sends_the_newest_alone(waiting_desk: Desk) -> None:
    """If this fails, an official finds a pile of old reminders after a power cut."""
    assert told(due(waiting_desk, at_work(5 * STAFF_LIMIT))) == [("pengingat", "staff", 4), ("eskalasi", "kasi", 0)]
    assert due(waiting_desk, at_work(5.5 * STAFF_LIMIT)) == []


def test_nothing_is_sent_outside_working_hours(waiting_desk: Desk) -> None:
    """If this fails, a telephone rings at night or on a holiday."""
    late = at_work(2 * STAFF_LIMIT)
    for moment in (late.replace(hour=3), late.replace(hour=22), late.replace(hour=12, minute=30)):
        assert due(waiting_desk, moment) == []


def test_the_next_level_has_a_clock_of_its_own(waiting_desk: Desk) -> None:
    """If this fails, the Kasi is late by the hours that Staff took, or a reminder of Staff's counts as the Kasi's."""
    due(waiting_desk, at_work(2 * STAFF_LIMIT) + timedelta(seconds=1))
    waiting_desk.clock = at_work(2 * STAFF_LIMIT) + timedelta(minutes=1)
    waiting_desk.sign("staff")
    began = waiting_desk.clock
    assert due(waiting_desk, began + timedelta(minutes=5)) == []
    assert told(due(waiting_desk, CALENDAR.after(began, KASI_LIMIT) + timedelta(seconds=1))) == [
        ("lewat batas", "kasi", 0)
    ]
    assert told(due(waiting_desk, CALENDAR.after(began, 2 * KASI_LIMIT))) == [("eskalasi", "kabid", 0)]


def test_a_written_batch_reminds_nobody(waiting_desk: Desk) -> None:
    """If this fails, officials are reminded of what they have done."""
    waiting_desk.sign("staff", "kasi", "kabid", "kadis")
    with open_ledger(waiting_desk.office) as ledger, writing(ledger):
        append(ledger, waiting_desk.clock, (Kind.WRITTEN, AGENDA, "sinkron"), {"round": 1})
    assert due(waiting_desk, at_work(30 * STAFF_LIMIT)) == []


def test_the_centres_sixty_days(desk: Desk) -> None:
    """If this fails, the Ditjen's deadline passes unseen, or the Kabid hears of it every day."""
    last, sent = date(2026, 12, 1), []
    with open_ledger(desk.office) as ledger:
        for n in range(45):
            moment = datetime(2026, 11, 1, 9, 0, tzinfo=WIB) + timedelta(days=n)
            for notice in centre_notices(ledger, [(AGENDA, last)], (CALENDAR, moment)):
                record(ledger, notice, [], moment)
                sent.append((moment.date(), notice.count, notice.to))
    assert sent == [
        (date(2026, 11, 17), 14, "kabid"),
        (date(2026, 11, 24), 7, "kabid"),
        (date(2026, 11, 30), 1, "kabid"),
        (date(2026, 12, 1), 0, "kabid"),
        (date(2026, 12, 2), -1, "kabid"),
    ]  # fmt: skip  (28 November, three days before, is a Saturday)


def notice(stage: Stage = Stage.DUE) -> Notice:
    return Notice(AGENDA, 1, stage, "kasi", "staff", "2026-10-06T03:00:00.000+00:00", TEN, 0)


class Relay:
    """The office's mail relay: takes letters without a login."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 (its name)
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def relay() -> Iterator[tuple[Relay, str]]:
    """A real SMTP server on this machine, and its address."""
    taken = Relay()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(taken, hostname="127.0.0.1", port=port)
    server.start()
    yield taken, f"127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def hook() -> Iterator[tuple[list[Any], str]]:
    """A real web server that takes a webhook, and its address."""
    bodies: list[Any] = []

    def answer(path: str, body: Any) -> int:
        bodies.append(body)
        return 500 if path == "/rusak" else 200

    with taking(answer) as address:
        yield bodies, address


def test_a_letter_by_the_relay(relay: tuple[Relay, str]) -> None:
    """If this fails, a reminder by mail names nobody's turn, or goes to somebody else."""
    taken, address = relay
    chosen = Notices(surel=address, dari="sinkron@dukcapil.example", alamat={"kasi": "kasi@x.example; plh@x.example"})
    assert deliver(chosen, notice(), {"Buka": "http://127.0.0.1/run/1"}) == (["surel"], [])
    (letter,) = taken.letters
    assert letter.rcpt_tos == ["kasi@x.example", "plh@x.example"]
    text = letter.content.decode()
    assert f"Subject: Sinkron: agenda {AGENDA}, lewat batas" in text
    assert "menunggu Staff: Meneliti data anomali dan ganda" in text
    assert "http://127.0.0.1/run/1" in text
    assert not any(nip in text for nip in NIP.values())


@pytest.mark.parametrize(
    ("shape", "receiver"), [(Shape.JSON, "untuk"), (Shape.TELEGRAM, "chat_id"), (Shape.WHATSAPP, "target")]
)
def test_a_webhook_in_three_shapes(hook: tuple[list[Any], str], shape: Shape, receiver: str) -> None:
    """If this fails, a gateway of Telegram or WhatsApp does not understand what the office sends."""
    bodies, address = hook
    chosen = Notices(webhook=address, bentuk=shape, obrolan={"kasi": "62800000"})
    assert deliver(chosen, notice(), {"Buka": "http://x/run", "Semua": "http://x/runs"}) == (["webhook"], [])
    assert bodies[0][receiver] == ("kasi" if shape is Shape.JSON else "62800000")
    assert "menunggu Staff" in json.dumps(bodies[0])


def test_a_channel_that_fails_is_told_and_does_not_stop_the_other(hook: tuple[list[Any], str]) -> None:
    """If this fails, a broken relay keeps every reminder from everybody, or is believed to have delivered."""
    bodies, address = hook
    chosen = Notices(surel="127.0.0.1:1", dari="a@b.example", alamat={"kasi": "k@b.example"}, webhook=address)
    assert deliver(chosen, notice(), {}) == (["webhook"], ["surel"])
    assert len(bodies) == 1
    assert deliver(Notices(webhook=f"{address}/rusak"), notice(), {}) == ([], ["webhook"])


@pytest.mark.parametrize("stage", Stage)
def test_texts_say_whose_turn_and_nothing_else(stage: Stage) -> None:
    """If this fails, a notice on a telephone shows a resident's or an official's name, or not what to do."""
    text = notice(stage).text
    assert AGENDA in text
    assert ("60 hari" in text) if stage is Stage.CENTRE else ("Batas SOP 450 menit kerja" in text)
    assert "UJI" not in text


def test_what_was_sent_is_kept(waiting_desk: Desk) -> None:
    """If this fails, nobody can show afterwards that an official was reminded."""
    due(waiting_desk, at_work(STAFF_LIMIT) + timedelta(seconds=1))
    with open_ledger(waiting_desk.office) as ledger:
        (entry,) = entries(ledger, AGENDA, Kind.NOTICE)
    assert entry.payload["stage"] == "lewat batas"
    assert entry.payload["to"] == "staff"
    assert entry.payload["delivered"] == ["surel"]
