"""How a notice leaves the office: mail by the office's relay without a login, or a webhook in three common shapes.

Nothing personal is in it: agenda number, step, limit and an address that only colleagues can open.
"""

import smtplib
from collections.abc import Callable
from email.message import EmailMessage

from tasks.office_settings import Notices, Shape
from tasks.reminders.due import Notice

SECONDS = 10
Channel = Callable[[Notice, str], None]


def channels(chosen: Notices) -> dict[str, Channel]:
    """The channels an office has, by name; each takes a notice and its link ("" without one).

    A channel raises OSError (mail) or httpx.HTTPError (webhook) when it could not deliver; mail to a role without an
    address is delivered to nobody and raises nothing.
    """
    found: dict[str, Channel] = {}
    if chosen.surel:
        found["surel"] = lambda notice, link: _mail(chosen, notice, link)
    if chosen.webhook:
        found["webhook"] = lambda notice, link: _post(chosen, notice, link)
    return found


def deliver(chosen: Notices, notice: Notice, link: str) -> tuple[list[str], list[str]]:
    """Sends by every channel; returns the names of those that delivered and of those that could not."""
    import httpx

    done: list[str] = []
    failed: list[str] = []
    for name, send in channels(chosen).items():
        try:
            send(notice, link)
            done.append(name)
        except (OSError, httpx.HTTPError):
            failed.append(name)
    return done, failed


def _mail(chosen: Notices, notice: Notice, link: str) -> None:
    to = [address.strip() for address in chosen.alamat.get(notice.to, "").split(";") if address.strip()]
    if not to:
        return
    host, _, port = chosen.surel.partition(":")
    letter = EmailMessage()
    letter["From"], letter["To"] = chosen.dari, ", ".join(to)
    letter["Subject"] = f"Sinkron: agenda {notice.agenda}, {notice.stage}"
    letter.set_content("\n\n".join(part for part in (notice.text, link) if part) + "\n")
    with smtplib.SMTP(host, int(port or 25), timeout=SECONDS) as relay:
        relay.send_message(letter)


def _post(chosen: Notices, notice: Notice, link: str) -> None:
    import httpx

    text = "\n".join(part for part in (notice.text, link) if part)
    receiver = chosen.obrolan.get(notice.to, "")
    bodies: dict[Shape, dict[str, object]] = {
        Shape.TELEGRAM: {"chat_id": receiver, "text": text, "disable_web_page_preview": True},
        Shape.WHATSAPP: {"target": receiver, "message": text},
        Shape.JSON: {"agenda": notice.agenda, "ronde": notice.round, "tahap": notice.stage, "untuk": notice.to,
                     "giliran": notice.role, "batas": notice.due.isoformat(), "teks": notice.text, "tautan": link},
    }  # fmt: skip
    httpx.post(chosen.webhook, json=bodies[chosen.bentuk], timeout=SECONDS).raise_for_status()
