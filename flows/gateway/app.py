"""The door itself: one ASGI class around Prefect's app. Judges who asks for what, hands on, and dresses the answer."""

import json
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from flows.gateway import asked
from flows.gateway.acts import Acts, refusal
from flows.gateway.answered import Dressed
from flows.gateway.devices import Devices, Served
from flows.gateway.identity import BadHeadersError, Caller, Credentials, identify, without_identity
from flows.gateway.inner import FORBIDDEN, Inner
from flows.gateway.roles import Roles
from flows.gateway.rules import Role, Rule, is_ours, own_rule_for, rule_for
from tasks.errors import SinkronError, UserError
from tasks.office import Office

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

API, PAPERS, OPEN = "/api", ("/laporan/", "/dokumen/"), "/api/health"
PREFECT_PAGES = ("/docs", "/redoc", "/openapi.json")
NO_LOGIN, BAD_HEADERS = "Masuk dahulu dengan login Anda sendiri.", "Tajuk permintaan ini tidak sah."
UNKNOWN = "NIP login ini tidak memegang jabatan hari ini dan tidak terdaftar dalam kantor.toml; hubungi pengelola."
MAY_NOT = {
    Role.VIEWER: "Login pengamat hanya untuk melihat.",
    Role.ENGINEER: "Login teknisi tidak dapat melakukan ini.",
    Role.STAFF: "Login Staff hanya untuk melihat dan mengisi formulir sendiri.",
    Role.APPROVER: "Login penyetuju hanya untuk melihat dan mengisi formulir sendiri.",
}
BROKEN = "Buku Agenda atau kantor.toml tidak terbaca; hubungi pengelola."
UNAUTHORIZED, BAD_REQUEST, UNAVAILABLE, NOT_FOUND = 401, 400, 503, 404
POLICY_VIOLATION = 1008
AT_ONCE = 4


class _RefusedError(Exception):
    """Ends one request. ``args``: status and words."""


class Gateway:
    """``app``: Prefect's server; ``papers``: the reports' app; ``known``: what proves a request."""

    def __init__(self, app: "ASGIApp", papers: "ASGIApp", office: Office, known: Credentials) -> None:
        self._app, self._papers, self._office, self._known = app, papers, office, known
        self._few = CapacityLimiter(AT_ONCE)  # what waits for the store leaves the other threads to everybody else
        self._roles, self._acts, self._devices = Roles(office), Acts(office, Inner(app)), Devices(office)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """One request, one websocket, or the server's start and end."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            caller = self._caller(scope)
            inner = {**scope, "headers": without_identity(scope["headers"])}
            if caller.nip:
                await self._person(inner, receive, (send, caller.nip))
            else:
                await self._app(inner, receive, send)
        except _RefusedError as refused:
            await _tell(scope, receive, send, refusal(*refused.args))
        except asked.BadRequestError as bad:
            await _tell(scope, receive, send, refusal(bad.status, str(bad)))

    def _caller(self, scope: "Scope") -> Caller:
        try:
            caller = identify(scope["headers"], self._known)
        except BadHeadersError:
            raise _RefusedError(BAD_REQUEST, BAD_HEADERS) from None
        if caller is None and scope["type"] == "http" and (scope["method"], scope["path"]) == ("GET", OPEN):
            return Caller()
        if caller is None:
            raise _RefusedError(UNAUTHORIZED, NO_LOGIN)
        return caller

    async def _person(self, scope: "Scope", receive: "Receive", to: "tuple[Send, str]") -> None:
        """A login's request: first where it comes from, then whether its role may, then what it says."""
        send, nip = to
        path = asked.plain_path(scope)
        asked.from_our_page(scope, self._address())
        role = await self._role(nip)
        if is_ours(path):
            await self._own(scope, receive, (send, nip, role))
            return
        dressed = Dressed(send, is_page=not path.startswith(f"{API}/")).send
        if path != API and not path.startswith(f"{API}/"):
            await self._page(scope, receive, dressed)
            return
        rule = rule_for("WS" if scope["type"] == "websocket" else scope["method"], path.removeprefix(API))
        if rule is None or role not in rule.roles:
            raise _RefusedError(FORBIDDEN, MAY_NOT[role])
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        body = await asked.body(scope, receive)
        if rule.act:
            await _answer(dressed, await self._do(rule, nip, (path.removeprefix(API), body)))
        else:
            await self._app(asked.with_body(scope, body), asked.replay(body, receive), dressed)

    async def _own(self, scope: "Scope", receive: "Receive", to: "tuple[Send, str, Role]") -> None:
        """A page of ours: the table says that it exists and for whom, flows.gateway.devices what it answers."""
        send, nip, role = to
        rule = own_rule_for(scope.get("method", "WS"), scope["path"])
        if rule is None:
            raise _RefusedError(NOT_FOUND, "Halaman tidak ada.")
        if role not in rule.roles:
            raise _RefusedError(FORBIDDEN, MAY_NOT[role])
        if rule.method == "POST" and (b"content-type", b"application/json") not in scope["headers"]:
            raise _RefusedError(BAD_REQUEST, asked.STRANGE_BODY)
        body = await asked.body(scope, receive)
        try:
            about = (nip, scope["path"], body)
            served = await run_sync(self._devices.answer, rule.template, about, limiter=self._few)
        except (SinkronError, UserError):
            raise _RefusedError(UNAVAILABLE, BROKEN) from None
        await _serve(Dressed(send, is_page=False).send, served)

    async def _do(self, rule: Rule, nip: str, about: tuple[str, Any]) -> tuple[int, Any]:
        path, body = about
        if rule.act is None:
            raise AssertionError
        try:
            return await self._acts.do(rule.act, nip, path, body)
        except (SinkronError, UserError):
            raise _RefusedError(UNAVAILABLE, BROKEN) from None

    def _address(self) -> str:
        try:
            return self._office.settings.pintu.alamat
        except UserError:
            raise _RefusedError(UNAVAILABLE, BROKEN) from None

    async def _role(self, nip: str) -> Role:
        try:
            role = await run_sync(self._roles.of, nip)
        except (SinkronError, UserError):
            raise _RefusedError(UNAVAILABLE, BROKEN) from None
        if role is None:
            raise _RefusedError(FORBIDDEN, UNKNOWN)
        return role

    async def _page(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Prefect's UI, and the office's own reports and papers at the same address."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or scope["path"] in PREFECT_PAGES:
            raise _RefusedError(NOT_FOUND, "Halaman tidak ada.")
        if scope["path"].startswith(PAPERS):
            loopback = [pair for pair in scope["headers"] if pair[0].lower() != b"host"] + [(b"host", b"127.0.0.1")]
            await self._papers({**scope, "headers": loopback}, receive, send)
        else:
            await self._app(scope, receive, send)


async def _tell(scope: "Scope", receive: "Receive", send: "Send", reply: tuple[int, Any]) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    await _answer(Dressed(send, is_page=False).send, reply)


async def _answer(send: "Send", reply: tuple[int, Any]) -> None:
    status, said = reply
    await _serve(send, Served(status, json.dumps(said, ensure_ascii=False).encode()))


async def _serve(send: "Send", served: Served) -> None:
    length = (b"content-length", str(len(served.content)).encode())
    headers = [(b"content-type", served.kind), length, *served.headers]
    start: Message = {"type": "http.response.start", "status": served.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": served.content})
