"""Matching models: the shipped ones by name, and the words of their bands in the office."""

from functools import cache
from importlib.resources import files

from expectations.matching.model import BANDS, MATCH, MISSING, NONE, POSSIBLE, Field, Guard, Key, Kind, MatchingModel
from expectations.matching.read import parse

__all__ = [
    "BANDS",
    "BAND_WORDS",
    "MATCH",
    "MISSING",
    "NONE",
    "POSSIBLE",
    "RECORDED",
    "SHIPPED",
    "SIMILAR",
    "Field",
    "Guard",
    "Key",
    "Kind",
    "MatchingModel",
    "parse",
    "shipped",
]

SHIPPED = ("penduduk", "febrl")
BAND_WORDS = {MATCH: "cocok", POSSIBLE: "mungkin", NONE: "bukan"}  # as tables, sheets and reports of the office say

SIMILAR = 0.85  # Jaro-Winkler of cleaned names from which a received row and a resident of one NIK are one record

# Survivorship (handbook 2.3): the KTP-el NIK wins, the NIK of the first biometric recording stays active.
RECORDED = (
    "SUDAH REKAM", "BIO CAPTURED", "PRINT READY RECORD", "SENT FOR CARD PRINTING", "CARD PRINTED", "CARD SHIPPED",
    "CARD ISSUED",
)  # fmt: skip


@cache
def shipped(name: str = "penduduk") -> MatchingModel:
    """A model that comes with the product (``SHIPPED``). Raises ValueError when its file is broken."""
    model, wrong = parse((files("expectations.matching") / f"{name}.toml").read_text("utf-8"))
    if model is None:
        raise ValueError("; ".join(wrong))
    return model
