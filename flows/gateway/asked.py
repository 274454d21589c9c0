"""What a login's request looks like before anything is looked up: its path, where it comes from, its body."""

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope

# Written the one way the UI writes it: no escapes, doubled slashes or dots that the router could read otherwise.
# Every segment ends at its slash or at the end: one reading alone, so that no odd path costs more than its length.
PLAIN = re.compile(r"/(?:[A-Za-z0-9@~+_-][A-Za-z0-9@~+:._-]*(?:/|\Z))*")
MOST_BYTES = 64 * 1024
READING = frozenset({"GET", "HEAD"})
HYDRATED = "__prefect_kind"  # Prefect fills such values in by itself: templates, variables, other JSON
STRANGE_PATH, STRANGE_BODY = "Alamat ini tidak sah.", "Isi permintaan ini bukan JSON yang sah."
TOO_BIG, ELSEWHERE = "Isi permintaan ini terlalu besar.", "Permintaan ini tidak datang dari halaman Sinkron."
FILLED_IN = "Isian bersarang (__prefect_kind) tidak diterima; tulis nilainya sendiri."


class BadRequestError(Exception):
    """No page of ours asks like this."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def plain_path(scope: "Scope") -> str:
    """The path that the router will read. Raises BadRequestError unless it was sent letter by letter the same."""
    path: str = scope["path"]
    raw = scope.get("raw_path", path.encode()).split(b"?")[0]
    if not PLAIN.fullmatch(path) or raw != path.encode() or scope.get("root_path"):
        raise BadRequestError(400, STRANGE_PATH)
    return path


def from_our_page(scope: "Scope", address: str) -> None:
    """Another site may make a browser send what changes something, or open a websocket. Raises BadRequestError."""
    origins = [value for name, value in scope["headers"] if name.lower() == b"origin"]
    is_sent = scope["type"] == "websocket" or scope["method"] not in READING
    if (is_sent and not origins) or any(origin != address.encode() for origin in origins):
        raise BadRequestError(403, ELSEWHERE)


async def body(scope: "Scope", receive: "Receive") -> Any:
    """The parsed JSON of a request, None for an empty one. Raises BadRequestError: too big, no JSON, or filled in."""
    content = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequestError(400, STRANGE_BODY)
        content += message.get("body", b"")
        more = message.get("more_body", False)
        if len(content) > MOST_BYTES:
            raise BadRequestError(413, TOO_BIG)
    if not content or scope["method"] in READING:
        return None
    try:
        parsed = json.loads(content.decode(), parse_constant=_no_number)
        json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise BadRequestError(400, STRANGE_BODY) from None
    if _is_filled_in(parsed):
        raise BadRequestError(400, FILLED_IN)
    return parsed


def with_body(scope: "Scope", parsed: Any) -> "Scope":
    """The request as it is handed on: its body is the one that was judged, written anew."""
    dropped = {b"content-length", b"transfer-encoding", b"content-type", b"content-encoding", b"expect"}
    headers = [pair for pair in scope["headers"] if pair[0].lower() not in dropped]
    if parsed is not None:
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(_bytes(parsed))).encode())]
    return {**scope, "headers": headers}


def replay(parsed: Any, receive: "Receive") -> "Receive":
    """Hands the judged body on once, then waits for what the browser does next."""
    sent = False

    async def again() -> "Message":
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": _bytes(parsed), "more_body": False}

    return again


def _bytes(parsed: Any) -> bytes:
    return b"" if parsed is None else json.dumps(parsed).encode()


def _no_number(_: str) -> float:
    raise ValueError


def _is_filled_in(parsed: Any) -> bool:
    left = [parsed]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if HYDRATED in one:
                return True
            left += one.values()
        elif isinstance(one, list):
            left += one
    return False
