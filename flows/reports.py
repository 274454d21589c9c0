"""Serves reports and masked papers on this machine only: Prefect's UI can link to an address, never to a file.

A report is found by its exact agenda number, a paper by its number and name, and nothing else: no listing, no other
file, no page that may frame it. Lists with residents' data lie in another folder and are never served.
"""

import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flows import settings
from tasks.office import AGENDA, Office

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ["127.0.0.1", "localhost"]  # any other Host is another site's name pointed at this machine (DNS rebinding)
# The page's own policy narrows this one further: no script but the report's.
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAPER = re.compile(r"[a-z][a-z-]{0,60}[0-9A-Za-z-]{0,60}\.pdf")
NOT_FOUND = "Laporan tidak ditemukan."


def read_report(office: Office, name: str) -> bytes | None:
    """The bytes of ``<agenda>.html``, or None for every other name and for what is no regular file of that folder."""
    agenda = name.removesuffix(".html")
    return _read(office.reports, name) if AGENDA.fullmatch(agenda) and agenda != name else None


def read_paper(office: Office, agenda: str, name: str) -> bytes | None:
    """The bytes of a masked paper (PDF) of one agenda number, or None for everything else."""
    if not (AGENDA.fullmatch(agenda) and PAPER.fullmatch(name)):
        return None
    return _read(office.documents / agenda, name)


def _read(where: Path, name: str) -> bytes | None:
    """A regular file lying in that very folder; no link is followed, nor a folder that is one."""
    try:
        folder = os.open(where, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return None
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        return None
    with os.fdopen(file, "rb") as content:
        return content.read()


def create_app(office: Office) -> "Starlette":
    """The app: GET ``/laporan/<agenda>.html`` and ``/dokumen/<agenda>/<name>.pdf``; everything else is 404 or 405."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import HTMLResponse, PlainTextResponse
    from starlette.responses import Response as Answer
    from starlette.routing import Route

    def report(request: "Request") -> "Response":
        content = read_report(office, request.path_params["name"])
        if content is None:
            return PlainTextResponse(NOT_FOUND, 404)
        return HTMLResponse(content)

    def paper(request: "Request") -> "Response":
        content = read_paper(office, request.path_params["agenda"], request.path_params["name"])
        if content is None:
            return PlainTextResponse(NOT_FOUND, 404)
        return Answer(content, media_type="application/pdf")

    def refused(_: "Request", error: Exception) -> "Response":
        status = error.status_code if isinstance(error, HTTPException) else 500
        return PlainTextResponse(NOT_FOUND, status)

    return Starlette(
        routes=[
            Route("/laporan/{name}", report, methods=["GET"]),
            Route("/dokumen/{agenda}/{name}", paper, methods=["GET"]),
        ],
        middleware=[
            Middleware(_Guarded),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
        ],
        exception_handlers={404: refused, 405: refused},
    )


class _Guarded:
    """Every answer carries the headers, refusals too."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def guarded(message: "Message") -> None:
            if message["type"] == "http.response.start":
                told = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        await self.app(scope, receive, guarded)


def main(port: int) -> None:
    """Serves this office's reports until stopped. Only on the loopback interface."""
    import uvicorn

    uvicorn.run(
        create_app(settings.office()), host="127.0.0.1", port=port, log_level="warning", access_log=False,
        server_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
