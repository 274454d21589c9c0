"""The letter and the files of a receipt as papers name them."""

from typing import Any

from tasks.documents.followed import Followed
from tasks.documents.words import letter_date, long_date, number, one_line
from tasks.privacy import scrub
from tasks.receipts import Receipt


def letter_facts(receipt: Receipt) -> dict[str, str] | None:
    """The cover letter as papers name it; None when files came without one."""
    if receipt.letter is None:
        return None
    told = {name: one_line(scrub(value)) for name, value in receipt.letter.items()}
    return {
        "sender": told["sender"], "number": told["number"], "date": letter_date(told["date"]),
        "subject": told["subject"],
    }  # fmt: skip


def follow_facts(earlier: list[Followed]) -> list[dict[str, Any]]:
    """The receipts that a batch of answers follows up as papers name them; none for what the centre sent itself."""
    return [
        {"agenda": one.receipt.agenda, "letter": letter_facts(one.receipt),
         "received_on": long_date(one.received.date())}
        for one in earlier
    ]  # fmt: skip


def file_lines(receipt: Receipt) -> list[dict[str, Any]]:
    """Per file: name, SHA-256, and its counts in the order received, L, P, KK, loaded, rejected."""
    return [
        {
            "name": one_line(facts["name"]), "sha256": facts["sha256"],
            "counts": [number(count) for count in (facts["received"],
                       *(facts["totals"][key] for key in ("laki", "perempuan", "kk")), facts["loaded"],
                       facts["rejected"])],
        }
        for facts in receipt.files
    ]  # fmt: skip
