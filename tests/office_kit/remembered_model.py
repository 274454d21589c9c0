"""What is remembered of decisions, a second time and in plain Python: lists, dictionaries and loops, no SQL."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

ALWAYS = ("nik", "nama_lgkp", "tgl_lhr", "alamat", "no_kk")  # those that vary here
READS = {"ANM-NIK-09": ("nik", "tgl_lhr"), "ANM-PDK-01": ("pddk_akh", "tgl_lhr")}
SILENT = frozenset({"ANM-NAM-08", "GND-02"})  # findings that need no judgement
WHO = ("nik", "nama_lgkp", "tgl_lhr")
Facts = dict[str, str | None]


@dataclass(frozen=True)
class Line:
    """One received row. ``held``: what the register says of the person, None when it knows none."""

    row_id: int
    subject: str
    said: Facts
    held: Facts | None
    codes: frozenset[str]


@dataclass(frozen=True)
class Word:
    """One decision about a row."""

    outcome: str
    until: date | None = None
    elements: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Memory:
    """A decision and what it rested on; ``partners``: open pairs then; ``obstacle``: what kept the system from it."""

    agenda: str
    n: int
    line: Line
    word: Word
    partners: frozenset[str]
    obstacle: str = ""


@dataclass(frozen=True)
class PairMemory:
    """An answer about the pair P1 P2, and who both were."""

    agenda: str
    n: int
    verdict: str
    who: tuple[Facts, Facts]


@dataclass
class Office:
    """All that is remembered; ``undone``: agenda numbers."""

    rows: list[Memory] = field(default_factory=list)
    pairs: list[PairMemory] = field(default_factory=list)
    undone: set[str] = field(default_factory=set)

    def about_the_pair(self, now: tuple[Facts, Facts]) -> tuple[str, PairMemory | None]:
        """("steers" or "opens" or "", the decision)."""
        known = [one for one in self.pairs if one.agenda not in self.undone and one.verdict != "tidak tahu"]
        if not known:
            return "", None
        newest = max(known, key=lambda one: one.n)
        same = all(
            letters(then["nama_lgkp"]) == letters(held["nama_lgkp"])
            and all(plain(then[name]) == plain(held[name]) for name in ("nik", "tgl_lhr"))
            for then, held in zip(newest.who, now, strict=True)
        )
        return ("steers" if same else "opens"), newest

    def recall(self, line: Line, system: tuple[str, bool, str], pair: tuple[frozenset[str], bool]) -> tuple[Any, ...]:
        """("again", agenda, word), ("opened", agenda, outcome, columns) or ("system",).

        ``system``: what is proposed without memory (outcome, needs a person, obstacle); ``pair``: the row's open pairs
        now, and whether a pair of its was opened again.
        """
        known = [one for one in self.rows if one.agenda not in self.undone and one.line.subject == line.subject]
        if not known:
            return ("pair",) if pair[1] else ("system",)
        news = {id(one): ["USULAN"] if system[2] and system[2] != one.obstacle else [] for one in known}
        changed = {id(one): [*differences(one, line, pair), *news[id(one)]] for one in known}
        newest = max(one.n for one in known)
        exact = [one for one in known if not changed[id(one)]]
        if exact:
            at = max(one.n for one in exact)
            words = {(one.word.outcome, one.word.elements) for one in exact if one.n == at}
            last = {(one.word.outcome, one.word.elements) for one in known if one.n == newest}
            if len(words) == 1 and words <= last:
                chosen = min((one for one in exact if one.n == at), key=lambda one: one.line.row_id)
                return ("again", chosen.agenda, chosen.word)
        told = min((one for one in known if one.n == newest),
                   key=lambda one: ("TEMUAN" in changed[id(one)], len(changed[id(one)]), one.line.row_id))  # fmt: skip
        nothing_to_judge = not judged(line) and not system[1] and not pair[1]
        fulfilled = bool(told.word.elements) and all(
            plain(line.said[name]) == plain(value) for name, value in told.word.elements
        )
        if nothing_to_judge and (system[0] == told.word.outcome or fulfilled):
            return ("system",)
        columns = sorted({what.split()[0] for what in changed[id(told)]} or {"KEPUTUSAN"})
        return ("opened", told.agenda, told.word.outcome, columns)


def differences(then: Memory, now: Line, pair: tuple[frozenset[str], bool]) -> list[str]:
    """One entry per column and side that says something else, and TEMUAN, PASANGAN."""
    asked = {*ALWAYS, *(name for code in judged(then.line) for name in READS[code])}
    found = [f"{name.upper()} berkas" for name in asked if plain(then.line.said[name]) != plain(now.said[name])]
    if then.line.held and now.held:
        found += [f"{name.upper()} kantor" for name in asked if plain(then.line.held[name]) != plain(now.held[name])]
    if judged(then.line) != judged(now):
        found.append("TEMUAN")
    if pair[1] or pair[0] - then.partners:
        found.append("PASANGAN")
    return found


def judged(line: Line) -> frozenset[str]:
    """Findings that somebody must judge."""
    return line.codes - SILENT


def plain(value: str | None) -> str:
    """Blanks and case say nothing."""
    text = re.sub(r"\s+", " ", value or "").strip().upper()
    return "" if text == "-" else text


def letters(value: str | None) -> str:
    """A name as pairs compare it."""
    return re.sub("[^A-Z]+", " ", (value or "").upper()).strip()
