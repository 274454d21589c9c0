"""Masking and escaping: what of a resident may leave the store (handbook 9), and how it is made harmless."""

import re
import unicodedata

from expectations.columns import BY_NAME, DATES, IDENTIFIERS, Privacy

# Runs longer than a NIK too: two NIKs written together, or a NIK with a digit too many.
NIK_PATTERN = re.compile(r"(?<!\d)(\d{6})\d{6,}(\d{4})(?!\d)")


# Digits with blanks, dots or dashes between them: "3576 0261 ...".
GROUPED_PATTERN = re.compile(r"\d(?:[\s.\-\u2010-\u2015_/]{0,3}\d){15,}")
NIK_DIGITS = 16
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
    column = BY_NAME.get(element)
    if column and column.privacy in {Privacy.DIRECT, Privacy.SPECIFIC}:
        return mask_name(value)
    return value or "(kosong)"


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
