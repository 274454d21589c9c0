"""BSrE (Balai Sertifikasi Elektronik): the office's Esign Client Service signs with the official's NIK and passphrase.

Source: BSrE, Petunjuk Teknis Penggunaan API Esign Client Service, version 2.0, January 2024, chapter 5 (API version 1).
Documented there: ``POST /api/sign/pdf`` as a multipart form with basic authorisation (user name and password of the
application), parts ``file`` (PDF), ``nik`` (16 digits), ``passphrase``, ``tampilan`` ("visible" or "invisible") and the
optional ``reason``; the answer to a successful request is the signed PDF itself. The service hashes the paper, BSrE
returns the signature, the service embeds it; its signature fields are named ``sig_<milliseconds>``.
Known from public clients of the service, not from that paper: errors are status 400 with
``{"error": "Proses signing gagal : User tidak terdaftar 2011", "status_code": 400}`` or
``{"error": "Passphrase anda salah", "status_code": 2031}``; a wrong application password is status 401.

Never tried against a real service: everything here (the tests talk to a server built after the above), above all
- whether the answer continues the sent bytes (an incremental update); it is refused when it does not;
- whether a BSrE certificate bears the NIP in the subject's serialNumber; without it the check refuses;
- how an expired certificate is told: by words ("expired", "kedaluwarsa") of an error answer, which is a guess.
Always ``invisible``: for a visible one the paper says both that width and height are pixels and, in its figure, that
they are the upper right corner. GET /api/user/status/<nik> is not used: an address with a NIK ends up in logs.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tasks.errors import Exit, Problem, UserError
from tasks.signing.pades import Order

if TYPE_CHECKING:
    import httpx

    from tasks.signing.signer import Ask

LOGIN = "bsre.txt"  # beside the office key
ENDPOINT = "/api/sign/pdf"
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 120.0
LONGEST_ERROR = 10_000  # bytes of an error answer that are read
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
NIK_DIGITS = 16
REFUSED, WRONG_LOGIN, OK = 400, 401, 200
# Part of the answer's words or its code -> what happened, what is allowed, what to do.
TOLD = (
    (("2031", "passphrase"), "frasa sandi salah", "frasa sandi BSrE pejabat", "ulangi; jangan menebak berkali-kali"),
    (("2011", "tidak terdaftar", "belum terdaftar"), "NIK tidak terdaftar di BSrE", "NIK pejabat yang terdaftar",
     "hubungi pengelola TTE instansi"),
    (("expired", "kedaluwarsa", "kadaluarsa", "kadaluwarsa"), "sertifikat kedaluwarsa", "sertifikat yang berlaku",
     "perbarui sertifikat di BSrE"),
)  # fmt: skip


@dataclass(frozen=True)
class BsreSigner:
    """``address``: of the service (https, or http on this machine); ``login``: file (0600) with ``nama:sandi``."""

    address: str
    login: Path
    ask: "Ask"
    by_server: bool = True
    seconds: float = ANSWER_SECONDS

    def sign(self, pdf: bytes, order: Order) -> bytes:
        """Raises UserError: OFFICE for address, login and server, IDENTITY for what BSrE says of the person.

        Nothing is tried twice: after a silence nobody knows whether it was signed, and wrong passphrases are counted.
        """
        account = self._account()
        nik = self.ask(f"NIK {order.who.title}: ")
        if not (nik.isascii() and nik.isdigit() and len(nik) == NIK_DIGITS):
            raise UserError(Exit.IDENTITY, Problem("NIK", "bukan 16 angka", "NIK pejabat di BSrE", "ulangi"))
        form = {
            "nik": nik, "passphrase": self.ask("Frasa sandi BSrE: "), "tampilan": "invisible", "reason": order.reason
        }  # fmt: skip
        signed = _content(self._answer(pdf, form, account))
        if not signed.startswith(pdf):
            received = "jawaban bukan PDF yang dikirim dengan tambahan tanda tangan"
            raise UserError(Exit.OFFICE, _problem(received, "PDF bertanda tangan"))
        return signed

    def _account(self) -> tuple[str, str]:
        place = urlsplit(self.address)
        local = place.scheme == "http" and place.hostname in LOOPBACK
        if not (place.hostname and (place.scheme == "https" or local)) or place.username or place.query:
            received = "bukan alamat https (http hanya di komputer ini)"
            allowed = "https://...: NIK dan frasa sandi tidak boleh lewat jaringan tanpa TLS"
            step = "isi tanda_tangan.alamat dalam kantor.toml"
            raise UserError(Exit.OFFICE, Problem("tanda_tangan.alamat", received, allowed, step))
        try:
            private = not os.stat(self.login).st_mode & 0o077  # noqa: PTH116 (one question of the file itself)
            name, colon, secret = self.login.read_text(encoding="utf-8").strip().partition(":")
        except (OSError, UnicodeDecodeError):
            private, name, colon, secret = False, "", "", ""
        if not (private and name and colon and secret):
            received = "tidak ada, terbuka untuk orang lain, atau bukan nama:sandi"
            allowed = "satu baris nama:sandi aplikasi Esign Client Service, mode 0600"
            problem = Problem(f"{self.login.parent.name}/{self.login.name}", received, allowed, "tulis berkas itu")
            raise UserError(Exit.OFFICE, problem)
        return name, secret

    def _answer(self, pdf: bytes, form: dict[str, str], account: tuple[str, str]) -> "httpx.Response":
        import httpx

        waits = httpx.Timeout(self.seconds, connect=min(self.seconds, CONNECT_SECONDS))
        url = self.address.rstrip("/") + ENDPOINT
        files = {"file": ("berita-acara.pdf", pdf, "application/pdf")}
        try:
            # No proxy of the environment, no redirect: NIK and passphrase go to this address or nowhere.
            with httpx.Client(timeout=waits, auth=account, trust_env=False, follow_redirects=False) as client:
                return client.post(url, data=form, files=files)
        except httpx.ConnectError:
            raise UserError(Exit.OFFICE, _problem("tidak terhubung", "layanan yang berjalan")) from None
        except httpx.TimeoutException:
            received = "tidak menjawab pada waktunya; mungkin sudah menandatangani, tidak ada yang disimpan"
            raise UserError(Exit.OFFICE, _problem(received, "jawaban layanan")) from None
        except httpx.HTTPError as error:
            received = f"hubungan putus ({type(error).__name__})"
            raise UserError(Exit.OFFICE, _problem(received, "jawaban layanan")) from None


def _content(answer: "httpx.Response") -> bytes:
    if answer.status_code == OK and answer.content.startswith(b"%PDF-"):
        return answer.content
    if answer.status_code == OK:
        raise UserError(Exit.OFFICE, _problem("jawaban bukan PDF", "PDF bertanda tangan"))
    if answer.status_code == WRONG_LOGIN:
        received, allowed = "nama atau sandi aplikasi ditolak", "nama:sandi dari halaman admin Esign Client Service"
        raise UserError(Exit.OFFICE, _problem(received, allowed))
    words = _words(answer)
    for signs, received, allowed, step in TOLD:
        if any(sign in words for sign in signs):
            raise UserError(Exit.IDENTITY, Problem("BSrE", received, allowed, step))
    # Its own words are not repeated: they could quote what was sent.
    raise UserError(Exit.OFFICE, _problem(f"menolak, HTTP {answer.status_code}", "PDF bertanda tangan"))


def _words(answer: "httpx.Response") -> str:
    """The error and its code in small letters; "" for an answer that is no error of the service."""
    try:
        told: Any = answer.json() if len(answer.content) <= LONGEST_ERROR else {}
    except ValueError:
        told = {}
    return f"{told.get('error', '')} {told.get('status_code', '')}".lower() if isinstance(told, dict) else ""


def _problem(received: str, allowed: str) -> Problem:
    step = "periksa Esign Client Service, lalu ulangi perintah ini"
    return Problem("tanda_tangan.alamat (Esign Client Service)", received, allowed, step)
