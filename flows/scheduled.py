"""The flow that looks at the office's clocks while it is open: ``sinkron remind`` on Prefect's own schedule.

It is served in offices that have a channel (kantor.toml). Every look is a run; those of a week ago that sent what was
due are deleted, so that the list of runs and Prefect's database do not grow by them.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.schedules import Cron

from flows import settings
from flows.guarded import guarded
from flows.reminding import remind, undelivered

if TYPE_CHECKING:
    from prefect.types import DateTime

# Wider than any office's hours: whether it is open is the office calendar's to say.
EVERY_TEN_MINUTES = Cron("*/10 6-17 * * 1-6", timezone="Asia/Jakarta")
KEPT_DAYS = 7


@flow(name=settings.REMINDER_FLOW, log_prints=False, persist_result=False)
def pengingat() -> str:
    """Mengirim pengingat yang jatuh tempo; tidak memutuskan apa pun."""
    return _look()


@guarded("pengingat", patient=False)  # the next look comes in ten minutes
def _look() -> str:
    sent, failed = remind(settings.office(), datetime.now(UTC))
    with get_client(sync_client=True) as client:
        forget_runs(client, datetime.now(UTC) - timedelta(days=KEPT_DAYS))
    if failed:
        raise undelivered(failed)
    return f"{len(sent)} pengingat terkirim"


def forget_runs(client: SyncPrefectClient, before: datetime) -> int:
    """Deletes runs of this flow that completed before a moment (UTC), a page of them at most; returns how many."""
    old = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[settings.REMINDER_FLOW])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED])),
            end_time=FlowRunFilterEndTime(before_=cast("DateTime", before)),
        ),
    )
    for run in old:
        client.delete_flow_run(run.id)
    return len(old)
