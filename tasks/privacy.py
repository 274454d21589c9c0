"""Masking and escaping: what of a resident may leave the store (handbook 9), and how it is made harmless."""

import re
import unicodedata

from expectations.cases import ANSWERED
from expectations.codes import REGION_WIDTHS, labels, regions
from expectations.columns import BY_NAME, DATES, IDENTIFIERS, Privacy
from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF, DOCUMENTS, EVENTS, PROPOSAL_COLUMN, PROPOSED_INACTIVE

# Runs longer than a NIK too: two NIKs written together, or a NIK with a digit too many.
NIK_PATTERN = re.compile(r"(?<!\d)(\d{6})\d{6,}(\d{4})(?!\d)")


# Digits with blanks, dots or dashes between them: "3576 0261 ...".
GROUPED_PATTERN = re.compile(r"\d(?:[\s.\-\u2010-\u2015_/]{0,3}\d){15,}")
NIK_DIGITS = 16
SHORT_NUMBERS = REGION_WIDTHS | {"no_rt": 3, "no_rw": 3}  # digits at most
NAMED = {"kec_name": "kecamatan", "kel_name": "kelurahan"}
STAFF_BASIS = "dokumen menurut lembar kerja Staff"  # free text of Staff stays in the store
OF_STAFF = (BY_STAFF, REMEMBERED, ANSWERED)  # causes whose basis Staff wrote, now or in an earlier batch
# ``agenda 2026-0001, 06-10-2026: ...``: before the basis of an earlier decision.
EARLIER_BATCH = re.compile(r"agenda [0-9A-Za-z-]{1,40}, [0-9]{2}-[0-9]{2}-[0-9]{4}(?:: )?")
CENTURY = "20"  # begins dates and agenda numbers, and no region's code
# Orders to a terminal, and marks that hide or turn round what people read. Line feed and tab stay.
ESCAPES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def mask_nik(value: str | None) -> str:
    """``3576014107809001`` -> ``357601******9001``; anything of another shape keeps its first two characters."""
    if not value:
        return "(kosong)"
    if re.fullmatch(r"\d{16}", value):
        return f"{value[:6]}******{value[-4:]}"
    return f"{value[:2]}{'*' * max(len(value) - 2, 1)} ({len(value)} karakter)"


def mask_name(value: str | None) -> str:
    """``SITI AMINAH`` -> ``S*** A*****``: initials and lengths, enough to see that something changed."""
    words = (value or "").split()
    return " ".join(word[0] + "*" * (len(word) - 1) for word in words) or "(kosong)"


def mask_date(value: str | None) -> str:
    """``1980-04-11`` -> ``1980-**-**``."""
    return f"{value[:4]}-**-**" if value and re.match(r"\d{4}-", value) else ("(kosong)" if not value else "**")


def mask(element: str, value: str | None) -> str:
    """One value of one element for people who need not see it, by the contract's privacy class."""
    if element in IDENTIFIERS:
        return mask_nik(value)
    if element in DATES:
        return mask_date(value)
    return value if value and _is_word_of(element, value) else mask_name(value)


def _is_word_of(element: str, value: str) -> bool:
    """Whether the value is one of its column's own: of a file whose columns slipped, any of them may hold a name."""
    if element in BY_NAME and BY_NAME[element].privacy in {Privacy.DIRECT, Privacy.SPECIFIC}:
        return False
    if element in SHORT_NUMBERS:
        return value.isascii() and value.isdecimal() and len(value) <= SHORT_NUMBERS[element]
    known = {PROPOSED_INACTIVE} if element == PROPOSAL_COLUMN else set(labels(element))
    return value in known or (element in NAMED and value.upper() in regions(NAMED[element]).values())


def mask_basis(basis: str, cause: str) -> str:
    """Of what Staff wrote, only the office's own words: batch, kind of document and event, no number or free text."""
    if cause not in OF_STAFF:
        return basis
    earlier = EARLIER_BATCH.match(basis)
    batch = earlier[0].rstrip(": ") + ": " if earlier else ""
    own = basis[earlier.end() :] if earlier else basis
    found = [one.name for one in DOCUMENTS if own.startswith(one.name)][:1]
    found += [one.name for one in EVENTS if one.name in own]
    return batch + (f"{', '.join(found)} (lembar kerja Staff)" if found else STAFF_BASIS)


def label(element: str) -> str:
    """The element as people read it."""
    return BY_NAME[element].label if element in BY_NAME else "Usulan ke Ditjen"


def scrub(text: str) -> str:
    """A text of unknown origin (file names, headers) without NIKs and without orders to a terminal.

    Masked: runs of 16 digits or more, and 16 digits written in groups. What is no Unicode text (file names of other
    systems) becomes "?", so that it can be written anywhere.
    """
    shown = UNSEEN.sub("", ESCAPES.sub("", text.encode("utf-8", "replace").decode()))
    return GROUPED_PATTERN.sub(_masked_groups, NIK_PATTERN.sub(r"\1******\2", shown))


def scrub_number(text: str) -> str:
    """A letter's number or date without NIKs. Digits in groups stay: 400.12.3.1/12345/417.303/2026 is no NIK."""
    return NIK_PATTERN.sub(r"\1******\2", text)


def _masked_groups(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    if len(digits) > NIK_DIGITS and digits.startswith(CENTURY):
        return found[0]
    return f"{digits[:6]}******{digits[-4:]}"


def markdown(value: object, limit: int = 80) -> str:
    """A value from data as a Markdown code span: it can not become a heading, link, image or table column."""
    text = unicodedata.normalize("NFC", str(value if value is not None else ""))
    text = " ".join(text.split())
    text = "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs"} else c for c in text)[:limit]
    text = text.replace("`", "\u02cb").replace("|", "\u00a6").replace("\\", "\u29f5")
    return f"`{text}`" if text else ""
