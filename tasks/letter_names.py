"""Names of residents in what a cover letter says: masked when it is registered, for every paper and page prints it.

A letter may be about one person ("pembatalan NIK a.n. ..."). Its sender and subject are facts of the batch, shown on
masked papers, on pages and in the Buku Agenda; the letter itself stays in the archive as it came (handbook 9: minimum
data). A name is known by the batch's own rows, when it has two words or more, or by the words that letters put before
a name. One-word names without such a word before them stay: they can not be told from other words.
"""

import re
from dataclasses import replace

import polars as pl

from tasks.letter import Letter
from tasks.privacy import mask_name
from tasks.read.extract import Extract

NAMED = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
LETTER = r"[^\W\d_]"
_BEFORE = re.compile(r"\b(?:a\.\s?n\.?|an\.|atas\s+nama|sdri?\.?|saudar[ai])[\s:]+", re.IGNORECASE)
_NAME = re.compile(r"[A-Z][A-Za-z.'\u2019]*(?:\s+(?:(?:binti|bin)\b|[A-Z][A-Za-z.'\u2019]*)){0,5}")
# Whoever signs for another office is no resident: "a.n. Direktur Jenderal".
_OFFICE = re.compile(r"direkt|dirjen|kepala|menteri|sekret|bupati|wali|gubern|camat|lurah|dinas|kantor", re.IGNORECASE)


def without_names(letter: Letter, extracts: list[Extract]) -> Letter:
    """The letter with initials and lengths in place of residents' names in its sender and subject."""
    sender, subject = (_masked(text, extracts) for text in (letter.sender, letter.subject))
    return replace(letter, sender=sender, subject=_after_words(subject))


def _masked(text: str, extracts: list[Extract]) -> str:
    """Names of the rows, the longest first."""
    flat = " ".join(["", *re.findall(f"{LETTER}+", text.upper()), ""])
    for name in _told_names(flat, extracts):
        apart = r"[\W\d_]+".join(map(re.escape, name.split()))
        found = re.compile(f"(?<!{LETTER}){apart}(?!{LETTER})", re.IGNORECASE)
        text = found.sub(lambda one: mask_name(one[0]), text)
    return text


def _told_names(flat: str, extracts: list[Extract]) -> list[str]:
    """Names of two words or more that stand in ``flat`` (capitals, one blank between words, one at both ends)."""
    found: set[str] = set()
    for extract in extracts:
        for column in (name for name in NAMED if name in extract.frame.columns):
            words = extract.frame[column].drop_nulls().unique().str.to_uppercase().str.extract_all(r"\p{L}+")
            names = pl.DataFrame({"name": words.filter(words.list.len() > 1).list.join(" ")})
            told = names.filter(pl.lit(flat).str.contains(" " + pl.col("name") + " ", literal=True))
            found |= set(told["name"].to_list())
    return sorted(found, key=lambda name: (-len(name), name))


def _after_words(text: str) -> str:
    """A name after "a.n.", "atas nama", "Sdr." and the like."""
    kept, at = [], 0
    for before in _BEFORE.finditer(text):
        name = _NAME.match(text, before.end())
        if before.start() < at or name is None or _OFFICE.match(name[0]):
            continue
        kept += [text[at : before.end()], mask_name(name[0])]
        at = name.end()
    return "".join([*kept, text[at:]])
