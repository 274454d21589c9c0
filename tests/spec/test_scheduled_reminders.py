"""The scheduled look at the office's clocks on a real Prefect server: a notification block, links, no growing list."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from office_kit.small import Batch
from office_kit.web_taker import taking

from flows import reminding, scheduled, settings
from flows.rest import Api
from flows.scheduled import forget_runs, pengingat
from flows.serve import deployments
from tasks.ledger import Kind, entries_of, open_ledger
from tasks.office import WIB

MORNING = datetime(2026, 10, 7, 9, 30, tzinfo=WIB)  # the working day after the batch came
pytestmark = pytest.mark.server


class Clock:
    """The wall clock of the flow, on a working morning."""

    @staticmethod
    def now(zone: Any) -> datetime:
        return MORNING.astimezone(zone)


@pytest.fixture
def taker() -> Iterator[tuple[list[Any], str]]:
    """A service behind a block, and its address; it refuses while ``bodies`` holds None."""
    bodies: list[Any] = []

    def answer(_: str, body: Any) -> int:
        if None in bodies:
            return 500
        bodies.append(body)
        return 200

    with taking(answer) as address:
        yield bodies, f"{address}/kirim"


@pytest.fixture
def served(
    batch: Batch, prefect_server: None, taker: tuple[list[Any], str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Batch, Api]:
    """The small office's batch lies before Staff, its Prefect server has a block and a run about the batch."""
    from prefect.blocks.notifications import CustomWebhookNotificationBlock
    from prefect.settings import PREFECT_API_URL

    CustomWebhookNotificationBlock(
        name="kantor", url=taker[1], method="POST", json_data={"judul": "{{subject}}", "isi": "{{body}}"},
        allow_private_urls=True,
    ).save("kantor", overwrite=True)  # fmt: skip
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    batch.office.settings_file.write_text('[pemberitahuan]\nblok = "custom-webhook/kantor"\n')
    batch.desk.case = (batch.agenda, 1, batch.digest)
    with open_ledger(batch.office) as ledger:
        batch.desk.propose(ledger)
    url = PREFECT_API_URL.value()
    (batch.office.home / "server.json").write_text(json.dumps({"api": url, "pid": os.getpid()}))
    monkeypatch.setattr(scheduled, "datetime", Clock)
    return batch, Api(str(url))


def test_a_notice_goes_through_a_block_with_links(served: tuple[Batch, Api], taker: tuple[list[Any], str]) -> None:
    """If this fails, an office that set up a block in Prefect hears of no limit, or not where to answer."""
    batch, api = served
    assert pengingat() == "1 pengingat terkirim"
    (body,) = taker[0]
    assert body["judul"] == f"Sinkron: agenda {batch.agenda}, lewat batas"
    assert f"Agenda {batch.agenda} (ronde 1) menunggu Staff" in body["isi"]
    assert f"Semua yang menunggu: {api.inbox('Staff')}" in body["isi"]
    assert pengingat() == "0 pengingat terkirim"
    with open_ledger(batch.office) as ledger:
        (told,) = entries_of(ledger, (Kind.NOTICE,))
    assert told.payload["delivered"] == ["blok"]


def test_a_block_that_fails_is_tried_again(served: tuple[Batch, Api], taker: tuple[list[Any], str]) -> None:
    """If this fails, a notice that the service refused counts as sent, or the run looks as if all were well."""
    batch, _ = served
    taker[0].append(None)
    with pytest.raises(Exception, match="tidak terkirim lewat blok") as failed:
        pengingat()
    assert "kirim lewat" not in str(failed.value.__cause__ or "")
    with open_ledger(batch.office) as ledger:
        assert entries_of(ledger, (Kind.NOTICE,)) == []
    taker[0].clear()
    assert pengingat() == "1 pengingat terkirim"


def test_old_looks_leave_the_list_of_runs(served: tuple[Batch, Api]) -> None:
    """If this fails, the list of runs and Prefect's database grow by a run every ten minutes."""
    from prefect.client.orchestration import get_client

    pengingat()
    with get_client(sync_client=True) as client:
        assert forget_runs(client, datetime.now(UTC) - timedelta(days=1)) == 0
        assert forget_runs(client, datetime.now(UTC) + timedelta(days=1)) >= 1
        assert forget_runs(client, datetime.now(UTC) + timedelta(days=1)) == 0


def test_only_an_office_with_a_channel_is_looked_at(tmp_path: Path) -> None:
    """If this fails, an office without channels fills its list of runs, or one with a channel is never looked at."""
    office = reminding.Office(tmp_path / "kantor")
    office.create()
    always = {settings.FLOW, settings.UNDO_FLOW, settings.PURGE_FLOW}
    assert {made.flow_name for made in deployments(office)} == always
    office.settings_file.write_text('[pemberitahuan]\nwebhook = "http://127.0.0.1:9/"\n')
    (added,) = [made for made in deployments(office) if made.flow_name == settings.REMINDER_FLOW]
    assert [one.schedule.timezone for one in added.schedules or ()] == ["Asia/Jakarta"]
