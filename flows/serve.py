"""The runner process: registers the deployment, watches the inbox, runs flows. Started by ``flows.supervisor``."""

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, cast

from expectations.approvals import LEVELS
from flows import settings
from tasks.office import Office

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment


def _end_with(parent: int) -> None:
    """Ends this process when the office that started it is gone: a runner alone would watch an inbox for nobody."""
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(os.getpgid(0), signal.SIGKILL)


def main() -> None:
    """Waits for the server, then serves until stopped."""
    os.umask(0o077)
    import httpx
    from prefect import serve

    from flows import inbox
    from flows.gateway.setup import api_of

    api = api_of(settings.office(), os.environ["PREFECT_API_URL"])
    while not api.healthy():
        time.sleep(0.1)
    with contextlib.suppress(httpx.HTTPError):  # a convenience; the office works without
        api.keep_inboxes(level.title for level in LEVELS.values())
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    threading.Thread(target=inbox.Watcher(settings.office(), api).watch, daemon=True).start()
    serve(*deployments(settings.office()), print_starting_message=False)


def deployments(office: Office) -> "list[RunnerDeployment]":
    """What an office's runner serves: batches, undos, destructions, and reminders where the office has a channel."""
    from flows.purge import pemusnahan
    from flows.scheduled import EVERY_TEN_MINUTES, pengingat
    from flows.sop import sop_anomali_data
    from flows.undo import pembatalan

    made = [
        sop_anomali_data.to_deployment(
            settings.DEPLOYMENT, description="SOP Anomali Data: isi `berkas` dengan nama berkas di inbox/.",
            tags=["sinkron"],
        ),
        pembatalan.to_deployment(
            settings.DEPLOYMENT, description="Pembatalan: dimulai oleh sinkron undo.", tags=["sinkron"]
        ),
        pemusnahan.to_deployment(
            settings.DEPLOYMENT, description="Pemusnahan: dimulai oleh sinkron purge.", tags=["sinkron"]
        ),
    ]  # fmt: skip
    if office.settings.pemberitahuan.reach_somebody:
        told = "Pengingat: mengirim yang jatuh tempo pada jam kerja, tidak memutuskan apa pun."
        made.append(pengingat.to_deployment(
            settings.DEPLOYMENT, description=told, schedule=EVERY_TEN_MINUTES, tags=["sinkron"]
        ))  # fmt: skip
    return cast("list[RunnerDeployment]", made)


if __name__ == "__main__":
    main()
