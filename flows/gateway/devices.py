"""Device keys at the door: a person enrols one with an operator's code, and signs a decision with it.

The browser's part lies in ``halaman.js``. What is signed is made here (tasks.approvals.answer.statement); what it is
worth is judged by ``decide`` like every other answer. Everything here runs in a worker thread.
"""

import contextlib
import json
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from expectations.approvals import LEVELS, STAFF
from flows.gateway.device_pages import enrol_page, sign_page
from flows.gateway.inner import FORBIDDEN, OK
from flows.gateway.roles import NOT_YOURS, choices
from flows.gateway.setup import api_of
from flows.gateway.summaries import Summaries
from flows.gateway.token import seal, unseal
from tasks.approvals.answer import Answer, Question, legible, statement
from tasks.approvals.case import Case
from tasks.approvals.decide import SIGNED_WITHIN, decide, judging
from tasks.approvals.device import Assertion, Device, challenge_of, from_base64url, to_base64url
from tasks.approvals.docket import DEVICE, WITHDRAW, docket
from tasks.approvals.invite import Claim, check_code, enrol_device
from tasks.approvals.online import ALGORITHMS, enrolled, library, relying_party
from tasks.approvals.people import people
from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger, utc
from tasks.office import Office

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"permissions-policy", b"publickey-credentials-get=(self), publickey-credentials-create=(self)"),
)
HTML, CSS, SCRIPT = b"text/html; charset=utf-8", b"text/css; charset=utf-8", b"text/javascript; charset=utf-8"
BAD_REQUEST, BROKEN = 400, 503
UNREADABLE = "Isian ini tidak seperti yang dikirim halaman Sinkron. Muat ulang halaman."
NO_DEVICE = "Login ini belum punya kunci perangkat; daftarkan dahulu di /kunci-perangkat."
OTHER_ADDRESS = "Alamat kantor berganti sejak kunci perangkat ini didaftarkan; daftarkan lagi di /kunci-perangkat."
OUT_OF_TIME = "Lewat lima menit. Ulangi dari awal."
ODD_KEY = "Kunci ini tidak dapat dipakai: perangkat harus memeriksa sidik jari, wajah atau PIN, di halaman ini."
LONGEST_NOTE, LONGEST_CODE = 500, 40
SIGNING, ENROLLING = "tanda", "daftar"  # purposes of a token
ENROL_WITHIN = timedelta(minutes=5)
CHALLENGE_BYTES = 32


@dataclass(frozen=True)
class Served:
    """One answer of a page of ours."""

    status: int
    content: bytes
    kind: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()


class _NoError(Exception):
    """Ends one request. ``args``: status and words for the person."""


