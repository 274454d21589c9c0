"""A runner process: runs flows. Started by ``flows.supervisor``, ``python -m flows.serve [number of how many]``.

The first runner of an office also registers its deployments and watches the inbox; the others only run.
"""

import contextlib
import functools
import os
import signal
import sys
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

    # As the office was started: kantor.toml may say another number meanwhile.
    number, count = (int(given) for given in sys.argv[1:] or ("1", "1"))
    office, is_first = settings.office(), number == 1
    machine, api = office.settings.mesin, api_of(office, os.environ["PREFECT_API_URL"])
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    while not (api.healthy() and (is_first or api.served())):
        time.sleep(0.1)
    if is_first:
        with contextlib.suppress(httpx.HTTPError):  # a convenience; the office works without
            api.keep_inboxes(level.title for level in LEVELS.values())
        watch = functools.partial(inbox.Watcher(office, api).watch, alone=count == 1)
        threading.Thread(target=watch, daemon=True).start()
    serve(*deployments(office), print_starting_message=False, limit=machine.serentak)


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
