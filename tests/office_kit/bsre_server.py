"""An Esign Client Service on a real socket, built after BSrE's paper of its API version 1 and public clients of it.

It signs as iText does there: a field named ``sig_<milliseconds>`` that shows nothing, an incremental update, no
certification, metadata renewed. What it says is what those clients quote from the real one (see tasks.signing.bsre).
"""

import base64
import hmac
import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from office_kit.certificates import Certified
from office_kit.signature_forger import saved_again, signed
from office_kit.signing import key_of

ACCOUNT = ("sinkron", "sandi-aplikasi")
SILENCE = 3.0  # seconds


@dataclass
class Service:
    """``people``: NIK -> (passphrase, certificate); ``mood``: how it answers; ``seen``: each request."""

    people: dict[str, tuple[str, Certified]] = field(default_factory=dict)
    now: datetime | None = None
    mood: str = "well"
    seen: list[tuple[str, str, dict[str, bytes]]] = field(default_factory=list)
    address: str = ""


@contextmanager
def esign_client_service(service: Service) -> Iterator[Service]:
    """Runs it on this machine."""
    handler = type("Handler", (Handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    service: Service
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Tests read ``seen``."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = self._form(body)
        self.service.seen.append((self.path, self.headers.get("Content-Type", ""), form))
        given = self.headers.get("Authorization", "")
        wanted = "Basic " + base64.b64encode(":".join(ACCOUNT).encode()).decode()
        if not hmac.compare_digest(given, wanted):
            self._say(401, {"error": "Unauthorized"})
        elif self.path != "/api/sign/pdf":
            self._say(404, {"error": "Not Found", "status": 404})
        elif missing := [part for part in ("file", "nik", "passphrase", "tampilan") if not form.get(part)]:
            self._say(400, {"error": f"Required request part '{missing[0]}' is not present", "status_code": 400})
        else:
            self._sign(form)

    def _form(self, body: bytes) -> dict[str, bytes]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        message = BytesParser().parsebytes(head + body)
        parts = message.get_payload() if message.is_multipart() else []
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True) for part in parts
        }

    def _sign(self, form: dict[str, bytes]) -> None:
        passphrase, certified = self.service.people.get(form["nik"].decode(), ("", None))
        if certified is None:
            self._say(400, {"error": "Proses signing gagal : User tidak terdaftar 2011", "status_code": 400})
        elif form["passphrase"].decode() != passphrase:
            self._say(400, {"error": "Passphrase anda salah", "status_code": 2031})
        elif certified.certificate.not_valid_after_utc < self._time():
            self._say(400, {"error": "Proses signing gagal : Sertifikat pengguna expired", "status_code": 400})
        else:
            self._answer(form, certified)

    def _time(self) -> datetime:
        assert self.service.now is not None
        return self.service.now

    def _answer(self, form: dict[str, bytes], certified: Certified) -> None:
        name = f"sig_{time.time_ns() // 1_000_000}"
        words = (form.get("reason", b"").decode(), self._time())
        pdf = signed(form["file"], name, key_of(certified), words)
        match self.service.mood:
            case "silent":
                time.sleep(SILENCE)
                self._send(200, pdf, "application/pdf")
            case "login page":
                self._send(200, b"<html><title>Masuk</title></html>", "text/html")
            case "broken":
                self._send(500, b"<h1>Whitelabel Error Page</h1>" + form["nik"] + form["passphrase"], "text/html")
            case "elsewhere":
                self.send_response(307)
                self.send_header("Location", f"{self.service.address}/lain")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "another paper":
                self._send(200, saved_again(form["file"]), "application/pdf")
            case "unsigned":
                self._send(200, form["file"], "application/pdf")
            case "hangs up":
                self.close_connection = True
                self.connection.close()
            case _:
                self._send(200, pdf, "application/pdf")

    def _say(self, status: int, told: dict[str, object]) -> None:
        self._send(status, json.dumps(told).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        with io.BytesIO(content) as body:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(body.read())
            except OSError:
                self.close_connection = True  # the client did not wait
