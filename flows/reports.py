"""Serves the validation reports on this machine only: Prefect's UI can link to an address, never to a file.

A report is found by its exact agenda number and nothing else: no listing, no other file, no page that may frame it.
"""

import os
import stat
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flows import settings
from tasks.office import Office

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
NOT_FOUND = "Laporan tidak ditemukan."


def read_report(office: Office, name: str) -> bytes | None:
    """The bytes of ``<agenda>.html``, or None for every other name and for what is no regular file of that folder."""
    try:
        if office.report(name.removesuffix(".html")).name != name:
            return None
        folder = os.open(office.reports, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (ValueError, OSError):
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
    """The app: GET ``/laporan/<agenda>.html``, everything else is 404 or 405, each with the same headers."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import HTMLResponse, PlainTextResponse
    from starlette.routing import Route

    def report(request: "Request") -> "Response":
        content = read_report(office, request.path_params["name"])
        if content is None:
            return PlainTextResponse(NOT_FOUND, 404)
        return HTMLResponse(content)

    def refused(_: "Request", error: Exception) -> "Response":
        status = error.status_code if isinstance(error, HTTPException) else 500
        return PlainTextResponse(NOT_FOUND, status)

    return Starlette(
        routes=[Route("/laporan/{name}", report, methods=["GET"])],
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
