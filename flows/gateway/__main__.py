"""The server process of an office behind a door: Prefect's app inside the door, on the loopback interface only."""

import sys

from flows import settings
from flows.gateway.app import Gateway
from flows.gateway.identity import credentials
from flows.gateway.setup import pages
from flows.reports import create_app as create_reports
from tasks.office import PRIVATE_FOLDER


def main(port: int) -> None:
    """Serves until stopped."""
    import uvicorn
    from prefect.server.api.server import create_app

    office = settings.office()
    prefect = create_app(final=True)
    for path in pages(office).rglob("*"):  # copies of installed files: open to all, as those are
        path.chmod(path.stat().st_mode & PRIVATE_FOLDER)
    door = Gateway(prefect, create_reports(office), office, credentials(office))
    uvicorn.run(
        door, host="127.0.0.1", port=port, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