class Devices:
    """``answer``: what a page of ours says to one request of a login."""

    def __init__(self, office: Office) -> None:
        self._office, self._summaries = office, Summaries(office)
        self._known = {
            "/kunci-perangkat/mulai": self._enrol, "/kunci-perangkat/selesai": self._enrolled,
            "/tanda-tangan/{agenda}/mulai": self._sign, "/tanda-tangan/{agenda}/selesai": self._signed,
        }  # fmt: skip

    def answer(self, template: str, about: tuple[str, str, Any]) -> Served:
        """``template``: of the table's line; ``about`` = (NIP of the login, path, parsed JSON or None).

        Raises SinkronError and UserError when the office's files can not be read.
        """
        nip, path, body = about
        if template.startswith("/kunci-perangkat/halaman."):
            content = Path(__file__).with_name(path.rpartition("/")[2]).read_bytes()
            return Served(OK, content, CSS if path.endswith("css") else SCRIPT, HEADERS)
        agenda = path.split("/")[2] if template.startswith("/tanda-tangan") else ""
        if template in self._known:
            status, said = self._act(template, nip, (agenda, body))
            return Served(status, json.dumps(said, ensure_ascii=False).encode())
        page = sign_page(self._office, self._summaries, nip, agenda) if agenda else enrol_page(self._office, nip)
        return Served(OK, page.encode(), HTML, HEADERS)

    def _act(self, template: str, nip: str, about: tuple[str, Any]) -> tuple[int, dict[str, Any]]:
        agenda, body = about
        if not isinstance(body, dict) or not all(isinstance(value, str) for value in body.values()):
            return BAD_REQUEST, {"detail": UNREADABLE}
        try:
            return OK, self._known[template](nip, agenda, body)
        except _NoError as no:
            return no.args[0], {"detail": no.args[1]}
        except UserError as error:
            told = " ".join(f"{one.received}; {one.next_step}." for one in error.problems)
            return (FORBIDDEN if error.exit_code == Exit.IDENTITY else BROKEN), {"detail": told}

    def _enrol(self, nip: str, _: str, body: dict[str, str]) -> dict[str, Any]:
        """The operator's code is right: what the browser needs to make a key."""
        if set(body) != {"kode"}:
            raise _NoError(BAD_REQUEST, UNREADABLE)
        library()
        now, code = datetime.now(UTC), body["kode"][:LONGEST_CODE]
        rp = relying_party(self._office.settings.pintu.alamat)
        with open_ledger(self._office) as ledger:
            person = check_code(ledger, self._key, Claim(nip, code), now)
        challenge = to_base64url(secrets.token_bytes(CHALLENGE_BYTES))
        facts = {"nip": nip, "code": code, "challenge": challenge, "at": utc(now)}
        return {
            "token": seal(self._key, ENROLLING, facts), "challenge": challenge,
            "rp": {"id": rp, "name": "Sinkron"}, "algorithms": list(ALGORITHMS),
            "user": {"id": to_base64url(nip.encode()), "name": nip, "displayName": person.name},
        }  # fmt: skip

    def _enrolled(self, nip: str, _: str, body: dict[str, str]) -> dict[str, Any]:
        """The browser's new key, entered in the ledger."""
        if set(body) != {"token", "id", "client", "attestation"}:
            raise _NoError(BAD_REQUEST, UNREADABLE)
        facts, now = unseal(self._key, ENROLLING, body.pop("token")), datetime.now(UTC)
        if facts is None or facts["nip"] != nip:
            raise _NoError(FORBIDDEN, UNREADABLE)
        if now - datetime.fromisoformat(facts["at"]) > ENROL_WITHIN:
            raise _NoError(FORBIDDEN, OUT_OF_TIME)
        device = enrolled(body, from_base64url(facts["challenge"]), self._office.settings.pintu.alamat)
        if device is None:
            raise _NoError(FORBIDDEN, ODD_KEY)
        with open_ledger(self._office) as ledger:
            enrol_device(ledger, self._key, Claim(nip, facts["code"]), (device, now))
        sign = sha256(bytes.fromhex(device.key)).hexdigest()[:16]
        told = f"Kunci perangkat tercatat. Catat sidiknya di kertas: {sign}. Anda kini dapat menandatangani dengannya."
        return {"detail": told}

    def _sign(self, nip: str, agenda: str, body: dict[str, str]) -> dict[str, Any]:
        """What a person wants to decide is laid down: the statement to be signed, good for five minutes."""
        if set(body) != {"keputusan", "catatan", "kode_berkas"} or len(body["catatan"]) > LONGEST_NOTE:
            raise _NoError(BAD_REQUEST, UNREADABLE)
        library()
        question, device = self._question(nip, agenda, body["keputusan"])
        now = datetime.fromisoformat(utc(datetime.now(UTC)))  # as the token carries it
        answer = legible(Answer(body["keputusan"], body["catatan"], nip, "", now, body["kode_berkas"][:LONGEST_CODE]))
        facts = {
            "agenda": agenda, "round": question.case.round, "digest": question.case.digest, "role": question.role,
            "attempt": question.attempt, "decision": answer.decision, "note": answer.note, "nip": nip, "at": utc(now),
            "file_code": answer.file_code,
        }  # fmt: skip
        return {
            "token": seal(self._key, SIGNING, facts), "challenge": challenge_of(statement(question, answer)),
            "rpId": device.rp, "credential": device.credential,
        }  # fmt: skip

    def _question(self, nip: str, agenda: str, decision: str) -> tuple[Question, Device]:
        """The open gate of a batch, for whose turn it is, or who signed in this round and takes it back."""
        with open_ledger(self._office) as ledger:
            batch, person = docket(ledger, agenda), people(ledger).get(nip)
        role = str(batch.turn())
        if role not in LEVELS or role == STAFF.role or decision not in choices(batch, nip, person):
            title = LEVELS[role].title if role in LEVELS else "sistem"
            raise _NoError(FORBIDDEN, NOT_YOURS.format(title))
        if person is None or person.device is None:
            raise _NoError(FORBIDDEN, NO_DEVICE)
        if person.device.origin != self._office.settings.pintu.alamat:
            raise _NoError(FORBIDDEN, OTHER_ADDRESS)
        here = batch.current
        # Not numbered, as on the terminal: of two who answer at once each is judged.
        return Question(
            Case(agenda, here.number, here.digest_for(role)), role, secrets.randbits(40), DEVICE
        ), person.device

    def _signed(self, nip: str, agenda: str, body: dict[str, str]) -> dict[str, Any]:
        """The device's signature, judged; the waiting run is told to look in the ledger."""
        if set(body) != {"token", "id", "client", "authenticator", "signature"}:
            raise _NoError(BAD_REQUEST, UNREADABLE)
        facts = unseal(self._key, SIGNING, body["token"])
        if facts is None or (facts["nip"], facts["agenda"]) != (nip, agenda):
            raise _NoError(FORBIDDEN, UNREADABLE)
        case = Case(agenda, facts["round"], facts["digest"])
        question = Question(case, facts["role"], facts["attempt"], DEVICE)
        at, now = datetime.fromisoformat(facts["at"]), datetime.now(UTC)
        if now - at > SIGNED_WITHIN:
            raise _NoError(FORBIDDEN, OUT_OF_TIME)
        answer = Answer(facts["decision"], facts["note"], nip, "", at, facts["file_code"], login=nip)
        signed = Assertion(body["id"], body["client"], body["authenticator"], body["signature"])
        with open_ledger(self._office) as ledger:
            verdict = decide(ledger, judging(self._office, now), question, replace(answer, assertion=signed))
        if not verdict.accepted:
            raise _NoError(FORBIDDEN, f"Tidak berlaku: {verdict.reason}.")
        threading.Thread(target=_go_on, args=(self._office, agenda), daemon=True).start()
        what = f"{LEVELS[question.role].title} - {verdict.decision}"
        done = "tanda tangan Anda dicabut" if verdict.decision == WITHDRAW else what
        return {"detail": f"Tercatat: {done} (agenda {agenda})."}

    @property
    def _key(self) -> bytes:
        return self._office.key("device")


def _go_on(office: Office, agenda: str) -> None:
    """The run that waits at the gate looks again; if this fails, the office's watcher sees it within seconds."""
    import httpx

    from flows.recover import nudge

    with contextlib.suppress(httpx.HTTPError, UserError, OSError):
        nudge(office, api_of(office, f"http://127.0.0.1:{office.settings.pintu.port}/api"), agenda)
