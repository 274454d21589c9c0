"""How a notice leaves the office: mail by the office's relay without a login, or a webhook in three common shapes.

Nothing personal is in it: agenda number, step, limit and an address that only colleagues can open.
"""

import smtplib
from collections.abc import Callable, Mapping
from email.message import EmailMessage

from tasks.office_settings import Notices, Shape
from tasks.reminders.due import Notice

SECONDS = 10
Links = Mapping[str, str]  # what is found there -> address; the first is the run's own page
Channel = Callable[[Notice, Links], None]


def channels(chosen: Notices) -> dict[str, Channel]:
    """The channels an office has, by name; each takes a notice and its links.

    A channel raises OSError (mail) or httpx.HTTPError (webhook) when it could not deliver; mail to a role without an
    address is delivered to nobody and raises nothing.
    """
    found: dict[str, Channel] = {}
    if chosen.surel:
        found["surel"] = lambda notice, links: _mail(chosen, notice, links)
    if chosen.webhook:
        found["webhook"] = lambda notice, links: _post(chosen, notice, links)
    return found


def deliver(
    chosen: Notices, notice: Notice, links: Links, more: Mapping[str, Channel] | None = None
) -> tuple[list[str], list[str]]:
    """Sends by every channel; returns the names of those that delivered and of those that could not.

    ``more``: channels that only the caller knows of, by name.
    """
    import httpx

    done: list[str] = []
    failed: list[str] = []
    for name, send in (channels(chosen) | dict(more or {})).items():
        try:
            send(notice, links)
            done.append(name)
        except (OSError, httpx.HTTPError):
            failed.append(name)
    return done, failed


def subject_of(notice: Notice) -> str:
    """The subject of a letter or post."""
    return f"Sinkron: agenda {notice.agenda}, {notice.stage}"


def told(notice: Notice, links: Links) -> str:
    """The whole text of a notice: what is due, and where it is answered."""
    return "\n".join([notice.text, *(f"{what}: {address}" for what, address in links.items())])


def _mail(chosen: Notices, notice: Notice, links: Links) -> None:
    to = [address.strip() for address in chosen.alamat.get(notice.to, "").split(";") if address.strip()]
    if not to:
        return
    host, _, port = chosen.surel.partition(":")
    letter = EmailMessage()
    letter["From"], letter["To"] = chosen.dari, ", ".join(to)
    letter["Subject"] = subject_of(notice)
    letter.set_content(told(notice, links) + "\n")
    with smtplib.SMTP(host, int(port or 25), timeout=SECONDS) as relay:
        relay.send_message(letter)


def _post(chosen: Notices, notice: Notice, links: Links) -> None:
    import httpx

    text = told(notice, links)
    receiver = chosen.obrolan.get(notice.to, "")
    bodies: dict[Shape, dict[str, object]] = {
        Shape.TELEGRAM: {"chat_id": receiver, "text": text, "disable_web_page_preview": True},
        Shape.WHATSAPP: {"target": receiver, "message": text},
        Shape.JSON: {"agenda": notice.agenda, "ronde": notice.round, "tahap": notice.stage, "untuk": notice.to,
                     "giliran": notice.role, "batas": notice.due.isoformat(), "teks": notice.text,
                     "tautan": next(iter(links.values()), "")},
    }  # fmt: skip
    httpx.post(chosen.webhook, json=bodies[chosen.bentuk], timeout=SECONDS).raise_for_status()
