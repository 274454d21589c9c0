"""Serves the dashboard on this machine only: the marimo app of ``tasks.dashboard`` behind this office's own door.

marimo's server does more than show an app. Here only its page, its own files and the values of the filters pass, from
this machine's own name and from the page itself; a browser is told to ask nothing of any other address.
"""

import contextlib
import logging
import os
import re
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from flows import settings
from flows.reports import HOSTS
from tasks.dashboard import figures
from tasks.dashboard.first import first, put_first
from tasks.dashboard.sums import NotReadableError, sums_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

APP = settings.REPOSITORY / "tasks" / "dashboard" / "app.py"
PUBLISHED = "sinkron.duckdb"
LOOK_SECONDS = 1.0
# marimo's page builds itself with inline scripts and styles, and workers from blobs; all of it from here.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
READ = re.compile(r"/(|assets/[\w.\-/]+|@file/[\w.\-]+|[\w\-]+\.(ico|png|webmanifest)|manifest\.json|health|ws)")
SENT = re.compile(r"/api/kernel/set_ui_element_value")
# The page's language, its print button, and the first figures that go when marimo's stand.
HEAD = """<script>
document.documentElement.lang = "id";
document.addEventListener("click", function (event) {
  if (event.target.closest && event.target.closest("[data-print]")) { window.print(); }
});
new MutationObserver(function (_, watch) {
  var first = document.getElementById("dasbor-awal");
  if (first && document.querySelector("#root article.dasbor")) { first.remove(); watch.disconnect(); }
}).observe(document.documentElement, {childList: true, subtree: true});
</script>"""
NOT_FOUND = b"Halaman tidak ditemukan."
REFUSED = b"Hanya dari komputer ini."


def create_app(published: Path) -> "ASGIApp":
    """The guarded app over one analysts' copy, which need not exist yet."""
    import marimo

    logging.getLogger("marimo").setLevel(logging.ERROR)  # warnings quote what a browser sent
    built = marimo.create_asgi_app(quiet=True, include_code=False, html_head=HEAD)
    return _Door(built.with_app(path="", root=str(APP)).build(), published)


class _Door:
    """Refuses other names of this machine (DNS rebinding), other origins and other paths; adds the headers."""

    def __init__(self, app: "ASGIApp", published: Path) -> None:
        self.app, self.published = app, published

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if fault := _fault(scope):
            await _refuse(scope, receive, send, fault)
            return
        is_page = scope["type"] == "http" and scope["path"] == "/"
        answer = _Answer(send, await self._first(scope) if is_page else None)
        await self.app({**scope, "meta": {"published": str(self.published)}}, receive, answer.send)

    async def _first(self, scope: "Scope") -> str:
        from anyio.to_thread import run_sync

        agenda = parse_qs(scope["query_string"].decode("latin-1")).get("agenda", [""])[0]
        return await run_sync(first, self.published, agenda)


class _Answer:
    """An answer on its way out: our headers, none of marimo's leave for other origins, and the page's first figures."""

    def __init__(self, send: "Send", content: str | None) -> None:
        self._send, self._content = send, content
        self._start: Message = {}
        self._body = b""

    async def send(self, message: "Message") -> None:
        """Passes a message on; a page is held back until it is whole."""
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if not _ours_to_say(pair[0], self._content is not None)]
            ours = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*kept, *ours]}
            if self._content is not None:
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._content is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            await self._send(self._start)
            message = {**message, "body": put_first(self._body.decode(), self._content).encode()}
        await self._send(message)


def _ours_to_say(name: bytes, rewritten: bool) -> bool:  # noqa: FBT001
    return name.lower().startswith(b"access-control-") or (rewritten and name.lower() == b"content-length")


def _fault(scope: "Scope") -> tuple[int, bytes] | None:
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin")
    if host.rsplit(":", 1)[0] not in HOSTS:
        return 400, REFUSED
    if origin is not None and origin.decode("latin-1") != f"http://{host}":
        return 403, REFUSED
    known = SENT if scope.get("method") == "POST" else READ
    return None if known.fullmatch(scope["path"]) else (404, NOT_FOUND)


async def _refuse(scope: "Scope", receive: "Receive", send: "Send", fault: tuple[int, bytes]) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": fault[0], "headers": headers})
    await send({"type": "http.response.body", "body": fault[1]})


def _keep_ready(published: Path) -> None:
    """Reads every new copy as soon as it is there, so that nobody who opens the page waits for it."""
    while True:
        with contextlib.suppress(NotReadableError):
            figures.read(sums_of(published), figures.Filters())
        time.sleep(LOOK_SECONDS)


def main(port: int) -> None:
    """Serves this office's dashboard until stopped. Only on the loopback interface."""
    import uvicorn

    office = settings.office()
    for name in ("CONFIG", "STATE", "CACHE"):  # a desk's own marimo settings are not the office's, nor the reverse
        os.environ[f"XDG_{name}_HOME"] = str(office.scratch / "marimo" / name.lower())
    published = office.published / PUBLISHED
    threading.Thread(target=_keep_ready, args=(published,), daemon=True).start()
    uvicorn.run(
        create_app(published), host="127.0.0.1", port=port, log_level="warning", access_log=False,
        server_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
