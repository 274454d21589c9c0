"""The runner process: registers the deployment, watches the inbox, runs flows. Started by ``flows.supervisor``."""

import os
import threading
import time


def main() -> None:
    """Waits for the server, then serves until stopped."""
    os.umask(0o077)
    from prefect import serve  # noqa: PLC0415 (seconds of imports, in parallel with the server's start)

    from flows import inbox, settings  # noqa: PLC0415
    from flows.rest import Api  # noqa: PLC0415
    from flows.sop import sop_anomali_data  # noqa: PLC0415

    api = Api(os.environ["PREFECT_API_URL"])
    while not api.healthy():
        time.sleep(0.1)
    threading.Thread(target=inbox.watch, args=(settings.office(), api), daemon=True).start()
    serve(sop_anomali_data.to_deployment(
        settings.DEPLOYMENT, description="SOP Anomali Data: isi `berkas` dengan nama berkas di inbox/.",
        tags=["sinkron"],
    ), print_starting_message=False)


if __name__ == "__main__":
    main()
