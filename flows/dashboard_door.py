"""The dashboard's door: what passes of a browser's requests to marimo, and what of marimo's answers to the browser.

marimo's server does more than show an app. Here only its page, its own files and the values of the filters pass, from
this machine's own name and from the page itself; a browser is told to ask nothing of any other address.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flows.reports import HOSTS
from tasks.dashboard.asked import KEYS
from tasks.dashboard.first import first, put_first

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# marimo's page builds itself with inline scripts and styles, and workers from blobs; all of it from here.
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    "connect-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# The page holds figures of its moment; its files have their content's hash in their names.
NOT_KEPT, KEPT = ("Cache-Control", "no-store"), ("Cache-Control", "public, max-age=31536000, immutable")
PAGE, SOCKET = "/", "/ws"
ASSET = re.compile(r"/assets/[\w.\-/]+")
READ = re.compile(rf"/|{ASSET.pattern}|/@file/[\w.\-]+|/[\w\-]+\.(ico|png|webmanifest)|/manifest\.json|/health")
SENT = re.compile(r"/api/kernel/set_ui_element_value")
SESSION = re.compile(r"s_[a-z0-9]{1,32}")
# Where marimo's page tells the place of the program on this machine; then a script for files that the app has not, and
# pictures and fonts asked for before anything uses them (most never are).
PROGRAM = "dasbor.py"
TELLING = (
    (re.compile(r"(<marimo-filename hidden>)[^<]*"), rf"\g<1>{PROGRAM}"),
    (re.compile(r'("(?:filename|cwd)": )"(?:[^"\\]|\\.)*"'), rf'\g<1>"{PROGRAM}"'),
    (re.compile(r'("(?:documentUri|rootUri)": )"(?:[^"\\]|\\.)*"'), rf'\g<1>"file:///{PROGRAM}"'),
    (re.compile(r'<link rel="preload" [^>]*as="(?:image|font)"[^>]*>'), ""),
    (re.compile(r"<script>\s*if \('serviceWorker' in navigator\)(?:(?!</script>).)*</script>", re.DOTALL), ""),
)
NOT_FOUND = b"Halaman tidak ditemukan."
REFUSED = b"Hanya dari komputer ini."
NOT_ASKED = "Alamat ini meminta hal yang tidak dikenal. Sesudah tanda tanya hanya boleh: {}. Hapus yang lain.".format(
    ", ".join(KEYS)
).encode()


class Door:
    """Refuses other names of this machine (DNS rebinding), other origins, paths and questions; adds the headers."""

    def __init__(self, app: "ASGIApp", published: "Path", ledger: "Path") -> None:
        self.app, self.published, self.ledger = app, published, ledger

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if fault := _fault(scope):
            await _refuse(scope, receive, send, fault)
            return
        content = await self._first(scope) if scope["type"] == "http" and scope["path"] == PAGE else None
        # marimo's own mark of an unchanged page knows nothing of the figures in it.
        asked = [pair for pair in scope["headers"] if content is None or pair[0] != b"if-none-match"]
        meta = {"published": str(self.published), "ledger": str(self.ledger)}
        await self.app({**scope, "headers": asked, "meta": meta}, receive, _Answer(scope, send, content).send)

    async def _first(self, scope: "Scope") -> str:
        from anyio.to_thread import run_sync

        return await run_sync(first, self.published, self.ledger, _question(scope))


class _Answer:
    """An answer on its way out: our headers, none of marimo's leave for other origins, and the page's first figures."""

    def __init__(self, scope: "Scope", send: "Send", content: str | None) -> None:
        self._send, self._content = send, content
        self._is_asset = ASSET.fullmatch(scope["path"]) is not None
        self._start: Message = {}
        self._body = b""

    async def send(self, message: "Message") -> None:
        """Passes a message on; a page is held back until it is whole."""
        if message["type"] == "http.response.start":
            message = {**message, "headers": self._headers(message)}
            if self._content is not None:
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._content is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            await self._send(self._start)
            message = {**message, "body": put_first(_untold(self._body.decode()), self._content).encode()}
        await self._send(message)

    def _headers(self, message: "Message") -> list[tuple[bytes, bytes]]:
        ours = dict(HEADERS)
        if self._content is not None:
            ours |= [NOT_KEPT]
        elif self._is_asset and message["status"] == 200:  # noqa: PLR2004 (OK)
            ours |= [KEPT]
        told = {name.lower().encode(): value.encode() for name, value in ours.items()}
        dropped = {*told, *((b"content-length", b"etag") if self._content is not None else ())}
        kept = [
            (name, value) for name, value in message.get("headers", ())
            if name.lower() not in dropped and not name.lower().startswith(b"access-control-")
        ]  # fmt: skip
        return [*kept, *told.items()]


def _untold(html: str) -> str:
    """The page of marimo without the program's place."""
    for pattern, told in TELLING:
        html = pattern.sub(told, html)
    return html


def _question(scope: "Scope") -> Mapping[str, str]:
    """What stands after the question mark. Raises ValueError for anything twice."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace")
    asked = dict(pairs)
    if len(asked) != len(pairs):
        raise ValueError
    return asked


def _fault(scope: "Scope") -> tuple[int, bytes] | None:
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin")
    is_sent = scope["type"] == "websocket" or scope["method"] == "POST"
    if host.rsplit(":", 1)[0] not in HOSTS:
        return 400, REFUSED
    # Every browser tells where a socket or a POST comes from; a page read by its address comes from nowhere.
    if (origin is None and is_sent) or (origin is not None and origin.decode("latin-1") != f"http://{host}"):
        return 403, REFUSED
    if not _known(scope):
        return 404, NOT_FOUND
    return None if _may_ask(scope) else (400, NOT_ASKED)


def _known(scope: "Scope") -> bool:
    path: str = scope["path"]
    if scope["type"] == "websocket":
        return path == SOCKET
    return (SENT if scope["method"] == "POST" else READ).fullmatch(path) is not None


def _may_ask(scope: "Scope") -> bool:
    """Only the page's filters; marimo reads more (``file``: another program), and its own page asks for none of it."""
    try:
        asked = _question(scope)
    except ValueError:
        return False
    if scope["type"] == "websocket":  # marimo's page passes its own question on
        return SESSION.fullmatch(asked.get("session_id", "")) is not None and set(asked) <= {*KEYS, "session_id"}
    return set(asked) <= (set(KEYS) if scope["path"] == PAGE else set())


async def _refuse(scope: "Scope", receive: "Receive", send: "Send", fault: tuple[int, bytes]) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": fault[0], "headers": headers})
    await send({"type": "http.response.body", "body": fault[1]})
