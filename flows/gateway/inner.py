"""Prefect's own app, asked in this process: what the door must know, and what it hands on whole."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

OK, CREATED, FORBIDDEN = 200, 201, 403
JSON = b"application/json"


class Inner:
    """One ASGI app that answers requests made here."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request below ``/api``; its status and what its JSON says, None for an empty or another answer."""
        content = b"" if body is None else json.dumps(body).encode()
        status, answer = 0, b""

        async def receive() -> "Message":
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: "Message") -> None:
            nonlocal status, answer
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                answer += message.get("body", b"")

        try:
            await self._app(_scope(method, path, len(content)), receive, send)
        except Exception:
            if not status:  # else Prefect has answered what went wrong (a busy SQLite: 503) and tells its log, too
                raise
        try:
            return status, json.loads(answer) if answer else None
        except ValueError:
            return status, None


def _scope(method: str, path: str, length: int) -> dict[str, Any]:
    headers = [(b"host", b"127.0.0.1"), (b"content-type", JSON), (b"content-length", str(length).encode())]
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": f"/api{path}", "raw_path": f"/api{path}".encode(), "query_string": b"",
        "root_path": "", "headers": headers, "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0), "state": {},
    }  # fmt: skip
