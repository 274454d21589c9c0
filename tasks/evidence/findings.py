"""One line of a verification: how bad, what, and which check said so."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """OK: told for the record. WARN: a person has to look. WRONG: the evidence contradicts itself."""

    OK = "benar"
    WARN = "periksa"
    WRONG = "salah"


class Check(StrEnum):
    """What was checked. Those in BOTH are judged by the stand-alone verifier as well."""

    CHAIN = "rantai"
    ENTRY = "isi entri"
    SHAPE = "bentuk entri lain"
    CLOCK = "jam"
    DATABASE = "berkas ledger"
    SECRETS = "rahasia"
    ANCHORS = "jangkar"
    HEAD = "kepala"
    MANDATE = "mandat"
    PROOF = "bukti orang"
    OPEN = "usulan terbuka"
    WRITTEN = "persetujuan"
    UNDO = "pembatalan"
    PURGE = "pemusnahan"
    TREE = "pohon"
    RESTS = "sandaran"
    STORE = "store"
    PREFECT = "Prefect"


BOTH = frozenset({Check.CHAIN, Check.ENTRY, Check.ANCHORS, Check.HEAD, Check.MANDATE, Check.WRITTEN, Check.TREE})


@dataclass(frozen=True)
class Finding:
    """``text``: plain Indonesian, without any resident's data. ``seq``: the entry it is about, 0 when about none."""

    severity: Severity
    check: Check
    text: str
    seq: int = 0


def wrong(check: Check, text: str, seq: int = 0) -> Finding:
    """The evidence contradicts itself."""
    return Finding(Severity.WRONG, check, text, seq)


def warn(check: Check, text: str, seq: int = 0) -> Finding:
    """A person has to look."""
    return Finding(Severity.WARN, check, text, seq)


def right(check: Check, text: str) -> Finding:
    """Told for the record."""
    return Finding(Severity.OK, check, text)
