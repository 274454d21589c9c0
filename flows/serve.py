"""The runner process: registers the deployment, watches the inbox, runs flows. Started by ``flows.supervisor``."""

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, cast

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
    from prefect import serve

    from flows import inbox, settings
    from flows.rest import Api
    from flows.sop import sop_anomali_data
    from flows.undo import pembatalan

    api = Api(os.environ["PREFECT_API_URL"])
    while not api.healthy():
        time.sleep(0.1)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    threading.Thread(target=inbox.Watcher(settings.office(), api).watch, daemon=True).start()
    deployments = (
        sop_anomali_data.to_deployment(
            settings.DEPLOYMENT, description="SOP Anomali Data: isi `berkas` dengan nama berkas di inbox/.",
            tags=["sinkron"],
        ),
        pembatalan.to_deployment(
            settings.DEPLOYMENT, description="Pembatalan: dimulai oleh sinkron undo.", tags=["sinkron"]
        ),
    )  # fmt: skip
    serve(*(cast("RunnerDeployment", deployment) for deployment in deployments), print_starting_message=False)


if __name__ == "__main__":
    main()
