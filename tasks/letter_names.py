"""Names of residents in what a cover letter says and in what files are called: masked when a receipt is registered.

A letter or a file may be about one person ("pembatalan NIK a.n. ..."). Sender, subject and names of files are facts of
the batch, shown on masked papers, on pages, in Prefect and in the Buku Agenda; the originals stay in the archive as
they came (handbook 9: minimum data). A name is known by the batch's own rows, when it has two words or more, or by the
words that people put before a name. One-word names without such a word before them stay: they can not be told from
other words.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import polars as pl

from tasks.letter import Letter
from tasks.privacy import mask_name
from tasks.read.extract import Extract

NAMED = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
LETTER = r"[^\W\d_]"
WRITTEN_TOGETHER = 8  # letters of a name that is known without blanks, too: BudiSantoso; fewer stand in other words
TOLD = ("name", "member", "place")  # what a receipt keeps of a file in its sender's own words, but for headers
_SUFFIX = re.compile(r"(?:\.[A-Za-z0-9]{1,5})?\Z")
_WORD = re.compile(f"({LETTER})({LETTER}*)")
_BEFORE = re.compile(r"\b(?:a\.\s?n\.?|an\.?|atas\s+nama|sdri?\.?|saudar[ai])[\s:]+", re.IGNORECASE)
_NAME = re.compile(r"[A-Z][A-Za-z.'\u2019]*(?:\s+(?:(?:binti|bin)\b|[A-Z][A-Za-z.'\u2019]*)){0,5}")
# Whoever signs for another office is no resident: "a.n. Direktur Jenderal".
_OFFICE = re.compile(r"direkt|dirjen|kepala|menteri|sekret|bupati|wali|gubern|camat|lurah|dinas|kantor", re.IGNORECASE)


def without_names(letter: Letter, extracts: list[Extract]) -> Letter:
    """The letter with initials and lengths in place of residents' names in its sender, its subject and its file's name.

    ``extracts``: all that came with it.
    """
    sender, subject = (_masked(text, extracts) for text in (letter.sender, letter.subject))
    name = file_without_names(letter.name, extracts)
    return replace(letter, sender=sender, subject=_after_words(subject, mask_name), name=name)


def without_people(facts: dict[str, Any], extracts: list[Extract]) -> dict[str, Any]:
    """Facts of a received file (``file_facts``) without residents' names in what its sender called it."""
    return facts | {key: file_without_names(facts[key], extracts) for key in TOLD if facts[key]}


def file_without_names(name: str, extracts: list[Extract]) -> str:
    """A file's name (of a ZIP's member: ``zip/member``) with a star for each letter of a resident's name but initials.

    As long as before: who has the name from elsewhere finds the file again (``bears``).
    """
    return "/".join(_part_without_names(part, extracts) for part in name.split("/"))


def bears(kept: str, name: str) -> bool:
    """Whether a file of this name may be the one that is kept under ``kept``, its residents' names masked."""
    return len(kept) == len(name) and all(one in {"*", other} for one, other in zip(kept, name, strict=True))


def _part_without_names(part: str, extracts: list[Extract]) -> str:
    """Names of the rows, with or without anything between their words, and what follows "an" and the like."""
    stem = _SUFFIX.sub("", part)
    suffix = part[len(stem) :]
    flat = _flat(stem)
    together = flat.replace(" ", "")
    for name in _told_names(extracts, lambda names: _as_words(names, flat) | _together(names, together)):
        anywhere = len(name.replace(" ", "")) >= WRITTEN_TOGETHER
        apart = r"[\W\d_]*".join(map(re.escape, name.split()))
        edged = apart if anywhere else f"(?<!{LETTER}){apart}(?!{LETTER})"
        stem = re.sub(edged, lambda one: _stars(one[0]), stem, flags=re.IGNORECASE)
    told = _after_words(stem.replace("_", " "), _stars)
    return "".join("_" if one == "_" else kept for one, kept in zip(stem, told, strict=True)) + suffix


def _stars(text: str) -> str:
    """``Budi_Santoso`` -> ``B***_S******``: nothing else is touched, and the length stays."""
    return _WORD.sub(lambda word: word[1] + "*" * len(word[2]), text)


def _masked(text: str, extracts: list[Extract]) -> str:
    """Names of the rows, the longest first."""
    flat = _flat(text)
    for name in _told_names(extracts, lambda names: _as_words(names, flat)):
        apart = r"[\W\d_]+".join(map(re.escape, name.split()))
        found = re.compile(f"(?<!{LETTER}){apart}(?!{LETTER})", re.IGNORECASE)
        text = found.sub(lambda one: mask_name(one[0]), text)
    return text


def _flat(text: str) -> str:
    """A text's words in capitals, one blank between them and at both ends."""
    return " ".join(["", *re.findall(f"{LETTER}+", text.upper()), ""])


def _as_words(names: pl.Expr, flat: str) -> pl.Expr:
    return pl.lit(flat).str.contains(" " + names + " ", literal=True)


def _together(names: pl.Expr, letters: str) -> pl.Expr:
    """Which names of enough letters stand in ``letters`` without blanks."""
    bare = names.str.replace_all(" ", "", literal=True)
    return (bare.str.len_chars() >= WRITTEN_TOGETHER) & pl.lit(letters).str.contains(bare, literal=True)


def _told_names(extracts: list[Extract], told: Callable[[pl.Expr], pl.Expr]) -> list[str]:
    """Names of two words or more that are ``told``, the longest first: capitals, one blank between words."""
    found: set[str] = set()
    for extract in extracts:
        for column in (name for name in NAMED if name in extract.frame.columns):
            words = extract.frame[column].drop_nulls().unique().str.to_uppercase().str.extract_all(r"\p{L}+")
            names = pl.DataFrame({"name": words.filter(words.list.len() > 1).list.join(" ")})
            found |= set(names.filter(told(pl.col("name")))["name"].to_list())
    return sorted(found, key=lambda name: (-len(name), name))


def _after_words(text: str, mask: Callable[[str], str]) -> str:
    """A name after "a.n.", "atas nama", "Sdr." and the like."""
    kept, at = [], 0
    for before in _BEFORE.finditer(text):
        name = _NAME.match(text, before.end())
        if before.start() < at or name is None or _OFFICE.match(name[0]):
            continue
        kept += [text[at : before.end()], mask(name[0])]
        at = name.end()
    return "".join([*kept, text[at:]])
