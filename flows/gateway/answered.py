"""What a browser is told beside the answer: ask nothing of any other address, guess nothing, tell nobody."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Send

# Prefect's pages set styles from scripts and draw the run's graph with code that they compose; all of it from here.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OURS = {name.lower().encode(): value.encode() for name, value in HEADERS.items()}
CSP, CACHE = b"content-security-policy", b"cache-control"


class Dressed:
    """Passes one answer on with our headers; leave for other origins is dropped. What the API says is never kept."""

    def __init__(self, send: "Send", *, is_page: bool) -> None:
        self._send, self._is_page = send, is_page

    async def send(self, message: "Message") -> None:
        """One message of the answer. A report's own, narrower policy stays."""
        if message["type"] == "http.response.start":
            kept = [
                (name, value) for name, value in message.get("headers", ())
                if name.lower() not in OURS and not name.lower().startswith((b"access-control-", b"server"))
            ]  # fmt: skip
            there = {name.lower() for name, _ in kept}
            own = [*OURS.items(), *([] if CSP in there else [(CSP, POLICY.encode())])]
            if not self._is_page:
                kept = [pair for pair in kept if pair[0].lower() != CACHE]
                own.append((CACHE, b"no-store"))
            message = {**message, "headers": [*kept, *own]}
        await self._send(message)
